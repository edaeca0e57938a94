/*
 * resource-controller — who may use what: Group, User, and Pool's existence and end.
 */
#include "base/attr.h"
#include "controllers/common/child.h"
#include "controllers/group/group.h"
#include "controllers/pool/pool.h"
#include "controllers/user/user.h"

int main(int argc, char **argv)
{
    static const struct controller *const list[] = {&pool_controller, &group_controller,
                                                    &user_controller};
    const struct step_conf conf = step_conf_env();

    return manager_main(argc, argv,
                        &(struct program){.name = "resource-controller",
                                          .controllers = list,
                                          .count = ARRAY_LEN(list),
                                          .env = step_conf_names,
                                          .conf = &conf});
}
