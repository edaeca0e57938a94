/* write.c — the write law: what an operation is on the wire, and what each reply means. */
#include "kube/write.h"

#include "api/kinds.gen.h"
#include "kube/ryw.h"
#include "support/spec.h"
#include "support/wire.h"

static struct arena a;

static struct op op_of(enum op_verb verb)
{
    return (struct op){.verb = verb,
                       .kind = &kind_dkuberun,
                       .ns = "team",
                       .name = "r1",
                       .uid = "u1",
                       .body = "{}",
                       .grace_s = -1};
}

static struct http_request request_of(const struct op *op)
{
    struct http_request r;
    struct err e = {0};
    assert_ok(write_request(&a, op, "dkube-x", &r, &e), &e);
    return r;
}

TEST(each_verb_has_its_method_path_and_content_type)
{
#define RUN "/apis/dkube.io/v1alpha1/namespaces/team/dkuberuns"
    static const struct {
        enum op_verb verb;
        const char *method, *path, *type;
    } rows[] = {
        {OP_CREATE, "POST", RUN "?fieldManager=dkube-x", "application/json"},
        {OP_APPLY, "PATCH", RUN "/r1?fieldManager=dkube-x&force=true",
         "application/apply-patch+yaml"},
        {OP_STATUS, "PATCH", RUN "/r1/status?fieldManager=dkube-x&force=true",
         "application/apply-patch+yaml"},
        {OP_PATCH, "PATCH", RUN "/r1?fieldManager=dkube-x", "application/json-patch+json"},
        {OP_DELETE, "DELETE", RUN "/r1", "application/json"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct op op = op_of(rows[i].verb);
        struct http_request r = request_of(&op);
        assert_string_equal(r.method, rows[i].method);
        assert_string_equal(r.path, rows[i].path);
        assert_string_equal(r.content_type, rows[i].type);
    }
    arena_reset(&a);
}

TEST(an_operation_may_name_its_own_manager)
{
    struct op op = op_of(OP_STATUS);
    op.manager = "dkube-ledger";
    assert_non_null(strstr(request_of(&op).path, "fieldManager=dkube-ledger&"));
    arena_reset(&a);
}

TEST(a_delete_carries_uid_grace_and_version)
{
    struct op op = op_of(OP_DELETE);
    op.grace_s = 0;
    op.rv = "77";
    assert_string_equal(request_of(&op).body,
                        "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\","
                        "\"propagationPolicy\":\"Background\",\"gracePeriodSeconds\":0,"
                        "\"preconditions\":{\"uid\":\"u1\",\"resourceVersion\":\"77\"}}");
    arena_reset(&a);
}

TEST(a_delete_without_uid_cannot_be_sent)
{
    struct op op = op_of(OP_DELETE);
    struct http_request r;
    struct err e = {0};
    op.uid = "";
    assert_int_equal(write_request(&a, &op, "dkube-x", &r, &e), -1);
    assert_int_equal(e.kind, ERR_BUG);
    arena_reset(&a);
}

#define ANY "the object has been modified"
#define UID_DIFFERS "the UID in the precondition (u1) does not match the UID in record (u2)"

TEST(each_reply_has_its_consequence)
{
    static const struct {
        enum op_verb verb;
        int status;
        const char *reason, *message;
        enum write_next want;
    } rows[] = {
        {OP_CREATE, 409, "AlreadyExists", "exists", WRITE_LOOK},
        {OP_CREATE, 409, "Conflict", ANY, WRITE_STALE},
        {OP_CREATE, 404, "NotFound", "no such namespace", WRITE_RETRY},
        {OP_CREATE, 403, "Forbidden", "no", WRITE_REFUSED},
        {OP_CREATE, 422, "Invalid", "bad field", WRITE_REFUSED},
        {OP_CREATE, 400, "BadRequest", "bad", WRITE_REFUSED},
        {OP_CREATE, 429, "TooManyRequests", "slow down", WRITE_RETRY},
        {OP_CREATE, 401, "Unauthorized", "who", WRITE_RETRY},
        {OP_CREATE, 500, "InternalError", "oh", WRITE_UNKNOWN},
        {OP_CREATE, 504, "Timeout", "late", WRITE_UNKNOWN},
        {OP_APPLY, 409, "Conflict", UID_DIFFERS, WRITE_STALE},
        {OP_APPLY, 404, "NotFound", "gone", WRITE_STALE},
        {OP_STATUS, 404, "NotFound", "gone", WRITE_STALE},
        {OP_STATUS, 422, "Invalid", "bad field", WRITE_REFUSED},
        {OP_PATCH, 422, "Invalid", "the test failed", WRITE_STALE},
        {OP_APPLY, 422, "Invalid", "metadata.uid: Invalid value: \\\"u\\\": field is immutable",
         WRITE_STALE},
        {OP_PATCH, 403, "Forbidden", "no", WRITE_REFUSED},
        {OP_DELETE, 404, "NotFound", "gone", WRITE_DONE},
        {OP_DELETE, 409, "Conflict", UID_DIFFERS, WRITE_DONE},
        {OP_DELETE, 409, "Conflict", "the ResourceVersion in the precondition (1)", WRITE_STALE},
        {OP_DELETE, 403, "Forbidden", "no", WRITE_REFUSED},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct op op = op_of(rows[i].verb);
        struct written w;
        struct err e = {0};
        const char *body = wire_status(rows[i].status, rows[i].reason, rows[i].message);
        struct http_response r = {
            .status = rows[i].status, .sent = true, .body = body, .body_len = strlen(body)};
        enum write_next got = write_judge(&a, &op, &r, &w, &e);
        if (got != rows[i].want) {
            fail_msg("%s answered with %d %s gives %d, not %d", op_verb_name(rows[i].verb),
                     rows[i].status, rows[i].reason, (int)got, (int)rows[i].want);
        }
        assert_int_equal(w.gone, got == WRITE_DONE);
    }
    arena_reset(&a);
}

TEST(a_refusal_names_the_operation_the_object_and_the_servers_words)
{
    struct op op = op_of(OP_STATUS);
    struct written w;
    struct err e = {0};
    const char *body = wire_status(422, "Invalid", "status.phase: unsupported value");
    write_judge(&a, &op,
                &(struct http_response){.status = 422, .body = body, .body_len = strlen(body)}, &w,
                &e);
    assert_string_equal(e.text, "status DkubeRun 'team/r1': status.phase: unsupported value");
    assert_string_equal(e.reason, "Invalid");
    arena_reset(&a);
}

TEST(a_selector_shows_what_the_server_would_show)
{
    static const struct {
        const char *selector;
        bool shows;
    } rows[] = {
        {"", true},
        {"app=x", true},
        {"app==x", true},
        {"app=y", false},
        {"app!=y", true},
        {"app!=x", false},
        {"none!=x", true},
        {"app", true},
        {"none", false},
        {"!none", true},
        {"!app", false},
        {"app=x,tier=1", true},
        {"app=x,tier=2", false},
        {"tier=2,app=x", false},
        {"app in (y,z)", true},
    };
    static const char labels[] = "{\"app\":\"x\",\"tier\":\"1\"}";
    const struct json *j;
    struct err e;
    assert_ok(json_parse(&a, labels, sizeof(labels) - 1, &j, &e), &e);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (selector_shows(rows[i].selector, j) != rows[i].shows) {
            fail_msg("selector '%s'", rows[i].selector);
        }
    }
    assert_false(selector_shows("app=x", NULL));
    assert_true(selector_shows(NULL, NULL));
    arena_done(&a);
}

static const char *relabelled(const char *labels)
{
    static const char body[] = "{\"metadata\":{\"labels\":{\"a\":\"1\",\"x.io/y\":\"2\"}}}";
    struct op op = op_of(OP_CREATE), ret;
    struct written found = {.uid = "u1", .rv = "7"};
    struct err e;
    op.body = body;
    if (labels != NULL) {
        assert_ok(json_parse(&a, labels, strlen(labels), &found.labels, &e), &e);
    }
    if (!write_relabel(&a, &op, &found, &ret)) {
        return "";
    }
    assert_int_equal(ret.verb, OP_PATCH);
    return ret.body;
}

TEST(labels_that_somebody_took_are_put_back_and_no_other_is_touched)
{
    assert_string_equal(
        relabelled("{\"a\":\"1\",\"other\":\"z\"}"),
        "[{\"op\":\"test\",\"path\":\"/metadata/uid\",\"value\":\"u1\"},{\"op\":\"add\","
        "\"path\":\"/metadata/labels/x.io~1y\",\"value\":\"2\"}]");
    assert_string_equal(relabelled("{\"a\":\"1\",\"x.io/y\":\"2\"}"), "");
    assert_non_null(strstr(relabelled("{\"a\":\"0\",\"x.io/y\":\"2\"}"), "/metadata/labels/a"));
    arena_reset(&a);
}

TEST(where_no_label_is_left_they_come_back_only_if_nobody_wrote_meanwhile)
{
    const char *body = relabelled(NULL);
    assert_non_null(strstr(body, "{\"op\":\"test\",\"path\":\"/metadata/resourceVersion\","
                                 "\"value\":\"7\"},{\"op\":\"add\",\"path\":\"/metadata/labels\","
                                 "\"value\":{}}"));
    assert_non_null(strstr(body, "/metadata/labels/a"));
    arena_reset(&a);
}

SPEC_MAIN()
