#include "store/exchange.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/span.h"
#include "json/jsonw.h"
#include "store/tree.h"

enum { CHUNK = 1 << 16, EARLY_MAX = 1 << 20, TOKEN_MAX = 12000 };

static const struct metric requests_total = {.name = "dkube_store_requests_total",
                                             .help = "Requests by method, target and status.",
                                             .type = METRIC_COUNTER,
                                             .labels = "method,target,code"};
static const struct metric bytes_total = {.name = "dkube_store_bytes_total",
                                          .help = "Bytes of bodies received and sent.",
                                          .type = METRIC_COUNTER,
                                          .labels = "direction"};
static const struct metric reviews_total = {.name = "dkube_store_verdicts_total",
                                            .help = "Answers to the question who calls, by status.",
                                            .type = METRIC_COUNTER,
                                            .labels = "code"};

static const char *const method_names[] = {"other", "GET", "HEAD", "PUT"};
static const char *const target_names[] = {"none", "health", "metrics",
                                           "blob", "tree",   "tree-blob"};

/* The next byte must move within this time; libwebsockets counts in seconds. */
static void be_patient(struct exchange *x)
{
    int seconds = (int)(limit(LIMIT_STORE_SILENT_MS) / 1000);
    lws_set_timeout(x->wsi, PENDING_TIMEOUT_HTTP_CONTENT, seconds > 0 ? seconds : 1);
}

/* --- Replies -------------------------------------------------------------------------------------
 */

/* Takes over the text. */
static int reply_text(struct exchange *x, int status, const char *type, char *text)
{
    if (x->stage == STAGE_ASKING) {
        lws_rx_flow_control(x->wsi, 1);
    }
    blobs_abort(x->in);
    x->in = NULL;
    x->stage = STAGE_REPLYING;
    x->status = status;
    x->type = type;
    x->text = text;
    x->size = (int64_t)strlen(text);
    x->at = 0;
    be_patient(x);
    lws_callback_on_writable(x->wsi);
    return 0;
}

static int refuse(struct exchange *x, int status, const char *reason, const char *message)
{
    struct arena a = {0};
    struct jsonw w;
    jsonw_init(&w, &a);
    jsonw_obj(&w, NULL);
    jsonw_str(&w, "reason", reason);
    jsonw_str(&w, "message", message);
    jsonw_end(&w);
    char *text = mem_strdup(jsonw_text(&w));
    arena_done(&a);
    x->retry_after = status == 503 ? 1 : 0;
    return reply_text(x, status, "application/json", text);
}

static int refuse_err(struct exchange *x, const struct err *e)
{
    bool full = str_eq(e->reason, "StoreFull"), lacking = str_eq(e->reason, "MissingBlob");
    int status = full ? 507 : e->kind != ERR_INVALID ? 500 : lacking ? 409 : 422;
    return refuse(x, status, e->reason, e->text);
}

static int reply_file(struct exchange *x, int fd, int64_t size, const char *type)
{
    if (fd < 0 && errno != ENOENT && errno != 0) { /* it may be there all the same */
        return refuse(x, 503, "StoreFailed", strerror(errno));
    }
    if (fd < 0) {
        return refuse(x, 404, "NotFound", "there is no such content for this namespace");
    }
    x->stage = STAGE_REPLYING;
    x->status = 200;
    x->type = type;
    x->fd = fd;
    x->open = true;
    x->size = size;
    be_patient(x);
    lws_callback_on_writable(x->wsi);
    return 0;
}

static int write_headers(struct exchange *x)
{
    unsigned char room[LWS_PRE + 1024], *start = room + LWS_PRE, *p = start,
                                        *end = room + sizeof(room) - 1;
    static const unsigned char one[] = "1", bearer[] = "Bearer", nosniff[] = "nosniff";
    bool bad = lws_add_http_common_headers(x->wsi, (unsigned)x->status, x->type,
                                           (lws_filepos_t)x->size, &p, end) ||
               lws_add_http_header_by_name(
                   x->wsi, (const unsigned char *)"x-content-type-options:", nosniff, 7, &p, end);
    if (!bad && x->retry_after > 0) {
        bad = lws_add_http_header_by_token(x->wsi, WSI_TOKEN_HTTP_RETRY_AFTER, one, 1, &p, end);
    }
    if (!bad && x->status == 401) {
        bad = lws_add_http_header_by_token(x->wsi, WSI_TOKEN_HTTP_WWW_AUTHENTICATE, bearer, 6, &p,
                                           end);
    }
    if (bad || lws_finalize_write_http_header(x->wsi, start, &p, end)) {
        return -1;
    }
    x->headers_sent = true;
    return 0;
}

static int reply_done(struct exchange *x)
{
    char code[16];
    struct lws *wsi = x->wsi;
    snprintf(code, sizeof(code), "%d", x->status);
    metrics_add(x->host->metrics, &requests_total, 1, method_names[x->method],
                target_names[x->target], code, NULL);
    exchange_clear(x);
    return lws_http_transaction_completed(wsi) ? -1 : 0;
}

/* The next piece of the reply into `p`; -1 when the file is shorter than it was. */
static ssize_t next_piece(struct exchange *x, unsigned char *p, size_t n)
{
    if (x->open) {
        return pread(x->fd, p, n, x->at);
    }
    memcpy(p, x->text + x->at, n);
    return (ssize_t)n;
}

int exchange_write(struct exchange *x)
{
    unsigned char room[LWS_PRE + CHUNK];
    if (x->stage != STAGE_REPLYING) {
        return 0;
    }
    if (!x->headers_sent && write_headers(x) < 0) {
        return -1;
    }
    int64_t left = x->method == METHOD_HEAD ? 0 : x->size - x->at;
    if (left == 0) {
        return reply_done(x);
    }
    ssize_t n = next_piece(x, room + LWS_PRE, left < CHUNK ? (size_t)left : CHUNK);
    if (n <= 0) {
        return -1;
    }
    bool last = n == left;
    if (lws_write(x->wsi, room + LWS_PRE, (size_t)n, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) <
        0) {
        return -1;
    }
    x->at += n;
    metrics_add(x->host->metrics, &bytes_total, (double)n, "out", NULL);
    if (last) {
        return reply_done(x);
    }
    be_patient(x);
    lws_callback_on_writable(x->wsi);
    return 0;
}

/* --- What is asked -------------------------------------------------------------------------------
 */

static enum method method_of(struct lws *wsi)
{
    return lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0  ? METHOD_HEAD
           : lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0 ? METHOD_GET
           : lws_hdr_total_length(wsi, WSI_TOKEN_PUT_URI) > 0 ? METHOD_PUT
                                                              : METHOD_OTHER;
}

/* The next part of the path up to '/', at most n-1 bytes. */
static bool take_part(const char **path, char *ret, size_t n)
{
    size_t len = strcspn(*path, "/");
    if (len == 0 || len >= n) {
        return false;
    }
    memcpy(ret, *path, len);
    ret[len] = '\0';
    *path += len + ((*path)[len] == '/' ? 1 : 0);
    return true;
}

/* Below /v1/. */
static enum target v1_target(struct exchange *x, const char *path)
{
    char word[8], below[8];
    if (!take_part(&path, x->ns, sizeof(x->ns)) || !ns_valid(x->ns) ||
        !take_part(&path, word, sizeof(word)) || !take_part(&path, x->hex, sizeof(x->hex)) ||
        !hex_valid(x->hex)) {
        return TARGET_NONE;
    }
    if (*path == '\0') {
        return str_eq(word, "blobs")   ? TARGET_BLOB
               : str_eq(word, "trees") ? TARGET_TREE
                                       : TARGET_NONE;
    }
    bool nested = str_eq(word, "trees") && take_part(&path, below, sizeof(below)) &&
                  str_eq(below, "blobs") && take_part(&path, x->blob, sizeof(x->blob)) &&
                  *path == '\0' && hex_valid(x->blob);
    return nested ? TARGET_TREE_BLOB : TARGET_NONE;
}

static enum target target_of(struct exchange *x, const char *path)
{
    if (strncmp(path, "/v1/", 4) == 0) {
        return v1_target(x, path + 4);
    }
    return strcmp(path, "/healthz") == 0   ? TARGET_HEALTH
           : strcmp(path, "/metrics") == 0 ? TARGET_METRICS
                                           : TARGET_NONE;
}

/* The length of the body that will come; -1: not said, or not as a number. */
static int64_t length_of(struct lws *wsi)
{
    char text[24];
    int64_t v = 0;
    int n = lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_HTTP_CONTENT_LENGTH);
    if (n <= 0 || n > 18 || strspn(text, "0123456789") != (size_t)n) {
        return -1;
    }
    for (int i = 0; i < n; i++) {
        v = v * 10 + (text[i] - '0');
    }
    return v;
}

static bool is_offered(const struct exchange *x)
{
    switch (x->target) {
    case TARGET_BLOB:
        return x->method == METHOD_PUT || x->method == METHOD_HEAD;
    case TARGET_TREE:
        return x->method == METHOD_PUT || x->method == METHOD_GET || x->method == METHOD_HEAD;
    case TARGET_HEALTH:
    case TARGET_METRICS:
    case TARGET_TREE_BLOB:
        return x->method == METHOD_GET || x->method == METHOD_HEAD;
    case TARGET_NONE:
        break;
    }
    return true;
}

/* --- After the verdict ---------------------------------------------------------------------------
 */

static int put_done(struct exchange *x)
{
    struct err e;
    int r;
    if (x->target == TARGET_BLOB) {
        struct blob_in *in = x->in;
        x->in = NULL;
        r = blobs_commit(in, &e);
    } else {
        r = blobs_put_tree(x->host->conf->blobs, x->ns, x->hex, buf_str(&x->body), x->body.len, &e);
    }
    return r < 0 ? refuse_err(x, &e) : reply_text(x, 201, "text/plain", mem_strdup("kept\n"));
}

static int put_add(struct exchange *x, const void *p, size_t n)
{
    struct err e;
    if (x->target == TARGET_BLOB) {
        return blobs_add(x->in, p, n, &e) < 0 ? refuse_err(x, &e) : 0;
    }
    if (buf_add(&x->body, p, n) < 0) {
        return refuse(x, 413, "TooLarge", "the manifest is larger than allowed");
    }
    return 0;
}

static int put_begin(struct exchange *x)
{
    struct err e;
    struct buf early = x->body;
    buf_init(&x->body, TREE_TEXT_MAX);
    x->stage = STAGE_BODY;
    if (x->target == TARGET_BLOB) {
        x->in = blobs_begin(x->host->conf->blobs, x->ns, x->hex, &e);
        if (x->in == NULL) {
            buf_done(&early);
            return refuse_err(x, &e);
        }
    }
    int r = put_add(x, buf_str(&early), early.len);
    buf_done(&early);
    if (r == 0 && x->stage == STAGE_BODY && (x->body_done || x->length == 0)) {
        r = put_done(x);
    }
    return r;
}

static int start(struct exchange *x)
{
    struct blobs *b = x->host->conf->blobs;
    int64_t size = 0;
    int fd;
    if (x->method == METHOD_PUT) {
        return put_begin(x);
    }
    if (x->target == TARGET_BLOB) {
        return blobs_has(b, x->ns, x->hex, &size)
                   ? reply_text(x, 200, "text/plain", mem_strdup(""))
                   : refuse(x, 404, "NotFound", "this namespace has not put it");
    }
    fd = x->target == TARGET_TREE ? blobs_read_tree(b, x->ns, x->hex, &size)
                                  : blobs_read(b, x->ns, x->hex, x->blob, &size);
    return reply_file(x, fd, size, "application/octet-stream");
}

static int decide(struct exchange *x, const struct server_verdict *v)
{
    char code[16], text[200];
    snprintf(code, sizeof(code), "%d", v->status);
    metrics_add(x->host->metrics, &reviews_total, 1, code, NULL);
    if (v->status != 200) {
        return refuse(x, v->status, v->status == 401 ? "Unauthorized" : "Unavailable", v->text);
    }
    if (!str_eq(v->ns, x->ns)) {
        snprintf(text, sizeof(text), "the caller's namespace is '%s', it may not use '%s'", v->ns,
                 x->ns);
        return refuse(x, 403, "Forbidden", text);
    }
    return start(x);
}

void exchange_verdict(struct exchange *x, const struct server_verdict *v)
{
    lws_rx_flow_control(x->wsi, 1);
    x->stage = STAGE_IDLE;
    if (decide(x, v) < 0) {
        lws_set_timeout(x->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    }
}

/* --- The request ---------------------------------------------------------------------------------
 */

static int ask(struct exchange *x, const char *token)
{
    struct server_verdict v;
    x->ask = ++x->host->next_ask;
    if (x->host->conf->auth(x->host->conf->ctx, x->ask, token, &v)) {
        return decide(x, &v);
    }
    x->stage = STAGE_ASKING;
    be_patient(x);
    if (x->method == METHOD_PUT) {
        lws_rx_flow_control(x->wsi, 0);
    }
    return 0;
}

static int health(struct exchange *x)
{
    if (x->host->silent_ms > limit(LIMIT_HEARTBEAT_MS)) {
        return refuse(x, 503, "Stuck", "the program's loop has not moved for a while");
    }
    return reply_text(x, 200, "text/plain", mem_strdup("ok\n"));
}

static int report_metrics(struct exchange *x)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    if (metrics_write(x->host->metrics, &b) < 0) {
        buf_clear(&b);
    }
    char *text = mem_strdup(buf_str(&b));
    buf_done(&b);
    return reply_text(x, 200, "text/plain; version=0.0.4; charset=utf-8", text);
}

static int begin_put(struct exchange *x)
{
    x->length = length_of(x->wsi);
    if (x->length < 0 || lws_hdr_total_length(x->wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0) {
        return refuse(x, 411, "LengthRequired", "a PUT needs Content-Length");
    }
    int64_t most = x->target == TARGET_TREE ? TREE_TEXT_MAX : SERVER_BLOB_MAX;
    return x->length > most ? refuse(x, 413, "TooLarge", "the body is larger than allowed") : 0;
}

static int begin_v1(struct exchange *x)
{
    char header[TOKEN_MAX];
    int n = lws_hdr_copy(x->wsi, header, sizeof(header), WSI_TOKEN_HTTP_AUTHORIZATION);
    if (x->host->draining) {
        return refuse(x, 503, "Unavailable", "the store is ending; try again");
    }
    if (x->method == METHOD_PUT && (begin_put(x) < 0 || x->stage == STAGE_REPLYING)) {
        return 0;
    }
    if (n <= 7 || strncasecmp(header, "Bearer ", 7) != 0) {
        return refuse(x, 401, "Unauthorized",
                      "a bearer token with the audience dkube-store is needed");
    }
    return ask(x, header + 7);
}

int exchange_begin(struct exchange *x, struct exchange_host *h, struct lws *wsi, const char *path)
{
    exchange_clear(x);
    x->host = h;
    x->wsi = wsi;
    x->linked = true;
    LIST_INSERT_HEAD(&h->busy, x, link);
    buf_init(&x->body, EARLY_MAX);
    x->method = method_of(wsi);
    x->target = target_of(x, path);
    if (x->target == TARGET_NONE) {
        return refuse(x, 404, "NotFound",
                      "there are /healthz, /metrics, /v1/{namespace}/blobs/{sha256} and "
                      "/v1/{namespace}/trees/{sha256}[/blobs/{sha256}]");
    }
    if (!is_offered(x)) {
        return refuse(x, 405, "MethodNotAllowed", "PUT and HEAD for blobs, PUT and GET for trees");
    }
    return x->target == TARGET_HEALTH    ? health(x)
           : x->target == TARGET_METRICS ? report_metrics(x)
                                         : begin_v1(x);
}

int exchange_body(struct exchange *x, const void *p, size_t n)
{
    if (x->host != NULL) {
        metrics_add(x->host->metrics, &bytes_total, (double)n, "in", NULL);
    }
    if (x->stage == STAGE_ASKING) {
        return buf_add(&x->body, p, n);
    }
    return x->stage == STAGE_BODY ? put_add(x, p, n) : 0;
}

int exchange_body_done(struct exchange *x)
{
    x->body_done = true;
    return x->stage == STAGE_BODY ? put_done(x) : 0;
}

void exchange_clear(struct exchange *x)
{
    if (x->linked) {
        LIST_REMOVE(x, link);
    }
    blobs_abort(x->in);
    buf_done(&x->body);
    mem_free(x->text);
    if (x->open) {
        close(x->fd);
    }
    *x = (struct exchange){0};
}
