/* Recording a program's plans and making them again from the file. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/secret.gen.h"
#include "base/span.h"
#include "kube/journal.h"
#include "kube/replay.h"
#include "support/desk.h"
#include "support/spec.h"

static char path[64], old_path[80];

static void given_a_recording(const struct controller *c, int64_t bytes)
{
    snprintf(path, sizeof(path), "/tmp/dkube-journal-test-%d", (int)getpid());
    snprintf(old_path, sizeof(old_path), "%s.old", path);
    unlink(path);
    unlink(old_path);
    d.record = path;
    d.record_bytes = bytes;
    given_a_root(c);
}

static void recording_ends(void)
{
    desk_clear();
}

static void files_go(void)
{
    unlink(path);
    unlink(old_path);
    arena_reset(&d.a);
}

static const char *file(const char *name)
{
    static char text[1 << 20];
    FILE *f = fopen(name, "re");
    size_t n = f != NULL ? fread(text, 1, sizeof(text) - 1, f) : 0;
    text[n] = '\0';
    if (f != NULL) {
        fclose(f);
    }
    return text;
}

static char shown[1 << 16]; /* what the last replay printed */

static struct replay replayed(const char *name)
{
    struct replay r;
    struct err e = {0};
    FILE *out = fmemopen(shown, sizeof(shown), "w");
    int result = replay_run(d.program, name, out, &r, &e);
    fclose(out);
    assert_ok(result, &e);
    return r;
}

static void applies_the_child(const struct desk_view *v, struct plan *p)
{
    if (v->child == NULL) {
        plan_event(p, &kind_configmap, v->root, EVENT_NORMAL, "Made", "made a child");
        creates_a_child(v, p);
    } else {
        plan_wake_at(p, v->now_ms + 60000);
    }
}

static void applies_another_child(const struct desk_view *v, struct plan *p)
{
    if (v->child == NULL) {
        plan_create(p, &kind_pod, "ns", "r1", rec_uid(v->root),
                    "{\"metadata\":{\"name\":\"r1\",\"labels\":{\"app\":\"y\"}},\"spec\":{}}");
    }
}

static void passes_happen(void)
{
    step();
    wire_answer(&d.w, 201, child("12"));
    seen(&kind_pod, child("12"));
    step();
}

TEST(recorded_plans_replay_clean)
{
    given_a_recording(&root_controller, 1 << 20);
    d.planner = applies_the_child;
    passes_happen();
    int plans = d.plans;
    recording_ends();
    d.planner = applies_the_child;
    struct replay r = replayed(path);
    assert_true(plans >= 2);
    assert_int_equal(r.plans, plans);
    assert_int_equal(r.changed, 0);
    assert_false(r.unfinished);
    files_go();
}

TEST(a_decision_that_has_changed_is_shown_with_its_operation)
{
    given_a_recording(&root_controller, 1 << 20);
    d.planner = applies_the_child;
    passes_happen();
    recording_ends();
    d.planner = applies_another_child;
    struct replay r = replayed(path);
    assert_true(r.changed >= 1);
    assert_non_null(strstr(shown, "root ns/r1 at "));
    assert_non_null(strstr(shown, "    create Pod ns/r1"));
    assert_non_null(strstr(shown, "  -   metadata.labels.app = \"x\"\n"));
    assert_non_null(strstr(shown, "  +   metadata.labels.app = \"y\"\n"));
    assert_non_null(strstr(shown, "  - event Normal Made "));
    files_go();
}

static void copies_a_secret(const struct desk_view *v, struct plan *p)
{
    const struct answer *a = answer_get(&v->answers, &kind_secret, "ns", "s");
    const struct json *j;
    struct jsonw w;
    struct err e;
    if (a == NULL) {
        plan_need_get(p, &kind_secret, "ns", "s");
        return;
    }
    assert_ok(json_parse(p->a, a->body, strlen(a->body), &j, &e), &e);
    jsonw_init(&w, p->a);
    jsonw_obj(&w, NULL);
    jsonw_obj(&w, "metadata");
    jsonw_str(&w, "name", "copy");
    jsonw_end(&w);
    jsonw_json(&w, "data", json_get(j, "data"));
    jsonw_end(&w);
    plan_create(p, &kind_secret, "ns", "copy", rec_uid(v->root), jsonw_text(&w));
}

#define SECRET                                                                            \
    "{\"kind\":\"Secret\",\"metadata\":{\"name\":\"s\",\"uid\":\"u\",\"annotations\":"    \
    "{\"kubectl.kubernetes.io/last-applied-configuration\":\"aHVudGVyMg==\"}},\"data\":{" \
    "\"password\":\"aHVudGVyMg==\"}}"

TEST(a_secrets_values_are_not_in_the_journal_and_a_plan_that_copies_them_replays)
{
    given_a_recording(&root_controller, 1 << 20);
    d.planner = copies_a_secret;
    step();
    wire_answer(&d.w, 200, SECRET);
    recording_ends();
    assert_non_null(strstr(file(path), "\"get\":\"Secret\""));
    assert_null(strstr(file(path), "aHVudGVyMg"));
    d.planner = copies_a_secret;
    struct replay r = replayed(path);
    assert_int_equal(r.plans, 2);
    assert_int_equal(r.changed, 0);
    files_go();
}

static void reads_a_log(const struct desk_view *v, struct plan *p)
{
    if (answer_log(&v->answers, "ns", "r1", "main") == NULL) {
        plan_need_log(p, "ns", "r1", "main", 10);
    }
}

TEST(a_log_is_kept_without_passwords_and_tokens)
{
    given_a_recording(&root_controller, 1 << 20);
    d.planner = reads_a_log;
    step();
    wire_answer(&d.w, 200,
                "loss=0.25\ncloning https://ann:hunter2@git.example.com/x\nAPI_TOKEN=hunter3\n"
                "Authorization: Bearer hunter4\n{\"password\": \"hunter5\"} no token here\n");
    recording_ends();
    assert_null(strstr(file(path), "hunter"));
    assert_non_null(strstr(file(path), "loss=0.25"));
    assert_non_null(strstr(file(path), "no token here"));
    assert_non_null(strstr(file(path), "@git.example.com/x"));
    files_go();
}

TEST(nobody_else_may_read_the_journal)
{
    struct stat st;
    given_a_recording(&root_controller, 1 << 20);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    recording_ends();
    files_go();
}

TEST(the_journal_is_bounded_and_each_part_replays_by_itself)
{
    struct stat st, old;
    given_a_recording(&root_controller, 16 << 10);
    d.planner = applies_the_child;
    for (int i = 0; i < 300; i++) {
        const char *rv = arena_printf(&d.a, "%d", 20 + i);
        seen(&kind_configmap, object("r1", "root-uid", rv, ""));
        step();
        if (wire_open(&d.w) > 0) {
            wire_answer(&d.w, 201, child("13"));
            seen(&kind_pod, child("13"));
        }
    }
    struct journal_stats s;
    journal_stats(d.journal, &s);
    assert_null(s.trouble);
    assert_true(s.parts > 2);
    recording_ends();
    assert_int_equal(stat(path, &st) | stat(old_path, &old), 0);
    assert_in_range(st.st_size + old.st_size, 1, (16 << 10) + 2048);
    d.planner = applies_the_child;
    struct replay r = replayed(path), o = replayed(old_path);
    assert_true(r.plans > 0 && o.plans > 0);
    assert_int_equal(r.changed + o.changed, 0);
    files_go();
}

TEST(objects_that_exceed_the_bound_end_the_recording_and_not_the_program)
{
    struct journal_stats s;
    given_a_recording(&root_controller, 2000);
    d.planner = applies_the_child;
    for (int i = 0; i < 40; i++) {
        seen(&kind_configmap,
             object(arena_printf(&d.a, "r%d", i), arena_printf(&d.a, "u%d", i), "20", ""));
    }
    step();
    journal_stats(d.journal, &s);
    assert_non_null(s.trouble);
    assert_true(d.plans > 0);
    recording_ends();
    files_go();
}

TEST(a_plan_that_ended_the_program_is_the_last_one_of_the_file)
{
    given_a_recording(&root_controller, 1 << 20);
    d.planner = applies_the_child;
    passes_happen();
    recording_ends();
    char *text = (char *)(uintptr_t)file(path), *last = NULL;
    for (char *p = text; (p = strstr(p, "{\"out\"")) != NULL; p++) {
        last = p;
    }
    assert_non_null(last);
    assert_int_equal(truncate(path, last - text), 0);
    d.planner = applies_the_child;
    struct replay r = replayed(path);
    assert_true(r.unfinished);
    assert_int_equal(r.changed, 0);
    files_go();
}

TEST(a_file_of_another_program_or_of_none_is_refused)
{
    struct program other = {.name = "other"};
    struct replay r;
    struct err e = {0};
    given_a_recording(&root_controller, 1 << 20);
    recording_ends();
    assert_int_equal(replay_run(&other, path, stdout, &r, &e), -1);
    assert_non_null(strstr(e.text, "recorded by prog"));
    assert_int_equal(replay_run(d.program, "/dev/null", stdout, &r, &e), -1);
    assert_non_null(strstr(e.text, "is no journal"));
    files_go();
}

TEST(a_dump_holds_every_cached_object_and_nothing_is_recorded)
{
    given_a_recording(&root_controller, 1 << 20);
    d.planner = applies_the_child;
    passes_happen();
    char dump[96];
    snprintf(dump, sizeof(dump), "%s.dump", path);
    assert_int_equal(journal_dump(dump, d.program, d.caches), 0);
    const char *text = file(dump);
    assert_non_null(strstr(text, "\"metadata.name\":\"r1\""));
    assert_non_null(strstr(text, "{\"put\":\"Pod\""));
    assert_null(strstr(text, "\"plan\""));
    assert_int_equal(journal_dump("/nonexistent/x", d.program, d.caches), -1);
    unlink(dump);
    recording_ends();
    files_go();
}

SPEC_MAIN()
