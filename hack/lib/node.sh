# shellcheck shell=bash
# shellcheck disable=SC2034  # addresses are for the scripts that read this file
# The node of the local cluster: one process (the pause program as init) holds private mount, network,
# process, IPC and host-name namespaces. Everything of the cluster runs inside, so bridges, packet
# filters, mounts and processes all end with that one process. Beside it the machine gets one interface
# with three routes, a control group, and the state folder; node_down removes them.
# Inside, the state folder is /run/dkube, the programs are in /run/dkube-bin, the machine's own process
# table is /run/hostproc. Nothing is forwarded beyond the machine.

node_names() { # NAME gives the subnets: two clusters live side by side
    if [ -z "${DKUBE_NET:-}" ]; then
        case $NAME in
        demo) DKUBE_NET=1 ;;
        e2e) DKUBE_NET=2 ;;
        *) DKUBE_NET=$((10 + $(cksum <<<"$NAME" | cut -d' ' -f1) % 240)) ;;
        esac
    fi
    HOST_IP=10.200.$DKUBE_NET.1
    NODE_IP=10.200.$DKUBE_NET.2
    POD_NET=10.201.$DKUBE_NET.0/24
    SERVICE_NET=10.202.$DKUBE_NET.0/24
    API_IP=10.202.$DKUBE_NET.1
    DNS_IP=10.202.$DKUBE_NET.10
    NODE=dkube-$NAME
    LINK=dkube-$NAME
    CGROUP=dkube-$NAME
    [[ $NAME =~ ^[a-z0-9]([a-z0-9-]{0,7}[a-z0-9])?$ ]] || die "cluster name $NAME: at most 9 letters, digits and dashes"
}

# holder: pid of the namespaces' init process, the only child of the recorded unshare.
holder() {
    local parent child
    parent=$(running "$STATE/run/node.pid") || return 1
    { read -r child _ <"/proc/$parent/task/$parent/children"; } 2>/dev/null
    [ -n "${child:-}" ] && echo "$child"
}

# inside COMMAND…: run a command in the node's namespaces.
inside() {
    local pid
    pid=$(holder) || die "cluster $NAME is not up"
    nsenter -t "$pid" -m -n -p -i -u -r -- "$@"
}

# daemon_inside NAME COMMAND…: like daemon, in the node's namespaces.
daemon_inside() {
    local pid ENTER STATE_INSIDE=/run/dkube PROC_INSIDE=/run/hostproc
    pid=$(holder) || die "cluster $NAME is not up"
    ENTER=(nsenter -t "$pid" -m -n -p -i -u -r --)
    daemon "$@"
}

# The init process arranges its mounts itself, then becomes the pause program.
# Kernel settings that kubelet would change for the whole machine are shown to it as plain files.
node_init() {
    cat <<'SH'
set -euo pipefail
state=$1 init=$2 name=$3
shift 3
mkdir -p "$state"/{varlib/cni,varlib/kubelet,varlog/pods,varlog/containers,volumes}
exec 5<"$state" 6<"$init"
mount -t tmpfs -o mode=755 run /run
mkdir /run/dkube /run/dkube-bin /run/hostproc /run/lock /run/machine
mount --bind /proc/self/fd/5 /run/dkube
mount --bind /proc /run/hostproc
for program in "$@"; do
    : >"/run/dkube-bin/${program##*/}"
    mount --bind "$program" "/run/dkube-bin/${program##*/}"
done
: >/run/dkube-bin/init
mount --bind /proc/self/fd/6 /run/dkube-bin/init
mount --bind /run/dkube/varlib /var/lib
mount --bind /run/dkube/varlog /var/log
mount -t proc proc /proc
for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops \
    kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
    [ -e "/proc/sys/$setting" ] || continue
    cat "/proc/sys/$setting" >"/run/machine/${setting##*/}"
    mount --bind "/run/machine/${setting##*/}" "/proc/sys/$setting"
done
mount --make-rshared /
echo "$name" >/proc/sys/kernel/hostname
echo 1 >/proc/sys/net/ipv4/ip_forward
ip link set lo up
touch /run/dkube/run/node.ready
exec 5<&- 6<&-
exec /run/dkube-bin/init
SH
}

node_up() { # node_up INIT PROGRAM…
    local init=$1
    shift
    holder >/dev/null && [ -e "$STATE/run/node.ready" ] && return
    check_free_subnets
    rm -f "$STATE/run/node.ready"
    node_init >"$STATE/run/init.sh"
    cgroups_up
    daemon node unshare --mount --net --pid --ipc --uts --propagation private --fork --kill-child \
        bash "$STATE/run/init.sh" "$STATE" "$init" "$NODE" "$@"
    wait_for 30 "the node's namespaces exist" test -e "$STATE/run/node.ready" || die "$(tail -n 3 "$STATE/log/node.log")"
    network_up
}

# The link carries its cluster's state folder, so that a cluster of the same name elsewhere keeps off it.
link_owner() {
    ip -o link show "$LINK" 2>/dev/null | sed -nE 's/.* alias (.*)/\1/p' | sed 's/\\.*//; s/ *$//' || true
}

link_drop() {
    [ "$(link_owner)" != "$STATE" ] || ip link del "$LINK" 2>/dev/null || true
}

subnet_free() { # subnet_free NET: no route but our own link's leads there
    ! ip -4 route show table all root "$1" | grep -v " dev $LINK " | grep -q .
}

check_free_subnets() {
    local net owner
    owner=$(link_owner)
    if [ -n "$owner" ] && [ "$owner" != "$STATE" ]; then
        die "a cluster called $NAME runs already, in $owner: choose another name with DKUBE_CLUSTER"
    fi
    for net in "10.200.$DKUBE_NET.0/30" "$POD_NET" "$SERVICE_NET"; do
        # A node that was killed a moment ago takes its link along only now: ip shows its routes without a name.
        wait_for 5 "subnet $net is free" subnet_free "$net" 2>/dev/null ||
            die "subnet $net is in use on this machine: choose another with DKUBE_NET=<3..254>"
    done
}

network_up() {
    local pid
    pid=$(holder)
    link_drop
    ip link add "$LINK" type veth peer name eth0 netns "$pid"
    ip link set dev "$LINK" alias "$STATE"
    ip addr add "$HOST_IP/30" dev "$LINK"
    ip link set "$LINK" up
    inside ip addr add "$NODE_IP/30" dev eth0
    inside ip link set eth0 up
    # Services are translated by kube-proxy before this route matters; it only has to exist.
    inside ip route add "$SERVICE_NET" via "$HOST_IP" src "$NODE_IP"
    inside iptables -A FORWARD -i eth0 -o eth0 -j DROP
    ip route add "$POD_NET" via "$NODE_IP" dev "$LINK"
    ip route add "$SERVICE_NET" via "$NODE_IP" dev "$LINK"
}

is_cgroup2() { [ -e /sys/fs/cgroup/cgroup.controllers ]; }

# cgroup_dirs: our group in every hierarchy that is mounted.
cgroup_dirs() {
    local kind path
    while read -r _ path kind _; do
        case $kind in
        cgroup | cgroup2) echo "$path/$CGROUP" ;;
        esac
    done </proc/mounts
}

cgroups_up() {
    local dir file controller
    while read -r dir; do
        mkdir -p "$dir"
        for file in cpuset.cpus cpuset.mems; do
            [ ! -e "$dir/$file" ] || is_cgroup2 || cat "$dir/../$file" >"$dir/$file"
        done
        if is_cgroup2; then
            for controller in cpu cpuset memory pids io hugetlb; do
                echo "+$controller" >"$dir/../cgroup.subtree_control" || true
                echo "+$controller" >"$dir/cgroup.subtree_control" || true
            done 2>/dev/null
        fi
    done < <(cgroup_dirs)
}

cgroups_down() {
    local dir pid
    while read -r dir; do
        [ -d "$dir" ] || continue
        # After a crash of ours containers may have outlived us: they are in our group and nobody else is.
        find "$dir" -name cgroup.procs -exec cat {} + 2>/dev/null | while read -r pid; do
            kill -KILL "$pid" 2>/dev/null || true
        done
        wait_for 10 "control group $dir is empty" remove_cgroup "$dir" || true
    done < <(cgroup_dirs)
}

remove_cgroup() {
    find "$1" -depth -type d -exec rmdir {} + 2>/dev/null || true
    [ ! -d "$1" ]
}

node_down() {
    # unshare does not mind TERM; with its end the kernel kills everything inside
    end "$STATE/run/node.pid" 0
    link_drop
    cgroups_down
}
