/* Which events make the ledger look at the cluster again, and which do not. */
#include "api/dkuberun.gen.h"
#include "api/node.gen.h"
#include "api/pod.gen.h"
#include "base/span.h"
#include "controllers/ledger/ledger.h"
#include "support/spec.h"

static struct arena a;

static const struct rec *record(const struct kind *k, const char *text)
{
    const struct json *j = NULL;
    const struct rec *r = NULL;
    struct err e = {0};
    uint32_t size;

    assert_ok(json_parse(&a, text, strlen(text), &j, &e), &e);
    assert_ok(rec_build(&a, k->rows, j, &r, &size, &e), &e);
    return r;
}

/* Is the ledger called when one becomes the other? */
static bool matters(const struct kind *k, const char *old, const char *now)
{
    bool ret = false;

    for (size_t i = 0; i < ledger_controller.watch_count; i++) {
        const struct watch *watch = &ledger_controller.watches[i];

        if (watch->kind == k) {
            ret = watch->when(old != NULL ? record(k, old) : NULL,
                              now != NULL ? record(k, now) : NULL);
        }
    }
    arena_done(&a);
    return ret;
}

#define NODE(version, time, free, ready)                                                  \
    "{\"metadata\":{\"name\":\"n1\",\"resourceVersion\":\"" version                       \
    "\",\"labels\":{\"nvidia.com/gpu.product\":\"A100\"}},\"status\":{\"capacity\":{"     \
    "\"nvidia.com/gpu\":\"4\"},\"allocatable\":{\"nvidia.com/gpu\":\"" free               \
    "\"},\"conditions\":[{\"type\":\"Ready\",\"status\":\"" ready                         \
    "\",\"lastTransitionTime\":\"2026-09-21T14:00:00Z\",\"lastHeartbeatTime\":\"2026-09-" \
    "21T14:" time ":00Z\"}]}}"

TEST(heartbeats_of_a_node_make_no_work)
{
    for (int i = 0; i < 100; i++) {
        assert_false(
            matters(&kind_node, NODE("1", "10", "4", "True"), NODE("2", "11", "4", "True")));
    }
}

TEST(a_node_that_comes_goes_or_loses_gpus_makes_work)
{
    const char *well = NODE("1", "10", "4", "True");

    assert_true(matters(&kind_node, NULL, well));
    assert_true(matters(&kind_node, well, NULL));
    assert_true(matters(&kind_node, well, NODE("2", "11", "3", "True")));
    assert_true(matters(&kind_node, well, NODE("2", "11", "4", "Unknown")));
}

#define POD(gpus, phase)                                                                      \
    "{\"metadata\":{\"namespace\":\"g\",\"name\":\"p\"},\"spec\":{\"nodeName\":\"n1\","       \
    "\"containers\":[{\"name\":\"c\",\"resources\":{\"requests\":{\"nvidia.com/gpu\":\"" gpus \
    "\"}}}]},\"status\":{\"phase\":\"" phase "\"}}"

TEST(pods_without_gpus_make_no_work_and_those_with_gpus_when_they_end)
{
    assert_false(matters(&kind_pod, NULL, POD("0", "Pending")));
    assert_false(matters(&kind_pod, POD("0", "Running"), POD("0", "Succeeded")));
    assert_false(matters(&kind_pod, POD("1", "Pending"), POD("1", "Running")));
    assert_true(matters(&kind_pod, POD("1", "Running"), POD("1", "Succeeded")));
    assert_true(matters(&kind_pod, POD("1", "Succeeded"), NULL));
}

#define RUN(gpus, status)                                                                          \
    "{\"metadata\":{\"namespace\":\"g\",\"name\":\"r\",\"generation\":1},\"spec\":{\"gpus\":" gpus \
    "},\"status\":{" status "}}"

TEST(what_a_run_is_told_makes_no_work)
{
    assert_false(matters(&kind_dkuberun, RUN("1", "\"phase\":\"Running\""),
                         RUN("1", "\"phase\":\"Running\",\"message\":\"well\"")));
    assert_false(matters(&kind_dkuberun, RUN("0", "\"phase\":\"Queued\""),
                         RUN("0", "\"phase\":\"Running\"")));
    assert_true(matters(&kind_dkuberun, RUN("1", "\"phase\":\"Queued\""),
                        RUN("1", "\"phase\":\"WaitingForGPUs\"")));
}

SPEC_MAIN()
