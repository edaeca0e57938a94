#include "support/fetch.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"

static struct sockaddr_in local(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

const char *fetch(struct arena *a, int port, const char *method, const char *path)
{
    struct sockaddr_in to = local(port);
    CLEANUP(buf_done) struct buf b;
    char piece[4096];
    ssize_t n;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const char *request = arena_printf(
        a, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", method, path);
    buf_init(&b, 16 << 20);
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 &&
        write(fd, request, strlen(request)) == (ssize_t)strlen(request)) {
        while ((n = read(fd, piece, sizeof(piece))) > 0 && buf_add(&b, piece, (size_t)n) == 0) {
            continue;
        }
    }
    close(fd);
    return arena_strdup(a, buf_str(&b));
}

int free_port(void)
{
    struct sockaddr_in at = local(0);
    socklen_t len = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bind(fd, (struct sockaddr *)&at, sizeof(at));
    getsockname(fd, (struct sockaddr *)&at, &len);
    close(fd);
    return ntohs(at.sin_port);
}
