#include "store/call.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/span.h"
#include "json/json.h"

enum { TOKEN_MAX = 12000, REFUSAL_MAX = 8192, PAUSE_MS = 200, PAUSE_MAX_MS = 5000, SILENT_S = 120 };

struct line {
    const struct store_client_conf *conf;
    CURL *curl;
};

/* One attempt. */
struct attempt {
    struct line *l;
    struct call *c;
    int64_t at;      /* of the body */
    bool unreadable; /* it could not be read to its end: … */
    int read_errno;  /* … why; 0: it has become shorter */
    struct buf refusal;
    char error[CURL_ERROR_SIZE];
};

/* --- libcurl's callbacks -------------------------------------------------------------------------
 */

static size_t on_read(char *p, size_t size, size_t n, void *ctx)
{
    struct attempt *t = ctx;
    int64_t left = t->c->body_len - t->at, want = (int64_t)(size * n);
    ssize_t got = left < want ? left : want;
    if (t->c->body != NULL) {
        memcpy(p, t->c->body + t->at, (size_t)got);
    } else {
        got = pread(t->c->body_fd, p, (size_t)got, t->at);
        if (got < 0 || (got == 0 && left > 0)) {
            t->unreadable = true;
            t->read_errno = got < 0 ? errno : 0;
            return CURL_READFUNC_ABORT;
        }
    }
    t->at += got;
    if (t->c->sent != NULL) {
        t->c->sent(t->c->sent_ctx, t->at);
    }
    return (size_t)got;
}

static int on_seek(void *ctx, curl_off_t offset, int origin)
{
    struct attempt *t = ctx;
    if (origin != SEEK_SET) {
        return CURL_SEEKFUNC_CANTSEEK;
    }
    t->at = offset;
    return CURL_SEEKFUNC_OK;
}

static size_t on_data(char *p, size_t size, size_t n, void *ctx)
{
    struct attempt *t = ctx;
    long status = 0;
    curl_easy_getinfo(t->l->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status / 100 != 2) {
        return buf_add(&t->refusal, p, size * n) < 0 ? 0 : size * n;
    }
    if (t->c->data != NULL && t->c->data(t->c->ctx, p, size * n) < 0) {
        return 0;
    }
    return size * n;
}

/* --- One attempt ---------------------------------------------------------------------------------
 */

static int read_token(const char *file, char ret[TOKEN_MAX], struct err *e)
{
    static const char prefix[] = "Authorization: Bearer ";
    size_t n = sizeof(prefix) - 1;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, ret + n, TOKEN_MAX - n - 1) : -1;
    int kept = errno;
    if (fd >= 0) {
        close(fd);
    }
    if (got <= 0) {
        return err_set(e, ERR_RETRY, "NoToken", "the store's token '%s' cannot be read: %s", file,
                       got < 0 ? strerror(kept) : "it is empty");
    }
    memcpy(ret, prefix, n);
    ret[n + (size_t)got] = '\0';
    ret[n + strcspn(ret + n, "\r\n")] = '\0';
    return 0;
}

static void set_method(struct attempt *t)
{
    CURL *curl = t->l->curl;
    if (str_eq(t->c->method, "PUT")) {
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)t->c->body_len);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
        curl_easy_setopt(curl, CURLOPT_READDATA, t);
        curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, on_seek);
        curl_easy_setopt(curl, CURLOPT_SEEKDATA, t);
    } else if (str_eq(t->c->method, "HEAD")) {
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    } else {
        curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    }
}

static void set_options(struct attempt *t, const char *url, struct curl_slist *headers)
{
    CURL *curl = t->l->curl;
    curl_easy_reset(curl); /* the connections stay */
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)limit(LIMIT_CONNECT_MS));
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SILENT_S);
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 1L << 17);
    curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, 1L << 17);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "dkube-step/" DKUBE_VERSION);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, t->error);
    set_method(t);
}

/* The store's own words, or the status. */
static int refused(const struct attempt *t, enum err_kind kind, struct err *e)
{
    struct arena a = {0};
    const struct json *j = NULL;
    struct err ignored;
    const char *reason = NULL, *message = NULL;
    static const char *const reasons[] = {"Unauthorized", "Forbidden",   "NotFound",
                                          "StoreFull",    "StoreFailed", "DigestMismatch",
                                          "InvalidTree",  "MissingBlob", "TooLarge"};
    if (json_parse(&a, buf_str(&t->refusal), t->refusal.len, &j, &ignored) == 0) {
        reason = json_str(j, "reason", NULL);
        message = json_str(j, "message", NULL);
    }
    const char *known = "StoreRefused";
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
        known = str_eq(reason, reasons[i]) ? reasons[i] : known;
    }
    if (message != NULL) {
        err_set(e, kind, known, "the store refuses: %s", message);
    } else {
        err_set(e, kind, known, "the store answers %s with status %d", t->c->method, t->c->status);
    }
    arena_done(&a);
    return -1;
}

static int outcome(struct attempt *t, CURLcode rc, struct err *e)
{
    long status = 0;
    curl_easy_getinfo(t->l->curl, CURLINFO_RESPONSE_CODE, &status);
    t->c->status = (int)status;
    if (t->c->fatal != 0) {
        return err_set(e, ERR_INVALID, "WriteFailed", "cannot write: %s", strerror(t->c->fatal));
    }
    if (t->unreadable) {
        return err_set(e, ERR_INVALID, "ReadFailed", "%s",
                       t->read_errno != 0 ? strerror(t->read_errno)
                                          : "it became shorter while it was sent; write outputs "
                                            "to their end before the command ends");
    }
    bool missing = status == 404 && !str_eq(t->c->method, "PUT"); /* an answer, if one asks */
    if (status / 100 == 2 || missing) {
        if (rc == CURLE_OK) {
            return 0;
        }
    } else if (status >= 400) {
        return refused(t, status >= 500 || status == 401 || status == 408 ? ERR_RETRY : ERR_INVALID,
                       e);
    }
    return err_set(e, ERR_RETRY, "StoreUnavailable", "the store at %s does not answer: %s",
                   t->l->conf->url, t->error[0] != '\0' ? t->error : curl_easy_strerror(rc));
}

static int attempt_once(struct line *l, struct call *c, struct err *e)
{
    struct attempt t = {.l = l, .c = c};
    struct arena a = {0};
    char token[TOKEN_MAX];
    if (read_token(l->conf->token_file, token, e) < 0) {
        return -1;
    }
    if (c->restart != NULL && c->restart(c->ctx) < 0) {
        return err_set(e, ERR_RETRY, "WriteFailed", "cannot write: %s", strerror(errno));
    }
    buf_init(&t.refusal, REFUSAL_MAX);
    struct curl_slist *headers = curl_slist_append(NULL, token);
    headers = curl_slist_append(headers, "Expect:");
    set_options(&t, arena_printf(&a, "%s%s", l->conf->url, c->path), headers);
    CURLcode rc = curl_easy_perform(l->curl);
    int r = outcome(&t, rc, e);
    curl_slist_free_all(headers);
    explicit_bzero(token, sizeof(token));
    buf_done(&t.refusal);
    arena_done(&a);
    return r;
}

/* --- Patience ------------------------------------------------------------------------------------
 */

static void pause_ms(int64_t ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&t, &t) < 0 && errno == EINTR) {
        continue;
    }
}

int line_call(struct line *l, struct call *c, struct err *e)
{
    int64_t failed_ms = 0; /* boot time of the first failure: a long transfer is none */
    for (int64_t wait = PAUSE_MS;; wait = wait * 2 < PAUSE_MAX_MS ? wait * 2 : PAUSE_MAX_MS) {
        if (attempt_once(l, c, e) == 0) {
            return 0;
        }
        int64_t now = clock_boot_ms();
        failed_ms = failed_ms > 0 ? failed_ms : now;
        /* a token that is refused has been replaced by then, or will not be */
        bool hopeless = e->kind != ERR_RETRY || (c->status == 401 && wait >= 8 * PAUSE_MS);
        if (hopeless || now - failed_ms + wait > l->conf->patience_ms) {
            return -1;
        }
        pause_ms(wait);
    }
}

struct line *line_new(const struct store_client_conf *conf)
{
    struct line *l = mem_alloc(sizeof(*l));
    l->conf = conf;
    l->curl = curl_easy_init();
    if (l->curl == NULL) {
        mem_exhausted();
    }
    return l;
}

void line_free(struct line *l)
{
    curl_easy_cleanup(l->curl);
    mem_free(l);
}
