# shellcheck shell=bash
# TAP for test scripts: `it "does something" COMMAND…` runs and reports; `eventually SECONDS COMMAND…`
# retries; `plan_done` closes. What the script starts is ended by `at_exit COMMAND`, last first.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=${BUILD:-$ROOT/build/dev}
# shellcheck source=hack/lib/common.sh
. "$ROOT/hack/lib/common.sh"
TMP=$(mktemp -d)
tests=0
failed=0
exits=()

at_exit() { exits=("$*" "${exits[@]}"); }
finish() {
    for c in "${exits[@]}"; do eval "$c" >&2 8>&- || true; done
    rm -rf "$TMP"
}
trap finish EXIT

# alone: one script at a time on this machine, for those that look at all of it or bring up a cluster of a
# fixed name. Descriptor 8 is the lock; nothing that the script starts inherits it.
alone() {
    local file=${XDG_CACHE_HOME:-$HOME/.cache}/dkube/e2e.lock
    mkdir -p "${file%/*}"
    exec 8>"$file"
    flock -n 8 || { echo "# waits for the end-to-end tests of another run"; flock 8; }
}

it() {
    local name=$1 out
    shift
    tests=$((tests + 1))
    if out=$("$@" 2>&1 8>&-); then
        echo "ok $tests - $name"
    else
        failed=$((failed + 1))
        echo "not ok $tests - $name"
        printf '%s\n' "$out" | sed 's/^/# /'
    fi
}

skip_all() {
    echo "ok 1 - $1 # SKIP $2"
    echo "1..1"
    exit 0
}

eventually() {
    local until=$((SECONDS + $1)) out=''
    shift
    while [ "$SECONDS" -le "$until" ]; do
        if out=$("$@" 2>&1); then
            return 0
        fi
        sleep 0.2
    done
    printf 'not within the time: %s\n%s\n' "$*" "$out"
    return 1
}

# has WHAT TEXT: TEXT holds WHAT.
has() { grep -qF -- "$1" <<<"$2" || { printf 'no "%s" in:\n%s\n' "$1" "$2"; return 1; }; }

plan_done() {
    echo "1..$tests"
    [ "$failed" = 0 ]
}
