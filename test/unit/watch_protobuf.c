/* The watch of a kind that it asks for in protobuf; see watch.c for what holds of every form. */
#include "api/pod.gen.h"
#include "api/secret.gen.h"
#include "support/bed.h"
#include "support/pb.h"

static struct arena arena;
static struct arena *const a = &arena;

static void bed_open_pods(struct bed *b, bool pages)
{
    bed_open(b);
    b->t.no_watch_list = pages;
    bed_watch(b, &kind_pod);
    watcher_protobuf(b->w);
    watcher_start(b->w);
}

static int say_bytes(struct bed *b, struct span bytes)
{
    return b->data(b->ctx, bytes.p, bytes.n);
}

static struct span end_mark_frame(const char *rv)
{
    struct span note = pb_pair(a, 12, "k8s.io/initial-events-end", "true");
    return pb_frame(a, "BOOKMARK", "Pod", pb_msg(a, 1, pb(a, pb_str(a, 6, rv), note)));
}

static void done(struct bed *b)
{
    bed_done(b);
    arena_done(a);
}

TEST(protobuf_is_asked_for_before_json)
{
    struct bed b;
    bed_open_pods(&b, false);
    assert_string_equal(b.accept, "application/vnd.kubernetes.protobuf,"
                                  "application/json;drop=metadata.managedFields,application/json");
    bed_watch(&b, &kind_secret);
    watcher_protobuf(b.w);
    watcher_start(b.w);
    assert_true(strncmp(b.accept,
                        "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;"
                        "g=meta.k8s.io;v=v1,application/json;as=Part",
                        101) == 0);
    done(&b);
}

TEST(of_a_kind_that_cannot_be_had_in_protobuf_json_is_asked_for)
{
    struct bed b;
    bed_open(&b);
    bed_watch(&b, K);
    watcher_protobuf(b.w);
    watcher_start(b.w);
    assert_string_equal(b.accept, "application/json");
    assert_int_equal(say_bytes(&b, pb_frame(a, "ADDED", "ConfigMap", pb_meta(a, "x", "1"))), -1);
    done(&b);
}

TEST(events_in_protobuf_fill_the_store)
{
    struct bed b;
    bed_open_pods(&b, false);
    struct span all =
        pb(a, pb_frame(a, "ADDED", "Pod", pb_meta(a, "x", "10")), end_mark_frame("12"),
           pb_frame(a, "MODIFIED", "Pod", pb_meta(a, "x", "13")),
           pb_frame(a, "ADDED", "Pod", pb_meta(a, "y", "14")),
           pb_frame(a, "DELETED", "Pod", pb_meta(a, "x", "15")),
           pb_frame(a, "BOOKMARK", "Pod", pb_meta(a, "", "20")));
    for (size_t i = 0; i < all.n; i++) {
        assert_int_equal(say_bytes(&b, (struct span){all.p + i, 1}), 0);
    }
    told(&b, "+x* @12 synced ~x @13 +y @14 -x @15 @20 ");
    assert_true(cache_is_steady(b.c, &kind_pod));
    done(&b);
}

TEST(a_server_that_answers_in_json_is_understood)
{
    struct bed b;
    bed_open_pods(&b, false);
    assert_int_equal(say(&b, "\n"), 0);
    assert_int_equal(say(&b, event("ADDED", "x", "10")), 0);
    assert_int_equal(say(&b, end_mark("12")), 0);
    told(&b, "+x* @12 synced ");
    end(&b, 200, NULL, NULL);
    await(&b); /* and the next stream may be in the other form */
    assert_int_equal(say_bytes(&b, pb_frame(a, "ADDED", "Pod", pb_meta(a, "y", "14"))), 0);
    told(&b, "+y @14 ");
    done(&b);
}

TEST(a_stream_that_breaks_within_a_frame_is_resumed_from_the_last_event)
{
    struct bed b;
    bed_open_pods(&b, false);
    struct span next = pb_frame(a, "ADDED", "Pod", pb_meta(a, "z", "16"));
    say_bytes(&b, pb(a, pb_frame(a, "ADDED", "Pod", pb_meta(a, "x", "10")), end_mark_frame("12")));
    say_bytes(&b, pb_frame(a, "ADDED", "Pod", pb_meta(a, "y", "14")));
    say_bytes(&b, (struct span){next.p, next.n / 2});
    told(&b, "+x* @12 synced +y @14 ");
    end(&b, 200, "connection reset", NULL);
    await(&b);
    assert_true(asks(&b, "&resourceVersion=14"));
    say_bytes(&b, next);
    told(&b, "!WatchBroken +z @16 ");
    done(&b);
}

TEST(an_expired_version_in_protobuf_is_listed_anew)
{
    struct bed b;
    bed_open_pods(&b, false);
    say_bytes(&b, pb(a, pb_frame(a, "ADDED", "Pod", pb_meta(a, "x", "10")), end_mark_frame("12")));
    struct span gone = pb_status(a, 410, "Expired", "too old resource version");
    assert_int_equal(say_bytes(&b, pb_frame(a, "ERROR", "Status", gone)), -1);
    end(&b, 200, "the reader ended the stream", NULL);
    await(&b);
    assert_true(asks(&b, "sendInitialEvents"));
    told(&b, "+x* @12 synced !Expired ");
    assert_int_equal(b.trouble.kind, ERR_GONE);
    assert_string_equal(b.trouble.text, "watch: too old resource version");
    done(&b);
}

TEST(a_refusal_in_protobuf_is_read)
{
    struct bed b;
    bed_open_pods(&b, false);
    struct span body = pb_wrap(a, "Status", pb_status(a, 403, "Forbidden", "pods: not you"));
    http_done_fn *fn = b.done;
    fn(b.ctx,
       &(struct http_response){.status = 403, .sent = true, .body = body.p, .body_len = body.n});
    told(&b, "!Forbidden ");
    assert_string_equal(b.trouble.text, "watch: pods: not you");
    await(&b);
    done(&b);
}

TEST(after_a_malformed_frame_the_watch_goes_on_in_json)
{
    struct bed b;
    bed_open_pods(&b, false);
    say_bytes(&b, pb(a, pb_frame(a, "ADDED", "Pod", pb_meta(a, "x", "10")), end_mark_frame("12")));
    assert_int_equal(say_bytes(&b, (struct span){"\0\0\0\2\x08", 6}), -1);
    end(&b, 200, "the reader ended the stream", NULL);
    await(&b);
    assert_true(asks(&b, "&resourceVersion=12"));
    assert_null(strstr(b.accept, "protobuf"));
    say(&b, event("MODIFIED", "x", "13"));
    told(&b, "+x* @12 synced !MalformedProtobuf ~x @13 ");
    say(&b, "{]");
    end(&b, 200, "the reader ended the stream", NULL);
    await(&b);
    assert_null(strstr(b.accept, "protobuf"));
    done(&b);
}

TEST(a_chunk_without_bytes_does_not_decide_the_form)
{
    struct bed b;
    bed_open_pods(&b, false);
    assert_int_equal(say_bytes(&b, (struct span){"", 0}), 0);
    say_bytes(&b, pb(a, pb_frame(a, "ADDED", "Pod", pb_meta(a, "x", "10")), end_mark_frame("12")));
    told(&b, "+x* @12 synced ");
    done(&b);
}

TEST(a_frame_that_is_too_large_has_the_kind_listed_anew)
{
    struct bed b;
    bed_open_pods(&b, false);
    say_bytes(&b, pb(a, pb_frame(a, "ADDED", "Pod", pb_meta(a, "x", "10")), end_mark_frame("12")));
    assert_int_equal(say_bytes(&b, (struct span){"\0\xff\xff\xff\x08", 5}), -1);
    end(&b, 200, "the reader ended the stream", NULL);
    await(&b);
    assert_true(asks(&b, "sendInitialEvents"));
    told(&b, "+x* @12 synced !EventTooLarge ");
    done(&b);
}

TEST(an_object_without_a_name_stops_no_other)
{
    struct bed b;
    bed_open_pods(&b, false);
    say_bytes(&b, pb_frame(a, "ADDED", "Pod", pb_meta(a, "", "10")));
    say_bytes(&b, pb(a, pb_frame(a, "ADDED", "Pod", pb_meta(a, "x", "11")), end_mark_frame("12")));
    told(&b, "!MalformedObject +x* @12 synced ");
    done(&b);
}

static struct span page(const char *name, const char *next)
{
    struct span meta = pb(a, pb_str(a, 2, "30"), pb_str(a, 3, next));
    return pb_wrap(a, "PodList", pb(a, pb_msg(a, 1, meta), pb_msg(a, 2, pb_meta(a, name, "10"))));
}

TEST(pages_in_protobuf_fill_the_store)
{
    struct bed b;
    bed_open_pods(&b, true);
    struct span one = page("x", "token"), two = page("y", "");
    for (size_t i = 0; i < one.n; i++) {
        assert_int_equal(say_bytes(&b, (struct span){one.p + i, 1}), 0);
    }
    end(&b, 200, NULL, NULL);
    assert_true(asks(&b, "&continue=token"));
    assert_int_equal(say_bytes(&b, two), 0);
    end(&b, 200, NULL, NULL);
    told(&b, "+x* +y* @30 synced ");
    assert_true(asks(&b, "watch=1"));
    done(&b);
}

TEST(a_page_in_protobuf_that_was_cut_off_is_asked_for_again)
{
    struct bed b;
    bed_open_pods(&b, true);
    struct span one = page("x", "");
    say_bytes(&b, (struct span){one.p, one.n - 9});
    end(&b, 200, NULL, NULL);
    assert_false(cache_is_steady(b.c, &kind_pod));
    await(&b);
    assert_int_equal(say_bytes(&b, one), 0);
    end(&b, 200, NULL, NULL);
    assert_true(cache_is_steady(b.c, &kind_pod));
    done(&b);
}

TEST(after_a_malformed_page_in_protobuf_pages_come_in_json)
{
    struct bed b;
    bed_open_pods(&b, true);
    struct span wrong = pb_wrap(a, "PodList", (struct span){"\x0f", 1}); /* no such wire type */
    assert_int_equal(say_bytes(&b, wrong), -1);
    end(&b, 200, "the reader ended the stream", NULL);
    told(&b, "!MalformedProtobuf ");
    await(&b);
    assert_null(strstr(b.accept, "protobuf"));
    say(&b, "{\"metadata\":{\"resourceVersion\":\"30\"},\"items\":[{\"metadata\":{\"name\":\"x\","
            "\"namespace\":\"n\",\"uid\":\"u\",\"resourceVersion\":\"10\"}}]}");
    end(&b, 200, NULL, NULL);
    told(&b, "+x* @30 synced ");
    done(&b);
}

SPEC_MAIN()
