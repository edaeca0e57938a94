"""Many plans on some lanes; results are kept, and a plan that stood is not played again."""
import collections
import json
import multiprocessing
import os
import pathlib
import queue
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
import traceback

from . import oracles, plans, play, workloads
from .lane import BUILD, PROGRAMS, ROOT, Lane

OUT = ROOT / "build/faults"
UNDISTURBED = {"perturbation": "P0", "faults": []}
RECYCLE_PLANS, REACH = 900, 5


def version():
    return subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"], text=True, check=False,
                          stdout=subprocess.PIPE).stdout.strip()


class Fault(Exception):
    """An undisturbed run that is not as it must be."""


def refer(lane, workload, scale=20, times=2):
    """Undisturbed runs: their end, what they did, and that they are alike."""
    runs = [play.play(lane, workload, dict(UNDISTURBED, scale=scale)) for _ in range(times)]
    for r in runs:
        if r["violations"]:
            raise Fault(f"{workload.name}: an undisturbed run violates {r['violations'][:3]}")
        left = oracles.differences(runs[0]["end"], r["end"])
        if left:
            raise Fault(f"{workload.name}: two undisturbed runs end differently: {left[:5]}")
    counts = {k: {w: max(r["counts"].get(k, {}).get(w, 0) for r in runs) for w in ("ADDED", "DELETED")}
              for r in runs for k in r["counts"]}
    return {"end": runs[-1]["end"], "counts": counts, "writes": max(r["writes"] for r in runs),
            "seconds": runs[-1]["seconds"], "journals": [r["journal"] for r in runs]}


class Worker:
    """A lane in a process of its own."""

    def __init__(self, number, tasks, results, options):
        self.number, self.tasks, self.results, self.options = number, tasks, results, options
        self.lane, self.folder = None, None
        self.references = {}
        self.times = collections.deque(maxlen=40)
        self.begun = 0.0

    def open(self):
        self.folder = tempfile.mkdtemp(prefix="dkube-lane-")
        self.lane = Lane(self.folder, self.options.get("binaries"))
        self.played, self.base = 0, None

    def close(self):
        if self.lane:
            self.lane.close()
            shutil.rmtree(self.folder, ignore_errors=True)
            self.lane = None

    def recycle_when_slow(self):
        if len(self.times) == self.times.maxlen:
            now = statistics.median(self.times)
            self.base = self.base or now
            if now > 3 * self.base and self.played > RECYCLE_PLANS // 4:
                self.played = RECYCLE_PLANS
                self.times.clear()
        if self.played >= RECYCLE_PLANS:
            self.close()
            self.open()

    def reference(self, name, scale):
        """Made by the first lane that needs it; the others read it."""
        key = (name, scale)
        file = pathlib.Path(self.options["references"]) / f"{name}-{scale}.json"
        if key not in self.references and file.exists():
            self.references[key] = json.loads(file.read_text())
        if key not in self.references:
            self.references[key] = refer(self.lane, self.workloads[name], scale)
            new = file.with_suffix(f".{self.number}")
            new.write_text(json.dumps(self.references[key]))
            new.rename(file)
        return self.references[key]

    def one(self, plan):
        workload = self.workloads[plan["workload"]]
        if plan.get("record"):
            r = self.reference(plan["workload"], 20)
            return {"recorded": plan["workload"], "journals": r["journals"], "writes": r["writes"]}
        reference = self.reference(plan["workload"], plan.get("scale", 20))
        r = self.reach(workload, plan, reference)
        again = []
        if r["violations"]:
            again = [play.play(self.lane, workload, plan, reference) for _ in range(2)]
        self.played += 1
        self.times.append(r["seconds"])
        verdict = "ok"
        if r["violations"]:
            bad = [a for a in again if a["violations"]]
            verdict = "divergence" if bad else "flaky"
            folder = OUT / "failed"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{plan['id'][:180]}.json").write_text(json.dumps(plan, indent=1))
            r["again"] = [a["violations"] for a in again]
            (folder / f"{plan['id'][:180]}.result").write_text(json.dumps(r, indent=1))
        return {"id": plan["id"], "perturbation": plan["perturbation"], "workload": plan["workload"], "verdict": verdict,
                "fired": r["fired"], "seconds": r["seconds"], "spent": r["spent"], "violations": r["violations"][:4], "scale": plan.get("scale", 20)}

    def reach(self, workload, plan, reference):
        """A run whose last writes fall together has fewer of them: a crash cut is played until it is met."""
        for _ in range(REACH if plan["perturbation"] == "P1" else 1):
            r = play.play(self.lane, workload, plan, reference)
            if r["fired"] or r["violations"]:
                break
        return r

    def run(self):
        self.workloads = workloads.load()
        try:
            self.open()
            while True:
                plan = self.tasks.get()
                if plan is None:
                    break
                try:
                    self.results.put(self.one(plan))
                except Fault as e:
                    self.results.put({"fault": str(e), "workload": plan["workload"], "recorded": plan.get("record")})
                except Exception:  # the lane broke: say so, and take a new one
                    self.results.put({"broken": traceback.format_exc(), "plan": plan})
                    self.close()
                    self.open()
                self.recycle_when_slow()
        finally:
            self.close()


def leave(*_):
    raise SystemExit(1)


def run_worker(number, tasks, results, options):
    signal.signal(signal.SIGTERM, leave)
    os.nice(options.get("nice", 0))
    Worker(number, tasks, results, options).run()


class Campaign:
    def __init__(self, lanes, options=None):
        self.tasks, self.results = multiprocessing.Queue(), multiprocessing.Queue()
        options = dict(options or {})
        options["references"] = str(OUT / "references")
        if not options.get("recorded"):
            shutil.rmtree(options["references"], ignore_errors=True)
        pathlib.Path(options["references"]).mkdir(parents=True, exist_ok=True)
        self.workers = [multiprocessing.Process(target=run_worker, args=(i, self.tasks, self.results, options))
                        for i in range(lanes)]
        self.log = OUT / "results.jsonl"
        OUT.mkdir(parents=True, exist_ok=True)
        self.version = version()

    def __enter__(self):
        signal.signal(signal.SIGTERM, leave)
        for w in self.workers:
            w.start()
        return self

    def __exit__(self, *_):
        while True:
            try:
                self.tasks.get_nowait()
            except queue.Empty:
                break
        for _ in self.workers:
            self.tasks.put(None)
        for w in self.workers:
            w.join(60)
            if w.is_alive():
                w.terminate()
                w.join(20)

    def record(self, names):
        """Undisturbed runs of all workloads: every possible plan."""
        loaded = workloads.load()
        for name in names:
            self.tasks.put({"record": True, "workload": name})
        found, faults = [], []
        for _ in names:
            r = self.results.get(timeout=300)
            if "journals" in r:
                found += plans.possible(loaded[r["recorded"]], r["journals"])
            else:
                faults.append(r)
        others = {k: p for k, p in known().items() if k.split(".")[0] not in names}
        (OUT / "possible.json").write_text(json.dumps({**others, **{p["id"]: p["perturbation"] for p in found}}))
        return found, faults

    def play(self, todo, seconds, on_result):
        """Plays in order until the time is over; a few plans ahead so that an end is soon."""
        end = time.monotonic() + seconds
        waiting, given = iter(todo), 0
        for _ in range(2 * len(self.workers)):
            p = next(waiting, None)
            if p:
                self.tasks.put(p)
                given += 1
        while given:
            r = self.results.get(timeout=600)
            given -= 1
            if "verdict" in r:
                with self.log.open("a", encoding="utf-8") as f:
                    f.write(json.dumps(dict(r, version=self.version, at=int(time.time()))) + "\n")
            on_result(r)
            p = next(waiting, None) if time.monotonic() < end else None
            if p:
                self.tasks.put(p)
                given += 1


def known():
    """Plan → its perturbation, of all workloads that were ever recorded here."""
    file = OUT / "possible.json"
    return json.loads(file.read_text()) if file.exists() else {}


def history():
    """Last verdict of each plan ever played here."""
    rows, last = [], {}
    log = OUT / "results.jsonl"
    if log.exists():
        for line in log.read_text().splitlines():
            try:
                rows.append(json.loads(line))
            except ValueError:
                continue
    for r in rows:
        last[r["id"]] = r
    return rows, last


def merged(name, key, default=0):
    file = OUT / name
    if not file.exists():
        return default
    try:
        return json.loads(file.read_text()).get(key, default)
    except ValueError:
        return default


def summary():
    """What summary.json says, from all results and what other programs left in build/faults."""
    rows, last = history()
    possible = known()
    fired = {k: r for k, r in last.items() if r["fired"]}
    covered = [k for k in fired if k in possible]
    busy = sum(min(b["at"] - a["at"], 30) for a, b in zip(rows, rows[1:]))
    crash = [k for k, p in possible.items() if p == "P1"]
    return {
        "plans": len(rows), "fired": sum(1 for r in rows if r["fired"]), "distinct": len(fired), "covered": len(covered),
        "possible": len(possible), "crash_cuts": len(crash), "crash_cuts_covered": sum(1 for k in crash if k in fired),
        "divergences": sum(1 for r in last.values() if r["verdict"] == "divergence"),
        "flaky": sum(1 for r in last.values() if r["verdict"] == "flaky"),
        "unscaled": sum(1 for r in last.values() if r.get("scale") == 1 and r["fired"]),
        "plans_per_hour": round(3600 * len(rows) / busy) if busy else 0,
        "mutants_total": merged("mutants.json", "mutants_total"), "mutants_killed": merged("mutants.json", "mutants_killed"),
        "simulated_schedules": merged("sim.json", "distinct"), "violations": merged("sim.json", "violations"),
    }


def table():
    _, last = history()
    possible = known()
    names = sorted({*possible.values(), *(r["perturbation"] for r in last.values())})
    print(f"{'perturbation':18} {'possible':>8} {'played':>7} {'fired':>7} {'diverged':>8} {'flaky':>6}")
    for name in names:
        mine = [r for r in last.values() if r["perturbation"] == name]
        print(f"{name:18} {sum(1 for p in possible.values() if p == name):8} {len(mine):7} "
              f"{sum(1 for r in mine if r['fired']):7} {sum(1 for r in mine if r['verdict'] == 'divergence'):8} "
              f"{sum(1 for r in mine if r['verdict'] == 'flaky'):6}")
    s = summary()
    (OUT / "summary.json").write_text(json.dumps(s, indent=1) + "\n")
    print("\n".join(f"{k}: {v}" for k, v in s.items()))
    return s
