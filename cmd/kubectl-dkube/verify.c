#include "cmd/kubectl-dkube/verify.h"

#include <stdio.h>
#include <unistd.h>

#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "api/node.gen.h"
#include "api/pod.gen.h"
#include "api/pool.gen.h"
#include "base/span.h"
#include "controllers/common/laws.h"

#define LOOKS 3        /* until what is broken is believed */
#define LOOK_PAUSE_S 2 /* between two of them */

static int look(struct session *s, struct law_report *ret, struct err *e)
{
    struct law_view v = {0};
    const struct {
        const struct kind *kind;
        const struct json **list;
    } lists[] = {{&kind_node, &v.nodes},
                 {&kind_pool, &v.pools},
                 {&kind_dkuberun, &v.runs},
                 {&kind_deployment, &v.deployments},
                 {&kind_pod, &v.pods}};

    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        *lists[i].list = session_list(s, lists[i].kind, NULL, e);
        if (*lists[i].list == NULL) {
            return err_in(e, "%s of all namespaces must be read", lists[i].kind->plural);
        }
    }
    laws_check(s->a, &v, ret);
    return 0;
}

static bool is_among(const struct law_report *r, const struct law_break *b)
{
    for (size_t i = 0; i < r->count; i++) {
        if (r->breaks[i].law == b->law && str_eq(r->breaks[i].what, b->what)) {
            return true;
        }
    }
    return false;
}

/* Keeps of `now` what was broken before, in the same words. */
static void keep_lasting(const struct law_report *before, struct law_report *now)
{
    size_t kept = 0;

    for (size_t i = 0; i < now->count; i++) {
        if (is_among(before, &now->breaks[i])) {
            now->breaks[kept++] = now->breaks[i];
        }
    }
    now->count = kept;
}

static size_t count_of(const struct law_report *r, enum law l)
{
    size_t n = 0;

    for (size_t i = 0; i < r->count; i++) {
        n += r->breaks[i].law == l;
    }
    return n;
}

static void say(const struct law_report *r)
{
    printf("%lld nodes with %lld GPUs, %lld in use or promised\n", (long long)r->nodes,
           (long long)r->gpus, (long long)r->used);
    for (enum law l = 0; l < LAW_COUNT; l++) {
        printf("%-6s  %s\n", count_of(r, l) == 0 ? "holds" : "BROKEN", law_text(l));
        for (size_t i = 0; i < r->count; i++) {
            if (r->breaks[i].law == l) {
                printf("          %s\n", r->breaks[i].what);
            }
        }
    }
}

static void say_json(struct session *s, const struct law_report *r)
{
    struct jsonw w;

    jsonw_init(&w, s->a);
    jsonw_obj(&w, NULL);
    jsonw_int(&w, "nodes", r->nodes);
    jsonw_int(&w, "gpus", r->gpus);
    jsonw_int(&w, "used", r->used);
    jsonw_arr(&w, "laws");
    for (enum law l = 0; l < LAW_COUNT; l++) {
        jsonw_obj(&w, NULL);
        jsonw_str(&w, "law", law_text(l));
        jsonw_bool(&w, "holds", count_of(r, l) == 0);
        jsonw_arr(&w, "broken");
        for (size_t i = 0; i < r->count; i++) {
            if (r->breaks[i].law == l) {
                jsonw_str(&w, NULL, r->breaks[i].what);
            }
        }
        jsonw_end(&w);
        jsonw_end(&w);
    }
    jsonw_end(&w);
    jsonw_end(&w);
    puts(jsonw_text(&w));
}

int verify(struct session *s, const char *what UNUSED, struct err *e)
{
    struct law_report r = {0}, before;

    if (look(s, &r, e) < 0) {
        return -1;
    }
    for (int i = 1; i < LOOKS && r.count > 0; i++) {
        before = r;
        sleep(LOOK_PAUSE_S);
        if (look(s, &r, e) < 0) {
            return -1;
        }
        keep_lasting(&before, &r);
    }
    if (s->as_json) {
        say_json(s, &r);
    } else {
        say(&r);
    }
    return r.count == 0 ? 0 : 1;
}
