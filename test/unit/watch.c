/* The watch against a transport in memory: the test is the API server and says what comes when. */
#include "support/bed.h"

/* --- The initial list
 * ------------------------------------------------------------------------------ */

TEST(the_first_question_is_a_consistent_watch_list)
{
    struct bed b;
    bed_open(&b);
    assert_true(asks(&b, "/api/v1/configmaps?watch=1&allowWatchBookmarks=true&timeoutSeconds="));
    assert_true(asks(&b, "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"));
    assert_false(asks(&b, "resourceVersion="));
    assert_true(asks(&b, "&labelSelector=a%3Db"));
    bed_done(&b);
}

TEST(it_is_synced_only_at_the_end_mark_and_no_version_counts_before)
{
    struct bed b;
    bed_open(&b);
    say(&b, event("ADDED", "x", "10"));
    say(&b, "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"11\"}}}");
    assert_false(cache_is_steady(b.c, K));
    told(&b, "+x* ");
    say(&b, end_mark("12"));
    assert_true(cache_is_steady(b.c, K));
    told(&b, "@12 synced ");
    bed_done(&b);
}

TEST(after_the_sync_every_event_and_bookmark_advances_the_version)
{
    struct bed b;
    bed_open_synced(&b);
    say(&b, event("MODIFIED", "x", "13"));
    say(&b, event("ADDED", "y", "14"));
    say(&b, event("DELETED", "x", "15"));
    say(&b, "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"20\"}}}");
    told(&b, "~x @13 +y @14 -x @15 @20 ");
    assert_string_equal(cache_rv(b.c, K), "20");
    assert_int_equal(cache_count(b.c, K), 1);
    bed_done(&b);
}

TEST(events_cut_into_single_bytes_are_the_same_events)
{
    struct bed b;
    bed_open(&b);
    char all[2048];
    size_t n = (size_t)snprintf(all, sizeof(all), "%s", event("ADDED", "x", "10"));
    n += (size_t)snprintf(all + n, sizeof(all) - n, "%s", end_mark("12"));
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(b.data(b.ctx, all + i, 1), 0);
    }
    told(&b, "+x* @12 synced ");
    bed_done(&b);
}

/* The API server takes objects of 10,000 levels. */
TEST(an_object_that_is_nested_deeply_stops_no_other)
{
    struct bed b;
    bed_open(&b);
    say(&b, "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"deep\"},\"data\":");
    for (int i = 0; i < 4900; i++) {
        assert_int_equal(say(&b, "{\"a\":["), 0);
    }
    assert_int_equal(say(&b, "1"), 0);
    for (int i = 0; i < 4900; i++) {
        assert_int_equal(say(&b, "]}"), 0);
    }
    assert_int_equal(say(&b, "}}"), 0);
    assert_int_equal(say(&b, event("ADDED", "x", "10")), 0);
    assert_int_equal(say(&b, end_mark("12")), 0);
    told(&b, "+deep* +x* @12 synced ");
    bed_done(&b);
}

TEST(an_object_that_cannot_be_kept_stops_no_other)
{
    struct bed b;
    bed_open(&b);
    static const char *const poison[] = {
        "[]",
        "7",
        "null",
        "{}",
        "{\"metadata\":[]}",
        "{\"metadata\":{\"name\":\"\"}}",
        "{\"metadata\":{\"name\":17}}",
        "{\"metadata\":{\"name\":null,\"uid\":{}}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(poison); i++) {
        char text[256];
        snprintf(text, sizeof(text), "{\"type\":\"ADDED\",\"object\":%s}", poison[i]);
        assert_int_equal(say(&b, text), 0);
        told(&b, "!MalformedObject ");
    }
    assert_int_equal(say(&b, event("ADDED", "x", "10")), 0);
    assert_int_equal(say(&b, end_mark("12")), 0);
    told(&b, "+x* @12 synced ");
    bed_done(&b);
}

/* --- Ends
 * ------------------------------------------------------------------------------------------ */

TEST(a_clean_end_is_watched_on_from_the_last_version_at_once)
{
    struct bed b;
    bed_open_synced(&b);
    end(&b, 200, NULL, NULL);
    await(&b);
    assert_true(asks(&b, "&resourceVersion=12"));
    assert_false(asks(&b, "sendInitialEvents"));
    told(&b, "");
    bed_done(&b);
}

TEST(a_broken_watch_is_resumed_after_a_pause_and_nothing_is_listed)
{
    struct bed b;
    bed_open_synced(&b);
    end(&b, 200, "connection reset", NULL);
    await(&b);
    assert_true(asks(&b, "&resourceVersion=12"));
    assert_true(cache_is_steady(b.c, K));
    told(&b, "!WatchBroken ");
    bed_done(&b);
}

TEST(an_end_at_once_without_events_is_a_failure)
{
    struct bed b;
    bed_open_synced(&b);
    end(&b, 200, NULL, NULL);
    await(&b);
    end(&b, 200, NULL, NULL);
    await(&b);
    told(&b, "!ShortWatch ");
    bed_done(&b);
}

TEST(refused_429_and_500_keep_the_version)
{
    static const int codes[] = {0, 429, 500, 503, 403, 404};
    struct bed b;
    bed_open_synced(&b);
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        end(&b, codes[i], codes[i] == 0 ? "refused" : NULL, NULL);
        await(&b);
        assert_true(asks(&b, "&resourceVersion=12"));
        assert_false(asks(&b, "sendInitialEvents"));
    }
    assert_true(cache_is_steady(b.c, K));
    struct watch_stats s;
    watcher_stats(b.w, &s);
    assert_int_equal(s.failures, ARRAY_LEN(codes));
    assert_int_equal(s.relists, 1);
    bed_done(&b);
}

TEST(pauses_grow_and_retry_after_is_honoured)
{
    struct bed b;
    bed_open_synced(&b);
    int64_t began = clock_boot_ms();
    for (int i = 0; i < 5; i++) { /* at least half of 8 + 16 + 32 + 64 + 128 */
        end(&b, 0, "refused", NULL);
        await(&b);
    }
    assert_true(clock_boot_ms() - began >= 120);
    http_done_fn *done = b.done;
    began = clock_boot_ms();
    done(b.ctx, &(struct http_response){.status = 429, .body = "", .retry_after_ms = 400});
    await(&b);
    assert_true(clock_boot_ms() - began >= 400);
    bed_done(&b);
}

/* --- Relists
 * --------------------------------------------------------------------------------------- */

static const char expired[] = "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,"
                              "\"reason\":\"Expired\",\"message\":\"too old resource version\"}}\n";

TEST(an_expired_version_relists_not_older_than_it_and_sweeps_what_is_gone)
{
    struct bed b;
    bed_open_synced(&b);
    say(&b, event("ADDED", "y", "13"));
    buf_clear(&b.log);
    assert_int_equal(say(&b, expired), -1);
    end(&b, 200, "the reader ended the stream", NULL);
    await(&b);
    assert_true(asks(&b, "sendInitialEvents=true"));
    assert_true(asks(&b, "&resourceVersion=13"));
    assert_false(cache_is_steady(b.c, K));
    assert_non_null(cache_get(b.c, K, "n", "x")); /* the old store stays readable */
    say(&b, event("ADDED", "y", "13"));
    say(&b, event("ADDED", "z", "30"));
    told(&b, "!Expired +z* ");
    say(&b, end_mark("40"));
    told(&b, "-x* @40 synced ");
    assert_true(cache_is_steady(b.c, K));
    bed_done(&b);
}

TEST(an_http_410_relists_too)
{
    struct bed b;
    bed_open_synced(&b);
    end(&b, 410, NULL, NULL);
    await(&b);
    assert_true(asks(&b, "sendInitialEvents=true"));
    bed_done(&b);
}

TEST(an_interrupted_relist_sweeps_nothing)
{
    struct bed b;
    bed_open_synced(&b);
    end(&b, 410, NULL, NULL);
    await(&b);
    say(&b, event("ADDED", "z", "30"));
    end(&b, 200, NULL, NULL);
    await(&b);
    assert_non_null(cache_get(b.c, K, "n", "x"));
    say(&b, event("ADDED", "x", "10"));
    buf_clear(&b.log);
    say(&b, end_mark("40")); /* z was seen only by the interrupted one */
    told(&b, "-z* @40 synced ");
    bed_done(&b);
}

TEST(a_server_that_lost_its_history_is_read_anew_and_lower_versions_count)
{
    struct bed b;
    bed_open_synced(&b);
    end(&b, 504, NULL,
        "{\"kind\":\"Status\",\"reason\":\"Timeout\",\"message\":\"Too large resource version: "
        "12\"}");
    await(&b);
    assert_true(asks(&b, "sendInitialEvents=true"));
    assert_false(asks(&b, "&resourceVersion="));
    say(&b, event("MODIFIED", "x", "3"));
    say(&b, end_mark("4"));
    assert_string_equal(rec_rv(cache_get(b.c, K, "n", "x")), "3");
    told(&b, "!Timeout ~x* @4 synced ");
    end(&b, 200, "broken", NULL);
    await(&b);
    assert_true(asks(&b, "&resourceVersion=4"));
    bed_done(&b);
}

TEST(a_list_that_fails_twice_is_asked_for_without_a_version)
{
    struct bed b;
    bed_open_synced(&b);
    end(&b, 410, NULL, NULL);
    for (int i = 0; i < 2; i++) {
        await(&b);
        assert_true(asks(&b, "&resourceVersion=12"));
        end(&b, 500, NULL, NULL);
    }
    await(&b);
    assert_false(asks(&b, "&resourceVersion="));
    buf_clear(&b.log);
    say(&b, event("MODIFIED", "x", "3")); /* lower than what was seen */
    say(&b, end_mark("4"));
    told(&b, "~x* @4 synced ");
    bed_done(&b);
}

TEST(an_event_larger_than_an_object_may_be_ends_the_stream_and_relists)
{
    static char big[8192];
    struct bed b;
    bed_open_synced(&b);
    memset(big, 'x', sizeof(big));
    memcpy(big, "{\"a\":\"", 6);
    int r = 0;
    for (int64_t sent = 0; r == 0 && sent < 2 * limit(LIMIT_OBJECT_BYTES);
         sent += (int64_t)sizeof(big)) {
        r = b.data(b.ctx, big, sizeof(big));
        big[0] = 'x'; /* only the first begins a value */
        big[1] = big[2] = big[3] = big[4] = big[5] = 'x';
    }
    assert_int_equal(r, -1);
    end(&b, 200, "the reader ended the stream", NULL);
    await(&b);
    assert_true(asks(&b, "sendInitialEvents=true"));
    told(&b, "!EventTooLarge ");
    bed_done(&b);
}

TEST(what_is_no_json_breaks_the_stream_and_not_the_store)
{
    struct bed b;
    bed_open_synced(&b);
    assert_int_equal(say(&b, "{nonsense}"), -1);
    end(&b, 200, "the reader ended the stream", NULL);
    await(&b);
    assert_true(asks(&b, "&resourceVersion=12"));
    assert_int_equal(b.trouble.kind, ERR_RETRY);
    assert_true(cache_is_steady(b.c, K));
    assert_int_equal(b.data(b.ctx, "{\"a\":\"\\\0\"}", 10), -1); /* an escaped NUL */
    bed_done(&b);
}

/* --- Pages
 * ----------------------------------------------------------------------------------------- */

static const char page_one[] =
    "{\"metadata\":{\"resourceVersion\":\"50\",\"continue\":\"tok/en\"},\"items\":["
    "{\"metadata\":{\"name\":\"p\",\"namespace\":\"n\",\"uid\":\"1\",\"resourceVersion\":\"7\"}}]}";
static const char page_two[] =
    "{\"metadata\":{\"resourceVersion\":\"50\"},\"items\":["
    "{\"metadata\":{\"name\":\"q\",\"namespace\":\"n\",\"uid\":\"2\",\"resourceVersion\":\"8\"}}]}";

/* A page that comes whole. */
static void page(struct bed *b, const char *text)
{
    assert_int_equal(b->data(b->ctx, text, strlen(text)), 0);
    end(b, 200, NULL, NULL);
}

static void bed_open_paged(struct bed *b)
{
    bed_open(b);
    end(b, 422, NULL,
        "{\"kind\":\"Status\",\"reason\":\"Invalid\",\"message\":\"sendInitialEvents is "
        "forbidden\"}");
    await(b);
    assert_true(asks(b, "limit=500"));
}

TEST(a_server_without_watch_list_is_listed_in_pages_then_watched)
{
    struct bed b;
    bed_open_paged(&b);
    assert_true(asks(&b, "configmaps?limit=500&labelSelector=a%3Db"));
    page(&b, page_one);
    assert_true(asks(&b, "&continue=tok%2Fen"));
    assert_false(asks(&b, "resourceVersion"));
    assert_false(cache_is_steady(b.c, K));
    page(&b, page_two);
    told(&b, "+p* +q* @50 synced ");
    assert_true(asks(&b, "watch=1"));
    assert_true(asks(&b, "&resourceVersion=50"));
    assert_true(b.t.no_watch_list);
    bed_done(&b);
}

TEST(an_expired_page_token_is_answered_with_one_unpaged_list)
{
    struct bed b;
    bed_open_paged(&b);
    page(&b, page_one);
    end(&b, 410, NULL, NULL);
    await(&b);
    assert_true(asks(&b, "limit=0"));
    assert_false(asks(&b, "continue"));
    page(&b, page_two);
    told(&b, "+p* !Gone +q* -p* @50 synced ");
    bed_done(&b);
}

TEST(a_later_page_that_fails_begins_the_pages_anew)
{
    struct bed b;
    bed_open_paged(&b);
    page(&b, page_one);
    end(&b, 500, NULL, NULL);
    await(&b);
    assert_true(asks(&b, "limit=500"));
    assert_false(asks(&b, "continue"));
    bed_done(&b);
}

TEST(an_unpaged_list_that_fails_is_followed_by_pages_again)
{
    struct bed b;
    bed_open_paged(&b);
    page(&b, page_one);
    end(&b, 410, NULL, NULL);
    await(&b);
    assert_true(asks(&b, "limit=0"));
    end(&b, 0, "the reply is larger than allowed", NULL);
    await(&b);
    assert_true(asks(&b, "limit=500"));
    bed_done(&b);
}

TEST(a_page_that_does_not_come_is_asked_for_smaller)
{
    struct bed b;
    bed_open_paged(&b);
    end(&b, 0, "the reply is larger than allowed", NULL);
    await(&b);
    assert_true(asks(&b, "limit=250"));
    bed_done(&b);
}

TEST(a_page_is_never_asked_for_smaller_than_a_few_objects)
{
    static const char *const sizes[] = {"limit=250", "limit=125", "limit=62", "limit=31",
                                        "limit=15",  "limit=7",   "limit=7"};
    struct bed b;
    bed_open_paged(&b);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        end(&b, 0, "the reply is larger than allowed", NULL);
        limits_scale(1000);
        await(&b);
        assert_true(asks(&b, sizes[i]));
    }
    bed_done(&b);
}

TEST(after_a_whole_list_pages_are_of_full_size_again)
{
    struct bed b;
    bed_open_paged(&b);
    end(&b, 0, "the reply is larger than allowed", NULL);
    await(&b);
    assert_true(asks(&b, "limit=250"));
    page(&b, page_two);
    assert_true(asks(&b, "watch=1"));
    end(&b, 410, NULL, NULL);
    await(&b);
    assert_true(asks(&b, "limit=500"));
    bed_done(&b);
}

TEST(a_page_that_was_never_asked_for_is_as_large_the_next_time)
{
    struct bed b;
    bed_open_paged(&b);
    b.done(b.ctx, &(struct http_response){.error = "refused", .body = ""});
    await(&b);
    assert_true(asks(&b, "limit=500"));
    told(&b, "!NoReply ");
    bed_done(&b);
}

TEST(a_page_that_breaks_after_its_first_bytes_is_asked_for_smaller)
{
    struct bed b;
    bed_open_paged(&b);
    assert_int_equal(b.data(b.ctx, page_two, sizeof(page_two) - 2), 0);
    end(&b, 200, "connection reset", NULL);
    told(&b, "+q* !ListBroken ");
    await(&b);
    assert_true(asks(&b, "limit=250"));
    bed_done(&b);
}

TEST(a_first_page_that_is_gone_is_asked_for_again)
{
    struct bed b;
    bed_open_paged(&b);
    end(&b, 410, NULL, NULL);
    await(&b);
    assert_true(asks(&b, "limit=500"));
    bed_done(&b);
}

TEST(objects_of_a_page_are_there_before_the_page_is_whole)
{
    struct bed b;
    size_t first = sizeof(page_one) - 2;
    bed_open_paged(&b);
    assert_int_equal(b.data(b.ctx, page_one, first), 0);
    told(&b, "+p* ");
    assert_false(cache_is_steady(b.c, K));
    assert_int_equal(b.data(b.ctx, page_one + first, 1), 0);
    end(&b, 200, NULL, NULL);
    assert_true(asks(&b, "&continue=tok%2Fen"));
    bed_done(&b);
}

TEST(a_page_that_breaks_off_sweeps_nothing_and_is_asked_for_again)
{
    struct bed b;
    bed_open_paged(&b);
    assert_int_equal(b.data(b.ctx, page_two, sizeof(page_two) - 2), 0);
    end(&b, 200, NULL, NULL);
    told(&b, "+q* !ListInterrupted ");
    assert_false(cache_is_steady(b.c, K));
    await(&b);
    assert_true(asks(&b, "limit=500"));
    page(&b, page_one);
    page(&b, page_two);
    told(&b, "+p* @50 synced ");
    bed_done(&b);
}

TEST(what_follows_a_page_makes_it_malformed)
{
    struct bed b;
    bed_open_paged(&b);
    assert_int_equal(b.data(b.ctx, page_two, sizeof(page_two) - 1), 0);
    assert_int_equal(b.data(b.ctx, " \n", 2), 0);
    assert_int_equal(b.data(b.ctx, "{", 1), -1);
    end(&b, 200, "the reader ended the stream", NULL);
    told(&b, "+q* !MalformedJSON ");
    await(&b);
    assert_int_equal(b.data(b.ctx, page_two, sizeof(page_two) - 1), 0);
    assert_int_equal(b.data(b.ctx, "7", 1), -1);
    bed_done(&b);
}

TEST(a_page_over_the_limit_of_a_response_is_asked_for_smaller)
{
    struct bed b;
    bed_open_paged(&b);
    static char blanks[1 << 16];
    int r = b.data(b.ctx, "{", 1);
    memset(blanks, ' ', sizeof(blanks));
    for (int64_t sent = 0; r == 0 && sent < 2 * limit(LIMIT_RESPONSE_BYTES);
         sent += (int64_t)sizeof(blanks)) {
        r = b.data(b.ctx, blanks, sizeof(blanks));
    }
    assert_int_equal(r, -1);
    end(&b, 200, "the reader ended the stream", NULL);
    told(&b, "!PageTooLarge ");
    await(&b);
    assert_true(asks(&b, "limit=250"));
    bed_done(&b);
}

TEST(an_unpaged_list_may_be_longer_than_a_page)
{
    struct bed b;
    bed_open_paged(&b);
    page(&b, page_one);
    end(&b, 410, NULL, NULL);
    await(&b);
    assert_true(asks(&b, "limit=0"));
    static char blanks[1 << 16];
    memset(blanks, ' ', sizeof(blanks));
    assert_int_equal(b.data(b.ctx, "{", 1), 0);
    for (int64_t sent = 0; sent <= limit(LIMIT_RESPONSE_BYTES); sent += (int64_t)sizeof(blanks)) {
        assert_int_equal(b.data(b.ctx, blanks, sizeof(blanks)), 0);
    }
    assert_int_equal(b.data(b.ctx, page_two + 1, sizeof(page_two) - 2), 0);
    end(&b, 200, NULL, NULL);
    told(&b, "+p* !Gone +q* -p* @50 synced ");
    bed_done(&b);
}

TEST(freeing_a_watcher_closes_the_page_on_its_way)
{
    struct bed b;
    bed_open_paged(&b);
    watcher_free(b.w);
    b.w = NULL;
    assert_int_equal(b.closed, 1);
    told(&b, "");
    bed_done(&b);
}

TEST(freeing_a_watcher_closes_its_stream)
{
    struct bed b;
    bed_open_synced(&b);
    watcher_free(b.w);
    b.w = NULL;
    assert_int_equal(b.closed, 1);
    bed_done(&b);
}

SPEC_MAIN()
