/* The store's client where what it sends changes under its hands. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/client.h"
#include "store/server.h"
#include "support/sh.h"
#include "support/spec.h"

enum { LARGE = 3 << 20, PATIENCE_MS = 20000 };

static char top[64];

static bool auth(void *ctx UNUSED, uint64_t ask UNUSED, const char *token,
                 struct server_verdict *ret)
{
    *ret = (struct server_verdict){.status = 200};
    snprintf(ret->ns, sizeof(ret->ns), "%s", token);
    return true;
}

static const char *at(const char *name)
{
    static char path[4][128];
    static unsigned i;

    i = (i + 1) % 4;
    snprintf(path[i], sizeof(path[i]), "%s/%s", top, name);
    return path[i];
}

/* Once the first bytes are on their way, the file loses its second half. */
static void cut(void *ctx, const char *doing, int64_t done, int64_t total UNUSED)
{
    int *calls = ctx;

    if (strcmp(doing, "sending") == 0 && done > 0 && ++*calls == 1) {
        assert_int_equal(truncate(at("in/large"), LARGE / 2), 0);
    }
}

static struct blobs *blobs;
static struct server *server;

/* A store, and the folder `in` with one file; cut may be NULL. */
static struct store_client *given_a_store(tree_progress_fn *fn, int *calls)
{
    static char url[64], token[128];
    struct err e = {0};

    snprintf(top, sizeof(top), "/tmp/store-client-XXXXXX");
    assert_non_null(mkdtemp(top));
    assert_int_equal(sh("cd %s && mkdir root in && printf digits >token && head -c %d /dev/zero "
                        ">in/large",
                        top, LARGE),
                     0);
    blobs = blobs_open(at("root"), &e);
    assert_non_null(blobs);
    server = server_start(
        &(struct server_conf){.listen = "127.0.0.1:0", .blobs = blobs, .auth = auth}, &e);
    assert_non_null(server);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d", server_port(server));
    snprintf(token, sizeof(token), "%s", at("token"));
    return store_client_new(&(struct store_client_conf){.url = url,
                                                        .ns = "digits",
                                                        .token_file = token,
                                                        .patience_ms = PATIENCE_MS,
                                                        .progress = {.fn = fn, .ctx = calls}});
}

static void clear(struct store_client *c)
{
    store_client_free(c);
    server_stop(server, 100);
    blobs_close(blobs);
    assert_int_equal(sh("rm -rf %s", top), 0);
}

TEST(a_file_that_becomes_shorter_while_it_is_sent_is_refused_at_once)
{
    struct store_tree t;
    struct err e = {0};
    int calls = 0;
    struct store_client *c = given_a_store(cut, &calls);
    int64_t began = clock_boot_ms();

    assert_int_equal(store_put(c, at("in"), &t, &e), -1);
    assert_string_equal(e.reason, "ReadFailed");
    assert_int_equal(e.kind, ERR_INVALID);
    assert_non_null(strstr(e.text, "'large': it became shorter"));
    assert_true(clock_boot_ms() - began < PATIENCE_MS / 2);
    clear(c);
}

TEST(content_that_grew_on_the_stores_disk_is_refused_at_once)
{
    struct store_tree t;
    struct err e = {0};
    struct store_client *c = given_a_store(NULL, NULL);
    int64_t began = clock_boot_ms();

    assert_ok(store_put(c, at("in"), &t, &e), &e);
    assert_int_equal(sh("chmod -R u+w %s/root; find %s/root/blobs -type f -size +1M -exec sh -c "
                        "'echo more >>$1' - {} \\;",
                        top, top),
                     0);
    assert_int_equal(store_get(c, t.digest, at("out"), &t, &e), -1);
    assert_string_equal(e.reason, "DigestMismatch");
    assert_non_null(strstr(e.text, "damaged"));
    assert_true(clock_boot_ms() - began < PATIENCE_MS / 2);
    clear(c);
}

SPEC_MAIN()
