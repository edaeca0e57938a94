#include "support/plane.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/spec.h"

const char *plane_dir(struct arena *a)
{
    const char *file = getenv("KUBECONFIG");
    if (file == NULL) {
        fail_msg("KUBECONFIG is not set; run hack/envtest up");
    }
    return dirname(arena_strdup(a, file));
}

char *plane_file(struct arena *a, const char *path)
{
    FILE *f = fopen(path, "re");
    size_t n;
    if (f == NULL) {
        fail_msg("cannot read %s", path);
        return NULL;
    }
    char *text = arena_alloc(a, 1 << 20);
    n = fread(text, 1, (1 << 20) - 1, f);
    fclose(f);
    text[n] = '\0';
    return text;
}
