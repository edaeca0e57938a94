#include "serve/host.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <libwebsockets.h>

#include "base/mem.h"

enum { TICK_MS = 100, TURNS = 16, STARVED_MS = 20, DESCRIPTORS = 8, LEAST_LIMIT = 64 };

struct host {
    struct lws_context *lws;
    void *ctx;
    bool (*is_over)(void *ctx);
    pthread_t thread;
    bool running;
    int port;
};

struct address {
    char host[64];
    int port;
};

static int address_parse(const char *listen, struct address *ret, struct err *e)
{
    const char *colon = strrchr(listen, ':'), *host = listen;
    char *end = NULL;
    long port = colon != NULL ? strtol(colon + 1, &end, 10) : -1;
    size_t n = colon != NULL ? (size_t)(colon - listen) : 0;
    if (n >= 2 && host[0] == '[' && host[n - 1] == ']') {
        host++;
        n -= 2;
    }
    if (port < 0 || port > 65535 || end == colon + 1 || *end != '\0' || n >= sizeof(ret->host)) {
        return err_set(e, ERR_INVALID, "BadAddress",
                       "'%s' is not an address to listen on, write ADDR:PORT", listen);
    }
    memcpy(ret->host, host, n);
    ret->host[n] = '\0';
    ret->port = (int)port;
    return 0;
}

static struct lws_context *context_new(const struct host_conf *conf, const struct address *at,
                                       int *ret_port)
{
    bool six = strchr(at->host, ':') != NULL;
    bool any =
        at->host[0] == '\0' || strcmp(at->host, "0.0.0.0") == 0 || strcmp(at->host, "::") == 0;
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = conf->protocols,
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .fd_limit_per_thread = conf->descriptors,
        .count_threads = 1,
        .pt_serv_buf_size = conf->service_bytes,
        .max_http_header_data = (unsigned short)conf->header_bytes,
        .max_http_header_pool = (unsigned short)conf->header_pool,
        .timeout_secs = conf->timeout_s,
        .gid = (gid_t)-1,
        .uid = (uid_t)-1,
        .user = conf->ctx,
    };
    lws_set_log_level(0, NULL);
    struct lws_context *lws = lws_create_context(&info);
    if (lws == NULL) {
        return NULL;
    }
    info.port = at->port;
    info.iface = any ? NULL : at->host;
    info.options |=
        LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND | (six ? 0 : LWS_SERVER_OPTION_DISABLE_IPV6);
    info.keepalive_timeout = (int)conf->keepalive_s;
    struct lws_vhost *vh = lws_create_vhost(lws, &info);
    *ret_port = vh != NULL ? lws_get_vhost_listen_port(vh) : -1;
    if (*ret_port <= 0) {
        lws_context_destroy(lws);
        return NULL;
    }
    return lws;
}

static void pause_ms(long ms)
{
    struct timespec t = {.tv_nsec = ms * 1000000L};
    nanosleep(&t, NULL);
}

/* As many descriptors can be had now; else errno says why not. */
static bool has_descriptors(int n)
{
    int fd = n > 0 ? eventfd(0, EFD_CLOEXEC) : -1, kept;
    if (n > 0 && fd < 0) {
        return false;
    }
    bool more = n == 0 || has_descriptors(n - 1);
    kept = errno;
    if (fd >= 0) {
        close(fd);
    }
    errno = kept;
    return more;
}

/* Without a free descriptor a caller cannot be accepted and makes poll() return at once, for ever;
 * so it does (EINVAL) when the limit has come to lie below what is open. Then it is asked more
 * seldom. */
static void *run(void *ctx)
{
    struct host *h = ctx;
    for (unsigned n = 1; !h->is_over(h->ctx) && lws_service(h->lws, 0) >= 0; n++) {
        if (n % TURNS == 0 && (errno == EINVAL || !has_descriptors(1))) {
            pause_ms(STARVED_MS);
        }
        errno = 0;
    }
    return NULL;
}

/* With too few, libwebsockets would start and listen to nobody; and below its own bound it has a
 * table of as many descriptors as the limit allows, and writes behind it when that is raised. */
static int check_descriptors(const struct host_conf *conf, struct err *e)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur <= LEAST_LIMIT) {
        return err_set(e, ERR_INVALID, "NoDescriptors",
                       "the limit of open files is %llu, more than %d are needed",
                       (unsigned long long)r.rlim_cur, LEAST_LIMIT);
    }
    if (!has_descriptors(DESCRIPTORS)) {
        return err_set(e, ERR_RETRY, "NoDescriptors", "cannot listen on '%s': %s", conf->listen,
                       strerror(errno));
    }
    return 0;
}

struct host *host_new(const struct host_conf *conf, struct err *e)
{
    struct address at;
    int port;
    if (address_parse(conf->listen, &at, e) < 0) {
        return NULL;
    }
    if (check_descriptors(conf, e) < 0) {
        return NULL;
    }
    struct lws_context *lws = context_new(conf, &at, &port);
    if (lws == NULL) {
        err_set(e, ERR_INVALID, "CannotListen", "cannot listen on '%s': is the port taken?",
                conf->listen);
        return NULL;
    }
    struct host *h = mem_alloc(sizeof(*h));
    *h = (struct host){.lws = lws, .ctx = conf->ctx, .is_over = conf->is_over, .port = port};
    return h;
}

int host_run(struct host *h, struct err *e)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    h->running = pthread_create(&h->thread, NULL, run, h) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return h->running ? 0 : err_set(e, ERR_RETRY, "NoThread", "no thread can be started");
}

int host_port(const struct host *h)
{
    return h->port;
}

void host_wake(struct host *h)
{
    lws_cancel_service(h->lws);
}

void host_free(struct host *h)
{
    if (h == NULL) {
        return;
    }
    for (long ms = 1; h->running; ms = ms < TICK_MS / 2 ? ms * 2 : TICK_MS) {
        host_wake(h);
        pause_ms(ms);
        h->running = pthread_tryjoin_np(h->thread, NULL) != 0;
    }
    lws_context_destroy(h->lws);
    mem_free(h);
}
