#include "api/artifactversion.gen.h"
#include "api/deployment.gen.h"
#include "api/pod.gen.h"
#include "base/sha256.h"
#include "base/span.h"
#include "controllers/deployment/serving.h"

#define HASH_CHARS 16
#define GPU "nvidia.com/gpu"

static const char *or_dflt(const char *s, const char *dflt)
{
    return str_empty(s) ? dflt : s;
}

static const char *mount_path(const struct rec *live)
{
    return or_dflt(deployment_spec_mount_path(live), "/mnt/dkube/model");
}

static int64_t port_of(const struct rec *live)
{
    return deployment_spec_port_set(live) ? deployment_spec_port(live) : 8080;
}

/* --- The server's container
 * -------------------------------------------------------------------------- */

static void write_env(struct jsonw *w, const char *name, const char *value)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", name);
    jsonw_str(w, "value", verbatim(w->a, value));
    jsonw_end(w);
}

/* The user's parameters come first: of two values of one name the later counts, and ours must hold.
 */
static void write_envs(struct jsonw *w, const struct rec *live, const struct rec *version)
{
    jsonw_arr(w, "env");
    for (uint32_t i = 0; i < deployment_spec_parameters_count(live); i++) {
        const struct rec *e = deployment_spec_parameters_at(live, i);

        write_env(w, deployment_spec_parameters_name(e), deployment_spec_parameters_value(e));
    }
    write_env(w, "MODEL_NAME", deployment_spec_model(live));
    write_env(w, "MODEL_DIR", mount_path(live));
    write_env(w, "PORT", arena_printf(w->a, "%lld", (long long)port_of(live)));
    if (version != NULL) {
        write_env(w, "MODEL_VERSION", rec_name(version));
    }
    jsonw_end(w);
}

static void write_resources(struct jsonw *w, const struct rec *live)
{
    const char *cpu = deployment_spec_resources_cpu(live);
    const char *memory = deployment_spec_resources_memory(live);

    jsonw_obj(w, "resources");
    jsonw_obj(w, "requests");
    jsonw_opt(w, "cpu", cpu);
    jsonw_opt(w, "memory", memory);
    jsonw_end(w);
    jsonw_obj(w, "limits");
    jsonw_opt(w, "memory", memory);
    if (deployment_spec_gpus(live) > 0) {
        jsonw_fmt(w, GPU, "%lld", (long long)deployment_spec_gpus(live));
    }
    jsonw_end(w);
    jsonw_end(w);
}

static void write_probe(struct jsonw *w, const struct rec *live)
{
    jsonw_obj(w, "readinessProbe");
    jsonw_obj(w, "httpGet");
    jsonw_str(w, "path", or_dflt(deployment_spec_readiness_path(live), "/healthz"));
    jsonw_int(w, "port", port_of(live));
    jsonw_end(w);
    jsonw_int(w, "periodSeconds", 2);
    jsonw_int(w, "timeoutSeconds", 2);
    jsonw_end(w);
}

static void write_server(struct jsonw *w, const struct rec *live, const struct rec *version)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", "server");
    jsonw_str(w, "image", deployment_spec_serving_image(live));
    if (deployment_spec_command_count(live) > 0) {
        jsonw_arr(w, "command");
        for (uint32_t i = 0; i < deployment_spec_command_count(live); i++) {
            jsonw_str(w, NULL, verbatim(w->a, deployment_spec_command_at(live, i)));
        }
        jsonw_end(w);
    }
    write_envs(w, live, version);
    write_resources(w, live);
    write_probe(w, live);
    jsonw_arr(w, "ports");
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", "http");
    jsonw_int(w, "containerPort", port_of(live));
    jsonw_end(w);
    jsonw_end(w);
    jsonw_obj(w, "securityContext");
    jsonw_bool(w, "allowPrivilegeEscalation", false);
    jsonw_end(w);
    jsonw_arr(w, "volumeMounts");
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", "model");
    jsonw_str(w, "mountPath", mount_path(live));
    jsonw_bool(w, "readOnly", true);
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
}

const char *deployment_hash(const struct deployment_view *v, struct arena *a,
                            const struct rec *version)
{
    char hex[SHA256_HEX];
    const char *text;
    struct jsonw w;

    jsonw_init(&w, a);
    jsonw_arr(&w, NULL);
    write_server(&w, v->subject.live, version);
    if (version != NULL) {
        jsonw_str(&w, NULL, artifactversion_spec_digest(version));
    } else {
        jsonw_opt(&w, NULL, deployment_spec_type(v->subject.live));
    }
    jsonw_end(&w);
    text = jsonw_text(&w);
    sha256_hex(text, strlen(text), hex);
    return arena_strndup(a, hex, HASH_CHARS);
}

/* --- The pod
 * ----------------------------------------------------------------------------------------- */

/* What `step fetch` reads from DKUBE_STEP. */
static const char *fetch_config(const struct deployment_view *v, struct arena *a,
                                const struct rec *version)
{
    struct jsonw w;

    jsonw_init(&w, a);
    jsonw_obj(&w, NULL);
    jsonw_str(&w, "namespace", rec_namespace(v->subject.live));
    jsonw_str(&w, "store", v->conf->store_url);
    jsonw_arr(&w, "inputs");
    jsonw_obj(&w, NULL);
    jsonw_str(&w, "digest", artifactversion_spec_digest(version));
    jsonw_str(&w, "dir", mount_path(v->subject.live));
    jsonw_end(&w);
    jsonw_end(&w);
    jsonw_end(&w);
    return jsonw_text(&w);
}

static void write_fetch(struct jsonw *w, const struct deployment_view *v, const struct rec *version)
{
    jsonw_arr(w, "initContainers");
    step_container_begin(w, v->conf, "fetch");
    jsonw_arr(w, "command");
    jsonw_str(w, NULL, "/usr/bin/step");
    jsonw_str(w, NULL, "fetch");
    jsonw_end(w);
    jsonw_arr(w, "env");
    write_env(w, "DKUBE_STEP", fetch_config(v, w->a, version));
    jsonw_end(w);
    jsonw_arr(w, "volumeMounts");
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", "model");
    jsonw_str(w, "mountPath", mount_path(v->subject.live));
    jsonw_end(w);
    token_mount(w);
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
}

static void write_volumes(struct jsonw *w)
{
    jsonw_arr(w, "volumes");
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", "model");
    jsonw_obj(w, "emptyDir");
    jsonw_end(w);
    jsonw_end(w);
    token_volume(w);
    jsonw_end(w);
}

/* The scheduler still checks the node, but has no other choice than the ledger's. */
static void write_affinity(struct jsonw *w, const char *node)
{
    jsonw_obj(w, "affinity");
    jsonw_obj(w, "nodeAffinity");
    jsonw_obj(w, "requiredDuringSchedulingIgnoredDuringExecution");
    jsonw_arr(w, "nodeSelectorTerms");
    jsonw_obj(w, NULL);
    jsonw_arr(w, "matchFields");
    jsonw_obj(w, NULL);
    jsonw_str(w, "key", "metadata.name");
    jsonw_str(w, "operator", "In");
    jsonw_arr(w, "values");
    jsonw_str(w, NULL, node);
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
}

static struct child child_of(const struct deployment_view *v, struct arena *a,
                             const struct replica *r)
{
    const struct rec *live = v->subject.live;

    return (struct child){
        .ns = rec_namespace(live),
        .name = deployment_replica_name(a, live, r->index),
        .group = v->group,
        .owner_kind = &kind_deployment,
        .owner = live,
        .labels = {{LABEL_DEPLOYMENT, rec_name(live)},
                   {LABEL_ROLE, REPLICA_ROLE},
                   {LABEL_REVISION, deployment_hash(v, a, r->version)},
                   {LABEL_TEMPLATE, deployment_hash(v, a, NULL)},
                   {"dkube.io/version", rec_name(r->version)}},
        .annotation = {NOTE_NODE, r->node},
    };
}

const char *deployment_pod(const struct deployment_view *v, struct arena *a,
                           const struct replica *r)
{
    struct child child = child_of(v, a, r);
    struct jsonw w;

    jsonw_init(&w, a);
    child_begin(&w, &kind_pod, &child);
    jsonw_obj(&w, "spec");
    jsonw_str(&w, "restartPolicy", "Always");
    jsonw_str(&w, "serviceAccountName", RUN_ACCOUNT);
    jsonw_bool(&w, "automountServiceAccountToken", false);
    jsonw_bool(&w, "enableServiceLinks", false);
    jsonw_int(&w, "terminationGracePeriodSeconds", 30);
    jsonw_obj(&w, "securityContext");
    jsonw_obj(&w, "seccompProfile");
    jsonw_str(&w, "type", "RuntimeDefault");
    jsonw_end(&w);
    jsonw_end(&w);
    if (r->node != NULL) {
        write_affinity(&w, r->node);
    }
    write_fetch(&w, v, r->version);
    jsonw_arr(&w, "containers");
    write_server(&w, v->subject.live, r->version);
    jsonw_end(&w);
    write_volumes(&w);
    jsonw_end(&w);
    jsonw_end(&w);
    return jsonw_text(&w);
}
