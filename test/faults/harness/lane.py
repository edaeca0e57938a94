"""A lane: its own etcd and API server, a podplayer, and for each plan a proxy and controllers."""
import concurrent.futures
import copy
import http.client
import itertools
import json
import os
import pathlib
import resource
import signal
import socket
import ssl
import subprocess
import threading
import time

from . import api as kube
from . import postgres, skew, twin
from .watcher import Watcher

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build/dev"))
PROGRAMS = ("resource-controller", "run-controller", "model-controller", "deployment-controller", "lineage")
CANARY = "canary-7f3a9c51d2"
SCALE = 20


def sh(script):
    return subprocess.run(["bash", "-c", f"set -euo pipefail; . {ROOT}/hack/lib/common.sh; {script}"], text=True,
                          check=True, stdout=subprocess.PIPE).stdout.strip()


ports = itertools.cycle(range(10000, 30000))


def free_port():
    """Each a long time after it was given last, and never one that the kernel gives to connections."""
    for port in ports:
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no port is free")


class Lane:
    def __init__(self, folder, binaries=None):
        self.dir = pathlib.Path(folder)
        self.dir.mkdir(parents=True, exist_ok=True)
        self.binaries = binaries or {}
        self.count = 0
        for _ in range(os.getpid() * 4099 % 20000):  # lanes begin far from each other
            next(ports)
        self.hands = concurrent.futures.ThreadPoolExecutor(4)
        self.player = self.postgres = self.twin = None
        self.newer_crds, self.older = False, {}
        up = subprocess.run([str(ROOT / "hack/envtest"), "up", str(self.dir / "env")], text=True, check=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        self.admin = up.strip().splitlines()[-1]
        self.kubectl_path = sh("kube_bin kubectl")
        try:
            self.api = kube.Api(self.admin)
            self.setup()
            self.watcher = Watcher(self.api)
        except BaseException:
            self.close()
            raise

    def kubectl(self, *args, stdin=None):
        return subprocess.run([self.kubectl_path, "--kubeconfig", self.admin, *args], input=stdin, text=True, check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout

    def setup(self):
        self.kubectl("apply", "-k", str(ROOT / "manifests/crds"))
        self.kubectl("wait", "--for=condition=Established", "--timeout=30s", "crd", "--all")
        for ns in ("dkube-system", "dkube-shared"):
            self.kubectl("create", "namespace", ns)
        self.kubectl("apply", "-f", "-", stdin=self.kubectl("kustomize", str(ROOT / "manifests/rbac")))
        (self.dir / "pids").mkdir(exist_ok=True)
        self.note_pids()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", self.dir / "proxy.key", "-out", self.dir / "proxy.crt", "-days", "2", "-subj",
                        "/CN=faultproxy", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        self.tokens = {p: self.token(p) for p in PROGRAMS}
        self.player = subprocess.Popen([str(BUILD / "test/faults/podplayer"), "--kubeconfig", self.admin, "--listen",
                                        "127.0.0.1:0", "--scale-timeouts=20"], stderr=(self.dir / "podplayer.log").open("w"))

    def token(self, program):
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 86400}}
        url = kube.path("ServiceAccount", "dkube-system", program, "token")
        return self.api.request("POST", url, body)["status"]["token"]

    def note_pids(self):
        for who in ("etcd", "kube-apiserver"):
            pid = (self.dir / "env/run" / f"{who}.pid").read_text().split()[0]
            (self.dir / "pids" / who).write_text(pid)

    def restart(self, who):
        """SIGKILL, and up again with the same data; "compacted": those of the present alone, so that no watch can go on."""
        if who == "kube-apiserver-2":
            self.twin.restart()
            return
        if who == "compacted":
            self.compact()
            who = "kube-apiserver"
        try:
            os.kill(int((self.dir / "pids" / who).read_text()), signal.SIGKILL)
        except ProcessLookupError:
            pass  # it did not come up the last time
        for _ in range(3):
            done = subprocess.run([str(ROOT / "hack/envtest"), "up", str(self.dir / "env")], check=False, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            if done.returncode == 0:
                break
            time.sleep(0.5)
        self.note_pids()

    def prepare(self, plan):
        """A second server, CRDs of a newer release, programs of an older one, as the plan wants them."""
        if plan.get("servers") == 2 and not self.twin:
            self.twin = twin.Twin(self, str(ROOT / "hack/envtest"))
        wanted = plan.get("crds") == "newer"
        if wanted != self.newer_crds:
            skew.install(self, self.kubectl("kustomize", str(ROOT / "manifests/crds")), wanted)
            self.newer_crds = wanted
        if "older" in plan and not self.older:
            self.older = skew.older_programs(PROGRAMS)

    def compact(self):
        """etcd forgets all revisions but the last."""
        pki = self.dir / "env/pki"
        tls = ssl.create_default_context(cafile=pki / "etcd-ca.crt")
        tls.load_cert_chain(pki / "etcd.crt", pki / "etcd.key")
        port = (self.dir / "env/ports").read_text().split()[0]

        def ask(path, body):
            c = http.client.HTTPSConnection("127.0.0.1", int(port), context=tls, timeout=10)
            try:
                c.request("POST", path, json.dumps(body))
                return json.loads(c.getresponse().read())
            finally:
                c.close()

        now = ask("/v3/kv/range", {"key": "YQ=="})["header"]["revision"]
        ask("/v3/kv/compaction", {"revision": now, "physical": True})

    def close(self):
        if hasattr(self, "watcher"):
            self.watcher.closed = True
        if self.player:
            self.player.terminate()
            self.player.wait()
        if self.postgres:
            self.postgres.close()
        if self.twin:
            self.twin.close()
        self.hands.shutdown()
        subprocess.run([str(ROOT / "hack/envtest"), "down", str(self.dir / "env")], check=False, capture_output=True)


class Program:
    """One controller under supervision: started again when it ends."""

    def __init__(self, stage, name, serial=0):
        self.stage, self.name, self.serial = stage, name, serial
        self.port = free_port()
        self.ends = []
        self.start()

    def start(self):
        lane, stage = self.stage.lane, self.stage
        env = {"PATH": os.environ["PATH"], "DKUBE_IMAGE": "dkube:test", "DKUBE_STORE_URL": "http://store.example"}
        env.update(stage.env.get(self.name, {}))
        clock = stage.plan.get("clock")
        if clock:
            env.update(LD_PRELOAD=str(BUILD / "test/faults/clock.so"), CLOCK_OFFSET_MS=str(clock["offset_ms"]),
                       CLOCK_AFTER_MS=str(clock.get("after_ms", 0)))
        binary = stage.binary(self.name, self.serial)
        args = [str(binary), "--kubeconfig", str(stage.kubeconfig(self.name)), "--listen", f"127.0.0.1:{self.port}",
                f"--scale-timeouts={stage.scale}", "--log-json", *stage.options(self.name, self.serial)]
        limit = stage.plan.get("limits", {})

        def prepare():
            if "nofile" in limit:
                resource.setrlimit(resource.RLIMIT_NOFILE, (limit["nofile"], limit["nofile"]))

        self.process = subprocess.Popen(args, env=env, stderr=stage.log(self.name), stdout=subprocess.DEVNULL,
                                        preexec_fn=prepare if limit else None)
        if self.serial == 0:
            (lane.dir / "pids" / self.name).write_text(str(self.process.pid))

    def supervise(self):
        code = self.process.poll()
        if code is not None:
            self.ends.append(code)
            self.start()

    def ready(self):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            c.request("GET", "/readyz")
            return c.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            c.close()

    def ask_to_stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(signal.SIGTERM)

    def stop(self):
        """The exit status of an orderly end; None when it had to be killed."""
        try:
            return self.process.wait(8)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None


class Stage:
    """One plan being played on a lane: the proxy, the controllers, a name that nothing else has."""

    def __init__(self, lane, plan, workload):
        lane.count += 1
        lane.prepare(plan)
        self.times, self.since = {}, time.monotonic()
        self.lane, self.plan, self.workload = lane, plan, workload
        self.scale = plan.get("scale", SCALE)
        self.name = f"f{os.getpid() % 100:02d}{lane.count:05d}"
        self.dir = lane.dir / "stage"
        self.dir.mkdir(exist_ok=True)
        for old in self.dir.iterdir():
            old.unlink()
        self.journal_file = self.dir / "journal"
        self.env, self.logs = {}, {}
        self.newer_on = []
        self.is_older = set(plan.get("older", []))  # serials of instances
        self.mark = lane.watcher.mark()
        self.proxy, self.pgproxy = self.start_proxy(), None
        if "lineage" in workload.programs:
            self.start_postgres()
        self.programs = []
        self.read_at, self.entries = 0, []
        self.spent("proxy")

    def start_proxy(self):
        plan = self.dir / "plan.json"
        plan.write_text(json.dumps(self.plan))
        servers = [self.lane.api.port, *([self.lane.twin.port] if self.plan.get("servers") == 2 else [])]
        proxy = subprocess.Popen([str(BUILD / "test/faults/faultproxy"), *(f"--upstream-port={p}" for p in servers),
                                  *(["--sticky"] if self.plan.get("sticky") else []), "--cert",
                                  str(self.lane.dir / "proxy.crt"), "--key", str(self.lane.dir / "proxy.key"), "--pids",
                                  str(self.lane.dir / "pids"), "--plan", str(plan), "--journal", str(self.journal_file)],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = proxy.stdout.readline().strip()
        if not self.port:
            raise RuntimeError("the proxy does not take this plan")
        threading.Thread(target=self.serve_actors, args=(proxy,), daemon=True).start()
        return proxy

    def start_postgres(self):
        """A database of this plan's own behind a proxy of its own."""
        lane = self.lane
        lane.postgres = lane.postgres or postgres.Postgres(lane.dir)
        lane.postgres.sql("postgres", f"CREATE DATABASE {self.name}")
        self.pgproxy = subprocess.Popen([str(BUILD / "test/faults/pgproxy"), "--socket", lane.postgres.socket(), "--pids",
                                         str(lane.dir / "pids"), "--plan", str(self.dir / "plan.json"), "--journal",
                                         str(self.journal_file)], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        port = self.pgproxy.stdout.readline().strip()
        self.env["lineage"] = {"DKUBE_DATABASE_URL": f"postgresql://dkube@127.0.0.1:{port}/{self.name}?sslmode=disable"
                                                     "&gssencmode=disable"}

    def serve_actors(self, proxy):
        for line in proxy.stdout:
            index = int(line.split()[1])
            try:
                actor = self.plan["faults"][index]["actor"]
                if "restart" in actor:
                    self.lane.restart(actor["restart"])
                elif "lag" in actor:
                    self.lane.twin.relay.lag(actor["lag"] / 1000)
                elif "newer" in actor:
                    self.write_newer(actor["newer"])
                elif "older" in actor:
                    self.change_version(actor["older"])
                elif "nofile" in actor:
                    self.take_descriptors(actor["nofile"], actor["ms"] / 1000)
                else:
                    self.workload.act(self, actor)
            except kube.Refused as e:
                self.logs.setdefault("actors", []).append(str(e))
            try:
                proxy.stdin.write("done\n")
                proxy.stdin.flush()
            except OSError:
                return

    def binary(self, name, serial):
        if serial in self.is_older:
            return self.lane.older[name]
        return self.lane.binaries.get(name, BUILD / "bin" / name)

    def write_newer(self, refs):
        for ref in refs:
            kind, name = self.text(ref).split("/")
            skew.write(self.lane.api, kind, self.name, name)
            self.newer_on.append((kind, self.name if kube.NAMESPACED[kind] else "", name))

    def change_version(self, older):
        """All instances end in order, and start again as the other version."""
        self.is_older = {p.serial for p in self.programs} if older else set()
        for p in self.programs:
            p.ask_to_stop()

    def take_descriptors(self, program, seconds):
        """The program can open nothing more for a while."""
        pids = [p.process.pid for p in self.programs if p.name == program]

        def limit(soft):
            for pid in pids:
                try:
                    resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
                except ProcessLookupError:
                    pass

        limit(3)
        threading.Timer(seconds, limit, (1024,)).start()

    def kubeconfig(self, program):
        file = self.dir / f"{program}.kubeconfig"
        file.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [{"name": "c", "cluster": {"server": f"https://127.0.0.1:{self.port}",
                                                   "certificate-authority": str(self.lane.dir / "proxy.crt")}}],
            "users": [{"name": "c", "user": {"token": self.lane.tokens[program]}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}]}))
        return file

    def options(self, program, serial):
        more = ["--leader-elect", "--lease-namespace=dkube-system"] if self.plan.get("lease") else []
        # Only events in JSON can be struck one by one, and told in a recording.
        strikes = self.plan["faults"] or [{"verb": "watch"}]
        if any(fault["verb"] == "watch" for fault in strikes) and (
                serial not in self.is_older or skew.knows(self.binary(program, serial), "--wire")):
            more.append("--wire=json")
        return [f"--dump-cache={self.dump_file(program, serial)}", *more]

    def dump_file(self, program, serial):
        return self.dir / f"{program}-{serial}.cache"

    def log(self, program):
        return (self.dir / f"{program}.log").open("a")

    def start(self):
        for serial in range(self.plan.get("instances", 1)):
            self.programs += [Program(self, name, serial) for name in self.workload.programs]
            if serial == 0 and self.plan.get("lease"):
                self.until_ready(1)  # so it is the first that leads
        self.until_ready(3 if not self.plan.get("lease") else 1)

    def until_ready(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end and not all(p.ready() for p in self.programs):
            self.supervise()
            time.sleep(0.01)

    def supervise(self):
        for p in self.programs:
            p.supervise()

    def spent(self, part):
        """The seconds since the last call went into this part."""
        now = time.monotonic()
        self.times[part], self.since = round(self.times.get(part, 0) + now - self.since, 3), now

    def journal(self):
        """Entries so far; what was read once is kept."""
        if self.journal_file.exists():
            with self.journal_file.open(encoding="utf-8", errors="replace") as f:
                f.seek(self.read_at)
                for line in f:
                    if not line.endswith("\n"):
                        break
                    self.read_at += len(line.encode())
                    self.entries.append(json.loads(line))
        return self.entries

    def fired(self):
        return [e for e in self.journal() if e["what"] == "fired"]

    def heal(self):
        """Every watch is told that its revision is too old."""
        self.proxy.send_signal(signal.SIGUSR1)

    def last_move(self):
        """When an object was changed last, and when a write was tried or a fault struck last: two clocks, in seconds."""
        calls = (e["ms"] for e in reversed(self.journal()) if e["what"] == "fired" or e["what"] == "call" and
                 e["verb"] not in ("get", "list", "sql") and e["kind"] not in ("leases", "events"))
        return self.lane.watcher.last, next(calls, 0) / 1000

    def quiet_for(self):
        """Seconds without a change of any object, and without a write that was tried."""
        changed, called = self.last_move()
        return min(time.monotonic() - changed, time.clock_gettime(time.CLOCK_BOOTTIME) - called)

    def stop(self):
        codes = {}
        for p in self.programs:
            p.ask_to_stop()
        for p in self.programs:
            codes[p.name + (f"-{p.serial}" if p.serial else "")] = p.stop()
            (self.lane.dir / "pids" / p.name).write_text("0")
        self.journal()
        self.proxy.kill()
        self.proxy.wait()
        if self.pgproxy:
            self.pgproxy.kill()
            self.pgproxy.wait()
        return codes

    def text(self, s):
        return s.replace("$T", self.name).replace("$CANARY", CANARY)

    def clean(self):
        """What carries this plan's name goes, whatever its finalizers say."""
        if self.pgproxy:
            self.lane.postgres.sql("postgres", f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
        api = self.lane.api
        for _ in range(3):
            mine = [k for k in self.lane.watcher.objects() if self.is_mine(k) and k[0] != "Event"]
            for last in (False, True):
                list(self.lane.hands.map(lambda k: self.remove(api, *k), [k for k in mine if (k[0] == "Namespace") == last]))
            if self.lane.watcher.until(lambda: not any(self.is_mine(k) for k in self.lane.watcher.model
                                                       if k[0] not in ("Namespace", "Event")), 1):
                break

    def collect_garbage(self):
        """As the garbage collector would, which no lane has: pods that were made for an owner which had just gone."""
        objects = self.lane.watcher.objects()
        uids = {o["metadata"]["uid"] for o in objects.values()}
        for (kind, ns, name), o in objects.items():
            owner = next((r["uid"] for r in o["metadata"].get("ownerReferences", []) if r.get("controller")), None)
            if kind == "Pod" and owner and owner not in uids and self.is_mine((kind, ns, name)):
                self.remove(self.lane.api, kind, ns, name)

    def is_mine(self, key):
        kind, ns, name = key
        return self.name in name or self.name in ns or (kind in self.workload.sweeps and not ns) or \
            ns == "dkube-default"

    def remove(self, api, kind, ns, name):
        try:
            o = self.lane.watcher.model.get((kind, ns, name), {})
            if o.get("metadata", {}).get("finalizers"):
                api.patch(kind, ns, name, {"metadata": {"finalizers": None}})
            api.delete(kind, ns, name, 0 if kind == "Pod" else None)
            if kind == "Namespace":
                o = copy.deepcopy(o)
                o["spec"] = {"finalizers": []}
                o["apiVersion"] = "v1"
                o["metadata"].pop("resourceVersion", None)
                api.request("PUT", kube.path(kind, "", name, "finalize"), o)
        except (kube.Refused, OSError, http.client.HTTPException):
            pass
