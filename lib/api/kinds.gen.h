/* kinds.gen.h — every kind's slots and readers.
 * Made by hack/gen-api; do not edit. */
#ifndef DKUBE_API_KINDS_GEN_H
#define DKUBE_API_KINDS_GEN_H

#include "api/artifactversion.gen.h"
#include "api/clusterrole.gen.h"
#include "api/clusterrolebinding.gen.h"
#include "api/coderepo.gen.h"
#include "api/configmap.gen.h"
#include "api/dataset.gen.h"
#include "api/datastore.gen.h"
#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "api/endpointslice.gen.h"
#include "api/event.gen.h"
#include "api/group.gen.h"
#include "api/job.gen.h"
#include "api/lease.gen.h"
#include "api/limitrange.gen.h"
#include "api/model.gen.h"
#include "api/namespace.gen.h"
#include "api/networkpolicy.gen.h"
#include "api/node.gen.h"
#include "api/persistentvolumeclaim.gen.h"
#include "api/pod.gen.h"
#include "api/poddisruptionbudget.gen.h"
#include "api/pool.gen.h"
#include "api/resourcequota.gen.h"
#include "api/role.gen.h"
#include "api/rolebinding.gen.h"
#include "api/secret.gen.h"
#include "api/service.gen.h"
#include "api/serviceaccount.gen.h"
#include "api/user.gen.h"

#endif
