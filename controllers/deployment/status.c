#include "api/artifactversion.gen.h"
#include "api/deployment.gen.h"
#include "base/span.h"
#include "controllers/deployment/serving.h"

static struct standing name_taken(struct arena *a, const char *kind, const char *name)
{
    return standing_of(a, STANDING_STALLED, "NameTaken",
                       "the %s '%s' exists and is not this deployment's; delete it, or make the "
                       "deployment under another name",
                       kind, name);
}

/* The first replica of the present revision that does not get on. */
static bool troubled(const struct deployment_view *v, struct arena *a, const char *revision,
                     struct standing *ret)
{
    for (size_t i = 0; i < v->pod_count; i++) {
        const struct rec *pod = v->pods[i];
        struct pod_trouble t = pod_trouble(a, pod);
        bool image = str_eq(t.reason, "ImagePullFailed") || str_eq(t.reason, "InvalidImage");

        if (rec_is_deleted(pod) || !str_eq(rec_label(pod, LABEL_REVISION), revision)) {
            continue;
        }
        if (pod_has_ended(pod)) {
            *ret = standing_of(a, STANDING_RETRYING, "ReplicaFailed",
                               "the replica '%s' failed and is being replaced: %s", rec_name(pod),
                               str_empty(pod_status_message(pod)) ? pod_status_phase(pod)
                                                                  : pod_status_message(pod));
            return true;
        }
        if (t.reason == NULL) {
            continue;
        }
        if (image && str_eq(t.container, "server")) {
            *ret = standing_of(a, STANDING_STALLED, t.reason,
                               "spec.servingImage '%s' cannot be had: %s; correct it, or make it "
                               "available",
                               deployment_spec_serving_image(v->subject.live), t.message);
        } else if (str_eq(t.container, "server")) {
            *ret = standing_of(a, STANDING_STALLED, t.reason,
                               "the replica '%s' does not stay up: %s; look at its log, and "
                               "correct spec.servingImage or spec.command",
                               rec_name(pod), t.message);
        } else {
            *ret = standing_of(a, STANDING_STALLED, t.reason,
                               "the replica '%s' cannot fetch the model: %s", rec_name(pod),
                               t.message);
        }
        return true;
    }
    return false;
}

static struct standing waiting(const struct deployment_view *v, struct arena *a,
                               const struct replicas *n)
{
    struct standing never;

    if (n->allowed < n->wanted && !deployment_fits(v, a, &never)) {
        return never;
    }
    if (n->allowed < n->wanted) {
        const char *pool = deployment_status_admission_pool(v->subject.live);

        return standing_of(a, STANDING_WAITING, "WaitingForGPUs",
                           "%lld replicas of %lld GPUs wait for GPUs of the %s%s%s; %lld can be "
                           "had now",
                           (long long)n->wanted, (long long)deployment_spec_gpus(v->subject.live),
                           str_empty(pool) ? "group's pool" : "pool '", str_empty(pool) ? "" : pool,
                           str_empty(pool) ? "" : "'", (long long)n->allowed);
    }
    return standing_of(a, STANDING_WAITING, n->there > n->current ? "RollingOut" : "Starting",
                       "%lld of %lld replicas are ready", (long long)n->current_ready,
                       (long long)n->wanted);
}

static struct standing standing(const struct deployment_view *v, struct arena *a,
                                const struct rec *version, const struct replicas *n)
{
    const struct rec *live = v->subject.live;
    struct standing st;

    if (v->service != NULL && !is_owned(v->service, live)) {
        return name_taken(a, "Service", rec_name(live));
    }
    if (n->taken != NULL) {
        return name_taken(a, "pod", n->taken);
    }
    if (n->current_ready >= n->wanted && n->there == n->wanted) {
        return n->wanted == 0
                   ? standing_of(a, STANDING_READY, "ScaledToZero",
                                 "spec.minReplicas is 0, so nothing is served")
                   : standing_of(a, STANDING_READY, "Serving", "'%s' is served by %lld replica%s",
                                 rec_name(version), (long long)n->current_ready,
                                 n->current_ready == 1 ? "" : "s");
    }
    if (deployment_refusal(v) != NULL) {
        return standing_of(a, STANDING_STALLED, "ReplicaRefused",
                           "the API server refuses the replica '%s': %s; it is tried again every "
                           "30 s",
                           v->refused->name, v->refused->message);
    }
    if (troubled(v, a, deployment_hash(v, a, version), &st)) {
        return st;
    }
    return waiting(v, a, n);
}

static void write_served(struct jsonw *w, const struct rec *live, const struct rec *version)
{
    int64_t port = deployment_spec_port_set(live) ? deployment_spec_port(live) : 8080;

    jsonw_opt(w, "modelVersion",
              version != NULL ? rec_name(version) : deployment_status_model_version(live));
    jsonw_opt(w, "digest",
              version != NULL ? artifactversion_spec_digest(version)
                              : deployment_status_digest(live));
    if (version != NULL) {
        jsonw_fmt(w, "url", "http://%s.%s.svc:%lld", rec_name(live), rec_namespace(live),
                  (long long)port);
    } else {
        jsonw_opt(w, "url", deployment_status_url(live));
    }
}

/* Replicas that serve go on when a later edit cannot be followed, and so does what is said of them.
 */
void deployment_say(const struct deployment_view *v, struct plan *p, const struct rec *version,
                    const struct standing *held)
{
    const struct rec *live = v->subject.live;
    struct replicas n =
        deployment_count(v, version != NULL ? deployment_hash(v, p->a, version) : "");
    struct standing st = version != NULL ? standing(v, p->a, version, &n) : *held;
    struct jsonw w;

    status_begin(&w, p, &v->subject, &st);
    if (version != NULL || v->pod_count > 0) {
        write_served(&w, live, version);
    }
    jsonw_int(&w, "replicas", n.there);
    jsonw_int(&w, "readyReplicas", n.ready);
    jsonw_fmt(&w, "selector", LABEL_DEPLOYMENT "=%s," LABEL_ROLE "=" REPLICA_ROLE, rec_name(live));
    (void)status_end(&w, p, &v->subject, &st);
}
