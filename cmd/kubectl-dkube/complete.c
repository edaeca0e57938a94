#include "cmd/kubectl-dkube/complete.h"

#include <stdio.h>
#include <string.h>

#include "api/artifactversion.gen.h"
#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "base/span.h"
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
                          const char *ns)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct loop *l = loop_new();
    struct err e = {0};
    struct client *c = client_new(l, NULL, NULL, "kubectl-dkube/" DKUBE_VERSION, &e);
    const struct json *list = NULL;
    const char *body;
    size_t len;

    if (c != NULL) {
        const struct http_request r = {
            .method = "GET",
            .path =
                kube_path(&a, k, ns != NULL ? ns : client_namespace(c), NULL, NULL, "limit=500"),
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

static void complete_what(const char *typed, const char *ns)
{
    char prefix[32];

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        snprintf(prefix, sizeof prefix, "%s/", kinds[i].word);
        if (strncmp(typed, prefix, strlen(prefix)) == 0) {
            offer_objects(prefix, typed, kinds[i].kind, ns);
        } else {
            offer("", typed, prefix);
        }
    }
}

int complete(int argc, char **argv)
{
    const char *typed = argc > 1 ? argv[argc - 1] : "", *ns = NULL;
    bool is_lineage = false;

    for (int i = 1; i < argc - 1; i++) {
        is_lineage = is_lineage || strcmp(argv[i], "lineage") == 0;
        if ((strcmp(argv[i], "-n") == 0 || strcmp(argv[i], "--namespace") == 0) && i + 2 < argc) {
            ns = argv[i + 1];
        }
    }
    if (is_lineage) {
        complete_what(typed, ns);
    } else {
        offer("", typed, "lineage");
        offer("", typed, "version");
    }
    puts(":4");
    return 0;
}
