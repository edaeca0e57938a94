#!/usr/bin/env bash
# The main job with real pods: from a commit, data and an image to a prediction and its lineage; then everything that
# people get wrong. Brings up a cluster of its own with the demo's script, so the demo is what is tested.
set -u
# shellcheck source=test/support/tap.sh
. "$(dirname "$0")/../support/tap.sh"

export DKUBE_CLUSTER=main DKUBE_STATE=${E2E_STATE:-$TMP/state}
KUBECTL=$(kube_bin kubectl)
[ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null || skip_all "the main job with real pods" "needs root or sudo"
alone
[ -n "${E2E_KEEP:-}" ] || at_exit "$ROOT/hack/demo down >/dev/null"

NS=vision
k() { "$KUBECTL" --kubeconfig="$DKUBE_STATE/kubeconfig" "$@"; }
field() { k -n $NS get "$1" "$2" -o jsonpath="{$3}"; }
sql() { psql "$("$ROOT/hack/demo" lineage-url)" -Atqc "$1"; }

the_demo_runs() {
    "$ROOT/hack/demo" up >"$TMP/demo.log" 2>&1 || { tail -60 "$TMP/demo.log"; return 1; }
}
demo_said() { grep -qE -- "$1" "$TMP/demo.log" || { tail -60 "$TMP/demo.log"; return 1; }; }

# run NAME EDIT…: a good run, with top-level lines of its spec replaced or added (the last of a key holds)
run_yaml() {
    local name=$1
    shift
    python3 - "$name" "$@" <<'PY'
import json, sys
spec = {"owner": "demo", "image": "dkube.io/sklearn:demo", "command": ["/usr/bin/python3", "-c", "pass"]}
for edit in sys.argv[2:]:
    key, _, value = edit.partition("=")
    spec[key] = json.loads(value)
print(json.dumps({"apiVersion": "dkube.io/v1alpha1", "kind": "DkubeRun",
                  "metadata": {"name": sys.argv[1], "namespace": "vision"}, "spec": spec}))
PY
}
apply_run() { run_yaml "$@" | k apply -f -; }
phase_is() { [ "$(field dkuberun "$1" .status.phase)" = "$2" ] || { k -n $NS get dkuberun "$1" -o yaml; return 1; }; }

# A run that fails: Error, one sentence that holds all WORDS in the condition, an Event that says it too, and no pod of it runs.
fails_with() {
    local name=$1 word message events
    shift
    eventually 90 phase_is "$name" Error || return 1
    message=$(field dkuberun "$name" '.status.conditions[?(@.type=="Stalled")].message')
    events=$(k -n $NS get events.events.k8s.io --field-selector "regarding.name=$name" -o jsonpath='{.items[*].note}')
    for word in "$@"; do
        has "$word" "$message" || return 1
    done
    eventually 10 nothing_runs "$name" || return 1
    [ "$(wc -l <<<"$message")" = 1 ] || { echo "not one sentence: $message"; return 1; }
    has "${message:0:40}" "$events"
}
nothing_runs() {
    [ -z "$(k -n $NS get pods -l "dkube.io/run=$1" --field-selector=status.phase!=Succeeded,status.phase!=Failed -o name)" ]
}
made_no_version() { ! k -n $NS get artifactversions -o jsonpath='{.items[*].spec.run}' | grep -qw "$1"; }
refused() { # refused WORDS… < YAML
    local out word
    if out=$(k apply -f - 2>&1); then
        echo "accepted: $out"
        return 1
    fi
    for word in "$@"; do
        has "$word" "$out" || return 1
    done
}
log_of() { k -n $NS logs "$1-worker-0" -c main; }
no_drift() { k diff -f "$ROOT/test/demo/1-team.yaml" -f "$ROOT/test/demo/2-sources.yaml" -f "$ROOT/test/demo/3-run.yaml" \
    -f "$ROOT/test/demo/4-deployment.yaml"; }
free_gpus() { [ "$(k get pool vision -o jsonpath='{.status.free}')" = "$1" ] || { k get pool vision -o yaml; return 1; }; }
pools_hold_every_gpu() {
    [ "$(k get pools -o json | python3 -c 'import json,sys; print(sum(p["status"]["capacity"] for p in json.load(sys.stdin)["items"]))')" = 4 ]
}

it 'the demo goes from nothing to a prediction' the_demo_runs
it 'the prediction is correct' demo_said '[Cc]orrect'
it 'the demo draws the lineage tree' demo_said 'commit [0-9a-f]{40}'
[ "$failed" = 0 ] || { plan_done; exit; }

it 'the run made version 1 of the model with the digest of its content' \
    has sha256: "$(field artifactversion model-digits-v1 .spec.digest)"
it 'the metric that the program printed stands in the status' \
    has accuracy "$(field dkuberun digits-1 '.status.metrics[*].name')"
it 'kubectl logs shows the program'"'"'s own output' has accuracy= "$(log_of digits-1)"
it 'the database answers what made the model behind the endpoint' \
    has "$(field dkuberun digits-1 .status.commit)" "$(sql "SELECT commit FROM dkube.endpoint_lineage WHERE deployment = 'digits'")"
it 'kubectl wait understands the conditions' k -n $NS wait --for=condition=Ready --timeout=5s dkuberun/digits-1 deployments.dkube.io/digits
it 'no controller wrote a spec: kubectl diff shows nothing' no_drift
it 'every GPU of the node is in exactly one pool' pools_hold_every_gpu
it 'a finished run holds no GPU' eventually 5 free_gpus 2

apply_run too-many gpus=64 >/dev/null
it 'a run that asks for more GPUs than its pool owns fails at once and says so' fails_with too-many spec.gpus 64 2
apply_run no-repo 'code={"repo":"nowhere"}' >/dev/null
it 'a run of an unknown CodeRepo fails and names the field' fails_with no-repo spec.code.repo nowhere
apply_run no-commit 'code={"repo":"digits","commit":"deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"}' >/dev/null
it 'a run of an unknown commit fails and names it' fails_with no-commit deadbeef
apply_run no-data 'inputs=[{"name":"nothing","mountPath":"/data"}]' >/dev/null
it 'a run with an unknown dataset fails and names the field' fails_with no-data spec.inputs nothing
apply_run no-version 'inputs=[{"name":"digits","version":99,"mountPath":"/data"}]' >/dev/null
it 'a run with an unknown version of a dataset fails and names it' fails_with no-version spec.inputs 99
apply_run no-model 'outputs=[{"name":"nothing","mountPath":"/out"}]' >/dev/null
it 'a run with an unknown model as its output fails and names the field' fails_with no-model spec.outputs nothing
apply_run no-image 'image="dkube.io/nothing:here"' >/dev/null
it 'a run of an unknown image fails and names it' fails_with no-image spec.image dkube.io/nothing:here
apply_run exit-3 'command=["/usr/bin/python3","-c","print(\"before the end\", flush=True); raise SystemExit(3)"]' \
    'outputs=[{"name":"digits","mountPath":"/out"}]' >/dev/null
it 'a command that exits with 3 fails the run and says so' fails_with exit-3 3
it 'what a failing program printed is not lost' has 'before the end' "$(log_of exit-3)"
it 'a failed run makes no version' made_no_version exit-3
apply_run no-command 'command=["/no/such/program"]' >/dev/null
it 'a command that does not exist fails the run and names the field' fails_with no-command spec.command
k apply -f - >/dev/null <<YAML
{apiVersion: dkube.io/v1alpha1, kind: CodeRepo, metadata: {name: gone, namespace: $NS}, spec: {url: "http://git.git.svc:8080/gone.git"}}
YAML
repo_stalled() { has "spec.url" "$(field coderepo gone '.status.conditions[?(@.type=="Stalled")].message')"; }
it 'a CodeRepo whose repository does not exist is Stalled and names the field' eventually 60 repo_stalled

it 'malformed YAML is refused' refused 'error' <<<'apiVersion: dkube.io/v1alpha1: kind'
it 'a field over its limit is refused with its name' refused spec.gpus < <(run_yaml over gpus=1000000)
it 'a run without an owner is refused with the field'"'"'s name' refused spec.owner < <(run_yaml nobody | sed 's/"owner": "demo", //')

apply_run sleeper gpus=1 'command=["/usr/bin/python3","-c","import time; print(\"up\", flush=True); time.sleep(600)"]' \
    terminationGracePeriodSeconds=5 >/dev/null
it 'a run with a GPU gets to Running' eventually 60 phase_is sleeper Running
it 'its GPU is not free meanwhile' eventually 5 free_gpus 1
pool_delete_refused() { local out; ! out=$(k delete pool vision 2>&1) && has sleeper "$out$(k get pool vision -o jsonpath='{.status.runs}')"; }
it 'deleting a pool with an active run is refused with a sentence' pool_delete_refused
apply_run waiter gpus=2 >/dev/null
it 'a run that must wait says so' eventually 40 phase_is waiter WaitingForGPUs
position_is_1() { [ "$(field dkuberun waiter .status.position)" = 1 ]; }
it 'and which place it has in the queue' eventually 10 position_is_1
k -n $NS patch dkuberun sleeper --type=merge -p '{"spec":{"stop":true}}' >/dev/null
it 'spec.stop stops a run' eventually 60 phase_is sleeper Stopped
it 'and the next in the queue gets its GPUs and completes' eventually 90 phase_is waiter Complete
it 'which are free again when it ends' eventually 10 free_gpus 2
k -n $NS delete dkuberun waiter sleeper --wait=false >/dev/null
is_gone() { ! k -n $NS get dkuberun waiter sleeper 2>/dev/null && [ -z "$(k -n $NS get pods -l 'dkube.io/run in (waiter,sleeper)' -o name)" ]; }
it 'deleting a run ends and leaves no pod' eventually 60 is_gone
plan_done
