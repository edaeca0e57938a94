/* url.c — paths of the Kubernetes API, and its refusals as errors. */
#include <string.h>

#include "api/protoscan.h"
#include "base/span.h"
#include "json/json.h"
#include "kube/client.h"

const char *url_escape(struct arena *a, const char *s)
{
    static const char hex[] = "0123456789ABCDEF";
    char *out = arena_alloc(a, strlen(s) * 3 + 1), *o = out;
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            strchr("-._~", c) != NULL) {
            *o++ = (char)c;
        } else {
            *o++ = '%';
            *o++ = hex[c >> 4];
            *o++ = hex[c & 15];
        }
    }
    return out;
}

/* "/x" escaped, or nothing. */
static const char *part(struct arena *a, const char *s)
{
    return str_empty(s) ? "" : arena_printf(a, "/%s", url_escape(a, s));
}

const char *kube_path(struct arena *a, const struct kind *k, const char *ns, const char *name,
                      const char *sub, const char *query)
{
    bool in_ns = k->namespaced && !str_empty(ns);
    return arena_printf(a, "%s%s%s%s%s%s%s%s%s%s", *k->group != '\0' ? "/apis" : "/api",
                        part(a, k->group), part(a, k->version), in_ns ? "/namespaces" : "",
                        in_ns ? part(a, ns) : "", part(a, k->plural), part(a, name), part(a, sub),
                        str_empty(query) ? "" : "?", str_empty(query) ? "" : query);
}

/* What a refusal means. A Status' reason goes before the code; the first row of a code is its
 * default. */
static const struct refusal {
    int code;
    const char *reason;
    enum err_kind kind;
} refusals[] = {
    {400, "BadRequest", ERR_INVALID},
    {401, "Unauthorized", ERR_FORBIDDEN},
    {403, "Forbidden", ERR_FORBIDDEN},
    {404, "NotFound", ERR_NOT_FOUND},
    {405, "MethodNotAllowed", ERR_INVALID},
    {406, "NotAcceptable", ERR_INVALID},
    {408, "Timeout", ERR_RETRY},
    {409, "Conflict", ERR_CONFLICT},
    {409, "AlreadyExists", ERR_CONFLICT},
    {410, "Gone", ERR_GONE},
    {410, "Expired", ERR_GONE},
    {413, "RequestEntityTooLarge", ERR_INVALID},
    {415, "UnsupportedMediaType", ERR_INVALID},
    {422, "Invalid", ERR_INVALID},
    {429, "TooManyRequests", ERR_RETRY},
    {500, "InternalError", ERR_RETRY},
    {500, "ServerTimeout", ERR_RETRY},
    {503, "ServiceUnavailable", ERR_RETRY},
    {504, "Timeout", ERR_RETRY},
};

static const struct refusal *refusal_of(int code, const char *reason)
{
    const struct refusal *by_code = NULL;
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        if (str_eq(refusals[i].reason, reason)) {
            return &refusals[i];
        }
        if (by_code == NULL && refusals[i].code == code) {
            by_code = &refusals[i];
        }
    }
    static const struct refusal ours = {0, "UnexpectedStatus", ERR_INVALID};
    static const struct refusal theirs = {0, "ServerError", ERR_RETRY};
    return by_code != NULL ? by_code : code >= 500 ? &theirs : &ours;
}

int kube_refusal(int code, const char *reason, const char *message, const char *what, struct err *e)
{
    const struct refusal *f = refusal_of(code, reason);
    if (message == NULL) {
        return err_set(e, f->kind, f->reason, "%s: HTTP status %d", what, code);
    }
    return err_set(e, f->kind, f->reason, "%s: %s", what, message);
}

/* The Status in a body, if there is one. */
static struct proto_event status_of(struct arena *a, const struct http_response *r)
{
    struct proto_event s = {0};
    struct err ignored;
    const struct json *j;
    if (json_parse(a, r->body, r->body_len, &j, &ignored) == 0) {
        s.kind = json_str(j, "kind", NULL);
        s.reason = json_str(j, "reason", NULL);
        s.message = json_str(j, "message", NULL);
    } else if (r->body_len == 0 || !proto_status((struct span){r->body, r->body_len}, a, &s)) {
        return s;
    }
    return str_eq(s.kind, "Status") ? s : (struct proto_event){0};
}

int kube_error(const struct http_response *r, const char *what, struct err *e)
{
    struct arena a = {0};
    if (r->status >= 200 && r->status <= 299) {
        return 0;
    }
    if (r->status == 0) {
        return err_set(e, ERR_RETRY, "NoReply", "%s: %s", what,
                       r->error != NULL ? r->error : "no reply");
    }
    struct proto_event s = status_of(&a, r);
    kube_refusal(r->status, s.reason, s.message, what, e);
    arena_done(&a);
    return -1;
}

const char *url_query(struct arena *a, const char *q, const char *name, const char *value)
{
    return str_empty(value) ? q : arena_printf(a, "%s&%s=%s", q, name, url_escape(a, value));
}
