"""parts: what is measured. Each part takes one sample at a time: a subject in a run; rows are made of all."""
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import time
import zlib

from samples import Store, beside, best, median, quantiles, row
from subjects import BIN, EMPTY, FLOOR, FULL, OUT, PARENTS, PODS, ROOT, SUBJECT_CORE, SUBJECTS, Group, Replay, Subject
from subjects import pinned, pss, say

ASKED = {w.partition("=")[0] if "=" in w else "": w.rpartition("=")[2]  # "3,idle=1": "" is all others
         for w in (os.environ.get("BENCH_RUNS") or os.environ.get("RUNS") or "5").split(",")}
RUNS = int(ASKED.get("", 5))
PAIRS = int(os.environ.get("PAIRS", 7))
MI = 1048576


class Part:
    printed = False  # without a target: half the runs
    per_round = 1

    @property
    def name(self):
        return type(self).__name__.lower()

    def names(self):
        return list(SUBJECTS)

    def runs(self):
        return int(ASKED.get(self.name, (RUNS + 1) // 2 if self.printed else RUNS))

    def holds(self, sample, print_):
        return sample["print"] == print_

    def begin(self, run):
        """Before the first subject of a run."""

    def end(self):
        """After the last one."""

    def take_all(self, run, names):
        for name in names:
            began = time.monotonic()
            yield name, self.take(run, name), time.monotonic() - began


class OnReplay(Part):
    options = ()

    def begin(self, run):
        FULL.freeze()
        EMPTY.freeze()
        self.server = Replay(PODS, *self.options)

    def end(self):
        self.server.end()


# --- memory ------------------------------------------------------------------------------------------
class Idle(Part):
    def take_all(self, run, names):
        FULL.freeze()
        config, began = EMPTY.kubeconfig(), time.monotonic()
        subjects = [Subject(n, config, "cache", group=Group(n)).ready() for n in names]
        time.sleep(float(os.environ.get("IDLE_S", 60)))
        took = (time.monotonic() - began) / len(names)
        all_values = []
        for s in subjects:
            v = s.status()
            v["current"], v["peak"] = s.group.read()
            v["why"] = s.group.why
            all_values.append((s.name, v, took))
        for s in subjects:
            s.end()
        EMPTY.freeze()
        yield from all_values

    def rows(self, found):
        why = {v["why"] for l in found.values() for v in l} - {""}
        for key, figure, limit in (("RssAnon", "idle RssAnon", 4), ("VmRSS", "idle VmRSS", 16), ("RssFile", "idle RssFile", 0),
                                   ("Pss", "idle PSS", 0), ("current", "idle cgroup memory.current", 0),
                                   ("peak", "idle cgroup memory.peak", 0)):
            target = f"<= {limit} MiB and <= 1/2 of Go's" if limit else "printed"
            check = (lambda o, r, lim=limit: o <= lim and o <= best(r, "go") / 2) if limit else None
            note = ", ".join(sorted(why)) or ("a cgroup for each process; pages of files that others had already read are "
                                              "not counted" if key in ("current", "peak") else None)
            yield beside(figure, "MiB", found, lambda v, k=key: v[k] / MI if v[k] is not None else None, target, check, note)


def idle_of(name, key):
    found = Store(Idle()).found().get(name)
    if not found:
        raise SystemExit("the part idle has no figures yet")
    return median([v[key] for v in found])


class Together(Part):
    """The sum of PSS of our controllers, and of as many processes of each rival."""

    printed = True
    controllers = ("resource-controller", "run-controller", "model-controller", "deployment-controller")

    def runs(self):
        return 1

    def begin(self, run):
        FULL.freeze()
        kubectl = [p for p in pathlib.Path.home().glob(".cache/dkube/kube/v*/kubectl")][-1]
        subprocess.run([kubectl, "--kubeconfig", EMPTY.kubeconfig(), "apply", "--server-side", "-f",
                        ROOT / "manifests/crds.yaml"], check=True, stdout=subprocess.DEVNULL)

    def end(self):
        EMPTY.end()  # the next run of idle wants one without our kinds

    def take(self, run, name):
        if name == "ours":
            group = [subprocess.Popen([str(ROOT / "build/release/bin" / c), "--kubeconfig", EMPTY.config,
                                       "--log-level=error"], stderr=subprocess.DEVNULL) for c in self.controllers]
        else:
            group = [Subject(name, EMPTY.config, "cache").ready().proc for _ in self.controllers]
        time.sleep(5)
        total = sum(pss(p.pid) for p in group) / 1024
        for p in group:
            p.terminate()
            p.wait()
        return {"pss": total}

    def rows(self, found):
        yield beside(f"idle PSS of {len(self.controllers)} controllers together", "MiB", found, lambda v: v["pss"])


class Size(Part):
    def runs(self):
        return 1

    def begin(self, run):
        self.server = Replay(0)

    def end(self):
        self.server.end()

    def take(self, run, name):
        copy = OUT / "stripped"
        argv = SUBJECTS[name][0]
        shutil.copy(argv[0], copy)
        subprocess.run(["strip", str(copy)], check=True)
        s = Subject(name, self.server.config, "cache").ready()
        maps = pathlib.Path(f"/proc/{s.pid}/maps").read_text()
        s.end()
        files = {f for f in re.findall(r" (/\S+)$", maps, re.M) if pathlib.Path(f).exists() and f != argv[0]}
        elves = [f for f in files if pathlib.Path(f).read_bytes()[:4] == b"\x7fELF"] + [str(copy)]
        return {"stripped": copy.stat().st_size / MI, "mapped": sum(pathlib.Path(f).stat().st_size for f in elves) / MI,
                "packed": sum(len(zlib.compress(pathlib.Path(f).read_bytes(), 9)) for f in elves) / MI}

    def rows(self, found):
        yield beside("stripped binary", "MiB", found, lambda v: v["stripped"], "<= 1", lambda o, r: o <= 1)
        yield beside("mapped ELF files", "MiB", found, lambda v: v["mapped"])
        yield beside("the same, compressed (an image's layer)", "MiB", found, lambda v: v["packed"])


# --- 10,000 pods -------------------------------------------------------------------------------------
def synced(name, config, env=None):
    s = Subject(name, config, "cache", env=env).ready()
    time.sleep(5)
    st = s.status()
    s.end()
    return {"cpu": s.cpu_us / 1e6, "rss": st["VmRSS"] / MI, "anon": st["RssAnon"], "rss_bytes": st["VmRSS"], "peak": st["VmHWM"]}


class Sync(Part):
    def begin(self, run):
        EMPTY.freeze()
        self.config = FULL.load(pods=PODS)

    def end(self):
        FULL.freeze()

    def take(self, run, name):
        v = synced(name, self.config)
        base = idle_of(name, "VmRSS")
        return {"cpu": v["cpu"], "rss": v["rss"], "each": (v["anon"] - idle_of(name, "RssAnon")) / PODS,
                "peak": (v["peak"] - base) / (v["rss_bytes"] - base)}

    def rows(self, found):
        yield beside("RSS with 10,000 pods", "MiB", found, lambda v: v["rss"])
        yield beside("bytes per cached pod", "B", found, lambda v: v["each"], "<= 1024 and <= 1/6 of the best rival's",
                     lambda o, r: o <= 1024 and o <= best(r) / 6)
        yield beside("peak over steady at cold start", "×", found, lambda v: v["peak"], "<= 1.15", lambda o, r: o <= 1.15,
                     "steady is what was held five seconds after the list, before any heap gave memory back")
        yield beside("CPU to sync 10,000 pods", "s", found, lambda v: v["cpu"],
                     "<= 1/4 of the best Go, <= 1/2 of the best Rust",
                     lambda o, r: o <= best(r, "go") / 4 and o <= best(r, "rust") / 2)


class Gzip(Sync):
    """The same, with gzip asked for by all: a kubeconfig whose server is not known to be this machine."""

    printed = True

    def begin(self, run):
        super().begin(run)
        self.ours = OUT / "gzip.kubeconfig"
        text = pathlib.Path(self.config).read_text()
        self.ours.write_text(re.sub(r"( *)server: https://127\.0\.0\.1:(\d+)",
                                    r"\1server: https://Localhost:\2\n\1tls-server-name: 127.0.0.1", text))

    def take(self, run, name):
        return synced(name, self.ours if name == "ours" else self.config, {"BENCH_GZIP": "1"})

    def rows(self, found):
        note = "real apiserver; ours asks for it of lists and single objects, kube of all but watches, Go of all"
        yield beside("CPU to sync 10,000 pods, gzip on for all", "s", found, lambda v: v["cpu"], note=note)
        yield beside("RSS with 10,000 pods, gzip on for all", "MiB", found, lambda v: v["rss"], note=note)


class Drop(OnReplay):
    """managedFields left out by the server, for all: the replaying server, for no released one does it."""

    printed, options = True, ("--drop",)

    def take(self, run, name):
        return synced(name, self.server.config, {"BENCH_DROP": "1"})

    def rows(self, found):
        note = "replaying server; apiserver 1.37.2 does not know the parameter"
        yield beside("CPU to sync 10,000 pods, drop=metadata.managedFields on for all", "s", found, lambda v: v["cpu"], note=note)
        yield beside("RSS with 10,000 pods, drop=metadata.managedFields on for all", "MiB", found, lambda v: v["rss"], note=note)


class Relist(OnReplay):
    def take(self, run, name):
        s = Subject(name, self.server.config, "cache").ready()
        time.sleep(2)
        steady = s.status()["VmRSS"]
        s.reset_peak()
        self.server.ask("rate?n=500&s=4")
        time.sleep(1.5)
        self.server.ask("gone")
        self.server.idle()
        time.sleep(1.5)
        peak, base = s.status()["VmHWM"], idle_of(name, "VmRSS")
        s.end()
        return {"peak": (peak - base) / (steady - base), "cpu": s.cpu_us / 1e6}

    def rows(self, found):
        yield beside("peak over steady at a 410 during 500 events/s", "×", found, lambda v: v["peak"], "<= 1.15",
                     lambda o, r: o <= 1.15, "replaying server")
        yield beside("CPU to sync 10,000 pods, JSON for all", "s", found, lambda v: v["cpu"], "printed", None,
                     "replaying server, which speaks JSON alone")


# --- time --------------------------------------------------------------------------------------------
def quantile_rows(what, found, target, check, note):
    for i, q in enumerate(("p50", "p99", "p99.9", "max")):
        yield beside(f"{what}, {q}", "ms", found, lambda v, i=i: v["ms"][i] if v["ms"] else None,
                     target if q == "p99" else "printed", check if q == "p99" else None, note(i))


def lines_of(file):
    return [list(map(int, l.split())) for l in file.read_text().splitlines()]


class Latency(OnReplay):
    seconds = int(os.environ.get("LATENCY_S", 10))

    def names(self):
        return [*SUBJECTS, FLOOR]

    def take(self, run, name):
        out = OUT / "samples"
        s = Subject(name, self.server.config, "watch", out).ready()
        time.sleep(3)
        stolen, waited = steal_ms(), s.waited_ms()
        self.server.ask(f"rate?n=1000&s={self.seconds}")
        time.sleep(self.seconds + 0.5)  # and does not ask meanwhile: that would be work for the same cores
        self.server.idle()
        stolen, waited = steal_ms() - stolen, s.waited_ms() - waited
        s.end()
        found = lines_of(out)
        if len(found) < self.seconds * 990:
            say(f"{name}: {len(found)} of {self.seconds * 1000} events reconciled")
        return {"ms": quantiles([(now - sent) / 1e6 for sent, _, now in found]), "events": len(found), "stolen": stolen,
                "waited": waited}

    def rows(self, found):
        floor = found.get(FLOOR, [])

        def waited(name):
            return f"{median([v['waited'] for v in found.get(name, [])]) or 0:.0f}"

        def note(i):
            if not floor:
                return "replaying server"
            value = median([v["ms"][i] for v in floor])
            return (f"replaying server; a bare reader in C, the machine's floor: {value:.3g} ms; ready to run but kept "
                    f"waiting for the core in {self.seconds} s: ours {waited('ours')}, the bare reader {waited(FLOOR)} ms; "
                    f"stolen from the core {median([v['stolen'] for v in floor]):.0f} ms")

        yield from quantile_rows("event to reconcile at 1,000 events/s", found, "<= 5 and <= the best rival's",
                                 lambda o, r: o <= 5 and o <= best(r), note)


def steal_ms():
    """What the hypervisor took from the subject's core."""
    text = pathlib.Path("/proc/stat").read_text()
    return int(re.search(rf"^cpu{SUBJECT_CORE} (.+)$", text, re.M)[1].split()[7]) * 10


class Writes(Part):
    printed = True

    def begin(self, run):
        EMPTY.freeze()
        self.config = FULL.load(pods=PODS)

    def end(self):
        FULL.freeze()

    def take(self, run, name):
        out, acks = OUT / "samples", OUT / "acks"
        s = Subject(name, self.config, "watch", out).ready()
        time.sleep(3)
        FULL.gen("writes", self.config, PODS, 200, 6, acks)
        time.sleep(1)
        s.end()
        seen = {rv: now for _, rv, now in lines_of(out)}
        acked = lines_of(acks)
        delays = [max(0, seen[rv] - at) / 1e6 for rv, at in acked if rv in seen]
        if len(delays) < len(acked) * 0.98:
            say(f"{name}: {len(delays)} of {len(acked)} writes seen")
        return {"ms": quantiles(delays), "writes": len(acked), "seen": len(delays)}

    def rows(self, found):
        yield from quantile_rows("write acknowledged to reconcile at 200 writes/s", found, "printed", None,
                                 lambda i: "real apiserver; 0 where the event came before the answer")


class Noop(OnReplay):
    def take(self, run, name):
        if name == "ours":
            text = subprocess.run(pinned(SUBJECT_CORE, [str(BIN / "noop")]), stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True, check=True).stdout
        else:
            text = Subject(name, self.server.config, "noop").ready().proc.communicate(timeout=60)[0]
        return {"rate": float(re.search(r"^noop (\d+)", text, re.M)[1])}

    def rows(self, found):
        yield beside("no-op reconciles a second, one core", "/s", found, lambda v: v["rate"], ">= 100,000",
                     lambda o, r: o >= 100000)


class Status(Part):
    seconds, per_round = 6, math.ceil(PAIRS / RUNS)

    def names(self):
        return ["pair"]

    def runs(self):
        return PAIRS

    def begin(self, run):
        EMPTY.freeze()
        self.config = FULL.load(parents=PARENTS)

    def end(self):
        FULL.freeze()

    def bare(self):
        return float(FULL.gen("status", self.config, self.seconds, 16, PARENTS, core=SUBJECT_CORE))

    def ours(self):
        s = Subject("ours", self.config, "status").ready()
        time.sleep(self.seconds)
        return int(re.search(r"^plans (\d+)", s.end(), re.M)[1]) / self.seconds

    def take(self, run, name):
        if run % 2:
            bare = self.bare()
            return {"bare": bare, "ours": self.ours()}
        ours = self.ours()
        return {"bare": self.bare(), "ours": ours}

    def rows(self, found):
        pairs = found["pair"]
        ratio = median([p["ours"] / p["bare"] for p in pairs])
        yield row("status writes, ratio to a bare generator", "×", ratio, {}, ">= 0.95", ratio >= 0.95,
                  f"16 at once; {median([p['ours'] for p in pairs]):.0f}/s beside {median([p['bare'] for p in pairs]):.0f}/s, "
                  f"{len(pairs)} alternated pairs")


class Scan(Part):
    def names(self):
        return ["scan"]

    def take(self, run, name):
        subprocess.run(pinned(SUBJECT_CORE, [str(BIN / "scan")]), check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
        rows = json.loads((OUT / "scan.json").read_text())
        return {"ours": rows[0]["ours"], "rivals": rows[0]["rivals"], "times": rows[1]["ours"]}

    def rows(self, found):
        l = found["scan"]
        rivals = {n: median([v["rivals"][n] for v in l]) for n in l[0]["rivals"]}
        ours, times = median([v["ours"] for v in l]), median([v["times"] for v in l])
        note = "16 KiB chunks, one core; " + ", ".join(f"{n} {v:.3g}" for n, v in rivals.items())
        yield row("scan rate incl. store insert", "GB/s", ours, rivals, ">= 0.5", ours >= 0.5, note)
        yield row("scan rate over json-c fed the same chunks", "×", times, {"bare json-c": 1}, ">= 3", times >= 3)
