"""subjects: the programs that are measured, and the servers they are measured against."""
import hashlib
import json
import os
import pathlib
import re
import signal
import ssl
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OUT = ROOT / "build/bench"
RIVALS = OUT / "rivals"
BIN = ROOT / "build/release/test/bench"
PODS, PARENTS = 10000, 1250
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, SUBJECT_CORE = CORES[0], CORES[-1]
FLOOR = "floor"  # a bare reader in C, in the latency part alone
SUBJECTS = {"ours": ([str(BIN / "operator"), "--log-level=warn"], "")}


def say(text):
    print(text, file=sys.stderr, flush=True)


def find_rivals():
    for name, variants in (("go", ("plain", "strip", "allow")), ("rust", ("strip", "allow", "stream"))):
        if (RIVALS / name).exists():
            for v in variants:
                SUBJECTS[f"{name}-{v}"] = ([str(RIVALS / name)], v)
        else:
            say(f"{name}: not built, its figures are '-'")


def argv_of(name):
    return [str(BIN / "floor")] if name == FLOOR else SUBJECTS[name][0]


def fingerprint(name):
    """Of the program itself: what was taken of another build is taken again."""
    file = argv_of(name)[0] if name in SUBJECTS or name == FLOOR else str(BIN / "operator")
    return hashlib.sha256(pathlib.Path(file).read_bytes()).hexdigest()[:12]


def pinned(core, argv):
    return ["taskset", "-c", str(core), *argv]


class Group:
    """A memory cgroup for one process, made below our own; `why` says why there is none."""

    def __init__(self, name):
        own = pathlib.Path("/proc/self/cgroup").read_text()
        v1, v2 = re.search(r"^\d+:memory:(/.*)$", own, re.M), re.search(r"^0::(/.*)$", own, re.M)
        self.folder, self.why = None, ""
        if v1:
            base, self.files = "/sys/fs/cgroup/memory" + v1[1], ("memory.usage_in_bytes", "memory.max_usage_in_bytes")
        elif v2:
            base, self.files = "/sys/fs/cgroup" + v2[1], ("memory.current", "memory.peak")
        else:
            self.why = "no memory cgroup"
            return
        folder = pathlib.Path(base) / f"dkube-bench-{os.getpid()}-{name}"
        try:
            folder.mkdir()
            self.folder = folder
            (folder / self.files[0]).read_text()
        except OSError as e:
            self.why = f"no cgroup of its own: {e.strerror}"
            self.end()

    def enter(self):
        """Before exec: all that the program touches is then counted."""
        if self.folder:
            (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    def read(self):
        return [int((self.folder / f).read_text()) for f in self.files] if self.folder else [None, None]

    def end(self):
        for _ in range(50):
            try:
                if self.folder:
                    self.folder.rmdir()
                self.folder = None
                return
            except OSError:
                time.sleep(0.1)
        say(f"{self.folder} could not be removed")


class Subject:
    def __init__(self, name, kubeconfig, mode, out=None, options=(), env=None, group=None):
        base, variant = (argv_of(name), "") if name == FLOOR else SUBJECTS[name]
        argv = base + ["--kubeconfig", str(kubeconfig), *options] if name == "ours" else base
        env = dict(os.environ, KUBECONFIG=str(kubeconfig), BENCH_MODE=mode, BENCH_VARIANT=variant, **(env or {}))
        if out:
            env["BENCH_OUT"] = str(out)
        self.name, self.cpu_us, self.group = name, None, group
        self.proc = subprocess.Popen(pinned(SUBJECT_CORE, argv), env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     text=True, preexec_fn=group.enter if group else None)
        self.pid = self.proc.pid

    def ready(self):
        words = (self.proc.stdout.readline() or "").split()
        if not words or words[0] != "ready":
            raise SystemExit(f"{self.name} did not become ready: {words}")
        self.cpu_us = int(words[1])
        return self

    def held(self):
        """Bytes that malloc() has given out; in mode soak."""
        self.proc.stdin.write("\n")
        self.proc.stdin.flush()
        return int(self.proc.stdout.readline().split()[1])

    def status(self):
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        found = dict(re.findall(r"^(Vm\w+|Rss\w+):\s+(\d+) kB$", text, re.M))
        found["Pss"] = pss(self.pid)
        return {k: int(v) * 1024 for k, v in found.items()}

    def waited_ms(self):
        """How long its threads were ready to run while others had the core."""
        tasks = pathlib.Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(t.read_text().split()[1]) for t in tasks) / 1e6

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
        if self.group:
            self.group.end()
        return rest


def pss(pid):
    return int(re.search(r"^Pss:\s+(\d+)", pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1])


class Replay:
    def __init__(self, pods=PODS, *options):
        self.config = OUT / f"replay-{os.getpid()}.kubeconfig"
        self.config.unlink(missing_ok=True)
        argv = [str(BIN / "replay"), str(self.config), str(pods), *options]
        self.proc = subprocess.Popen(pinned(SERVER_CORE, argv))
        while not self.config.exists():
            if self.proc.poll() is not None:
                raise SystemExit("the replaying server did not start")
            time.sleep(0.05)
        self.url = re.search(r"https://[0-9.:]+", self.config.read_text())[0]
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
        for file in (self.config, pathlib.Path(str(self.config) + ".ca")):
            file.unlink(missing_ok=True)


class Real:
    """A control plane that stands still while others are measured; started when first wanted."""

    def __init__(self, name):
        self.state, self.config, self.pods, self.parents = OUT / name, None, 0, 0

    def pids(self):
        return [int(f.read_text().split()[0]) for f in sorted((self.state / "run").glob("*.pid"))]

    def signal(self, signo):
        for pid in self.pids() if self.config else []:
            os.kill(pid, signo)

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def kubeconfig(self):
        if self.config is None:
            envtest = str(ROOT / "hack/envtest")
            subprocess.run([envtest, "down", self.state], check=False, stderr=subprocess.DEVNULL)
            up = pinned(SERVER_CORE, [envtest, "up", str(self.state)])
            self.config = subprocess.run(up, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        self.signal(signal.SIGCONT)
        return self.config

    def load(self, pods=0, parents=0):
        config = self.kubeconfig()
        began = time.monotonic()
        if pods > self.pods:
            self.gen("load", config, pods)
            self.pods = pods
        if parents > self.parents:
            self.gen("parents", config, parents)
            self.parents = parents
        if time.monotonic() - began > 1:
            say(f"real apiserver: {self.pods} pods, {self.parents} services; {time.monotonic() - began:.0f} s")
        return config

    @staticmethod
    def gen(command, config, *args, core=SERVER_CORE):
        argv = pinned(core, [str(BIN / "gen"), command, config, *map(str, args)])
        return subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout

    def end(self):
        if self.config is not None:
            self.signal(signal.SIGCONT)
            subprocess.run([ROOT / "hack/envtest", "down", self.state], check=True)
            self.config, self.pods, self.parents = None, 0, 0


EMPTY, FULL = Real("envtest-empty"), Real("envtest")
