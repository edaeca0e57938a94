/* Metrics in the log of a run: names and values are cut from the log as they stand there. */
#include "controllers/dkuberun/dkuberun.h"
#include "support/fuzz.h"

enum { MOST = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena a = {0};
    struct metric_value list[MOST];
    const char *log = arena_strndup(&a, (const char *)data, n);
    size_t count = metrics_parse(&a, log, list, MOST);

    law(count <= MOST, "%zu", count);
    for (size_t i = 0; i < count; i++) {
        char *end;

        law(strstr(log, list[i].name) != NULL && *list[i].name != '\0', "%s", list[i].name);
        law(strlen(list[i].name) <= 128 && strlen(list[i].value) <= 64, "%s", list[i].name);
        law(strstr(log, list[i].value) != NULL, "%s", list[i].value);
        strtod(list[i].value, &end);
        law(*end == '\0' && end > list[i].value, "%s", list[i].value);
        for (size_t k = 0; k < i; k++) {
            law(strcmp(list[i].name, list[k].name) != 0, "%s twice", list[i].name);
        }
    }
    arena_done(&a);
    return 0;
}

FUZZ_TARGET("runlog", a_metric_of_a_log_is_a_name_and_a_number);
