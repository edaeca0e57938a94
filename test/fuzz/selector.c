/* Label selectors: selector, NUL, then key and value in turns, NUL between them. Beside a plain
 * reading of the same rules; and each part escaped for a URL is what curl unescapes. */
#include <curl/curl.h>
#include <json-c/json.h>

#include "base/span.h"
#include "kube/client.h"
#include "kube/ryw.h"
#include "support/fuzz.h"

static const char *value_of(struct json_object *labels, const char *key)
{
    struct json_object *o = NULL;

    return json_object_object_get_ex(labels, key, &o) ? json_object_get_string(o) : NULL;
}

/* One of k=v, k==v, k!=v, k, !k. */
static bool holds_for(struct json_object *labels, char *part)
{
    char *eq = strchr(part, '=');
    const char *have;

    if (eq == NULL) {
        bool not = *part == '!';
        have = value_of(labels, part + not );
        return (have != NULL && part[not ] != '\0') != not ;
    }
    bool unequal = eq > part && eq[-1] == '!';
    const char *want = eq[1] == '=' ? eq + 2 : eq + 1;

    (unequal ? eq - 1 : eq)[0] = '\0';
    have = *part != '\0' ? value_of(labels, part) : NULL;
    return (have != NULL && strcmp(have, want) == 0) != unequal;
}

static bool plainly(struct arena *a, const char *selector, struct json_object *labels)
{
    char *copy = arena_strdup(a, selector), *part;
    bool shown = true;

    if (strchr(selector, '(') != NULL) {
        return true;
    }
    while (*copy != '\0' && (part = copy) != NULL) {
        copy += strcspn(copy, ",");
        if (*copy == ',') {
            *copy++ = '\0';
        }
        shown = (strchr(part, ' ') != NULL || holds_for(labels, part)) && shown;
    }
    return shown;
}

static void check_escape(struct arena *a, const char *text)
{
    const char *escaped = url_escape(a, text);
    int len = 0;
    char *back = curl_easy_unescape(NULL, escaped, 0, &len);

    law(strpbrk(escaped, " /?#&=\"\r\n\\") == NULL, "%s", escaped);
    law(back != NULL && strcmp(back, text) == 0, "%s", escaped);
    curl_free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct json_object *labels = json_object_new_object();
    struct arena a = {0};
    char text[600] = "";

    if (n < 300) {
        memcpy(text, data, n);
    }
    const char *key = text + strlen(text) + 1, *end = text + (n < 300 ? n : 0);

    while (key < end) {
        const char *value = key + strlen(key) + 1;

        if (*key != '\0') {
            json_object_object_add(labels, key, json_object_new_string(value));
        }
        key = value + strlen(value) + 1;
    }
    law(selector_shows(text, (const struct json *)labels) == plainly(&a, text, labels),
        "'%s' of %s", text, json_object_to_json_string(labels));
    check_escape(&a, text);
    arena_done(&a);
    json_object_put(labels);
    return 0;
}

FUZZ_TARGET("selector", a_selector_shows_what_its_parts_say);
