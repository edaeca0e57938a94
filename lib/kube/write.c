#include "kube/write.h"

#include <string.h>

#include "base/span.h"
#include "kube/client.h"

const char *op_verb_name(enum op_verb v)
{
    static const char *const names[] = {[OP_CREATE] = "create",
                                        [OP_APPLY] = "apply",
                                        [OP_STATUS] = "status",
                                        [OP_DELETE] = "delete",
                                        [OP_PATCH] = "patch"};
    return names[v];
}

static const char *delete_body(struct arena *a, const struct op *op)
{
    struct jsonw w;
    jsonw_init(&w, a);
    jsonw_obj(&w, NULL);
    jsonw_str(&w, "apiVersion", "v1");
    jsonw_str(&w, "kind", "DeleteOptions");
    jsonw_str(&w, "propagationPolicy", "Background");
    if (op->grace_s >= 0) {
        jsonw_int(&w, "gracePeriodSeconds", op->grace_s);
    }
    jsonw_obj(&w, "preconditions");
    jsonw_str(&w, "uid", op->uid);
    jsonw_opt(&w, "resourceVersion", op->rv);
    jsonw_end(&w);
    jsonw_end(&w);
    return jsonw_text(&w);
}

int write_request(struct arena *a, const struct op *op, const char *manager,
                  struct http_request *ret, struct err *e)
{
    static const struct {
        const char *method, *type, *sub;
    } how[] = {
        [OP_CREATE] = {"POST", "application/json", NULL},
        [OP_APPLY] = {"PATCH", "application/apply-patch+yaml", NULL},
        [OP_STATUS] = {"PATCH", "application/apply-patch+yaml", "status"},
        [OP_DELETE] = {"DELETE", "application/json", NULL},
        [OP_PATCH] = {"PATCH", "application/json-patch+json", NULL},
    };
    if (op->verb == OP_DELETE && str_empty(op->uid)) {
        return err_set(e, ERR_BUG, "DeleteWithoutUID", "delete of %s '%s' names no uid",
                       op->kind->kind, op->name);
    }
    bool applies = op->verb == OP_APPLY || op->verb == OP_STATUS;
    const char *who = url_escape(a, op->manager != NULL ? op->manager : manager);
    const char *query = op->verb == OP_DELETE ? NULL
                                              : arena_printf(a, "fieldManager=%s%s", who,
                                                             applies ? "&force=true" : "");
    *ret = (struct http_request){
        .method = how[op->verb].method,
        .path = kube_path(a, op->kind, op->ns, op->verb == OP_CREATE ? NULL : op->name,
                          how[op->verb].sub, query),
        .content_type = how[op->verb].type,
        .body = op->verb == OP_DELETE ? delete_body(a, op) : op->body,
    };
    ret->body_len = strlen(ret->body);
    return 0;
}

static const char *controller_of(const struct json *object)
{
    const struct json *owners = json_get(object, "metadata.ownerReferences");
    for (size_t i = 0; i < json_len(owners); i++) {
        if (json_flag(json_at(owners, i), "controller", false)) {
            return json_str(json_at(owners, i), "uid", "");
        }
    }
    return "";
}

int written_parse(struct arena *a, const char *body, size_t len, struct written *ret)
{
    const struct json *j;
    struct err e;
    *ret = (struct written){0};
    if (body == NULL || json_parse(a, body, len, &j, &e) < 0) {
        return -1;
    }
    ret->uid = json_str(j, "metadata.uid", NULL);
    ret->rv = json_str(j, "metadata.resourceVersion", NULL);
    ret->owner = controller_of(j);
    ret->labels = json_get(j, "metadata.labels");
    ret->marked = json_str(j, "metadata.deletionTimestamp", NULL) != NULL;
    return ret->uid != NULL && ret->rv != NULL ? 0 : -1;
}

/* --- verdicts ----------------------------------------------------------------------------------
 */

static const char *subject(struct arena *a, const struct op *op)
{
    return arena_printf(a, "%s %s '%s%s%s'", op_verb_name(op->verb), op->kind->kind,
                        op->ns != NULL ? op->ns : "", str_empty(op->ns) ? "" : "/", op->name);
}

static enum write_next judge_conflict(const struct op *op, const struct err *e, struct written *ret)
{
    if (op->verb == OP_CREATE && str_eq(e->reason, "AlreadyExists")) {
        return WRITE_LOOK;
    }
    if (op->verb == OP_DELETE && strstr(e->text, "UID in the precondition") != NULL) {
        ret->gone = true;
        return WRITE_DONE;
    }
    return WRITE_STALE;
}

static enum write_next judge_missing(const struct op *op, struct written *ret)
{
    if (op->verb == OP_DELETE) {
        ret->gone = true;
        return WRITE_DONE;
    }
    return op->verb == OP_CREATE ? WRITE_RETRY : WRITE_STALE; /* no such namespace or kind yet */
}

/* A `test` of ours did not hold; or an apply met an object of another uid. */
static bool is_of_another(const struct op *op, const struct err *e)
{
    return op->verb == OP_PATCH ||
           (op->verb == OP_APPLY && strstr(e->text, "metadata.uid: Invalid value") != NULL);
}

enum write_next write_judge(struct arena *a, const struct op *op, const struct http_response *r,
                            struct written *ret, struct err *e)
{
    *ret = (struct written){.gone = op->verb == OP_DELETE};
    if (kube_error(r, subject(a, op), e) == 0) {
        if (op->verb != OP_DELETE && written_parse(a, r->body, r->body_len, ret) < 0) {
            *ret = (struct written){0};
        }
        return WRITE_DONE;
    }
    ret->gone = false;
    switch (r->status) {
    case 0:
        return r->sent ? WRITE_UNKNOWN : WRITE_RETRY;
    case 404:
        return judge_missing(op, ret);
    case 409:
        return judge_conflict(op, e, ret);
    case 422:
        return is_of_another(op, e) ? WRITE_STALE : WRITE_REFUSED;
    case 401:
    case 408:
    case 429:
        return WRITE_RETRY;
    default:
        return r->status >= 500 ? WRITE_UNKNOWN : WRITE_REFUSED;
    }
}

enum write_next write_judge_owner(struct arena *a, const struct op *op,
                                  const struct http_response *r, struct written *ret, struct err *e)
{
    *ret = (struct written){0};
    if (kube_error(r, subject(a, op), e) < 0) {
        return WRITE_RETRY; /* gone meanwhile, or no answer: the next pass creates again */
    }
    if (written_parse(a, r->body, r->body_len, ret) < 0) {
        err_set(e, ERR_RETRY, "MalformedReply", "%s: the reply is not an object", subject(a, op));
        return WRITE_RETRY;
    }
    if (!str_eq(ret->owner, op->owner_uid)) {
        err_set(e, ERR_CONFLICT, "NameTaken",
                "%s '%s%s%s' exists and is not ours: delete it, or choose another name",
                op->kind->kind, op->ns != NULL ? op->ns : "", str_empty(op->ns) ? "" : "/",
                op->name);
        return WRITE_REFUSED;
    }
    return WRITE_DONE;
}

/* --- labels that somebody took ----------------------------------------------------------------
 */

static void step_begin(struct jsonw *w, const char *op, const char *path)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "op", op);
    jsonw_str(w, "path", path);
}

static void write_test(struct jsonw *w, const char *path, const char *value)
{
    step_begin(w, "test", path);
    jsonw_str(w, "value", value);
    jsonw_end(w);
}

/* A key as a part of a JSON pointer. */
static const char *pointer_part(struct arena *a, const char *key)
{
    char *out = arena_alloc(a, 2 * strlen(key) + 1), *to = out;
    for (; *key != '\0'; key++) {
        if (*key == '/' || *key == '~') {
            *to++ = '~';
            *to++ = *key == '/' ? '1' : '0';
        } else {
            *to++ = *key;
        }
    }
    *to = '\0';
    return out;
}

/* How many were put back. Sent twice, each is given the same value again. */
static size_t write_labels(struct jsonw *w, const struct json *want, const struct json *have)
{
    struct json_iter it = {0};
    size_t n = 0;
    while (json_next(want, &it)) {
        const char *value = json_as_str(it.value);
        if (value == NULL || str_eq(json_as_str(json_key(have, it.key)), value)) {
            continue;
        }
        step_begin(w, "add", arena_printf(w->a, "/metadata/labels/%s", pointer_part(w->a, it.key)));
        jsonw_str(w, "value", value);
        jsonw_end(w);
        n++;
    }
    return n;
}

bool write_relabel(struct arena *a, const struct op *create, const struct written *found,
                   struct op *ret)
{
    const struct json *body = NULL;
    struct err ignored = {0};
    struct jsonw w;
    if (json_parse(a, create->body, strlen(create->body), &body, &ignored) < 0) {
        return false;
    }
    jsonw_init(&w, a);
    jsonw_arr(&w, NULL);
    write_test(&w, "/metadata/uid", found->uid);
    if (json_kind(found->labels) != JSON_OBJECT) { /* must not take away what came meanwhile */
        write_test(&w, "/metadata/resourceVersion", found->rv);
        step_begin(&w, "add", "/metadata/labels");
        jsonw_obj(&w, "value");
        jsonw_end(&w);
        jsonw_end(&w);
    }
    size_t n = write_labels(&w, json_get(body, "metadata.labels"), found->labels);
    jsonw_end(&w);
    *ret = *create;
    ret->verb = OP_PATCH;
    ret->uid = found->uid;
    ret->body = jsonw_text(&w);
    return n > 0;
}
