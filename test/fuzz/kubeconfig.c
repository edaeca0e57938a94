/* A kubeconfig file: it is refused with a reason, or gives all that a client needs. */
#include "kube/config.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/span.h"
#include "support/fuzz.h"

static void check(const struct config *c)
{
    law(strncmp(c->server, "https://", 8) == 0 || strncmp(c->server, "http://", 7) == 0, "%s",
        c->server);
    law(!str_empty(c->ns) && !str_empty(c->source), "no namespace or source");
    law((c->cert.text != NULL || c->cert.file != NULL) == (c->key.text != NULL || c->key.file),
        "half a certificate");
    law(!c->insecure || (c->ca.text == NULL && c->ca.file == NULL), "insecure with an authority");
    if (c->exec != NULL) {
        law(!str_empty(c->exec->command), "no command");
        law(c->token.text == NULL && c->token.file == NULL, "a plugin and a token");
        for (size_t i = 0; i < c->exec->arg_count; i++) {
            law(c->exec->args[i] != NULL, "argument %zu", i);
        }
        for (size_t i = 0; i < c->exec->env_count; i++) {
            law(c->exec->env[i].name != NULL && c->exec->env[i].value != NULL, "variable %zu", i);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static int fd = -1;
    struct arena a = {0};
    struct config c = {0};
    struct err e = {0};

    fd = fd < 0 ? memfd_create("kubeconfig", MFD_CLOEXEC) : fd;
    law(ftruncate(fd, 0) == 0 && pwrite(fd, data, n, 0) == (ssize_t)n, "no file");
    if (config_load(&a, arena_printf(&a, "/proc/self/fd/%d", fd), NULL, &c, &e) == 0) {
        check(&c);
    } else {
        law(e.kind == ERR_INVALID && strlen(e.text) > 10, "%s", e.text);
        law(strstr(e.text, "/proc/self/fd") != NULL, "the file is not named: %s", e.text);
    }
    arena_done(&a);
    return 0;
}

FUZZ_TARGET("kubeconfig", a_kubeconfig_is_refused_by_name_or_is_complete);
