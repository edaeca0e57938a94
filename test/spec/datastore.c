/* The DataStore named default: made when it is missing, ready while the store is. */
#include "api/artifactversion.gen.h"
#include "api/datastore.gen.h"
#include "api/pod.gen.h"
#include "controllers/common/child.h"
#include "controllers/datastore/datastore.h"
#include "support/spec.h"
#include "support/world.h"

static const struct step_conf conf = {"img", "http://store", "IfNotPresent", "dkube-system"};

static struct world given_store(const char *ready)
{
    struct world w;

    world_init(&w, &datastore_controller, &conf);
    put(&w, &kind_datastore, "{'metadata':{'name':'default'},'spec':{'storage':{'local':{}}}}");
    if (ready != NULL) {
        put(&w, &kind_pod,
            "{'metadata':{'name':'store-0','namespace':'dkube-system','labels':{"
            "'app.kubernetes.io/"
            "name':'store'}},'status':{'conditions':[{'type':'Ready','status':'%s"
            "'}]}}",
            ready);
    }
    return w;
}

static void a_version(struct world *w, const char *ns, const char *name, const char *digest,
                      int size)
{
    put(w, &kind_artifactversion,
        "{'metadata':{'name':'%s','namespace':'%s'},'spec':{'of':{'kind':'Model','name':'m'},"
        "'digest':'%s','size':%d}}",
        name, ns, digest, size);
}

TEST(default_data_store_is_made_when_it_is_missing)
{
    struct world w;
    const struct op *op;

    world_init(&w, &datastore_controller, &conf);
    reconcile(&w, "", "default");
    op = op_on(&w, OP_CREATE, &kind_datastore, "default");
    assert_string_equal(at(&w, op, "spec.storage.local"), "{}");
    reconcile(&w, "", "other");
    assert_false(w.gathered);
    world_done(&w);
}

TEST(data_store_is_ready_while_a_pod_of_the_store_is)
{
    struct world w = given_store("True");

    reconcile(&w, "", "default");
    assert_string_equal(said(&w, "ready"), "true");
    assert_string_equal(condition(&w, "Ready"), "True/Available");
    world_done(&w);
}

TEST(data_store_without_a_ready_pod_waits_and_says_where_to_look)
{
    static const char *const states[] = {"False", NULL};

    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        struct world w = given_store(states[i]);

        reconcile(&w, "", "default");
        assert_string_equal(said(&w, "ready"), "false");
        assert_string_equal(condition(&w, "Reconciling"), "True/StoreNotReady");
        assert_non_null(strstr(message(&w), "StatefulSet"));
        world_done(&w);
    }
}

TEST(pod_called_store_in_another_namespace_is_not_the_store)
{
    struct world w = given_store(NULL);

    put(&w, &kind_pod,
        "{'metadata':{'name':'store-0','namespace':'vision','labels':{'app.kubernetes.io/name':"
        "'store'}},'status':{'conditions':[{'type':'Ready','status':'True'}]}}");
    reconcile(&w, "", "default");
    assert_string_equal(said(&w, "ready"), "false");
    world_done(&w);
}

TEST(equal_content_is_counted_once)
{
    struct world w = given_store("True");

    a_version(&w, "vision", "model-m-v1", "sha256:aa", 100);
    a_version(&w, "vision", "model-m-v2", "sha256:bb", 20);
    a_version(&w, "speech", "model-m-v1", "sha256:aa", 100);
    reconcile(&w, "", "default");
    assert_string_equal(said(&w, "versions"), "3");
    assert_string_equal(said(&w, "bytesStored"), "120");
    world_done(&w);
}

SPEC_MAIN()
