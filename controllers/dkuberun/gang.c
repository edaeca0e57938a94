#include <inttypes.h>

#include "api/dkuberun.gen.h"
#include "api/service.gen.h"
#include "controllers/dkuberun/dkuberun.h"
#include "controllers/ledger/claim.h"

#define TF_PORT 2222

const char *gang_service_name(const struct run_view *v, struct arena *a)
{
    return arena_printf(a, "%s-workers", rec_name(v->subject.live));
}

const char *gang_host(const struct rec *run, struct arena *a, uint32_t rank)
{
    return arena_printf(a, "%s-worker-%u", rec_name(run), rank);
}

/* Names are given to pods that are not ready too: programs meet before they work. */
static void write_spec(struct jsonw *w, const struct run_view *v)
{
    jsonw_obj(w, "spec");
    jsonw_str(w, "clusterIP", "None");
    jsonw_bool(w, "publishNotReadyAddresses", true);
    jsonw_obj(w, "selector");
    jsonw_str(w, LABEL_RUN, rec_name(v->subject.live));
    jsonw_str(w, LABEL_ROLE, "worker");
    jsonw_end(w);
    jsonw_arr(w, "ports");
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", "master");
    jsonw_int(w, "port", GANG_PORT);
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
}

const char *gang_service(const struct run_view *v, struct arena *a)
{
    const struct rec *live = v->subject.live;
    struct child child = {.ns = rec_namespace(live),
                          .name = gang_service_name(v, a),
                          .group = v->space.group,
                          .owner_kind = &kind_dkuberun,
                          .owner = live,
                          .labels = {{LABEL_RUN, rec_name(live)}}};
    struct jsonw w;

    jsonw_init(&w, a);
    child_begin(&w, &kind_service, &child);
    write_spec(&w, v);
    jsonw_end(&w);
    return jsonw_text(&w);
}

int64_t gang_pod_gpus(const struct run_view *v)
{
    const struct rec *live = v->subject.live;

    return run_is_gang(live) ? dkuberun_status_admission_nodes_gpus(
                                   dkuberun_status_admission_nodes_at(live, v->rank))
                             : run_gpus(live);
}

/* --- what programs read ------------------------------------------------------------------------
 */

static const char *address_of(const struct run_view *v, struct arena *a, uint32_t rank)
{
    return arena_printf(a, "%s.%s", gang_host(v->subject.live, a, rank), gang_service_name(v, a));
}

/* As TensorFlow reads it: rank 0 is the chief. */
static const char *tf_config(const struct run_view *v, struct arena *a)
{
    struct jsonw w;

    jsonw_init(&w, a);
    jsonw_obj(&w, NULL);
    jsonw_obj(&w, "cluster");
    for (uint32_t i = 0; i < v->workers; i++) {
        if (i < 2) {
            jsonw_arr(&w, i == 0 ? "chief" : "worker");
        }
        jsonw_fmt(&w, NULL, "%s:%d", address_of(v, a, i), TF_PORT);
        if (i == 0 || i == v->workers - 1) {
            jsonw_end(&w);
        }
    }
    jsonw_end(&w);
    jsonw_obj(&w, "task");
    jsonw_str(&w, "type", v->rank == 0 ? "chief" : "worker");
    jsonw_int(&w, "index", v->rank == 0 ? 0 : v->rank - 1);
    jsonw_end(&w);
    jsonw_str(&w, "environment", "cloud");
    jsonw_end(&w);
    return jsonw_text(&w);
}

/* "host:gpus,host:gpus", as mpirun -H and horovodrun -H take it. */
static const char *hosts(const struct run_view *v, struct arena *a)
{
    const char *ret = "";

    for (uint32_t i = 0; i < v->workers; i++) {
        ret = arena_printf(a, "%s%s%s:%" PRId64, ret, i > 0 ? "," : "", address_of(v, a, i),
                           gang_pod_gpus(v));
    }
    return ret;
}

size_t gang_env(const struct run_view *v, struct arena *a, struct env_var ret[GANG_ENV_MAX])
{
    const char *master = address_of(v, a, 0), *port = arena_printf(a, "%d", GANG_PORT);
    const char *count = arena_printf(a, "%u", v->workers), *rank = arena_printf(a, "%u", v->rank);
    const char *gpus = arena_printf(a, "%" PRId64, gang_pod_gpus(v));
    const struct env_var vars[] = {
        {"MASTER_ADDR", master},
        {"MASTER_PORT", port},
        {"WORLD_SIZE", count},
        {"RANK", rank},
        {"PET_MASTER_ADDR", master},
        {"PET_MASTER_PORT", port},
        {"PET_NNODES", count},
        {"PET_NODE_RANK", rank},
        {"PET_NPROC_PER_NODE", gpus},
        {"COORDINATOR_ADDRESS", master},
        {"COORDINATOR_PORT", port},
        {"NUM_PROCESSES", count},
        {"PROCESS_ID", rank},
        {"DKUBE_WORKERS", count},
        {"DKUBE_RANK", rank},
        {"DKUBE_HOSTS", hosts(v, a)},
        {"TF_CONFIG", v->workers > 1 ? tf_config(v, a) : NULL}, /* one process is no cluster */
    };
    size_t n = 0;

    for (size_t i = 0; i < sizeof(vars) / sizeof(*vars) && run_is_gang(v->subject.live); i++) {
        if (vars[i].value != NULL) {
            ret[n++] = vars[i];
        }
    }
    return n;
}
