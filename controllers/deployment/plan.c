#include "api/deployment.gen.h"
#include "api/service.gen.h"
#include "base/span.h"
#include "controllers/deployment/serving.h"

static const char *service_spec_text(const struct deployment_view *v, struct arena *a)
{
    const struct rec *live = v->subject.live;
    int64_t port = deployment_spec_port_set(live) ? deployment_spec_port(live) : 8080;
    struct jsonw w;

    jsonw_init(&w, a);
    jsonw_obj(&w, NULL);
    jsonw_obj(&w, "selector");
    jsonw_str(&w, LABEL_DEPLOYMENT, rec_name(live));
    jsonw_str(&w, LABEL_ROLE, REPLICA_ROLE);
    jsonw_end(&w);
    jsonw_arr(&w, "ports");
    jsonw_obj(&w, NULL);
    jsonw_str(&w, "name", "http");
    jsonw_int(&w, "port", port);
    jsonw_int(&w, "targetPort", port);
    jsonw_end(&w);
    jsonw_end(&w);
    jsonw_end(&w);
    return jsonw_text(&w);
}

static const char *service_body(const struct deployment_view *v, struct arena *a, const char *spec)
{
    struct child child = {.ns = rec_namespace(v->subject.live),
                          .name = rec_name(v->subject.live),
                          .group = v->group,
                          .owner_kind = &kind_deployment,
                          .owner = v->subject.live,
                          .labels = {{LABEL_DEPLOYMENT, rec_name(v->subject.live)}}};
    struct jsonw w;

    jsonw_init(&w, a);
    child_begin(&w, &kind_service, &child);
    jsonw_raw(&w, "spec", spec, strlen(spec));
    jsonw_end(&w);
    return jsonw_text(&w);
}

static bool service_is_right(const struct deployment_view *v, struct arena *a, const char *spec)
{
    const struct json *have = service_spec(v->service, a), *want = NULL;
    struct err e = {0};

    return json_parse(a, spec, strlen(spec), &want, &e) == 0 && json_covers(have, want) &&
           json_len(json_key(have, "ports")) == 1;
}

/* Another port is another Service: ports merge by number, so an apply would keep the old one too.
 */
static void keep_service(const struct deployment_view *v, struct plan *p)
{
    const struct rec *live = v->subject.live;
    const char *spec = service_spec_text(v, p->a);

    if (v->service == NULL) {
        plan_create(p, &kind_service, rec_namespace(live), rec_name(live), rec_uid(live),
                    service_body(v, p->a, spec));
    } else if (is_owned(v->service, live) && !service_is_right(v, p->a, spec)) {
        plan_delete(p, &kind_service, v->service, -1);
    }
}

/* The finalizers of others may take their time; GPUs and the address are given back at once. */
static void retire(const struct deployment_view *v, struct plan *p)
{
    for (size_t i = 0; i < v->pod_count; i++) {
        plan_delete(p, &kind_pod, v->pods[i], -1);
    }
    if (is_owned(v->service, v->subject.live)) {
        plan_delete(p, &kind_service, v->service, -1);
    }
}

void deployment_plan(const void *view, struct plan *p)
{
    const struct deployment_view *v = view;
    struct standing held = {0};
    const struct rec *version;

    if (rec_is_deleted(v->subject.live)) {
        retire(v, p);
        return;
    }
    version = deployment_resolve(v, p->a, &held);
    if (version != NULL) {
        keep_service(v, p);
        deployment_roll(v, p, version);
    } else {
        deployment_shrink(v, p);
    }
    deployment_say(v, p, version, &held);
}
