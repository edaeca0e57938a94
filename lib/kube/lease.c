#include "kube/lease.h"

#include <stdio.h>
#include <string.h>

#include "api/lease.gen.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/span.h"
#include "json/jsonw.h"
#include "kube/client.h"

enum request { NOTHING, LOOK, CREATE, TAKE, RENEW, RELEASE };

struct lease {
    struct transport *t;
    char *ns, *name, *identity;
    uint64_t random;
    enum lease_state state;
    enum request in_flight;
    int64_t sent_ms;     /* of the request in flight */
    int64_t deadline_ms; /* while held */
    int64_t next_ms;     /* the next attempt */
    bool must_look;      /* what we know is not what is there */
    bool give_away;      /* released before we know what is there: a reply comes first */
    /* the record as last seen */
    struct arena seen;
    const char *rv, *uid, *holder;
    int64_t duration_ms, transitions;
    int64_t changed_ms; /* when we saw it change, by our clock */
    char *body;         /* owned: of the request in flight */
    char trouble[512];
};

struct lease *lease_new(struct transport *t, const struct lease_conf *conf)
{
    struct lease *l = mem_alloc(sizeof(*l));
    l->t = t;
    l->ns = mem_strdup(conf->ns);
    l->name = mem_strdup(conf->name);
    l->identity = mem_strdup(conf->identity);
    l->random = conf->seed | 1;
    l->must_look = true;
    l->rv = l->uid = l->holder = "";
    return l;
}

void lease_free(struct lease *l)
{
    if (l == NULL) {
        return;
    }
    arena_done(&l->seen);
    mem_free(l->body);
    mem_free(l->ns);
    mem_free(l->name);
    mem_free(l->identity);
    mem_free(l);
}

static int64_t boot_ms(const struct lease *l)
{
    return l->t->boot_ms(l->t->self);
}

/* Between one and 1.2 times the pause. */
static int64_t jittered(struct lease *l, int64_t pause)
{
    l->random ^= l->random << 13;
    l->random ^= l->random >> 7;
    l->random ^= l->random << 17;
    return pause + (int64_t)(l->random % (uint64_t)(pause / 5 + 1));
}

/* --- what is there -----------------------------------------------------------------------------
 */

static void record_see(struct lease *l, const struct http_response *r)
{
    CLEANUP(arena_done) struct arena a = {0};
    const struct json *j;
    struct err e = {0};
    if (json_parse(&a, r->body, r->body_len, &j, &e) < 0) {
        snprintf(l->trouble, sizeof(l->trouble), "%s", e.text);
        l->must_look = true;
        return;
    }
    const char *rv = json_str(j, "metadata.resourceVersion", "");
    if (!str_eq(rv, l->rv)) {
        l->changed_ms = boot_ms(l);
    }
    arena_reset(&l->seen);
    l->rv = arena_strdup(&l->seen, rv);
    l->uid = arena_strdup(&l->seen, json_str(j, "metadata.uid", ""));
    l->holder = arena_strdup(&l->seen, json_str(j, "spec.holderIdentity", ""));
    l->duration_ms = json_int(j, "spec.leaseDurationSeconds", limit(LIMIT_LEASE_MS) / 1000) * 1000;
    l->transitions = json_int(j, "spec.leaseTransitions", 0);
    l->must_look = false;
}

static bool is_free(const struct lease *l)
{
    return str_empty(l->holder) || boot_ms(l) - l->changed_ms >= l->duration_ms;
}

/* --- requests ----------------------------------------------------------------------------------
 */

static const char *body_of(struct arena *a, const struct lease *l, enum request what)
{
    struct jsonw w;
    int64_t now = l->t->wall_ms(l->t->self), seconds = limit(LIMIT_LEASE_MS) / 1000;
    jsonw_init(&w, a);
    jsonw_obj(&w, NULL);
    jsonw_str(&w, "apiVersion", "coordination.k8s.io/v1");
    jsonw_str(&w, "kind", "Lease");
    jsonw_obj(&w, "metadata");
    jsonw_str(&w, "name", l->name);
    jsonw_str(&w, "namespace", l->ns);
    if (what != CREATE) {
        jsonw_str(&w, "resourceVersion", l->rv);
        jsonw_str(&w, "uid", l->uid);
    }
    jsonw_end(&w);
    jsonw_obj(&w, "spec");
    jsonw_str(&w, "holderIdentity", what == RELEASE ? "" : l->identity);
    jsonw_int(&w, "leaseDurationSeconds", what == RELEASE || seconds < 1 ? 1 : seconds);
    jsonw_str(&w, "renewTime", clock_rfc3339_micro(a, now));
    if (what == CREATE || what == TAKE) {
        jsonw_str(&w, "acquireTime", clock_rfc3339_micro(a, now));
        jsonw_int(&w, "leaseTransitions", what == CREATE ? 0 : l->transitions + 1);
    }
    jsonw_end(&w);
    jsonw_end(&w);
    return jsonw_text(&w);
}

static http_done_fn on_reply;

static void request(struct lease *l, enum request what)
{
    CLEANUP(arena_done) struct arena a = {0};
    static const char *const methods[] = {[LOOK] = "GET",
                                          [CREATE] = "POST",
                                          [TAKE] = "PATCH",
                                          [RENEW] = "PATCH",
                                          [RELEASE] = "PATCH"};
    const char *type = what == CREATE ? "application/json" : "application/merge-patch+json";
    int64_t timeout = limit(LIMIT_LEASE_RENEW_MS) / 2;
    mem_free(l->body);
    l->body = what == LOOK ? NULL : mem_strdup(body_of(&a, l, what));
    l->in_flight = what;
    l->sent_ms = boot_ms(l);
    l->next_ms = l->sent_ms + jittered(l, limit(LIMIT_LEASE_RETRY_MS));
    l->t->send(
        l->t->self,
        &(struct http_request){
            .method = methods[what],
            .path = kube_path(&a, &kind_lease, l->ns, what == CREATE ? NULL : l->name, NULL, NULL),
            .content_type = what == LOOK ? NULL : type,
            .body = l->body,
            .body_len = l->body != NULL ? strlen(l->body) : 0,
            .timeout_ms = timeout > 0 ? timeout : 1,
        },
        on_reply, l);
}

static void held(struct lease *l, int64_t sent_ms)
{
    l->state = LEASE_HELD;
    l->deadline_ms = sent_ms + limit(LIMIT_LEASE_RENEW_MS);
}

/* What was looked up: ours after all (a reply was lost), somebody's, or to be taken. */
static void on_look(struct lease *l, const struct http_response *r)
{
    if (r->status == 404) {
        if (l->state == LEASE_HELD) {
            l->state = LEASE_LOST;
            return;
        }
        request(l, CREATE);
        return;
    }
    record_see(l, r);
    if (l->must_look) {
        return;
    }
    bool ours = str_eq(l->holder, l->identity);
    if (l->state == LEASE_HELD) {
        if (!ours) {
            l->state = LEASE_LOST;
        } else {
            request(l, RENEW);
        }
    } else if (l->state == LEASE_WAITING && (ours || is_free(l))) {
        request(l, TAKE);
    }
}

/* Released: what is ours by this reply is given away; no answer to a write: one look tells. */
static void give_away(struct lease *l, enum request what, const struct http_response *r)
{
    l->give_away = false;
    if (r->status >= 200 && r->status < 300) {
        record_see(l, r);
        if (!l->must_look && str_eq(l->holder, l->identity)) {
            request(l, RELEASE);
        }
    } else if (what != LOOK) {
        l->give_away = true;
        request(l, LOOK);
    }
}

static void on_reply(void *ctx, const struct http_response *r)
{
    struct lease *l = ctx;
    enum request what = l->in_flight;
    bool ok = r->status >= 200 && r->status < 300;
    l->in_flight = NOTHING;
    if (l->give_away) {
        give_away(l, what, r);
        return;
    }
    if (what == RELEASE || l->state == LEASE_RELEASED || l->state == LEASE_LOST) {
        return;
    }
    if (ok || (what == LOOK && r->status == 404)) {
        l->trouble[0] = '\0';
        if (what == LOOK) {
            on_look(l, r);
        } else {
            record_see(l, r);
            held(l, l->sent_ms);
        }
        return;
    }
    struct err e = {0};
    kube_error(r, "lease", &e);
    snprintf(l->trouble, sizeof(l->trouble), "%s", e.text);
    l->must_look = true; /* refused or unknown: what is there decides */
    if (r->status == 409 && l->state == LEASE_HELD) {
        l->next_ms = boot_ms(l);
    }
}

int64_t lease_step(struct lease *l)
{
    int64_t now = boot_ms(l);
    if (l->state == LEASE_HELD && now >= l->deadline_ms) {
        l->state = LEASE_LOST;
    }
    if (l->state == LEASE_LOST || l->state == LEASE_RELEASED) {
        return 0;
    }
    if (l->in_flight == NOTHING && now >= l->next_ms) {
        request(l, l->state == LEASE_HELD && !l->must_look ? RENEW : LOOK);
    }
    int64_t due = l->in_flight == NOTHING ? l->next_ms : now + limit(LIMIT_LEASE_RETRY_MS);
    return l->state == LEASE_HELD && l->deadline_ms < due ? l->deadline_ms : due;
}

int64_t lease_left_ms(const struct lease *l)
{
    int64_t left = l->state == LEASE_HELD ? l->deadline_ms - boot_ms(l) : 0;
    return left > 0 ? left : 0;
}

void lease_release(struct lease *l)
{
    bool mine = l->state == LEASE_HELD;
    l->state = LEASE_RELEASED;
    l->give_away = l->in_flight == CREATE || l->in_flight == TAKE ||
                   (mine && (l->in_flight != NOTHING || l->must_look));
    if (mine && l->in_flight == NOTHING) {
        request(l, l->must_look ? LOOK : RELEASE);
    }
}

bool lease_is_quiet(const struct lease *l)
{
    return l->in_flight == NOTHING;
}

enum lease_state lease_state(const struct lease *l)
{
    return l->state;
}

const char *lease_holder(const struct lease *l)
{
    return l->holder;
}

const char *lease_trouble(const struct lease *l)
{
    return l->trouble;
}
