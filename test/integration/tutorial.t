#!/usr/bin/env bash
# The tutorial's controller, built against the installed files only, does what the page promises on a real API server.
# shellcheck source=test/support/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../support/tap.sh"
# shellcheck source=test/support/tutorial.sh
. "$(dirname "${BASH_SOURCE[0]}")/../support/tutorial.sh"

KUBECTL=$(kube_bin kubectl)
PORT=$(free_port)
pid=

k() { "$KUBECTL" "$@"; }
start() {
    "$SITE/website" --listen="127.0.0.1:$PORT" >"$TMP/log" 2>&1 &
    pid=$!
}
end() {
    status=0
    kill -TERM "$pid"
    wait "$pid" || status=$?
}
is_clean() { [ "$status" = 0 ]; }
get() { curl -s "http://127.0.0.1:$PORT$1"; }
shows() { has "$2" "$(get "$1")"; }
field() { # field WHAT OBJECT JSONPATH
    has "$1" "$(k get "$2" -o "jsonpath=$3")"
}
gone() { ! k get "$1" 2>/dev/null; }
no_writes() { ! get /metrics | grep '^dkube_writes_total{'; }
comes_back() { k delete configmap hello && eventually 20 field '<h1>Hello</h1>' configmap/hello '{.data.index\.html}'; }
repairs() {
    k patch configmap hello --type=merge -p '{"data":{"index.html":"defaced"}}' &&
        eventually 20 field '<h1>Hello</h1>' configmap/hello '{.data.index\.html}'
}
follows() {
    k patch website hello --type=merge -p '{"spec":{"title":"Hello again"}}' &&
        eventually 20 field 'Hello again' configmap/hello '{.data.index\.html}' &&
        eventually 20 field 21 website/hello '{.status.bytes}'
}
# the garbage collector looks for new kinds every 30 s
drops_what_it_owned() { k delete website hello && eventually 120 gone configmap/hello; }
settles() { eventually 20 shows /metrics 'controller_runtime_reconcile_total{controller="website",result="success"}'; }

prepare() { install_runtime && take_files && build_site; }
it "is built from the page" prepare
it "has its resource served" k apply -f "$SITE/website.yaml"
start
at_exit 'kill $pid 2>/dev/null'
it "is ready" eventually 20 shows /readyz ok
it "takes the page's example" k apply -f "$SITE/hello.yaml"
it "makes the page" eventually 20 field '<h1>Hello</h1>' configmap/hello '{.data.index\.html}'
it "says Ready in the status" eventually 20 field True website/hello '{.status.conditions[?(@.type=="Ready")].status}'
it "owns what it made" field true configmap/hello '{.metadata.ownerReferences[0].controller}'
it "writes under its own field manager" field website configmap/hello '{.metadata.managedFields[*].manager}'
it "tells an Event of its own domain" eventually 20 field example.com/website events.events.k8s.io '{.items[*].reportingController}'
it "brings back what was deleted" comes_back
it "repairs what was changed" repairs
end
it "stops cleanly" is_clean
start
it "settles after a restart" settles
it "has written nothing then" no_writes
it "follows a change of the spec" follows
it "owned the page, so that it goes with the Website" drops_what_it_owned
end
it "stops cleanly again" is_clean
plan_done
