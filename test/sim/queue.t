#!/usr/bin/env bash
# dkube-sim: traces small enough to be reckoned by hand, bad input, and the real trace where it is at hand.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
. test/support/tap.sh

sim() { timeout 300 "$BUILD/bin/dkube-sim" "$@"; }
cat >"$TMP/trace.csv" <<'CSV'
submit,duration,gpus,group
0,3600,4,a
1,3600,8,a
2,3000,4,a
3,7200,4,a
CSV
echo 'a,1,8' >"$TMP/pools.csv"

# mean POLICY ESTIMATES: hours that all jobs waited, on average
mean() {
    sim --trace "$TMP/trace.csv" --pools "$TMP/pools.csv" --policy "$1" --estimates "$2" --json "$TMP/out.json" >/dev/null &&
        python3 -c 'import json, sys; print(round(json.load(open(sys.argv[1]))["all"]["mean"], 3))' "$TMP/out.json"
}
is() { [ "$("${@:2}")" = "$1" ] || { "${@:2}"; return 1; }; }
refused() {
    local want=$1 out
    shift
    ! out=$(sim "$@" 2>&1) && [ "$(wc -l <<<"$out")" = 1 ] && grep -qF -- "$want" <<<"$out" || { echo "$out"; return 1; }
}
plots() { sim --trace "$TMP/trace.csv" --pools "$TMP/pools.csv" --svg "$TMP/a.svg" >/dev/null && python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' "$TMP/a.svg"; }
same_twice() { [ "$(sim "$@" | grep -v decisions)" = "$(sim "$@" | grep -v decisions)" ]; }

# strict: 0, 1, 2 and 2 h. skip: the large one waits for all others: 0, 2.8, 0 and 0.8 h.
# backfill, lengths known: the third is over in time, the fourth is not: 0, 1, 0 and 2 h. Unknown: as strict.
it "strict lets nobody pass" is 1.25 mean strict exact
it "skip starts whatever fits" is 0.917 mean skip exact
it "backfill lets pass what is over in time" is 0.75 mean backfill exact
it "backfill lets nobody pass of whom nobody knows how long he takes" is 1.25 mean backfill none
it "does the same for the same seed" same_twice --trace "$TMP/trace.csv" --pools "$TMP/pools.csv" --estimates noisy --seed 3
it "draws an SVG" plots
it "explains itself" sim --help
it "wants a trace" refused '--trace is missing' --policy strict
it "names a file that is not there" refused 'cannot read /nowhere' --trace /nowhere
it "names a policy that there is not" refused "'fair' is none" --trace "$TMP/trace.csv" --policy fair
it "names the line of a bad duration" refused 'line 2: duration must be seconds' --trace <(printf 'submit,duration,gpus\n0,-1,1\n')
it "names the column that is missing" refused "no column 'gpus'" --trace <(printf 'submit,duration\n0,1\n')
it "says that a trace is empty" refused 'no job that uses a GPU' --trace <(printf 'submit,duration,gpus\n')
it "says that no job fits" refused 'no job fits its pool' --trace "$TMP/trace.csv" --pools <(echo b,1,8)

philly=../shared/traces/philly.csv
if [ -r "$philly" ]; then
    # figures of one line of JSON: wait of gangs, mean time to completion
    compared() {
        sim --trace "$philly" --policy strict,skip,backfill --estimates learned --eta-every 0 --json "$TMP/philly.json" >/dev/null &&
            python3 - "$TMP/philly.json" <<'PY'
import json, sys
rows = {r["policy"]: r for r in map(json.loads, open(sys.argv[1]))}
jct = rows["strict"]["jct"] / rows["backfill"]["jct"]
gang = rows["skip"][">= 8 GPUs"]["max"] / rows["backfill"][">= 8 GPUs"]["max"]
print(f"time to completion {jct:.2f} times better than strict, longest wait of gangs {gang:.2f} times better than skip")
sys.exit(jct < 2 or gang < 1.5)
PY
    }
    it "backfill with learned estimates beats strict by two and skip's longest gang wait by half on a real trace" compared
else
    echo "ok $((++tests)) - a real trace # SKIP ../shared/traces is not there"
fi
plan_done
