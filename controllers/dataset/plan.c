#include "api/artifactversion.gen.h"
#include "api/dataset.gen.h"
#include "base/span.h"
#include "controllers/dataset/dataset.h"

static void start(const struct dataset_view *v, struct plan *p, const struct standing *st)
{
    const struct rec *live = v->subject.live;
    struct standing held;

    if (!dataset_may_import(v, p->a, &held)) {
        (void)dataset_say(v, p, &held);
        return;
    }
    plan_create(p, &kind_pod, rec_namespace(live), v->pod_name, rec_uid(live),
                dataset_pod(v, p->a));
    (void)dataset_say(v, p, st);
}

/* The newest version, if it is this very content from this very place. */
static const struct rec *same_as_newest(const struct dataset_view *v, const char *digest,
                                        const char *source)
{
    for (size_t i = v->versions.count; i > 0; i--) {
        const struct rec *r = v->versions.list[i - 1];

        if (rec_is_deleted(r)) {
            continue;
        }
        return str_eq(artifactversion_spec_digest(r), digest) &&
                       str_eq(artifactversion_spec_source(r), source)
                   ? r
                   : NULL;
    }
    return NULL;
}

static void say_and_drop(const struct dataset_view *v, struct plan *p, const struct attempt *at,
                         const struct standing *st)
{
    if (dataset_say(v, p, st) && !rec_is_deleted(at->pod)) {
        plan_delete(p, &kind_pod, at->pod, -1);
    }
}

static void take(const struct dataset_view *v, struct plan *p, const struct attempt *at)
{
    const char *digest = json_str(at->result, "digest", "");
    const char *source = dataset_source(v, p->a, json_str(at->result, "commit", ""));
    const struct rec *same = same_as_newest(v, digest, source);
    struct standing st;

    if (str_empty(digest) || str_empty(json_str(at->result, "commit", ""))) {
        st = standing_of(p->a, STANDING_STALLED, "NoContent",
                         "the pod '%s' reported no content; this is a fault of the program step",
                         v->pod_name);
        say_and_drop(v, p, at, &st);
        return;
    }
    if (same == NULL && versions_highest(&v->versions) < VERSION_NUMBER_MAX) {
        version_create(p, &v->versions,
                       &(struct new_version){.number = versions_highest(&v->versions) + 1,
                                             .digest = digest,
                                             .source = source,
                                             .size = json_int(at->result, "size", 0),
                                             .files = json_int(at->result, "files", 0)});
        return;
    }
    if (same != NULL && !artifactversion_status_ready(same)) {
        return; /* Ready promises a version that can be used */
    }
    if (same == NULL) {
        st = standing_of(p->a, STANDING_STALLED, "TooManyVersions",
                         "the numbers up to %d are used up; make another Dataset",
                         VERSION_NUMBER_MAX);
    } else {
        st = standing_of(p->a, STANDING_READY, "Imported", "'%s' is %s", rec_name(same), source);
    }
    say_and_drop(v, p, at, &st);
}

static void import(const struct dataset_view *v, struct plan *p)
{
    struct seen ready = condition_seen(p->a, &v->subject, "Ready");
    struct standing was = standing_of(p->a, STANDING_READY, ready.reason, "%s",
                                      ready.message != NULL ? ready.message : "");
    struct attempt at = attempt_look(
        p->a, &v->subject,
        &(struct attempt_of){.name = v->pod_name,
                             .container = DATASET_CONTAINER,
                             .doing = "the import of spec.source.git",
                             .reason = "Importing",
                             .secret = dataset_spec_source_git_secret_ref_name(v->subject.live),
                             .held = "UnknownDataStore",
                             .named = v->named,
                             .refused = v->refused});

    attempt_sweep(p, v->pods, v->pod_count, at.pod);
    plan_wake_at(p, at.wake_at_ms);
    switch (at.state) {
    case ATTEMPT_START:
        start(v, p, &at.standing);
        break;
    case ATTEMPT_DONE:
        take(v, p, &at);
        break;
    case ATTEMPT_FAILED:
        say_and_drop(v, p, &at, &at.standing);
        break;
    case ATTEMPT_SETTLED:
        (void)dataset_say(v, p, &was);
        break;
    case ATTEMPT_RUNNING:
    case ATTEMPT_RESTING:
    case ATTEMPT_TAKEN:
        (void)dataset_say(v, p, &at.standing);
        break;
    }
}

static void placeholder(const struct dataset_view *v, struct plan *p)
{
    const struct rec *newest = versions_newest(&v->versions, NULL);
    struct standing st =
        newest == NULL ? standing_of(p->a, STANDING_READY, "NoVersions",
                                     "there is no version yet; a run that names this Dataset in "
                                     "spec.outputs makes one")
                       : standing_of(p->a, STANDING_READY, "Available",
                                     "the newest version is '%s'", rec_name(newest));

    attempt_sweep(p, v->pods, v->pod_count, NULL);
    versions_make_owed(p, &v->versions);
    (void)dataset_say(v, p, &st);
}

void dataset_plan(const void *view, struct plan *p)
{
    const struct dataset_view *v = view;

    if (rec_is_deleted(v->subject.live)) {
        return;
    }
    if (dataset_spec_source_git_set(v->subject.live)) {
        if (v->versions.owed_count > 0 && versions_highest(&v->versions) < VERSION_NUMBER_MAX) {
            versions_make_owed(p, &v->versions); /* their coming leads here again */
            return;
        }
        import(v, p);
    } else {
        placeholder(v, p);
    }
}
