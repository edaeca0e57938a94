#include "support/web.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

#define MUST(x)                                      \
    do {                                             \
        if (!(x)) {                                  \
            fprintf(stderr, "web: %s failed\n", #x); \
            abort();                                 \
        }                                            \
    } while (0)

enum { CONNS = 64, REQUEST_MAX = 1 << 20 };

struct web_conn {
    struct web *w;
    int fd;
    SSL *ssl;
    pthread_t thread;
};

struct web {
    int fd, port;
    SSL_CTX *tls;
    web_handler *fn;
    void *ctx;
    pthread_t thread;
    pthread_mutex_t lock; /* guards the rest */
    bool stopping;
    int count;
    struct web_conn conns[CONNS];
};

/* --- Certificates
 * ---------------------------------------------------------------------------------- */

static char *bio_text(BIO *b)
{
    char *p = NULL;
    long n = BIO_get_mem_data(b, &p);
    char *s = mem_strndup(p, (size_t)n);
    BIO_free(b);
    return s;
}

static void extend(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX c;
    X509V3_set_ctx(&c, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &c, nid, value);
    MUST(e != NULL && X509_add_ext(x, e, -1));
    X509_EXTENSION_free(e);
}

static X509 *certify(EVP_PKEY *key, const char *cn, X509 *issuer, long serial)
{
    X509 *x = X509_new();
    MUST(x != NULL && X509_set_version(x, 2));
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               (const unsigned char *)cn, -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(issuer != NULL ? issuer : x));
    extend(x, issuer != NULL ? issuer : x, NID_basic_constraints,
           issuer != NULL ? "critical,CA:FALSE" : "critical,CA:TRUE");
    return x;
}

void web_pki_make(struct web_pki *p, const char *alt_names)
{
    static long serial = 1000;
    EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
    char cn[64];
    snprintf(cn, sizeof(cn), "test authority %ld", ++serial);
    X509 *ca = certify(ca_key, cn, NULL, serial);
    extend(ca, ca, NID_key_usage, "critical,keyCertSign");
    MUST(X509_sign(ca, ca_key, EVP_sha256()));
    X509 *cert = certify(key, "test server", ca, ++serial);
    extend(cert, ca, NID_subject_alt_name, alt_names);
    MUST(X509_sign(cert, ca_key, EVP_sha256()));
    BIO *b[3] = {BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem())};
    MUST(PEM_write_bio_X509(b[0], ca) && PEM_write_bio_X509(b[1], cert) &&
         PEM_write_bio_PrivateKey(b[2], key, NULL, NULL, 0, NULL, NULL));
    *p = (struct web_pki){bio_text(b[0]), bio_text(b[1]), bio_text(b[2])};
    X509_free(ca);
    X509_free(cert);
    EVP_PKEY_free(ca_key);
    EVP_PKEY_free(key);
}

void web_pki_free(struct web_pki *p)
{
    mem_free(p->ca);
    mem_free(p->cert);
    mem_free(p->key);
}

int web_newest_tls;

static SSL_CTX *tls_context(const struct web_pki *p)
{
    SSL_CTX *c = SSL_CTX_new(TLS_server_method());
    BIO *cert = BIO_new_mem_buf(p->cert, -1), *key = BIO_new_mem_buf(p->key, -1);
    X509 *x = PEM_read_bio_X509(cert, NULL, NULL, NULL);
    EVP_PKEY *k = PEM_read_bio_PrivateKey(key, NULL, NULL, NULL);
    MUST(c != NULL && SSL_CTX_use_certificate(c, x) && SSL_CTX_use_PrivateKey(c, k));
    if (web_newest_tls != 0) {
        SSL_CTX_set_security_level(c, 0); /* else OpenSSL itself refuses the old ones */
        MUST(SSL_CTX_set_min_proto_version(c, TLS1_VERSION) &&
             SSL_CTX_set_max_proto_version(c, web_newest_tls));
    }
    X509_free(x);
    EVP_PKEY_free(k);
    BIO_free(cert);
    BIO_free(key);
    return c;
}

/* --- Connections
 * ----------------------------------------------------------------------------------- */

void web_write(struct web_conn *c, const void *p, size_t n)
{
    for (const char *s = p; n > 0;) {
        ssize_t r = c->ssl != NULL ? SSL_write(c->ssl, s, (int)n) : send(c->fd, s, n, MSG_NOSIGNAL);
        if (r <= 0) {
            return;
        }
        s += r;
        n -= (size_t)r;
    }
}

void web_cork(struct web_conn *c, bool on)
{
    int cork = on;
    (void)setsockopt(c->fd, IPPROTO_TCP, TCP_CORK, &cork, sizeof(cork));
}

void web_reply(struct web_conn *c, int status, const char *headers, const char *body)
{
    char head[1024];
    int n = snprintf(head, sizeof(head), "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n%s\r\n", status,
                     strlen(body), headers != NULL ? headers : "");
    web_write(c, head, (size_t)n);
    web_write(c, body, strlen(body));
}

static size_t content_length(const char *head)
{
    const char *p = strcasestr(head, "\r\ncontent-length:");
    return p != NULL ? strtoul(p + 17, NULL, 10) : 0;
}

/* One request: until its blank line and its body are in; false at the end of the connection. */
static bool read_request(struct web_conn *c, char *buf)
{
    size_t n = 0, want = 0;
    for (;;) {
        char *end = n > 0 ? strstr(buf, "\r\n\r\n") : NULL;
        if (end != NULL) {
            want = (size_t)(end + 4 - buf) + content_length(buf);
            if (n >= want) {
                return true;
            }
        }
        MUST(n + 1 < REQUEST_MAX);
        int room = (int)(REQUEST_MAX - 1 - n);
        ssize_t r = c->ssl != NULL ? SSL_read(c->ssl, buf + n, room)
                                   : recv(c->fd, buf + n, (size_t)room, 0);
        if (r <= 0) {
            return false;
        }
        n += (size_t)r;
        buf[n] = '\0';
    }
}

static void *serve_conn(void *ctx)
{
    struct web_conn *c = ctx;
    char *buf = mem_alloc(REQUEST_MAX);
    if (c->w->tls != NULL) {
        c->ssl = SSL_new(c->w->tls);
        SSL_set_fd(c->ssl, c->fd);
    }
    if (c->ssl == NULL || SSL_accept(c->ssl) == 1) {
        while (read_request(c, buf) && c->w->fn(c->w->ctx, c, buf)) {
        }
    }
    if (c->ssl != NULL) {
        SSL_shutdown(c->ssl);
        SSL_free(c->ssl);
    }
    ERR_clear_error();
    shutdown(c->fd, SHUT_RDWR);
    mem_free(buf);
    return NULL;
}

static void *serve(void *ctx)
{
    struct web *w = ctx;
    for (int fd; (fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0;) {
        pthread_mutex_lock(&w->lock);
        MUST(w->count < CONNS);
        struct web_conn *c = &w->conns[w->count++];
        *c = (struct web_conn){.w = w, .fd = fd};
        MUST(pthread_create(&c->thread, NULL, serve_conn, c) == 0);
        if (w->stopping) {
            shutdown(fd, SHUT_RDWR);
        }
        pthread_mutex_unlock(&w->lock);
    }
    return NULL;
}

struct web *web_start(const struct web_pki *tls, web_handler *fn, void *ctx)
{
    struct web *w = mem_alloc(sizeof(*w));
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(a);
    w->fn = fn;
    w->ctx = ctx;
    w->tls = tls != NULL ? tls_context(tls) : NULL;
    w->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    MUST(bind(w->fd, (struct sockaddr *)&a, n) == 0 && listen(w->fd, 64) == 0);
    MUST(getsockname(w->fd, (struct sockaddr *)&a, &n) == 0);
    w->port = ntohs(a.sin_port);
    pthread_mutex_init(&w->lock, NULL);
    MUST(pthread_create(&w->thread, NULL, serve, w) == 0);
    return w;
}

int web_port(const struct web *w)
{
    return w->port;
}

int web_connections(const struct web *w)
{
    struct web *m = (struct web *)(uintptr_t)w;
    pthread_mutex_lock(&m->lock);
    int n = m->count;
    pthread_mutex_unlock(&m->lock);
    return n;
}

void web_stop(struct web *w)
{
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    for (int i = 0; i < w->count; i++) {
        shutdown(w->conns[i].fd, SHUT_RDWR);
    }
    pthread_mutex_unlock(&w->lock);
    shutdown(w->fd, SHUT_RDWR);
    pthread_join(w->thread, NULL);
    for (int i = 0; i < w->count; i++) {
        pthread_join(w->conns[i].thread, NULL);
        close(w->conns[i].fd);
    }
    close(w->fd);
    SSL_CTX_free(w->tls);
    pthread_mutex_destroy(&w->lock);
    mem_free(w);
}
