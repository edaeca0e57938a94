#!/usr/bin/env python3
"""Descriptors or disks run out: programs say so, go on with what they can, and recover when there is room again."""
import hashlib
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build/dev"))
OWN_MOUNTS = "DKUBE_OWN_MOUNTS"
ENDS = {2: "cannot start", 70: "cannot go on"}  # exit codes and words of their one line
LIMIT = 128
LACKING = "Too many open files"
CONTROLLERS = 3 # of resource-controller
NO_LIBRARIES = 127                              # the dynamic loader's own
QUIET_MS = 500                                  # of the processor in 2 s of waiting
GROUP = "apiVersion: dkube.io/v1alpha1\nkind: Group\nmetadata: {name: %s}\nspec: {users: []}\n"


class Tap:
    count = failed = 0

    def ok(self, ok, name, detail=""):
        self.count += 1
        self.failed += not ok
        print(f"{'ok' if ok else 'not ok'} {self.count} - {name}", flush=True)
        if not ok:
            print("\n".join("# " + r for r in str(detail).splitlines()[-30:]), flush=True)

    def skip(self, name, why):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {why}", flush=True)


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        got = condition()
        if got:
            return got
        time.sleep(0.1)
    return None


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ask(url, method="GET", body=None, token=None, timeout=10):
    """Status and body; 0 when there is no answer."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=timeout) as r:
            return r.status, r.read()
    except urllib.error.HTTPError as e:
        return e.code, e.read()
    except OSError:
        return 0, b""


class Program:
    def __init__(self, folder, name, *args, nofile=1024, free=None):
        """free: so many descriptors of LIMIT are free when it starts, all others are inherited."""
        self.port = free_port()
        self.log_path = folder / f"{name}.{self.port}.log"
        program = [str(BUILD / "bin" / name), "--listen", f"127.0.0.1:{self.port}", *args]
        with self.log_path.open("w") as log:
            held = [os.open("/dev/null", os.O_RDONLY) for _ in range(LIMIT - 3 - free)] if free is not None else []
            nofile = nofile if free is None else LIMIT
            self.process = subprocess.Popen(["prlimit", f"--nofile={nofile}:4096", *program], stderr=log, pass_fds=held,
                                            env=dict(os.environ, DKUBE_IMAGE="dkube:test"))
            for fd in held:
                os.close(fd)
        self.pid = self.process.pid

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def log(self):
        return self.log_path.read_text()

    def is_ready(self):
        return ask(self.url("/readyz"), timeout=2)[0] == 200

    def has_begun(self):
        """All its controllers, by the log: who lacks descriptors cannot be asked."""
        return self.log().count('msg="controller is ready"') == CONTROLLERS

    def descriptors(self):
        return sorted(int(n) for n in os.listdir(f"/proc/{self.pid}/fd"))

    def limit_descriptors(self, n):
        resource.prlimit(self.pid, resource.RLIMIT_NOFILE, (n, 4096))

    def cpu_ms(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1000 // os.sysconf("SC_CLK_TCK")

    def idle_ms(self, seconds=2):
        """Processor time used while it waits, with a caller that it cannot take."""
        with socket.socket() as s:
            s.connect(("127.0.0.1", self.port))
            s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            before = self.cpu_ms()
            time.sleep(seconds)
            return self.cpu_ms() - before

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


class Bench:
    def __init__(self, folder):
        self.dir = pathlib.Path(folder)
        self.programs = []
        self.kubectl_path = subprocess.run(["bash", "-c", f". {ROOT}/hack/lib/common.sh; kube_bin kubectl"], text=True,
                                           check=True, stdout=subprocess.PIPE).stdout.strip()
        self.kubectl("apply", "-k", str(ROOT / "manifests/crds"))
        self.kubectl("wait", "--for=condition=Established", "--timeout=60s", "crd", "--all")

    def kubectl(self, *args, stdin=None, check=True):
        return subprocess.run([self.kubectl_path, *args], input=stdin, text=True, check=check, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE).stdout

    def start(self, name, *args, **more):
        self.programs.append(Program(self.dir, name, *args, **more))
        return self.programs[-1]

    def controller(self, *args, **more):
        return self.start("resource-controller", "--scale-timeouts=10", *args, **more)

    def group(self, name):
        self.kubectl("apply", "-f", "-", stdin=GROUP % name)

    def is_reconciled(self, name):
        return self.kubectl("get", "group", name, "-o", "jsonpath={.status.namespace}", check=False) == name

    def close(self):
        for p in self.programs:
            p.end()


# --- descriptors ---------------------------------------------------------------------------------


def ended_in_order(p):
    """One line of its own and a documented code; or the loader did not find room for the libraries."""
    code, log = p.process.returncode, p.log()
    if code == NO_LIBRARIES:
        return LACKING in log or "cannot open shared object" in log
    return code in ENDS and len(re.findall("level=error", log)) == 1 and ENDS[code] in log


def test_starts_with_few(bench, tap):
    """Every number from the one with which nothing starts to the one that is enough."""
    tight = bench.controller(nofile=64)
    tap.ok(tight.process.wait(30) == 2 and "the limit of open files is 64" in tight.log(),
           "with a limit too low to serve its callers it does not start", tight.log())
    started = {n: bench.controller(free=n) for n in range(0, 30)}
    undecided = dict(started)

    def decided():
        for n, p in list(undecided.items()):
            log = p.log()
            if p.process.poll() is not None or (LACKING in log and "msg=started" in log) or p.has_begun():
                undecided.pop(n)
        return not undecided

    until(decided)
    ended = {n: p for n, p in started.items() if p.process.poll() is not None}
    alive = {n: p for n, p in started.items() if n not in ended}
    bad = {n: (p.process.returncode, p.log()) for n, p in ended.items() if not ended_in_order(p)}
    tap.ok(ended and not bad, "with too few descriptors to start it ends with one line and its code", bad)
    starved = {n: p for n, p in alive.items() if LACKING in p.log()}
    tap.ok(starved and started[29] not in starved.values(), "some start and lack descriptors later", (list(ended), list(alive)))
    tap.ok(not undecided, "who lacks descriptors says so", {n: p.log() for n, p in undecided.items()})
    busy = {n: ms for n, p in starved.items() if (ms := p.idle_ms(1)) > QUIET_MS / 2}
    tap.ok(not busy, "who lacks descriptors does not spin", busy)
    loud = {n: len(p.log().splitlines()) for n, p in starved.items() if len(p.log().splitlines()) > 60}
    tap.ok(not loud, "who lacks descriptors does not flood its log", loud)
    for p in starved.values():
        p.limit_descriptors(1024)
    mute = {n: p.log() for n, p in starved.items() if not until(p.is_ready)}
    tap.ok(not mute, "with descriptors again everyone answers", mute)
    late = {n: p.log() for n, p in starved.items() if not until(p.has_begun)}
    tap.ok(not late, "with descriptors again everyone begins", late)
    codes = {n: (code, p.log()) for n, p in alive.items() if (code := p.end()) != 0}
    tap.ok(not codes, "and ends in order", codes)


def test_loses_them(bench, tap):
    p = bench.controller()
    bench.group("first")
    until(lambda: p.is_ready() and bench.is_reconciled("first"))
    before = p.descriptors()
    p.limit_descriptors(before[-1] + 1)
    waste = [n for n in range(before[-1] + 1) if n not in before]
    ms = p.idle_ms()
    tap.ok(ms < QUIET_MS, "a controller without free descriptors and with a caller waiting does not spin", (ms, waste))
    bench.group("starved")
    made = until(lambda: bench.is_reconciled("starved"), 20)
    tap.ok(made, "it goes on working with the connections that it has", p.log())
    p.limit_descriptors(1024)
    tap.ok(until(p.is_ready), "with descriptors again it answers its callers", p.log())
    bench.group("fed")
    tap.ok(until(lambda: bench.is_reconciled("fed")), "and goes on", p.log())
    after = until(lambda: len(p.descriptors()) <= len(before) + 1, 60)
    tap.ok(after, "no descriptor is lost", (before, p.descriptors()))
    tap.ok(p.end() == 0, "and it ends in order", p.log())


# --- the store -----------------------------------------------------------------------------------


class Data:
    """What one namespace may put: its token, blobs and a tree of one file."""

    def __init__(self, bench, store):
        self.store = store
        bench.kubectl("create", "namespace", "data", check=False)
        bench.kubectl("create", "serviceaccount", "dkube-run", "-n", "data", check=False)
        self.token = bench.kubectl("-n", "data", "create", "token", "dkube-run", "--audience", "dkube-store").strip()

    def put(self, what, content):
        digest = hashlib.sha256(content).hexdigest()
        return ask(self.store.url(f"/v1/data/{what}/{digest}"), "PUT", content, self.token)[0], digest

    def get(self, path, method="GET"):
        return ask(self.store.url(f"/v1/data/{path}"), method, None, self.token)

    def put_tree(self, content):
        status, blob = self.put("blobs", content)
        manifest = f"100644 {len(content)} {blob} file\n".encode()
        return (status, *self.put("trees", manifest), blob)


def start_store(bench, root):
    store = bench.start("store", "--root", str(root))
    until(lambda: ask(store.url("/healthz"))[0] == 200)
    return store, Data(bench, store)


def test_store_without_descriptors(bench, tap):
    root = bench.dir / "roomy"
    root.mkdir()
    store, data = start_store(bench, root)
    first = data.put_tree(b"first")
    second = data.put_tree(b"second")
    path, other = f"trees/{first[2]}/blobs/{first[3]}", f"trees/{second[2]}/blobs/{second[3]}"
    tap.ok(first[:2] == (201, 201) and data.get(path) == (200, b"first"), "the store keeps a tree", (first, store.log()))
    highest = store.descriptors()[-1]
    held = [socket.create_connection(("127.0.0.1", store.port)) for _ in range(40)]
    time.sleep(0.5)
    store.limit_descriptors(highest + 1)
    for s in held:
        s.close()
    time.sleep(0.5)
    free = [n for n in range(highest + 1) if n not in store.descriptors()]
    store.limit_descriptors(free[0] + 1 if free else highest + 1)
    ms = store.idle_ms()
    tap.ok(ms < QUIET_MS, "a store without descriptors and with a caller waiting does not spin", ms)
    answers = [data.get(p)[0] for p in (path, other, f"trees/{first[2]}")] + [data.put("blobs", b"third")[0]]
    tap.ok(all(a in (0, 500, 503) for a in answers), "what it cannot open now it never calls absent", answers)
    store.limit_descriptors(1024)
    tap.ok(until(lambda: data.get(other) == (200, b"second")), "with descriptors again it reads", store.log())
    tap.ok(data.put("blobs", b"third")[0] in (200, 201), "and writes", store.log())
    tap.ok(not list((root / "tmp").iterdir()), "nothing half-written is left", list((root / "tmp").iterdir()))
    tap.ok(store.end() == 0, "and it ends in order", store.log())


def mount(bench, name, options):
    folder = bench.dir / name
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
    return folder


def fill(folder):
    with (folder / "filler").open("wb", buffering=0) as f:
        try:
            while f.write(b"x" * 4096) > 0:
                continue
        except OSError:
            pass


def has_all_or_nothing(root, digest):
    """A blob's file, if it is there, has its bytes."""
    file = root / "blobs" / digest[:2] / digest
    return not file.exists() or hashlib.sha256(file.read_bytes()).hexdigest() == digest


def test_store_on_a_full_disk(bench, tap):
    root = mount(bench, "small", "size=1m")
    store, data = start_store(bench, root)
    kept = data.put_tree(b"kept")
    status, big = data.put("blobs", b"b" * (2 << 20))
    tap.ok(status == 507, "a blob that does not fit is refused with 507", (status, store.log()))
    tap.ok(data.get(f"blobs/{big}", "HEAD")[0] == 404 and not list((root / "tmp").iterdir()),
           "and leaves nothing half-written", list(root.rglob("*")))
    fill(root)
    small, tree = data.put("blobs", b"s" * 9000), data.put("trees", b"")
    tap.ok(small[0] == 507 and tree[0] in (201, 507), "a full disk refuses a small one too", (small, tree))
    tap.ok(has_all_or_nothing(root, small[1]) and not list((root / "tmp").iterdir()), "with nothing left",
           list(root.rglob("*")))
    tap.ok(data.get(f"trees/{kept[2]}/blobs/{kept[3]}") == (200, b"kept"), "reads go on", store.log())
    (root / "filler").unlink()
    again = data.put("blobs", b"s" * 9000)
    tap.ok(again[0] == 201 and data.get(f"blobs/{again[1]}", "HEAD")[0] == 200, "once there is room it is kept", again)
    tap.ok(store.end() == 0, "and the store ends in order", store.log())


def test_store_without_inodes(bench, tap):
    root = mount(bench, "few", "size=4m,nr_inodes=40")
    store, data = start_store(bench, root)
    kept, refused = data.put_tree(b"kept"), []
    for i in range(30):
        status, digest = data.put("blobs", b"%d" % i)
        if status != 201:
            refused.append((status, digest))
    tap.ok(refused and all(s == 507 for s, _ in refused), "without room for another file it says 507", refused[:3])
    tap.ok(all(has_all_or_nothing(root, d) and data.get(f"blobs/{d}", "HEAD")[0] == 404 for _, d in refused) and
           not list((root / "tmp").iterdir()), "and has none of what it refused", list((root / "tmp").iterdir()))
    tap.ok(data.get(f"trees/{kept[2]}/blobs/{kept[3]}") == (200, b"kept"), "reads go on", store.log())
    subprocess.run(["mount", "-o", "remount,nr_inodes=400", str(root)], check=True)
    late = [(data.put("blobs", b"%d" % i)[0]) for i in range(30)]
    tap.ok(all(s in (200, 201) for s in late), "once there is room all are kept", late)
    tap.ok(store.end() == 0, "and the store ends in order", store.log())


# --- recordings and dumps --------------------------------------------------------------------------


def test_recorder_on_a_full_disk(bench, tap):
    disk = mount(bench, "journal", "size=64k")
    p = bench.controller("--record", str(disk / "j"), "--record-bytes=10000000")
    until(p.is_ready)
    lines = until(lambda: [bench.group(f"filler-{time.monotonic_ns() % 1000000}")] and
                  re.findall(".*the recording has ended.*", p.log()), 90)
    tap.ok(lines and "disk is full" in lines[0], "a recording whose disk is full ends and says why", p.log())
    bench.group("unrecorded")
    tap.ok(until(lambda: bench.is_reconciled("unrecorded")), "the controller goes on", p.log())
    tap.ok(p.log().count("the recording has ended") == 1, "it says so once", p.log())
    tap.ok(p.end() == 0, "it ends in order", p.log())
    text = (disk / "j").read_bytes()
    tap.ok(text.endswith(b"}\n"), "the last line of the file is whole", text[-200:])
    replay = subprocess.run([str(BUILD / "bin/resource-controller"), "--replay", str(disk / "j")], text=True, check=False,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    tap.ok(replay.returncode == 0 and " 0 changed" in replay.stdout, "what was recorded replays", replay.stdout)


def test_dump_on_a_full_disk(bench, tap):
    disk = mount(bench, "dump", "size=16k")
    p = bench.controller("--dump-cache", str(disk / "d"))
    until(p.is_ready)
    fill(disk)
    p.process.send_signal(signal.SIGUSR1)
    said = until(lambda: "the cached objects can not be written" in p.log(), 20)
    tap.ok(said, "a dump that finds no room says so", p.log())
    tap.ok([f.name for f in disk.iterdir()] == ["filler"], "and leaves nothing", list(disk.iterdir()))
    subprocess.run(["mount", "-o", "remount,size=4m", str(disk)], check=True)
    p.process.send_signal(signal.SIGUSR1)
    tap.ok(until(lambda: (disk / "d").exists(), 20), "with room it is written", p.log())
    tap.ok(p.end() == 0, "and the controller ends in order", p.log())


DISKS = (test_store_on_a_full_disk, test_store_without_inodes, test_recorder_on_a_full_disk, test_dump_on_a_full_disk)


def main():
    can_mount = os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0
    if can_mount and OWN_MOUNTS not in os.environ:  # small disks, that nobody else sees
        os.environ[OWN_MOUNTS] = "1"
        os.execvp("unshare", ["unshare", "-m", "--propagation", "private", sys.executable, __file__, *sys.argv[1:]])
    tap = Tap()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        bench = Bench(folder)
        try:
            for test in (test_starts_with_few, test_loses_them, test_store_without_descriptors):
                test(bench, tap)
            for test in DISKS:
                if can_mount:
                    test(bench, tap)
                else:
                    tap.skip(test.__name__, "mounting a small disk needs root")
        finally:
            bench.close()
            for mounted in bench.dir.iterdir():
                if mounted.is_mount():
                    subprocess.run(["umount", str(mounted)], check=False)
    print(f"1..{tap.count}")
    return tap.failed > 0


sys.exit(main())
