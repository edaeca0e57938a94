/* Bench: watch events of pod-like objects, 16 KiB chunks, to the store: the push scanner beside
 * json-c fed the same chunks. Prints and writes build/bench/scan.json. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "api/pod.gen.h"
#include "api/scan.h"
#include "base/buf.h"
#include "json/json.h"
#include "kube/cache.h"
#include "kube/frame.h"

enum { PODS = 2000, CHUNK = 16 << 10, ROUNDS = 5, WANT_BYTES = 10800 };

static const struct row event_row[] = {{"type", REC_STR, NULL}};
static const struct rows event_rows = {"event", event_row, 1};

static void must(int r, const struct err *e)
{
    if (r < 0) {
        fprintf(stderr, "scan: %s: %s\n", e->reason, e->text);
        exit(1);
    }
}

static void add(struct buf *b, const char *fmt, int i)
{
    struct err e = {.reason = "TooLarge", .text = "the bench's input"};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    must(buf_printf(b, fmt, i, i, i, i), &e);
#pragma GCC diagnostic pop
}

/* One event of about 10.8 KB, half of it managedFields, as a kubelet's pods are. */
static void add_event(struct buf *b, int i)
{
    size_t start = b->len;

    add(b,
        "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{"
        "\"name\":\"pod-%06d\",\"namespace\":\"ns\",\"uid\":\"9c2f6a34-0000-4000-8000-"
        "%012d\",\"resourceVersion\":\"1%08d\",\"creationTimestamp\":\"2026-01-02T03:04:05Z\","
        "\"labels\":{\"app\":\"web\",\"pod-template-hash\":\"h%d\",\"tier\":\"front\"},"
        "\"annotations\":{\"note\":\"quotes \\\"inside\\\" and a line\\n\"},",
        i);
    add(b,
        "\"ownerReferences\":[{\"apiVersion\":\"apps/v1\",\"kind\":\"ReplicaSet\",\"name\":"
        "\"web-%d\",\"uid\":\"1c2f6a34-0000-4000-8000-%012d\",\"controller\":true}],"
        "\"managedFields\":[{\"manager\":\"kubelet\",\"operation\":\"Update\",\"apiVersion\":"
        "\"v1\",\"time\":\"2026-01-02T03:04:05Z\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{",
        i);
    for (int k = 0; b->len - start < WANT_BYTES / 2; k++) {
        add(b, "\"f:field%d\":{\".\":{},\"f:a\":{},\"f:b\":{\"k:{\\\"type\\\":\\\"x%d\\\"}\":{}}},",
            k);
    }
    add(b,
        "\"f:z\":{}}}]},\"spec\":{\"nodeName\":\"node-%d\",\"restartPolicy\":\"Always\","
        "\"containers\":[{\"name\":\"main\",\"image\":\"registry.example/web:%d\",\"resources\":"
        "{\"requests\":{\"cpu\":\"500m\",\"memory\":\"1Gi\"}},\"env\":[{\"name\":\"E\","
        "\"value\":\"1\"}",
        i);
    for (int k = 0; b->len - start < WANT_BYTES - 700; k++) {
        add(b, ",{\"name\":\"VARIABLE_%d\",\"value\":\"some value of a usual length %d\"}", k);
    }
    add(b,
        "]}]},\"status\":{\"phase\":\"Running\",\"podIP\":\"10.0.0.%d\",\"startTime\":"
        "\"2026-01-02T03:04:06Z\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\","
        "\"lastTransitionTime\":\"2026-01-02T03:04:07Z\"}],\"containerStatuses\":[{\"name\":"
        "\"main\",\"ready\":true,\"restartCount\":0,\"imageID\":\"sha256:%064d\",\"state\":{"
        "\"running\":{\"startedAt\":\"2026-01-02T03:04:07Z\"}}}]}}}\n",
        i);
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void scan_chunk(struct scan *s, struct caches *c, struct arena *a, struct span chunk)
{
    struct cache_change ch;
    const struct rec *r;
    uint32_t size;
    struct err e;
    int got;

    while ((got = scan_feed(s, &chunk, &e)) > 0) {
        must(scan_rec(s, 1, a, &r, &size, &e), &e);
        must(cache_apply_rec(c, &kind_pod, r, &ch, &e), &e);
        arena_reset(a);
    }
    must(got, &e);
}

static void parse_chunk(struct frame *f, struct caches *c, struct arena *a, struct span chunk)
{
    struct cache_change ch;
    const struct json *j;
    struct span text;
    struct err e;

    while (frame_next(f, &chunk, &text) > 0) {
        must(json_parse(a, text.p, text.n, &j, &e), &e);
        must(cache_apply(c, &kind_pod, json_key(j, "object"), &ch, &e), &e);
        arena_reset(a);
    }
}

/* GB a second of one pass over all events into an empty store. */
static double rate(const struct buf *in, bool scanner)
{
    const struct scan_part parts[] = {{"", &event_rows}, {"object", kind_pod.rows}};
    struct scan *s = scan_new(parts, 2, 4 << 20);
    struct caches *c = caches_new();
    struct arena a = {0};
    struct frame f;
    double began, took;

    frame_init(&f, 4 << 20);
    caches_add_kind(c, &kind_pod);
    began = seconds();
    for (size_t at = 0; at < in->len; at += CHUNK) {
        struct span chunk = {in->data + at, in->len - at < CHUNK ? in->len - at : CHUNK};

        if (scanner) {
            scan_chunk(s, c, &a, chunk);
        } else {
            parse_chunk(&f, c, &a, chunk);
        }
    }
    took = seconds() - began;
    if (cache_count(c, &kind_pod) != PODS) {
        fprintf(stderr, "scan: %zu pods of %d\n", cache_count(c, &kind_pod), PODS);
        exit(1);
    }
    caches_free(c);
    scan_free(s);
    frame_done(&f);
    arena_done(&a);
    return (double)in->len / took / 1e9;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static int report(double ours, double theirs, double each)
{
    FILE *f;

    printf("pods of %.0f bytes; median of %d, one core, 16 KiB chunks, store insert included\n",
           each, ROUNDS);
    printf("scanner %.3f GB/s (target 0.5), json-c %.3f GB/s: %.1f times (target 3)\n", ours,
           theirs, ours / theirs);
    if ((mkdir("build", 0755) < 0 && errno != EEXIST) ||
        (mkdir("build/bench", 0755) < 0 && errno != EEXIST) ||
        (f = fopen("build/bench/scan.json", "w")) == NULL) {
        perror("build/bench/scan.json");
        return 1;
    }
    fprintf(f,
            "[{\"figure\":\"scan rate incl. store insert\",\"unit\":\"GB/s\",\"ours\":%.3f,"
            "\"rivals\":{\"json-c\":%.3f},\"target\":\">= 0.5\",\"met\":%s},\n"
            " {\"figure\":\"scan rate over json-c's\",\"unit\":\"times\",\"ours\":%.2f,"
            "\"rivals\":{\"json-c\":1},\"target\":\">= 3\",\"met\":%s}]\n",
            ours, theirs, ours >= 0.5 ? "true" : "false", ours / theirs,
            ours / theirs >= 3 ? "true" : "false");
    return fclose(f) == 0 ? 0 : 1;
}

int main(void)
{
    double ours[ROUNDS], theirs[ROUNDS];
    struct buf in;
    double each;

    buf_init(&in, (size_t)PODS * WANT_BYTES * 2);
    for (int i = 0; i < PODS; i++) {
        add_event(&in, i);
    }
    each = (double)in.len / PODS;
    for (int i = 0; i < ROUNDS; i++) { /* in turns */
        ours[i] = rate(&in, true);
        theirs[i] = rate(&in, false);
    }
    qsort(ours, ROUNDS, sizeof *ours, by_value);
    qsort(theirs, ROUNDS, sizeof *theirs, by_value);
    buf_done(&in);
    return report(ours[ROUNDS / 2], theirs[ROUNDS / 2], each);
}
