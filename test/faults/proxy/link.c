/* link.c — TLS connections, and the list of those that controllers hold. */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "proxy.h"

enum { LINKS_MAX = 4096 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int held[LINKS_MAX];
static size_t held_count;
static atomic_llong refused_until;

static void hold(int fd)
{
    pthread_mutex_lock(&lock);
    if (held_count < LINKS_MAX) {
        held[held_count++] = fd;
    }
    pthread_mutex_unlock(&lock);
}

static void let_go(int fd)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < held_count; i++) {
        if (held[i] == fd) {
            held[i] = held[--held_count];
            break;
        }
    }
    pthread_mutex_unlock(&lock);
}

void links_outage(int64_t ms)
{
    atomic_store(&refused_until, clock_boot_ms() + ms);
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < held_count; i++) {
        shutdown(held[i], SHUT_RDWR);
    }
    pthread_mutex_unlock(&lock);
}

bool links_refused(void)
{
    return clock_boot_ms() < atomic_load(&refused_until);
}

int link_accept(struct link *l, int fd)
{
    l->fd = fd;
    l->ssl = SSL_new(proxy.server);
    SSL_set_fd(l->ssl, fd);
    hold(fd);
    return SSL_accept(l->ssl) == 1 ? 0 : -1;
}

static int dial(const struct sockaddr_in *to)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && connect(fd, (const struct sockaddr *)to, sizeof *to) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* As a balancer does it: in turn, and past a server that takes no connection. */
int link_connect(struct link *l, bool watch)
{
    static atomic_uint turns;
    unsigned turn = proxy.sticky && !watch ? 0 : atomic_fetch_add(&turns, 1);

    for (unsigned i = 0; i < proxy.upstreams && l->fd < 0; i++) {
        l->server = (turn + i) % proxy.upstreams;
        l->fd = dial(&proxy.upstream[l->server]);
    }
    if (l->fd < 0) {
        return -1;
    }
    l->ssl = SSL_new(proxy.client);
    SSL_set_fd(l->ssl, l->fd);
    return SSL_connect(l->ssl) == 1 ? 0 : -1;
}

static void drop(struct link *l)
{
    if (l->fd >= 0) {
        let_go(l->fd);
        close(l->fd);
        l->fd = -1;
    }
    SSL_free(l->ssl);
    l->ssl = NULL;
}

void link_close(struct link *l)
{
    if (l->ssl != NULL) {
        SSL_shutdown(l->ssl);
    }
    drop(l);
}

void link_reset(struct link *l)
{
    const struct linger now = {1, 0};

    if (l->fd >= 0) {
        setsockopt(l->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    drop(l);
}

void link_cut(struct link *l)
{
    drop(l);
}

int link_read(struct link *l, struct buf *b)
{
    char chunk[16384];
    int n = SSL_read(l->ssl, chunk, sizeof chunk);

    if (n <= 0) {
        return n;
    }
    return buf_add(b, chunk, (size_t)n) < 0 ? -1 : n;
}

int link_write(struct link *l, const char *p, size_t n)
{
    return n == 0 || SSL_write(l->ssl, p, (int)n) == (int)n ? 0 : -1;
}

bool link_is_left(struct link *l)
{
    struct pollfd p = {.fd = l->fd, .events = POLLRDHUP};

    return poll(&p, 1, 0) > 0 && (p.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

bool link_waits(struct link *l, int ms)
{
    struct pollfd p = {.fd = l->fd, .events = POLLIN};

    return SSL_pending(l->ssl) > 0 || poll(&p, 1, ms) > 0;
}
