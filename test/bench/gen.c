/* gen: a bare client of a real API server, for the benches: threads with a kept TLS connection
 * each, HTTP/1.1, and nothing but the bytes of a request and its answer.
 *
 * Usage: gen load KUBECONFIG PODS             the pods and their statuses
 *        gen parents KUBECONFIG COUNT          the Services that own them
 *        gen status KUBECONFIG SECONDS N PARENTS   status applies by N threads; prints the rate
 *        gen writes KUBECONFIG PODS RATE SECONDS FILE   patches of pods in an open loop; lines of
 *                                                  resourceVersion and time of the answer
 * The kubeconfig is hack/envtest's: a client certificate, files or data. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "kube/config.h"
#include "support/pods.h"

#define MUST(x)                                      \
    do {                                             \
        if (!(x)) {                                  \
            fprintf(stderr, "gen: %s failed\n", #x); \
            exit(1);                                 \
        }                                            \
    } while (0)

enum { LOADERS = 8, THREADS = 64, ANSWER_MAX = 1 << 20 };

static SSL_CTX *tls;
static struct sockaddr_in server;

struct worker {
    pthread_t thread;
    int number, of;
    SSL *ssl;
    int fd;
    char *answer; /* head and body, NUL-terminated */
    struct buf text, body;
    uint64_t done;
};

static int total; /* pods, seconds or a rate, as the command says */
static int rate;
static volatile bool over;
static FILE *acknowledged;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* --- one connection -----------------------------------------------------------------------------
 */

static void dial(struct worker *w)
{
    int one = 1;

    w->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    MUST(w->fd >= 0 && connect(w->fd, (struct sockaddr *)&server, sizeof(server)) == 0);
    setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    w->ssl = SSL_new(tls);
    MUST(w->ssl != NULL && SSL_set_fd(w->ssl, w->fd) == 1 && SSL_connect(w->ssl) == 1);
}

/* The whole answer: by its length, or until the last chunk. */
static size_t body_end(const char *in, size_t n)
{
    const char *end = strstr(in, "\r\n\r\n"), *p;

    if (end == NULL) {
        return SIZE_MAX;
    }
    p = strcasestr(in, "\r\ncontent-length:");
    if (p != NULL && p < end) {
        return (size_t)(end + 4 - in) + strtoul(p + 17, NULL, 10);
    }
    return n >= 5 && memcmp(in + n - 5, "0\r\n\r\n", 5) == 0 ? n : SIZE_MAX;
}

static int receive(struct worker *w)
{
    size_t n = 0;

    do {
        int r = SSL_read(w->ssl, w->answer + n, (int)(ANSWER_MAX - 1 - n));
        MUST(r > 0);
        n += (size_t)r;
        w->answer[n] = '\0';
    } while (n < ANSWER_MAX - 1 && n < body_end(w->answer, n));
    return (int)strtol(w->answer + 9, NULL, 10);
}

static int call(struct worker *w, const char *method, const char *path, const char *type)
{
    buf_clear(&w->text);
    MUST(buf_printf(&w->text,
                    "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
                    "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n",
                    method, path, type, w->body.len) == 0);
    MUST(buf_add(&w->text, w->body.data, w->body.len) == 0);
    MUST(SSL_write(w->ssl, w->text.data, (int)w->text.len) == (int)w->text.len);
    return receive(w);
}

static void expect(struct worker *w, int status, int also)
{
    int was = (int)strtol(w->answer + 9, NULL, 10);

    if (was != status && was != also) {
        fprintf(stderr, "gen: %.600s\n", w->answer);
        exit(1);
    }
}

/* --- what the workers do ------------------------------------------------------------------------
 */

static const char *name_in(const struct buf *b, char *name, size_t room)
{
    const char *p = strstr(b->data, "\"name\":\"");

    MUST(p != NULL);
    snprintf(name, room, "%.*s", (int)strcspn(p + 8, "\""), p + 8);
    return name;
}

static void load_pod(struct worker *w, int i)
{
    char name[128], path[256];

    buf_clear(&w->body);
    pods_pod(&w->body, i, false);
    name_in(&w->body, name, sizeof(name));
    call(w, "POST", "/api/v1/namespaces/default/pods", "application/json");
    expect(w, 201, 409);
    buf_clear(&w->body);
    pods_status(&w->body, i);
    snprintf(path, sizeof(path), "/api/v1/namespaces/default/pods/%s/status", name);
    call(w, "PATCH", path, "application/merge-patch+json");
    expect(w, 200, 200);
}

static void *load(void *ctx)
{
    struct worker *w = ctx;

    dial(w);
    for (int i = w->number; i < total; i += w->of) {
        load_pod(w, i);
    }
    return NULL;
}

static void *load_parents(void *ctx)
{
    struct worker *w = ctx;

    dial(w);
    for (int i = w->number; i < total; i += w->of) {
        buf_clear(&w->body);
        pods_parent(&w->body, i, false);
        call(w, "POST", "/api/v1/namespaces/default/services", "application/json");
        expect(w, 201, 409);
    }
    return NULL;
}

/* The same words as our subject writes in mode "status", by the same verb. */
static void *write_statuses(void *ctx)
{
    struct worker *w = ctx;
    char path[256];

    dial(w);
    for (uint64_t k = (uint64_t)w->number; !over; k += (uint64_t)w->of) {
        int i = (int)(k % (uint64_t)total);
        buf_clear(&w->body);
        MUST(buf_printf(&w->body,
                        "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":"
                        "\"app-%05d\",\"namespace\":\"default\"},\"status\":{\"conditions\":[{"
                        "\"type\":\"Bench\",\"status\":\"True\",\"reason\":\"Written\",\"message\":"
                        "\"write %lld\",\"lastTransitionTime\":\"2026-01-02T03:04:05Z\"}]}}",
                        i, (long long)now_ns()) == 0);
        snprintf(path, sizeof(path),
                 "/api/v1/namespaces/default/services/app-%05d/status?fieldManager=dkube-gen&"
                 "force=true",
                 i);
        call(w, "PATCH", path, "application/apply-patch+yaml");
        expect(w, 200, 200);
        w->done++;
    }
    return NULL;
}

static void *write_pods(void *ctx)
{
    struct worker *w = ctx;
    int64_t began = now_ns() + 200000000;
    char name[128], path[256];

    dial(w);
    for (int64_t k = w->number; !over; k += w->of) {
        int64_t due = began + k * 1000000000 / rate;
        struct timespec at = {due / 1000000000, due % 1000000000};
        while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &at, NULL) != 0) {
        }
        buf_clear(&w->body);
        pods_pod(&w->body, (int)(k * 7919 % total), false);
        name_in(&w->body, name, sizeof(name));
        buf_clear(&w->body);
        MUST(buf_printf(&w->body, "{\"metadata\":{\"annotations\":{\"bench/sent\":\"%lld\"}}}",
                        (long long)due) == 0);
        snprintf(path, sizeof(path), "/api/v1/namespaces/default/pods/%s", name);
        call(w, "PATCH", path, "application/merge-patch+json");
        int64_t now = now_ns();
        expect(w, 200, 200);
        const char *rv = strstr(w->answer, "\"resourceVersion\":\"");
        MUST(rv != NULL);
        pthread_mutex_lock(&lock);
        fprintf(acknowledged, "%llu %lld\n", strtoull(rv + 19, NULL, 10), (long long)now);
        pthread_mutex_unlock(&lock);
        w->done++;
    }
    return NULL;
}

/* --- start --------------------------------------------------------------------------------------
 */

static char *material(struct arena *a, const struct material *m)
{
    const char *text;
    struct err e;

    if (material_read(a, m, &text, &e) < 0) {
        fprintf(stderr, "gen: %s\n", e.text);
        exit(1);
    }
    return arena_strdup(a, text);
}

static void configure(const char *file)
{
    CLEANUP(arena_done) struct arena a = {0};
    struct config c;
    struct err e;

    if (config_load(&a, file, NULL, &c, &e) < 0) {
        fprintf(stderr, "gen: %s\n", e.text);
        exit(1);
    }
    const char *port = strrchr(c.server, ':');
    MUST(port != NULL);
    server = (struct sockaddr_in){.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)strtoul(port + 1, NULL, 10))};
    char *cert_pem = material(&a, &c.cert), *key_pem = material(&a, &c.key);
    BIO *cert = BIO_new_mem_buf(cert_pem, -1), *key = BIO_new_mem_buf(key_pem, -1);
    X509 *x = PEM_read_bio_X509(cert, NULL, NULL, NULL);
    EVP_PKEY *k = PEM_read_bio_PrivateKey(key, NULL, NULL, NULL);
    tls = SSL_CTX_new(TLS_client_method());
    MUST(tls != NULL && SSL_CTX_use_certificate(tls, x) == 1 &&
         SSL_CTX_use_PrivateKey(tls, k) == 1);
    X509_free(x);
    EVP_PKEY_free(k);
    BIO_free(cert);
    BIO_free(key);
}

/* Seconds 0: until they end by themselves. Returns what they did. */
static uint64_t run(void *(*fn)(void *), int threads, int seconds)
{
    static struct worker list[THREADS];
    uint64_t sum = 0;

    for (int i = 0; i < threads; i++) {
        struct worker *w = &list[i];
        *w = (struct worker){.number = i, .of = threads, .answer = mem_alloc(ANSWER_MAX)};
        buf_init(&w->text, 1 << 20);
        buf_init(&w->body, 1 << 20);
        MUST(pthread_create(&w->thread, NULL, fn, w) == 0);
    }
    if (seconds > 0) {
        sleep((unsigned)seconds);
        over = true;
    }
    for (int i = 0; i < threads; i++) {
        MUST(pthread_join(list[i].thread, NULL) == 0);
        sum += list[i].done;
    }
    return sum;
}

static int number(const char *s)
{
    return (int)strtol(s, NULL, 10);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: gen load|status|writes KUBECONFIG …\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    configure(argv[2]);
    total = number(argv[3]);
    if (strcmp(argv[1], "load") == 0) {
        run(load, LOADERS, 0);
    } else if (strcmp(argv[1], "parents") == 0) {
        run(load_parents, LOADERS, 0);
    } else if (strcmp(argv[1], "status") == 0 && argc > 5) {
        int seconds = total;
        total = number(argv[5]);
        printf("%.1f\n", (double)run(write_statuses, number(argv[4]), seconds) / seconds);
    } else if (strcmp(argv[1], "writes") == 0 && argc > 6) {
        rate = number(argv[4]);
        acknowledged = fopen(argv[6], "w");
        MUST(acknowledged != NULL);
        run(write_pods, LOADERS, number(argv[5]));
        MUST(fclose(acknowledged) == 0);
    }
    return 0;
}
