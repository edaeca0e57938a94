#!/usr/bin/env bash
# step and store as in a cluster: tokens of a real API server, repositories of the real git http-backend and sshd.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
. test/support/tap.sh

export DKUBE_STEP_ALLOW_LOOPBACK=1
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@example.com \
    GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example.com
kubectl=$(kube_bin kubectl)
k() { "$kubectl" "$@"; }
token() { k -n "$1" create token dkube-run --audience "${2:-dkube-store}"; }

# --- what stands around ------------------------------------------------------------------------------------
start_store() {
    "$BUILD/bin/store" --root "$TMP/root" --listen "127.0.0.1:$store_port" >>"$TMP/store.log" 2>&1 &
    echo $! >"$TMP/store.pid" # tests run in subshells: a variable would not reach the next one
    wait_for 10 "the store answers" curl -sf "$url/healthz"
}
end_store() { # end_store SIGNAL
    kill "-$1" "$(cat "$TMP/store.pid")"
    wait_for 30 "the store has ended" bash -c "! kill -0 $(cat "$TMP/store.pid") 2>/dev/null"
}
start_git() {
    python3 test/support/githttp.py "$TMP/git" "$TMP/git.port" &
    GIT=$!
    wait_for 10 "git answers" test -e "$TMP/git.port"
    git_url=http://127.0.0.1:$(cat "$TMP/git.port")
}
make_repository() {
    local w=$TMP/work
    git init -q -b main "$w" && cd "$w" || return 1
    mkdir -p data/sub
    echo one >data/a.txt && echo two >data/sub/b.txt && echo print >train.py
    git add -A && git commit -qm first && git tag -a v1 -m v1 && git branch old
    FIRST=$(git rev-parse HEAD)
    echo more >>train.py && git add -A && git commit -qm second
    echo most >>train.py && git add -A && git commit -qm third
    SECOND=$(git rev-parse HEAD~1)
    HEAD=$(git rev-parse HEAD)
    git clone -q --bare . "$TMP/git/digits.git"
    cd - >/dev/null || return 1
}
# nasty: a repository whose only commit holds a link out of it and a .git folder
make_nasty() {
    local blob tree
    git init -q --bare -b main "$TMP/git/nasty.git" && cd "$TMP/git/nasty.git" || return 1
    blob=$(printf '/etc' | git hash-object -w --stdin)
    tree=$(printf '120000 blob %s\tout\n' "$blob" | git mktree)
    git update-ref refs/heads/main "$(git commit-tree -m nasty "$tree")"
    cd - >/dev/null || return 1
}

mkdir -p "$TMP/root" "$TMP/git" "$TMP/pod"
store_port=$(free_port)
url=http://127.0.0.1:$store_port
for ns in digits other; do
    k create namespace $ns >/dev/null && k -n $ns create serviceaccount dkube-run >/dev/null || exit 1
done
make_repository && make_nasty || exit 1
start_git && start_store || exit 1
at_exit "kill $GIT 2>/dev/null"
at_exit 'kill "$(cat "$TMP/store.pid")" 2>/dev/null; tail -5 "$TMP/store.log"'
token digits >"$TMP/token"

# step COMMAND…: its report in $report, its status in $status
step() {
    rm -f "$TMP/report"
    timeout 100 "$BUILD/bin/step" "$@" --termination-log "$TMP/report" --token-file "$TMP/token" --patience "${PATIENCE:-2}" \
        --ready-file "$TMP/ready" 2>"$TMP/step.log"
    status=$?
    report=$(cat "$TMP/report" 2>/dev/null)
    echo "$status $report"
    cat "$TMP/step.log"
}
gives() { # gives EXPECTED COMMAND…: the report is exactly EXPECTED
    local want=$1
    shift
    step "$@"
    [ "$report" = "$want" ]
}
refuses() { # refuses STATUS REASON TEXT COMMAND…
    local code=$1 reason=$2 text=$3
    shift 3
    step "$@"
    [ "$status" = "$code" ] && has "\"reason\":\"$reason\"" "$report" && has "$text" "$report"
}

# --- resolve -------------------------------------------------------------------------------------------
r() { echo "{\"commit\":\"$1\"}"; }
it "resolves a branch" gives "$(r "$HEAD")" resolve --url "$git_url/digits.git" --ref main
it "resolves an annotated tag to its commit" gives "$(r "$FIRST")" resolve --url "$git_url/digits.git" --ref main --commit v1
it "resolves a commit that no branch or tag points to" gives "$(r "$SECOND")" resolve --url "$git_url/digits.git" --commit "$SECOND"
it "resolves a shortened commit" gives "$(r "$SECOND")" resolve --url "$git_url/digits.git" --commit "${SECOND:0:8}"
it "says that a commit does not exist" refuses 1 UnknownCommit spec.code.commit resolve --url "$git_url/digits.git" --commit "${FIRST//[0-9]/0}"
it "says that a branch does not exist" refuses 1 UnknownCommit "spec.branch of the CodeRepo" resolve --url "$git_url/digits.git" --ref nope
it "takes no option of git for a branch" refuses 1 UnknownCommit "no name of a branch" resolve --url "$git_url/digits.git" --ref=--output=/tmp/x
it "says that a repository does not exist" refuses 1 UnknownRepository "no git repository" resolve --url "$git_url/none.git"
it "says that a host does not exist" refuses 1 UnknownRepository "cannot be found" resolve --url http://no.invalid/x.git
it "may be asked again when nothing listens" refuses 75 FetchFailed "cannot be reached" resolve --url http://127.0.0.1:1/x.git
it "may be asked again when half a reply comes" refuses 75 FetchFailed "" resolve --url "$git_url/broken/digits.git"
it "follows no redirect to another host" refuses 1 UnknownRepository redirect resolve --url "$git_url/elsewhere/digits.git"
hangs() {
    PATIENCE=0 refuses 75 FetchFailed "longer than 2 s" resolve --timeout 2 --url "$git_url/hang/digits.git"
}
it "gives up on a server that never answers" hangs
stops() {
    PATIENCE=0 refuses 75 FetchFailed "longer than 2 s" resolve --timeout 2 --url "$git_url/stuck/digits.git" --commit "${SECOND:0:8}"
}
it "gives up on a server that stops when it is asked for content" stops
ends_at_once() { # as the first process of a container
    TMPDIR=$TMP unshare --pid --fork --kill-child "$BUILD/bin/step" resolve --timeout 60 --url "$git_url/hang/digits.git" \
        --termination-log "$TMP/report" 2>"$TMP/step.log" &
    local outer=$! inner
    sleep 1
    inner=$(cut -d' ' -f1 "/proc/$outer/task/$outer/children") && kill -TERM "$inner" || return 1
    timeout 10 tail --pid="$inner" -f /dev/null
    kill -0 "$inner" 2>/dev/null && { kill -KILL "$inner"; return 1; }
    wait "$outer"
    [ $? = 143 ]
}
it "ends at once when it is asked to" ends_at_once
refuses_loopback() { DKUBE_STEP_ALLOW_LOOPBACK='' refuses 1 UnknownRepository "a loopback address" resolve --url "$git_url/digits.git"; }
it "refuses loopback addresses" refuses_loopback
refuses_api() {
    KUBERNETES_SERVICE_HOST=127.0.0.1 refuses 1 UnknownRepository "the API server" resolve --url "$git_url/digits.git"
}
it "refuses the API server's address" refuses_api
it "refuses metadata services in any spelling" refuses 1 UnknownRepository "link-local" resolve --url http://0xa9fea9fe/x.git
it "repeats no credentials of an address" refuses 1 UnknownRepository "put them in a Secret" resolve --url "http://u:s3cret@127.0.0.1/x.git"
it "has not logged them either" bash -c "! grep -q s3cret '$TMP/step.log'"

# --- credentials ----------------------------------------------------------------------------------------
secret() { # secret NAME KEY=VALUE…: a mounted Secret
    local dir=$TMP/secret-$1 each
    mkdir -p "$dir"
    shift
    for each in "$@"; do printf '%s\n' "${each#*=}" >"$dir/${each%%=*}"; done
}
secret good username=reader password=s3cret
secret bad username=reader password=wrong
it "asks for a Secret where one is needed" refuses 1 UnknownRepository secretRef resolve --url "$git_url/private/digits.git"
it "uses the Secret" gives "$(r "$HEAD")" resolve --url "$git_url/private/digits.git" --git-secret-dir "$TMP/secret-good"
it "says that the Secret's credentials are refused" refuses 1 UnknownRepository "refuses the credentials" resolve \
    --url "$git_url/private/digits.git" --git-secret-dir "$TMP/secret-bad"

start_sshd() {
    local d=$TMP/ssh
    ssh_port=$(free_port)
    mkdir -p "$d" "$TMP/secret-ssh" "$TMP/secret-stranger"
    [ "$(id -u)" != 0 ] || mkdir -p /run/sshd
    ssh-keygen -q -t ed25519 -N '' -f "$d/host" && ssh-keygen -q -t ed25519 -N '' -f "$d/user" || return 1
    printf '%s\n' "Port $ssh_port" "ListenAddress 127.0.0.1" "HostKey $d/host" "AuthorizedKeysFile $d/user.pub" \
        "StrictModes no" "UsePAM no" "PasswordAuthentication no" "PidFile none" >"$d/config"
    cp "$d/user" "$TMP/secret-ssh/ssh-privatekey"
    echo "[127.0.0.1]:$ssh_port $(cut -d' ' -f1,2 "$d/host.pub")" >"$TMP/secret-ssh/known_hosts"
    cp "$d/user" "$TMP/secret-stranger/ssh-privatekey"
    echo "[127.0.0.1]:$ssh_port $(cut -d' ' -f1,2 "$d/user.pub")" >"$TMP/secret-stranger/known_hosts"
    /usr/sbin/sshd -D -e -f "$d/config" 2>"$d/log" &
    SSHD=$!
    at_exit "kill $SSHD 2>/dev/null"
    wait_for 10 "sshd listens" bash -c "exec 3<>/dev/tcp/127.0.0.1/$ssh_port"
}
start_sshd || exit 1
ssh_url=ssh://$(id -un)@127.0.0.1:$ssh_port$TMP/git/digits.git
it "resolves over ssh with the key and the known host" gives "$(r "$HEAD")" resolve --url "$ssh_url" --git-secret-dir "$TMP/secret-ssh"
it "resolves an old commit over ssh" gives "$(r "$SECOND")" resolve --url "$ssh_url" --git-secret-dir "$TMP/secret-ssh" --commit "${SECOND:0:8}"
it "refuses an ssh host that is not known" refuses 1 UnknownRepository known_hosts resolve --url "$ssh_url" --git-secret-dir "$TMP/secret-stranger"
it "asks for a key where the address is ssh" refuses 1 UnknownRepository "ssh-privatekey and known_hosts" resolve --url "$ssh_url"

start_https() {
    mkdir -p "$TMP/tls" "$TMP/secret-ca" || return 1
    openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
        -keyout "$TMP/tls/key" -out "$TMP/tls/crt" 2>/dev/null && cat "$TMP/tls/crt" "$TMP/tls/key" >"$TMP/tls/both" || return 1
    cp "$TMP/tls/crt" "$TMP/secret-ca/ca.crt"
    python3 test/support/githttp.py "$TMP/git" "$TMP/https.port" "$TMP/tls/both" 2>/dev/null &
    at_exit "kill $! 2>/dev/null"
    wait_for 10 "https answers" test -e "$TMP/https.port"
    https_port=$(cat "$TMP/https.port")
}
start_https || exit 1
it "resolves over https with the Secret's authority" gives "$(r "$HEAD")" resolve --url "https://localhost:$https_port/digits.git" \
    --git-secret-dir "$TMP/secret-ca"
it "resolves an old commit over https" gives "$(r "$SECOND")" resolve --url "https://localhost:$https_port/digits.git" \
    --git-secret-dir "$TMP/secret-ca" --commit "${SECOND:0:8}"
it "refuses a certificate that nobody vouches for" refuses 1 UnknownRepository "is not trusted" resolve \
    --url "https://localhost:$https_port/digits.git"
it "refuses a certificate of another host" refuses 1 UnknownRepository "is not trusted" resolve \
    --url "https://127.0.0.1:$https_port/digits.git" --git-secret-dir "$TMP/secret-ca"
https_hangs() { PATIENCE=0 refuses 75 FetchFailed "longer than 2 s" resolve --timeout 2 --url "https://localhost:$https_port/hang/digits.git" --git-secret-dir "$TMP/secret-ca"; }
it "gives up on an https server that never answers" https_hangs

# --- import ---------------------------------------------------------------------------------------------
export DKUBE_STEP="{\"namespace\":\"digits\",\"store\":\"$url\"}"
imports() {
    step import --url "$git_url/digits.git" --ref main --path data
    DATA=$(sed -E 's/.*"digest":"([^"]*)".*/\1/' <<<"$report")
    [ "$report" = "{\"digest\":\"$DATA\",\"size\":8,\"files\":2,\"commit\":\"$HEAD\"}" ] && echo "$DATA" >"$TMP/data"
}
it "imports a folder of a repository" imports
DATA=$(cat "$TMP/data" 2>/dev/null)
manifest_by_hand() {
    printf '100644 %d %s %s\n' 4 "$(echo one | sha256sum | cut -d' ' -f1)" a.txt 4 "$(echo two | sha256sum | cut -d' ' -f1)" sub/b.txt |
        sha256sum | cut -d' ' -f1
}
it "names content by the documented manifest" test "$DATA" = "sha256:$(manifest_by_hand)"
it "gives the same digest again" imports
it "says that a folder is not there" refuses 1 UnknownPath spec.source.git.path import --url "$git_url/digits.git" --path nope
it "leaves no path out of the repository" refuses 1 UnknownPath "no relative path" import --url "$git_url/digits.git" --path ../..
it "imports no link that leads out" refuses 1 FetchFailed "leads out of it" import --url "$git_url/nasty.git"
it "leaves no copy of a repository behind" bash -c "! ls -d /tmp/dkube-git-* /tmp/dkube-import-* 2>/dev/null | grep ."

# --- fetch ------------------------------------------------------------------------------------------------
config() { # config COMMIT DIGEST
    echo "{\"namespace\":\"digits\",\"store\":\"$url\",\"code\":{\"url\":\"$git_url/digits.git\",\"commit\":\"$1\",
        \"dir\":\"$TMP/pod/code\"},\"inputs\":[{\"digest\":\"$2\",\"dir\":\"$TMP/pod/in\"}],
        \"outputs\":[{\"name\":\"digits\",\"dir\":\"$TMP/pod/out\"},{\"name\":\"extra\",\"dir\":\"$TMP/pod/extra\"}]}"
}
DKUBE_STEP=$(config "$SECOND" "$DATA")
fetches() {
    step fetch
    [ "$report" = "{\"commit\":\"$SECOND\",\"inputs\":1}" ] && [ "$(cat "$TMP/pod/code/train.py")" = "$(printf 'print\nmore')" ] &&
        diff -r "$TMP/work/data" "$TMP/pod/in" && [ ! -e "$TMP/pod/code/.git" ]
}
it "fetches code at its commit and the inputs" fetches
spoil() { echo spoilt >"$TMP/pod/in/a.txt" && echo stray >"$TMP/pod/in/stray" && fetches; }
it "makes it good when it runs again" spoil
tampered() {
    local blob=$TMP/root/blobs/${1:0:2}/$1
    printf 'X' | dd of="$blob" conv=notrunc status=none
    refuses 1 FetchFailed "its disk is damaged" fetch && [ ! -e "$TMP/pod/in/a.txt" ]
    local r=$?
    printf 'o' | dd of="$blob" conv=notrunc status=none
    return $r
}
it "notices a changed byte and leaves nothing" tampered "$(echo one | sha256sum | cut -d' ' -f1)"
unknown_digest() { DKUBE_STEP=$(config "$SECOND" "sha256:${DATA:15}00000000") refuses 1 FetchFailed "no content" fetch; }
it "says that the store has no such content" unknown_digest

# --- who may ----------------------------------------------------------------------------------------------
answers() { # answers STATUS TOKEN METHOD PATH [FILE]
    local got
    got=$(curl -s -o "$TMP/body" -w '%{http_code}' -H "Authorization: Bearer $2" ${5:+-T "$5"} -X "$3" "$url$4")
    [ "$got" = "$1" ] || { echo "status $got, not $1: $(cat "$TMP/body")" && return 1; }
}
one=$(echo one | sha256sum | cut -d' ' -f1)
echo one >"$TMP/one"
it "answers 401 to a token for another audience" answers 401 "$(token digits https://kubernetes.default.svc)" PUT "/v1/digits/blobs/$one" "$TMP/one"
it "answers 401 to a token that nobody made" answers 401 "eyJhbGciOiJub25lIn0.e30." PUT "/v1/digits/blobs/$one" "$TMP/one"
it "answers 401 without a token" answers 401 "" GET "/v1/digits/trees/${DATA#*:}"
it "answers 403 to a token of another namespace" answers 403 "$(token other)" GET "/v1/digits/trees/${DATA#*:}"
it "gives no content to a namespace that knows the digest" answers 404 "$(token other)" GET "/v1/other/trees/${DATA#*:}/blobs/$one"
printf '100644 4 %s a\n' "$one" >"$TMP/manifest"
manifest=$(sha256sum <"$TMP/manifest" | cut -d' ' -f1)
it "lets no namespace list content that it has not put" answers 409 "$(token other)" PUT "/v1/other/trees/$manifest" "$TMP/manifest"
printf '100644 4 %s ../a\n' "$one" >"$TMP/manifest"
manifest=$(sha256sum <"$TMP/manifest" | cut -d' ' -f1)
it "keeps no manifest with a path that leads out" answers 422 "$(cat "$TMP/token")" PUT "/v1/digits/trees/$manifest" "$TMP/manifest"

# --- collect ------------------------------------------------------------------------------------------------
start_collect() {
    rm -f "$TMP/ready" "$TMP/report"
    "$BUILD/bin/step" collect --termination-log "$TMP/report" --token-file "$TMP/token" --ready-file "$TMP/ready" \
        --patience "${1:-30}" 2>"$TMP/step.log" &
    COLLECT=$!
    [ "${2:-}" = early ] || wait_for 10 "collect waits" "$BUILD/bin/step" ready --ready-file "$TMP/ready"
}
outputs() {
    rm -rf "$TMP/pod/out" "$TMP/pod/extra"
    mkdir -p "$TMP/pod/out/sub" "$TMP/pod/extra"
    echo model >"$TMP/pod/out/sub/m" && echo extra >"$TMP/pod/extra/x"
}
ended() { # ended STATUS TEXT
    local got
    wait "$COLLECT"
    got=$?
    cat "$TMP/step.log"
    [ "$got" = "$1" ] && has "$2" "$(cat "$TMP/report")"
}
collects() {
    outputs
    start_collect
    [ ! -e "$TMP/report" ] || return 1
    kill -TERM $COLLECT
    ended 0 '{"outputs":[{"name":"digits","digest":"sha256:' && has '"name":"extra"' "$(cat "$TMP/report")" && cp "$TMP/report" "$TMP/first"
}
it "waits for SIGTERM and stores every output" collects
again() { start_collect && kill -TERM $COLLECT && ended 0 outputs && cmp "$TMP/first" "$TMP/report"; }
it "gives the same report when it runs again" again
# Once it waits the kernel shows SIGTERM as free again. The shell's child holds it back as well, before it becomes step.
holds_back() {
    [ "$(readlink "/proc/$COLLECT/exe")" = "$(realpath "$BUILD/bin/step")" ] || return 1
    [ -e "$TMP/ready" ] || grep -q '^SigBlk:.*4[0-9a-f]\{3\}$' "/proc/$COLLECT/status"
}
early() {
    local n
    outputs
    for n in 1 2 3 4 5; do
        start_collect 30 early
        wait_for 10 "signals are held back" holds_back
        kill -TERM $COLLECT
        ended 0 '"outputs"' || return 1
    done
}
it "misses no SIGTERM that comes before it waits" early
empty() { outputs && rm -r "$TMP/pod/extra"/* && start_collect && kill -TERM $COLLECT && ended 1 "the output 'extra' is empty"; }
it "names an output that is empty" empty
missing() { outputs && rm -r "$TMP/pod/out" && start_collect && kill -TERM $COLLECT && ended 1 "the output 'digits' is empty"; }
it "names an output that is missing" missing
leads_out() { outputs && ln -s /etc/passwd "$TMP/pod/out/p" && start_collect && kill -TERM $COLLECT && ended 1 "leads outside"; }
it "stores no link that leads out" leads_out
refused_token() {
    outputs && token other >"$TMP/token" && start_collect && kill -TERM $COLLECT && ended 1 '"reason":"OutputUploadFailed"'
    local r=$?
    token digits >"$TMP/token"
    return $r
}
it "reports OutputUploadFailed when the store refuses" refused_token
rotated() { outputs && echo expired >"$TMP/token" && start_collect && token digits >"$TMP/token" && kill -TERM $COLLECT && ended 0 outputs; }
it "reads the token again for each request" rotated
unreadable() {
    outputs && chmod 600 "$TMP/pod/out/sub/m" && chmod 755 "$TMP" && chmod 644 "$TMP/token" && mkdir -p "$TMP/of65532" && chown 65532 "$TMP/of65532" || return 1
    : >"$TMP/of65532/log"
    chown 65532 "$TMP/of65532/log"
    setpriv --reuid 65532 --regid 65532 --clear-groups "$BUILD/bin/step" collect --termination-log "$TMP/of65532/log" \
        --token-file "$TMP/token" --ready-file "$TMP/of65532/ready" --patience 2 2>"$TMP/step.log" &
    COLLECT=$!
    wait_for 10 "collect waits" test -e "$TMP/of65532/ready" || return 1
    kill -TERM $COLLECT
    wait $COLLECT
    has "is not readable for the platform" "$(cat "$TMP/of65532/log")"
}
if [ "$(id -u)" = 0 ]; then
    it "names a file that it may not read" unreadable
fi

# --- the store ends badly ---------------------------------------------------------------------------------------
large_put() { # starts a PUT of 64 MiB that is slow enough to be interrupted
    head -c 67108864 /dev/urandom >"$TMP/large"
    large=$(sha256sum <"$TMP/large" | cut -d' ' -f1)
    curl -s --limit-rate 8M -H "Authorization: Bearer $(cat "$TMP/token")" -T "$TMP/large" "$url/v1/digits/blobs/$large" >/dev/null 2>&1 &
    PUT=$!
    wait_for 10 "bytes are on disk" bash -c "find '$TMP/root/tmp' -size +1M | grep -q ."
}
head_404() { curl -sI -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $(cat "$TMP/token")" "$url$1"; }
answers_head() { [ "$(head_404 "$2")" = "$1" ]; }
killed_in_a_put() {
    large_put || return 1
    end_store KILL
    wait $PUT 2>/dev/null
    [ ! -e "$TMP/root/blobs/${large:0:2}/$large" ] && [ ! -e "$TMP/root/ns/digits/blobs/${large:0:2}/$large" ] || return 1
    start_store || return 1
    [ -z "$(ls -A "$TMP/root/tmp")" ] && answers_head 404 "/v1/digits/blobs/$large"
}
it "keeps nothing of a PUT that kill -9 cut short" killed_in_a_put
it "still has everything else after kill -9" fetches
broken_off() { large_put && kill $PUT && eventually 10 bash -c "[ -z \"\$(ls -A '$TMP/root/tmp')\" ]" && answers_head 404 "/v1/digits/blobs/$large"; }
it "keeps nothing of a PUT that the client breaks off" broken_off
away() {
    outputs
    head -c 33554432 /dev/urandom >"$TMP/pod/out/weights"
    end_store KILL
    start_collect 60
    kill -TERM $COLLECT
    sleep 1
    kill -0 $COLLECT || return 1
    start_store && ended 0 outputs
}
it "waits in collect for a store that restarts" away
graceful() {
    large_put || return 1
    end_store TERM
    wait $PUT
    [ -e "$TMP/root/blobs/${large:0:2}/$large" ] && start_store
}
it "lets a PUT end before the store does" graceful
second() { ! "$BUILD/bin/store" --root "$TMP/root" --listen 127.0.0.1:0 2>"$TMP/second" && has "another store" "$(cat "$TMP/second")"; }
it "lets no second store use the folder" second
metrics() { answers_head 404 "/v1/digits/blobs/${one//0/1}" && curl -s "$url/metrics" | grep -q '^dkube_store_requests_total{method="HEAD",target="blob",code="404"} [1-9]'; }
it "counts requests" metrics
no_tokens() { ! grep -rqF -- "$(cut -c1-40 "$TMP/token")" "$TMP/store.log" "$TMP/step.log" "$TMP/report"; }
it "writes no token into logs or reports" no_tokens

# --- the probe ---------------------------------------------------------------------------------------------------
installs() { "$BUILD/bin/step" install-probe "$TMP/pod" --path "$BUILD/bin/probe" && "$TMP/pod/probe"; }
it "installs a probe that runs" installs

plan_done
