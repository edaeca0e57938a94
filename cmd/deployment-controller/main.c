/*
 * deployment-controller — models behind an address: Deployment.
 */
#include "base/attr.h"
#include "controllers/deployment/serving.h"

int main(int argc, char **argv)
{
    static const struct controller *const list[] = {&deployment_controller};
    const struct step_conf conf = step_conf_env();

    return manager_main(argc, argv,
                        &(struct program){.name = "deployment-controller",
                                          .controllers = list,
                                          .count = ARRAY_LEN(list),
                                          .env = step_conf_names,
                                          .conf = &conf});
}
