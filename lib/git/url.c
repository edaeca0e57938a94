#include "git/url.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"

static int bad(const char *field, const char *what, struct err *e)
{
    return err_set(e, ERR_INVALID, "InvalidURL", "%s %s", field, what);
}

const char *repo_url_shown(struct arena *a, const char *url)
{
    const char *host = strstr(url, "://");
    host = host != NULL ? host + 3 : url;
    size_t len = strcspn(host, "/");
    const char *at = memrchr(host, '@', len), *rest = at != NULL ? at + 1 : host;
    return arena_printf(a, "%.*s%.200s", (int)(host - url), url, rest);
}

static bool has_bad_bytes(const char *url)
{
    for (const char *p = url; *p != '\0'; p++) {
        if ((unsigned char)*p <= 0x20 || (unsigned char)*p >= 0x7f ||
            strchr("\\\"'`<>{}|^", *p) != NULL) {
            return true;
        }
        if (*p == '%' && (p[1] == '0' || p[1] == '1' || (p[1] == '7' && (p[2] | 32) == 'f'))) {
            return true;
        }
    }
    return false;
}

static bool is_port(const char *s, size_t n)
{
    long v = strtol(s, NULL, 10);
    return n > 0 && n < 6 && strspn(s, "0123456789") >= n && v > 0 && v < 65536;
}

/* Length of the host at the beginning, without brackets; 0 when there is none. */
static size_t host_length(const char *s, size_t n)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
    if (n > 0 && s[0] == '[') {
        const char *end = memchr(s, ']', n);
        size_t len = end != NULL ? (size_t)(end - s) - 1 : 0;
        struct in6_addr v6;
        char text[INET6_ADDRSTRLEN];
        snprintf(text, sizeof(text), "%.*s", (int)len, s + 1);
        return len < sizeof(text) && inet_pton(AF_INET6, text, &v6) == 1 ? len : 0;
    }
    size_t len = strspn(s, plain);
    len = len > n ? n : len;
    return len > 0 && s[0] != '-' && s[0] != '.' ? len : 0;
}

/* host or [v6], with :port perhaps; `n` bytes. */
static bool take_host(const char *s, size_t n, struct repo_url *ret)
{
    size_t len = host_length(s, n), brackets = n > 0 && s[0] == '[' ? 1 : 0;
    const char *rest = s + len + 2 * brackets;
    if (len == 0 || len >= sizeof(ret->host)) {
        return false;
    }
    if (rest < s + n && (rest[0] != ':' || !is_port(rest + 1, (size_t)(s + n - rest) - 1))) {
        return false;
    }
    memcpy(ret->host, s + brackets, len);
    ret->host[len] = '\0';
    return true;
}

static bool is_user(const char *s, size_t n)
{
    return n > 0 && s[0] != '-' &&
           strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") >= n;
}

static int check_hierarchy(const char *after, const char *field, struct repo_url *ret,
                           struct err *e)
{
    size_t len = strcspn(after, "/");
    const char *at = memrchr(after, '@', len);
    if (at != NULL && (!ret->ssh || !is_user(after, (size_t)(at - after)))) {
        return bad(field, "holds credentials; put them in a Secret and name it in secretRef", e);
    }
    const char *host = at != NULL ? at + 1 : after;
    if (!take_host(host, len - (size_t)(host - after), ret)) {
        return bad(field,
                   "names no valid host; write for example https://git.example.com/team/repo.git",
                   e);
    }
    if (after[len] != '/' || after[len + 1] == '\0' || after[len + 1] == '-') {
        return bad(field, "names no repository after the host", e);
    }
    return 0;
}

/* user@host:path */
static int check_scp(const char *url, const char *field, struct repo_url *ret, struct err *e)
{
    const char *at = strchr(url, '@'), *colon = at != NULL ? strchr(at, ':') : NULL;
    if (colon == NULL || !is_user(url, (size_t)(at - url)) ||
        !take_host(at + 1, (size_t)(colon - at) - 1, ret) || colon[1] == '\0' || colon[1] == '-' ||
        colon[1] == ':') {
        return bad(field, "is no address of a repository; http, https and ssh are possible", e);
    }
    ret->ssh = true;
    return 0;
}

int repo_url_check(const char *url, const char *field, struct repo_url *ret, struct err *e)
{
    static const struct {
        const char *prefix;
        bool ssh;
    } schemes[] = {{"https://", false}, {"http://", false}, {"ssh://", true}};
    *ret = (struct repo_url){0};
    if (str_empty(url)) {
        return bad(field, "is empty; write the address of a git repository", e);
    }
    if (url[0] == '-' || strlen(url) > REPO_URL_MAX || has_bad_bytes(url) ||
        strpbrk(url, "?#") != NULL) {
        return bad(field,
                   "is no address of a repository: it begins with '-' or holds characters that "
                   "have no place there",
                   e);
    }
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        size_t n = strlen(schemes[i].prefix);
        if (strncmp(url, schemes[i].prefix, n) == 0) {
            ret->ssh = schemes[i].ssh;
            return check_hierarchy(url + n, field, ret, e);
        }
    }
    if (strstr(url, "://") != NULL || strstr(url, "::") != NULL) {
        return bad(field, "has a scheme that is not possible; http, https and ssh are", e);
    }
    return check_scp(url, field, ret, e);
}
