#include "support/serving.h"

#include "support/spec.h"

#include "api/artifactversion.gen.h"
#include "api/deployment.gen.h"
#include "api/group.gen.h"
#include "api/model.gen.h"
#include "api/pod.gen.h"
#include "api/service.gen.h"
#include "base/span.h"

const struct step_conf serving_conf = {"img:1", "http://store:8080", "IfNotPresent",
                                       "dkube-system"};

void a_deployment(struct world *w, int generation, const char *spec, const char *status)
{
    put(w, &kind_deployment,
        "{'metadata':{'name':'serve','namespace':'vision','generation':%d},'spec':{'model':"
        "'digits','servingImage':'srv:1','owner':'ada'%s},'status':%s}",
        generation, spec, status);
}

void a_version(struct world *w, int number, const char *stage, const char *ready)
{
    put(w, &kind_artifactversion,
        "{'metadata':{'name':'model-digits-v%d','namespace':'vision'},'spec':{'of':{'kind':'Model',"
        "'name':'digits'},'number':%d,'digest':'sha256:%d','stage':'%s'},'status':{'ready':%s}}",
        number, number, number, stage, ready);
}

struct world given_deployment(const char *spec)
{
    struct world w;

    world_init(&w, &deployment_controller, &serving_conf);
    put(&w, &kind_group, "{'metadata':{'name':'team'},'spec':{'namespace':'vision'}}");
    put(&w, &kind_model, "{'metadata':{'name':'digits','namespace':'vision'}}");
    a_deployment(&w, 1, spec, "{}");
    return w;
}

/* The replica as the plan made it (or as it stands), with this status. */
void a_replica(struct world *w, const char *name, const char *status)
{
    const struct op *op = op_on(w, OP_CREATE, &kind_pod, name);

    assert_non_null(op);
    put(w, &kind_pod, "{'metadata':%s,'status':%s}", at(w, op, "metadata"), status);
}

void settle(struct world *w, const char *spec, const char *admission)
{
    const struct op *op = op_on(w, OP_STATUS, &kind_deployment, "serve");
    const char *version = op == NULL ? "" : at(w, op, "status.modelVersion");

    a_deployment(
        w, 1, spec,
        arena_printf(&w->a, "{'observedGeneration':1,'modelVersion':'%s'%s}", version, admission));
}
