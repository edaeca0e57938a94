#include "api/artifactversion.gen.h"
#include "api/coderepo.gen.h"
#include "api/dataset.gen.h"
#include "api/dkuberun.gen.h"
#include "api/model.gen.h"
#include "api/pool.gen.h"
#include "base/attr.h"
#include "base/span.h"
#include "controllers/artifactversion/versions.h"
#include "controllers/dkuberun/dkuberun.h"
#include "controllers/ledger/claim.h"
#include "controllers/ledger/gpu.h"

/* What a run names may reach the cache after the run itself: for so long nothing is called unknown.
 */
#define GRACE_MS 5000

typedef struct finding check_fn(const struct run_view *v, struct arena *a);

static struct finding fine(void)
{
    return (struct finding){.signal = SIGNAL_NONE};
}

static struct finding PRINTF(4, 5)
    say(struct arena *a, enum run_signal signal, enum run_reason reason, const char *fmt, ...)
{
    struct finding f = {.signal = signal, .reason = reason};
    va_list ap;

    va_start(ap, fmt);
    f.message = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return f;
}

/* Refused because `name` is not in the cache. */
static struct finding absent(struct finding f, const struct kind *k, const char *ns,
                             const char *name)
{
    f.ask = k;
    f.ask_ns = ns;
    f.ask_name = name;
    return f;
}

/* --- what the run names ------------------------------------------------------------------------
 */

static struct finding check_group(const struct run_view *v, struct arena *a)
{
    if (v->space.ns != NULL) {
        return fine();
    }
    return say(a, SIGNAL_REFUSED, REASON_NO_GROUP,
               "metadata.namespace is '%s', which is no group's; use the namespace of your group",
               rec_namespace(v->subject.live));
}

static struct finding check_repo(const struct run_view *v, struct arena *a)
{
    const char *name = dkuberun_spec_code_repo(v->subject.live);

    if (str_empty(name) || v->repo != NULL) {
        return fine();
    }
    return absent(say(a, SIGNAL_REFUSED, REASON_UNKNOWN_CODE_REPO,
                      "spec.code.repo is '%s', but the namespace has no such CodeRepo; make it, or "
                      "correct the name",
                      name),
                  &kind_coderepo, rec_namespace(v->subject.live), name);
}

static struct finding unknown(const struct run_view *v, struct arena *a, const char *field,
                              const struct run_ref *ref)
{
    bool model = str_eq(ref->kind, "Model");

    return absent(
        say(a, SIGNAL_REFUSED, model ? REASON_UNKNOWN_MODEL : REASON_UNKNOWN_DATASET,
            "%s names '%s', but the namespace has no such %s; make it, or correct the name", field,
            ref->name, ref->kind),
        model ? &kind_model : &kind_dataset, rec_namespace(v->subject.live), ref->name);
}

static struct finding unknown_version(const struct run_view *v, struct arena *a,
                                      const struct run_ref *ref, int64_t wanted)
{
    return absent(
        say(a, SIGNAL_REFUSED, REASON_UNKNOWN_VERSION,
            "spec.inputs names version %lld of the %s '%s', whose newest is %lld; correct "
            "the number, or leave it out to get the newest",
            (long long)wanted, ref->kind, ref->name, (long long)ref->newest),
        &kind_artifactversion, rec_namespace(v->subject.live),
        version_name(a, ref->kind, ref->name, wanted));
}

static struct finding check_version(const struct run_view *v, struct arena *a,
                                    const struct run_ref *ref, int64_t wanted)
{
    if (wanted > 0 && ref->version == NULL) {
        return unknown_version(v, a, ref, wanted);
    }
    if (ref->version == NULL) {
        return say(a, SIGNAL_NONE, REASON_NO_VERSION_YET,
                   "spec.inputs names the %s '%s', which has no ready version yet", ref->kind,
                   ref->name);
    }
    if (!artifactversion_status_ready(ref->version)) {
        return say(a, SIGNAL_NONE, REASON_VERSION_NOT_READY,
                   "version %lld of the %s '%s' is not ready yet", (long long)wanted, ref->kind,
                   ref->name);
    }
    return fine();
}

static struct finding check_inputs(const struct run_view *v, struct arena *a)
{
    const struct rec *live = v->subject.live;

    for (uint32_t i = 0; i < dkuberun_spec_inputs_count(live) && i < RUN_INPUTS_MAX; i++) {
        int64_t wanted = dkuberun_spec_inputs_version(dkuberun_spec_inputs_at(live, i));
        struct finding f;

        if (v->inputs[i].owner == NULL) {
            return unknown(v, a, "spec.inputs", &v->inputs[i]);
        }
        f = check_version(v, a, &v->inputs[i], wanted);
        if (f.message != NULL) {
            return f;
        }
    }
    return fine();
}

static struct finding check_outputs(const struct run_view *v, struct arena *a)
{
    const struct rec *live = v->subject.live;

    for (uint32_t i = 0; i < dkuberun_spec_outputs_count(live) && i < RUN_INPUTS_MAX; i++) {
        if (v->outputs[i].owner == NULL) {
            return unknown(v, a, "spec.outputs", &v->outputs[i]);
        }
    }
    return fine();
}

/* --- the pool ------------------------------------------------------------------------------------
 */

/* "spec.gpus is 4": how many it needs, by the field that says so; arena. */
static const char *asked(const struct rec *live, struct arena *a)
{
    return dkuberun_spec_distribution_manual_set(live)
               ? arena_printf(a,
                              "spec.distribution.manual asks for %lld GPUs (%lld pods of "
                              "gpusPerWorker %lld)",
                              (long long)run_asks(live),
                              (long long)dkuberun_spec_distribution_manual_workers(live) + 1,
                              (long long)dkuberun_spec_distribution_manual_gpus_per_worker(live))
               : arena_printf(a, "spec.gpus is %lld", (long long)dkuberun_spec_gpus(live));
}

static struct finding check_pool(const struct run_view *v, struct arena *a)
{
    const struct ns_pool *s = &v->space;
    long long gpus = (long long)run_asks(v->subject.live);
    bool lent = dkuberun_spec_free_only(v->subject.live) && s->pool == NULL; /* it may be */

    if (gpus == 0 || s->ns == NULL || lent) {
        return fine();
    }
    if (s->pool == NULL && s->taken_by != NULL) {
        return say(a, SIGNAL_REFUSED, REASON_NO_POOL,
                   "%s, but the pool that the group '%s' names belongs to the group '%s'; ask an "
                   "operator for a pool, or set spec.gpus to 0",
                   asked(v->subject.live, a), s->group, s->taken_by);
    }
    if (s->pool == NULL) {
        return say(a, SIGNAL_REFUSED, REASON_NO_POOL,
                   "%s, but the group '%s' has no pool; ask an operator for one, or set spec.gpus "
                   "to 0",
                   asked(v->subject.live, a), s->group);
    }
    if (v->pool == NULL) {
        return absent(say(a, SIGNAL_REFUSED, REASON_UNKNOWN_POOL,
                          "%s, but there is no Pool '%s', which the group '%s' names; ask an "
                          "operator to make it",
                          asked(v->subject.live, a), s->pool, s->group),
                      &kind_pool, "", s->pool);
    }
    return fine();
}

struct room {
    int64_t largest;  /* the most on one node of the wanted type */
    int64_t any_type; /* the same of all types */
    const char *types;
};

static struct room room_of(const struct run_view *v, struct arena *a)
{
    const char *wanted = dkuberun_spec_gpu_type(v->subject.live);
    struct room r = {.types = ""};

    for (uint32_t i = 0; i < pool_status_nodes_count(v->pool); i++) {
        const struct rec *e = pool_status_nodes_at(v->pool, i);
        int64_t gpus = pool_status_nodes_gpus(e);
        const char *type = pool_status_nodes_type(e);

        r.any_type = gpus > r.any_type ? gpus : r.any_type;
        if ((str_empty(wanted) || str_eq(wanted, type)) && gpus > r.largest) {
            r.largest = gpus;
        }
        if (type != NULL && strstr(r.types, type) == NULL && strlen(r.types) < 200) {
            r.types = arena_printf(a, "%s%s%s", r.types, *r.types != '\0' ? ", " : "", type);
        }
    }
    return r;
}

/* What an operator means the pool to have; the pool `default` has what there is. */
static int64_t wanted_of(const struct rec *pool)
{
    int64_t sum = pool_spec_gpus(pool);

    for (uint32_t i = 0; i < pool_spec_nodes_count(pool); i++) {
        sum = gpu_add(sum, pool_spec_nodes_gpus(pool_spec_nodes_at(pool, i)));
    }
    return sum;
}

/* A free-only run takes what there is. */
static long long must_have(const struct rec *live)
{
    return dkuberun_spec_free_only(live) ? 0 : (long long)run_asks(live);
}

/* Pods of so many GPUs that the nodes of one type hold together: the most of all types. */
static int64_t pods_held(const struct run_view *v, int64_t gpus)
{
    const char *wanted = dkuberun_spec_gpu_type(v->subject.live);
    uint32_t count = pool_status_nodes_count(v->pool);
    int64_t best = 0;

    for (uint32_t i = 0; i < count; i++) {
        const char *type = pool_status_nodes_type(pool_status_nodes_at(v->pool, i));
        int64_t pods = 0;

        for (uint32_t k = 0; k < count && (str_empty(wanted) || str_eq(wanted, type)); k++) {
            const struct rec *e = pool_status_nodes_at(v->pool, k);

            pods += str_eq(pool_status_nodes_type(e), type) ? pool_status_nodes_gpus(e) / gpus : 0;
        }
        best = pods > best ? pods : best;
    }
    return best;
}

/* The pods of a gang, each on one node, all nodes of one type; the total is known to be owned. */
static struct finding check_gang(const struct run_view *v, struct arena *a, const struct room *r)
{
    const struct rec *live = v->subject.live;
    int64_t gpus, count, held;

    run_shape(live, r->largest, &gpus, &count);
    held = pods_held(v, gpus);
    if (held >= count && count <= RUN_WORKERS_MAX) {
        return fine();
    }
    if (gpus > r->largest && dkuberun_spec_distribution_manual_set(live)) {
        return say(a, SIGNAL_REFUSED, REASON_EXCEEDS_NODE,
                   "spec.distribution.manual.gpusPerWorker is %lld, but the pool '%s' has at most "
                   "%lld on one node; ask for %lld or fewer, and more workers",
                   (long long)gpus, v->space.pool, (long long)r->largest, (long long)r->largest);
    }
    if (gpus > r->largest) {
        return say(
            a, SIGNAL_REFUSED, REASON_EXCEEDS_NODE,
            "spec.gpus is %lld, which spec.distribution.auto cannot share out: the pool '%s' "
            "has at most %lld on one node, and no %d or fewer equal pods fit; ask for "
            "another number",
            (long long)run_asks(live), v->space.pool, (long long)r->largest, RUN_WORKERS_MAX);
    }
    return say(a, SIGNAL_REFUSED, REASON_EXCEEDS_POOL,
               "%s, but the nodes of one type in the pool '%s' hold %lld of its %lld pods of %lld "
               "GPUs; ask for fewer, change spec.distribution, or have the pool enlarged",
               asked(live, a), v->space.pool, (long long)held, (long long)count, (long long)gpus);
}

/* The nodes that are there now are too few for it, though of its type. */
static bool lacks_nodes(const struct run_view *v, const struct room *r)
{
    const struct rec *live = v->subject.live;
    int64_t gpus, count;

    if (r->largest == 0) {
        return r->any_type == 0;
    }
    if (!run_is_gang(live)) {
        return run_asks(live) > r->largest;
    }
    run_shape(live, r->largest, &gpus, &count);
    return gpus > r->largest || pods_held(v, gpus) < count;
}

static struct finding check_fit(const struct run_view *v, struct arena *a)
{
    const struct rec *live = v->subject.live;
    long long gpus = must_have(live);
    long long owned = (long long)pool_status_capacity(v->pool);
    long long meant = v->pool != NULL ? (long long)wanted_of(v->pool) : 0;
    struct room r;

    if (gpus == 0 || v->pool == NULL) {
        return fine();
    }
    if (pool_status_observed_generation(v->pool) < rec_generation(v->pool) ||
        rec_is_deleted(v->pool)) {
        return say(a, SIGNAL_NONE, REASON_POOL_PENDING, "the pool '%s' is %s", v->space.pool,
                   rec_is_deleted(v->pool) ? "being deleted; nothing new gets its GPUs"
                                           : "being counted");
    }
    r = room_of(v, a);
    if (owned < meant && gpus <= meant && lacks_nodes(v, &r)) {
        return say(a, SIGNAL_NONE, REASON_POOL_SHORT,
                   "the pool '%s' has %lld of the %lld GPUs that it is meant to have, too few for "
                   "the %lld that it asks for; the run waits until nodes come back",
                   v->space.pool, owned, meant, gpus);
    }
    if (gpus > owned) {
        return say(a, SIGNAL_REFUSED, REASON_EXCEEDS_POOL,
                   "%s, but the pool '%s' has %lld; ask for %lld or fewer, or have the pool "
                   "enlarged",
                   asked(live, a), v->space.pool, owned, owned);
    }
    if (r.largest == 0) {
        return say(a, SIGNAL_REFUSED, REASON_WRONG_GPU_TYPE,
                   "spec.gpuType is '%s', but the GPUs of the pool '%s' are %s; correct it, or "
                   "leave it out",
                   dkuberun_spec_gpu_type(live), v->space.pool, r.types);
    }
    if (run_is_gang(live)) {
        return check_gang(v, a, &r);
    }
    if (gpus > r.largest) {
        return say(a, SIGNAL_REFUSED, REASON_EXCEEDS_NODE,
                   "spec.gpus is %lld, but the pool '%s' has at most %lld on one node, and a run "
                   "without spec.distribution is one pod; ask for %lld or fewer, or distribute it",
                   gpus, v->space.pool, (long long)r.largest, (long long)r.largest);
    }
    return fine();
}

/* --- in this order; the first that has something to say -------------------------------------- */

static const struct {
    check_fn *fn;
    bool names; /* about things that may still be on their way here */
    bool pool;
} checks[] = {
    {check_group, true, true},    {check_repo, true, false}, {check_inputs, true, false},
    {check_outputs, true, false}, {check_pool, true, true},  {check_fit, false, true},
};

/* A refusal is final, and a watch may be late by more than the grace: so what is not in the cache
 * is looked for in the API first. */
static struct finding make_sure(const struct run_view *v, struct finding f)
{
    const struct answer *live = answer_get(&v->answers, f.ask, f.ask_ns, f.ask_name);

    if (live == NULL) {
        f.signal = SIGNAL_NONE;
        return f;
    }
    f.ask = NULL;
    if (live->status == 200) {
        f.signal = SIGNAL_NONE;
        f.look_again_ms = v->subject.now_ms + GRACE_MS;
    }
    return f;
}

static struct finding run_checks(const struct run_view *v, struct arena *a, bool pool_only)
{
    int64_t until = rec_created_ms(v->subject.live) + GRACE_MS;

    for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
        struct finding f = {.signal = SIGNAL_NONE};

        if (!pool_only || checks[i].pool) {
            f = checks[i].fn(v, a);
        }
        if (f.signal == SIGNAL_REFUSED && checks[i].names && v->subject.now_ms < until) {
            f.signal = SIGNAL_NONE;
            f.look_again_ms = until;
            f.ask = NULL;
        } else if (f.ask != NULL) {
            f = make_sure(v, f);
        }
        if (f.message != NULL) {
            return f;
        }
    }
    return fine();
}

struct finding run_may_start(const struct run_view *v, struct arena *a)
{
    return run_checks(v, a, false);
}

struct finding run_may_wait(const struct run_view *v, struct arena *a)
{
    return run_checks(v, a, true);
}
