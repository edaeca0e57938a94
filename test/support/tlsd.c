#include "support/tlsd.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "support/web.h"

#define MUST(x)                                       \
    do {                                              \
        if (!(x)) {                                   \
            fprintf(stderr, "tlsd: %s failed\n", #x); \
            exit(1);                                  \
        }                                             \
    } while (0)

enum { REQUEST_MAX = 1 << 20, BATCH = 64 << 10, OUT_MAX = 256 << 20 };

bool tlsd_send(struct tlsd *c, const char *p, size_t n)
{
    while (n > 0) {
        int r = SSL_write(c->ssl, p, n > BATCH ? BATCH : (int)n);
        if (r <= 0) {
            return false;
        }
        p += r;
        n -= (size_t)r;
    }
    return true;
}

bool tlsd_reply(struct tlsd *c, int status, const char *body, size_t n)
{
    char head[256];
    int len = snprintf(head, sizeof(head),
                       "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                       "\r\n",
                       status, n);

    if (n > BATCH) {
        return tlsd_send(c, head, (size_t)len) && tlsd_send(c, body, n);
    }
    struct buf whole;
    buf_init(&whole, BATCH + sizeof(head));
    MUST(buf_add(&whole, head, (size_t)len) == 0 && buf_add(&whole, body, n) == 0);
    bool ok = tlsd_send(c, whole.data, whole.len);
    buf_done(&whole);
    return ok;
}

static size_t content_length(const char *head)
{
    const char *p = strcasestr(head, "\r\ncontent-length:");

    return p != NULL ? strtoul(p + 17, NULL, 10) : 0;
}

static bool read_request(struct tlsd *c)
{
    for (size_t n = 0;;) {
        c->in[n] = '\0';
        const char *end = strstr(c->in, "\r\n\r\n");
        if (end != NULL && n >= (size_t)(end + 4 - c->in) + content_length(c->in)) {
            return true;
        }
        int r = n + 1 < REQUEST_MAX ? SSL_read(c->ssl, c->in + n, (int)(REQUEST_MAX - 1 - n)) : 0;
        if (r <= 0) {
            return false;
        }
        n += (size_t)r;
    }
}

static void *serve_conn(void *ctx)
{
    struct tlsd *c = ctx;
    int one = 1;

    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    SSL_set_fd(c->ssl, c->fd);
    c->in = mem_alloc(REQUEST_MAX);
    buf_init(&c->out, OUT_MAX);
    if (SSL_accept(c->ssl) == 1) {
        while (read_request(c) && c->serve(c)) {
        }
    }
    SSL_free(c->ssl);
    ERR_clear_error();
    close(c->fd);
    buf_done(&c->out);
    mem_free(c->in);
    mem_free(c);
    return NULL;
}

static SSL_CTX *tls_context(const struct web_pki *p)
{
    SSL_CTX *t = SSL_CTX_new(TLS_server_method());
    BIO *cert = BIO_new_mem_buf(p->cert, -1), *key = BIO_new_mem_buf(p->key, -1);
    X509 *x = PEM_read_bio_X509(cert, NULL, NULL, NULL);
    EVP_PKEY *k = PEM_read_bio_PrivateKey(key, NULL, NULL, NULL);

    MUST(t != NULL && SSL_CTX_use_certificate(t, x) == 1 && SSL_CTX_use_PrivateKey(t, k) == 1);
    X509_free(x);
    EVP_PKEY_free(k);
    BIO_free(cert);
    BIO_free(key);
    return t;
}

static int listen_somewhere(int *ret_port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(a);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    MUST(fd >= 0 && bind(fd, (struct sockaddr *)&a, n) == 0 && listen(fd, 256) == 0);
    MUST(getsockname(fd, (struct sockaddr *)&a, &n) == 0);
    *ret_port = ntohs(a.sin_port);
    return fd;
}

static void write_kubeconfig(const char *file, const struct web_pki *p, int port)
{
    char ca[4096], temp[4096];
    FILE *f;

    snprintf(ca, sizeof(ca), "%s.ca", file);
    MUST((f = fopen(ca, "w")) != NULL && fputs(p->ca, f) >= 0 && fclose(f) == 0);
    snprintf(temp, sizeof(temp), "%s.new", file);
    MUST((f = fopen(temp, "w")) != NULL);
    fprintf(f,
            "apiVersion: v1\nkind: Config\ncurrent-context: bench\n"
            "clusters: [{name: bench, cluster: {server: 'https://127.0.0.1:%d', "
            "certificate-authority: '%s'}}]\n"
            "users: [{name: bench, user: {token: bench}}]\n"
            "contexts: [{name: bench, context: {cluster: bench, user: bench}}]\n",
            port, ca);
    MUST(fclose(f) == 0 && rename(temp, file) == 0);
}

void tlsd_run(const char *kubeconfig, tlsd_fn *serve)
{
    struct web_pki pki;
    int port;

    signal(SIGPIPE, SIG_IGN);
    web_pki_make(&pki, "IP:127.0.0.1");
    SSL_CTX *tls = tls_context(&pki);
    int fd = listen_somewhere(&port);
    write_kubeconfig(kubeconfig, &pki, port);
    for (;;) {
        pthread_t t;
        struct tlsd *c = mem_alloc(sizeof(*c));
        c->serve = serve;
        c->fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
        c->ssl = SSL_new(tls);
        MUST(c->fd >= 0 && c->ssl != NULL);
        MUST(pthread_create(&t, NULL, serve_conn, c) == 0);
        pthread_detach(t);
    }
}
