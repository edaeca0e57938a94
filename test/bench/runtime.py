#!/usr/bin/env python3
"""runtime: the runtime's figures beside controller-runtime's and kube's, on one machine.

Usage: test/bench/runtime.py [--docs] [--fresh] [PART…]   (`make bench-runtime` builds first)

Parts: scan size idle together latency sync status relist noop writes gzip drop soak; all by default. A part
takes samples, one of each subject in a run; subjects come in an order that rotates, the server has the first
core and the subject the last. The runs of the parts alternate: a first run of each, then a second one, so that
a bench cut short has something of each. Samples are kept in build/bench/parts: a bench goes on where it was
cut, and takes again what was taken of another build; --fresh begins anew (the soak only when it is named).
Rows are medians, in
build/bench/runtime.json; --docs also writes them into docs/reference/benchmarks.md; the part "page" takes
nothing and does the rest. A rival whose compiler is not there is '-'.

BENCH_RUNS=5     runs of a part with a target; others take half. "3,idle=1,writes=1" says it of parts
BENCH_MINUTES=N  no sample is begun after N minutes
PAIRS=7          pairs of the part status
SOAK=full        a soak of 1,000,000 pods and 4,000 reconnects; it may as well run alone and on a busy machine
IDLE_S, LATENCY_S   seconds of those parts
"""
import json
import os
import signal
import sys
import time

import page
import parts
from samples import Store, line
from soak import Soak
from subjects import EMPTY, FULL, OUT, find_rivals, say

PARTS = [parts.Scan(), parts.Size(), parts.Idle(), parts.Together(), parts.Latency(), parts.Sync(), parts.Status(),
         parts.Relist(), parts.Noop(), parts.Writes(), parts.Gzip(), parts.Drop(), Soak()]
BUDGET = float(os.environ.get("BENCH_MINUTES", 0)) * 60
BEGAN = time.monotonic()


def over():
    return BUDGET > 0 and time.monotonic() - BEGAN > BUDGET


def rotated(names, run):
    return names[run % len(names):] + names[:run % len(names)]


def sample(part, run):
    """What is missing of one run of a part; returns the seconds it took."""
    store, began = Store(part), time.monotonic()
    missing = [n for n in rotated(part.names(), run) if not store.has(run, n)]
    if not missing or over():
        return 0
    say(f"--- {part.name}, run {run + 1} of {part.runs()}")
    part.begin(run)
    try:
        for name, values, seconds in part.take_all(run, missing):
            store.put(run, name, values, seconds)
            if over():
                break
    finally:
        part.end()
    return time.monotonic() - began


def take(chosen):
    spent = dict.fromkeys((p.name for p in chosen), 0)
    rounds = max(-(-p.runs() // p.per_round) for p in chosen) if chosen else 0
    for r in range(rounds):
        for part in chosen:
            for run in range(r * part.per_round, min((r + 1) * part.per_round, part.runs())):
                spent[part.name] += sample(part, run)
    if over():
        say(f"the {BUDGET / 60:.0f} minutes are over: what is missing is taken the next time")
    say("seconds: " + ", ".join(f"{n} {s:.0f}" for n, s in spent.items() if s > 0))


def rows():
    made = []
    for part in PARTS:
        found = Store(part).found()
        made += list(part.rows(found)) if found else []
    return made


def main():
    args = [a for a in sys.argv[1:] if not a.startswith("-")]
    if {"-h", "--help"} & set(sys.argv):
        print(__doc__)
        return
    unknown = set(args) - {p.name for p in PARTS} - {"page"}
    if unknown:
        raise SystemExit(f"no part is called {' '.join(unknown)}; see --help")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    OUT.mkdir(parents=True, exist_ok=True)
    find_rivals()
    chosen = [p for p in PARTS if p.name in args or not args]
    if "--fresh" in sys.argv:
        for p in chosen:
            if p.name != "soak" or p.name in args:
                Store(p).file.unlink(missing_ok=True)
    if any(p.name in ("sync", "relist") for p in chosen) and not set(parts.SUBJECTS) <= set(Store(parts.Idle()).found()):
        chosen = [parts.Idle()] + [p for p in chosen if p.name != "idle"]  # they are what is above idle
    try:
        take(chosen)
    finally:
        EMPTY.end()
        FULL.end()
    made = rows()
    (OUT / "runtime.json").write_text("[" + ",\n ".join(json.dumps(r) for r in made) + "]\n")
    if "--docs" in sys.argv:
        page.write(made, {p.name: len({s["run"] for s in Store(p).list}) for p in PARTS if Store(p).list})
    for r in made:
        print(line(r))


if __name__ == "__main__":
    main()
