#!/usr/bin/env bash
# A sample of simulated schedules, the same each time: docs/reference/simulator.md.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
. test/support/tap.sh

sample() { timeout 300 "$BUILD/test/sim" --schedules 40 --workload "$1"; }
same_twice() {
    local first second
    first=$("$BUILD/test/sim" --schedules 1 --workload leaders --seed 7 --trace 2>/dev/null | grep -v 'a second' | sha256sum)
    second=$("$BUILD/test/sim" --schedules 1 --workload leaders --seed 7 --trace 2>/dev/null | grep -v 'a second' | sha256sum)
    [ "$first" = "$second" ]
}

# All there is of it: "cut short" fails.
complete() {
    local said
    said=$(timeout 300 "$BUILD/test/sim" --exhaust "$@" --schedules 1000000 --jobs 2) && has "; complete" "$said"
}

for load in queue contention serving import leaders ending again; do
    it "$load ends as it should under 40 schedules with faults" sample "$load"
done
it "holds in the small world wherever one fault strikes" complete --faults 1 --unusual 0
it "holds in the small world in each order with at most one unusual choice" complete --faults 0 --unusual 1
it "runs the same schedule for the same seed" same_twice
plan_done
