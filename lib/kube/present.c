/* present.c — a list of one, for the resource version that it was read at. */
#include "kube/present.h"

#include <string.h>

#include "base/limits.h"
#include "base/span.h"
#include "json/json.h"
#include "kube/client.h"

#define METADATA "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"

void present_ask(struct transport *t, const struct kind *k, const char *ns, http_done_fn *done,
                 void *ctx)
{
    struct arena a = {0};
    t->send(t->self,
            &(struct http_request){.method = "GET",
                                   .path = kube_path(&a, k, ns, NULL, NULL, "limit=1"),
                                   .accept = METADATA,
                                   .timeout_ms = limit(LIMIT_REQUEST_MS)},
            done, ctx);
    arena_done(&a);
}

int present_read(struct arena *a, const struct http_response *r, const char **ret, struct err *e)
{
    const struct json *list = NULL;
    if (kube_error(r, "list", e) < 0 || json_parse(a, r->body, r->body_len, &list, e) < 0) {
        return -1;
    }
    *ret = json_str(list, "metadata.resourceVersion", "");
    return str_empty(*ret) ? err_set(e, ERR_RETRY, "MalformedReply",
                                     "the list does not say its resource version")
                           : 0;
}

bool present_is_away(const struct http_response *r)
{
    return r->status == 0 || r->status >= 500;
}

bool present_is_before(const struct err *e)
{
    return strcasestr(e->text, "too large resource version") != NULL;
}
