#!/usr/bin/env bash
# The simulated API server answers as the real one: random requests to both (docs/reference/simulator.md).
# REQUESTS and SEED choose how many and which; the control plane is one of its own, without controllers.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
. test/support/tap.sh

at_exit "hack/envtest down $TMP/plane"
KUBECONFIG=$(hack/envtest up "$TMP/plane" | tail -n 1)
export KUBECONFIG
"$(kube_bin kubectl)" apply -f test/sim/conformance/widgets.yaml >/dev/null
"$(kube_bin kubectl)" wait --for=condition=Established crd/widgets.conformance.dkube.io >/dev/null
"$BUILD/test/sim-conformance" "${REQUESTS:-4000}" "${SEED:-1}"
