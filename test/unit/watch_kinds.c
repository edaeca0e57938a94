/* What a watch asks for of its kind, and kinds that come and go. */
#include <stdlib.h>

#include "api/pod.gen.h"
#include "api/secret.gen.h"
#include "support/bed.h"

static void bed_open_optional(struct bed *b)
{
    bed_open(b);
    bed_watch(b, K);
    watcher_optional(b->w);
    watcher_start(b->w);
}

TEST(an_optional_kind_that_is_not_served_counts_as_empty_and_is_watched_when_it_comes)
{
    struct bed b;
    struct watch_stats s;
    bed_open_optional(&b);
    end(&b, 404, NULL, "404 page not found");
    await(&b);
    assert_false(cache_is_steady(b.c, K));
    end(&b, 404, NULL, "404 page not found");
    watcher_stats(b.w, &s);
    assert_true(s.absent);
    assert_non_null(strstr(buf_str(&b.log), "synced"));
    assert_true(cache_is_steady(b.c, K));
    await(&b);
    assert_true(asks(&b, "sendInitialEvents"));
    assert_false(asks(&b, "resourceVersion="));
    buf_clear(&b.log);
    assert_int_equal(say(&b, event("ADDED", "x", "10")), 0);
    assert_int_equal(say(&b, end_mark("12")), 0);
    told(&b, "+x* @12 synced ");
    watcher_stats(b.w, &s);
    assert_false(s.absent);
    bed_done(&b);
}

TEST(an_optional_kind_that_goes_takes_its_objects_along_and_one_404_does_not)
{
    struct bed b;
    bed_open_optional(&b);
    assert_int_equal(say(&b, event("ADDED", "x", "10")), 0);
    assert_int_equal(say(&b, end_mark("12")), 0);
    buf_clear(&b.log);
    end(&b, 404, NULL, "404 page not found");
    assert_int_equal(cache_count(b.c, K), 1);
    await(&b);
    end(&b, 404, NULL, "404 page not found");
    assert_int_equal(cache_count(b.c, K), 0);
    assert_non_null(strstr(buf_str(&b.log), "-x "));
    await(&b);
    bed_done(&b);
}

TEST(a_404_never_empties_a_kind_that_must_be_there)
{
    struct bed b;
    bed_open_synced(&b);
    for (int i = 0; i < 4; i++) {
        end(&b, 404, NULL, "404 page not found");
        await(&b);
    }
    assert_int_equal(cache_count(b.c, K), 1);
    bed_done(&b);
}

TEST(managed_fields_are_left_out_where_nobody_keeps_them)
{
    struct bed b;
    bed_open(&b);
    assert_string_equal(b.accept, "application/json"); /* a ConfigMap's are compared */
    bed_watch(&b, &kind_pod);
    watcher_start(b.w);
    assert_string_equal(b.accept, "application/json;drop=metadata.managedFields,application/json");
    bed_done(&b);
}

TEST(of_a_kind_of_which_metadata_alone_is_kept_nothing_else_is_asked_for)
{
    struct bed b;
    bed_open(&b);
    bed_watch(&b, &kind_secret);
    watcher_start(b.w);
    assert_non_null(strstr(b.accept, "as=PartialObjectMetadata;g=meta.k8s.io;v=v1"));
    b.t.no_watch_list = true;
    bed_watch(&b, &kind_secret);
    watcher_start(b.w);
    assert_non_null(strstr(b.accept, "as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"));
    bed_done(&b);
}

TEST(a_kind_may_be_declared_without_the_generator)
{
    static const struct kind widget = {"example.com", "v1", "Widget",
                                       "widgets",     true, &rec_meta_rows};
    struct bed b;
    bed_open(&b);
    bed_watch(&b, &widget);
    watcher_start(b.w);
    assert_true(asks(&b, "/apis/example.com/v1/widgets?watch=1"));
    assert_non_null(strstr(b.accept, "as=PartialObjectMetadata"));
    assert_int_equal(say(&b, event("ADDED", "x", "10")), 0);
    assert_non_null(cache_get(b.c, &widget, "n", "x"));
    bed_done(&b);
}

TEST(a_list_answered_429_while_the_kind_initialises_is_asked_for_again_as_it_was)
{
    struct bed b;
    bed_open(&b);
    for (int i = 0; i < 3; i++) {
        end(&b, 429, NULL,
            "{\"kind\":\"Status\",\"reason\":\"TooManyRequests\",\"message\":"
            "\"storage is (re)initializing\"}");
        await(&b);
    }
    assert_true(asks(&b, "sendInitialEvents=true"));
    assert_false(b.t.no_watch_list);
    assert_int_equal(say(&b, event("ADDED", "x", "10")), 0);
    assert_int_equal(say(&b, end_mark("12")), 0);
    assert_int_equal(cache_count(b.c, K), 1);
    bed_done(&b);
}

TEST(what_one_watch_learned_of_the_server_the_others_know)
{
    struct bed b;
    bed_open(&b);
    end(&b, 422, NULL, "");
    await(&b);
    assert_true(asks(&b, "limit="));
    bed_watch(&b, &kind_pod);
    watcher_start(b.w);
    assert_true(asks(&b, "pods?limit="));
    assert_false(asks(&b, "sendInitialEvents"));
    bed_done(&b);
}

TEST(watches_end_at_random_between_five_and_ten_minutes)
{
    struct bed b;
    long least = 600, most = 0;
    bed_open(&b);
    limits_scale(1);
    for (int i = 0; i < 50; i++) {
        bed_watch(&b, K);
        watcher_start(b.w);
        long s = strtol(strstr(b.path, "timeoutSeconds=") + strlen("timeoutSeconds="), NULL, 10);
        least = s < least ? s : least;
        most = s > most ? s : most;
    }
    assert_in_range(least, 300, 400);
    assert_in_range(most, 500, 600);
    bed_done(&b);
}

SPEC_MAIN()
