/* Whom an event concerns: which runs are planned again when a pool changes. */
#include "api/dkuberun.gen.h"
#include "api/pool.gen.h"
#include "controllers/dkuberun/dkuberun.h"
#include "support/desk.h"
#include "support/spec.h"

static const char *text_of(const char *json)
{
    char *text = arena_strdup(&d.a, json);

    for (char *p = text; *p != '\0'; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    return text;
}

static void see_pool(const char *rv, const char *nodes)
{
    seen(&kind_pool, text_of(arena_printf(&d.a,
                                          "{'metadata':{'name':'a100','uid':'p','generation':1,"
                                          "'resourceVersion':'%s'},'spec':{'gpus':8},'status':{"
                                          "'observedGeneration':1,'capacity':8,'nodes':[%s]}}",
                                          rv, nodes)));
}

/* One run waits in the queue, and nothing is due. */
static void given_a_waiting_run(void)
{
    struct watch_sink sink;

    given(&dkuberun_controller);
    sink = shell_sink(d.s);
    for (size_t i = 0; i < dkuberun_controller.watch_count; i++) {
        cache_set_rv(d.caches, dkuberun_controller.watches[i].kind, "10");
        sink.synced(sink.ctx, dkuberun_controller.watches[i].kind);
    }
    see_pool("11", "{'name':'n1','gpus':4,'type':'A100'},{'name':'n2','gpus':4,'type':'A100'}");
    seen(&kind_dkuberun, text_of("{'metadata':{'namespace':'ns','name':'r1','uid':'u','generation'"
                                 ":1,'resourceVersion':'12'},'spec':{'gpus':6,'stop':true},"
                                 "'status':{'phase':'WaitingForGPUs'}}"));
    shell_act(d.s, true);
    d.w.at_once = 200;
    d.w.at_once_body = text_of("{'metadata':{'uid':'u','resourceVersion':'12'}}");
    step();
    assert_true(shell_is_idle(d.s));
}

TEST(a_pool_that_moves_gpus_between_its_nodes_wakes_the_waiting_runs)
{
    given_a_waiting_run();
    see_pool("13", "{'name':'n1','gpus':6,'type':'A100'},{'name':'n2','gpus':2,'type':'A100'}");
    assert_false(shell_is_idle(d.s));
    desk_clear();
}

TEST(a_pool_whose_nodes_change_their_type_wakes_the_waiting_runs)
{
    given_a_waiting_run();
    see_pool("13", "{'name':'n1','gpus':4,'type':'H100'},{'name':'n2','gpus':4,'type':'A100'}");
    assert_false(shell_is_idle(d.s));
    desk_clear();
}

TEST(a_pool_whose_free_gpus_alone_change_wakes_nobody)
{
    given_a_waiting_run();
    see_pool("13", "{'name':'n1','gpus':4,'free':1,'type':'A100'},"
                   "{'name':'n2','gpus':4,'free':0,'type':'A100'}");
    assert_true(shell_is_idle(d.s));
    desk_clear();
}

SPEC_MAIN()
