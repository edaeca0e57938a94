/*
 * run-controller — GPUs and runs: the ledger (Pool.status, admissions) and DkubeRun.
 */
#include "base/attr.h"
#include "controllers/dkuberun/dkuberun.h"
#include "controllers/ledger/ledger.h"

int main(int argc, char **argv)
{
    static const struct controller *const list[] = {&ledger_controller, &dkuberun_controller};
    const struct step_conf conf = step_conf_env();

    return manager_main(argc, argv,
                        &(struct program){.name = "run-controller",
                                          .controllers = list,
                                          .count = ARRAY_LEN(list),
                                          .env = step_conf_names,
                                          .conf = &conf});
}
