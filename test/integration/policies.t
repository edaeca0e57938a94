#!/usr/bin/env python3
"""The installation in a real API server: the policies, the roles of people and of programs, the pods."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from kubeapi import ROOT, Api, Tap, kubectl, wait_for  # noqa: E402

API = "/apis/dkube.io/v1alpha1"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
NS, OTHER = "policies-test", "policies-other"
PROGRAMS = ("resource-controller", "run-controller", "model-controller", "deployment-controller", "lineage", "store")
ROLES = {"ada": "data-scientist", "mia": "ml-engineer", "pat": "production-engineer"}
OPERATOR = "olga"

api = Api()
tap = Tap()


def account(name, namespace="dkube-system"):
    return f"system:serviceaccount:{namespace}:{name}"


def item(kind, name, spec, **meta):
    return {"apiVersion": "dkube.io/v1alpha1", "kind": kind, "metadata": {"name": name, **meta}, "spec": spec}


def run(name, owner, **meta):
    return item("DkubeRun", name, {"image": "a", "command": ["b"], "owner": owner}, **meta)


def pod(resources=None, init=None, account_name=None, **spec):
    containers = [{"name": "c", "image": "a", "resources": resources or {}}]
    body = {"containers": containers, **spec}
    if init:
        body["initContainers"] = [{"name": "i", "image": "a", "resources": init}]
    if account_name:
        body["serviceAccountName"] = account_name
    return {"metadata": {"name": "p"}, "spec": body}


def space(plural, name="", namespace=NS):
    return f"{API}/namespaces/{namespace}/{plural}/{name}".rstrip("/")


def must(verb, path, body=None, who=None):
    code, answer = api.request(verb, path, body, who)
    if code not in (200, 201, 202, 409):
        raise RuntimeError(f"{verb} {path}: {code} {answer.get('message')}")
    return answer


def status(path, fields):
    code, answer = api.merge(path + "/status", {"status": fields})
    if code != 200:
        raise RuntimeError(f"{path}: {code} {answer.get('message')}")


def taken(sentence, answer):
    code, body = answer
    return tap.ok(code in (200, 201, 202), sentence, f"{code} {body.get('message')}")


def refused(sentence, answer, words):
    code, body = answer
    return tap.ok(code in (403, 422) and words in body.get("message", ""), sentence,
                  f"wanted a refusal with '{words}', got {code} {body.get('message')}")


def try_create(path, body, who=None):
    return api.request("POST", path + "?dryRun=All", body, who)


def try_delete(path, who=None):
    return api.request("DELETE", path + "?dryRun=All", None, who)


def may(who, verb, resource, group="", namespace="", name="", sub=""):
    body = {"spec": {"user": who, "groups": ["system:authenticated"], "resourceAttributes": {
        "verb": verb, "resource": resource, "group": group, "namespace": namespace, "name": name, "subresource": sub}}}
    return must("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", body)["status"]["allowed"]


def bind(path, kind, role, user):
    must("POST", path, {"metadata": {"name": f"policies-test-{user}"},
                        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": f"dkube-{role}"},
                        "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": user}]})


def wait_until_all_hold():
    """A policy takes effect a moment after it was written, each in its turn: one that is written last holds last."""
    admission, name = "/apis/admissionregistration.k8s.io/v1", "written-last"
    must("POST", f"{admission}/validatingadmissionpolicies", {
        "metadata": {"name": name}, "spec": {"failurePolicy": "Fail", "validations": [{"expression": "false"}], "matchConstraints": {
            "resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"],
                               "resourceNames": [name]}]}}})
    must("POST", f"{admission}/validatingadmissionpolicybindings", {
        "metadata": {"name": name}, "spec": {"policyName": name, "validationActions": ["Deny"]}})
    path = f"/api/v1/namespaces/{NS}/configmaps?dryRun=All"
    wait_for("the policy written last holds", lambda: api.request("POST", path, {"metadata": {"name": name}})[0] in (403, 422))
    for kind in ("validatingadmissionpolicybindings", "validatingadmissionpolicies"):
        must("DELETE", f"{admission}/{kind}/{name}")


def install():
    kubectl("apply", "--server-side", "-k", str(ROOT / "manifests/crds"))
    kubectl("wait", "--for=condition=Established", "--timeout=30s", "crd/dkuberuns.dkube.io", "crd/pools.dkube.io",
            "crd/groups.dkube.io", "crd/artifactversions.dkube.io", "crd/deployments.dkube.io")
    kubectl("apply", "--server-side", "-k", str(ROOT / "manifests/install"))
    must("POST", "/api/v1/namespaces", {"metadata": {"name": NS, "labels": {"dkube.io/group": NS}}})
    must("POST", "/api/v1/namespaces", {"metadata": {"name": OTHER}})
    for user, role in ROLES.items():
        bind(f"{RBAC}/namespaces/{NS}/rolebindings", "ClusterRole", role, user)
    bind(f"{RBAC}/clusterrolebindings", "ClusterRole", "operator", OPERATOR)
    wait_for("the policies hold", lambda: try_create(space("dkuberuns"), run("w", "someone"), "ada")[0] in (403, 422))
    wait_until_all_hold()
    for namespace in (NS, OTHER):
        must("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts", {"metadata": {"name": "dkube-run"}})
    for namespace in (NS, OTHER, "dkube-system"):
        wait_for("accounts are there", lambda n=namespace: api.request("GET", f"/api/v1/namespaces/{n}/serviceaccounts/default")[0] == 200)


def test_owner():
    words = "set spec.owner to ada, or have the verb actfor on users.dkube.io"
    taken("a run in one's own name is taken", try_create(space("dkuberuns"), run("r", "ada"), "ada"))
    refused("a run in another's name is refused", try_create(space("dkuberuns"), run("r", "bob"), "ada"), words)
    deployment = item("Deployment", "d", {"model": "m", "servingImage": "a", "owner": "bob"})
    refused("a deployment in another's name is refused", try_create(space("deployments"), deployment, "pat"),
            "set spec.owner to pat")
    bind(f"{RBAC}/namespaces/{NS}/rolebindings", "ClusterRole", "data-scientist", "gitops")
    wait_for("the binding holds", lambda: may("gitops", "create", "dkuberuns", "dkube.io", NS))
    refused("a GitOps account without actfor is refused", try_create(space("dkuberuns"), run("r", "bob"), "gitops"), "actfor")
    bind(f"{RBAC}/clusterrolebindings", "ClusterRole", "act-for", "gitops")
    wait_for("the binding holds", lambda: may("gitops", "actfor", "users", "dkube.io"))
    taken("a GitOps account with actfor may write runs for others", try_create(space("dkuberuns"), run("r", "bob"), "gitops"))


def version(stage):
    spec = {"of": {"kind": "Model", "name": "m"}, "number": 1, "digest": "sha256:" + "a" * 64, "size": 1, "files": 1}
    return item("ArtifactVersion", "model-m-v1", {**spec, "stage": stage})


def test_publish():
    path, words = space("artifactversions", "model-m-v1"), "who has the verb publish on artifactversions.dkube.io"
    refused("a version that begins Published is refused to the model-controller",
            try_create(space("artifactversions"), version("Published"), account("model-controller")), words)
    taken("a version that begins Created is not", try_create(space("artifactversions"), version("Created"), account("model-controller")))
    refused("people make no versions", try_create(space("artifactversions"), version("Created"), "mia"), "cannot create")
    must("POST", space("artifactversions"), version("Created"))

    def stage(to, who):
        return api.merge(path + "?dryRun=All", {"spec": {"stage": to}}, who)
    taken("a data scientist may release a version", stage("Released", "ada"))
    refused("a data scientist may not publish it", stage("Published", "ada"), "spec.stage may not go from Created to Published by ada")
    taken("an ML engineer may publish it", stage("Published", "mia"))
    api.merge(path, {"spec": {"stage": "Published"}})
    refused("a data scientist may not take back what is published", stage("Released", "ada"), words)
    taken("an ML engineer may take it back", stage("Released", "mia"))
    taken("a published version may be labelled by a data scientist", api.merge(path + "?dryRun=All", {"metadata": {"labels": {"a": "b"}}}, "ada"))


def test_gpus():
    pods, elsewhere = f"/api/v1/namespaces/{NS}/pods", f"/api/v1/namespaces/{OTHER}/pods"
    gpu = {"limits": {"nvidia.com/gpu": "1"}, "requests": {"nvidia.com/gpu": "1"}}
    words = "make a DkubeRun or a Deployment of dkube.io with spec.gpus instead"
    refused("a stranger's pod with a GPU is refused in a group's namespace", try_create(pods, pod(gpu)), words)
    refused("so is one whose init container asks", try_create(pods, pod(None, {"limits": {"amd.com/gpu": "1"}})), words)
    refused("so is one that claims a device", try_create(pods, pod(resourceClaims=[{"name": "x", "resourceClaimName": "y"}])), words)
    taken("a stranger's pod with CPU and memory is taken", try_create(pods, pod({"limits": {"cpu": "1", "memory": "1Gi"}})))
    taken("a stranger's pod with a GPU is taken where there is no group", try_create(elsewhere, pod(gpu)))
    refused("the model-controller's pods get no GPU either",
            try_create(pods, pod(gpu, account_name="dkube-run"), account("model-controller")), words)
    for program in ("run-controller", "deployment-controller"):
        taken(f"the {program}'s pod with a GPU is taken", try_create(pods, pod(gpu, account_name="dkube-run"), account(program)))


def test_annotations():
    words = "may be written by operators only"
    for key in ("dkube.io/force-delete", "dkube.io/forget"):
        noted = run("r", "ada", annotations={key: "true"})
        refused(f"a data scientist may not make a run with {key}", try_create(space("dkuberuns"), noted, "ada"), words)
    must("POST", space("dkuberuns"), run("noted", "admin"))
    path = space("dkuberuns", "noted")
    note = {"metadata": {"annotations": {"dkube.io/force-delete": "true"}}}
    refused("a data scientist may not annotate a run with force-delete", api.merge(path, note, "ada"), words)
    taken("a data scientist may write other annotations", api.merge(path, {"metadata": {"annotations": {"a": "b"}}}, "ada"))
    taken("an operator may annotate it", api.merge(path, note, OPERATOR))
    taken("what an operator wrote hinders nobody's edit", api.merge(path, {"spec": {"description": "x"}}, "ada"))
    refused("a data scientist may not take it away", api.merge(path, {"metadata": {"annotations": None}}, "ada"), words)


def test_finalizer():
    words = "metadata.finalizers must keep dkube.io/lineage"
    must("POST", space("dkuberuns"), run("kept", "admin", finalizers=["dkube.io/lineage", "a.example/x"]))
    path = space("dkuberuns", "kept")
    drop = {"metadata": {"finalizers": ["a.example/x"]}}
    refused("a data scientist may not take the mirror's finalizer away", api.merge(path, drop, "ada"), words)
    refused("nor all of them", api.merge(path, {"metadata": {"finalizers": None}}, "ada"), words)
    taken("those of others are nobody's business here", api.merge(path, {"metadata": {"finalizers": ["dkube.io/lineage"]}}, "ada"))
    taken("lineage takes its own away", api.merge(path, {"metadata": {"finalizers": None}}, account("lineage")))
    api.merge(path, {"metadata": {"finalizers": ["dkube.io/lineage"]}})
    taken("an operator may as well", api.merge(path, {"metadata": {"finalizers": None}}, OPERATOR))


def test_delete_pool():
    pool = f"{API}/pools/policies-test"
    must("POST", f"{API}/pools", item("Pool", "policies-test", {"gpus": 1}))
    taken("an idle pool may be deleted", try_delete(pool, OPERATOR))
    status(pool, {"runCount": 2, "runs": [f"{NS}/a", f"{NS}/b"]})
    refused("a pool with active runs is not deleted, and one of them is named", try_delete(pool, OPERATOR),
            f"the pool policies-test has 2 active run(s), such as {NS}/a; stop them")
    taken("the garbage collector passes", try_delete(pool, account("generic-garbage-collector", "kube-system")))
    api.merge(pool, {"metadata": {"annotations": {"dkube.io/force-delete": "true"}}}, OPERATOR)
    taken("an operator's force-delete lets a pool go", try_delete(pool, OPERATOR))
    status(pool, {"runCount": 0})
    must("DELETE", pool)
    must("POST", f"{API}/pools", item("Pool", "default", {}))
    refused("the pool default is not deleted", try_delete(f"{API}/pools/default", OPERATOR), "the pool default always exists")


def test_delete_group():
    group = f"{API}/groups/policies-test"
    must("POST", f"{API}/groups", item("Group", "policies-test", {"users": ["ada"]}))
    words = "the group policies-test has members; empty spec.users and spec.externalGroups"
    refused("a group with users is not deleted", try_delete(group, OPERATOR), words)
    api.merge(group, {"spec": {"users": [], "externalGroups": ["oidc:x"]}})
    refused("a group with external members is not deleted", try_delete(group, OPERATOR), words)
    api.merge(group, {"spec": {"externalGroups": []}})
    taken("an empty group may be deleted", try_delete(group, OPERATOR))
    must("DELETE", group)
    must("POST", f"{API}/groups", item("Group", "default", {"namespace": "dkube-default"}))
    refused("the group default is not deleted", try_delete(f"{API}/groups/default", OPERATOR), "the group default always exists")


def test_delete_run():
    must("POST", space("dkuberuns"), run("busy", "admin"))
    path = space("dkuberuns", "busy")
    taken("a run that has no phase yet may be deleted", try_delete(path, "ada"))
    for phase in ("Queued", "WaitingForGPUs", "Complete", "Error", "Stopped"):
        status(path, {"phase": phase})
        taken(f"a run that is {phase} may be deleted", try_delete(path, "ada"))
    for phase in ("Starting", "Running", "Stopping"):
        status(path, {"phase": phase})
        refused(f"a run that is {phase} is not deleted", try_delete(path, "ada"),
                f"the run busy is {phase}; set spec.stop to true, wait until status.phase is Stopped, then delete it")
    taken("the namespace controller passes", try_delete(path, account("namespace-controller", "kube-system")))
    refused("deleting all runs at once does not get round it", api.request("DELETE", space("dkuberuns"), None, "ada"), "the run busy is")


def test_scope():
    pods = "/api/v1/namespaces/{}/pods"
    who = account("run-controller")
    refused("a controller's pod outside the groups' namespaces is refused",
            try_create(pods.format(OTHER), pod(account_name="dkube-run"), who), f"{OTHER} has no label dkube.io/group")
    service = {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]}}
    refused("a controller's Service in kube-system is refused",
            try_create("/api/v1/namespaces/kube-system/services", service, account("deployment-controller")), "in the namespaces of groups only")
    refused("a controller's pod with another account is refused",
            try_create(pods.format(NS), pod(account_name="default"), who), "must be dkube-run")
    who, spaces = account("resource-controller"), "/api/v1/namespaces"
    refused("the resource-controller makes no namespace without a group", try_create(spaces, {"metadata": {"name": "x"}}, who), "is no group's")
    taken("it makes the namespace of a group", try_create(spaces, {"metadata": {"name": "x", "labels": {"dkube.io/group": "x"}}}, who))
    label = {"metadata": {"labels": {"dkube.io/group": "x"}}}
    refused("it takes over no namespace", api.merge(f"{spaces}/{OTHER}?dryRun=All", label, who), "label it dkube.io/adopt=<group>")
    refused("it deletes no namespace but a group's", try_delete(f"{spaces}/{OTHER}", who), "is no group's")
    api.merge(f"{spaces}/{OTHER}", {"metadata": {"labels": {"dkube.io/adopt": "x"}}})
    taken("it takes over one that offers itself", api.merge(f"{spaces}/{OTHER}?dryRun=All", label, who))
    api.merge(f"{spaces}/{OTHER}", {"metadata": {"labels": {"dkube.io/adopt": None}}})

    def binding(role):
        return {"metadata": {"name": "b"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
                "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "eve"}]}
    path = RBAC + "/namespaces/{}/rolebindings"
    for role in ("data-scientist", "ml-engineer", "production-engineer", "operator"):
        taken(f"it hands out dkube-{role}", try_create(path.format(NS), binding(f"dkube-{role}"), who))
    for role in ("cluster-admin", "edit", "dkube-run-controller"):
        refused(f"it does not hand out {role}", try_create(path.format(NS), binding(role), who), "attempting to grant")
    refused("it hands out nothing in kube-system", try_create(path.format("kube-system"), binding("dkube-operator"), who),
            "in the namespaces of groups only")
    tap.ok(not may(who, "escalate", "clusterroles", "rbac.authorization.k8s.io") and
           not may(who, "create", "clusterroles", "rbac.authorization.k8s.io") and
           not may(who, "patch", "clusterroles", "rbac.authorization.k8s.io"), "it neither escalates nor writes roles")


def test_programs():
    verbs = ("get", "list", "watch", "create", "update", "patch", "delete")
    for program in PROGRAMS:
        has = [v for v in verbs if may(account(program), v, "secrets") or may(account(program), v, "secrets", namespace=NS)]
        tap.ok(not has, f"{program} has no verb on secrets", has)
        plurals = ("pools", "groups", "users", "datastores", "coderepos", "datasets", "models", "artifactversions", "dkuberuns", "deployments")
        has = [(v, p) for p in plurals for v in ("update", "delete") if may(account(program), v, p, "dkube.io")]
        tap.ok(not has, f"{program} neither updates nor deletes what people wrote", has)
        tap.ok(not may(account(program), "create", "pods", namespace=NS, sub="exec"), f"{program} does not exec into pods")
        lease = [may(account(program), v, "leases", "coordination.k8s.io", "dkube-system", n)
                 for v in ("get", "update", "patch") for n in (program, "another")]
        wanted = [False] * 6 if program == "store" else [True, False] * 3
        tap.ok(lease == wanted, f"{program} holds its own Lease only", lease)


def test_people():
    for user, role in {**ROLES, OPERATOR: "operator"}.items():
        kinds = (("pods", ""), ("replicationcontrollers", ""), ("deployments", "apps"), ("statefulsets", "apps"),
                 ("daemonsets", "apps"), ("replicasets", "apps"), ("jobs", "batch"), ("cronjobs", "batch"))
        has = [(v, k) for k, g in kinds for v in ("create", "update", "patch") if may(user, v, k, g, NS)]
        has += [s for s in ("ephemeralcontainers", "exec", "attach") for v in ("create", "update", "patch") if may(user, v, "pods", "", NS, sub=s)]
        tap.ok(not has, f"the role {role} writes no pods and no workloads", has)
        has = [v for v in ("get", "list", "watch") if may(user, v, "secrets", "", NS)]
        tap.ok(not has, f"the role {role} reads no secrets", has)
        has = [(v, k) for k in ("users", "groups", "pools", "datastores") for v in ("create", "patch", "delete") if may(user, v, k, "dkube.io")]
        tap.ok(bool(has) == (role == "operator"), f"the role {role} {'writes' if role == 'operator' else 'does not write'} users, groups and pools", has)
        tap.ok(may(user, "list", "pools", "dkube.io") and may(user, "list", "dkuberuns", "dkube.io", NS) and may(user, "get", "pods", "", NS, sub="log"),
               f"the role {role} sees pools, runs and logs")
        has = [v for v in ("bind", "escalate", "impersonate", "actfor") for g, k in (("rbac.authorization.k8s.io", "clusterroles"), ("", "users"), ("dkube.io", "users"))
               if may(user, v, k, g)]
        tap.ok(not has, f"the role {role} grants and acts for nobody", has)
    tap.ok(may("ada", "create", "dkuberuns", "dkube.io", NS) and not may("ada", "create", "dkuberuns", "dkube.io", OTHER),
           "a data scientist makes runs in the group's namespace only")
    tap.ok(may("pat", "create", "deployments", "dkube.io", NS) and not may("ada", "create", "deployments", "dkube.io", NS),
           "a production engineer deploys, a data scientist does not")


def test_install():
    def templates():
        for kind in ("deployments", "statefulsets"):
            for workload in must("GET", f"/apis/apps/v1/namespaces/dkube-system/{kind}")["items"]:
                yield workload
    names = set()
    for workload in templates():
        name, template = workload["metadata"]["name"], workload["spec"]["template"]
        names.add(name)
        claims = [c["metadata"]["name"] for c in workload["spec"].get("volumeClaimTemplates", [])]
        spec = dict(template["spec"], volumes=template["spec"].get("volumes", []) + [{"name": c, "emptyDir": {}} for c in claims])
        body = {"metadata": {"name": "p", "labels": template["metadata"]["labels"]}, "spec": spec}
        taken(f"the pod of {name} passes Pod Security restricted", try_create("/api/v1/namespaces/dkube-system/pods", body))
        c = spec["containers"][0]
        tap.ok(c["resources"].get("requests") and c["resources"].get("limits") and c["securityContext"]["readOnlyRootFilesystem"] and
               c.get("livenessProbe") and c.get("readinessProbe"), f"{name} has requests, limits, probes and a read-only root", c)
        if name != "store":
            tap.ok(workload["spec"]["replicas"] == 2, f"{name} has two replicas", workload["spec"]["replicas"])
            taken(f"{name} has a disruption budget", api.request("GET", f"/apis/policy/v1/namespaces/dkube-system/poddisruptionbudgets/{name}"))
            env = {e["name"]: e.get("value") for e in c["env"]}
            tap.ok(env["DKUBE_IMAGE"] == c["image"], f"{name} makes pods from the image that it runs itself", env)
    tap.ok(names == set(PROGRAMS), "each program is installed", names)
    code, out = kubectl("diff", "--server-side", "-k", str(ROOT / "manifests/install-all"), check=False)
    tap.ok(code == 0, "applying the installation again would change nothing", out)
    must("DELETE", "/apis/apps/v1/namespaces/dkube-system/statefulsets/store")  # the size of a claim is immutable
    out = kubectl("kustomize", str(ROOT / "manifests/local"))
    code, out = kubectl("apply", "--server-side", "--dry-run=server", "--force-conflicts", "-f", "-", stdin=out, check=False)
    tap.ok(code == 0 and "statefulset.apps/postgres" in out, "the local installation, PostgreSQL included, is taken", out)
    out = kubectl("kustomize", str(ROOT / "manifests/install-all"))
    tap.ok("kind: Secret\n" not in out and "PASSWORD" not in out, "no secret stands in the manifests")


def cleanup():
    must("DELETE", f"{RBAC}/clusterrolebindings/policies-test-{OPERATOR}")
    for path in (f"{API}/pools/default", f"{API}/groups/default"):
        api.merge(path, {"metadata": {"annotations": {"dkube.io/force-delete": "true"}}})
        api.request("DELETE", path)
    api.request("DELETE", f"{RBAC}/clusterrolebindings/policies-test-gitops")
    for namespace in (NS, OTHER):
        api.request("DELETE", f"/api/v1/namespaces/{namespace}")


install()
try:
    for test in (test_owner, test_publish, test_gpus, test_annotations, test_finalizer, test_delete_pool, test_delete_group,
                 test_delete_run, test_scope, test_programs, test_people, test_install):
        test()
finally:
    cleanup()
tap.end()
