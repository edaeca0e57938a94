#!/usr/bin/env python3
"""trace.py: what the jobs of a trace wait under each policy and each kind of estimate, in one table.

Usage: test/bench/trace.py TRACE [dkube-sim's options…]

Plays the whole trace, then counts the last third of its time apart: the policy was fixed before that third was looked
at. Prints the table of docs/reference/queue.md and writes build/bench/trace.json. Hours.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SIM = os.environ.get("SIM", str(ROOT / "build/release/bin/dkube-sim"))
POLICIES = "strict,skip,backfill,shortest-first"
ESTIMATES = "exact,noisy,learned"
HEAD = "| policy | estimates | JCT | to the bound | wait: mean | p50 | p90 | p99 | max | gangs (≥ 8 GPUs): mean | max | GPUs used | " \
    "ETA error p50 / p90 |\n|" + "---|" * 13


def play(trace, part, options):
    """One line of JSON a simulation."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        subprocess.run([SIM, "--trace", trace, "--policy", POLICIES, "--estimates", ESTIMATES, "--from", str(part),
                        "--eta-every", "500", "--json", out.name, *options], check=True, stdout=subprocess.DEVNULL)
        return [dict(json.loads(line), counted_from=part) for line in pathlib.Path(out.name).read_text().splitlines()]


def row(r):
    wait, gang, eta = r["all"], r[">= 8 GPUs"], r["ETA error"]
    part = "the last third: " if r["counted_from"] else ""
    bound = "" if part else f"{r['jct'] / r['bound']:.1f}×"  # it is the whole trace's
    cells = [part + r["policy"], r["estimates"], f"{r['jct']:.1f}", bound]
    cells += [f"{wait[k]:.1f}" for k in ("mean", "p50", "p90", "p99", "max")]
    cells += [f"{gang['mean']:.0f}", f"{gang['max']:.0f}", f"{r['used'] * 100:.1f} %", f"{eta['p50']:.2f} / {eta['p90']:.0f}"]
    return "| " + " | ".join(cells) + " |"


def verdict(rows):
    found = {(r["policy"], r["estimates"]): r for r in rows}
    ours, strict, skip = (found[(policy, "learned")] for policy in ("backfill", "strict", "skip"))
    jct, gang = strict["jct"] / ours["jct"], skip[">= 8 GPUs"]["max"] / max(ours[">= 8 GPUs"]["max"], 1e-9)
    return {"jct": round(jct, 2), "gang": round(gang, 2), "met": jct >= 2 and gang >= 1.5}


def main():
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    whole, third = (play(sys.argv[1], part, sys.argv[2:]) for part in (0, 67))
    said = {"whole": verdict(whole), "last third": verdict(third)}
    print(HEAD)
    for r in whole + third:
        print(row(r))
    for part, v in said.items():
        print(f"{part}: jobs end {v['jct']} times sooner than under strict (>= 2), the longest wait of gangs is {v['gang']} times "
              f"shorter than under skip (>= 1.5): {'met' if v['met'] else 'missed'}")
    out = ROOT / "build/bench/trace.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps({"rows": whole + third, "verdict": said}, indent=1) + "\n")


main()
