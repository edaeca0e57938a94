# shellcheck shell=bash
# shellcheck disable=SC2034  # the variables are for the scripts that read this file
# Shared by the scripts in hack/: messages, folders, versions and background processes.
# A process is known by "pid start-time" in a file, so that a recycled pid is never taken for ours.

K8S_VERSION=${K8S_VERSION:-1.37.2}
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/dkube
STATE_HOME=${XDG_STATE_HOME:-$HOME/.local/state}/dkube
HACK=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ROOT=$(dirname "$HACK")
export PATH=$PATH:/usr/sbin:/sbin

say() { printf '%s\n' "$*" >&2; }
die() {
    say "error: $*"
    exit 1
}

# usage FILE: print the comment block at the top of a script as its help.
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$1" | sed '/^set -/d'; }

seconds() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(seconds)" 'BEGIN { printf "%.1f", b - a }'; }

# as_root COMMAND…: run a command as root, through sudo where we are not root.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        command -v sudo >/dev/null || die "this needs root: run it as root, or install sudo"
        sudo "$@"
    fi
}

# kube_bin NAME: path of a Kubernetes binary, from KUBEBUILDER_ASSETS first, then from the cache.
kube_bin() {
    if [ -n "${KUBEBUILDER_ASSETS:-}" ] && [ -x "$KUBEBUILDER_ASSETS/$1" ]; then
        echo "$KUBEBUILDER_ASSETS/$1"
        return
    fi
    local path=$CACHE/kube/v$K8S_VERSION/$1
    [ -x "$path" ] || die "$1 is not in $(dirname "$path"): run hack/kube-build $1"
    echo "$path"
}

# started_at PID: the kernel's start time of a process; fails when there is none.
started_at() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    # The second field may hold spaces: count from the closing bracket.
    stat=${stat##*) }
    # shellcheck disable=SC2086
    set -- $stat
    [ "$1" != Z ] || return 1
    echo "${20}"
}

# boot_id: tells one boot of the machine from the next.
boot_id() { cat /proc/sys/kernel/random/boot_id; }

# running PIDFILE: print the pid when the recorded process is still that process.
running() {
    local pid start boot
    { read -r pid start boot <"$1"; } 2>/dev/null || return 1
    [ "$boot" = "$(boot_id)" ] && [ "$(started_at "$pid" || true)" = "$start" ] || return 1
    echo "$pid"
}

# daemon NAME COMMAND…: run a command in a session of its own; $STATE/run/NAME.pid, $STATE/log/NAME.log.
# ENTER, if set, is a command that enters other namespaces; STATE_INSIDE and PROC_INSIDE are then the
# state folder and the machine's own /proc as seen from there, so that the pid recorded is the machine's.
ENTER=()
daemon() {
    local name=$1 pidfile=$STATE/run/$1.pid log=$STATE/log/$1.log pid
    shift
    running "$pidfile" >/dev/null && return 0
    mkdir -p "$STATE/run" "$STATE/log"
    rm -f "$pidfile.new"
    # shellcheck disable=SC2016
    "${ENTER[@]}" setsid --fork bash -c \
        'read -r pid _ <"$2/self/stat" && echo "$pid" >"$1.t" && mv "$1.t" "$1"; shift 2; exec "$@"' \
        "$name" "${STATE_INSIDE:-$STATE}/run/$name.pid.new" "${PROC_INSIDE:-/proc}" \
        "$@" </dev/null >>"$log" 2>&1 8>&- 9>&-
    wait_for 30 "$name starts" test -e "$pidfile.new" || die "$(tail -n 2 "$log")"
    pid=$(cat "$pidfile.new")
    echo "$pid $(started_at "$pid" || echo 0) $(boot_id)" >"$pidfile"
    rm -f "$pidfile.new"
}

# end PIDFILE [SECONDS]: TERM, then KILL after SECONDS (default 10), and wait until it is gone.
end() {
    local pid n=0 limit=$((${2:-10} * 20))
    if pid=$(running "$1"); then
        kill "$pid" 2>/dev/null || true
        while running "$1" >/dev/null; do
            [ "$n" -ne "$limit" ] || kill -KILL "$pid" 2>/dev/null || true
            n=$((n + 1))
            sleep 0.05
        done
    fi
    rm -f "$1"
}

# wait_for SECONDS WHAT COMMAND…: poll until the command succeeds; say what was awaited when it does not.
wait_for() {
    local limit=$1 what=$2 begin=$SECONDS
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ $((SECONDS - begin)) -lt "$limit" ] || {
            say "error: $what: not within $limit s"
            return 1
        }
        sleep 0.1
    done
}

# free_port: a TCP port of loopback that nobody uses, below the range the kernel gives out.
free_port() {
    local port
    while :; do
        port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
        grep -qi ":$(printf '%04x' "$port") " /proc/net/tcp /proc/net/tcp6 2>/dev/null || break
    done
    echo "$port"
}
