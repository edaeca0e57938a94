/* What strangers write, in a log line and in a JSON body: one line, no control characters, and the
 * JSON reads as what was written. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "json/json.h"
#include "json/jsonw.h"
#include "support/fuzz.h"

/* The line that one call logs. */
static size_t logged(const char *text, bool json, char *line, size_t size)
{
    static int file = -1;
    int saved = dup(STDERR_FILENO);

    file = file < 0 ? memfd_create("log", MFD_CLOEXEC) : file;
    law(saved >= 0 && ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0, "no file");
    dup2(file, STDERR_FILENO);
    log_init("fuzz", LOG_DEBUG, json);
    log_line(LOG_INFO, text, "key", text, "other", "value", NULL);
    dup2(saved, STDERR_FILENO);
    close(saved);
    ssize_t n = pread(file, line, size, 0);

    return n > 0 ? (size_t)n : 0;
}

static void check_line(struct arena *a, const char *text, bool json)
{
    static char line[LOG_LINE_MAX + 1000];
    const struct json *j;
    struct err e;
    size_t n = logged(text, json, line, sizeof line);

    law(n > 0 && n <= LOG_LINE_MAX && line[n - 1] == '\n', "%zu bytes", n);
    for (size_t i = 0; i + 1 < n; i++) {
        law((unsigned char)line[i] >= 0x20 && line[i] != 0x7f, "byte %zu is %d", i, line[i]);
    }
    law(!json || n == LOG_LINE_MAX || json_parse(a, line, n, &j, &e) == 0, "%s: %.*s", e.text,
        (int)n, line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena a = {0};
    const struct json *j;
    struct jsonw w;
    struct err e;
    const char *text = arena_strndup(&a, (const char *)data, n);

    check_line(&a, text, false);
    check_line(&a, text, true);
    jsonw_init(&w, &a);
    jsonw_obj(&w, NULL);
    jsonw_str(&w, "text", text);
    jsonw_end(&w);
    const char *body = jsonw_text(&w);

    law(json_parse(&a, body, strlen(body), &j, &e) == 0, "%s: %s", e.text, body);
    if (strcmp(json_str(j, "text", ""), text) != 0) {
        const char *again = json_str(j, "text", ""); /* what is no UTF-8 was replaced */

        law(strstr(again, "\xef\xbf\xbd") != NULL, "%s", body);
    }
    arena_done(&a);
    return 0;
}

FUZZ_TARGET("escape", nothing_a_stranger_writes_breaks_a_line_or_a_body);
