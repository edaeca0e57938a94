/* Addresses of repositories: what is accepted names the host that curl would ask, and neither
 * credentials nor anything that git could take for an option. */
#include "git/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <strings.h>

#include "base/span.h"
#include "support/fuzz.h"

/* Equal as names or as IPv6 addresses. */
static bool same_host(const char *x, const char *y)
{
    struct in6_addr a, b;

    return strcasecmp(x, y) == 0 ||
           (inet_pton(AF_INET6, x, &a) == 1 && inet_pton(AF_INET6, y, &b) == 1 &&
            memcmp(&a, &b, sizeof a) == 0);
}

/* curl's opinion of the host; "" when it refuses the address. */
static void host_by_curl(const char *url, char *host, size_t size)
{
    CURLU *u = curl_url();
    char *p = NULL;

    *host = '\0';
    if (curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_HOST, &p, 0) == CURLUE_OK) {
        size_t n = strlen(p), bracket = *p == '[';

        snprintf(host, size, "%.*s", (int)(n - 2 * bracket), p + bracket);
    }
    curl_free(p);
    curl_url_cleanup(u);
}

static void check_accepted(struct arena *a, const char *url, const struct repo_url *r)
{
    const char *shown = repo_url_shown(a, url);
    char host[300];

    law(*url != '-' && strpbrk(url, " \t\r\n\"'`<>{}|^\\?#") == NULL, "%s", url);
    law(*r->host != '\0' && *r->host != '-' && *r->host != '.', "%s: host %s", url, r->host);
    law(r->ssh || strchr(shown, '@') == strchr(strstr(url, "://") + 3, '/') ||
            memchr(shown, '@', strcspn(strstr(shown, "://") + 3, "/")) == NULL,
        "%s shows %s", url, shown);
    if (strstr(url, "://") == NULL) {
        law(r->ssh, "%s", url);
        return;
    }
    host_by_curl(url, host, sizeof host);
    /* numbers name an IPv4 address in many ways: what is asked is checked when it is asked */
    bool number = r->host[strspn(r->host, "0123456789abcdefABCDEFxX.")] == '\0';

    law(*host == '\0' || number || same_host(host, r->host), "%s: curl asks %s, we say %s", url,
        host, r->host);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena a = {0};
    struct repo_url r;
    struct err e = {0};
    const char *url = arena_strndup(&a, (const char *)data, n);

    if (strlen(url) == n && n < 3000) {
        if (repo_url_check(url, "spec.url", &r, &e) == 0) {
            check_accepted(&a, url, &r);
        } else {
            law(strncmp(e.text, "spec.url ", 9) == 0, "%s", e.text);
        }
        law(strlen(repo_url_shown(&a, url)) <= n + 1, "%s", url);
    }
    arena_done(&a);
    return 0;
}

FUZZ_TARGET("giturl", an_accepted_address_names_the_host_that_is_asked);
