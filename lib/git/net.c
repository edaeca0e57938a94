#include "git/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <git2.h>
#include <git2/sys/stream.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/mem.h"

enum { CONNECT_MS = 10000, SILENT_S = 60 };

/* The layout of libgit2's own socket stream: its ssh transport takes the descriptor from there. */
struct stream {
    git_stream base;
    char *host, *port;
    int fd;
};

/* One connection at a time, and libgit2 hands its registrations no context. */
static struct {
    bool allow_loopback;
    enum net_fault fault;
    char text[256];
    volatile sig_atomic_t fd, late; /* touched by the signal handler */
} net = {.fd = -1};

/* --- Addresses -----------------------------------------------------------------------------------
 */

struct range {
    const char *prefix;
    int bits;
    const char *why;
};

static const char loopback[] = "a loopback address";
static const struct range ranges4[] = {
    {"0.0.0.0", 8, loopback},
    {"127.0.0.0", 8, loopback},
    {"169.254.0.0", 16, "a link-local address"},
    {"100.100.100.200", 32, "a cloud's metadata service"},
    {"168.63.129.16", 32, "a cloud's metadata service"},
    {"192.0.0.192", 32, "a cloud's metadata service"},
    {"224.0.0.0", 3, "a multicast or reserved address"},
};
static const struct range ranges6[] = {
    {"::", 128, loopback},
    {"::1", 128, loopback},
    {"fe80::", 10, "a link-local address"},
    {"fd00:ec2::254", 128, "a cloud's metadata service"},
    {"ff00::", 8, "a multicast address"},
};

static bool in_range(const unsigned char *addr, int family, const struct range *r)
{
    unsigned char prefix[16];
    if (inet_pton(family, r->prefix, prefix) != 1) {
        return false;
    }
    for (int bit = 0; bit < r->bits; bit++) {
        int mask = 0x80 >> bit % 8;
        if ((addr[bit / 8] & mask) != (prefix[bit / 8] & mask)) {
            return false;
        }
    }
    return true;
}

static const char *find_range(const unsigned char *addr, int family, const struct range *r,
                              size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (in_range(addr, family, &r[i])) {
            return r[i].why;
        }
    }
    return NULL;
}

static bool is_api_server(const unsigned char *addr, int family)
{
    const char *host = getenv("KUBERNETES_SERVICE_HOST");
    unsigned char api[16];
    return host != NULL && inet_pton(family, host, api) == 1 &&
           memcmp(api, addr, family == AF_INET ? 4 : 16) == 0;
}

static const char *refusal4(const unsigned char *addr)
{
    return is_api_server(addr, AF_INET) ? "the API server"
                                        : find_range(addr, AF_INET, ranges4, ARRAY_LEN(ranges4));
}

/* IPv4 inside IPv6: mapped, compatible, NAT64 and 6to4 addresses reach the IPv4 one. */
static const unsigned char *embedded4(const unsigned char *a)
{
    static const unsigned char zero[12], nat64[12] = {0, 0x64, 0xff, 0x9b};
    bool mapped = memcmp(a, zero, 10) == 0 && a[10] == 0xff && a[11] == 0xff;
    bool compatible = memcmp(a, zero, 12) == 0 && (a[12] != 0 || a[13] != 0 || a[14] != 0);
    if (mapped || compatible || memcmp(a, nat64, 12) == 0) {
        return a + 12;
    }
    return a[0] == 0x20 && a[1] == 0x02 ? a + 2 : NULL;
}

const char *net_refusal(const struct sockaddr *sa, bool allow_loopback)
{
    const char *why;
    if (sa->sa_family == AF_INET) {
        why = refusal4(
            (const unsigned char *)&((const struct sockaddr_in *)(const void *)sa)->sin_addr);
    } else if (sa->sa_family == AF_INET6) {
        const unsigned char *a =
            (const unsigned char *)&((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;
        const unsigned char *four = embedded4(a);
        why = four != NULL                 ? refusal4(four)
              : is_api_server(a, AF_INET6) ? "the API server"
                                           : find_range(a, AF_INET6, ranges6, ARRAY_LEN(ranges6));
    } else {
        why = "not an IP address";
    }
    return why == loopback && allow_loopback ? NULL : why;
}

/* --- The stream ----------------------------------------------------------------------------------
 */

static int fault(enum net_fault kind, const char *fmt, ...) PRINTF(2, 3);
static int fault(enum net_fault kind, const char *fmt, ...)
{
    va_list ap;
    net.fault = net.late ? NET_LATE : kind;
    va_start(ap, fmt);
    vsnprintf(net.text, sizeof(net.text), fmt, ap);
    va_end(ap);
    git_error_set_str(GIT_ERROR_NET, net.text);
    return -1;
}

static void set_options(int fd)
{
    struct timeval silence = {.tv_sec = SILENT_S};
    int on = 1, idle = SILENT_S / 2, timeout = SILENT_S * 1000;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof(silence));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &silence, sizeof(silence));
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof(timeout));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* A connected, blocking descriptor; -1 with errno. */
static int try_connect(const struct addrinfo *ai)
{
    int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), why = 0;
    socklen_t n = sizeof(why);
    if (fd < 0) {
        return -1;
    }
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    bool ok = connect(fd, ai->ai_addr, ai->ai_addrlen) == 0;
    if (!ok && errno == EINPROGRESS) {
        int ready = poll(&p, 1, CONNECT_MS);
        errno = ready == 0 ? ETIMEDOUT : errno;
        ok = ready > 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &n) == 0 && why == 0;
        errno = why != 0 ? why : errno;
    }
    if (!ok || fcntl(fd, F_SETFL, 0) < 0) {
        int kept = errno;
        close(fd);
        errno = kept;
        return -1;
    }
    set_options(fd);
    return fd;
}

/* All addresses of the name must be harmless: a name with one of each is not to be trusted. */
static const char *refused_address(const struct addrinfo *list)
{
    for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next) {
        const char *why = net_refusal(ai->ai_addr, net.allow_loopback);
        if (why != NULL) {
            return why;
        }
    }
    return NULL;
}

static int stream_connect(git_stream *base)
{
    struct stream *s = (struct stream *)base;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int rc = getaddrinfo(s->host, s->port, &hints, &list);
    if (rc != 0) {
        return fault(rc == EAI_AGAIN ? NET_UNREACHABLE : NET_UNKNOWN_HOST,
                     "the host '%.100s' cannot be found: %s", s->host, gai_strerror(rc));
    }
    const char *why = refused_address(list);
    if (why != NULL) {
        freeaddrinfo(list);
        return fault(NET_REFUSED_ADDRESS, "the host '%.100s' is %s", s->host, why);
    }
    for (const struct addrinfo *ai = list; ai != NULL && s->fd < 0; ai = ai->ai_next) {
        s->fd = try_connect(ai);
    }
    freeaddrinfo(list);
    net.fd = s->fd;
    return s->fd < 0 ? fault(NET_UNREACHABLE, "the host '%.100s' cannot be reached: %s", s->host,
                             strerror(errno))
                     : 0;
}

static ssize_t stream_read(git_stream *base, void *p, size_t n)
{
    struct stream *s = (struct stream *)base;
    ssize_t got = recv(s->fd, p, n, 0);
    if (got < 0) {
        fault(NET_UNREACHABLE, "the host '%.100s' went silent: %s", s->host,
              errno == EAGAIN ? "no byte for 60 s" : strerror(errno));
    } else if (got == 0 && net.late) {
        fault(NET_LATE, "it took too long");
    }
    return got;
}

static ssize_t stream_write(git_stream *base, const char *p, size_t n, int flags)
{
    struct stream *s = (struct stream *)base;
    ssize_t put = send(s->fd, p, n, flags | MSG_NOSIGNAL);
    if (put < 0) {
        fault(NET_UNREACHABLE, "the host '%.100s' went away: %s", s->host, strerror(errno));
    }
    return put;
}

static int stream_close(git_stream *base)
{
    struct stream *s = (struct stream *)base;
    net.fd = -1;
    if (s->fd >= 0) {
        close(s->fd);
    }
    s->fd = -1;
    return 0;
}

static void stream_free(git_stream *base)
{
    struct stream *s = (struct stream *)base;
    stream_close(base);
    mem_free(s->host);
    mem_free(s->port);
    mem_free(s);
}

static int stream_new(git_stream **ret, const char *host, const char *port)
{
    struct stream *s = mem_alloc(sizeof(*s));
    s->base = (git_stream){.version = GIT_STREAM_VERSION,
                           .connect = stream_connect,
                           .read = stream_read,
                           .write = stream_write,
                           .close = stream_close,
                           .free = stream_free};
    s->host = mem_strdup(host);
    s->port = mem_strdup(port);
    s->fd = -1;
    *ret = &s->base;
    return 0;
}

int net_register(bool allow_loopback)
{
    git_stream_registration plain = {.version = GIT_STREAM_VERSION, .init = stream_new};
    net.allow_loopback = allow_loopback;
    return git_stream_register(GIT_STREAM_STANDARD, &plain);
}

/* --- The deadline --------------------------------------------------------------------------------
 */

static void on_alarm(int signo UNUSED)
{
    net.late = 1;
    if (net.fd >= 0) {
        shutdown((int)net.fd, SHUT_RDWR);
    }
}

void net_guard(int64_t seconds)
{
    struct sigaction act = {.sa_handler = on_alarm};
    sigemptyset(&act.sa_mask);
    sigaction(SIGALRM, &act, NULL);
    net.late = 0;
    net.fault = NET_FINE;
    net.text[0] = '\0';
    alarm((unsigned)seconds);
}

enum net_fault net_fault(const char **ret_text)
{
    *ret_text = net.text;
    return net.late ? NET_LATE : net.fault;
}
