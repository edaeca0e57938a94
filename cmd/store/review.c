#include "cmd/store/review.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/sha256.h"
#include "base/span.h"
#include "base/table.h"
#include "json/jsonw.h"

enum { REMEMBER_MS = 60000, REMEMBER_MAX = 4096 };

struct known {
    UT_hash_handle hh;
    char token[SHA256_HEX]; /* its hash: the key */
    char ns[64];
    int64_t at_ms;
};

struct question {
    LIST_ENTRY(question) link;
    struct review *r;
    struct arena a; /* the request's body */
    uint64_t ask;
    char hash[SHA256_HEX];
    char *token; /* owned, wiped */
};

struct review {
    struct loop *loop;
    struct client *client;
    struct server *server;
    pthread_mutex_t lock; /* guards the rest */
    struct known *known;
    LIST_HEAD(, question) open; /* asked, not answered */
};

static void verdict_set(struct server_verdict *v, int status, const char *ns, const char *text)
{
    *v = (struct server_verdict){.status = status};
    snprintf(v->ns, sizeof(v->ns), "%s", ns);
    snprintf(v->text, sizeof(v->text), "%s", text);
}

/* --- What is remembered --------------------------------------------------------------------------
 */

static void forget_all(struct review *r)
{
    struct known *k, *next;
    HASH_ITER (hh, r->known, k, next) {
        HASH_DEL(r->known, k);
        mem_free(k);
    }
}

static void remember(struct review *r, const char *hash, const char *ns)
{
    struct known *k = NULL;
    pthread_mutex_lock(&r->lock);
    HASH_FIND_STR(r->known, hash, k);
    if (k == NULL) {
        if (HASH_COUNT(r->known) >= REMEMBER_MAX) {
            forget_all(r);
        }
        k = mem_alloc(sizeof(*k));
        snprintf(k->token, sizeof(k->token), "%s", hash);
        HASH_ADD_STR(r->known, token, k);
    }
    snprintf(k->ns, sizeof(k->ns), "%s", ns);
    k->at_ms = clock_boot_ms();
    pthread_mutex_unlock(&r->lock);
}

static bool recall(struct review *r, const char *hash, struct server_verdict *ret)
{
    struct known *k = NULL;
    pthread_mutex_lock(&r->lock);
    HASH_FIND_STR(r->known, hash, k);
    bool fresh = k != NULL && clock_boot_ms() - k->at_ms < REMEMBER_MS;
    if (fresh) {
        verdict_set(ret, 200, k->ns, "");
    }
    pthread_mutex_unlock(&r->lock);
    return fresh;
}

/* --- Asking, on the loop's thread ----------------------------------------------------------------
 */

static void question_free(struct question *q)
{
    pthread_mutex_lock(&q->r->lock);
    LIST_REMOVE(q, link);
    pthread_mutex_unlock(&q->r->lock);
    explicit_bzero(q->token, strlen(q->token));
    mem_free(q->token);
    arena_done(&q->a);
    mem_free(q);
}

static bool has_audience(const struct json *review)
{
    const struct json *list = json_get(review, "status.audiences");
    for (size_t i = 0; i < json_len(list); i++) {
        if (str_eq(json_as_str(json_at(list, i)), "dkube-store")) {
            return true;
        }
    }
    return false;
}

/* "system:serviceaccount:<ns>:<name>" */
static bool namespace_of(const char *username, char ret[64])
{
    static const char prefix[] = "system:serviceaccount:";
    const char *ns = username + sizeof(prefix) - 1;
    if (strncmp(username, prefix, sizeof(prefix) - 1) != 0) {
        return false;
    }
    size_t n = strcspn(ns, ":");
    if (n == 0 || n >= 64 || ns[n] != ':') {
        return false;
    }
    memcpy(ret, ns, n);
    ret[n] = '\0';
    return ns_valid(ret);
}

static void read_review(struct question *q, const struct http_response *r, struct server_verdict *v)
{
    const struct json *review = NULL;
    char ns[64];
    struct err e;
    if (kube_error(r, "asking who calls", &e) < 0 ||
        json_parse(&q->a, r->body, r->body_len, &review, &e) < 0) {
        verdict_set(v, 503, "", e.text);
        return;
    }
    if (!json_flag(review, "status.authenticated", false) || !has_audience(review)) {
        verdict_set(v, 401, "",
                    "the API server does not know the token for the audience dkube-store");
        return;
    }
    if (!namespace_of(json_str(review, "status.user.username", ""), ns)) {
        verdict_set(v, 401, "", "the token is not a service account's");
        return;
    }
    verdict_set(v, 200, ns, "");
    remember(q->r, q->hash, ns);
}

static void on_reply(void *ctx, const struct http_response *r)
{
    struct question *q = ctx;
    struct server_verdict v;
    read_review(q, r, &v);
    server_answer(q->r->server, q->ask, &v);
    question_free(q);
}

static void on_question(void *ctx)
{
    struct question *q = ctx;
    struct transport *t = client_transport(q->r->client);
    struct jsonw w;
    jsonw_init(&w, &q->a);
    jsonw_obj(&w, NULL);
    jsonw_str(&w, "apiVersion", "authentication.k8s.io/v1");
    jsonw_str(&w, "kind", "TokenReview");
    jsonw_obj(&w, "spec");
    jsonw_str(&w, "token", q->token);
    jsonw_arr(&w, "audiences");
    jsonw_str(&w, NULL, "dkube-store");
    jsonw_end(&w);
    jsonw_end(&w);
    jsonw_end(&w);
    const char *body = jsonw_text(&w);
    struct http_request r = {.method = "POST",
                             .path = "/apis/authentication.k8s.io/v1/tokenreviews",
                             .content_type = "application/json",
                             .body = body,
                             .body_len = strlen(body)};
    t->send(t->self, &r, on_reply, q);
}

/* --- Being asked, on the server's thread ---------------------------------------------------------
 */

bool review_auth(void *ctx, uint64_t ask, const char *token, struct server_verdict *ret)
{
    struct review *r = ctx;
    char hash[SHA256_HEX];
    size_t n = strlen(token);
    if (n == 0 || strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789._~+/=-") != n) {
        verdict_set(ret, 401, "", "the bearer token is malformed");
        return true;
    }
    sha256_hex(token, n, hash);
    if (recall(r, hash, ret)) {
        return true;
    }
    struct question *q = mem_alloc(sizeof(*q));
    q->r = r;
    q->ask = ask;
    q->token = mem_strdup(token);
    memcpy(q->hash, hash, sizeof(hash));
    pthread_mutex_lock(&r->lock);
    LIST_INSERT_HEAD(&r->open, q, link);
    pthread_mutex_unlock(&r->lock);
    loop_post(r->loop, on_question, q);
    return false;
}

/* --- Life ----------------------------------------------------------------------------------------
 */

struct review *review_new(struct loop *l, struct client *c)
{
    struct review *r = mem_alloc(sizeof(*r));
    r->loop = l;
    r->client = c;
    LIST_INIT(&r->open);
    pthread_mutex_init(&r->lock, NULL);
    return r;
}

void review_serve(struct review *r, struct server *s)
{
    r->server = s;
}

void review_free(struct review *r)
{
    if (r == NULL) {
        return;
    }
    while (!LIST_EMPTY(&r->open)) {
        question_free(LIST_FIRST(&r->open));
    }
    forget_all(r);
    pthread_mutex_destroy(&r->lock);
    mem_free(r);
}
