#!/usr/bin/env bash
# What `make demo-down` does to a cluster that it did not make.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
. test/support/tap.sh

export CLUSTER=existing
kubectl=$(kube_bin kubectl)
k() { "$kubectl" "$@"; }

installed() {
    k create namespace vision && k apply --server-side -f manifests/namespaces/namespaces.yaml &&
        k kustomize manifests/local | k apply --server-side -f - &&
        k wait --for=condition=Established --timeout=30s crd --all &&
        k apply -f - <<'YAML'
apiVersion: dkube.io/v1alpha1
kind: Model
metadata: {name: digits, namespace: vision}
spec: {}
YAML
}
nothing_is_left() {
    [ -z "$(k get crd -o name)" ] && [ -z "$(k get namespace --ignore-not-found vision dkube-system -o name)" ] &&
        ! k get clusterroles -o name | grep dkube
}
says_nothing() { [ -z "$("$@" 2>&1 | tee /dev/stderr)" ]; }

it 'installs without nodes' installed
it 'removes what the demo made and the installation' hack/demo down
it 'leaves no kind, namespace or role behind' eventually 20 nothing_is_left
it 'says nothing the second time' says_nothing hack/demo down
plan_done
