#include "controllers/common/child.h"

#include <stdlib.h>

#include "api/group.gen.h"
#include "api/pod.gen.h"
#include "base/span.h"

static const char *env_or(const char *name, const char *dflt)
{
    const char *v = getenv(name);

    return str_empty(v) ? dflt : v;
}

const char *const step_conf_names[] = {"DKUBE_IMAGE", "DKUBE_STORE_URL", "DKUBE_PULL_POLICY",
                                       "POD_NAMESPACE", NULL};

struct step_conf step_conf_env(void)
{
    return (struct step_conf){
        .image = env_or("DKUBE_IMAGE", "dkube.io/dkube:dev"),
        .store_url = env_or("DKUBE_STORE_URL", "http://store.dkube-system.svc:8080"),
        .pull_policy = env_or("DKUBE_PULL_POLICY", "IfNotPresent"),
        .system_ns = env_or("POD_NAMESPACE", "dkube-system"),
    };
}

void child_metadata(struct jsonw *w, const struct child *c)
{
    jsonw_obj(w, "metadata");
    jsonw_str(w, "name", c->name);
    jsonw_opt(w, "namespace", c->ns);
    jsonw_obj(w, "labels");
    jsonw_str(w, LABEL_MANAGED, "dkube");
    jsonw_opt(w, LABEL_GROUP, c->group);
    for (size_t i = 0; i < ARRAY_LEN(c->labels); i++) {
        if (c->labels[i].key != NULL) {
            jsonw_opt(w, c->labels[i].key, c->labels[i].value);
        }
    }
    jsonw_end(w);
    if (c->annotation.key != NULL && !str_empty(c->annotation.value)) {
        jsonw_obj(w, "annotations");
        jsonw_str(w, c->annotation.key, c->annotation.value);
        jsonw_end(w);
    }
    if (c->owner != NULL) {
        body_owner(w, c->owner_kind, c->owner);
    }
    jsonw_end(w);
}

void child_begin(struct jsonw *w, const struct kind *k, const struct child *c)
{
    jsonw_obj(w, NULL);
    if (str_empty(k->group)) {
        jsonw_str(w, "apiVersion", k->version);
    } else {
        jsonw_fmt(w, "apiVersion", "%s/%s", k->group, k->version);
    }
    jsonw_str(w, "kind", k->kind);
    child_metadata(w, c);
}

const char *group_namespace_of(const struct rec *group)
{
    const char *ns = group_spec_namespace(group);

    return str_empty(ns) ? rec_name(group) : ns;
}

const char *group_of_namespace(const struct caches *c, const char *ns)
{
    struct cache_iter it = {0};
    const struct rec *g;
    const char *found = NULL;

    while ((g = cache_next(c, &kind_group, NULL, &it)) != NULL) {
        bool writes_it = str_eq(group_status_namespace(g), ns);

        if (str_eq(group_namespace_of(g), ns) && (writes_it || found == NULL)) {
            found = rec_name(g);
        }
    }
    return found;
}

bool is_owned(const struct rec *child, const struct rec *owner)
{
    return child != NULL && str_eq(rec_controller_uid(child), rec_uid(owner));
}

static void write_lockdown(struct jsonw *w)
{
    jsonw_obj(w, "securityContext");
    jsonw_bool(w, "allowPrivilegeEscalation", false);
    jsonw_bool(w, "readOnlyRootFilesystem", true);
    jsonw_bool(w, "runAsNonRoot", true);
    jsonw_int(w, "runAsUser", STEP_UID);
    jsonw_int(w, "runAsGroup", STEP_UID);
    jsonw_obj(w, "capabilities");
    jsonw_arr(w, "drop");
    jsonw_str(w, NULL, "ALL");
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
}

static void write_step_resources(struct jsonw *w)
{
    jsonw_obj(w, "resources");
    jsonw_obj(w, "requests");
    jsonw_str(w, "cpu", "20m");
    jsonw_str(w, "memory", "64Mi");
    jsonw_end(w);
    jsonw_obj(w, "limits");
    jsonw_str(w, "memory", "1Gi");
    jsonw_end(w);
    jsonw_end(w);
}

const char *verbatim(struct arena *a, const char *text)
{
    size_t dollars = 0, n = text != NULL ? strlen(text) : 0;
    char *copy, *to;

    for (size_t i = 0; i < n; i++) {
        dollars += text[i] == '$';
    }
    if (dollars == 0) {
        return text;
    }
    copy = to = arena_alloc(a, n + dollars + 1);
    for (size_t i = 0; i < n; i++) {
        *to++ = text[i];
        if (text[i] == '$') {
            *to++ = '$';
        }
    }
    *to = '\0';
    return copy;
}

void step_container_begin(struct jsonw *w, const struct step_conf *conf, const char *name)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", name);
    jsonw_str(w, "image", conf->image);
    jsonw_str(w, "imagePullPolicy", conf->pull_policy);
    write_step_resources(w);
    write_lockdown(w);
}

static void write_mount(struct jsonw *w, const char *name, const char *path, bool read_only)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", name);
    jsonw_str(w, "mountPath", path);
    if (read_only) {
        jsonw_bool(w, "readOnly", true);
    }
    jsonw_end(w);
}

void token_mount(struct jsonw *w)
{
    write_mount(w, "token", TOKEN_DIR, true);
}

void token_volume(struct jsonw *w)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", "token");
    jsonw_obj(w, "projected");
    jsonw_arr(w, "sources");
    jsonw_obj(w, NULL);
    jsonw_obj(w, "serviceAccountToken");
    jsonw_str(w, "audience", "dkube-store");
    jsonw_int(w, "expirationSeconds", 3600);
    jsonw_str(w, "path", "token");
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
}

static void write_env(struct jsonw *w, const char *name, const char *value)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", name);
    jsonw_str(w, "value", value);
    jsonw_end(w);
}

static void write_step(struct jsonw *w, const struct step_pod *sp)
{
    jsonw_arr(w, "containers");
    step_container_begin(w, sp->conf, sp->container);
    jsonw_arr(w, "command");
    jsonw_str(w, NULL, "/usr/bin/step");
    for (size_t i = 0; sp->args[i] != NULL; i++) {
        jsonw_str(w, NULL, sp->args[i]);
    }
    jsonw_end(w);
    jsonw_arr(w, "env");
    write_env(w, "HOME", "/tmp");
    if (sp->config != NULL) {
        write_env(w, "DKUBE_STEP", sp->config);
    }
    jsonw_end(w);
    jsonw_arr(w, "volumeMounts");
    write_mount(w, "tmp", "/tmp", false);
    if (sp->token) {
        token_mount(w);
    }
    if (sp->secret != NULL) {
        write_mount(w, "git", GIT_DIR, true);
    }
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
}

static void write_volumes(struct jsonw *w, const struct step_pod *sp)
{
    jsonw_arr(w, "volumes");
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", "tmp");
    jsonw_obj(w, "emptyDir");
    jsonw_end(w);
    jsonw_end(w);
    if (sp->token) {
        token_volume(w);
    }
    if (sp->secret != NULL) {
        jsonw_obj(w, NULL);
        jsonw_str(w, "name", "git");
        jsonw_obj(w, "secret");
        jsonw_str(w, "secretName", sp->secret);
        jsonw_int(w, "defaultMode", 0440);
        jsonw_end(w);
        jsonw_end(w);
    }
    jsonw_end(w);
}

static void write_pod_security(struct jsonw *w)
{
    jsonw_obj(w, "securityContext");
    jsonw_bool(w, "runAsNonRoot", true);
    jsonw_int(w, "runAsUser", STEP_UID);
    jsonw_int(w, "runAsGroup", STEP_UID);
    jsonw_int(w, "fsGroup", STEP_UID);
    jsonw_obj(w, "seccompProfile");
    jsonw_str(w, "type", "RuntimeDefault");
    jsonw_end(w);
    jsonw_end(w);
}

const char *step_pod_body(struct arena *a, const struct step_pod *sp)
{
    struct jsonw w;

    jsonw_init(&w, a);
    child_begin(&w, &kind_pod, &sp->child);
    jsonw_obj(&w, "spec");
    jsonw_str(&w, "restartPolicy", "Never");
    jsonw_str(&w, "serviceAccountName", RUN_ACCOUNT);
    jsonw_bool(&w, "automountServiceAccountToken", false);
    jsonw_bool(&w, "enableServiceLinks", false);
    jsonw_int(&w, "activeDeadlineSeconds", sp->deadline_s);
    jsonw_int(&w, "terminationGracePeriodSeconds", 5);
    write_pod_security(&w);
    write_step(&w, sp);
    write_volumes(&w, sp);
    jsonw_end(&w);
    jsonw_end(&w);
    return jsonw_text(&w);
}
