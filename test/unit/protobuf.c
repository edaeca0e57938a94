/* Objects in protobuf, alone and in the stream that they come in. */
#include "api/kinds.gen.h"
#include "api/protorec.h"
#include "api/protoscan.h"
#include "api/wire.h"
#include "json/json.h"
#include "support/pb.h"
#include "support/spec.h"

static struct arena arena;
static struct arena *const a = &arena;

struct reading {
    const struct rec *rec;
    uint32_t size;
    int r;
};

static struct reading read_as(const struct kind *k, struct span bytes)
{
    struct protoform *f = protoform_new(k->rows, proto_message_of(k));
    struct reading got = {0};
    struct err e = {0};

    assert_non_null(f);
    got.r = protoform_rec(f, (struct span){arena_memdup(a, bytes.p, bytes.n), bytes.n}, a, &got.rec,
                          &got.size, &e);
    if (got.r < 0) {
        assert_string_equal(e.reason, "MalformedProtobuf");
    }
    protoform_free(f);
    return got;
}

static void is_as_json(const struct kind *k, struct span bytes, const char *text)
{
    struct reading have = read_as(k, bytes), want = {0};
    const struct json *j;
    struct err e;

    assert_ok(json_parse(a, text, strlen(text), &j, &e), &e);
    assert_ok(rec_build(a, k->rows, j, &want.rec, &want.size, &e), &e);
    assert_int_equal(have.r, 0);
    assert_int_equal(have.size, want.size);
    assert_memory_equal(have.rec, want.rec, want.size);
}

#define is_malformed(k, bytes) assert_int_equal(read_as(k, bytes).r, -1)

/* --- objects ----------------------------------------------------------------------------------
 */

static struct span whole_container(void)
{
    return pb(a, pb_str(a, 1, "main"), pb_str(a, 2, "image:1"), pb_str(a, 3, "sleep"),
              pb_msg(a, 8,
                     pb(a, pb_quantity(a, 1, "cpu", "500m"), pb_quantity(a, 2, "cpu", "250m"),
                        pb_quantity(a, 2, "memory", "1Gi"))),
              pb_str(a, 24, "Always"));
}

static struct span whole_status(void)
{
    struct span running = pb_msg(a, 2, pb_time(a, 1, 1767323045));
    struct span ended =
        pb_msg(a, 3,
               pb(a, pb_int(a, 1, -1), pb_int(a, 2, 0), pb_str(a, 3, "Error"), pb_str(a, 4, ""),
                  pb_time(a, 5, 1767323045), pb_msg(a, 6, (struct span){"", 0})));
    return pb(a, pb_str(a, 1, "main"), pb_msg(a, 2, running), pb_msg(a, 3, ended), pb_int(a, 4, 0),
              pb_int(a, 5, 0), pb_str(a, 6, ""), pb_str(a, 7, "sha256:1"), pb_int(a, 9, 0));
}

static struct span whole_pod(void)
{
    struct span owner = pb(a, pb_str(a, 1, "Job"), pb_str(a, 3, "j"), pb_str(a, 4, "u-j"),
                           pb_str(a, 5, "batch/v1"), pb_int(a, 6, 1), pb_int(a, 7, 0));
    struct span meta =
        pb(a, pb_str(a, 1, "x"), pb_str(a, 3, "n"), pb_str(a, 5, "u-x"), pb_str(a, 6, "10"),
           pb_int(a, 7, 0), pb_time(a, 8, 1767323045), pb_time(a, 9, 1767323046), pb_int(a, 10, 0),
           pb_pair(a, 11, "a", ""), pb_pair(a, 11, "b", "2"), pb_pair(a, 12, "note", "\xc3\xa9"),
           pb_msg(a, 13, owner), pb_str(a, 14, "one"), pb_str(a, 14, "two"),
           pb_msg(a, 17, pb_str(a, 1, "kubelet")));
    struct span spec = pb(a, pb_msg(a, 1, pb_str(a, 1, "volume")), pb_msg(a, 2, whole_container()),
                          pb_str(a, 3, "Never"), pb_int(a, 4, 0), pb_str(a, 10, ""),
                          pb_str(a, 19, "s"), pb_msg(a, 20, whole_container()),
                          pb_int(a, 25, -2000000000), pb_quantity(a, 32, "cpu", "1"));
    struct span ready = pb(a, pb_str(a, 1, "Ready"), pb_str(a, 2, "True"),
                           pb_msg(a, 3, (struct span){"", 0}), pb_time(a, 4, 1767323045));
    struct span status = pb(a, pb_str(a, 1, "Running"), pb_msg(a, 2, ready), pb_str(a, 3, ""),
                            pb_str(a, 6, "10.0.0.1"), pb_time(a, 7, 1767323045),
                            pb_msg(a, 8, whole_status()), pb_str(a, 9, "Burstable"));
    return pb(a, pb_msg(a, 1, meta), pb_msg(a, 2, spec), pb_msg(a, 3, status));
}

static const char whole_pod_json[] =
    "{\"metadata\":{\"name\":\"x\",\"namespace\":\"n\",\"uid\":\"u-x\",\"resourceVersion\":\"10\","
    "\"creationTimestamp\":\"2026-01-02T03:04:05Z\",\"deletionTimestamp\":\"2026-01-02T03:04:06Z\","
    "\"deletionGracePeriodSeconds\":0,\"labels\":{\"a\":\"\",\"b\":\"2\"},\"annotations\":{"
    "\"note\":\"\\u00e9\"},\"ownerReferences\":[{\"apiVersion\":\"batch/v1\",\"kind\":\"Job\","
    "\"name\":\"j\",\"uid\":\"u-j\",\"controller\":true,\"blockOwnerDeletion\":false}],"
    "\"finalizers\":[\"one\",\"two\"],\"managedFields\":[{\"manager\":\"kubelet\"}]},"
    "\"spec\":{\"volumes\":[{\"name\":\"volume\"}],\"containers\":[{\"name\":\"main\",\"image\":"
    "\"image:1\",\"command\":[\"sleep\"],\"resources\":{\"limits\":{\"cpu\":\"500m\"},\"requests\":"
    "{\"cpu\":\"250m\",\"memory\":\"1Gi\"}},\"restartPolicy\":\"Always\"}],\"restartPolicy\":"
    "\"Never\",\"terminationGracePeriodSeconds\":0,\"schedulerName\":\"s\",\"initContainers\":[{"
    "\"name\":\"main\",\"image\":\"image:1\",\"resources\":{\"limits\":{\"cpu\":\"500m\"},"
    "\"requests\":{\"cpu\":\"250m\",\"memory\":\"1Gi\"}},\"restartPolicy\":\"Always\"}],"
    "\"priority\":-2000000000,\"overhead\":{\"cpu\":\"1\"}},\"status\":{\"phase\":\"Running\","
    "\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\",\"lastProbeTime\":null,"
    "\"lastTransitionTime\":\"2026-01-02T03:04:05Z\"}],\"podIP\":\"10.0.0.1\",\"startTime\":"
    "\"2026-01-02T03:04:05Z\",\"containerStatuses\":[{\"name\":\"main\",\"state\":{\"running\":{"
    "\"startedAt\":\"2026-01-02T03:04:05Z\"}},\"lastState\":{\"terminated\":{\"exitCode\":-1,"
    "\"reason\":\"Error\",\"startedAt\":\"2026-01-02T03:04:05Z\",\"finishedAt\":null}},\"ready\":"
    "false,\"restartCount\":0,\"image\":\"\",\"imageID\":\"sha256:1\",\"started\":false}],"
    "\"qosClass\":\"Burstable\"}}";

TEST(a_pod_in_protobuf_makes_the_record_of_its_json)
{
    is_as_json(&kind_pod, whole_pod(), whole_pod_json);
    is_as_json(&kind_pod, (struct span){"", 0}, "{}");
    arena_done(a);
}

TEST(nothing_of_an_object_is_found_in_the_next)
{
    struct protoform *f = protoform_new(kind_pod.rows, proto_message_of(&kind_pod));
    const struct span one = pb_msg(a, 1, pb(a, pb_pair(a, 11, "a", "1"), pb_pair(a, 11, "b", "2")));
    const struct span two = pb_msg(a, 1, pb(a, pb_pair(a, 11, "a", "1"), pb_pair(a, 12, "b", "2")));
    struct reading want = read_as(&kind_pod, two), have;
    struct err e;

    assert_ok(protoform_rec(f, whole_pod(), a, &have.rec, &have.size, &e), &e);
    assert_ok(protoform_rec(f, one, a, &have.rec, &have.size, &e), &e);
    assert_ok(protoform_rec(f, two, a, &have.rec, &have.size, &e), &e);
    assert_int_equal(have.size, want.size);
    assert_memory_equal(have.rec, want.rec, want.size);
    protoform_free(f);
    arena_done(a);
}

TEST(of_a_kind_whose_subtrees_are_kept_whole_there_is_no_protobuf)
{
    assert_null(proto_message_of(&kind_service));
    assert_null(proto_message_of(&kind_pool));
    assert_null(proto_message_of(&kind_event));
    assert_string_equal(proto_message_of(&kind_pod)->name, "Pod");
    assert_string_equal(proto_message_of(&kind_node)->name, "Node");
    assert_string_equal(proto_message_of(&kind_namespace)->name, "Namespace");
    assert_string_equal(proto_message_of(&kind_secret)->name, "PartialObjectMetadata");
}

TEST(what_json_leaves_out_when_it_is_zero_is_absent)
{
    struct span spec =
        pb(a, pb_int(a, 4, 0),
           pb_msg(a, 5, pb(a, pb_str(a, 1, ""), pb_str(a, 2, ""), pb_str(a, 3, ""))));
    is_as_json(&kind_node, pb_msg(a, 2, spec),
               "{\"spec\":{\"taints\":[{\"key\":\"\",\"effect\":\"\"}]}}");
    is_as_json(&kind_node, pb_msg(a, 2, pb_int(a, 4, 1)), "{\"spec\":{\"unschedulable\":true}}");
    is_as_json(&kind_pod, pb_msg(a, 1, pb(a, pb_int(a, 7, 0), pb_str(a, 1, ""))), "{}");
    arena_done(a);
}

TEST(times_that_json_cannot_write_or_shows_as_null_are_absent)
{
    static const int64_t none[] = {-62135596800, 253402300800, -62167219201, INT64_MAX, INT64_MIN};

    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        is_as_json(&kind_pod, pb_msg(a, 1, pb_time(a, 8, none[i])), "{}");
    }
    is_as_json(&kind_pod, pb_msg(a, 1, pb_time(a, 8, 0)),
               "{\"metadata\":{\"creationTimestamp\":\"1970-01-01T00:00:00Z\"}}");
    is_as_json(&kind_pod, pb_msg(a, 1, pb_time(a, 8, 253402300799)),
               "{\"metadata\":{\"creationTimestamp\":\"9999-12-31T23:59:59Z\"}}");
    is_as_json(&kind_pod, pb_msg(a, 1, pb_time(a, 8, -2)),
               "{\"metadata\":{\"creationTimestamp\":\"1969-12-31T23:59:58Z\"}}");
    arena_done(a);
}

TEST(of_fields_that_come_twice_the_last_counts_and_messages_are_merged)
{
    struct span twice = pb(a, pb_msg(a, 1, pb(a, pb_str(a, 1, "old"), pb_str(a, 6, "7"))),
                           pb_msg(a, 1, pb(a, pb_str(a, 1, "new"), pb_pair(a, 11, "b", "1"))),
                           pb_msg(a, 1,
                                  pb(a, pb_pair(a, 11, "a", "2"), pb_pair(a, 11, "b", "3"),
                                     pb_pair(a, 11, "c", "4"))));
    is_as_json(&kind_secret, twice,
               "{\"metadata\":{\"name\":\"new\",\"resourceVersion\":\"7\",\"labels\":{\"b\":\"3\","
               "\"a\":\"2\",\"c\":\"4\"}}}");
    is_as_json(&kind_secret, pb_msg(a, 1, pb(a, pb_str(a, 1, "old"), pb_str(a, 1, ""))), "{}");
    arena_done(a);
}

TEST(text_that_is_no_utf_8_reads_as_the_server_mends_it)
{
    static const struct {
        const char *bytes, *json;
    } texts[] = {
        {"plain text of some length", "plain text of some length"},
        {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\\u00e9\\u20ac\\ud83d\\ude00"},
        {"a\xff"
         "b",
         "a\\ufffdb"},
        {"\xc0\x80", "\\ufffd\\ufffd"},            /* overlong */
        {"\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd"}, /* a surrogate */
        {"\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd"},
        {"\xe2\x82", "\\ufffd\\ufffd"},
        {"12345678\xe2\x28\xa1zzzzzzzzz\x80", "12345678\\ufffd(\\ufffdzzzzzzzzz\\ufffd"},
    };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        const char *t = texts[i].bytes, *json = texts[i].json;

        is_as_json(&kind_pod, pb_msg(a, 1, pb(a, pb_str(a, 1, t), pb_pair(a, 12, t, t))),
                   arena_printf(a,
                                "{\"metadata\":{\"name\":\"%s\",\"annotations\":{\"%s\":\"%s\"}}}",
                                json, json, json));
    }
    arena_done(a);
}

TEST(a_nul_in_a_text_counts_as_it_does_in_json)
{
    struct span nul = {"x\0y", 3};
    struct span pair = pb_msg(a, 12, pb(a, pb_msg(a, 1, nul), pb_msg(a, 2, nul)));

    is_as_json(&kind_pod, pb_msg(a, 1, pb(a, pb_msg(a, 1, nul), pair)),
               "{\"metadata\":{\"name\":\"x\\u0000y\",\"annotations\":{\"x\\u0000y\":"
               "\"x\\u0000y\"}}}");
    arena_done(a);
}

/* --- malformed objects ------------------------------------------------------------------------
 */

TEST(no_beginning_of_an_object_does_harm)
{
    struct span pod = whole_pod();

    for (size_t n = 0; n < pod.n; n++) {
        struct reading got = read_as(&kind_pod, (struct span){pod.p, n});
        assert_true(got.r == -1 || got.rec != NULL);
    }
    is_malformed(&kind_pod, ((struct span){pod.p, pod.n - 1}));
    arena_done(a);
}

TEST(unknown_fields_of_every_type_are_passed_over)
{
    struct span deep = {"", 0};

    for (int i = 0; i < 1000; i++) { /* groups in groups */
        deep = pb(a, pb_varint(a, 99 << 3 | 3), deep, pb_varint(a, 99 << 3 | 4));
    }
    struct span unknown =
        pb(a, pb_int(a, 536870911, -1), pb_varint(a, 98 << 3 | 1), (struct span){"12345678", 8},
           pb_varint(a, 97 << 3 | 5), (struct span){"1234", 4}, pb_str(a, 96, "text"), deep);
    is_as_json(&kind_pod, pb(a, unknown, pb_msg(a, 1, pb(a, unknown, pb_str(a, 1, "x"), unknown))),
               "{\"metadata\":{\"name\":\"x\"}}");
    arena_done(a);
}

#define BYTES(literal) ((struct span){literal, sizeof(literal) - 1})

TEST(malformed_bytes_are_refused)
{
    const struct span bad[] = {
        BYTES("\x0a"), /* no length */
        BYTES("\x0a\x05"
              "abc"),                                              /* a length beyond the end */
        BYTES("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),     /* a length of 2^64 - 1 */
        BYTES("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),     /* more than 64 bits */
        BYTES("\x8a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"), /* eleven bytes */
        BYTES("\x02\x00"),                                         /* field 0 */
        BYTES("\x80\x80\x80\x80\x20\x00"),                         /* field 2^29 and more */
        BYTES("\x08\x01"),                                         /* metadata as a number */
        BYTES("\x0d"
              "1234"),             /* metadata as fixed32 */
        BYTES("\x0b\x0c"),         /* metadata as a group */
        BYTES("\x0e"),             /* wire type 6 */
        BYTES("\x9b\x06\x0a\x01"), /* a group that does not end */
        BYTES("\x9b\x06\x94\x06"), /* one ended by another */
        BYTES("\x9c\x06"),         /* an end without a beginning */
        BYTES("\x99\x06"
              "1234567"),          /* fixed64 of seven bytes */
        BYTES("\x0a\x02\x08\x01"), /* metadata.name as a number */
        BYTES("\x0a\x03\x3a\x01"
              "x"),                                    /* generation as a text */
        BYTES("\x0a\x04\x42\x02\x0a\x00"),             /* seconds as a text */
        BYTES("\x0a\x02\x40\x01"),                     /* a time as a number */
        BYTES("\x0a\x04\x5a\x02\x08\x01"),             /* a label's key as a number */
        BYTES("\x0a\x03\x5a\x01\x0a"),                 /* a label's key cut off */
        BYTES("\x12\x07\x82\x02\x04\x12\x02\x08\x01"), /* a quantity as a number */
    };

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        if (read_as(&kind_pod, bad[i]).r != -1) {
            fail_msg("number %zu was taken", i);
        }
    }
    arena_done(a);
}

TEST(numbers_with_needless_bytes_are_numbers)
{
    is_as_json(&kind_pod, BYTES("\x8a\x80\x00\x86\x80\x00\x38\x83\x80\x80\x80\x00"),
               "{\"metadata\":{\"generation\":3}}");
    arena_done(a);
}

/* --- streams ----------------------------------------------------------------------------------
 */

static struct span all_events(void)
{
    struct span note = pb_pair(a, 12, "k8s.io/initial-events-end", "true");
    struct span mark = pb_msg(a, 1, pb(a, pb_str(a, 6, "12"), note));

    return pb(a, pb_frame(a, "ADDED", "Pod", whole_pod()),
              pb_frame(a, "MODIFIED", "Pod", pb_meta(a, "y", "11")),
              pb_frame(a, "BOOKMARK", "Pod", mark),
              pb_frame(a, "DELETED", "Pod", pb_meta(a, "y", "13")),
              pb_frame(a, "BOOKMARK", "Pod", pb_meta(a, "", "14")),
              pb_frame(a, "ERROR", "Status", pb_status(a, 410, "Expired", "too old")));
}

/* What comes of a chunk, one word each. */
static const char *feed(struct protoscan *s, struct span chunk, const char *log)
{
    struct proto_event ev;
    struct err e;
    int r;

    chunk.p =
        chunk.n > 0 ? arena_memdup(a, chunk.p, chunk.n) : chunk.p; /* its bounds are watched */
    while ((r = protoscan_feed(s, &chunk, a, &ev, &e)) > 0) {
        log = arena_printf(a, "%s%s:%s:%s%s:%d:%s:%s ", log, ev.type != NULL ? ev.type : "-",
                           ev.object != NULL ? rec_name(ev.object) : "", ev.rv != NULL ? ev.rv : "",
                           ev.ends_list ? "!" : "", ev.code, ev.kind != NULL ? ev.kind : "",
                           ev.message != NULL ? ev.message : "");
    }
    return r < 0 ? arena_printf(a, "%s%s", log, e.reason) : log;
}

static const char *const all_told = "ADDED:x:10:0:: MODIFIED:y:11:0:: BOOKMARK::12!:0:: "
                                    "DELETED:y:13:0:: BOOKMARK::14:0:: ERROR:::410:Status:too old ";

TEST(events_in_protobuf_are_the_same_wherever_they_are_cut)
{
    struct protoscan *s = protoscan_new(&kind_pod);
    struct span all = all_events();

    for (size_t cut = 0; cut <= all.n; cut++) {
        protoscan_reset(s, PROTOSCAN_EVENTS, 1 << 20);
        const char *log = feed(s, (struct span){all.p, cut}, "");
        assert_string_equal(feed(s, (struct span){all.p + cut, all.n - cut}, log), all_told);
    }
    const char *log = "";
    protoscan_reset(s, PROTOSCAN_EVENTS, 1 << 20);
    for (size_t i = 0; i < all.n; i++) {
        log = feed(s, (struct span){all.p + i, 1}, log);
    }
    assert_string_equal(log, all_told);
    protoscan_free(s);
    arena_done(a);
}

static struct span page(struct span items)
{
    struct span meta = pb(a, pb_str(a, 1, ""), pb_str(a, 2, "99"), pb_str(a, 3, "more"));
    return pb_wrap(a, "PodList", pb(a, pb_msg(a, 1, meta), items));
}

TEST(a_page_in_protobuf_is_the_same_wherever_it_is_cut)
{
    struct protoscan *s = protoscan_new(&kind_pod);
    struct span all = page(pb(a, pb_msg(a, 2, whole_pod()), pb_int(a, 9, 300), pb_str(a, 8, "?"),
                              pb_msg(a, 2, pb_meta(a, "y", "11"))));
    struct proto_page p;

    for (size_t cut = 0; cut <= all.n; cut++) {
        protoscan_reset(s, PROTOSCAN_PAGE, SIZE_MAX);
        const char *log = feed(s, (struct span){all.p, cut}, "");
        assert_string_equal(feed(s, (struct span){all.p + cut, all.n - cut}, log),
                            "-:x:10:0:: -:y:11:0:: ");
        assert_true(protoscan_page(s, a, &p));
        assert_string_equal(p.next, "more");
        assert_string_equal(p.rv, "99");
    }
    protoscan_free(s);
    arena_done(a);
}

TEST(a_page_is_whole_only_when_its_list_has_ended)
{
    struct protoscan *s = protoscan_new(&kind_secret);
    struct span all = page(pb_msg(a, 2, pb_meta(a, "y", "11")));
    struct proto_page p;
    size_t list_end = all.n - 4; /* "encoding" and "type", both empty, follow */

    for (size_t n = 0; n < list_end; n++) {
        protoscan_reset(s, PROTOSCAN_PAGE, SIZE_MAX);
        feed(s, (struct span){all.p, n}, "");
        assert_false(protoscan_page(s, a, &p));
    }
    protoscan_reset(s, PROTOSCAN_PAGE, SIZE_MAX);
    feed(s, all, "");
    assert_true(protoscan_page(s, a, &p));
    protoscan_reset(s, PROTOSCAN_PAGE, SIZE_MAX);
    assert_string_equal(feed(s, pb_wrap(a, "PodList", (struct span){"", 0}), ""), "");
    assert_true(protoscan_page(s, a, &p));
    assert_null(p.next);
    protoscan_free(s);
    arena_done(a);
}

TEST(what_is_no_envelope_is_refused)
{
    struct protoscan *s = protoscan_new(&kind_pod);
    struct span item = pb_msg(a, 2, pb_meta(a, "y", "11")), magic = {"k8s", 4};
    const struct span bad[] = {
        BYTES("k9s\0"),
        pb(a, magic, pb_int(a, 2, 7)),                          /* the list as a number */
        pb(a, magic, pb_str(a, 3, "gzip"), pb_msg(a, 2, item)), /* an unknown encoding */
        pb(a, magic, BYTES("\x0b\x0c")),                        /* a group */
        pb(a, magic, BYTES("\x12\x01\x12\x05")),                /* an item longer than the list */
        pb(a, magic,
           BYTES("\x12\x03\x12\x05"
                 "abcde")),
        pb(a, magic, BYTES("\x12\x02\x10\x01")), /* an item as a number */
        pb(a, magic, BYTES("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")),
        pb(a, magic, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")),
        pb_wrap(a, "PodList", pb_msg(a, 2, BYTES("\x0a"))), /* a malformed item */
    };

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        protoscan_reset(s, PROTOSCAN_PAGE, SIZE_MAX);
        if (strcmp(feed(s, bad[i], ""), "MalformedProtobuf") != 0) {
            fail_msg("number %zu was taken", i);
        }
        assert_string_equal(feed(s, item, ""), "MalformedProtobuf"); /* and all that follows */
    }
    protoscan_free(s);
    arena_done(a);
}

TEST(what_is_no_event_is_refused)
{
    struct protoscan *s = protoscan_new(&kind_pod);
    struct span type = pb_str(a, 1, "ADDED"), none = {"", 0};
    const struct span bad[] = {
        BYTES("\0\0\0\0"),
        BYTES("\0\0\0\1\x0a"),
        pb(a, BYTES("\0\0\0\7"), type), /* no object */
        pb(a, BYTES("\0\0\0\x0f"), type, pb_msg(a, 2, pb_str(a, 1, "k9s")), BYTES("\x18\x00")),
        pb_frame(a, "ADDED", "Pod", BYTES("\x08\x01")),
        pb_frame(a, "BOOKMARK", "Pod", BYTES("\x08\x01")),
        pb_frame(a, "ERROR", "Status", BYTES("\x32\x01\x01")),
    };

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        protoscan_reset(s, PROTOSCAN_EVENTS, 1 << 20);
        if (strcmp(feed(s, bad[i], ""), "MalformedProtobuf") != 0) {
            fail_msg("number %zu was taken", i);
        }
    }
    protoscan_reset(s, PROTOSCAN_EVENTS, 1 << 20); /* the watch refuses it */
    assert_string_equal(feed(s, pb_frame(a, "NEWS", "Pod", none), ""), "NEWS:::0:: ");
    protoscan_free(s);
    arena_done(a);
}

TEST(a_frame_over_the_limit_is_refused_at_its_head)
{
    struct protoscan *s = protoscan_new(&kind_pod);

    protoscan_reset(s, PROTOSCAN_EVENTS, 1000);
    assert_string_equal(feed(s, BYTES("\0\0\3\xe8x"), ""), "");
    protoscan_reset(s, PROTOSCAN_EVENTS, 1000);
    assert_string_equal(feed(s, BYTES("\0\0\3\xe9x"), ""), "ValueTooLarge");
    protoscan_reset(s, PROTOSCAN_EVENTS, 1 << 20);
    assert_string_equal(feed(s, BYTES("\xff\xff\xff\xffx"), ""), "ValueTooLarge");
    protoscan_free(s);
    arena_done(a);
}

TEST(a_status_in_protobuf_is_told_from_other_objects_and_from_json)
{
    struct proto_event ev = {0};

    assert_true(proto_status(pb_wrap(a, "Status", pb_status(a, 404, "NotFound", "no")), a, &ev));
    assert_string_equal(ev.kind, "Status");
    assert_string_equal(ev.reason, "NotFound");
    assert_int_equal(ev.code, 404);
    assert_false(proto_status(span_of("{\"kind\":\"Status\"}"), a, &ev));
    assert_false(proto_status(span_of("k8s"), a, &ev));
    assert_false(proto_status((struct span){"", 0}, a, &ev));
    arena_done(a);
}

SPEC_MAIN()
