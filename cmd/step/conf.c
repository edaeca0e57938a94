/* conf.c — the configuration: defaults, then DKUBE_STEP or a file; options win. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/span.h"
#include "cmd/step/step.h"
#include "json/json.h"

enum { CONFIG_MAX = 1 << 20 };

void step_defaults(struct step *s)
{
    s->token_file = "/var/run/dkube/token/token";
    s->secret_dir = "/var/run/dkube/git";
    s->report_file = "/dev/termination-log";
    s->ready_file = "/tmp/dkube-collect-ready";
    s->patience_s = 300;
    s->timeout_s = 3600;
}

static int invalid(const char *what, struct err *e)
{
    return err_set(e, ERR_INVALID, "InvalidConfig", "DKUBE_STEP: %s", what);
}

static int read_file(struct step *s, const char **ret, struct err *e)
{
    char *text = arena_alloc(&s->a, CONFIG_MAX + 1);
    int fd = open(s->config_file, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, CONFIG_MAX) : -1;
    if (n < 0) {
        err_set(e, ERR_INVALID, "InvalidConfig", "'%s' cannot be read: %s", s->config_file,
                strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    *ret = text;
    return n < 0 ? -1 : 0;
}

static int take_inputs(struct step *s, const struct json *list, struct err *e)
{
    if (json_len(list) > STEP_LIST_MAX) {
        return invalid("there are too many inputs", e);
    }
    for (size_t i = 0; i < json_len(list); i++) {
        struct step_input *in = &s->inputs[s->input_count++];
        in->digest = json_str(json_at(list, i), "digest", NULL);
        in->dir = json_str(json_at(list, i), "dir", NULL);
        if (str_empty(in->digest) || str_empty(in->dir)) {
            return invalid("an input needs digest and dir", e);
        }
    }
    return 0;
}

static int take_outputs(struct step *s, const struct json *list, struct err *e)
{
    if (json_len(list) > STEP_LIST_MAX) {
        return invalid("there are too many outputs", e);
    }
    for (size_t i = 0; i < json_len(list); i++) {
        struct step_output *out = &s->outputs[s->output_count++];
        out->name = json_str(json_at(list, i), "name", NULL);
        out->dir = json_str(json_at(list, i), "dir", NULL);
        if (str_empty(out->name) || str_empty(out->dir)) {
            return invalid("an output needs name and dir", e);
        }
    }
    return 0;
}

static const char *either(const char *option, const char *configured)
{
    return option != NULL ? option : configured;
}

static int take(struct step *s, const struct json *j, struct err *e)
{
    s->ns = json_str(j, "namespace", NULL);
    s->store = json_str(j, "store", NULL);
    s->url = either(s->url, json_str(j, "code.url", NULL));
    s->commit = either(s->commit, json_str(j, "code.commit", NULL));
    s->code_dir = json_str(j, "code.dir", NULL);
    return take_inputs(s, json_get(j, "inputs"), e) < 0 ||
                   take_outputs(s, json_get(j, "outputs"), e) < 0
               ? -1
               : 0;
}

int step_configure(struct step *s, struct err *e)
{
    const char *text = getenv("DKUBE_STEP");
    const struct json *j = NULL;
    if (s->config_file != NULL && read_file(s, &text, e) < 0) {
        return -1;
    }
    if (str_empty(text)) {
        return 0;
    }
    if (json_parse(&s->a, text, strlen(text), &j, e) < 0) {
        return err_in(e, "DKUBE_STEP");
    }
    return json_kind(j) == JSON_OBJECT ? take(s, j, e) : invalid("it is no JSON object", e);
}
