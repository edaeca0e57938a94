#!/usr/bin/env python3
"""The run-controller is ended at every write of a run's path, at three points each, and must come to the same end.

A real API server; `faultproxy` between it and the controller; `podplayer` ends the pods. Undisturbed runs give the
writes and the end state. Then for each write and each cut (before it is sent, committed with the reply lost, after the
reply) the controller is killed there and started again; harness/oracles.py says what must hold. At last five mutants of
the controller (test/faults/mutants/) are built, and each must be caught by some plan.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from harness import campaign, plans, play, workloads  # noqa: E402
from harness.lane import BUILD, ROOT, Lane  # noqa: E402


class Tap:
    count = failed = 0

    def say(self, ok, name, detail=""):
        self.count += 1
        self.failed += not ok
        print(f"{'ok' if ok else 'not ok'} {self.count} - {name}", flush=True)
        if not ok and detail:
            print("\n".join("# " + line for line in str(detail).splitlines()), flush=True)


def build_mutant(patch, folder):
    """A copy of the tree with its objects, so that only the patched files are compiled again."""
    tree = folder / patch.stem
    tree.mkdir()
    for name in ("Makefile", "lib", "controllers", "cmd", "test"):
        subprocess.run(["cp", "-a", str(ROOT / name), str(tree / name)], check=True)
    (tree / "build").mkdir()
    subprocess.run(["cp", "-a", str(BUILD), str(tree / "build/dev")], check=True)
    subprocess.run(["patch", "-s", "-p1", "-F0", "-d", str(tree), "-i", str(patch)], check=True)
    subprocess.run(["make", "-s", "-C", str(tree), "build/dev/bin/run-controller"], check=True, stdout=sys.stderr)
    return tree / "build/dev/bin/run-controller"


def reach(lane, workload, plan, reference):
    """A run whose last writes fall together has fewer of them: such a cut is played until it is met."""
    for _ in range(4):
        r = play.play(lane, workload, plan, reference)
        if r["fired"] or r["violations"]:
            break
    return r


def catch(lane, workload, todo, reference):
    """Where a mutant is caught; undisturbed it must pass, but for the names of what it makes: those are its own."""
    r = play.play(lane, workload, campaign.UNDISTURBED, reference)
    wrong = [v for v in r["violations"] if v[0] != "O2"]
    if wrong:
        return "", f"it does not even pass undisturbed: {wrong[:2]}"
    reference = dict(reference, counts={**reference["counts"], **r["counts"]})
    for plan in todo:
        r = play.play(lane, workload, plan, reference)
        if r["violations"] and r["fired"]:
            return plan["id"], r["violations"][0]
    return "", "caught nowhere"


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="dkube-crash-"))
    tap, lane = Tap(), Lane(folder / "lane")
    try:
        workload = workloads.load()["run"]
        try:
            reference = campaign.refer(lane, workload, times=4)
            tap.say(True, "undisturbed runs hold all that must hold, and end alike")
        except campaign.Fault as e:
            tap.say(False, "undisturbed runs hold all that must hold, and end alike", e)
            return 1
        todo = [p for p in plans.possible(workload, reference["journals"]) if p["perturbation"] == "P1"]
        for plan in todo:
            f = plan["faults"][0]
            r = reach(lane, workload, plan, reference)
            name = f"ended at {f['verb']} {f['kind']} {f['sub']} {f['nth']}, {f['when']}: same end, each pod once"
            tap.say(r["fired"] and not r["violations"], name, r["violations"] or "the write was not reached")
        tap.say(len(todo) >= 36, f"there are {len(todo)} cuts")
        shortest = [p for p in todo if p["faults"][0]["kind"] != "events"]
        for patch in sorted((ROOT / "test/faults/mutants").glob("*.patch")):
            lane.binaries = {"run-controller": build_mutant(patch, folder)}
            where, why = catch(lane, workload, shortest, reference)
            tap.say(bool(where), f"the mutant '{patch.stem}' passes undisturbed and is caught by a crash", why)
            print(f"# caught at {where}: {why}"[:300], flush=True)
    finally:
        lane.close()
        shutil.rmtree(folder, ignore_errors=True)
        print(f"1..{tap.count}")
    return 1 if tap.failed else 0


os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
sys.exit(main())
