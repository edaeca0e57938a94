#!/usr/bin/env python3
"""etcd is restored from a backup while runs go on: what was done since has never been, and resource versions come again.

A real etcd and API server; `podplayer` ends the pods. Three runs want the two GPUs of a pool. A backup is taken when the
third run stands, and restored once so many pods have been made or changed since. The controllers are not told: they must
give no GPU twice and make no second pod for a role at any revision after it, take no harm, and bring every run to its end.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from harness import caches, oracles, workloads  # noqa: E402
from harness.campaign import UNDISTURBED  # noqa: E402
from harness.lane import Lane, Stage  # noqa: E402
from harness.watcher import Watcher  # noqa: E402

RUNS = ("first", "second", "kill")  # the last one's program is killed at its first attempt
SCENES = ((0, 1), (0, 4), (0, 12), (3, 2), (5, 8), (8, 12))  # pod events before the backup, and from there to the restore
PATIENCE_S = 30


class Backup:
    """Of an etcd that is held meanwhile: what a snapshot of its disk would be."""

    def __init__(self, lane, folder):
        self.lane, self.data, self.copy = lane, lane.dir / "env/etcd", folder / "backup"

    def pid(self, who):
        return int((self.lane.dir / "pids" / who).read_text())

    def take(self):
        shutil.rmtree(self.copy, ignore_errors=True)
        os.kill(self.pid("etcd"), signal.SIGSTOP)
        try:
            subprocess.run(["cp", "-a", str(self.data), str(self.copy)], check=True)
        finally:
            os.kill(self.pid("etcd"), signal.SIGCONT)

    def restore(self):
        os.kill(self.pid("kube-apiserver"), signal.SIGKILL)
        os.kill(self.pid("etcd"), signal.SIGKILL)
        shutil.rmtree(self.data)
        subprocess.run(["cp", "-a", str(self.copy), str(self.data)], check=True)
        self.lane.restart("kube-apiserver")


def pod_events(lane):
    return sum(1 for e in lane.watcher.events if e[2] == "Pod")


def all_done(lane, stage):
    runs = [lane.watcher.get("DkubeRun", stage.name, name) for name in RUNS]
    pool = lane.watcher.get("Pool", "", stage.name) or {}
    return all(r and r.get("status", {}).get("phase") == "Complete" for r in runs) and \
        pool.get("status", {}).get("allocated") == 0 and pool["status"].get("runCount") == 0


def perform(lane, stage, workload, backup, scene):
    """What is wrong."""
    before, since = scene
    workload.setup(stage)
    stage.start()
    for name in RUNS:
        workload.act(stage, {"apply": {"run": name}})
    if not lane.watcher.until(lambda: pod_events(lane) >= before, PATIENCE_S, stage.supervise):
        return ["the moment for the backup never came"]
    backup.take()
    mark = pod_events(lane)
    if not lane.watcher.until(lambda: pod_events(lane) >= mark + since, PATIENCE_S, stage.supervise):
        return ["the moment for the restore never came"]
    lane.watcher.closed = True
    backup.restore()
    lane.watcher = Watcher(lane.api)  # what it saw before has never been
    found = []
    if not lane.watcher.until(lambda: all_done(lane, stage), PATIENCE_S, stage.supervise):
        phases = {n: (lane.watcher.get("DkubeRun", stage.name, n) or {}).get("status") for n in RUNS}
        found.append(f"not every run came to its end: {phases}")
    found += [f"{oracle}: {text}" for oracle, text in caches.compare(stage, False)]
    deaths = [f"{p.name} ended with {code}" for p in stage.programs for code in p.ends]
    return found + deaths


def play(lane, workload, backup, scene):
    stage = Stage(lane, UNDISTURBED, workload)
    stage.patience = 1
    stopped = False
    try:
        found = perform(lane, stage, workload, backup, scene)
        codes = stage.stop()
        stopped = True
        found += [f"{name} ended with {code} when asked" for name, code in codes.items() if code != 0]
        events = lane.watcher.since(0)
        found += [f"{oracle}: {text}" for oracle, text in oracles.Safety(workload.programs).replay(events)
                  if oracle in ("O4", "O5", "O7")]
        return found
    finally:
        if not stopped:
            stage.stop()
        stage.clean()
        lane.watcher.forget()


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="dkube-restore-"))
    lane, failed = Lane(folder / "lane"), 0
    try:
        workload, backup = workloads.load()["run"], Backup(lane, folder)
        for i, scene in enumerate(SCENES):
            found = play(lane, workload, backup, scene)
            failed += bool(found)
            print(f"{'not ok' if found else 'ok'} {i + 1} - a backup after {scene[0]} events of pods, restored {scene[1]} "
                  "events later: no GPU twice, every run ends", flush=True)
            for line in found[:5]:
                print(f"# {line}"[:600], flush=True)
    finally:
        lane.close()
        shutil.rmtree(folder, ignore_errors=True)
        print(f"1..{len(SCENES)}")
    return 1 if failed else 0


os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
sys.exit(main())
