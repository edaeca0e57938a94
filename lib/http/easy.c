/* easy.c — options of one libcurl handle. */
#include "http/easy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/span.h"

static bool is_local_host(const char *host)
{
    struct in_addr v4;
    if (inet_pton(AF_INET, host, &v4) == 1) {
        return ntohl(v4.s_addr) >> 24 == 127;
    }
    return str_eq(host, "localhost") || str_eq(host, "[::1]");
}

bool http_is_local(const char *url)
{
    CURLU *u = curl_url();
    char *host = NULL;
    if (u == NULL) {
        mem_exhausted();
    }
    bool local = curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
                 curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK && is_local_host(host);
    curl_free(host);
    curl_url_cleanup(u);
    return local;
}

/* The server's name goes into the URL (SNI, certificate check, Host) and the host into connect_to.
 */
static void identity_url(struct identity *i, const char *base_url, const char *server_name)
{
    CURLU *u = curl_url();
    char *host = NULL, *port = NULL, *url = NULL;
    i->url = mem_strdup(base_url);
    if (u == NULL) {
        mem_exhausted();
    }
    if (curl_url_set(u, CURLUPART_URL, base_url, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK) {
        i->local = is_local_host(host);
        if (!str_empty(server_name) &&
            curl_url_set(u, CURLUPART_HOST, server_name, 0) == CURLUE_OK &&
            curl_url_get(u, CURLUPART_URL, &url, 0) == CURLUE_OK) {
            struct arena a = {0};
            i->connect_to = mem_strdup(arena_printf(&a, "::%s:%s", host, port));
            arena_done(&a);
            mem_free(i->url);
            i->url = mem_strdup(url);
        }
    }
    size_t n = strlen(i->url);
    if (n > 0 && i->url[n - 1] == '/') {
        i->url[n - 1] = '\0'; /* paths begin with one */
    }
    curl_free(url);
    curl_free(port);
    curl_free(host);
    curl_url_cleanup(u);
}

void identity_done(struct identity *i)
{
    mem_free(i->url);
    mem_free(i->connect_to);
    mem_free(i->ca);
    mem_free(i->cert);
    mem_free(i->key);
    mem_free(i->proxy);
    mem_free(i->no_proxy);
    mem_free(i->agent);
    mem_free(i->impersonate);
    *i = (struct identity){0};
}

void identity_copy(struct identity *i, const struct http_identity *from)
{
    struct identity fresh = {
        .ca = mem_strdup(from->ca_pem),
        .cert = mem_strdup(from->cert_pem),
        .key = mem_strdup(from->key_pem),
        .proxy = mem_strdup(from->proxy_url),
        .no_proxy = mem_strdup(from->no_proxy),
        .agent = mem_strdup(from->user_agent),
        .impersonate = mem_strdup(from->impersonate),
        .insecure = from->insecure,
    };
    identity_url(&fresh, from->base_url, from->server_name);
    identity_done(i);
    *i = fresh;
}

static curl_socket_t open_socket(void *ctx, curlsocktype purpose UNUSED, struct curl_sockaddr *to)
{
    int fd = socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol), *ret_errno = ctx;
    if (fd < 0 && ret_errno != NULL) {
        *ret_errno = errno;
    }
    return fd;
}

/* Keep-alive probes find a dead peer of a silent connection, the user time-out one of a busy
 * connection. */
static int tune_socket(void *ctx UNUSED, curl_socket_t fd, curlsocktype purpose UNUSED)
{
    int on = 1, dead_ms = (int)limit(LIMIT_DEAD_PEER_MS);
    int idle = dead_ms / 2000 > 0 ? dead_ms / 2000 : 1,
        between = dead_ms / 6000 > 0 ? dead_ms / 6000 : 1;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &between, sizeof(between));
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_ms, sizeof(dead_ms));
    return CURL_SOCKOPT_OK;
}

static void set_blob(CURL *c, CURLoption option, const char *pem)
{
    struct curl_blob blob = {(void *)(uintptr_t)pem, strlen(pem), CURL_BLOB_COPY};
    curl_easy_setopt(c, option, &blob);
}

/* The trust is this blob and nothing else: the default files of the system are taken away. */
static void set_tls(CURL *c, const struct identity *i)
{
    const char *ca = i->ca != NULL ? i->ca : ""; /* empty: the handshake is refused */
    curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(c, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(c, CURLOPT_PROXY_CAINFO, NULL);
    curl_easy_setopt(c, CURLOPT_PROXY_CAPATH, NULL);
    curl_easy_setopt(c, CURLOPT_CA_CACHE_TIMEOUT, 0L);
    if (i->insecure) {
        curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
    } else {
        set_blob(c, CURLOPT_CAINFO_BLOB, ca);
    }
    set_blob(c, CURLOPT_PROXY_CAINFO_BLOB, ca);
    if (i->cert != NULL && i->key != NULL) {
        set_blob(c, CURLOPT_SSLCERT_BLOB, i->cert);
        set_blob(c, CURLOPT_SSLKEY_BLOB, i->key);
    }
}

void easy_identity(CURL *c, const struct identity *i, bool alone, struct curl_slist **ret_slist)
{
    set_tls(c, i);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(c, CURLOPT_USERAGENT, i->agent != NULL ? i->agent : "dkube/" DKUBE_VERSION);
    curl_easy_setopt(c, CURLOPT_PROXY, i->proxy != NULL ? i->proxy : "");
    curl_easy_setopt(c, CURLOPT_NOPROXY, i->no_proxy != NULL ? i->no_proxy : "");
    curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(c, CURLOPT_SOCKOPTFUNCTION, tune_socket);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)limit(LIMIT_CONNECT_MS));
    curl_easy_setopt(c, CURLOPT_MAXLIFETIME_CONN, (long)(limit(LIMIT_CONN_LIFE_MS) / 1000));
    curl_easy_setopt(c, CURLOPT_HTTP_VERSION,
                     alone ? (long)CURL_HTTP_VERSION_1_1 : (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(c, CURLOPT_PIPEWAIT, alone ? 0L : 1L);
    if (i->connect_to != NULL) {
        *ret_slist = curl_slist_append(NULL, i->connect_to);
        curl_easy_setopt(c, CURLOPT_CONNECT_TO, *ret_slist);
    }
}
