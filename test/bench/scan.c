/* Bench: watch events of pod-like objects, 16 KiB chunks: the push scanner into the store, beside
 * bare json-c fed the same chunks (a tokener, an object an event, the declared fields looked up and
 * kept nowhere) and, for the record, json-c with all that the store needs. Prints and writes
 * build/bench/scan.json. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <json-c/json.h>

#include "api/pod.gen.h"
#include "api/scan.h"
#include "base/buf.h"
#include "json/json.h"
#include "kube/cache.h"

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

/* --- bare json-c: the rival ----------------------------------------------------------------------
 */

/* The value at a dotted path; NULL when it is not there. */
static struct json_object *at_path(struct json_object *o, const char *path)
{
    char key[64];
    size_t n;

    for (; o != NULL && *path != '\0'; path += n + (path[n] == '.')) {
        n = strcspn(path, ".");
        snprintf(key, sizeof key, "%.*s", (int)n, path);
        if (!json_object_object_get_ex(o, key, &o)) {
            return NULL;
        }
    }
    return o;
}

/* How many of the declared fields are there. */
static size_t look_up(struct json_object *o, const struct rows *rows)
{
    size_t found = 0;

    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->row[i];
        struct json_object *v = at_path(o, row->path);

        found += v != NULL;
        if (row->type == REC_LIST && json_object_is_type(v, json_type_array)) {
            for (size_t k = 0; k < json_object_array_length(v); k++) {
                found += look_up(json_object_array_get_idx(v, k), row->items);
            }
        }
    }
    return found;
}

static void parse_chunk(struct json_tokener *t, struct span chunk, size_t *events, size_t *fields)
{
    while (chunk.n > 0) {
        struct json_object *event = json_tokener_parse_ex(t, chunk.p, (int)chunk.n);
        size_t used = json_tokener_get_parse_end(t);

        if (event == NULL) {
            if (json_tokener_get_error(t) != json_tokener_continue) {
                fprintf(stderr, "scan: json-c refuses the bench's input\n");
                exit(1);
            }
            return;
        }
        *fields += look_up(json_object_object_get(event, "object"), kind_pod.rows);
        ++*events;
        json_object_put(event);
        chunk = (struct span){chunk.p + used, chunk.n - used};
    }
}

/* --- rates, GB a second of one pass over all events ----------------------------------------------
 */

static struct span chunk_at(const struct buf *in, size_t at)
{
    return (struct span){in->data + at, in->len - at < CHUNK ? in->len - at : CHUNK};
}

static double rate_of(const struct buf *in, double began, size_t pods)
{
    double took = seconds() - began;

    if (pods != PODS) {
        fprintf(stderr, "scan: %zu pods of %d\n", pods, PODS);
        exit(1);
    }
    return (double)in->len / took / 1e9;
}

/* The scanner, into an empty store. */
static double rate_scanner(const struct buf *in)
{
    const struct scan_part parts[] = {{"", &event_rows}, {"object", kind_pod.rows}};
    struct scan *s = scan_new(parts, 2, 4 << 20);
    struct caches *c = caches_new();
    struct arena a = {0};
    double began, r;

    caches_add_kind(c, &kind_pod);
    began = seconds();
    for (size_t at = 0; at < in->len; at += CHUNK) {
        scan_chunk(s, c, &a, chunk_at(in, at));
    }
    r = rate_of(in, began, cache_count(c, &kind_pod));
    caches_free(c);
    scan_free(s);
    arena_done(&a);
    return r;
}

static double rate_jsonc(const struct buf *in)
{
    struct json_tokener *t = json_tokener_new();
    size_t events = 0, fields = 0;
    double began = seconds(), r;

    for (size_t at = 0; at < in->len; at += CHUNK) {
        parse_chunk(t, chunk_at(in, at), &events, &fields);
    }
    r = rate_of(in, began, fields >= (size_t)PODS * 10 ? events : 0);
    json_tokener_free(t);
    return r;
}

/* What went before the scanner: json-c, a record, the store; each event whole, a line. */
static double rate_document(const struct buf *in)
{
    struct caches *c = caches_new();
    struct arena a = {0};
    double began, r;

    caches_add_kind(c, &kind_pod);
    began = seconds();
    for (const char *p = in->data, *end; p < in->data + in->len; p = end + 1) {
        const struct json *j = NULL;
        struct cache_change ch;
        struct err e;

        end = memchr(p, '\n', in->len - (size_t)(p - in->data));
        must(json_parse(&a, p, (size_t)(end - p), &j, &e), &e);
        must(cache_apply(c, &kind_pod, json_key(j, "object"), &ch, &e), &e);
        arena_reset(&a);
    }
    r = rate_of(in, began, cache_count(c, &kind_pod));
    caches_free(c);
    arena_done(&a);
    return r;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *list)
{
    qsort(list, ROUNDS, sizeof *list, by_value);
    return list[ROUNDS / 2];
}

static int report(double ours, double bare, double document, double each)
{
    FILE *f;

    printf("pods of %.0f bytes; median of %d, one core, 16 KiB chunks\n", each, ROUNDS);
    printf("scanner with store insert %.3f GB/s (target 0.5)\n", ours);
    printf("bare json-c %.3f GB/s: %.1f times (target 3)\n", bare, ours / bare);
    printf("json-c, record and store insert %.3f GB/s (no target)\n", document);
    if ((mkdir("build", 0755) < 0 && errno != EEXIST) ||
        (mkdir("build/bench", 0755) < 0 && errno != EEXIST) ||
        (f = fopen("build/bench/scan.json", "w")) == NULL) {
        perror("build/bench/scan.json");
        return 1;
    }
    fprintf(f,
            "[{\"figure\":\"scan rate incl. store insert\",\"unit\":\"GB/s\",\"ours\":%.3f,"
            "\"rivals\":{\"bare json-c\":%.3f,\"json-c, record and store insert\":%.3f},"
            "\"target\":\">= 0.5\",\"met\":%s},\n"
            " {\"figure\":\"scan rate incl. store insert over bare json-c\",\"unit\":\"times\","
            "\"ours\":%.2f,\"rivals\":{\"bare json-c\":1},\"target\":\">= 3\",\"met\":%s}]\n",
            ours, bare, document, ours >= 0.5 ? "true" : "false", ours / bare,
            ours / bare >= 3 ? "true" : "false");
    return fclose(f) == 0 ? 0 : 1;
}

int main(void)
{
    double ours[ROUNDS], bare[ROUNDS], document[ROUNDS];
    struct buf in;
    double each;

    buf_init(&in, (size_t)PODS * WANT_BYTES * 2);
    for (int i = 0; i < PODS; i++) {
        add_event(&in, i);
    }
    each = (double)in.len / PODS;
    for (int i = 0; i < ROUNDS; i++) { /* in turns */
        ours[i] = rate_scanner(&in);
        bare[i] = rate_jsonc(&in);
        document[i] = rate_document(&in);
    }
    buf_done(&in);
    return report(median(ours), median(bare), median(document), each);
}
