#include "kube/plan.h"

#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "base/span.h"
#include "kube/body.h"
#include "kube/write.h"

#define NOTE_BYTES 1024      /* what events.k8s.io/v1 takes */
#define LOG_TAIL_BYTES 65536 /* a plan reads the end of a log, not the log */

void plan_init(struct plan *p, struct arena *a)
{
    memset(p, 0, sizeof *p);
    p->a = a;
}

static struct op *add_op(struct plan *p, enum op_verb verb, const struct kind *k)
{
    struct op *op = arena_push(p->a, (void **)&p->ops, &p->op_count, sizeof *op);

    op->verb = verb;
    op->kind = k;
    op->ns = op->name = op->uid = "";
    op->grace_s = -1;
    return op;
}

static const char *copy(struct plan *p, const char *s)
{
    return arena_strdup(p->a, s != NULL ? s : "");
}

static struct op *op_on(struct plan *p, enum op_verb verb, const struct kind *k,
                        const struct rec *live)
{
    struct op *op = add_op(p, verb, k);

    op->ns = copy(p, rec_namespace(live));
    op->name = copy(p, rec_name(live));
    op->uid = copy(p, rec_uid(live));
    return op;
}

void plan_create(struct plan *p, const struct kind *k, const char *ns, const char *name,
                 const char *owner_uid, const char *body)
{
    struct op *op = add_op(p, OP_CREATE, k);
    const struct body_meta meta = {.kind = k, .ns = ns, .name = name};

    op->ns = copy(p, k->namespaced ? ns : NULL);
    op->name = copy(p, name);
    op->owner_uid = arena_strdup(p->a, owner_uid);
    op->body = body_text(p->a, &meta, body_parse(p->a, body));
}

static void create_from(struct plan *p, const struct kind *k, const char *owner_uid,
                        const char *body)
{
    struct arena tmp CLEANUP(arena_done) = {0};
    const struct json *j = body_parse(&tmp, body);

    plan_create(p, k, json_str(j, "metadata.namespace", NULL), json_str(j, "metadata.name", NULL),
                owner_uid, body);
}

void plan_apply(struct plan *p, const struct kind *k, const struct rec *live, const char *owner_uid,
                const char *body)
{
    struct body_meta meta = {
        .kind = k, .ns = rec_namespace(live), .name = rec_name(live), .uid = rec_uid(live)};
    const struct json *j;

    if (live == NULL) {
        create_from(p, k, owner_uid, body);
        return;
    }
    j = body_parse(p->a, body);
    if (body_is_covered(k, live, j) && !body_drops_owned(k, live, p->manager, "", j)) {
        p->skipped++;
        return;
    }
    op_on(p, OP_APPLY, k, live)->body = body_text(p->a, &meta, j);
}

static bool status_is_settled(const struct kind *k, const struct rec *live, const char *manager,
                              const struct json *status)
{
    struct arena tmp CLEANUP(arena_done) = {0};
    int slot = rows_find(k->rows, "status", REC_RAW);

    if (slot < 0 || !json_covers(rec_json(live, (unsigned)slot, &tmp), status)) {
        return false;
    }
    return !body_drops_owned(k, live, manager, "status", status);
}

void plan_status(struct plan *p, const struct kind *k, const struct rec *live, const char *manager,
                 const char *status)
{
    const struct json *j = body_parse(p->a, status);
    /* The status of a custom resource is written whatever uid the body names: only the version says
     * that it is still the same object. */
    const struct body_meta meta = {.kind = k,
                                   .ns = rec_namespace(live),
                                   .name = rec_name(live),
                                   .uid = rec_uid(live),
                                   .rv = rec_rv(live)};
    struct op *op;

    if (status_is_settled(k, live, manager != NULL ? manager : p->manager, j)) {
        p->skipped++;
        return;
    }
    op = op_on(p, OP_STATUS, k, live);
    op->manager = arena_strdup(p->a, manager);
    op->body = body_status(p->a, &meta, j);
}

void body_owner(struct jsonw *w, const struct kind *k, const struct rec *owner)
{
    bool core = str_empty(k->group);

    jsonw_arr(w, "ownerReferences");
    jsonw_obj(w, NULL);
    jsonw_fmt(w, "apiVersion", "%s%s%s", k->group, core ? "" : "/", k->version);
    jsonw_str(w, "kind", k->kind);
    jsonw_str(w, "name", rec_name(owner));
    jsonw_str(w, "uid", rec_uid(owner));
    jsonw_bool(w, "controller", true);
    jsonw_bool(w, "blockOwnerDeletion", true);
    jsonw_end(w);
    jsonw_end(w);
}

/* The object is being deleted, and no later than asked for. */
static bool is_going(const struct kind *k, const struct rec *live, int64_t grace_s)
{
    int slot = rows_find(k->rows, "metadata.deletionGracePeriodSeconds", REC_INT);

    return rec_is_deleted(live) &&
           (grace_s < 0 || slot < 0 || rec_int(live, (unsigned)slot) <= grace_s);
}

void plan_delete(struct plan *p, const struct kind *k, const struct rec *live, int64_t grace_s)
{
    if (live == NULL) {
        return;
    }
    if (is_going(k, live, grace_s)) {
        p->skipped++;
        return;
    }
    op_on(p, OP_DELETE, k, live)->grace_s = grace_s;
}

/* --- finalizers ---------------------------------------------------------------------------- */

static void patch_step(struct jsonw *w, const char *op, const char *path, const char *value)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "op", op);
    jsonw_str(w, "path", path);
    if (value != NULL) {
        jsonw_str(w, "value", value);
    }
    jsonw_end(w);
}

static void patch_begin(struct plan *p, struct jsonw *w, const struct rec *live)
{
    jsonw_init(w, p->a);
    jsonw_arr(w, NULL);
    patch_step(w, "test", "/metadata/uid", rec_uid(live));
}

/* The list must still be the one that we saw: sent twice, the entry would stand there twice. */
static void patch_next_finalizer(struct jsonw *w, const struct rec *live, const char *f)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "op", "test");
    jsonw_str(w, "path", "/metadata/finalizers");
    jsonw_arr(w, "value");
    for (uint32_t i = 0; i < rec_count(live, REC_FINALIZERS); i++) {
        jsonw_str(w, NULL, rec_text(live, REC_FINALIZERS, i));
    }
    jsonw_end(w);
    jsonw_end(w);
    patch_step(w, "add", "/metadata/finalizers/-", f);
}

/* A patch cannot append to a list that is not there, and must not replace one that came meanwhile.
 */
static void patch_first_finalizer(struct jsonw *w, const struct rec *live, const char *f)
{
    patch_step(w, "test", "/metadata/resourceVersion", rec_rv(live));
    jsonw_obj(w, NULL);
    jsonw_str(w, "op", "add");
    jsonw_str(w, "path", "/metadata/finalizers");
    jsonw_arr(w, "value");
    jsonw_str(w, NULL, f);
    jsonw_end(w);
    jsonw_end(w);
}

void plan_finalizer_add(struct plan *p, const struct kind *k, const struct rec *live, const char *f)
{
    struct jsonw w;

    if (rec_is_deleted(live) || rec_has_finalizer(live, f)) {
        p->skipped++;
        return;
    }
    patch_begin(p, &w, live);
    if (rec_count(live, REC_FINALIZERS) == 0) {
        patch_first_finalizer(&w, live, f);
    } else {
        patch_next_finalizer(&w, live, f);
    }
    jsonw_end(&w);
    op_on(p, OP_PATCH, k, live)->body = jsonw_text(&w);
}

void plan_finalizer_drop(struct plan *p, const struct kind *k, const struct rec *live,
                         const char *f)
{
    struct jsonw w;
    const char *path;
    uint32_t i = 0;

    if (live == NULL || !rec_has_finalizer(live, f)) {
        p->skipped++;
        return;
    }
    while (!str_eq(rec_text(live, REC_FINALIZERS, i), f)) {
        i++;
    }
    path = arena_printf(p->a, "/metadata/finalizers/%u", i);
    patch_begin(p, &w, live);
    patch_step(&w, "test", path, f);
    patch_step(&w, "remove", path, NULL);
    jsonw_end(&w);
    op_on(p, OP_PATCH, k, live)->body = jsonw_text(&w);
}

/* --- events, needs, wake-ups ----------------------------------------------------------------- */

/* Cuts at NOTE_BYTES, not within a character. */
static char *cut_note(char *note)
{
    size_t n = strlen(note);

    if (n > NOTE_BYTES) {
        n = NOTE_BYTES;
        while (n > 0 && ((unsigned char)note[n] & 0xc0) == 0x80) {
            n--;
        }
        note[n] = '\0';
    }
    return note;
}

void plan_event(struct plan *p, const struct kind *k, const struct rec *about, enum event_type type,
                const char *reason, const char *fmt, ...)
{
    struct event *ev = arena_push(p->a, (void **)&p->events, &p->event_count, sizeof *ev);
    va_list ap;

    ev->type = type;
    ev->kind = k;
    ev->ns = copy(p, rec_namespace(about));
    ev->name = copy(p, rec_name(about));
    ev->uid = copy(p, rec_uid(about));
    ev->rv = copy(p, rec_rv(about));
    ev->reason = copy(p, reason);
    ev->action = "Reconcile";
    va_start(ap, fmt);
    ev->note = cut_note(arena_vprintf(p->a, fmt, ap));
    va_end(ap);
}

static bool same_need(const struct need *a, const struct need *b)
{
    return a->verb == b->verb && (a->verb == NEED_LOG || a->kind == b->kind) &&
           str_eq(a->ns, b->ns) && str_eq(a->name, b->name) && str_eq(a->container, b->container);
}

/* Asking twice is asking once. */
static void add_need(struct plan *p, struct need n)
{
    for (size_t i = 0; i < p->need_count; i++) {
        if (same_need(&p->needs[i], &n)) {
            return;
        }
    }
    n.ns = copy(p, n.ns);
    n.name = copy(p, n.name);
    n.container = arena_strdup(p->a, n.container);
    *(struct need *)arena_push(p->a, (void **)&p->needs, &p->need_count, sizeof n) = n;
}

void plan_need_get(struct plan *p, const struct kind *k, const char *ns, const char *name)
{
    add_need(p, (struct need){.verb = NEED_GET, .kind = k, .ns = ns, .name = name});
}

void plan_need_log(struct plan *p, const char *ns, const char *pod, const char *container,
                   int64_t tail_lines)
{
    add_need(p, (struct need){.verb = NEED_LOG,
                              .ns = ns,
                              .name = pod,
                              .container = container,
                              .tail_bytes = LOG_TAIL_BYTES,
                              .tail_lines = tail_lines});
}

static const struct answer *find_answer(const struct answers *as, const struct need *n)
{
    for (size_t i = 0; i < as->count; i++) {
        if (same_need(&as->list[i].need, n)) {
            return &as->list[i];
        }
    }
    return NULL;
}

const struct answer *answer_get(const struct answers *as, const struct kind *k, const char *ns,
                                const char *name)
{
    return find_answer(as, &(struct need){.verb = NEED_GET, .kind = k, .ns = ns, .name = name});
}

const struct answer *answer_log(const struct answers *as, const char *ns, const char *pod,
                                const char *container)
{
    return find_answer(
        as, &(struct need){.verb = NEED_LOG, .ns = ns, .name = pod, .container = container});
}

void plan_wake_at(struct plan *p, int64_t wall_ms)
{
    if (wall_ms > 0 && (p->wake_at_ms == 0 || wall_ms < p->wake_at_ms)) {
        p->wake_at_ms = wall_ms;
    }
}

bool plan_delete_unseen(struct plan *p, const struct answers *as, const struct kind *k,
                        const char *ns, const char *name, const char *owner_uid)
{
    const struct answer *an = answer_get(as, k, ns, name);
    struct written live;
    struct op *op;

    if (an == NULL) {
        plan_need_get(p, k, ns, name);
        return false;
    }
    if (an->status == 404) {
        return true;
    }
    if (an->status != 200 || written_parse(p->a, an->body, strlen(an->body), &live) < 0) {
        return false;
    }
    if (!str_eq(live.owner, owner_uid)) {
        return true;
    }
    if (!live.marked) {
        op = add_op(p, OP_DELETE, k);
        op->ns = copy(p, ns);
        op->name = copy(p, name);
        op->uid = copy(p, live.uid);
    }
    return false;
}

bool plan_is_empty(const struct plan *p)
{
    return p->op_count == 0 && p->event_count == 0 && p->need_count == 0;
}

/* --- conditions ---------------------------------------------------------------------------- */

static const struct json *condition_of(const struct json *status, const char *type)
{
    const struct json *list = json_key(status, "conditions");

    for (size_t i = 0; i < json_len(list); i++) {
        if (str_eq(json_str(json_at(list, i), "type", NULL), type)) {
            return json_at(list, i);
        }
    }
    return NULL;
}

void status_conditions(struct jsonw *w, const struct rec *live, unsigned status_slot,
                       const struct condition *list, size_t count, int64_t now_ms)
{
    const struct json *status = rec_json(live, status_slot, w->a);

    jsonw_arr(w, "conditions");
    for (size_t i = 0; i < count; i++) {
        const struct json *was = condition_of(status, list[i].type);
        const char *since = json_str(was, "lastTransitionTime", NULL);

        if (since == NULL || !str_eq(json_str(was, "status", NULL), list[i].status)) {
            since = clock_rfc3339(w->a, now_ms);
        }
        jsonw_obj(w, NULL);
        jsonw_str(w, "type", list[i].type);
        jsonw_str(w, "status", list[i].status);
        jsonw_str(w, "reason", list[i].reason);
        jsonw_str(w, "message", list[i].message != NULL ? list[i].message : "");
        jsonw_int(w, "observedGeneration", rec_generation(live));
        jsonw_str(w, "lastTransitionTime", since);
        jsonw_end(w);
    }
    jsonw_end(w);
}
