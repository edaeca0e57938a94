#!/usr/bin/env bash
# Real programs record their plans against a real API server; the recordings replay clean, and a decision that was
# changed is caught.
# shellcheck source=test/support/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../support/tap.sh"

KUBECTL=$(kube_bin kubectl)
BIN=$BUILD/bin
PROGRAMS=(resource-controller run-controller model-controller deployment-controller)
pids=()

k() { "$KUBECTL" "$@"; }
record() { # record PROGRAM [OPTION…]
    DKUBE_IMAGE=example.com/dkube:1 "$BIN/$1" --record="$TMP/$1.journal" "${@:2}" >"$TMP/$1.log" 2>&1 &
    pids+=($!)
}
end_all() {
    for p in "${pids[@]}"; do kill -TERM "$p" && wait "$p"; done
    pids=()
}
objects() {
    k apply -f - <<'YAML'
apiVersion: dkube.io/v1alpha1
kind: User
metadata: {name: ann}
spec: {username: ann, roles: [data-scientist]}
---
apiVersion: dkube.io/v1alpha1
kind: Group
metadata: {name: vision}
spec: {users: [ann]}
---
apiVersion: dkube.io/v1alpha1
kind: Pool
metadata: {name: cpu}
spec: {gpus: 1}
YAML
}
runs() {
    k apply -f - <<'YAML'
apiVersion: dkube.io/v1alpha1
kind: Model
metadata: {name: digits, namespace: vision}
spec: {}
---
apiVersion: dkube.io/v1alpha1
kind: CodeRepo
metadata: {name: code, namespace: vision}
spec: {url: "https://git.example.com/code.git"}
---
apiVersion: dkube.io/v1alpha1
kind: DkubeRun
metadata: {name: train, namespace: vision}
spec: {image: example.com/train:1, command: [train], owner: ann, code: {repo: code}, outputs: [{name: digits, mountPath: /out}]}
---
apiVersion: dkube.io/v1alpha1
kind: Deployment
metadata: {name: digits, namespace: vision}
spec: {model: digits, servingImage: example.com/serve:1, owner: ann}
YAML
}
there() { k get "$@"; }
moves() { has "$1" "$(k -n vision get dkuberun train -o 'jsonpath={.status.phase}')"; }
replays_clean() {
    local out
    out=$(env -u DKUBE_IMAGE "$BIN/dkube-replay" "$TMP/$1.journal") || { echo "$out"; return 1; }
    echo "$out"
    has ' 0 changed' "$out" && [ "${out%% *}" -gt 0 ]
}
no_credentials() { ! grep -lE 'PRIVATE KEY|client-key|eyJhbGciOi|Bearer ' "$TMP"/*.journal; }
catches_a_change() { # the recording says another phase than the plan
    sed 's/\(status.phase = \\"\)[A-Za-z]*/\1Complete/' "$TMP/run-controller.journal" >"$TMP/mutated.journal"
    out=$("$BIN/dkube-replay" "$TMP/mutated.journal")
    [ $? = 1 ] && has '  -   status.phase = "Complete"' "$out" && has '  +   status.phase = ' "$out"
}
refuses() {
    out=$("$BIN/dkube-replay" "$1" 2>&1)
    [ $? = 2 ] && has "$2" "$out"
}
unknown_program() {
    sed '1s/"program":"[^"]*"/"program":"nobody"/' "$TMP/run-controller.journal" >"$TMP/nobody.journal"
    refuses "$TMP/nobody.journal" "recorded by 'nobody'"
}
env_is_ours() { # a file from elsewhere sets no variable that the program does not name
    sed '1s/"env":{/"env":{"LD_DEBUG":"help",/' "$TMP/run-controller.journal" >"$TMP/env.journal"
    out=$("$BIN/dkube-replay" "$TMP/env.journal" 2>&1)
    has ' 0 changed' "$out" && ! grep -q 'LD_DEBUG' <<<"$out"
}
lineage_refuses() {
    out=$("$BIN/lineage" --record="$TMP/l.journal" --database=postgres://127.0.0.1/x 2>&1)
    [ $? = 2 ] && has 'can not be recorded' "$out"
}
served() {
    k apply -k "$ROOT/crds" && k wait --for=condition=Established --timeout=60s crd --all
}

at_exit end_all
it "has its resources served" served
k create namespace dkube-system >/dev/null
for p in "${PROGRAMS[@]}"; do record "$p"; done
it "takes a pool, a user and a group" objects
it "makes the group's namespace" eventually 30 there namespace vision
it "takes a run, its code and its model" eventually 30 runs
it "moves the run on" eventually 30 moves Queued
sleep 2
end_all
for p in "${PROGRAMS[@]}"; do
    it "replays what $p planned, without a server" replays_clean "$p"
done
it "keeps no credentials" no_credentials
it "catches a changed decision and shows it" catches_a_change
it "refuses what is no recording" refuses /etc/hostname 'is no journal'
it "runs no program but its own" unknown_program
it "takes no other variables from a file" env_is_ours
it "refuses to record where plans have effects elsewhere" lineage_refuses
plan_done
