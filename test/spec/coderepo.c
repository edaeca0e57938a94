/* CodeRepos: the head is looked up by a pod of the namespace, which then goes. */
#include "api/coderepo.gen.h"
#include "api/group.gen.h"
#include "api/pod.gen.h"
#include "controllers/coderepo/coderepo.h"
#include "support/spec.h"
#include "support/world.h"

#define COMMIT "1111111111111111111111111111111111111111"

static const struct step_conf conf = {"img:1", "http://store", "Never", "dkube-system"};

static struct world given_repo(const char *more)
{
    struct world w;

    world_init(&w, &coderepo_controller, &conf);
    put(&w, &kind_group, "{'metadata':{'name':'team'},'spec':{'namespace':'vision'}}");
    put(&w, &kind_coderepo,
        "{'metadata':{'name':'code','namespace':'vision','generation':4},'spec':{'url':"
        "'https://git.example.com/digits','branch':'main'%s}}",
        more);
    return w;
}

static void a_pod(struct world *w, int generation, const char *status)
{
    put(w, &kind_pod,
        "{'metadata':{'name':'code-head-%d','namespace':'vision','ownerReferences':[{'kind':"
        "'CodeRepo','name':'code','uid':'uid-CodeRepo-code','controller':true}]},'status':%s}",
        generation, status);
}

static void a_finished_pod(struct world *w, const char *phase, const char *report)
{
    a_pod(w, 4,
          arena_printf(&w->a,
                       "{'phase':'%s','containerStatuses':[{'name':'resolve','state':{'terminated':"
                       "{'exitCode':1,'message':'%s'}}}]}",
                       phase, report));
}

/* The report is JSON within JSON: \" where put() would put ". */
static const char *quoted(struct world *w, const char *json)
{
    char *out = arena_alloc(&w->a, 2 * strlen(json) + 1), *o = out;

    for (const char *p = json; *p != '\0'; p++) {
        if (*p == '\'') {
            *o++ = '\\';
        }
        *o++ = *p;
    }
    return out;
}

TEST(new_repository_is_looked_up_in_a_pod_of_its_namespace)
{
    struct world w = given_repo("");
    const struct op *op;

    reconcile(&w, "vision", "code");
    op = op_on(&w, OP_CREATE, &kind_pod, "code-head-4");
    assert_string_equal(at(&w, op, "metadata.namespace"), "vision");
    assert_string_equal(at(&w, op, "metadata.ownerReferences.0.uid"), "uid-CodeRepo-code");
    assert_string_equal(at(&w, op, "metadata.labels.dkube\\.io/group"), "team");
    assert_string_equal(at(&w, op, "metadata.labels.app\\.kubernetes\\.io/managed-by"), "dkube");
    assert_string_equal(at(&w, op, "metadata.labels.dkube\\.io/coderepo"), "code");
    assert_string_equal(at(&w, op, "spec.serviceAccountName"), "dkube-run");
    assert_string_equal(at(&w, op, "spec.automountServiceAccountToken"), "false");
    assert_string_equal(at(&w, op, "spec.restartPolicy"), "Never");
    assert_string_equal(at(&w, op, "spec.containers.0.image"), "img:1");
    assert_string_equal(at(&w, op, "spec.containers.0.imagePullPolicy"), "Never");
    assert_string_equal(
        at(&w, op, "spec.containers.0.command"),
        "[\"/usr/bin/step\",\"resolve\",\"--url\",\"https://git.example.com/digits\","
        "\"--ref\",\"main\"]");
    assert_string_equal(condition(&w, "Reconciling"), "True/Resolving");
    world_done(&w);
}

TEST(pod_without_a_secret_mounts_no_credentials)
{
    struct world w = given_repo("");
    const struct op *op;

    reconcile(&w, "vision", "code");
    op = op_on(&w, OP_CREATE, &kind_pod, "code-head-4");
    assert_null(strstr(op->body, "secret"));
    assert_null(strstr(op->body, "serviceAccountToken\":{"));
    world_done(&w);
}

TEST(credentials_are_mounted_read_only)
{
    struct world w = given_repo(",'secretRef':{'name':'key'}");
    const struct op *op;

    reconcile(&w, "vision", "code");
    op = op_on(&w, OP_CREATE, &kind_pod, "code-head-4");
    assert_string_equal(at(&w, op, "spec.volumes.1.secret.secretName"), "key");
    assert_string_equal(at(&w, op, "spec.containers.0.volumeMounts.1.readOnly"), "true");
    world_done(&w);
}

TEST(head_stands_in_status_before_the_pod_goes)
{
    struct world w = given_repo("");

    a_finished_pod(&w, "Succeeded", quoted(&w, "{'commit':'" COMMIT "'}"));
    reconcile(&w, "vision", "code");
    assert_string_equal(said(&w, "head"), COMMIT);
    assert_string_equal(said(&w, "lastFetched"), "2026-09-21T14:13:20Z");
    assert_string_equal(condition(&w, "Ready"), "True/Resolved");
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_pod), 0);
    keep_status(&w, &kind_coderepo, "vision", "code");
    w.now_ms += 5000;
    reconcile(&w, "vision", "code");
    assert_int_equal(count_ops(&w, OP_STATUS, &kind_coderepo), 0);
    assert_non_null(op_on(&w, OP_DELETE, &kind_pod, "code-head-4"));
    drop(&w, &kind_pod, "vision", "code-head-4");
    reconcile(&w, "vision", "code");
    assert_true(plan_is_empty(&w.plan));
    world_done(&w);
}

TEST(unknown_repository_stalls_with_the_sentence_of_step)
{
    struct world w = given_repo("");

    a_finished_pod(&w, "Failed",
                   quoted(&w, "{'error':{'reason':'UnknownRepository','message':'no repository "
                              "there'}}"));
    reconcile(&w, "vision", "code");
    assert_string_equal(condition(&w, "Stalled"), "True/UnknownRepository");
    assert_string_equal(condition(&w, "Ready"), "False/UnknownRepository");
    assert_string_equal(message(&w), "no repository there");
    assert_true(has_event(&w, "UnknownRepository"));
    keep_status(&w, &kind_coderepo, "vision", "code");
    reconcile(&w, "vision", "code");
    assert_non_null(op_on(&w, OP_DELETE, &kind_pod, "code-head-4"));
    world_done(&w);
}

TEST(failed_look_up_is_repeated_after_a_pause_that_doubles)
{
    struct world w = given_repo("");
    int64_t first_pause, second_pause;

    for (int i = 0; i < 2; i++) {
        a_finished_pod(&w, "Failed",
                       quoted(&w, "{'error':{'reason':'FetchFailed','message':'no'}}"));
        reconcile(&w, "vision", "code");
        keep_status(&w, &kind_coderepo, "vision", "code");
        drop(&w, &kind_pod, "vision", "code-head-4");
        reconcile(&w, "vision", "code");
        assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 0);
        if (i == 0) {
            first_pause = w.plan.wake_at_ms - w.now_ms;
            assert_int_equal(first_pause, 30000);
        } else {
            second_pause = w.plan.wake_at_ms - w.now_ms;
            assert_true(second_pause >= 60000);
        }
        w.now_ms = w.plan.wake_at_ms;
        reconcile(&w, "vision", "code");
        assert_non_null(op_on(&w, OP_CREATE, &kind_pod, "code-head-4"));
        assert_string_equal(condition(&w, "Stalled"), "True/FetchFailed");
        assert_string_equal(condition(&w, "Reconciling"), "True/FetchFailed");
        keep_status(&w, &kind_coderepo, "vision", "code");
        w.now_ms += 40000;
    }
    world_done(&w);
}

TEST(edit_is_looked_up_at_once_and_the_old_pod_goes)
{
    struct world w = given_repo("");

    a_pod(&w, 3, "{'phase':'Running'}");
    reconcile(&w, "vision", "code");
    assert_non_null(op_on(&w, OP_CREATE, &kind_pod, "code-head-4"));
    assert_non_null(op_on(&w, OP_DELETE, &kind_pod, "code-head-3"));
    world_done(&w);
}

TEST(pod_that_ends_without_a_report_stalls_with_its_reason)
{
    struct world w = given_repo("");

    a_pod(&w, 4, "{'phase':'Failed','reason':'Evicted','message':'the node was low on memory'}");
    reconcile(&w, "vision", "code");
    assert_string_equal(condition(&w, "Stalled"), "True/PodFailed");
    assert_non_null(strstr(message(&w), "low on memory"));
    world_done(&w);
}

TEST(report_that_is_no_json_is_no_report)
{
    struct world w = given_repo("");

    a_finished_pod(&w, "Succeeded", "panic");
    reconcile(&w, "vision", "code");
    assert_string_equal(condition(&w, "Stalled"), "True/PodFailed");
    world_done(&w);
}

TEST(pod_of_somebody_else_is_never_adopted)
{
    struct world w = given_repo("");

    put(&w, &kind_pod, "{'metadata':{'name':'code-head-4','namespace':'vision'}}");
    reconcile(&w, "vision", "code");
    assert_string_equal(condition(&w, "Stalled"), "True/NameTaken");
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_pod), 0);
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 0);
    world_done(&w);
}

TEST(pod_of_an_earlier_object_of_the_name_is_waited_for)
{
    struct world w = given_repo("");

    put(&w, &kind_pod,
        "{'metadata':{'name':'code-head-4','namespace':'vision','deletionTimestamp':"
        "'2026-09-21T14:13:00Z','ownerReferences':[{'kind':'CodeRepo','name':'code','uid':"
        "'an-earlier-one','controller':true}]}}");
    reconcile(&w, "vision", "code");
    assert_string_equal(condition(&w, "Reconciling"), "True/Resolving");
    assert_true(w.plan.wake_at_ms > w.now_ms);
    keep_status(&w, &kind_coderepo, "vision", "code");
    drop(&w, &kind_pod, "vision", "code-head-4");
    reconcile(&w, "vision", "code");
    assert_non_null(op_on(&w, OP_CREATE, &kind_pod, "code-head-4"));
    world_done(&w);
}

TEST(name_that_is_taken_is_looked_at_again)
{
    struct world w = given_repo("");

    put(&w, &kind_pod, "{'metadata':{'name':'code-head-4','namespace':'vision'}}");
    reconcile(&w, "vision", "code");
    assert_int_equal(w.plan.wake_at_ms, w.now_ms + ATTEMPT_PAUSE_MS);
    world_done(&w);
}

TEST(pod_that_the_api_server_refuses_stalls_with_its_words_and_is_tried_again)
{
    struct world w = given_repo("");
    const struct refused r = {OP_CREATE, &kind_pod,   "vision",        "code-head-4",
                              403,       "Forbidden", "exceeded quota"};

    for (int i = 0; i < 2; i++) {
        w.refused = NULL;
        reconcile(&w, "vision", "code");
        assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 1);
        w.refused = &r; /* so the status that stood behind it was never written */
        reconcile(&w, "vision", "code");
        assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 0);
        assert_int_equal(w.plan.wake_at_ms, w.now_ms + ATTEMPT_PAUSE_MS);
        if (i == 0) {
            assert_string_equal(condition(&w, "Stalled"), "True/PodRefused");
            assert_non_null(strstr(message(&w), "exceeded quota"));
            keep_status(&w, &kind_coderepo, "vision", "code");
        }
        w.refused = NULL;
        w.now_ms += ATTEMPT_PAUSE_MS;
    }
    world_done(&w);
}

TEST(pod_without_a_node_says_what_the_scheduler_says)
{
    struct world w = given_repo(",'secretRef':{'name':'key'}");

    a_pod(&w, 4,
          "{'phase':'Pending','conditions':[{'type':'PodScheduled','status':'False','reason':"
          "'Unschedulable','message':'0/1 nodes are available'}]}");
    w.now_ms += ATTEMPT_SECRET_MS * 10;
    reconcile(&w, "vision", "code");
    assert_string_equal(condition(&w, "Reconciling"), "True/Unschedulable");
    assert_non_null(strstr(message(&w), "0/1 nodes are available"));
    world_done(&w);
}

TEST(pod_that_ran_out_of_memory_says_so)
{
    struct world w = given_repo("");

    a_pod(&w, 4,
          "{'phase':'Failed','containerStatuses':[{'name':'resolve','state':{'terminated':{"
          "'exitCode':137,'reason':'OOMKilled'}}}]}");
    reconcile(&w, "vision", "code");
    assert_non_null(strstr(message(&w), "exit code 137, OOMKilled"));
    world_done(&w);
}

TEST(second_attempt_without_a_node_keeps_its_growing_pause)
{
    struct world w = given_repo("");

    a_finished_pod(&w, "Failed", quoted(&w, "{'error':{'reason':'FetchFailed','message':'no'}}"));
    reconcile(&w, "vision", "code");
    keep_status(&w, &kind_coderepo, "vision", "code");
    drop(&w, &kind_pod, "vision", "code-head-4");
    w.now_ms += ATTEMPT_PAUSE_MS;
    reconcile(&w, "vision", "code");
    keep_status(&w, &kind_coderepo, "vision", "code");
    a_pod(&w, 4,
          "{'phase':'Pending','conditions':[{'type':'PodScheduled','status':'False','message':'0/1 "
          "nodes'}]}");
    reconcile(&w, "vision", "code");
    assert_true(plan_is_empty(&w.plan)); /* Stalled since the first failure, and Reconciling */
    world_done(&w);
}

TEST(pod_that_does_not_start_for_want_of_a_secret_says_which)
{
    struct world w = given_repo(",'secretRef':{'name':'key'}");

    a_pod(&w, 4, "{'phase':'Pending'}");
    reconcile(&w, "vision", "code");
    assert_string_equal(condition(&w, "Reconciling"), "True/WaitingForSecret");
    assert_non_null(strstr(message(&w), "'key'"));
    world_done(&w);
}

TEST(repository_that_is_being_deleted_starts_nothing)
{
    struct world w = given_repo("");

    put(&w, &kind_coderepo,
        "{'metadata':{'name':'code','namespace':'vision','deletionTimestamp':"
        "'2026-09-21T14:13:00Z'},'spec':{'url':'u','branch':'main'}}");
    reconcile(&w, "vision", "code");
    assert_true(plan_is_empty(&w.plan));
    world_done(&w);
}

SPEC_MAIN()
