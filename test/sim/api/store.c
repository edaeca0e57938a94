#include "sim/api/inside.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/span.h"
#include "yaml/yaml.h"

#define FIRST_VERSION 1000

/* --- kinds ----------------------------------------------------------------------------------- */

static struct api_type *type_add(struct api_types *ts)
{
    struct api_type *t = arena_push(&ts->a, (void **)&ts->list, &ts->count, sizeof(*ts->list));

    t->index = ts->count - 1;
    return t;
}

static const struct tree *parse(struct arena *a, const char *text)
{
    return jt_parse(a, text, strlen(text));
}

static void add_native(struct api_types *ts, const struct api_native *n)
{
    struct api_type *t = type_add(ts);
    const char *openapi = arena_printf(
        &ts->a, "{\"type\":\"object\",\"x-loose\":true,\"properties\":{\"metadata\":%s,%s}}",
        api_metadata_schema, n->fields);

    t->group = n->group;
    t->version = n->version;
    t->kind = n->kind;
    t->plural = n->plural;
    t->namespaced = n->namespaced;
    t->status = n->status;
    t->graceful = str_eq(n->kind, "Pod");
    t->generation = t->graceful || str_eq(n->kind, "NetworkPolicy") ||
                    str_eq(n->kind, "PodDisruptionBudget") || str_eq(n->kind, "Job");
    t->blank = parse(&ts->a, n->blank);
    t->schema = schema_load(&ts->a, parse(&ts->a, openapi));
    t->list_kind = arena_printf(&ts->a, "%sList", n->kind);
    t->api_version =
        *n->group == '\0' ? n->version : arena_printf(&ts->a, "%s/%s", n->group, n->version);
}

struct api_types *api_types_new(void)
{
    static const char *const strip[] = {"f:apiVersion",
                                        "f:kind",
                                        "f:metadata",
                                        "f:metadata/f:name",
                                        "f:metadata/f:namespace",
                                        "f:metadata/f:creationTimestamp",
                                        "f:metadata/f:uid",
                                        "f:metadata/f:generation",
                                        "f:metadata/f:resourceVersion",
                                        "f:metadata/f:managedFields",
                                        "f:metadata/f:selfLink"};
    struct api_types *ts = mem_alloc(sizeof(*ts));

    ts->strip = fset_of(&ts->a, strip, ARRAY_LEN(strip));
    for (size_t i = 0; i < api_native_count; i++) {
        add_native(ts, &api_natives[i]);
    }
    return ts;
}

void api_types_free(struct api_types *ts)
{
    arena_done(&ts->a);
    mem_free(ts);
}

static const struct tree *crd_schema(struct arena *a, const struct tree *version)
{
    const struct tree *meta = parse(a, api_metadata_schema);
    const struct tree *openapi = jt_get(version, "schema.openAPIV3Schema");
    const struct tree *text = parse(a, "{\"type\":\"string\"}");

    openapi = jt_with(a, openapi, "properties.metadata", meta);
    openapi = jt_with(a, openapi, "properties.apiVersion", text);
    return jt_with(a, openapi, "properties.kind", text);
}

int api_types_add(struct api_types *ts, const char *yaml, size_t n, const char **why)
{
    CLEANUP(arena_done) struct arena tmp = {0};
    const struct json *j;
    const struct tree *crd, *version;
    struct api_type *t;
    struct err e;

    if (yaml_parse(&tmp, yaml, n, &j, &e) < 0) {
        *why = "it is no YAML";
        return -1;
    }
    crd = parse(&ts->a, json_text(&tmp, j));
    version = jt_len(jt_get(crd, "spec.versions")) > 0 ? jt_get(crd, "spec.versions")->u.at[0].value
                                                       : NULL;
    if (version == NULL || jt_get(version, "schema.openAPIV3Schema") == NULL) {
        *why = "it is no CustomResourceDefinition";
        return -1;
    }
    t = type_add(ts);
    t->group = jt_get_str(crd, "spec.group", "");
    t->version = jt_get_str(version, "name", "");
    t->kind = jt_get_str(crd, "spec.names.kind", "");
    t->plural = jt_get_str(crd, "spec.names.plural", "");
    t->namespaced = str_eq(jt_get_str(crd, "spec.scope", ""), "Namespaced");
    t->status = jt_get(version, "subresources.status") != NULL;
    t->custom = t->generation = true;
    t->blank = jt_map(&ts->a);
    t->schema = schema_load(&ts->a, crd_schema(&ts->a, version));
    t->list_kind = arena_printf(&ts->a, "%sList", t->kind);
    t->api_version = arena_printf(&ts->a, "%s/%s", t->group, t->version);
    return 0;
}

static char *read_file(struct arena *a, const char *path, size_t *ret_len)
{
    FILE *f = fopen(path, "re");
    char *text = arena_alloc(a, 1 << 20);

    if (f == NULL) {
        return NULL;
    }
    *ret_len = fread(text, 1, (1 << 20) - 1, f);
    fclose(f);
    return text;
}

static int is_yaml(const struct dirent *d)
{
    size_t n = strlen(d->d_name);

    return n > 5 && str_eq(d->d_name + n - 5, ".yaml");
}

int api_types_add_file(struct api_types *ts, const char *path)
{
    CLEANUP(arena_done) struct arena a = {0};
    size_t len = 0;
    const char *why = "it cannot be read";
    char *text = read_file(&a, path, &len);

    if (text == NULL || api_types_add(ts, text, len, &why) < 0) {
        fprintf(stderr, "%s: %s\n", path, why);
        return -1;
    }
    return 0;
}

int api_types_add_folder(struct api_types *ts, const char *folder)
{
    CLEANUP(arena_done) struct arena a = {0};
    struct dirent **names = NULL;
    int n = scandir(folder, &names, is_yaml, alphasort), bad = n > 0 ? 0 : -1;

    for (int i = 0; i < n; i++) {
        if (api_types_add_file(ts, arena_printf(&a, "%s/%s", folder, names[i]->d_name)) < 0) {
            bad = -1;
        }
        free(names[i]);
    }
    free(names);
    return bad;
}

const struct api_type *api_type_of(const struct apisim *s, const char *group, const char *version,
                                   const char *plural)
{
    for (size_t i = 0; i < s->types->count; i++) {
        const struct api_type *t = &s->types->list[i];

        if (str_eq(t->plural, plural) && str_eq(t->group, group) && str_eq(t->version, version)) {
            return t;
        }
    }
    return NULL;
}

/* --- life ------------------------------------------------------------------------------------ */

struct apisim *apisim_new(const struct api_types *types)
{
    struct apisim *s = mem_alloc(sizeof(*s));

    s->types = types;
    s->version = FIRST_VERSION;
    return s;
}

void apisim_reset(struct apisim *s)
{
    arena_reset(&s->a);
    s->count = s->event_count = 0;
    s->version = FIRST_VERSION;
    s->compacted = s->uids = 0;
    s->epoch++;
}

void apisim_free(struct apisim *s)
{
    if (s == NULL) {
        return;
    }
    arena_done(&s->a);
    mem_free(s->objects);
    mem_free(s->events);
    mem_free(s);
}

void apisim_set_time(struct apisim *s, int64_t wall_ms)
{
    s->now_ms = wall_ms;
}

struct arena *apisim_arena(struct apisim *s)
{
    return &s->a;
}

uint64_t apisim_version(const struct apisim *s)
{
    return s->version;
}

void apisim_compact(struct apisim *s)
{
    s->compacted = s->version;
}

/* --- objects --------------------------------------------------------------------------------- */

static bool is_at(const struct api_state *st, const struct api_type *type, const char *ns,
                  const char *name)
{
    return st->type == type && strcmp(st->name, name) == 0 && strcmp(st->ns, ns) == 0;
}

struct api_state *api_find(const struct apisim *s, const struct api_type *type, const char *ns,
                           const char *name)
{
    for (size_t i = 0; i < s->count; i++) {
        if (is_at(s->objects[i], type, ns, name)) {
            return s->objects[i];
        }
    }
    return NULL;
}

static void log_event(struct apisim *s, enum api_change change, const struct api_state *now,
                      const struct api_state *was)
{
    if (s->event_count == s->event_cap) {
        s->event_cap = s->event_cap > 0 ? s->event_cap * 2 : 64;
        s->events = mem_resize(s->events, s->event_cap * sizeof(*s->events));
    }
    s->events[s->event_count++] = (struct api_event){s->version, change, now, was};
}

static size_t index_of(const struct apisim *s, const struct api_state *st)
{
    for (size_t i = 0; st != NULL && i < s->count; i++) {
        if (is_at(s->objects[i], st->type, st->ns, st->name)) {
            return i;
        }
    }
    return SIZE_MAX;
}

const struct api_state *api_store(struct apisim *s, const struct api_state *was,
                                  const struct api_state *now)
{
    struct api_state *st = arena_memdup(&s->a, now, sizeof(*now));
    size_t i = index_of(s, was);

    st->version = ++s->version;
    api_forget_texts(st);
    if (i != SIZE_MAX) {
        log_event(s, API_MODIFIED, st, s->objects[i]);
        s->objects[i] = st;
        return st;
    }
    log_event(s, API_ADDED, st, NULL);
    if (s->count == s->cap) {
        s->cap = s->cap > 0 ? s->cap * 2 : 64;
        s->objects = mem_resize(s->objects, s->cap * sizeof(struct api_state *));
    }
    s->objects[s->count++] = st;
    return st;
}

const struct api_state *api_drop(struct apisim *s, const struct api_state *was,
                                 const struct api_state *last)
{
    struct api_state *st = arena_memdup(&s->a, last, sizeof(*last));
    size_t i = index_of(s, was);

    st->version = ++s->version;
    api_forget_texts(st);
    if (i != SIZE_MAX) {
        log_event(s, API_DELETED, st, s->objects[i]);
        s->count--;
        memmove(&s->objects[i], &s->objects[i + 1], (s->count - i) * sizeof(struct api_state *));
    }
    return st;
}

const char *api_time(struct apisim *s, int64_t wall_ms)
{
    return clock_rfc3339(&s->a, wall_ms);
}

static const char *text_of(struct apisim *s, const struct api_state *st, bool bare)
{
    struct tree *body, *meta, *managed;

    body = jt_dup(&s->a, st->body);
    meta = jt_dup(&s->a, jt_key(st->body, "metadata"));
    jt_set(&s->a, meta, "resourceVersion", jt_fmt(&s->a, "%" PRIu64, st->version));
    if (st->manager_count > 0 && !bare) {
        managed = jt_list(&s->a);
        for (size_t i = 0; i < st->manager_count; i++) {
            jt_add(&s->a, managed, st->managers[i].entry);
        }
        jt_set(&s->a, meta, "managedFields", managed);
    }
    jt_set(&s->a, body, "metadata", meta);
    return jt_text(&s->a, body);
}

static const char *kept_text(struct apisim *s, const struct api_state *st, bool bare)
{
    struct api_state *kept = (struct api_state *)st;
    const char **at = bare ? &kept->bare : &kept->text;

    if (*at == NULL) {
        *at = text_of(s, st, bare);
    }
    return *at;
}

const char *api_text(struct apisim *s, const struct api_state *st)
{
    return kept_text(s, st, false);
}

const char *api_line(struct apisim *s, const struct api_state *st, enum api_change change,
                     bool bare)
{
    static const char *const begins[] = {[API_ADDED] = "{\"type\":\"ADDED\",\"object\":",
                                         [API_MODIFIED] = "{\"type\":\"MODIFIED\",\"object\":",
                                         [API_DELETED] = "{\"type\":\"DELETED\",\"object\":"};
    const char **kept = &((struct api_state *)st)->line[change][bare];

    if (*kept == NULL) {
        const char *object = kept_text(s, st, bare), *begin = begins[change];
        size_t n = strlen(begin), m = strlen(object);
        char *text = arena_alloc(&s->a, n + m + 3);

        memcpy(text, begin, n);
        memcpy(text + n, object, m);
        memcpy(text + n + m, "}\n", 2);
        *kept = text;
    }
    return *kept;
}

void api_forget_texts(struct api_state *st)
{
    st->text = st->bare = NULL;
    st->hash = 0;
    memset(st->line, 0, sizeof(st->line));
}

/* --- from outside ---------------------------------------------------------------------------- */

static void show(const struct apisim *s, const struct api_state *st, struct apisim_object *ret)
{
    *ret = (struct apisim_object){.of = (struct apisim *)s,
                                  .state = st,
                                  .kind = st->type->kind,
                                  .ns = st->ns,
                                  .name = st->name,
                                  .uid = st->uid,
                                  .body = st->body,
                                  .version = st->version};
}

bool apisim_each(const struct apisim *s, const char *plural, size_t *at, struct apisim_object *ret)
{
    while (*at < s->count) {
        const struct api_state *st = s->objects[(*at)++];

        if (st->type->plural[0] == plural[0] && strcmp(st->type->plural, plural) == 0) {
            show(s, st, ret);
            return true;
        }
    }
    return false;
}

static const struct api_state *find_plural(const struct apisim *s, const char *plural,
                                           const char *ns, const char *name)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct api_state *st = s->objects[i];

        if (strcmp(st->name, name) == 0 && strcmp(st->type->plural, plural) == 0 &&
            strcmp(st->ns, ns) == 0) {
            return st;
        }
    }
    return NULL;
}

bool apisim_find(const struct apisim *s, const char *plural, const char *ns, const char *name,
                 struct apisim_object *ret)
{
    const struct api_state *st = find_plural(s, plural, ns, name);

    if (st != NULL) {
        show(s, st, ret);
    }
    return st != NULL;
}

const char *apisim_text(struct apisim *s, const struct apisim_object *o)
{
    return api_text(s, o->state);
}

bool apisim_has_uid(const struct apisim *s, const char *uid)
{
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->objects[i]->uid, uid) == 0) {
            return true;
        }
    }
    return false;
}

void apisim_put(struct apisim *s, const char *plural, const char *ns, const char *name,
                const struct tree *body)
{
    const struct api_state *was = find_plural(s, plural, ns, name);
    struct api_state now;

    if (was != NULL && !jt_equal(was->body, body)) {
        now = *was;
        now.body = body;
        api_store(s, was, &now);
    }
}

void apisim_remove(struct apisim *s, const char *plural, const char *ns, const char *name)
{
    const struct api_state *was = find_plural(s, plural, ns, name);

    if (was != NULL) {
        api_drop(s, was, was);
    }
}
