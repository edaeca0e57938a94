#!/usr/bin/env python3
"""docs/guide/pools.md: each command of the page, run against a real API server with the real controllers, prints what the page says.
Nodes and kubelets are played here: two nodes of four GPUs, pods that run until they are deleted."""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from kubeapi import ROOT, Api, Tap, kubectl, kubectl_path  # noqa: E402

BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build/dev"))
PAGE = ROOT / "docs/guide/pools.md"
DIGEST = "sha256:" + "0" * 64
COMMIT = "0123456789abcdef0123456789abcdef01234567"

api = Api()
tap = Tap()


class Kubelets(threading.Thread):
    """Takes look-ups to their end and programs to Running, and lets deleted pods go."""

    def __init__(self):
        super().__init__(daemon=True)
        self.api, self.over = Api(), threading.Event()

    def run(self):
        while not self.over.wait(0.2):
            for pod in self.api.request("GET", "/api/v1/pods?labelSelector=app.kubernetes.io/managed-by%3Ddkube")[1].get("items", []):
                self.play(pod)

    def play(self, pod):
        meta, labels = pod["metadata"], pod["metadata"].get("labels", {})
        path = f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}"
        if meta.get("deletionTimestamp"):
            self.api.request("DELETE", path, {"gracePeriodSeconds": 0})
        elif pod["status"].get("phase", "Pending") == "Pending":
            self.api.merge(path + "/status", {"status": self.states(labels.get("dkube.io/role"))})

    @staticmethod
    def states(role):
        def container(name, state):
            return {"name": name, "image": "i", "imageID": f"i@{DIGEST}", "ready": False, "restartCount": 0, "state": state}

        if role == "resolve":
            ends = {"exitCode": 0, "reason": "Completed"}
            return {"phase": "Succeeded", "containerStatuses": [
                container("image", {"terminated": ends}),
                container("commit", {"terminated": {**ends, "message": json.dumps({"commit": COMMIT})}})]}
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return {"phase": "Running", "containerStatuses": [container("main", {"running": {"startedAt": now}})]}


def node(name):
    gpus = {"nvidia.com/gpu": "4"}
    api.request("POST", "/api/v1/nodes", {"metadata": {"name": name, "labels": {"nvidia.com/gpu.product": "A100"}}})
    api.merge(f"/api/v1/nodes/{name}/status", {"status": {
        "capacity": gpus, "allocatable": gpus, "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}]}})


def start(program, folder):
    log = open(pathlib.Path(folder) / f"{program}.log", "w")
    env = dict(os.environ, DKUBE_IMAGE="dkube:test", DKUBE_STORE_URL="http://store.example")
    return subprocess.Popen([str(BUILD / "bin" / program), "--listen", "127.0.0.1:0"], env=env, stdout=log, stderr=log)


def blocks(page):
    """(commands, expected text or None), in order."""
    found = re.findall(r"^```(sh|text)\n(.*?)^```$", page, re.M | re.S)
    for i, (kind, text) in enumerate(found):
        if kind == "sh":
            after = found[i + 1] if i + 1 < len(found) and found[i + 1][0] == "text" else None
            yield text, after[1] if after else None


def missing(want, have):
    """The first expected line that the output lacks, in order; parts of a line may be left out as '…'."""
    lines = iter(have.splitlines())
    for line in want.splitlines():
        pattern = ".*".join(re.sub(r"(\\ )+", r"\\s+", re.escape(part.strip())) for part in line.split("…"))
        if not any(re.search(pattern, out) for out in lines):
            return line
    return None


def run(commands, folder, env):
    done = subprocess.run(["bash", "-e", "-c", commands], cwd=folder, env=env, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=120)
    return done.returncode, done.stdout


def play(commands, want, folder, env):
    """What is wrong with a block, or None; what is read is read again until it says what the page says."""
    until = time.time() + (20 if want else 0)
    while True:
        code, out = run(commands, folder, env)
        line = missing(want, out) if want else None
        if code == 0 and line is None:
            return None
        if time.time() >= until:
            return f"exit code {code}" + (f", no line like '{line}'" if line else "") + f" in:\n{out}"
        time.sleep(0.5)


def tools(folder):
    """kubectl and its plugin on the path, as the page's reader has them."""
    path = pathlib.Path(folder) / "bin"
    path.mkdir()
    (path / "kubectl").symlink_to(kubectl_path())
    (path / "kubectl-dkube").symlink_to(BUILD.resolve() / "bin/kubectl-dkube")
    return dict(os.environ, PATH=f"{path}:{os.environ['PATH']}")


def refusals(folder, env):
    for words, says in (("why nobody -n vision", "there is no run 'nobody' in namespace 'vision'"), ("queue nowhere", "there is no pool 'nowhere'"),
                        ("why", "use kubectl dkube why RUN"), ("whi x", "there is no command 'whi'"), ("top -o yaml", "the one format is json"),
                        ("queue default -o json", "queue draws")):
        code, out = run(f"kubectl dkube {words}", folder, env)
        tap.ok(code != 0 and says in out and len(out.splitlines()) <= 2, f"'kubectl dkube {words}' is refused in one sentence", out)


def formats(folder, env):
    code, out = run("kubectl dkube top -o json; kubectl dkube verify -o json", folder, env)
    top, laws = (json.loads(line) for line in out.splitlines())
    tap.ok(code == 0 and {p["pool"] for p in top} == {"default", "vision"} and top[1]["usePercent"] > 0, "top -o json names the pools", out)
    tap.ok(all(law["holds"] for law in laws["laws"]) and laws["gpus"] == 8, "verify -o json tells of each law", out)
    code, out = run("kubectl dkube why third -n vision -o json", folder, env)
    why = json.loads(out)
    tap.ok(why["position"] == 1 and why["queue"]["confidence"] == "bound", "why -o json tells the position and the estimate", out)
    code, out = run("kubectl_complete-dkube -n vision why sec", folder, dict(env, PATH=f"{BUILD.resolve()}/bin:{env['PATH']}"))
    tap.ok(out.splitlines() == ["second", ":4"], "names of runs complete", out)


def broken_law(folder, env):
    """Somebody else's pods on one node, more than it has: verify names the node and ends with 1."""
    for i in range(2):
        pod = {"metadata": {"name": f"greedy-{i}", "namespace": "default"}, "spec": {"nodeName": "n2", "containers": [
            {"name": "c", "image": "i", "resources": {"limits": {"nvidia.com/gpu": "4"}}}]}}
        api.request("POST", "/api/v1/namespaces/default/pods", pod)
    code, out = run("kubectl dkube verify", folder, env)
    tap.ok(code == 1 and "BROKEN  no node gives more GPUs than it has" in out and "node n2 has 4 GPUs and gives" in out,
           "verify names a node that gives more than it has, and its exit code is 1", out)
    for i in range(2):
        api.request("DELETE", f"/api/v1/namespaces/default/pods/greedy-{i}", {"gracePeriodSeconds": 0})


def main():
    kubectl("apply", "-k", str(ROOT / "manifests/crds"))
    kubectl("wait", "--for=condition=Established", "--timeout=30s", "crd", "--all")
    for name in ("dkube-system", "dkube-shared"):
        kubectl("create", "namespace", name)
    for name in ("n1", "n2"):
        node(name)
    kubelets = Kubelets()
    with tempfile.TemporaryDirectory() as folder:
        programs = [start(p, folder) for p in ("resource-controller", "run-controller")]
        kubelets.start()
        try:
            env = tools(folder)
            for commands, want in blocks(PAGE.read_text()):
                wrong = play(commands, want, folder, env)
                name = commands.strip().splitlines()[0].rstrip("\\").strip()
                tap.ok(wrong is None, f"the page's `{name}`", wrong or "")
                if "kubectl dkube why third" in commands:
                    refusals(folder, env)
                    formats(folder, env)
                if commands.startswith("kubectl dkube verify"):
                    broken_law(folder, env)
        finally:
            kubelets.over.set()
            for p in programs:
                p.send_signal(signal.SIGTERM)
                p.wait()
            if tap.failed:
                for log in pathlib.Path(folder).glob("*.log"):
                    print("".join(f"# {log.stem}: {line}" for line in log.read_text().splitlines(True)[-15:]))
    tap.end()


main()
