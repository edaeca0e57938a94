#include "cmd/kubectl-dkube/place.h"

#include <stdlib.h>
#include <string.h>

#include "api/group.gen.h"
#include "api/pool.gen.h"
#include "base/span.h"

bool waits_in_queue(const struct json *run)
{
    return str_eq(json_str(run, "status.phase", ""), "WaitingForGPUs") &&
           json_int(run, "status.position", 0) > 0;
}

int queue_order(const void *x, const void *y)
{
    const struct json *a = *(const struct json *const *)x, *b = *(const struct json *const *)y;
    int64_t p = json_int(a, "spec.priority", 0), q = json_int(b, "spec.priority", 0);
    int order;

    if (p != q) {
        return p > q ? -1 : 1;
    }
    order = strcmp(json_str(a, "metadata.creationTimestamp", ""),
                   json_str(b, "metadata.creationTimestamp", ""));
    return order != 0 ? order
                      : strcmp(json_str(a, "metadata.name", ""), json_str(b, "metadata.name", ""));
}

const struct json **queue_of(struct arena *a, const struct json *runs, size_t *ret_count)
{
    const struct json **list = arena_alloc(a, (json_len(runs) + 1) * sizeof(*list));

    *ret_count = 0;
    for (size_t i = 0; i < json_len(runs); i++) {
        if (waits_in_queue(json_at(runs, i))) {
            list[(*ret_count)++] = json_at(runs, i);
        }
    }
    qsort(list, *ret_count, sizeof(*list), queue_order);
    return list;
}

struct place place_of(struct arena *a, const struct json *runs, const struct json *run)
{
    struct place p = {0};
    const struct json **list = queue_of(a, runs, &p.length);
    const char *uid = json_str(run, "metadata.uid", "");

    for (size_t i = 0; i < p.length; i++) {
        if (str_eq(json_str(list[i], "metadata.uid", "-"), uid)) {
            p.position = i + 1;
        }
    }
    return p;
}

static bool has_namespace(const struct json *group, const char *ns)
{
    const char *own = json_str(group, "spec.namespace", json_str(group, "metadata.name", ""));

    return str_eq(json_str(group, "status.namespace", own), ns);
}

int64_t place_gpus(const struct json *run)
{
    return json_int(run, "status.totalGPUs", json_int(run, "spec.gpus", 0));
}

const struct json *place_pool(struct session *s, const char *ns, struct err *e)
{
    const struct json *groups = session_list(s, &kind_group, NULL, e);

    for (size_t i = 0; i < json_len(groups); i++) {
        const struct json *g = json_at(groups, i);
        bool rest = str_eq(json_str(g, "metadata.name", ""), "default");
        const char *pool = json_str(g, "spec.poolRef", rest ? "default" : NULL);

        if (has_namespace(g, ns) && pool != NULL) {
            return session_get(s, &kind_pool, NULL, pool, e);
        }
    }
    return NULL;
}
