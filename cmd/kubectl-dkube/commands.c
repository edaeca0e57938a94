#include "cmd/kubectl-dkube/commands.h"

#include "api/dkuberun.gen.h"
#include "api/pool.gen.h"
#include "base/attr.h"
#include "base/span.h"
#include "cmd/kubectl-dkube/lineage.h"
#include "cmd/kubectl-dkube/timeline.h"
#include "cmd/kubectl-dkube/top.h"
#include "cmd/kubectl-dkube/verify.h"
#include "cmd/kubectl-dkube/why.h"

const struct command commands[] = {
    {"lineage", "KIND/NAME", NULL, lineage},
    {"queue", "POOL", &kind_pool, timeline},
    {"top", NULL, NULL, top},
    {"verify", NULL, NULL, verify},
    {"why", "RUN", &kind_dkuberun, why},
};
const size_t command_count = ARRAY_LEN(commands);

const struct command *command_called(const char *name)
{
    for (size_t i = 0; i < command_count; i++) {
        if (str_eq(commands[i].name, name)) {
            return &commands[i];
        }
    }
    return NULL;
}
