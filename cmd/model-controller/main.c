/*
 * model-controller — code, data and models: CodeRepo, Dataset, Model, ArtifactVersion, DataStore.
 */
#include "base/attr.h"
#include "controllers/artifactversion/artifactversion.h"
#include "controllers/coderepo/coderepo.h"
#include "controllers/dataset/dataset.h"
#include "controllers/datastore/datastore.h"
#include "controllers/model/model.h"

int main(int argc, char **argv)
{
    static const struct controller *const list[] = {
        &datastore_controller, &coderepo_controller,        &dataset_controller,
        &model_controller,     &artifactversion_controller,
    };
    const struct step_conf conf = step_conf_env();

    return manager_main(argc, argv,
                        &(struct program){.name = "model-controller",
                                          .controllers = list,
                                          .count = ARRAY_LEN(list),
                                          .env = step_conf_names,
                                          .conf = &conf});
}
