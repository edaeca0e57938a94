#include "kube/mask.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "base/sha256.h"
#include "base/span.h"
#include "json/jsonw.h"

void mask_init(struct mask *m)
{
    if (getrandom(m->key, sizeof(m->key), 0) != (ssize_t)sizeof(m->key)) {
        abort(); /* a kernel without randomness */
    }
}

bool kind_is_secret(const struct kind *k)
{
    return k->group[0] == '\0' && str_eq(k->kind, "Secret");
}

static const char *digest(const struct mask *m, struct arena *a, const char *value)
{
    char hex[SHA256_HEX];
    struct sha256 *h = sha256_new();
    sha256_add(h, m->key, sizeof(m->key));
    sha256_add(h, value, strlen(value));
    sha256_finish(h, hex);
    return arena_strdup(a, hex); /* 64 hexadecimal digits are base64, too */
}

static void mask_values(const struct mask *m, struct jsonw *w, const char *key,
                        const struct json *object)
{
    struct json_iter it = {0};
    jsonw_obj(w, key);
    while (json_next(object, &it)) {
        jsonw_str(w, it.key, digest(m, w->a, json_text(w->a, it.value)));
    }
    jsonw_end(w);
}

static void mask_metadata(const struct mask *m, struct jsonw *w, const struct json *object)
{
    struct json_iter it = {0};
    jsonw_obj(w, "metadata");
    while (json_next(object, &it)) {
        if (str_eq(it.key, "annotations")) { /* kubectl keeps a copy of the data there */
            mask_values(m, w, it.key, it.value);
        } else {
            jsonw_json(w, it.key, it.value);
        }
    }
    jsonw_end(w);
}

const char *mask_secret(const struct mask *m, struct arena *a, const char *body)
{
    const struct json *j = NULL;
    struct json_iter it = {0};
    struct jsonw w;
    struct err e;
    if (json_parse(a, body, strlen(body), &j, &e) < 0 || json_kind(j) != JSON_OBJECT) {
        return digest(m, a, body);
    }
    jsonw_init(&w, a);
    jsonw_obj(&w, NULL);
    while (json_next(j, &it)) {
        if (str_eq(it.key, "data") || str_eq(it.key, "stringData")) {
            mask_values(m, &w, it.key, it.value);
        } else if (str_eq(it.key, "metadata")) {
            mask_metadata(m, &w, it.value);
        } else {
            jsonw_json(&w, it.key, it.value);
        }
    }
    jsonw_end(&w);
    return jsonw_text(&w);
}

/* --- text --------------------------------------------------------------------------------------
 */

static bool ends_word(char c)
{
    return c == '\0' || isspace((unsigned char)c) || strchr("\"',;&<>", c) != NULL;
}

static void blot(char *from, char *to)
{
    memset(from, '*', (size_t)(to - from));
}

static char *word_end(char *p)
{
    while (!ends_word(*p)) {
        p++;
    }
    return p;
}

/* scheme://user:password@host */
static void blot_urls(char *text)
{
    for (char *p = text; (p = strstr(p, "://")) != NULL;) {
        char *host = p + 3, *end = host + strcspn(host, "/?# \t\r\n\"'<>"), *at = host;
        p = end;
        while ((at = memchr(at, '@', (size_t)(end - at))) != NULL) {
            blot(host, at);
            at++;
        }
    }
}

static bool is_number(const char *from, const char *to)
{
    for (; from < to; from++) {
        if (!isdigit((unsigned char)*from) && strchr(".-+eE", *from) == NULL) {
            return false;
        }
    }
    return true;
}

/* Where the value begins after a name: behind the rest of the word and = or :, or for a bare name
 * behind blanks; NULL: it is only mentioned. */
static char *value_of(char *p, bool bare)
{
    char *q = p;
    while (isalnum((unsigned char)*q) || *q == '_' || *q == '-' || *q == '"') {
        q++;
    }
    size_t gap = strspn(q, "=: \t\"'");
    bool assigned = strcspn(q, "=:") < gap;
    return assigned || (bare && q == p && gap > 0) ? q + gap : NULL;
}

/* token=…, "password": "…", Authorization: Bearer … */
static void blot_named(char *text, const char *name)
{
    for (char *p = text; (p = strcasestr(p, name)) != NULL;) {
        p += strlen(name);
        char *from = value_of(p, str_eq(name, "Bearer"));
        if (from != NULL) {
            p = word_end(from);
            if (!is_number(from, p)) {
                blot(from, p);
            }
        }
    }
}

const char *mask_text(struct arena *a, const char *text)
{
    static const char *const names[] = {"password", "passwd",        "secret", "token",
                                        "api_key",  "authorization", "apikey", "Bearer"};
    char *copy = arena_strdup(a, text);
    blot_urls(copy);
    for (size_t i = ARRAY_LEN(names); i-- > 0;) { /* Bearer first: its name hides what follows */
        blot_named(copy, names[i]);
    }
    return copy;
}
