#!/usr/bin/env bash
# lineage against a real API server and a real PostgreSQL: what the mirror says equals what the API says.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
. test/support/tap.sh
. test/support/postgres.sh

COMMIT=c0ffee0000000000000000000000000000000000
PORT=$(free_port)
kubectl=$(kube_bin kubectl)
k() { "$kubectl" "$@"; }
sql() { psql "$PGURL" -Atqc "$1"; }
start_lineage() {
    DKUBE_DATABASE_URL=$PGURL "$BUILD/bin/lineage" --listen "127.0.0.1:$PORT" >>"$TMP/lineage.log" 2>&1 &
    LINEAGE=$!
}

postgres_init
postgres_start >/dev/null || exit 1
at_exit postgres_stop
k apply -k crds >/dev/null || exit 1
k wait --for=condition=Established --timeout=30s crd --all >/dev/null
k create namespace digits >/dev/null
start_lineage
at_exit 'kill $LINEAGE 2>/dev/null; tail -5 "$TMP/lineage.log"'

objects() {
    k apply -f - <<'YAML'
apiVersion: dkube.io/v1alpha1
kind: CodeRepo
metadata: {name: digits, namespace: digits}
spec: {url: "http://git.example/digits.git"}
---
apiVersion: dkube.io/v1alpha1
kind: Model
metadata: {name: digits, namespace: digits}
spec: {description: "with a NUL \0 inside"}
---
apiVersion: dkube.io/v1alpha1
kind: DkubeRun
metadata: {name: train, namespace: digits}
spec:
  owner: ana
  image: sklearn:1
  command: [python3, train.py]
  code: {repo: digits}
  inputs: [{name: digits, mountPath: /data}]
  outputs: [{name: digits, mountPath: /out}]
---
apiVersion: dkube.io/v1alpha1
kind: Deployment
metadata: {name: digits, namespace: digits}
spec: {owner: ana, model: digits, servingImage: "sklearn:1"}
YAML
}
status() { k -n digits patch "$1" "$2" --subresource=status --type=merge -p "$3"; }
version() { # version NAME OF-KIND OF DIGEST EXTRA
    k apply -f - <<YAML
apiVersion: dkube.io/v1alpha1
kind: ArtifactVersion
metadata: {name: $1, namespace: digits}
spec: {of: {kind: $2, name: $3}, number: 1, digest: "sha256:$4", size: 1, files: 1, $5}
YAML
}
make_lineage() {
    local uid a b
    objects || return 1
    a=$(printf 'a%.0s' {1..64})
    b=$(printf 'b%.0s' {1..64})
    uid=$(k -n digits get dkuberun train -o jsonpath='{.metadata.uid}')
    version dataset-digits-v1 Dataset digits "$a" 'source: "http://git.example/digits.git@c0ffee:data"' || return 1
    version model-digits-v1 Model digits "$b" "run: train, runUID: $uid, output: digits" || return 1
    status dkuberun train "{\"status\":{\"phase\":\"Complete\",\"commit\":\"$COMMIT\",\"inputs\":[{\"kind\":\"Dataset\",
        \"name\":\"digits\",\"version\":1,\"digest\":\"sha256:$a\"}]}}" || return 1
    status deployments.dkube.io digits '{"status":{"modelVersion":"model-digits-v1","url":"http://digits.digits.svc:8080"}}'
}
mirrored() {
    [ "$(sql "SELECT count(*) FROM dkube.object WHERE kind='$1' AND name='$2' AND deleted IS NULL")" = 1 ]
}
answers_the_question() {
    has "http://git.example/digits.git|$COMMIT|digits|1|http://git.example/digits.git@c0ffee:data|sklearn:1|[\"python3\", \"train.py\"]|model-digits-v1" \
        "$(sql "SELECT repository, commit, input, input_version, input_source, image, command, model_version
                FROM dkube.endpoint_lineage WHERE namespace = 'digits' AND deployment = 'digits'")"
}
same_rv() {
    [ "$(sql "SELECT rv FROM dkube.object WHERE kind='DkubeRun' AND name='train'")" = \
        "$(k -n digits get dkuberun train -o jsonpath='{.metadata.resourceVersion}')" ]
}
has_finalizer() { has dkube.io/lineage "$(k -n digits get dkuberun train -o jsonpath='{.metadata.finalizers}')"; }
is_gone() { ! k -n digits get "$@" 2>/dev/null; }
marked_deleted() { [ "$(sql "SELECT count(*) FROM dkube.object WHERE kind='$1' AND name='$2' AND deleted IS NOT NULL")" = 1 ]; }
deletion_waits() {
    has DatabaseUnreachable "$(k -n digits get dkuberun train -o jsonpath='{.status.conditions}')"
}
draws_tree() {
    local out
    out=$("$BUILD/bin/kubectl-dkube" lineage deployment/digits -n digits) || { echo "$out"; return 1; }
    has "commit $COMMIT of http://git.example/digits.git" "$out" &&
        has 'command python3 train.py' "$out" && has 'input dataset digits v1' "$out"
}
tree() { "$BUILD/bin/kubectl-dkube" lineage "$1" -n digits 2>&1; }
tells_where_history_is() {
    local out
    out=$(tree deployment/digits) || { echo "$out"; return 1; }
    has "run train: there is no DkubeRun 'train' in namespace 'digits'; if it was deleted, an operator" "$out" &&
        has 'make -s lineage-url' "$out" && has "no DkubeRun 'train'" "$(tree run/train)" || return 1
    ! has GET "$out" >/dev/null
}
# A second run of the name consumes what the first made: the tree must not take one for the other.
another_takes_the_name() {
    local out
    objects || return 1
    status dkuberun train '{"status":{"phase":"Running","inputs":[{"kind":"Model","name":"digits","version":1}]}}' || return 1
    out=$(timeout 20 "$BUILD/bin/kubectl-dkube" lineage version/model-digits-v1 -n digits) || { echo "$out"; return 1; }
    has "run train: there is no DkubeRun 'train'" "$out" || return 1
    out=$(timeout 20 "$BUILD/bin/kubectl-dkube" lineage run/train -n digits) || { echo "$out"; return 1; }
    has 'run train by ana, Running' "$out" && has 'input model digits v1' "$out"
}
is_let_go() {
    k -n digits annotate "$@" dkube.io/forget=true >/dev/null
    eventually 10 is_gone "$@"
}
completes() { # completes WANTED WORD…: WANTED is among what is offered
    local want=$1
    shift
    has "$want" "$("$BUILD/bin/kubectl_complete-dkube" "$@")"
}
from_nowhere() { # the same where $KUBECONFIG leads to a server that does not answer
    sed 's|server: .*|server: https://127.0.0.1:9|' "$KUBECONFIG" >"$TMP/nowhere"
    KUBECONFIG=$TMP/nowhere "$@"
}
completion_reads_options() {
    local context file=$KUBECONFIG
    context=$(k config current-context)
    completes deployment/digits lineage -n digits deployment/ &&
        completes deployment/digits lineage --namespace=digits deployment/ &&
        completes deployment/digits --namespace digits lineage deployment/d &&
        completes run/train lineage -ndigits "--kubeconfig=$KUBECONFIG" run/ || return 1
    from_nowhere completes run/train lineage -n digits --kubeconfig "$file" run/ || return 1
    from_nowhere completes run/train lineage -n digits --kubeconfig "$file" --context="$context" run/ || return 1
    [ "$("$BUILD/bin/kubectl_complete-dkube" lineage -n digits --context=nowhere run/)" = :4 ]
}
completes_commands() {
    completes lineage '' && completes lineage -n digits l && completes deployment/ lineage d &&
        [ "$("$BUILD/bin/kubectl_complete-dkube" lineage run/train '')" = :4 ] &&
        [ "$("$BUILD/bin/kubectl_complete-dkube" lineage -n '')" = :4 ]
}
refuses_nonsense() { ! "$BUILD/bin/kubectl-dkube" lineage "$1" -n digits; }
# figure NAME: its value, as the program serves it
figure() { curl -s "http://127.0.0.1:$PORT/metrics" | sed -n "s/^$1 //p"; }
serves_figures() {
    local name
    [ "$(figure dkube_mirror_connected)" = 1 ] && [ "$(figure dkube_mirror_written_total)" -ge 5 ] &&
        [ "$(figure dkube_mirror_overflows_total)" = 0 ] || return 1
    for name in $(curl -s "http://127.0.0.1:$PORT/metrics" | sed -n 's/^# TYPE \(dkube_mirror_[a-z_]*\) .*/\1/p'); do
        grep -qF "| \`$name\` |" docs/reference/metrics.md || { echo "$name is not documented"; return 1; }
    done
}
tells_of_the_absent_database() {
    [ "$(figure dkube_mirror_connected)" = 0 ] && [ "$(figure dkube_mirror_queue_states)" -ge 0 ] &&
        has 'lineage database does not answer' "$(cat "$TMP/lineage.log")"
}
without_managed_fields() { [ "$(sql "SELECT count(*) FROM dkube.object WHERE body->'metadata' ? 'managedFields'")" = 0 ]; }

it 'takes a run, a deployment and their versions' make_lineage
it 'mirrors every kind' eventually 20 mirrored Deployment digits
it 'mirrors text that PostgreSQL cannot hold' eventually 5 mirrored Model digits
it 'answers which commit, data, image and command made the model behind the endpoint' eventually 10 answers_the_question
it 'says what the API says once both are quiet' eventually 10 same_rv
it 'mirrors no managedFields' without_managed_fields
it 'serves what the mirror does as metrics, all of them documented' eventually 10 serves_figures
it 'keeps a finalizer on runs' eventually 10 has_finalizer
it 'draws the lineage of a deployment as a tree' draws_tree
it 'completes commands and kinds' completes_commands
it 'completes names with the options that were given' completion_reads_options
it 'refuses the lineage of an unknown object' refuses_nonsense deployment/nobody
it 'refuses an argument that is not KIND/NAME' refuses_nonsense digits
postgres_stop
k -n digits delete dkuberun train --wait=false >/dev/null
it 'lets deletion wait while the database is away, and says so' eventually 20 deletion_waits
it 'tells by metric and log that the database is away' eventually 10 tells_of_the_absent_database
postgres_start >/dev/null
it 'lets the run go once its last state is committed' eventually 20 is_gone dkuberun train
it 'keeps the history of what was deleted' eventually 10 marked_deleted DkubeRun train
it 'still answers the question after the run is gone' answers_the_question
it 'tells in the tree where the history of a deleted run is' tells_where_history_is
it 'never takes a later run for the one that made a version' another_takes_the_name
postgres_stop
k -n digits delete dkuberun train --wait=false >/dev/null
it 'lets a second deletion wait as well' eventually 20 deletion_waits
it 'lets a deletion through that an operator forgets, without the database' is_let_go dkuberun train
postgres_start >/dev/null
kill "$LINEAGE"
wait "$LINEAGE"
code=$?
it 'ends in order when it is told to' test "$code" = 0
k -n digits delete model digits >/dev/null
start_lineage
it 'marks as deleted what vanished while it was not running' eventually 20 marked_deleted Model digits
kill -9 "$LINEAGE"
wait "$LINEAGE" 2>/dev/null
start_lineage
it 'survives a crash without writing a row twice' eventually 20 mirrored Deployment digits
plan_done
