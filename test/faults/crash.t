#!/usr/bin/env python3
"""The run-controller is ended at every write of a run's path, at three points each, and must come to the same end.

A real API server; `faultproxy` between it and the controller; `podplayer` ends the pods. First undisturbed runs give the
number of writes and the end state (the number differs by one or two, as two controllers work side by side). Then for each write and each cut (before it is sent, committed with the reply
lost, after the reply) the controller is killed there and started again. Oracles: the end state equals the undisturbed
one, and each pod was created exactly once. At last five mutants of the controller (test/faults/mutants/) are built,
and each must be caught by some plan.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build/dev"))
CUTS = ("before", "committed", "after")
SETTLE_S = 20
NS = "digits"

OBJECTS = """
apiVersion: v1
kind: Node
metadata: {name: n1, labels: {nvidia.com/gpu.product: A100}}
---
apiVersion: dkube.io/v1alpha1
kind: Pool
metadata: {name: a100}
spec: {gpuType: A100, gpus: 2}
---
apiVersion: dkube.io/v1alpha1
kind: Group
metadata: {name: digits}
spec: {poolRef: a100}
---
apiVersion: dkube.io/v1alpha1
kind: CodeRepo
metadata: {name: code, namespace: digits}
spec: {url: "http://git.example/digits.git"}
---
apiVersion: dkube.io/v1alpha1
kind: Dataset
metadata: {name: digits, namespace: digits}
spec: {source: {git: {url: "http://git.example/digits.git"}}}
---
apiVersion: dkube.io/v1alpha1
kind: Model
metadata: {name: digits, namespace: digits}
spec: {description: digits}
---
apiVersion: dkube.io/v1alpha1
kind: ArtifactVersion
metadata: {name: dataset-digits-v1, namespace: digits}
spec: {of: {kind: Dataset, name: digits}, number: 1, size: 1, files: 1,
  digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"}
"""
RUN = """
apiVersion: dkube.io/v1alpha1
kind: DkubeRun
metadata: {name: train, namespace: digits}
spec:
  owner: ana
  image: example:1
  command: [python3, train.py]
  code: {repo: code, commit: main}
  inputs: [{name: digits, mountPath: /data}]
  outputs: [{name: digits, mountPath: /out}]
  gpus: 1
"""
NODE_STATUS = {"status": {"capacity": {"nvidia.com/gpu": "2", "cpu": "8", "memory": "32Gi", "pods": "110"},
                          "allocatable": {"nvidia.com/gpu": "2", "cpu": "8", "memory": "32Gi", "pods": "110"},
                          "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}]}}


class Bench:
    """One API server, one podplayer, and a controller behind a proxy for each plan."""

    def __init__(self, folder):
        self.dir = pathlib.Path(folder)
        out = subprocess.run([str(ROOT / "hack/envtest"), "up", str(self.dir / "env")], text=True, check=True,
                             stdout=subprocess.PIPE).stdout
        self.admin = out.strip().splitlines()[-1]
        self.kubectl_path = subprocess.run(["bash", "-c", f". {ROOT}/hack/lib/common.sh; kube_bin kubectl"], text=True,
                                           check=True, stdout=subprocess.PIPE).stdout.strip()
        self.player = None
        self.setup()

    def kubectl(self, *args, stdin=None, check=True):
        return subprocess.run([self.kubectl_path, "--kubeconfig", self.admin, *args], input=stdin, text=True, check=check,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout

    def get(self, *args):
        return json.loads(self.kubectl("get", *args, "-o", "json"))

    def setup(self):
        self.kubectl("apply", "-k", str(ROOT / "manifests/crds"))
        self.kubectl("wait", "--for=condition=Established", "--timeout=30s", "crd", "--all")
        for ns in ("dkube-system", NS):
            self.kubectl("create", "namespace", ns)
        self.kubectl("label", "namespace", NS, "dkube.io/group=digits")
        self.kubectl("create", "serviceaccount", "dkube-run", "-n", NS)
        rbac = self.kubectl("kustomize", str(ROOT / "manifests/rbac"))
        self.kubectl("apply", "-f", "-", stdin=rbac)
        self.kubectl("apply", "-f", "-", stdin=OBJECTS)
        self.kubectl("patch", "node", "n1", "--subresource=status", "--type=merge", "-p", json.dumps(NODE_STATUS))
        self.kubectl("taint", "node", "n1", "node.kubernetes.io/not-ready-", check=False)
        self.kubectl("patch", "artifactversion", "dataset-digits-v1", "-n", NS, "--subresource=status", "--type=merge",
                     "-p", json.dumps({"status": {"ready": True}}))
        self.certificate()
        self.player = subprocess.Popen([str(BUILD / "test/faults/podplayer"), "--kubeconfig", self.admin, "--listen",
                                        "127.0.0.1:0"], stderr=(self.dir / "podplayer.log").open("w"))

    def certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", self.dir / "proxy.key", "-out", self.dir / "proxy.crt", "-days", "2", "-subj",
                        "/CN=faultproxy", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)

    def upstream_port(self):
        config = json.loads(self.kubectl("config", "view", "--raw", "-o", "json"))
        return config["clusters"][0]["cluster"]["server"].rsplit(":", 1)[1]

    def proxy_kubeconfig(self, port):
        token = self.kubectl("create", "token", "run-controller", "-n", "dkube-system").strip()
        config = {"apiVersion": "v1", "kind": "Config", "current-context": "c",
                  "clusters": [{"name": "c", "cluster": {"server": f"https://127.0.0.1:{port}",
                                                         "certificate-authority": str(self.dir / "proxy.crt")}}],
                  "users": [{"name": "c", "user": {"token": token}}],
                  "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}]}
        path = self.dir / "proxy.kubeconfig"
        path.write_text(json.dumps(config))
        return path

    def clean(self):
        self.kubectl("delete", "dkuberun", "train", "-n", NS, "--ignore-not-found", "--wait=false")
        self.kubectl("delete", "pods", "--all", "-n", NS, "--force", "--grace-period=0", check=False)
        deadline = time.monotonic() + 10
        while self.get("dkuberuns,pods", "-n", NS)["items"] and time.monotonic() < deadline:
            self.kubectl("patch", "dkuberun", "train", "-n", NS, "--type=merge", "-p",
                         '{"metadata":{"finalizers":null}}', check=False)
            time.sleep(0.1)

    def close(self):
        if self.player:
            self.player.terminate()
            self.player.wait()
        subprocess.run([str(ROOT / "hack/envtest"), "down", str(self.dir / "env")], check=False, capture_output=True)


def end_state(bench):
    """What must be the same however often the controller died: names, phases, results; no times, uids or versions."""
    run = bench.get("dkuberun", "train", "-n", NS)["status"]
    drop = ("conditions", "startTime", "completionTime", "observedGeneration")
    kept = {k: v for k, v in run.items() if k not in drop}
    conditions = sorted((c["type"], c["status"], c["reason"]) for c in run.get("conditions", []))
    pods = sorted((p["metadata"]["name"], p["status"].get("phase")) for p in bench.get("pods", "-n", NS)["items"])
    pool = bench.get("pool", "a100").get("status", {})
    pool = {k: pool.get(k) for k in ("capacity", "allocated", "free", "runs")}
    return {"run": kept, "conditions": conditions, "pods": pods, "pool": pool}


def settled(bench):
    run = bench.get("dkuberun", "train", "-n", NS).get("status", {})
    return run.get("phase") in ("Complete", "Error", "Stopped")


class Plan:
    def __init__(self, bench, binary, at=0, cut="none"):
        self.bench, self.binary = bench, binary
        self.pid_file = bench.dir / "pid"
        self.record = bench.dir / "writes"
        self.record.unlink(missing_ok=True)
        self.proxy = subprocess.Popen([str(BUILD / "test/faults/faultproxy"), "--upstream-port", bench.upstream_port(), "--cert",
                                       bench.dir / "proxy.crt", "--key", bench.dir / "proxy.key", "--pid-file", self.pid_file,
                                       "--record", self.record, "--at", str(at), "--cut", cut],
                                      stdout=subprocess.PIPE, text=True)
        self.config = bench.proxy_kubeconfig(self.proxy.stdout.readline().strip())
        self.log = (bench.dir / "controller.log").open("a")
        self.deaths = 0
        self.start()

    def start(self):
        env = dict(os.environ, DKUBE_IMAGE="dkube:test", DKUBE_STORE_URL="http://store.example")
        env.pop("KUBECONFIG", None)
        self.controller = subprocess.Popen([str(self.binary), "--kubeconfig", str(self.config), "--listen", "127.0.0.1:0"],
                                           env=env, stderr=self.log)
        self.pid_file.write_text(str(self.controller.pid))

    def supervise(self):
        if self.controller.poll() is not None:
            self.deaths += 1
            self.start()

    def until(self, condition, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.supervise()
            if condition():
                return True
            time.sleep(0.05)
        return False

    def quiet(self):
        """No new write for half a second."""
        last, since = -1, time.monotonic()
        while time.monotonic() - since < 0.5:
            self.supervise()
            size = self.record.stat().st_size if self.record.exists() else 0
            if size != last:
                last, since = size, time.monotonic()
            time.sleep(0.05)

    def writes(self):
        return [line.split() for line in self.record.read_text().splitlines()] if self.record.exists() else []

    def close(self):
        self.pid_file.write_text("0")
        self.controller.send_signal(signal.SIGTERM)
        try:
            self.controller.wait(10)
        except subprocess.TimeoutExpired:
            self.controller.kill()
            self.controller.wait()
        self.proxy.kill()
        self.proxy.wait()
        self.log.close()


def created(writes):
    return sorted(w[2].split("/pods")[0] for w in writes if w[1] == "POST" and "/pods" in w[2] and w[3] == "201")


def play(bench, binary, at=0, cut="none"):
    """Returns (writes, end state, deaths) of one run of the workload."""
    bench.clean()
    plan = Plan(bench, binary, at, cut)
    try:
        bench.kubectl("apply", "-f", "-", stdin=RUN)
        if not plan.until(lambda: settled(bench), SETTLE_S):
            return plan.writes(), {"stuck": bench.get("dkuberun", "train", "-n", NS).get("status")}, plan.deaths
        plan.quiet()
        return plan.writes(), end_state(bench), plan.deaths
    finally:
        plan.close()


class Tap:
    count = failed = 0

    def say(self, ok, name, detail=""):
        self.count += 1
        self.failed += not ok
        print(f"{'ok' if ok else 'not ok'} {self.count} - {name}", flush=True)
        if not ok and detail:
            print("\n".join("# " + line for line in str(detail).splitlines()), flush=True)


def differs(reference, state, writes, pods):
    if state != reference:
        return f"end state differs\nwant {json.dumps(reference)}\nhave {json.dumps(state)}\nwrites {writes}"
    if len(created(writes)) > pods:
        return f"{len(created(writes))} pods were created, not {pods}: {writes}"
    return ""


def campaign(bench, binary, expected, tap=None):
    """All plans; with a tap each is a test; without, stops at the first that differs and returns it."""
    reference, pods, sure, most = expected
    for at in range(1, most + 1):
        for cut in CUTS:
            writes, state, deaths = play(bench, binary, at, cut)
            detail = differs(reference, state, writes, pods)
            if not detail and deaths == 0:
                if at > sure:
                    continue
                detail = f"the controller was never ended: the write was not reached\n{writes}"
            if tap:
                tap.say(not detail, f"ended at write {at}, {cut}: same end, each pod once", detail)
            elif detail and deaths:
                return f"write {at}, {cut}"
    return ""


def build_mutant(patch, folder):
    """A copy of the tree with its objects, so that only the patched files are compiled again."""
    tree = folder / patch.stem
    tree.mkdir()
    for name in ("Makefile", "lib", "controllers", "cmd", "test"):
        subprocess.run(["cp", "-a", str(ROOT / name), str(tree / name)], check=True)
    (tree / "build").mkdir()
    subprocess.run(["cp", "-a", str(BUILD), str(tree / "build/dev")], check=True)
    subprocess.run(["patch", "-s", "-p1", "-d", str(tree), "-i", str(patch)], check=True)
    subprocess.run(["make", "-s", "-C", str(tree), "build/dev/bin/run-controller"], check=True, stdout=sys.stderr)
    return tree / "build/dev/bin/run-controller"


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="dkube-crash-"))
    tap, bench = Tap(), None
    try:
        bench = Bench(folder)
        binary = BUILD / "bin/run-controller"
        play(bench, binary)
        first, reference, _ = play(bench, binary)
        again, state, _ = play(bench, binary)
        tap.say("stuck" not in reference and reference["run"]["phase"] == "Complete", "an undisturbed run completes", reference)
        tap.say(state == reference, "two undisturbed runs end alike", f"{reference}\n{state}\n{first}\n{again}")
        pods = len(created(first))
        tap.say(pods == 2, "an undisturbed run makes one resolve pod and one worker", first)
        if not tap.failed:
            expected = (reference, pods, min(len(first), len(again)) - 1, max(len(first), len(again)))
            campaign(bench, binary, expected, tap)
            for patch in sorted((ROOT / "test/faults/mutants").glob("*.patch")):
                mutant = build_mutant(patch, folder)
                _, state, _ = play(bench, mutant)
                where = campaign(bench, mutant, expected) if state == reference else ""
                tap.say(bool(where), f"the mutant '{patch.stem}' passes undisturbed and is caught by a crash",
                        f"caught nowhere\n{state}")
                if where:
                    print(f"# caught at {where}", flush=True)
    finally:
        if bench:
            bench.close()
        if tap.failed and (folder / "controller.log").exists():
            print("\n".join("# " + s for s in (folder / "controller.log").read_text().splitlines()[-40:]))
        shutil.rmtree(folder, ignore_errors=True)
    print(f"1..{tap.count}")
    return 1 if tap.failed else 0


sys.exit(main())
