#include "cmd/dkube-sim/options.h"

#include <stdlib.h>

#include "base/span.h"

const char usage[] =
    "Usage: dkube-sim --trace FILE [option...]\n\n"
    "Plays a trace of jobs through the queue that the run-controller uses, one pool a group, and\n"
    "prints what they would have waited.\n\n"
    "  --trace FILE      CSV with the columns submit (seconds, or YYYY-MM-DD hh:mm:ss), duration\n"
    "                    (seconds), gpus, and group (absent: one)\n"
    "  --pools FILE      CSV `pool,nodes,gpus`: nodes, and GPUs of each\n"
    "  --load X          without --pools: as many nodes as give each pool this load (0.70)\n"
    "  --node-gpus N     and GPUs of each node (8)\n"
    "  --add-gpus N      what if each pool had N more?\n"
    "  --policy LIST     strict, backfill, shortest-first, skip (backfill)\n"
    "  --estimates LIST  of how long jobs last: learned, exact, noisy, none (learned)\n"
    "  --from PERCENT    count only jobs submitted after so much of the time (0)\n"
    "  --eta-every N     forecast the start of each N-th job (50; 0: none)\n"
    "  --seed N          of the noise (1)\n"
    "  --svg FILE        a plot of the last simulation\n"
    "  --json FILE       one line of JSON a simulation\n";

static int number(const char *name, const char *value, double least, double most, double *ret,
                  struct err *e)
{
    char *end;

    *ret = strtod(value, &end);
    if (end == value || *end != '\0' || !(*ret >= least && *ret <= most)) {
        return err_set(e, ERR_INVALID, "BadOption", "%s must be a number from %g to %g, not '%s'",
                       name, least, most, value);
    }
    return 0;
}

static int take_number(struct options *o, const char *name, const char *value, struct err *e)
{
    const struct {
        const char *name;
        double least, most;
        int64_t *at;
    } all[] = {{"--node-gpus", 1, 1024, &o->node_gpus},
               {"--add-gpus", 0, 1e6, &o->add_gpus},
               {"--from", 0, 99, &o->from_percent},
               {"--eta-every", 0, 1e9, &o->forecast_every}};
    double v;

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        if (str_eq(name, all[i].name)) {
            if (number(name, value, all[i].least, all[i].most, &v, e) < 0) {
                return -1;
            }
            *all[i].at = (int64_t)v;
            return 0;
        }
    }
    if (str_eq(name, "--seed")) {
        if (number(name, value, 0, 1e15, &v, e) < 0) {
            return -1;
        }
        o->seed = (uint64_t)v;
        return 0;
    }
    if (str_eq(name, "--load")) {
        return number(name, value, 0.01, 10, &o->load, e);
    }
    return err_set(e, ERR_INVALID, "BadOption", "there is no option '%s'; see --help", name);
}

static int take(struct options *o, const char *name, const char *value, struct err *e)
{
    const struct {
        const char *name, **at;
    } texts[] = {{"--trace", &o->trace},     {"--pools", &o->pools},
                 {"--svg", &o->svg},         {"--json", &o->json},
                 {"--policy", &o->policies}, {"--estimates", &o->estimates}};

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        if (str_eq(name, texts[i].name)) {
            *texts[i].at = value;
            return 0;
        }
    }
    return take_number(o, name, value, e);
}

static const char *policy_at(int i)
{
    return policy_name((enum sched_policy)i);
}

static const char *estimate_at(int i)
{
    return estimate_name((enum estimate)i);
}

static size_t read_list(struct arena *a, const char *list, const char *(*name)(int i), int count,
                        int *ret, struct err *e)
{
    char *rest = arena_strdup(a, list), *word;
    size_t n = 0;

    while ((word = strsep(&rest, ",")) != NULL) {
        int i = 0;

        while (i < count && !str_eq(word, name(i))) {
            i++;
        }
        if (i == count || n == LIST_MAX) {
            err_set(e, ERR_INVALID, "BadOption", "'%s' is none of those that --help names", word);
            return 0;
        }
        ret[n++] = i;
    }
    return n;
}

static int read_lists(struct arena *a, struct options *o, struct err *e)
{
    o->policy_count = read_list(a, o->policies, policy_at, SCHED_SKIP + 1, o->policy, e);
    o->estimate_count = read_list(a, o->estimates, estimate_at, ESTIMATE_NONE + 1, o->estimate, e);
    return o->policy_count > 0 && o->estimate_count > 0 ? 0 : -1;
}

/* --name VALUE or --name=VALUE. */
int options_read(struct arena *a, int argc, char **argv, struct options *o, struct err *e)
{
    *o = (struct options){.policies = "backfill",
                          .estimates = "learned",
                          .load = 0.7,
                          .node_gpus = 8,
                          .forecast_every = 50,
                          .seed = 1};
    for (int i = 1; i < argc; i++) {
        const char *value = strchr(argv[i], '='), *name = argv[i];

        if (value != NULL) {
            name = arena_strndup(a, argv[i], (size_t)(value++ - argv[i]));
        } else if (++i < argc) {
            value = argv[i];
        } else {
            return err_set(e, ERR_INVALID, "BadOption", "%s needs a value; see --help", name);
        }
        if (take(o, name, value, e) < 0) {
            return -1;
        }
    }
    if (o->trace == NULL) {
        return err_set(e, ERR_INVALID, "BadOption", "--trace is missing; see --help");
    }
    return read_lists(a, o, e);
}
