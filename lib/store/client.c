#include "store/client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/landing.h"
#include "base/mem.h"
#include "base/span.h"
#include "store/call.h"

enum { DAMAGED_MAX = 3 };

struct store_client {
    struct store_client_conf conf;
    struct line *line;
};

/* How far a transfer is. */
struct course {
    struct store_client *c;
    const char *doing;
    int64_t before, total; /* bytes of the files before this one, of all */
};

static void on_sent(void *ctx, int64_t bytes)
{
    struct course *k = ctx;
    if (k->c->conf.progress.fn != NULL) {
        k->c->conf.progress.fn(k->c->conf.progress.ctx, k->doing, k->before + bytes, k->total);
    }
}

struct store_client *store_client_new(const struct store_client_conf *conf)
{
    struct store_client *c = mem_alloc(sizeof(*c));
    c->conf = *conf;
    c->line = line_new(&c->conf);
    return c;
}

void store_client_free(struct store_client *c)
{
    if (c != NULL) {
        line_free(c->line);
        mem_free(c);
    }
}

/* --- Put -----------------------------------------------------------------------------------------
 */

static int put_file(struct store_client *c, int dir, const struct tree_file *f, struct course *k,
                    struct err *e)
{
    struct arena a = {0};
    const char *path = arena_printf(&a, "/v1/%s/blobs/%s", c->conf.ns, f->hex);
    struct call head = {.method = "HEAD", .path = path, .body_fd = -1};
    int r = line_call(c->line, &head, e);
    if (r == 0 && head.status == 404) {
        struct call put = {
            .method = "PUT", .path = path, .body_len = f->size, .sent = on_sent, .sent_ctx = k};
        put.body_fd = beneath_open(dir, f->path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
        r = put.body_fd < 0 ? err_set(e, ERR_RETRY, "ReadFailed", "'%.200s' cannot be read: %s",
                                      f->path, strerror(errno))
                            : line_call(c->line, &put, e);
        if (put.body_fd >= 0) {
            close(put.body_fd);
        }
        if (r < 0) {
            err_in(e, "'%.120s'", f->path);
        }
    }
    arena_done(&a);
    return r;
}

static int put_files(struct store_client *c, int dir, const struct tree *t, struct err *e)
{
    struct course k = {.c = c, .doing = "sending", .total = t->size};
    for (size_t i = 0; i < t->count; i++) {
        if (put_file(c, dir, &t->files[i], &k, e) < 0) {
            return -1;
        }
        k.before += t->files[i].size;
        on_sent(&k, 0);
    }
    return 0;
}

static void describe(const struct tree *t, const char *hex, struct store_tree *ret)
{
    snprintf(ret->digest, sizeof(ret->digest), "sha256:%s", hex);
    ret->size = t->size;
    ret->files = t->count;
}

static int put_tree(struct store_client *c, struct arena *a, int dir, struct store_tree *ret,
                    struct err *e)
{
    struct tree t;
    char hex[SHA256_HEX];
    size_t n = 0;
    if (tree_scan(a, dir, &c->conf.progress, &t, e) < 0) {
        return -1;
    }
    if (t.count == 0) {
        return err_set(e, ERR_NOT_FOUND, "EmptyFolder", "it holds no file");
    }
    const char *text = tree_text(a, &t, &n);
    sha256_hex(text, n, hex);
    struct call put = {.method = "PUT",
                       .path = arena_printf(a, "/v1/%s/trees/%s", c->conf.ns, hex),
                       .body_fd = -1,
                       .body = text,
                       .body_len = (int64_t)n};
    if (put_files(c, dir, &t, e) < 0 || line_call(c->line, &put, e) < 0) {
        return -1;
    }
    describe(&t, hex, ret);
    return 0;
}

int store_put(struct store_client *c, const char *dir, struct store_tree *ret, struct err *e)
{
    struct arena a = {0};
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        return err_set(e, ERR_NOT_FOUND, "EmptyFolder", "the folder '%s' does not exist", dir);
    }
    if (fd < 0) {
        return err_set(e, ERR_INVALID, "BadFolder", "the folder '%s' cannot be read: %s", dir,
                       strerror(errno));
    }
    int r = put_tree(c, &a, fd, ret, e);
    close(fd);
    arena_done(&a);
    return r;
}

/* --- Get -----------------------------------------------------------------------------------------
 */

/* A file being received. */
struct incoming {
    int fd;
    const struct tree_file *f;
    struct course *k;
    struct sha256 *hash;
    int64_t size;
    bool too_long; /* more came than the manifest says */
    struct call *call;
};

static int incoming_restart(void *ctx)
{
    struct incoming *in = ctx;
    sha256_free(in->hash);
    in->hash = sha256_new();
    in->size = 0;
    return ftruncate(in->fd, 0) == 0 && lseek(in->fd, 0, SEEK_SET) == 0 ? 0 : -1;
}

static int incoming_data(void *ctx, const void *p, size_t n)
{
    struct incoming *in = ctx;
    const char *at = p;
    in->size += (int64_t)n;
    if (in->size > in->f->size) {
        in->too_long = true;
        in->call->fatal = EBADMSG;
        return -1;
    }
    sha256_add(in->hash, p, n);
    while (n > 0) {
        ssize_t w = write(in->fd, at, n);
        if (w < 0) {
            in->call->fatal = errno;
            return -1;
        }
        at += w;
        n -= (size_t)w;
    }
    on_sent(in->k, in->size);
    return 0;
}

static int receive(struct store_client *c, struct incoming *in, const char *path, struct err *e)
{
    struct call get = {.method = "GET",
                       .path = path,
                       .body_fd = -1,
                       .restart = incoming_restart,
                       .data = incoming_data,
                       .ctx = in};
    char hex[SHA256_HEX];
    in->call = &get;
    for (int i = 0; i < DAMAGED_MAX; i++) {
        if (line_call(c->line, &get, e) < 0) {
            return !in->too_long ? -1
                                 : err_set(e, ERR_INVALID, "DigestMismatch",
                                           "the store sent more than the %lld bytes of "
                                           "sha256:%s; its disk is damaged, tell an operator",
                                           (long long)in->f->size, in->f->hex);
        }
        if (get.status == 404) {
            return err_set(e, ERR_INVALID, "MissingBlob",
                           "the store has lost its content; tell an operator");
        }
        sha256_finish(in->hash, hex);
        in->hash = NULL;
        if (str_eq(hex, in->f->hex) && in->size == in->f->size) {
            return 0;
        }
    }
    return err_set(e, ERR_INVALID, "DigestMismatch",
                   "the store sent content with the digest sha256:%s, not sha256:%s; its disk is "
                   "damaged, tell an operator",
                   hex, in->f->hex);
}

static int make_file(int root, const struct tree_file *f)
{
    const char *name;
    int parent = beneath_parent(root, f->path, true, &name);
    int fd = parent >= 0
                 ? openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)
                 : -1;
    if (parent >= 0) {
        close(parent);
    }
    return fd;
}

static int get_file(struct store_client *c, int root, const char *tree, struct incoming *in,
                    struct err *e)
{
    struct arena a = {0};
    in->fd = make_file(root, in->f);
    if (in->fd < 0) {
        return err_set(e, ERR_INVALID, "BadFolder", "'%.200s' cannot be written: %s", in->f->path,
                       strerror(errno));
    }
    int r = receive(c, in,
                    arena_printf(&a, "/v1/%s/trees/%s/blobs/%s", c->conf.ns, tree, in->f->hex), e);
    sha256_free(in->hash);
    in->hash = NULL;
    if (r < 0) {
        err_in(e, "'%.120s'", in->f->path);
    } else if (fchmod(in->fd, in->f->executable ? 0755 : 0644) < 0) {
        r = err_set(e, ERR_INVALID, "BadFolder", "'%.200s' cannot be written: %s", in->f->path,
                    strerror(errno));
    }
    close(in->fd);
    arena_done(&a);
    return r;
}

static int add_to_buf(void *ctx, const void *p, size_t n)
{
    return buf_add(ctx, p, n);
}

static int clear_buf(void *ctx)
{
    buf_clear(ctx);
    return 0;
}

static int get_manifest(struct store_client *c, struct arena *a, const char *hex, struct tree *ret,
                        struct err *e)
{
    struct buf text;
    char have[SHA256_HEX];
    buf_init(&text, TREE_TEXT_MAX);
    struct call get = {.method = "GET",
                       .path = arena_printf(a, "/v1/%s/trees/%s", c->conf.ns, hex),
                       .body_fd = -1,
                       .restart = clear_buf,
                       .data = add_to_buf,
                       .ctx = &text};
    int r = line_call(c->line, &get, e);
    if (r == 0 && get.status == 404) {
        r = err_set(e, ERR_INVALID, "NoSuchTree",
                    "the store has no content sha256:%s for namespace '%s'", hex, c->conf.ns);
    }
    if (r == 0) {
        sha256_hex(buf_str(&text), text.len, have);
        r = str_eq(have, hex) ? tree_parse(a, buf_str(&text), text.len, ret, e)
                              : err_set(e, ERR_INVALID, "DigestMismatch",
                                        "the store sent a manifest with the digest sha256:%s, not "
                                        "sha256:%s; its disk is damaged, tell an operator",
                                        have, hex);
    }
    buf_done(&text);
    return r;
}

static int get_tree(struct store_client *c, struct arena *a, const char *hex, struct landing *l,
                    struct store_tree *ret, struct err *e)
{
    struct tree t;
    if (get_manifest(c, a, hex, &t, e) < 0) {
        return -1;
    }
    struct course k = {.c = c, .doing = "fetching", .total = t.size};
    for (size_t i = 0; i < t.count; i++) {
        struct incoming in = {.f = &t.files[i], .k = &k};
        if (get_file(c, l->part, hex, &in, e) < 0) {
            return -1;
        }
        k.before += t.files[i].size;
    }
    describe(&t, hex, ret);
    return 0;
}

int store_get(struct store_client *c, const char *digest, const char *dir, struct store_tree *ret,
              struct err *e)
{
    struct arena a = {0};
    struct landing l;
    const char *hex = digest_hex(digest);
    if (hex == NULL) {
        return err_set(e, ERR_INVALID, "BadDigest", "'%.80s' is not a digest of the form sha256:…",
                       digest != NULL ? digest : "");
    }
    if (landing_begin(&l, dir, e) < 0) {
        return -1;
    }
    int r = get_tree(c, &a, hex, &l, ret, e);
    if (r < 0) {
        landing_abort(&l);
    } else {
        r = landing_commit(&l, e);
    }
    arena_done(&a);
    return r;
}
