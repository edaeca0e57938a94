/* YAML: what it makes is JSON that reads as itself, by json_parse() and as YAML again. */
#include "yaml/yaml.h"

#include "support/fuzz.h"

static bool is_plain(const char *s)
{
    for (; *s != '\0'; s++) {
        if ((unsigned char)*s >= 0x7f) {
            return false; /* YAML refuses some characters and folds NEL, LS and PS */
        }
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena a = {0};
    const struct json *j = NULL, *again = NULL;
    struct err e = {0};

    if (yaml_parse(&a, (const char *)data, n, &j, &e) == 0) {
        const char *text = json_text(&a, j);

        law(json_parse(&a, text, strlen(text), &again, &e) == 0, "%s: %s", e.text, text);
        law(strcmp(json_text(&a, again), text) == 0, "%s", text);
        /* an escape that stands for two code units is one that YAML does not know */
        if (is_plain(text) && strstr(text, "\\u") == NULL && strlen(text) < 1000) {
            law(yaml_parse(&a, text, strlen(text), &again, &e) == 0, "%s: %s", e.text, text);
            law(strcmp(json_text(&a, again), text) == 0, "%s", text);
        }
    } else {
        law(e.kind == ERR_INVALID && e.text[0] != '\0', "no error is told");
    }
    arena_done(&a);
    return 0;
}

FUZZ_TARGET("yaml", what_yaml_becomes_reads_as_itself);
