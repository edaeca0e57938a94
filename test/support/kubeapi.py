"""kubeapi.py: what the integration tests in Python share: a small API client and TAP.

The client reads $KUBECONFIG through kubectl and speaks HTTPS itself, so that a test of a hundred
requests takes a second. Errors are answers, not exceptions: request() gives (status, body).
"""
import base64
import http.client
import json
import os
import pathlib
import shutil
import ssl
import subprocess
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def kubectl_path():
    version = os.environ.get("K8S_VERSION", "1.37.2")
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
    for folder in (os.environ.get("KUBEBUILDER_ASSETS", ""), cache / f"dkube/kube/v{version}"):
        if folder and os.access(pathlib.Path(folder) / "kubectl", os.X_OK):
            return str(pathlib.Path(folder) / "kubectl")
    found = shutil.which("kubectl")
    if not found:
        raise SystemExit("Bail out! no kubectl: run hack/kube-build kubectl")
    return found


def kubectl(*args, stdin=None, check=True):
    """Runs kubectl; gives its standard output, or both streams and the code when check is false."""
    p = subprocess.run([kubectl_path(), *args], input=stdin, text=True, capture_output=True,
                       cwd=ROOT, check=False)
    if not check:
        return p.returncode, p.stdout + p.stderr
    if p.returncode:
        raise RuntimeError(f"kubectl {' '.join(args)}: {p.stderr.strip()}")
    return p.stdout


class Api:
    """One API server, as the administrator of $KUBECONFIG or, with who=, impersonating somebody."""

    def __init__(self):
        conf = json.loads(kubectl("config", "view", "--raw", "--minify", "-o", "json"))
        cluster, user = conf["clusters"][0]["cluster"], conf["users"][0]["user"]
        url = urllib.parse.urlsplit(cluster["server"])
        self.host, self.port, self.base = url.hostname, url.port or 443, url.path
        self.token = user.get("token")
        with tempfile.TemporaryDirectory() as folder:
            def path(where, name):
                if name in where:
                    return where[name]
                if name + "-data" not in where:
                    return None
                file = pathlib.Path(folder) / name
                file.write_bytes(base64.b64decode(where[name + "-data"]))
                return str(file)
            self.tls = ssl.create_default_context(cafile=path(cluster, "certificate-authority"))
            certificate = path(user, "client-certificate")
            if certificate:
                self.tls.load_cert_chain(certificate, path(user, "client-key"))
        self.line = None

    def request(self, verb, path, body=None, who=None, kind="application/json"):
        headers = {"Accept": "application/json", "Content-Type": kind}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        if who:
            headers["Impersonate-User"] = who
        data = json.dumps(body) if body is not None else None
        for attempt in (1, 2):
            if self.line is None:
                self.line = http.client.HTTPSConnection(self.host, self.port, context=self.tls, timeout=30)
            try:
                self.line.request(verb, self.base + path, data, headers)
                answer = self.line.getresponse()
                return answer.status, json.loads(answer.read() or b"{}")
            except (http.client.HTTPException, ConnectionError):
                self.line.close()
                self.line = None
                if attempt == 2:
                    raise
        return 0, {}

    def merge(self, path, body, who=None):
        return self.request("PATCH", path, body, who, "application/merge-patch+json")


def wait_for(what, check, seconds=30):
    """Calls check until it gives something true; gives that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = check()
        if got:
            return got
        time.sleep(0.1)
    raise RuntimeError(f"waited {seconds} s in vain until {what}")


class Tap:
    """Numbers the sentences, says why one does not hold, and ends with the plan."""

    def __init__(self):
        self.count = self.failed = 0

    def ok(self, holds, sentence, why=""):
        self.count += 1
        self.failed += not holds
        print(f"{'ok' if holds else 'not ok'} {self.count} - {sentence}", flush=True)
        if not holds:
            for line in str(why).splitlines() or ["(no reason given)"]:
                print(f"# {line}", flush=True)
        return holds

    def end(self):
        print(f"1..{self.count}")
        raise SystemExit(1 if self.failed else 0)
