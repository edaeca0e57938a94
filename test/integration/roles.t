#!/usr/bin/env python3
"""Each role tries each verb on each kind, for real (as a dry run): docs/reference/roles.md must say what came of it.

ROLES_WRITE=1 writes the page's table anew.
"""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from kubeapi import ROOT, Api, Tap, kubectl, wait_for  # noqa: E402

PAGE = ROOT / "docs/reference/roles.md"
HEAD = "| what | operator | data-scientist | ml-engineer | production-engineer | nobody |\n|---|---|---|---|---|---|\n"
API, RBAC, NS = "/apis/dkube.io/v1alpha1", "/apis/rbac.authorization.k8s.io/v1", "roles-test"
ROLES = ("operator", "data-scientist", "ml-engineer", "production-engineer", "nobody")
WHOLE = ("pools", "groups", "users", "datastores")  # of the whole cluster

api = Api()
tap = Tap()


def user(role):
    return f"roles-{role}"


def name_of(plural, name):
    """A version's name says of what it is."""
    return f"model-{name}-v1" if plural == "artifactversions" else name


def version(name):
    spec = {"of": {"kind": "Model", "name": name}, "number": 1, "digest": "sha256:" + "a" * 64, "size": 1, "files": 1}
    return "ArtifactVersion", {**spec, "stage": "Created"}


def kinds(owner, name=""):
    return {
        "pools": ("Pool", {"gpus": 1}),
        "groups": ("Group", {"users": []}),
        "users": ("User", {"username": f"of-{owner}", "roles": ["data-scientist"]}),
        "datastores": ("DataStore", {"storage": {"local": {}}}),
        "coderepos": ("CodeRepo", {"url": "http://git.example/d.git"}),
        "datasets": ("Dataset", {"source": {"git": {"url": "http://git.example/d.git"}}}),
        "models": ("Model", {"description": "m"}),
        "artifactversions": version(name),
        "dkuberuns": ("DkubeRun", {"image": "a", "command": ["b"], "owner": owner}),
        "deployments": ("Deployment", {"model": "m", "servingImage": "a", "owner": owner}),
    }


def path_of(plural, name=""):
    name = name and name_of(plural, name)
    if plural in ("secrets", "pods"):
        return f"/api/v1/namespaces/{NS}/{plural}/{name}".rstrip("/")
    return (f"{API}/{plural}/{name}" if plural in WHOLE else f"{API}/namespaces/{NS}/{plural}/{name}").rstrip("/")


def body_of(plural, name, owner):
    meta = {"metadata": {"name": name_of(plural, name)}}
    if plural == "secrets":
        return {**meta, "stringData": {"a": "b"}}
    if plural == "pods":
        return {**meta, "spec": {"containers": [{"name": "c", "image": "a"}]}}
    kind, spec = kinds(owner, name)[plural]
    return {"apiVersion": "dkube.io/v1alpha1", "kind": kind, **meta, "spec": spec}


def must(verb, path, body=None):
    code, answer = api.request(verb, path, body)
    if code not in (200, 201, 202, 409):
        raise RuntimeError(f"{verb} {path}: {code} {answer.get('message')}")


def may(answer, what):
    code, body = answer
    if code not in (200, 201, 202, 403):
        raise RuntimeError(f"{what}: {code} {body.get('message')}")
    return code != 403


def bind(role):
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": f"dkube-{role}"}
    body = {"metadata": {"name": f"{NS}-{role}"}, "roleRef": ref,
            "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": user(role)}]}
    must("POST", f"{RBAC}/clusterrolebindings" if role == "operator" else f"{RBAC}/namespaces/{NS}/rolebindings", body)


def verbs_on(plural, role):
    who, name = user(role), f"{NS}-made"
    one, dry = path_of(plural, name), "?dryRun=All"
    tries = {
        "see": lambda: api.request("GET", one, None, who),
        "make": lambda: api.request("POST", path_of(plural) + dry, body_of(plural, f"{NS}-new", who), who),
        "edit": lambda: api.merge(one + dry, {"metadata": {"labels": {"a": "b"}}}, who),
        "delete": lambda: api.request("DELETE", one + dry, None, who),
    }
    return ", ".join(verb for verb, go in tries.items() if may(go(), f"{role}: {verb} {plural}")) or "–"


def special(role):
    """What no verb of RBAC says by itself."""
    who, dry = user(role), "?dryRun=All"
    run, made = path_of("dkuberuns"), path_of("dkuberuns", f"{NS}-made")
    stage = path_of("artifactversions", f"{NS}-made") + dry
    note = {"metadata": {"annotations": {"dkube.io/force-delete": "true"}}}
    return {
        "release a version": api.merge(stage, {"spec": {"stage": "Released"}}, who),
        "publish a version": api.merge(stage, {"spec": {"stage": "Published"}}, who),
        "stop another's run": api.merge(made + dry, {"spec": {"stop": True}}, who),
        "make a run in another's name": api.request("POST", run + dry, body_of("dkuberuns", "x", "another"), who),
        "annotate `dkube.io/force-delete`": api.merge(made + dry, note, who),
        "read a pod's log": api.request("GET", path_of("pods", f"{NS}-made") + "/log", None, who),
    }


def table():
    rows = []
    for plural in (*kinds(""), "secrets", "pods"):
        title = f"{plural}.dkube.io" if plural == "deployments" else plural
        rows.append([title] + [verbs_on(plural, role) for role in ROLES])
    answers = {role: special(role) for role in ROLES}
    for what in answers["operator"]:
        rows.append([what] + ["yes" if answers[role][what][0] != 403 else "–" for role in ROLES])
    return HEAD + "".join("| " + " | ".join(r) + " |\n" for r in rows)


def install():
    kubectl("apply", "--server-side", "-k", str(ROOT / "manifests/crds"))
    kubectl("wait", "--for=condition=Established", "--timeout=30s", *[f"crd/{plural}.dkube.io" for plural in kinds("")])
    kubectl("apply", "--server-side", "-k", str(ROOT / "manifests/install"))
    must("POST", "/api/v1/namespaces", {"metadata": {"name": NS, "labels": {"dkube.io/group": NS}}})
    wait_for("accounts are there", lambda: api.request("GET", f"/api/v1/namespaces/{NS}/serviceaccounts/default")[0] == 200)
    for role in ROLES[:-1]:
        bind(role)
    for plural in (*kinds(""), "secrets", "pods"):
        must("POST", path_of(plural), body_of(plural, f"{NS}-made", "admin"))
    probe, other = path_of("dkuberuns") + "?dryRun=All", body_of("dkuberuns", "x", "another")
    wait_for("roles hold", lambda: api.request("GET", path_of("models"), None, user("production-engineer"))[0] == 200)
    wait_for("policies hold", lambda: "spec.owner" in api.request("POST", probe, other, user("data-scientist"))[1].get("message", ""))


def cleanup():
    api.request("DELETE", f"/api/v1/namespaces/{NS}")
    api.request("DELETE", f"{RBAC}/clusterrolebindings/{NS}-operator")
    for plural in WHOLE:
        api.request("DELETE", path_of(plural, f"{NS}-made"))


def main():
    install()
    try:
        now = table()
    finally:
        cleanup()
    text = PAGE.read_text()
    begin = text.index("| what |")
    said = text[begin:].split("\n\n", 1)[0].rstrip("\n") + "\n"
    if os.environ.get("ROLES_WRITE"):
        PAGE.write_text(text.replace(said, now))
        said = now
    ours, theirs = said.splitlines(), now.splitlines()
    for row in theirs[2:]:
        tap.ok(row in ours, f"what each role may do with {row.split(' | ')[0][2:]} is as the page says", f"it is: {row}")
    tap.ok(len(ours) == len(theirs), "the page says nothing else")
    tap.end()


main()
