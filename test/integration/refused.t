#!/usr/bin/env python3
"""Pods that a real API server refuses: by quota (the GPUs go back, the run rests and tries again) and by Pod Security."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build/dev"))
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
apiVersion: v1
kind: ResourceQuota
metadata: {name: few, namespace: digits}
spec: {hard: {requests.nvidia.com/gpu: 0}}
"""
NODE_STATUS = {"status": {"capacity": {"nvidia.com/gpu": "2"}, "allocatable": {"nvidia.com/gpu": "2"},
                          "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}]}}


class Bench:
    def __init__(self, folder):
        self.dir = pathlib.Path(folder)
        self.admin = os.environ["KUBECONFIG"]
        self.kubectl_path = subprocess.run(["bash", "-c", f". {ROOT}/hack/lib/common.sh; kube_bin kubectl"], text=True,
                                           check=True, stdout=subprocess.PIPE).stdout.strip()
        self.processes = {}

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
        self.kubectl("apply", "-f", "-", stdin=OBJECTS)
        self.kubectl("patch", "node", "n1", "--subresource=status", "--type=merge", "-p", json.dumps(NODE_STATUS))
        self.until("the quota counts", lambda: self.get("resourcequota", "few", "-n", NS).get("status", {}).get("hard"))
        self.start("podplayer", BUILD / "test/faults/podplayer")
        self.start("run-controller", BUILD / "bin/run-controller")

    def start(self, name, program):
        env = dict(os.environ, DKUBE_IMAGE="dkube:test", DKUBE_STORE_URL="http://store.example")
        env.pop("KUBECONFIG", None)
        self.processes[name] = subprocess.Popen([str(program), "--kubeconfig", self.admin, "--listen", "127.0.0.1:0"], env=env,
                                                stderr=(self.dir / f"{name}.log").open("a"))

    def kill(self, name):
        self.processes[name].kill()
        self.processes.pop(name).wait()

    def until(self, what, condition, seconds=30):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            got = condition()
            if got:
                return got
            time.sleep(0.2)
        raise SystemExit(f"Bail out! waited {seconds} s in vain until {what}: {self.get('dkuberuns', '-n', NS)}")

    def run(self, name):
        spec = {"owner": "ana", "image": "example:1", "command": ["true"], "gpus": 1}
        self.kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": "dkube.io/v1alpha1", "kind": "DkubeRun",
                                                          "metadata": {"name": name, "namespace": NS}, "spec": spec}))

    def status(self, name):
        return self.get("dkuberun", name, "-n", NS).get("status", {})

    def close(self):
        for name in list(self.processes):
            self.kill(name)


class Tap:
    count = failed = 0

    def ok(self, ok, name, detail=""):
        self.count += 1
        self.failed += not ok
        print(f"{'ok' if ok else 'not ok'} {self.count} - {name}", flush=True)
        if not ok:
            print(f"# {detail}", flush=True)


def test_quota(bench, tap):
    bench.run("train")
    bench.until("the quota refuses", lambda: bench.status("train").get("reason") == "QuotaExceeded")
    st = bench.status("train")
    tap.ok(st["phase"] == "WaitingForGPUs" and st["attempt"] == 1 and "retryTime" in st, "a run over its quota rests", st)
    tap.ok("exceeded quota: few" in st["message"], "and says which quota", st["message"])
    tap.ok(not st.get("position"), "it is not in the queue", st)
    bench.until("the GPU is free", lambda: bench.get("pool", "a100")["status"].get("free") == 2)
    tap.ok(True, "its GPU is free for others")
    bench.kill("run-controller")
    bench.start("run-controller", BUILD / "bin/run-controller")
    bench.until("it is refused again", lambda: bench.status("train").get("attempt") == 2, 60)
    bench.kubectl("delete", "resourcequota", "few", "-n", NS)
    st = bench.until("it ends", lambda: bench.status("train").get("phase") == "Complete" and bench.status("train"), 60)
    tap.ok(st["podName"] == "train-worker-0-a2" and "retryTime" not in st, "with room it runs, after a restart of the controller too", st)
    tap.ok(st.get("restarts", 0) == 0, "none of its restarts is used up", st)


def test_policy(bench, tap):
    bench.kubectl("label", "namespace", NS, "pod-security.kubernetes.io/enforce=restricted")
    bench.run("strict")
    st = bench.until("it is refused", lambda: bench.status("strict").get("phase") == "Error" and bench.status("strict"))
    tap.ok(st["reason"] == "PolicyDenied" and "violates PodSecurity" in st["message"], "a run that a policy forbids is an error that says which", st)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder)
        try:
            bench.setup()
            test_quota(bench, tap)
            test_policy(bench, tap)
        finally:
            bench.close()
    print(f"1..{tap.count}")
    return tap.failed > 0


sys.exit(main())
