#!/usr/bin/env bash
# The local cluster works, survives what happens to it, and leaves nothing behind on the machine.
set -u
# shellcheck source=test/support/tap.sh
. "$(dirname "$0")/../support/tap.sh"

export DKUBE_CLUSTER=clean DKUBE_STATE=$TMP/state
CLUSTER=$ROOT/hack/cluster
KUBECTL=$(kube_bin kubectl)
[ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null || skip_all "the cluster leaves nothing behind" "needs root or sudo"
alone
at_exit "$CLUSTER down"

k() { "$KUBECTL" --kubeconfig="$DKUBE_STATE/kubeconfig" "$@"; }

# What a cluster could leave on a machine, one fact a line. Other clusters' own things are left out.
facts() {
    local pid file
    for pid in /proc/[0-9]*; do
        if tr '\0' ' ' <"$pid/cmdline" 2>/dev/null | grep -qE "/run/dkube|containerd-shim|$DKUBE_STATE"; then
            echo "process $(readlink "$pid/ns/net") $(cat "$pid/comm")"
        fi
    done 2>/dev/null | sort -u
    awk '{ print "mount", $1, $2, $3 }' /proc/mounts
    ip -o link | awk -F': ' '{ print "interface", $2 }'
    ip -o addr | awk '{ print "address", $2, $4 }'
    ip route show table all | sed 's/ expires .*//; s/^/route /'
    for file in iptables-save ip6tables-save iptables-legacy-save; do
        as_root "$file" 2>/dev/null | grep -v '^#' | sed "s/\[[0-9:]*\]//; s/^/$file /"
    done
    as_root nft list ruleset 2>/dev/null | sed 's/^/nft /'
    # loopback ports from 20000 up belong to whatever else runs its tests here
    ss -Hltn | awk '$4 !~ /^127\.0\.0\.1:[2-9][0-9][0-9][0-9][0-9]$/ { print "listener", $4 }'
    find /run/netns /var/run/netns -mindepth 1 2>/dev/null | sed 's/^/netns /'
    find /sys/fs/cgroup -type d \( -path '*dkube-clean*' -o -name 'kubepods*' -o -name 'cri-*' \) | sed 's/^/cgroup /'
    for file in /var/lib/cni /var/lib/kubelet /var/lib/containerd /run/containerd /run/flannel /etc/cni /opt/cni \
        /etc/kubernetes /var/log/pods /var/log/containers /usr/libexec/kubernetes /run/xtables.lock /run/lock/dkube-clean.lock; do
        [ ! -e "$file" ] || echo "path $file"
    done
    for file in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops net/ipv4/ip_forward \
        kernel/keys/root_maxkeys kernel/hostname; do
        echo "setting $file $(cat /proc/sys/$file)"
    done
}

snapshot() { facts | sort -u >"$TMP/$1"; }

nothing_is_left() {
    [ ! -e "$DKUBE_STATE" ] || { echo "$DKUBE_STATE still exists"; return 1; }
    eventually 10 same_facts
}

same_facts() {
    snapshot after
    diff "$TMP/before" "$TMP/after"
}

a_pod_runs() {
    k apply -f - <<'YAML'
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: web
    image: dkube.io/coredns:local
    imagePullPolicy: Never
    args: [-conf, /etc/coredns/Corefile]
    ports: [{containerPort: 8181}]
    readinessProbe: {httpGet: {path: /ready, port: 8181}, periodSeconds: 1}
    resources: {limits: {nvidia.com/gpu: 3}}
    volumeMounts: [{name: c, mountPath: /etc/coredns}, {name: data, mountPath: /data}]
  volumes:
  - {name: c, configMap: {name: web}}
  - {name: data, persistentVolumeClaim: {claimName: data}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {Corefile: ".:5353 {\n ready\n whoami\n}\n"}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8181}]}
YAML
    eventually 60 k wait --for=condition=Ready pod/web --timeout=1s
}

service_ip() { k get service "$1" -n "${2:-default}" -o 'jsonpath={.spec.clusterIP}'; }
service_answers() { has OK "$(curl -sS -m 5 "http://$(service_ip web)/ready")"; }
logs_arrive() { has "CoreDNS-" "$(k logs web)"; }
exec_works() { has CoreDNS "$(k exec web -- /coredns -version)"; }

port_forward_works() {
    local port answer
    port=$(free_port)
    "$KUBECTL" --kubeconfig="$DKUBE_STATE/kubeconfig" port-forward pod/web "$port:8181" >/dev/null 2>&1 &
    eventually 10 curl -sS -m 2 "http://127.0.0.1:$port/ready"
    answer=$?
    kill $!
    return $answer
}

# A question to the cluster's DNS Service, asked over TCP from this machine through the link.
names_resolve() {
    python3 - "$(service_ip kube-dns kube-system)" "$(service_ip web)" <<'PY'
import socket, struct, sys
name = b"".join(bytes([len(p)]) + p for p in b"web.default.svc.cluster.local".split(b".")) + b"\0"
ask = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + name + struct.pack(">2H", 1, 1)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.sendto(ask, (sys.argv[1], 53))
got = socket.inet_ntoa(s.recv(512)[-4:])
sys.exit(0 if got == sys.argv[2] else f"{got} is not {sys.argv[2]}")
PY
}

# kubelet writes the node's status every 5 s: the count must be there after several of them.
gpus_stay() {
    "$CLUSTER" gpus 4 && sleep 16
    has 4 "$(k get node -o 'jsonpath={.items[0].status.allocatable.nvidia\.com/gpu}')"
}

greedy_says_why() { has "Insufficient nvidia.com/gpu" "$(k describe pod greedy)"; }

too_many_gpus_wait() {
    k run greedy --image=dkube.io/pause:3 --overrides='{"spec":{"containers":[{"name":"greedy",
        "image":"dkube.io/pause:3","imagePullPolicy":"Never","resources":{"limits":{"nvidia.com/gpu":2}}}]}}'
    eventually 20 greedy_says_why && k delete pod greedy --wait=false
}

a_second_up_changes_nothing() {
    cat "$DKUBE_STATE"/run/*.pid >"$TMP/pids" && "$CLUSTER" up && cat "$DKUBE_STATE"/run/*.pid | diff "$TMP/pids" -
}

a_killed_kubelet_comes_back() {
    local pid
    read -r pid _ <"$DKUBE_STATE/run/kubelet.pid"
    as_root kill -KILL "$pid"
    "$CLUSTER" up && "$CLUSTER" status && eventually 60 service_answers
}

# The worst end: the init process of the namespaces is killed, as at a crash.
a_crash_is_resumed() {
    local pid
    read -r pid _ <"$DKUBE_STATE/run/node.pid"
    as_root kill -KILL "$pid"
    "$CLUSTER" up && "$CLUSTER" status && eventually 90 service_answers
}

volume_is() { has "$2" "$(k get pv "$1")"; }

# The claim of the pod above has left its bytes behind.
a_volume_is_recycled() {
    local name
    name=$(k get pvc data -o 'jsonpath={.spec.volumeName}')
    as_root touch "$DKUBE_STATE/volumes/${name##*-}/left"
    k delete pod web --wait && k delete pvc data && eventually 10 volume_is "$name" Released || return 1
    "$CLUSTER" recycle && eventually 10 volume_is "$name" Available || return 1
    [ -d "$DKUBE_STATE/volumes/${name##*-}" ] && [ ! -e "$DKUBE_STATE/volumes/${name##*-}/left" ]
}

"$CLUSTER" down # what an older test may have left
snapshot before
it "brings up a real cluster" "$CLUSTER" up
it "advertises GPUs and keeps them over kubelet's updates" gpus_stay
it "runs a pod on 3 of 4 GPUs with a volume" a_pod_runs
it "leaves a pod that asks for 2 more pending" too_many_gpus_wait
it "shows a pod's log" logs_arrive
it "runs a command in a pod" exec_works
it "forwards a port to a pod" port_forward_works
it "answers a Service on this machine" service_answers
it "resolves the name of a Service" names_resolve
it "changes nothing when brought up twice" a_second_up_changes_nothing
it "resumes after kubelet was killed" a_killed_kubelet_comes_back
it "resumes after everything was killed" a_crash_is_resumed
it "empties the volume of a claim that is gone for the next one" a_volume_is_recycled
it "ends" "$CLUSTER" down
it "leaves no process, mount, interface, rule, setting or folder behind" nothing_is_left
it "ends twice without a complaint" "$CLUSTER" down
it "starts once more" "$CLUSTER" up
as_root kill -KILL "$(cut -d' ' -f1 "$DKUBE_STATE/run/node.pid")"
it "ends after a crash" "$CLUSTER" down
it "leaves nothing behind after a crash" nothing_is_left
plan_done
