#include "cmd/kubectl-dkube/timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "api/pool.gen.h"
#include "base/span.h"
#include "cmd/kubectl-dkube/place.h"
#include "controllers/common/duration.h"

#define WIDTH_DEFAULT 80
#define WIDTH_LEAST 50
#define WIDTH_MOST 240
#define NAME_MOST 32
#define SPAN_LEAST_MS 600000
#define TICKS 4

struct bar {
    const struct json *run;
    size_t position;        /* 0: it runs */
    int64_t from_ms, to_ms; /* from now; 0: not known */
    bool has_start, has_end;
};
struct chart {
    struct session *s;
    struct bar *bars;
    size_t count, running;
    int64_t span_ms;
    int name_width, area;
    bool fancy; /* the terminal shows UTF-8 */
};

/* --- what is drawn --------------------------------------------------------------------------- */

static bool has_gpus_of(const struct json *run, const char *pool)
{
    const char *phase = json_str(run, "status.phase", "");

    return (str_eq(phase, "Starting") || str_eq(phase, "Running") || str_eq(phase, "Stopping")) &&
           str_eq(json_str(run, "status.admission.pool", ""), pool);
}

static void add_running(struct chart *c, const struct json *run)
{
    int64_t lasts = duration_ms(json_str(run, "spec.maxRuntime", NULL));
    int64_t since = time_at(run, "status.startTime");
    struct bar *b = arena_push(c->s->a, (void **)&c->bars, &c->count, sizeof(*b));

    *b = (struct bar){.run = run, .has_start = true, .has_end = lasts > 0};
    b->to_ms = (since > 0 ? since : c->s->now_ms) + lasts - c->s->now_ms;
    b->to_ms = b->to_ms > 0 ? b->to_ms : 0;
    c->running++;
}

static void add_waiting(struct chart *c, const struct json *run, size_t position)
{
    int64_t lasts = duration_ms(json_str(run, "spec.maxRuntime", NULL));
    int64_t start = time_at(run, "status.queue.estimatedStart");
    struct bar *b = arena_push(c->s->a, (void **)&c->bars, &c->count, sizeof(*b));

    *b = (struct bar){.run = run,
                      .position = position,
                      .has_start = start > 0,
                      .has_end = start > 0 && lasts > 0};
    b->from_ms = start > c->s->now_ms ? start - c->s->now_ms : 0;
    b->to_ms = b->from_ms + lasts;
}

static void add_all(struct chart *c, const struct json *runs, const char *pool)
{
    size_t n = 0;
    const struct json **line = queue_of(c->s->a, runs, &n);

    for (size_t i = 0; i < json_len(runs); i++) {
        if (has_gpus_of(json_at(runs, i), pool)) {
            add_running(c, json_at(runs, i));
        }
    }
    for (size_t i = 0; i < n; i++) {
        add_waiting(c, line[i], i + 1);
    }
}

/* --- how wide -------------------------------------------------------------------------------- */

static int terminal_width(void)
{
    const char *set = getenv("COLUMNS");
    struct winsize w = {0};
    int width = set != NULL ? (int)strtol(set, NULL, 10) : 0;

    if (width <= 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0) {
        width = w.ws_col;
    }
    width = width > 0 ? width : WIDTH_DEFAULT;
    return width < WIDTH_LEAST ? WIDTH_LEAST : width > WIDTH_MOST ? WIDTH_MOST : width;
}

static bool shows_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *v = getenv(names[i]);

        if (!str_empty(v)) {
            return strcasestr(v, "utf-8") != NULL || strcasestr(v, "utf8") != NULL;
        }
    }
    return false;
}

static void measure(struct chart *c)
{
    c->span_ms = SPAN_LEAST_MS;
    c->name_width = 4;
    for (size_t i = 0; i < c->count; i++) {
        const struct bar *b = &c->bars[i];
        int64_t end = b->to_ms > b->from_ms ? b->to_ms : b->from_ms;
        int n = (int)strlen(json_str(b->run, "metadata.name", ""));

        c->span_ms = end > c->span_ms ? end : c->span_ms;
        c->name_width = n > c->name_width ? n : c->name_width;
    }
    c->name_width = c->name_width > NAME_MOST ? NAME_MOST : c->name_width;
    if (c->name_width > terminal_width() / 3) {
        c->name_width = terminal_width() / 3;
    }
    c->area = terminal_width() - c->name_width - 13; /* "   1 NAME  GPUS  " */
    c->fancy = shows_utf8();
}

/* --- drawing --------------------------------------------------------------------------------- */

static int column_of(const struct chart *c, int64_t ms)
{
    int at = (int)(ms * (c->area - 1) / c->span_ms);

    return at < c->area - 1 ? at : c->area - 1;
}

static void repeat(const char *what, int n)
{
    for (; n > 0; n--) {
        fputs(what, stdout);
    }
}

static void draw_bar(const struct chart *c, const struct bar *b)
{
    int from = column_of(c, b->from_ms), to = b->has_end ? column_of(c, b->to_ms) : c->area - 1;
    const char *full = c->fancy ? (b->position == 0 ? "█" : "░") : (b->position == 0 ? "#" : "=");

    if (!b->has_start) {
        fputs(c->fancy ? "… nobody knows when" : "... nobody knows when", stdout);
        return;
    }
    repeat(" ", from);
    repeat(full, to > from ? to - from : 1);
    if (!b->has_end) {
        fputs(c->fancy ? "▶" : ">", stdout);
    }
}

static void draw_axis(const struct chart *c)
{
    int at = 0;

    printf("%4s %-*s %4s  ", "", c->name_width, "RUN", "GPUS");
    for (int i = 0; i < TICKS; i++) {
        int64_t ms = c->span_ms * i / TICKS;
        const char *text = i == 0 ? "now" : arena_printf(c->s->a, "+%s", length_text(c->s->a, ms));
        int want = column_of(c, ms);

        repeat(" ", want - at);
        fputs(text, stdout);
        at = (want > at ? want : at) + (int)strlen(text);
    }
    putchar('\n');
}

static void draw(const struct chart *c)
{
    draw_axis(c);
    for (size_t i = 0; i < c->count; i++) {
        const struct bar *b = &c->bars[i];

        printf("%4s %-*.*s %4lld  ",
               b->position > 0 ? arena_printf(c->s->a, "%zu", b->position)
               : c->fancy      ? "●"
                               : "*",
               c->name_width, c->name_width, json_str(b->run, "metadata.name", ""),
               (long long)place_gpus(b->run));
        draw_bar(c, b);
        putchar('\n');
    }
}

static const char *namespace_of(struct session *s, const struct json *pool, struct err *e)
{
    const char *group = json_str(pool, "status.group", NULL);
    const struct json *g;

    if (group == NULL) {
        err_set(e, ERR_INVALID, "NoGroup", "pool '%s' belongs to no group, so it has no queue",
                json_str(pool, "metadata.name", ""));
        return NULL;
    }
    g = session_get(s, &kind_group, NULL, group, e);
    return g == NULL ? NULL : json_str(g, "status.namespace", json_str(g, "spec.namespace", group));
}

int timeline(struct session *s, const char *what, struct err *e)
{
    const struct json *pool, *runs;
    struct chart c = {.s = s};
    const char *ns;

    if (s->as_json) {
        return err_set(e, ERR_INVALID, "BadArgument",
                       "queue draws; for -o json use kubectl dkube why or top");
    }
    pool = session_get(s, &kind_pool, NULL, what, e);
    if (pool == NULL && e->kind == ERR_NOT_FOUND) {
        return err_set(e, ERR_NOT_FOUND, "UnknownPool", "there is no pool '%s'", what);
    }
    ns = pool != NULL ? namespace_of(s, pool, e) : NULL;
    runs = ns != NULL ? session_list(s, &kind_dkuberun, ns, e) : NULL;
    if (runs == NULL) {
        return -1;
    }
    add_all(&c, runs, what);
    printf("pool %s: %lld GPUs, %lld free; %zu run%s, %zu wait%s; policy %s\n", what,
           (long long)json_int(pool, "status.capacity", 0),
           (long long)json_int(pool, "status.free", 0), c.running, c.running == 1 ? "s" : "",
           c.count - c.running, c.count - c.running == 1 ? "s" : "",
           json_str(pool, "spec.policy", "backfill"));
    if (c.count > 0) {
        measure(&c);
        draw(&c);
    }
    return 0;
}
