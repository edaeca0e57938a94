#!/usr/bin/env python3
"""The kinds, in a real API server: good objects are taken, and each rule refuses with its sentence.

Everything is a dry run but for what the transition rules need. The last test is that each rule of each
kind has refused something here, so a rule cannot be added without a test.
"""
import copy
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from kubeapi import ROOT, Api, Tap, kubectl, wait_for  # noqa: E402

API = "/apis/dkube.io/v1alpha1"
NS = "crds-test"
SHA = "sha256:" + "a" * 64
CLUSTER = ("pools", "groups", "users", "datastores")
GOOD = {
    "pools": ("Pool", "vision", {"gpuType": "Tesla-T4", "gpus": 4}),
    "groups": ("Group", "vision", {"users": ["ada"], "poolRef": "vision"}),
    "users": ("User", "ada", {"username": "ada@example.com", "roles": ["data-scientist"]}),
    "datastores": ("DataStore", "default", {"storage": {"local": {}}}),
    "coderepos": ("CodeRepo", "digits", {"url": "https://git.example.com/vision/digits.git"}),
    "datasets": ("Dataset", "digits", {"source": {"git": {"url": "https://git.example.com/d.git"}}}),
    "models": ("Model", "digits", {}),
    "artifactversions": ("ArtifactVersion", "model-digits-v1", {
        "of": {"kind": "Model", "name": "digits"}, "number": 1, "digest": SHA, "size": 10, "files": 1,
        "run": "r", "runUID": "u", "output": "digits", "source": "s"}),
    "dkuberuns": ("DkubeRun", "train", {
        "image": "docker.io/library/python:3.12", "command": ["python3", "train.py"], "owner": "ada",
        "code": {"repo": "digits", "commit": "3f2a9c1"}, "gpus": 1, "maxRuntime": "1h30m",
        "inputs": [{"name": "digits", "mountPath": "/mnt/dkube/data"}],
        "outputs": [{"name": "digits", "mountPath": "/mnt/dkube/model"}],
        "parameters": [{"name": "EPOCHS", "value": "10"}],
        "resources": {"cpu": 2, "memory": "1Gi", "shm": "64Mi"}}),
    "deployments": ("Deployment", "digits", {
        "model": "digits", "servingImage": "localhost:5000/serve@" + SHA, "owner": "ada",
        "resources": {"cpu": "500m", "memory": "1Gi"}, "parameters": [{"name": "A", "value": ""}]}),
}

api = Api()
tap = Tap()
seen = set()  # (plural, message) of every rule that has refused something


def path(plural, name=None, query=""):
    where = API if plural in CLUSTER else f"{API}/namespaces/{NS}"
    return f"{where}/{plural}" + (f"/{name}" if name else "") + query


def good(plural, name=None, **spec):
    kind, usual, base = GOOD[plural]
    base = copy.deepcopy(base)
    for key, value in spec.items():
        if value is None:
            base.pop(key, None)
        else:
            base[key] = value
    return {"apiVersion": "dkube.io/v1alpha1", "kind": kind, "metadata": {"name": name or usual}, "spec": base}


def dry(plural, body):
    return api.request("POST", path(plural, query="?dryRun=All"), body)


def messages(answer):
    return [c.get("message", "") for c in answer.get("details", {}).get("causes", [])] + [answer.get("message", "")]


def note(plural, answer):
    for rule in RULES[plural]:
        if any(rule in m for m in messages(answer)):
            seen.add((plural, rule))


def taken(sentence, plural, body):
    code, answer = dry(plural, body)
    return tap.ok(code == 201, sentence, f"{code} {answer.get('message')}")


def refused(sentence, plural, body, words):
    code, answer = dry(plural, body)
    note(plural, answer)
    return tap.ok(code == 422 and any(words in m for m in messages(answer)), sentence,
                  f"wanted 422 with '{words}', got {code} {answer.get('message')}")


def edit(sentence, plural, name, spec, words=None):
    """Edits a stored object; words None: the edit is taken."""
    code, answer = api.merge(path(plural, name, "?dryRun=All"), {"spec": spec})
    note(plural, answer)
    if words is None:
        return tap.ok(code == 200, sentence, f"{code} {answer.get('message')}")
    return tap.ok(code == 422 and any(words in m for m in messages(answer)), sentence,
                  f"wanted 422 with '{words}', got {code} {answer.get('message')}")


def status(plural, name, fields):
    code, answer = api.merge(path(plural, name) + "/status", {"status": fields})
    if code != 200:
        raise RuntimeError(f"status of {plural}/{name}: {code} {answer.get('message')}")


def store(plural, body):
    code, answer = api.request("POST", path(plural), body)
    if code != 201:
        raise RuntimeError(f"{plural}/{body['metadata']['name']}: {code} {answer.get('message')}")


def install():
    kubectl("apply", "--server-side", "-k", str(ROOT / "manifests/crds"))
    kubectl("wait", "--for=condition=Established", "--timeout=30s", *[f"crd/{p}.dkube.io" for p in GOOD])
    wait_for("the kinds are served", lambda: all(api.request("GET", path(p))[0] == 200 for p in GOOD))
    code, _ = api.request("POST", "/api/v1/namespaces", {"metadata": {"name": NS}})
    assert code in (201, 409), code
    kinds = json.loads(kubectl("get", "crd", "-o", "json"))["items"]
    return {k["spec"]["names"]["plural"]: k for k in kinds if k["spec"]["group"] == "dkube.io"}


def walk(schema, where=""):
    yield where, schema
    for name, child in schema.get("properties", {}).items():
        yield from walk(child, f"{where}.{name}")
    if "items" in schema:
        yield from walk(schema["items"], where + "[]")


def fields(kind):
    root = kind["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    for where, schema in walk(root):
        if where not in (".apiVersion", ".kind", ".metadata"):
            yield where, schema


def unbounded(schema):
    kind = schema.get("type")
    if kind == "string":
        return not ("maxLength" in schema or "enum" in schema or schema.get("format") == "date-time")
    if kind == "array":
        return "maxItems" not in schema
    return False


def test_shape():
    for plural, kind in KINDS.items():
        version = kind["spec"]["versions"][0]
        bare = [w for w, s in fields(kind) if not s.get("description")]
        tap.ok(not bare, f"every field of {plural} has a description", "\n".join(bare))
        wide = [w for w, s in fields(kind) if unbounded(s)]
        tap.ok(not wide, f"every string and list of {plural} has a bound", "\n".join(wide))
        free = [w for w, s in fields(kind) if w.startswith(".spec") and s.get("type") == "integer" and
                not ("maximum" in s or s.get("format") == "int64")]
        tap.ok(not free, f"every number of {plural}'s spec has a bound", "\n".join(free))
        tap.ok(kind["spec"]["names"]["categories"] == ["dkube"] and kind["spec"]["names"]["shortNames"][0][:2] == "dk",
               f"{plural} has the category dkube and a short name that begins with dk", kind["spec"]["names"])
        tap.ok("status" in version["subresources"], f"{plural} has the status sub-resource")
        rules = [r["message"] for _, s in fields(kind) for r in s.get("x-kubernetes-validations", [])]
        odd = [m for m in rules if m[0].isupper() or m.endswith(".") or not m.startswith(("spec", "metadata"))]
        tap.ok(not odd, f"every rule of {plural} has a message that begins with the field", "\n".join(odd))
    for file in sorted((ROOT / "crds").glob("*.yaml")):
        tap.ok(file.stat().st_size <= 200 * 1024, f"crds/{file.name} is no larger than 200 KiB", file.stat().st_size)
    run = KINDS["dkuberuns"]["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    tap.ok("default" not in run["stop"] and "default" not in run["archived"],
           "stop and archived have no default, so that self-healing does not undo them")


def test_good():
    for plural in GOOD:
        taken(f"a good {GOOD[plural][0]} is taken", plural, good(plural))
    taken("the pool default is taken with an empty spec", "pools", good("pools", "default", gpuType=None, gpus=None))
    taken("a pool may list its nodes", "pools", good("pools", gpus=None, nodes=[{"name": "n1", "gpus": 2}]))
    taken("the group default is taken with a namespace of its own", "groups",
          good("groups", "default", namespace="dkube-default"))
    taken("a dataset may have the source none", "datasets", good("datasets", source={"none": {}}))
    for url in ("ssh://git@git.example.com/d.git", "git@git.example.com:vision/d.git", "http://git.example.com/d"):
        taken(f"the repository {url} is taken", "coderepos", good("coderepos", url=url))
    taken("a run needs no more than image, command and owner", "dkuberuns",
          good("dkuberuns", **{k: None for k in GOOD["dkuberuns"][2] if k not in ("image", "command", "owner")}))
    _, run = dry("dkuberuns", good("dkuberuns"))
    tap.ok(run["spec"]["terminationGracePeriodSeconds"] == 60 and run["spec"]["priority"] == 0 and
           run["spec"]["code"]["workdir"] == "/mnt/dkube/code" and run["spec"]["inputs"][0]["kind"] == "Dataset" and
           run["spec"]["outputs"][0]["kind"] == "Model" and "stop" not in run["spec"],
           "the defaults of a run are filled in by the API server", run.get("spec"))


def test_names():
    label = "metadata.name must be a DNS label of at most "
    for plural, length in (("pools", 63), ("groups", 63), ("coderepos", 48), ("datasets", 48), ("models", 48),
                           ("dkuberuns", 48), ("deployments", 48)):
        taken(f"{plural} may have a name of {length} characters", plural, good(plural, "a" * length))
        refused(f"{plural} may not have a longer name", plural, good(plural, "a" * (length + 1)), label + str(length))
        refused(f"{plural} may not have a name with dots", plural, good(plural, "a.b"), label)
    refused("a version's name must tell its number", "artifactversions", good("artifactversions", number=2),
            "metadata.name must be <kind>-<name>-v<number>")
    refused("a version's name must tell what it is of", "artifactversions",
            good("artifactversions", "model-other-v1"), "metadata.name must be <kind>-<name>-v<number>")


def test_cluster_kinds():
    one = "exactly one of spec.gpus and spec.nodes"
    refused("a pool with neither gpus nor nodes is refused", "pools", good("pools", gpus=None), one)
    refused("a pool with both gpus and nodes is refused", "pools", good("pools", nodes=[{"name": "n", "gpus": 1}]), one)
    refused("the pool default with gpus is refused", "pools", good("pools", "default"), "must be absent in the pool default")
    for name in ("default", "kube-system", "dkube-system", "dkube-shared"):
        refused(f"a group in the namespace {name} is refused", "groups", good("groups", namespace=name),
                "spec.namespace (which defaults to metadata.name) must not be")
    refused("a group called kube-public is refused", "groups", good("groups", "kube-public"), "must not be kube-*")
    refused("an external group system:masters is refused", "groups", good("groups", externalGroups=["system:masters"]),
            "spec.externalGroups[] must not be system:*")
    refused("the username system:admin is refused", "users", good("users", username="system:admin"),
            "spec.username must not be system:*")
    refused("a role that there is not is refused with those that there are", "users", good("users", roles=["root"]),
            '"operator", "data-scientist", "ml-engineer", "production-engineer"')
    refused("a store without a back-end is refused", "datastores", good("datastores", storage={}),
            "spec.storage must have exactly one back-end")
    store("pools", good("pools", "crds-test"))
    edit("a pool's gpuType cannot change", "pools", "crds-test", {"gpuType": "A100"}, "spec.gpuType is immutable")
    edit("a pool's gpuType cannot be taken away", "pools", "crds-test", {"gpuType": None}, "spec.gpuType is immutable")
    edit("a pool's gpus may change", "pools", "crds-test", {"gpus": 2})
    store("groups", good("groups", "crds-test", namespace="crds-team"))
    edit("a group's namespace cannot change", "groups", "crds-test", {"namespace": "b"}, "spec.namespace is immutable")
    edit("a group's namespace cannot be taken away", "groups", "crds-test", {"namespace": None}, "spec.namespace is immutable")
    edit("a group's members may change", "groups", "crds-test", {"users": []})
    store("users", good("users", "crds-test"))
    edit("a username cannot change", "users", "crds-test", {"username": "bob"}, "spec.username is immutable")


def test_sources():
    def dataset(**git):
        return good("datasets", source={"git": {"url": "https://h/d.git", **git}})
    for url in ("file:///etc", "/srv/git/d", "git://h/d", "ext::sh -c id", "-oProxyCommand=id", "https://"):
        refused(f"a repository at {url} is refused", "coderepos", good("coderepos", url=url), "spec.url must begin with https://")
        refused(f"a dataset from {url} is refused", "datasets", dataset(url=url), "spec.source.git.url must begin with https://")
    for url in ("https://h/a b", "https://h/a\nb"):
        refused("a repository's address with a space or a line break is refused", "coderepos", good("coderepos", url=url),
                "spec.url must hold no spaces")
        refused("a dataset's address with a space or a line break is refused", "datasets", dataset(url=url),
                "spec.source.git.url must hold no spaces")
    secret = "https://user:token@git.example.com/d.git"
    refused("a repository's address with a password is refused", "coderepos", good("coderepos", url=secret),
            "put them in the Secret named by spec.secretRef")
    refused("a dataset's address with a password is refused", "datasets", dataset(url=secret),
            "put them in the Secret named by spec.source.git.secretRef")
    for ref in ("-x", "a..b", "a b", "a//b", "a@{0}", "a/", "a.lock", "a;id"):
        refused(f"the branch '{ref}' is refused", "coderepos", good("coderepos", branch=ref), "spec.branch must be the name")
        refused(f"the ref '{ref}' of a dataset is refused", "datasets", dataset(ref=ref), "spec.source.git.ref must be the name")
        refused(f"the commit '{ref}' of a run is refused", "dkuberuns",
                good("dkuberuns", code={"repo": "digits", "commit": ref}), "spec.code.commit must be the name")
    for folder in ("/etc", "..", "a/../b", "-x"):
        refused(f"the path '{folder}' of a dataset is refused", "datasets", dataset(path=folder),
                "spec.source.git.path must be relative")
    one = "spec.source must have exactly one source"
    refused("a dataset without a source is refused", "datasets", good("datasets", source={}), one)
    refused("a dataset with two sources is refused", "datasets",
            good("datasets", source={"none": {}, "git": {"url": "https://h/d"}}), one)


def test_versions():
    refused("a dataset's version cannot be published", "artifactversions",
            good("artifactversions", "dataset-digits-v1", of={"kind": "Dataset", "name": "digits"}, stage="Published"),
            "spec.stage of a Dataset's version must be Created")
    refused("a digest must be a sha256", "artifactversions", good("artifactversions", digest="sha256:1"), "spec.digest")
    store("artifactversions", good("artifactversions"))
    name = "model-digits-v1"
    edit("a version's stage may change", "artifactversions", name, {"stage": "Published"})
    for change, words in (({"of": {"name": "other"}}, "spec.of is immutable"), ({"number": 2}, "spec.number is immutable"),
                          ({"digest": "sha256:" + "b" * 64}, "spec.digest is immutable"),
                          ({"run": "x"}, "spec.run, spec.runUID and spec.output are immutable"),
                          ({"runUID": None}, "spec.run, spec.runUID and spec.output are immutable"),
                          ({"output": "x"}, "spec.run, spec.runUID and spec.output are immutable"),
                          ({"size": 11}, "spec.source, spec.size and spec.files are immutable"),
                          ({"source": "x"}, "spec.source, spec.size and spec.files are immutable"),
                          ({"files": 2}, "spec.source, spec.size and spec.files are immutable")):
        edit(f"a version's {next(iter(change))} cannot change", "artifactversions", name, change, words)


def test_paths():
    shapes = ("data", "/", "/a/", "/a//b", "/a/../b", "/a/.", "/a b")
    system = ("/dev", "/proc/1", "/sys", "/etc/x", "/run", "/var/run/dkube",
              "/bin", "/lib64/x", "/usr", "/usr/bin", "/usr/lib/x", "/var", "/tmp")
    code = lambda p: good("dkuberuns", code={"repo": "digits", "workdir": p})  # noqa: E731
    data = lambda p: good("dkuberuns", inputs=[{"name": "digits", "mountPath": p}])  # noqa: E731
    model = lambda p: good("dkuberuns", outputs=[{"name": "digits", "mountPath": p}])  # noqa: E731
    for field, plural, make in (("spec.code.workdir", "dkuberuns", code),
                                ("spec.inputs[].mountPath", "dkuberuns", data),
                                ("spec.outputs[].mountPath", "dkuberuns", model),
                                ("spec.mountPath", "deployments", lambda p: good("deployments", mountPath=p))):
        for p in shapes:
            if len(p) > 1:
                refused(f"{field} '{p}' is refused", plural, make(p), f"{field} must be an absolute path")
            else:
                refused(f"{field} '{p}' is refused", plural, make(p), field.replace("[]", "[0]"))
        for p in system:
            refused(f"{field} '{p}' is refused", plural, make(p), f"{field} must not be under /dev")
        for p in ("/devices/run-1/.cache", "/library", "/usr/src/app", "/usr/libre", "/var/data", "/tmp/out"):
            taken(f"{field} '{p}' is taken", plural, make(p))


def test_mounts():
    def run(inputs=(), outputs=(), workdir="/code"):
        return good("dkuberuns", code={"repo": "digits", "workdir": workdir},
                    inputs=[{"name": "d", "mountPath": p} for p in inputs],
                    outputs=[{"name": f"o{i}", "mountPath": p} for i, p in enumerate(outputs)])
    taken("sixteen inputs and sixteen outputs are taken", "dkuberuns",
          run([f"/i/{i}" for i in range(16)], [f"/o/{i}" for i in range(16)]))
    refused("seventeen inputs are refused", "dkuberuns", run([f"/i/{i}" for i in range(17)]), "must have at most 16 items")
    refused("one input inside another is refused", "dkuberuns", run(["/i", "/i/a"]), "spec.inputs[].mountPath must all differ")
    refused("two outputs at one path are refused", "dkuberuns", run([], ["/o", "/o"]), "spec.outputs[].mountPath must all differ")
    refused("one output inside another is refused", "dkuberuns", run([], ["/o/a", "/o"]), "spec.outputs[].mountPath must all differ")
    both = "spec.inputs[].mountPath and spec.outputs[].mountPath must not be the same"
    for i, o in (("/a", "/a"), ("/a", "/a/b"), ("/a/b", "/a")):
        refused(f"an input at {i} and an output at {o} are refused", "dkuberuns", run([i], [o]), both)
    work = "spec.code.workdir and every mountPath of spec.inputs and spec.outputs must not be the same"
    for p in ("/code", "/code/data"):
        refused(f"an input at {p} and the code at /code are refused", "dkuberuns", run([p]), work)
        refused(f"an output at {p} and the code at /code are refused", "dkuberuns", run([], [p]), work)
    refused("the code inside an input is refused", "dkuberuns", run(["/a"], workdir="/a/code"), work)
    taken("paths that only begin alike are taken", "dkuberuns", run(["/a", "/ab"], ["/abc"], "/code"))
    twice = good("dkuberuns", inputs=[{"name": "a", "mountPath": "/x"}, {"name": "b", "mountPath": "/x"}])
    code, answer = dry("dkuberuns", twice)
    note("dkuberuns", answer)
    tap.ok(code == 422 and "spec.inputs[1]: Duplicate value" in answer["message"], "two inputs at one path are refused", answer)


def test_workload_fields():
    for plural, image in (("dkuberuns", "image"), ("deployments", "servingImage")):
        refused(f"{plural}: an image with a space is refused", plural, good(plural, **{image: "a b"}),
                f"spec.{image} must be an image reference")
        refused(f"{plural}: a parameter called DKUBE_URL is refused", plural,
                good(plural, parameters=[{"name": "DKUBE_URL", "value": "x"}]), "must not begin with DKUBE_")
        for unit in ("cpu", "memory") + (("shm",) if plural == "dkuberuns" else ()):
            refused(f"{plural}: {unit} '1 GB' is refused", plural, good(plural, resources={unit: "1 GB"}),
                    f"spec.resources.{unit} must be a quantity")
            refused(f"{plural}: {unit} -1 is refused", plural, good(plural, resources={unit: -1}),
                    f"spec.resources.{unit} must be a quantity")
        for amount in ("1m", "1Mi", 4194303):
            refused(f"{plural}: memory {amount} is refused", plural, good(plural, resources={"memory": amount}),
                    "spec.resources.memory must be a quantity of 4Mi or more, or 0")
        for amount in ("0", 0, "4Mi", 4194304):
            taken(f"{plural}: memory {amount!r} is taken", plural, good(plural, resources={"memory": amount}))
        refused(f"{plural}: gpus over the limit is refused", plural, good(plural, gpus=5000), "spec.gpus")
        refused(f"{plural}: an empty owner is refused", plural, good(plural, owner=""), "spec.owner")
        refused(f"{plural}: no owner is refused", plural, good(plural, owner=None), "spec.owner: Required value")
    refused("a free-only run without GPUs is refused", "dkuberuns", good("dkuberuns", gpus=0, freeOnly=True), "ask for 1 or more")
    taken("a run may be free-only", "dkuberuns", good("dkuberuns", freeOnly=True))
    manual = {"manual": {"workers": 1, "gpusPerWorker": 2}}
    taken("a run may be distributed by hand, without spec.gpus", "dkuberuns", good("dkuberuns", gpus=None, distribution=manual))
    taken("a run may be distributed automatically", "dkuberuns", good("dkuberuns", distribution={"auto": {}}))
    refused("a distribution of both kinds is refused", "dkuberuns", good("dkuberuns", distribution=dict(manual, auto={})), "either auto or manual")
    refused("a distribution of no kind is refused", "dkuberuns", good("dkuberuns", distribution={}), "either auto or manual")
    refused("a distribution by hand with spec.gpus is refused", "dkuberuns", good("dkuberuns", distribution=manual), "leave spec.gpus out")
    refused("nothing to distribute is refused", "dkuberuns", good("dkuberuns", gpus=0, distribution={"auto": {}}), "spec.distribution.auto distributes spec.gpus")
    refused("a distributed free-only run is refused", "dkuberuns", good("dkuberuns", freeOnly=True, distribution={"auto": {}}), "free on one node")
    for text in ("2 hours", "0h", "h", "-1h", "1.5h", "30m1h"):
        refused(f"maxRuntime '{text}' is refused", "dkuberuns", good("dkuberuns", maxRuntime=text), "spec.maxRuntime")
    refused("an empty command is refused", "dkuberuns", good("dkuberuns", command=[]), "spec.command")
    code, answer = api.request("POST", path("dkuberuns", query="?dryRun=All&fieldValidation=Strict"), good("dkuberuns", gpu=1))
    tap.ok(code == 400 and 'unknown field "spec.gpu"' in answer["message"], "a misspelt field is named", answer.get("message"))


def test_run_edits():
    store("dkuberuns", good("dkuberuns"))
    refusals = (
        ({"owner": "bob"}, "spec.owner is immutable"),
        ({"kind": "preprocessing"}, "spec.kind, spec.image and spec.command are immutable"),
        ({"image": "x"}, "spec.kind, spec.image and spec.command are immutable"),
        ({"command": ["x"]}, "spec.kind, spec.image and spec.command are immutable"),
        ({"code": {"commit": "main"}}, "spec.code is immutable"), ({"code": None}, "spec.code is immutable"),
        ({"inputs": None}, "spec.inputs is immutable"), ({"outputs": []}, "spec.outputs is immutable"),
        ({"parameters": [{"name": "EPOCHS", "value": "11"}]}, "spec.parameters is immutable"),
        ({"gpus": 2}, "spec.gpus, spec.gpuType and spec.resources are immutable"),
        ({"gpuType": "A100"}, "spec.gpus, spec.gpuType and spec.resources are immutable"),
        ({"resources": {"cpu": 3}}, "spec.gpus, spec.gpuType and spec.resources are immutable"),
        ({"freeOnly": True}, "spec.freeOnly is immutable"),
        ({"distribution": {"auto": {}}}, "spec.distribution is immutable"),
        ({"maxRuntime": "3h"}, "spec.maxRuntime, spec.restarts and spec.terminationGracePeriodSeconds are immutable"),
        ({"restarts": 1}, "spec.maxRuntime, spec.restarts and spec.terminationGracePeriodSeconds are immutable"),
        ({"terminationGracePeriodSeconds": 1}, "spec.maxRuntime, spec.restarts and"))
    for change, words in refusals:
        edit(f"a run's {next(iter(change))} cannot change to {next(iter(change.values()))}", "dkuberuns", "train", change, words)
    edit("a run's tags, description and archived may change", "dkuberuns", "train",
         {"tags": ["a"], "description": "b", "archived": True})
    edit("a run's priority may change before it is admitted", "dkuberuns", "train", {"priority": 5})
    status("dkuberuns", "train", {"phase": "WaitingForGPUs", "position": 1})
    edit("a run's priority may change while it waits", "dkuberuns", "train", {"priority": 5})
    status("dkuberuns", "train", {"admission": {"attempt": 0, "pool": "vision", "nodes": [{"name": "n", "gpus": 1}]}})
    fixed = "spec.priority cannot change once the run is admitted"
    edit("a run's priority cannot change once it is admitted", "dkuberuns", "train", {"priority": 5}, fixed)
    status("dkuberuns", "train", {"admission": None, "phase": "Running"})
    edit("a run's priority cannot change while it runs", "dkuberuns", "train", {"priority": 5}, fixed)
    code, _ = api.merge(path("dkuberuns", "train"), {"spec": {"stop": True}})
    tap.ok(code == 200, "a run can be stopped", code)
    for value in (False, None):
        edit(f"a stop cannot be taken back by {value}", "dkuberuns", "train", {"stop": value}, "spec.stop cannot be taken back")
    code, answer = api.merge(path("dkuberuns", "train") + "/status", {"status": {"phase": "Nowhere"}})
    tap.ok(code == 422, "a phase that there is not is refused", answer)


def test_deployments():
    store("deployments", good("deployments"))
    edit("a deployment's owner cannot change", "deployments", "digits", {"owner": "bob"}, "spec.owner is immutable")
    edit("a deployment's version may change", "deployments", "digits", {"version": 2})
    code, answer = api.merge(path("deployments", "digits") + "/scale", {"spec": {"replicas": 3}})
    _, now = api.request("GET", path("deployments", "digits"))
    tap.ok(code == 200 and now["spec"]["minReplicas"] == 3, "the scale sub-resource sets minReplicas", answer)
    refused("more than a hundred replicas are refused", "deployments", good("deployments", minReplicas=101), "spec.minReplicas")


def test_two_managers():
    def apply(manager, fields_):
        run = {"apiVersion": "dkube.io/v1alpha1", "kind": "DkubeRun", "metadata": {"name": "train"}, "status": fields_}
        return api.request("PATCH", path("dkuberuns", "train") + f"/status?fieldManager={manager}&force=true", run,
                           kind="application/apply-patch+yaml")
    ready = {"type": "Ready", "status": "False", "reason": "X", "message": "", "lastTransitionTime": "2020-01-01T00:00:00Z"}
    apply("dkube-ledger", {"position": 2})
    code, run = apply("dkube-run-controller", {"phase": "WaitingForGPUs", "conditions": [ready]})
    tap.ok(code == 200 and run["status"].get("position") == 2 and run["status"]["phase"] == "WaitingForGPUs",
           "the ledger and the run-controller write one status without overwriting each other", run)
    code, run = apply("dkube-ledger", {"admission": {"attempt": 0, "pool": "p"}})
    tap.ok(code == 200 and "position" not in run["status"] and run["status"]["phase"] == "WaitingForGPUs",
           "what the ledger no longer says goes, and nothing else does", run)


def test_printing():
    status("dkuberuns", "train", {"state": "Training", "reason": "Started", "admission": {"nodes": [{"name": "n7", "gpus": 1}]}})
    out = kubectl("get", "dkr", "-n", NS, "-o", "wide")
    tap.ok(all(w in out for w in ("STATE", "GPUS", "POSITION", "REASON", "COMMIT", "NODE", "Training", "Started", "n7")),
           "kubectl get tells what a run is doing and why", out)
    out = kubectl("get", "dkube", "-n", NS, "-o", "name")
    tap.ok("dkuberun.dkube.io/train" in out and "pool.dkube.io/crds-test" in out, "kubectl get dkube lists every kind", out)
    out = kubectl("explain", "dkuberuns.spec.maxRuntime")
    tap.ok("for example 2h" in " ".join(out.split()), "kubectl explain reads like documentation", out)
    out = kubectl("explain", "dkdep.spec.model")
    tap.ok("dkube.io" in out, "kubectl explain dkdep explains our Deployment, not that of apps", out)


def cleanup():
    for plural in ("pools", "groups", "users"):
        api.request("DELETE", path(plural, "crds-test"))
    api.request("DELETE", f"/api/v1/namespaces/{NS}")


KINDS = install()
RULES = {p: {r["message"] for _, s in fields(k) for r in s.get("x-kubernetes-validations", [])} for p, k in KINDS.items()}
try:
    for test in (test_shape, test_good, test_names, test_cluster_kinds, test_sources, test_versions, test_paths,
                 test_mounts, test_workload_fields, test_run_edits, test_deployments, test_two_managers, test_printing):
        test()
    silent = [f"{p}: {m}" for p in RULES for m in sorted(RULES[p]) if (p, m) not in seen]
    tap.ok(not silent, "each rule of each kind has refused something here", "\n".join(silent))
finally:
    cleanup()
tap.end()
