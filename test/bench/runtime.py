#!/usr/bin/env python3
"""runtime: the runtime's figures beside controller-runtime's and kube's, on one machine.

Usage: test/bench/runtime.py [--docs] [SECTION…]   (`make bench-runtime` builds first)

Sections: idle sync relist latency writes noop status size soak; all by default. Each runs the subjects
in an order that rotates, RUNS times (default 5; status pairs PAIRS, default 7), the server on the first
core and the subject on the last, and gives the median. idle, sync, writes and status use a real
kube-apiserver with etcd (hack/envtest), the others the replaying server (test/bench/replay.c).
Figures go to build/bench/runtime.json, where those of sections not run are kept; --docs also writes
docs/reference/benchmarks.md from it and from build/bench/scan.json; the section "page" does nothing else. SOAK=full soaks in full.
A rival whose compiler is not there is '-'.
"""
import collections
import json
import os
import pathlib
import re
import shutil
import signal
import ssl
import statistics
import subprocess
import sys
import time
import urllib.request
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OUT = ROOT / "build/bench"
RIVALS = OUT / "rivals"
BIN = ROOT / "build/release/test/bench"
RUNS, PAIRS = int(os.environ.get("RUNS", 5)), int(os.environ.get("PAIRS", 7))
PODS, PARENTS = 10000, 1250
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, SUBJECT_CORE = CORES[0], CORES[-1]
OPERATOR = [str(BIN / "operator"), "--log-level=warn"]
SUBJECTS = {"ours": (OPERATOR, "")}
RECONCILING = []  # without kube: its Controller on a modified stream of 10,000 pods never became ready here
MI = 1048576


def choose_reconciling():
    RECONCILING.extend(n for n in SUBJECTS if not n.startswith("rust"))


def say(text):
    print(text, file=sys.stderr, flush=True)


def find_rivals():
    for name, file, variants in (("go", "go", ("plain", "strip", "allow")),
                                 ("rust", "rust", ("strip", "allow", "stream"))):
        if (RIVALS / file).exists():
            for v in variants:
                SUBJECTS[f"{name}-{v}"] = ([str(RIVALS / file)], v)
        else:
            say(f"{name}: not built, its figures are '-'")


def pinned(core, argv):
    return ["taskset", "-c", str(core), *argv]


def rotated(run, names=None):
    names = list(names or SUBJECTS)
    return names[run % len(names):] + names[:run % len(names)]


def median(values):
    values = [v for v in values if v is not None]
    return statistics.median(values) if values else None


# --- results -----------------------------------------------------------------------------------------
class Results:
    def __init__(self):
        self.file = OUT / "runtime.json"
        self.rows = json.loads(self.file.read_text()) if self.file.exists() else []

    def add(self, figure, unit, ours, rivals, target="printed", met=None, note=None):
        row = {"figure": figure, "unit": unit, "ours": ours, "rivals": rivals, "target": target, "met": met}
        if note:
            row["note"] = note
        self.rows = [r for r in self.rows if r["figure"] != figure] + [row]
        self.file.write_text("[" + ",\n ".join(json.dumps(r) for r in self.rows) + "]\n")
        say(line(row))


def short(v):
    if v is None:
        return "-"
    if isinstance(v, str):
        return v
    return f"{v:,.0f}" if abs(v) >= 1000 else f"{v:.3g}" if abs(v) < 10 else f"{v:.1f}"


def ratio(row, name):
    value, ours = row["rivals"].get(name), row["ours"]
    if not value or not ours or isinstance(value, str):
        return short(value)
    return f"{short(value)} ({value / ours:.1f}×)"


def line(row):
    rivals = " ".join(f"{n}={ratio(row, n)}" for n in row["rivals"])
    met = {True: "met", False: "MISSED", None: ""}[row["met"]]
    return f"{row['figure']} [{row['unit']}]: ours {short(row['ours'])} · {rivals} · target {row['target']} {met}"


def per_subject(results, figure, unit, samples, target="printed", check=None, note=None):
    """samples: name -> list of values. check(ours, rivals) says whether the target is met."""
    values = {n: median(samples.get(n, [])) for n in SUBJECTS}
    ours = values.pop("ours")
    met = check(ours, {k: v for k, v in values.items() if v is not None}) if check and ours is not None else None
    results.add(figure, unit, ours, values, target, met, note)


def best(rivals, prefix=""):
    values = [v for n, v in rivals.items() if n.startswith(prefix)]
    return min(values) if values else float("inf")


# --- a subject ---------------------------------------------------------------------------------------
class Subject:
    def __init__(self, name, kubeconfig, mode, out=None, argv=None):
        base, variant = SUBJECTS[name]
        argv = argv or (base + ["--kubeconfig", kubeconfig] if name == "ours" else base)
        env = dict(os.environ, KUBECONFIG=kubeconfig, BENCH_MODE=mode, BENCH_VARIANT=variant)
        if out:
            env["BENCH_OUT"] = str(out)
        self.name, self.cpu_us = name, None
        self.proc = subprocess.Popen(pinned(SUBJECT_CORE, argv), env=env, stdout=subprocess.PIPE, text=True)
        self.pid = self.proc.pid

    def ready(self):
        words = (self.proc.stdout.readline() or "").split()
        if not words or words[0] != "ready":
            raise SystemExit(f"{self.name} did not become ready: {words}")
        self.cpu_us = int(words[1])
        return self

    def status(self):
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        found = dict(re.findall(r"^(Vm\w+|Rss\w+):\s+(\d+) kB$", text, re.M))
        rollup = pathlib.Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        found["Pss"] = re.search(r"^Pss:\s+(\d+)", rollup, re.M).group(1)
        return {k: int(v) * 1024 for k, v in found.items()}

    def fds(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def reset_peak(self):
        pathlib.Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def end(self):
        self.proc.send_signal(signal.SIGTERM)
        try:
            rest = self.proc.communicate(timeout=30)[0]
        except subprocess.TimeoutExpired:
            self.proc.kill()
            rest = self.proc.communicate()[0]
        return rest


def cgroup_memory(pid):
    """memory.current and memory.peak of a cgroup that holds this process alone, or None."""
    for path in re.findall(r"^0::(/.+)$", pathlib.Path(f"/proc/{pid}/cgroup").read_text(), re.M):
        folder = pathlib.Path("/sys/fs/cgroup" + path)
        if (folder / "cgroup.procs").exists() and (folder / "cgroup.procs").read_text().split() == [str(pid)]:
            return [int((folder / f).read_text()) for f in ("memory.current", "memory.peak")]
    return [None, None]


# --- servers -----------------------------------------------------------------------------------------
class Replay:
    def __init__(self, pods=PODS, *options):
        self.config = OUT / "replay.kubeconfig"
        self.config.unlink(missing_ok=True)
        argv = [str(BIN / "replay"), str(self.config), str(pods), *options]
        self.proc = subprocess.Popen(pinned(SERVER_CORE, argv))
        while not self.config.exists():
            time.sleep(0.05)
        self.url = re.search(r"https://[0-9.:]+", self.config.read_text()).group(0)
        self.tls = ssl.create_default_context(cafile=str(self.config) + ".ca")

    def ask(self, what):
        with urllib.request.urlopen(f"{self.url}/bench/{what}", context=self.tls) as r:
            return json.load(r)

    def idle(self):
        while self.ask("stats")["busy"]:
            time.sleep(0.1)

    def end(self):
        self.proc.terminate()
        self.proc.wait()


class Real:
    """One control plane for all sections that want it; started when the first does."""

    def __init__(self):
        self.config, self.pods, self.parents = None, 0, 0

    def kubeconfig(self):
        if self.config is None:
            state = str(OUT / "envtest")
            subprocess.run([ROOT / "hack/envtest", "down", state], check=False, stderr=subprocess.DEVNULL)
            up = pinned(SERVER_CORE, [str(ROOT / "hack/envtest"), "up", state])
            self.config = subprocess.run(up, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        return self.config

    def load(self, pods=0, parents=0):
        self.kubeconfig()
        began = time.monotonic()
        if pods > self.pods:
            self.gen("load", pods)
            self.pods = pods
        if parents > self.parents:
            self.gen("parents", parents)
            self.parents = parents
        say(f"real apiserver: {self.pods} pods, {self.parents} services; {time.monotonic() - began:.0f} s")

    def gen(self, command, *args):
        argv = pinned(SERVER_CORE, [str(BIN / "gen"), command, self.config, *map(str, args)])
        return subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout

    def end(self):
        if self.config is not None:
            subprocess.run([ROOT / "hack/envtest", "down", str(OUT / "envtest")], check=True)
            self.config = None


REAL = Real()


# --- sections ----------------------------------------------------------------------------------------
def idle_memory():
    """Figures of each subject idle on the empty control plane, all at once: name -> list of dicts."""
    if REAL.pods:
        raise SystemExit("idle comes before the pods are loaded")
    config, found = REAL.kubeconfig(), collections.defaultdict(list)
    for run in range(RUNS):
        subjects = [Subject(n, config, "cache").ready() for n in rotated(run)]
        time.sleep(float(os.environ.get("IDLE_S", 60)))
        for s in subjects:
            st = s.status()
            st["current"], st["peak"] = cgroup_memory(s.pid)
            found[s.name].append(st)
        for s in subjects:
            s.end()
    return found


def idle(results):
    found = idle_memory()
    (OUT / "idle.json").write_text(json.dumps({n: {k: median([d[k] for d in l]) for k in ("VmRSS", "RssAnon")}
                                               for n, l in found.items()}))

    for key, figure, limit in (("RssAnon", "idle RssAnon", 4), ("VmRSS", "idle VmRSS", 16), ("RssFile", "idle RssFile", 0),
                               ("Pss", "idle PSS", 0), ("current", "idle cgroup memory.current", 0),
                               ("peak", "idle cgroup memory.peak", 0)):
        values = {n: [d[key] / MI if d[key] is not None else None for d in l] for n, l in found.items()}
        target = f"<= {limit} MiB and <= 1/2 of Go's" if limit else "printed"
        check = (lambda o, r, lim=limit: o <= lim and o <= best(r, "go") / 2) if limit else None
        per_subject(results, figure, "MiB", values, target, check)
    together(results)


def together(results):
    """ΣPSS of our controllers, and of as many processes of each rival."""
    config = REAL.kubeconfig()
    names = ("resource-controller", "run-controller", "model-controller", "deployment-controller")
    ours = [str(ROOT / "build/release/bin" / n) for n in names]
    kubectl = [p for p in pathlib.Path.home().glob(".cache/dkube/kube/v*/kubectl")][-1]
    subprocess.run([kubectl, "--kubeconfig", config, "apply", "--server-side", "-f", ROOT / "manifests/crds.yaml"],
                   check=True, stdout=subprocess.DEVNULL)
    sums = {}
    for name in SUBJECTS:
        if name == "ours":
            group = [subprocess.Popen([b, "--kubeconfig", config, "--log-level=error"], stderr=subprocess.DEVNULL)
                     for b in ours]
        else:
            group = [Subject(name, config, "cache").ready().proc for _ in ours]
        time.sleep(8)
        pss = [int(re.search(r"^Pss:\s+(\d+)", pathlib.Path(f"/proc/{p.pid}/smaps_rollup").read_text(), re.M).group(1))
               for p in group]
        sums[name] = [sum(pss) / 1024]
        for p in group:
            p.terminate()
            p.wait()
    per_subject(results, f"idle PSS of {len(ours)} controllers together", "MiB", sums)


def idle_of(name, key):
    file = OUT / "idle.json"
    if not file.exists():
        raise SystemExit("run the section idle first")
    return json.loads(file.read_text())[name][key]


def sync(results):
    REAL.load(pods=PODS)
    cpu, bytes_each, peak, rss = (collections.defaultdict(list) for _ in range(4))
    for run in range(RUNS):
        for name in rotated(run):
            s = Subject(name, REAL.kubeconfig(), "cache").ready()
            time.sleep(5)
            st = s.status()
            s.end()
            base = idle_of(name, "VmRSS")
            cpu[name].append(s.cpu_us / 1e6)
            rss[name].append(st["VmRSS"] / MI)
            bytes_each[name].append((st["RssAnon"] - idle_of(name, "RssAnon")) / PODS)
            peak[name].append((st["VmHWM"] - base) / (st["VmRSS"] - base))
    per_subject(results, "RSS with 10,000 pods", "MiB", rss)
    per_subject(results, "bytes per cached pod", "B", bytes_each, "<= 1024 and <= 1/6 of the best rival's",
                lambda o, r: o <= 1024 and o <= best(r) / 6)
    per_subject(results, "peak over steady at cold start", "×", peak, "<= 1.15", lambda o, r: o <= 1.15)
    per_subject(results, "CPU to sync 10,000 pods", "s", cpu, "<= 1/4 of the best Go, <= 1/2 of the best Rust",
                lambda o, r: o <= best(r, "go") / 4 and o <= best(r, "rust") / 2)


def relist(results):
    peak, cpu = collections.defaultdict(list), collections.defaultdict(list)
    for run in range(RUNS):
        server = Replay()
        for name in rotated(run):
            s = Subject(name, str(server.config), "cache").ready()
            time.sleep(3)
            cpu[name].append(s.cpu_us / 1e6)
            steady = s.status()["VmRSS"]
            s.reset_peak()
            server.ask("rate?n=500&s=8")
            time.sleep(3)
            server.ask("gone")
            server.idle()
            time.sleep(3)
            peak_rss, base = s.status()["VmHWM"], idle_of(name, "VmRSS")
            s.end()
            peak[name].append((peak_rss - base) / (steady - base))
        server.end()
    per_subject(results, "peak over steady at a 410 during 500 events/s", "×", peak, "<= 1.15",
                lambda o, r: o <= 1.15, "replaying server")
    per_subject(results, "CPU to sync 10,000 pods, JSON for all", "s", cpu, "printed", None,
                "replaying server, which speaks no protobuf; against the real one controller-runtime takes it")


def quantiles(values):
    values = sorted(values)
    if not values:
        return None
    return [values[min(len(values) - 1, int(len(values) * q))] for q in (0.5, 0.99, 0.999)] + [values[-1]]


def add_quantiles(results, what, found, target, check, note):
    for i, q in enumerate(("p50", "p99", "p99.9", "max")):
        values = {n: [r[i] if r else None for r in l] for n, l in found.items()}
        per_subject(results, f"{what}, {q}", "ms", values, target if q == "p99" else "printed",
                    check if q == "p99" else None, note)


def latency(results):
    found, seconds = collections.defaultdict(list), int(os.environ.get("LATENCY_S", 15))
    out = OUT / "samples"
    for run in range(RUNS):
        server = Replay()
        for name in rotated(run, RECONCILING):
            s = Subject(name, str(server.config), "watch", out).ready()
            time.sleep(4)
            server.ask(f"rate?n=1000&s={seconds}")
            server.idle()
            time.sleep(1)
            s.end()
            rows = [list(map(int, l.split())) for l in out.read_text().splitlines()]
            if len(rows) < seconds * 990:
                say(f"{name}: {len(rows)} of {seconds * 1000} events reconciled")
            found[name].append(quantiles([(now - sent) / 1e6 for sent, _, now in rows]))
        server.end()
    add_quantiles(results, "event to reconcile at 1,000 events/s", found, "<= 5 and <= the best rival's",
                  lambda o, r: o <= 5 and o <= best(r), "replaying server; kube's Controller is not measured")


def writes(results):
    REAL.load(pods=PODS)
    found, out, acks = collections.defaultdict(list), OUT / "samples", OUT / "acks"
    for run in range(RUNS):
        for name in rotated(run, RECONCILING):
            s = Subject(name, REAL.kubeconfig(), "watch", out).ready()
            time.sleep(4)
            REAL.gen("writes", PODS, 200, 8, acks)
            time.sleep(1)
            s.end()
            seen = {int(rv): int(now) for _, rv, now in (l.split() for l in out.read_text().splitlines())}
            acked = [tuple(map(int, l.split())) for l in acks.read_text().splitlines()]
            found[name].append(quantiles([max(0, seen[rv] - at) / 1e6 for rv, at in acked if rv in seen]))
    add_quantiles(results, "write acknowledged to reconcile at 200 writes/s", found, "printed", None,
                  "real apiserver; 0 where the event came before the answer")


def noop(results):
    found = collections.defaultdict(list)
    server = Replay()
    for run in range(RUNS):
        for name in rotated(run):
            if name == "ours":
                text = subprocess.run(pinned(SUBJECT_CORE, [str(BIN / "noop")]), stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, text=True, check=True).stdout
            else:
                s = Subject(name, str(server.config), "noop").ready()
                text = s.proc.communicate(timeout=60)[0]
            found[name].append(float(re.search(r"^noop (\d+)", text, re.M).group(1)))
    server.end()
    per_subject(results, "no-op reconciles a second, one core", "/s", found, ">= 100,000", lambda o, r: o >= 100000)


def status(results):
    REAL.load(parents=PARENTS)
    ratios, rates, bare = [], [], []
    seconds, config = 6, REAL.kubeconfig()

    def generator():
        bare.append(float(REAL.gen("status", seconds, 16, PARENTS)))

    def ours():
        s = Subject("ours", config, "status").ready()
        time.sleep(seconds)
        rates.append(int(re.search(r"^plans (\d+)", s.end(), re.M).group(1)) / seconds)

    for pair in range(PAIRS):
        for step in (generator, ours) if pair % 2 else (ours, generator):
            step()
        ratios.append(rates[-1] / bare[-1])
    results.add("status writes, ratio to a bare generator", "×", median(ratios), {}, ">= 0.95", median(ratios) >= 0.95,
                f"16 at once; {median(rates):.0f}/s beside {median(bare):.0f}/s, {PAIRS} alternated pairs")


def size(results):
    stripped, mapped, packed = {}, {}, {}
    server = Replay(0)
    for name, (argv, variant) in SUBJECTS.items():
        copy = OUT / "stripped"
        shutil.copy(argv[0], copy)
        subprocess.run(["strip", str(copy)], check=True)
        s = Subject(name, str(server.config), "cache").ready()
        maps = pathlib.Path(f"/proc/{s.pid}/maps").read_text()
        s.end()
        files = {f for f in re.findall(r" (/\S+)$", maps, re.M) if pathlib.Path(f).exists() and f != argv[0]}
        elves = [f for f in files if pathlib.Path(f).read_bytes()[:4] == b"\x7fELF"] + [str(copy)]
        stripped[name] = [copy.stat().st_size / MI]
        mapped[name] = [sum(pathlib.Path(f).stat().st_size for f in elves) / MI]
        packed[name] = [sum(len(zlib.compress(pathlib.Path(f).read_bytes(), 9)) for f in elves) / MI]
    server.end()
    per_subject(results, "stripped binary", "MiB", stripped, "<= 1", lambda o, r: o <= 1)
    per_subject(results, "mapped ELF files", "MiB", mapped)
    per_subject(results, "the same, compressed (an image's layer)", "MiB", packed)


def slope(points):
    """What the second half's median adds to the first half's (the first fifth is warming up)."""
    points = points[len(points) // 5:]
    half = len(points) // 2
    return statistics.median(points[half:]) - statistics.median(points[:half])


def soak(results):
    full = os.environ.get("SOAK") == "full"
    pods, relists, cuts = (1000000, 100, 1000) if full else (50000, 20, 60)
    server = Replay(1000)
    s = Subject("ours", str(server.config), "watch").ready()
    anon, fds = [], []

    def look():
        time.sleep(0.4)
        anon.append(s.status()["RssAnon"] / 1024)
        fds.append(s.fds())

    def settle(watches):
        while server.ask("stats")["watches"] < watches:
            time.sleep(0.1)

    def part(count, one):
        anon.clear()
        fds.clear()
        for _ in range(count):
            one()
            look()
        return slope(anon), slope(fds)

    def churned():
        server.ask(f"churn?n={pods // 50}")
        server.idle()

    def relisted():
        server.ask("gone")
        time.sleep(0.3)
        settle(8)

    def reconnected():
        server.ask("cut")
        time.sleep(0.2)
        settle(8)

    time.sleep(2)
    for what, count, one in ((f"{pods:,} pods made and deleted", 50, churned), (f"{relists} relists", relists, relisted),
                             (f"{cuts} reconnects", cuts, reconnected)):
        grew, more = part(count, one)
        results.add(f"soak, growth over {what}", "KiB", grew, {}, "0", abs(grew) <= 64,
                    f"medians of the halves; descriptors {more:+.0f}; noise up to 64 KiB counts as 0")
    s.end()
    server.end()


SECTIONS = {f.__name__: f for f in (idle, sync, relist, latency, writes, noop, status, size, soak)}


# --- the page ----------------------------------------------------------------------------------------
def machine():
    cpu = re.search(r"^model name\s*: (.+)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    return f"{cpu.group(1) if cpu else os.uname().machine}, {len(CORES)} cores, Linux {os.uname().release}"


def version_of(file, pattern):
    m = re.search(pattern, (ROOT / file).read_text(), re.M)
    return m.group(1) if m else "?"


def page(rows):
    names = [n for n in ("go-plain", "go-strip", "go-allow", "rust-strip", "rust-allow", "rust-stream")]
    go = version_of("test/bench/rivals/go/go.mod", r"controller-runtime v(\S+)")
    kube = version_of("test/bench/rivals/rust/Cargo.lock", r'name = "kube"\nversion = "([^"]+)"')
    text = ["# Benchmarks", "", "Written by `make bench-runtime DOCS=1`; the figures are those of one machine: " + machine() + ".",
            f"Rivals: controller-runtime {go} (plain, TransformStripManagedFields, allow-list transform), kube {kube}",
            "(`modify` that strips managedFields, allow-list `modify`, that with streaming lists). A figure is the median",
            f"of {RUNS} run(s) in rotated order; in brackets the rival's share of ours. How each is taken: test/bench/runtime.py.", "",
            "| figure | unit | ours | " + " | ".join(names) + " | target | |", "|---" * (len(names) + 5) + "|"]
    notes = []
    for r in rows:
        mark = {True: "met", False: "**missed**", None: ""}[r["met"]]
        cells = [ratio(r, n) if n in r["rivals"] else "-" for n in names]
        text.append(f"| {r['figure']} | {r['unit']} | {short(r['ours'])} | " + " | ".join(cells) + f" | {r['target']} | {mark} |")
        if r.get("note"):
            notes.append(f"- {r['figure']}: {r['note']}.")
    scan = OUT / "scan.json"
    for r in json.loads(scan.read_text()) if scan.exists() else []:
        rivals = ", ".join(f"{n} {short(v)}" for n, v in r["rivals"].items())
        text.append(f"| {r['figure']} ({rivals}) | {r['unit']} | {short(r['ours'])} | " + "- | " * len(names) +
                    f"{r['target']} | {'met' if r['met'] else '**missed**'} |")
    why = ROOT / "test/bench/missed.md"
    if why.exists():
        notes += ["", *why.read_text().rstrip().splitlines()]
    (ROOT / "docs/reference/benchmarks.md").write_text("\n".join(text + ["", *notes]) + "\n")


def main():
    args = [a for a in sys.argv[1:] if not a.startswith("-")]
    if {"-h", "--help"} & set(sys.argv):
        print(__doc__)
        return
    OUT.mkdir(parents=True, exist_ok=True)
    find_rivals()
    choose_reconciling()
    results = Results()
    try:
        for name in args or SECTIONS:
            if name != "page":
                say(f"--- {name}")
                SECTIONS[name](results)
    finally:
        REAL.end()
    order = [r for r in results.rows]
    if "--docs" in sys.argv:
        page(order)
    for row in order:
        print(line(row))


if __name__ == "__main__":
    main()
