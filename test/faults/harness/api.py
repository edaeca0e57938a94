"""A small client of the API server for the harness: its own credentials, never through the proxy."""
import base64
import http.client
import json
import os
import ssl
import tempfile
import threading
import time

import yaml

# kind, plural, group/version, namespaced: everything that a controller of ours reads or writes.
KINDS = [
    ("Namespace", "namespaces", "v1", False), ("Node", "nodes", "v1", False), ("Pod", "pods", "v1", True),
    ("Service", "services", "v1", True), ("ServiceAccount", "serviceaccounts", "v1", True),
    ("RoleBinding", "rolebindings", "rbac.authorization.k8s.io/v1", True),
    ("ClusterRoleBinding", "clusterrolebindings", "rbac.authorization.k8s.io/v1", False),
    ("NetworkPolicy", "networkpolicies", "networking.k8s.io/v1", True),
    ("Event", "events", "events.k8s.io/v1", True),
    ("Pool", "pools", "dkube.io/v1alpha1", False), ("Group", "groups", "dkube.io/v1alpha1", False),
    ("User", "users", "dkube.io/v1alpha1", False), ("DataStore", "datastores", "dkube.io/v1alpha1", False),
    ("CodeRepo", "coderepos", "dkube.io/v1alpha1", True), ("Dataset", "datasets", "dkube.io/v1alpha1", True),
    ("Model", "models", "dkube.io/v1alpha1", True), ("DkubeRun", "dkuberuns", "dkube.io/v1alpha1", True),
    ("ArtifactVersion", "artifactversions", "dkube.io/v1alpha1", True),
    ("Deployment", "deployments", "dkube.io/v1alpha1", True),
]
PLURAL = {k: p for k, p, _, _ in KINDS}
NAMESPACED = {k: n for k, _, _, n in KINDS}
ROOT_OF = {k: ("/api/" if v == "v1" else "/apis/") + v for k, _, v, _ in KINDS}


def path(kind, ns="", name="", sub=""):
    p = ROOT_OF[kind] + (f"/namespaces/{ns}" if ns and NAMESPACED[kind] else "") + "/" + PLURAL[kind]
    return p + (f"/{name}" if name else "") + (f"/{sub}" if sub else "")


class Refused(Exception):
    def __init__(self, code, body):
        super().__init__(f"{code}: {body[:300]}")
        self.code = code


class Api:
    def __init__(self, kubeconfig):
        with open(kubeconfig, encoding="utf-8") as f:
            config = yaml.safe_load(f)
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self.host, self.port = cluster["server"].split("//")[1].split(":")
        self.tls = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as f:
            f.write(base64.b64decode(user["client-certificate-data"]).decode())
            f.write(base64.b64decode(user["client-key-data"]).decode())
            f.flush()
            os.chmod(f.name, 0o600)
            self.tls.load_cert_chain(f.name)
        self.local = threading.local()

    def connection(self):
        return http.client.HTTPSConnection(self.host, int(self.port), context=self.tls, timeout=60)

    def request(self, method, url, body=None, content_type="application/json"):
        data = body if body is None or isinstance(body, (str, bytes)) else json.dumps(body)
        for attempt in range(6):  # the server may just have been killed
            c = getattr(self.local, "c", None) or self.connection()
            self.local.c = c
            try:
                c.request(method, url, data, {"Content-Type": content_type} if data is not None else {})
                r = c.getresponse()
                text = r.read().decode()
                break
            except (OSError, http.client.HTTPException):
                self.local.c = None
                if attempt == 5:
                    raise
                time.sleep(0.4 * attempt)
        if r.status == 429:  # the storage of a new kind initialises
            time.sleep(0.3)
            return self.request(method, url, body, content_type)
        if r.status >= 400:
            raise Refused(r.status, text)
        return json.loads(text) if text and text[0] in "{[" else text

    def get(self, kind, ns, name):
        return self.request("GET", path(kind, ns, name))

    def list(self, kind, ns=""):
        return self.request("GET", path(kind, ns))

    def create(self, o):
        return self.request("POST", path(o["kind"], o["metadata"].get("namespace", "")), o)

    def patch(self, kind, ns, name, body, sub=""):
        return self.request("PATCH", path(kind, ns, name, sub), body, "application/merge-patch+json")

    def delete(self, kind, ns, name, grace=None):
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}
        if grace is not None:
            body["gracePeriodSeconds"] = grace
        return self.request("DELETE", path(kind, ns, name), body)
