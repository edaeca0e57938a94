#include "cmd/kubectl-dkube/complete.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "api/artifactversion.gen.h"
#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "base/span.h"
#include "cmd/kubectl-dkube/commands.h"
#include "kube/client.h"

#define LIST_TIMEOUT_MS 2000

static const struct {
    const char *word;
    const struct kind *kind;
} kinds[] = {
    {"deployment", &kind_deployment}, {"run", &kind_dkuberun}, {"version", &kind_artifactversion}};

static void offer(const char *prefix, const char *typed, const char *word)
{
    size_t n = strlen(prefix);

    if (strncmp(typed, prefix, n < strlen(typed) ? n : strlen(typed)) != 0) {
        return;
    }
    if (strlen(typed) <= n || strncmp(typed + n, word, strlen(typed) - n) == 0) {
        printf("%s%s\n", prefix, word);
    }
}

static void offer_objects(const char *prefix, const char *typed, const struct kind *k,
                          const struct options *o)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct loop *l = loop_new();
    struct err e = {0};
    struct client *c = client_new(l, o->kubeconfig, o->context, "kubectl-dkube/" DKUBE_VERSION, &e);
    const struct json *list = NULL;
    const char *body;
    size_t len;

    if (c != NULL) {
        const struct http_request r = {.method = "GET",
                                       .path = kube_path(&a, k,
                                                         !k->namespaced  ? NULL
                                                         : o->ns != NULL ? o->ns
                                                                         : client_namespace(c),
                                                         NULL, NULL, "limit=500"),
                                       .timeout_ms = LIST_TIMEOUT_MS};

        if (client_wait(c, &a, &r, &body, &len, &e) == 0 &&
            json_parse(&a, body, len, &list, &e) == 0) {
            const struct json *items = json_key(list, "items");

            for (size_t i = 0; i < json_len(items); i++) {
                offer(prefix, typed, json_str(json_at(items, i), "metadata.name", ""));
            }
        }
        client_free(c);
    }
    loop_free(l);
}

static void complete_what(const char *typed, const struct options *o)
{
    char prefix[32];

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        snprintf(prefix, sizeof prefix, "%s/", kinds[i].word);
        if (strncmp(typed, prefix, strlen(prefix)) == 0) {
            offer_objects(prefix, typed, kinds[i].kind, o);
        } else {
            offer("", typed, prefix);
        }
    }
}

/* The last word is being typed, those before it are whole. */
int complete(int argc, char **argv)
{
    const char *typed = argc > 1 ? argv[argc - 1] : "";
    struct options o = {0};
    int words = argc > 1 ? argc - 1 : argc;
    bool ok = options_parse(words, argv, false, &o) == 0;

    if (ok && optind == words) {
        for (size_t i = 0; i < command_count; i++) {
            offer("", typed, commands[i].name);
        }
        offer("", typed, "version");
    } else if (ok && words - optind == 1) {
        const struct command *cmd = command_called(argv[optind]);

        if (cmd != NULL && cmd->kind != NULL) {
            offer_objects("", typed, cmd->kind, &o);
        } else if (cmd != NULL && cmd->takes != NULL) {
            complete_what(typed, &o);
        }
    }
    puts(":4");
    return 0;
}
