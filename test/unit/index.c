/* index.c — the cache's hash tables. */
#include "kube/index.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "support/spec.h"

enum { MANY = 1000 };

struct item {
    char key[16];
};

static uint64_t hash_key(const char *key)
{
    return index_hash(0, key, strlen(key));
}

static uint64_t hash_item(const void *item)
{
    return hash_key(((const struct item *)item)->key);
}

static uint64_t hash_alike(const void *item UNUSED)
{
    return 7;
}

static bool is_key(const void *item, const void *key)
{
    return strcmp(((const struct item *)item)->key, key) == 0;
}

static struct item items[MANY];

static void given_many(struct index *x, index_hash_fn *hash)
{
    for (int i = 0; i < MANY; i++) {
        snprintf(items[i].key, sizeof(items[i].key), "key-%d", i);
        index_add(x, &items[i], hash);
    }
}

TEST(an_empty_table_finds_and_removes_nothing)
{
    struct index x = {0};
    size_t pos = 0;

    assert_null(index_find(&x, 1, is_key, "a"));
    assert_false(index_remove(&x, &x, 1));
    assert_null(index_next(&x, &pos));
}

TEST(every_item_is_found_by_its_key_however_the_table_grew)
{
    struct index x CLEANUP(index_done) = {0};

    given_many(&x, hash_item);
    for (int i = 0; i < MANY; i++) {
        assert_ptr_equal(index_find(&x, hash_item(&items[i]), is_key, items[i].key), &items[i]);
    }
    assert_null(index_find(&x, hash_key("other"), is_key, "other"));
    assert_true(x.cap < 4 * MANY);
}

TEST(items_that_hash_alike_are_told_apart_by_their_keys)
{
    struct index x CLEANUP(index_done) = {0};

    given_many(&x, hash_alike);
    assert_true(index_remove(&x, &items[3], 7));
    assert_null(index_find(&x, 7, is_key, "key-3"));
    assert_ptr_equal(index_find(&x, 7, is_key, "key-999"), &items[999]);
}

TEST(a_walk_that_removes_what_it_meets_meets_everything_once)
{
    struct index x CLEANUP(index_done) = {0};
    size_t pos = 0, met = 0;
    struct item *it;

    given_many(&x, hash_item);
    while ((it = index_next(&x, &pos)) != NULL) {
        assert_true(index_remove(&x, it, hash_item(it)));
        assert_false(index_remove(&x, it, hash_item(it)));
        met++;
    }
    assert_int_equal(met, MANY);
    assert_int_equal(x.live, 0);
}

TEST(a_table_in_which_items_come_and_go_stays_small)
{
    struct index x CLEANUP(index_done) = {0};

    given_many(&x, hash_item);
    for (int i = 10; i < MANY; i++) {
        index_remove(&x, &items[i], hash_item(&items[i]));
    }
    for (int i = 0; i < 100 * MANY; i++) {
        index_add(&x, &items[500], hash_item);
        assert_true(index_remove(&x, &items[500], hash_item(&items[500])));
    }
    assert_true(x.cap <= 64);
    assert_int_equal(x.live, 10);
    assert_ptr_equal(index_find(&x, hash_key("key-9"), is_key, "key-9"), &items[9]);
}

SPEC_MAIN()
