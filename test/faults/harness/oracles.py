"""What must hold: at every revision (safety), and when all is quiet (the same end)."""
import json
import pathlib
import re

MASKS = json.loads((pathlib.Path(__file__).resolve().parent.parent / "masks.json").read_text())
FINAL = ("Complete", "Error", "Stopped")
NEXT = {None: {"Queued", "Error"}, "Queued": {"WaitingForGPUs", "Starting", "Error", "Stopped"},
        "WaitingForGPUs": {"Starting", "Error", "Stopped"},
        "Starting": {"Running", "Error", "WaitingForGPUs", "Stopping"},
        "Running": {"Complete", "Error", "WaitingForGPUs", "Starting", "Stopping"}, "Stopping": {"Stopped", "Error", "WaitingForGPUs"}}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
GPU = "nvidia.com/gpu"
LATE_OWNER_REVISIONS = 60  # a child made for an owner that went just now: the garbage collector's work


def drop(o, parts):
    if not parts or o is None:
        return
    if isinstance(o, list):
        for item in o:
            drop(item, parts[1:] if parts[0] == "*" else parts)
        return
    if not isinstance(o, dict):
        return
    dotted = ".".join(parts)
    if dotted in o:
        del o[dotted]
    elif len(parts) == 1:
        o.pop(parts[0], None)
    else:
        drop(o.get(parts[0]), parts[1:])


def masked(o, name):
    o = json.loads(UUID.sub("UID", json.dumps(o).replace(name, "$T")))
    for f in MASKS["fields"]:
        drop(o, f.split("."))
    if o["metadata"].get("annotations") == {}:
        del o["metadata"]["annotations"]
    if isinstance(o.get("status"), dict) and isinstance(o["status"].get("conditions"), list):
        o["status"]["conditions"].sort(key=lambda c: c["type"])
    return o


def end_state(stage):
    return {"/".join(k).replace(stage.name, "$T"): masked(o, stage.name)
            for k, o in sorted(stage.lane.watcher.objects().items())
            if k[0] not in MASKS["kinds"] and stage.is_mine(k)}


def alike(stage, reference):
    """Both ends; without generations where somebody has written a field that we do not know: that counts, too."""
    ends = [reference["end"], end_state(stage)]
    if stage.newer_on:
        ends = json.loads(json.dumps(ends))
        for o in (o for end in ends for o in end.values()):
            drop(o, ["status", "observedGeneration"])
            drop(o, ["status", "conditions", "*", "observedGeneration"])
    return ends


def differences(want, have):
    out = []
    for k in sorted(set(want) | set(have)):
        if k not in have:
            out.append(f"{k} is missing")
        elif k not in want:
            out.append(f"{k} is too many")
        else:
            compare(want[k], have[k], k, out)
    return out


def compare(a, b, at, out):
    if isinstance(a, dict) and isinstance(b, dict):
        for k in sorted(set(a) | set(b)):
            compare(a.get(k), b.get(k), f"{at}.{k}", out)
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b)):
            compare(x, y, f"{at}.{i}", out)
    elif a != b:
        out.append(f"{at}: want {json.dumps(a)}, have {json.dumps(b)}")


def counts(events, stage):
    """(kind, name) → how often added and deleted."""
    n = {}
    for _, what, kind, o in events:
        m = o["metadata"]
        if kind in MASKS["kinds"] or not stage.is_mine((kind, m.get("namespace", ""), m["name"])):
            continue
        key = f"{kind}/{m['name']}".replace(stage.name, "$T")
        row = n.setdefault(key, {"ADDED": 0, "MODIFIED": 0, "DELETED": 0})
        row[what] += 1
    return n


def gpus_of(pod):
    return sum(int(c.get("resources", {}).get("requests", {}).get(GPU, 0)) for c in pod["spec"]["containers"])


def has_ended(pod):
    return pod.get("status", {}).get("phase") in ("Succeeded", "Failed")


def node_of(pod):
    spec = pod["spec"]
    if spec.get("nodeName"):
        return spec["nodeName"]
    terms = spec.get("affinity", {}).get("nodeAffinity", {}).get("requiredDuringSchedulingIgnoredDuringExecution", {})
    for term in terms.get("nodeSelectorTerms", []):
        for f in term.get("matchFields", []):
            return f["values"][0]
    return None


class Safety:
    """Replays every revision that the watcher saw."""

    def __init__(self, programs):
        self.programs = programs
        self.model, self.born, self.died, self.phase, self.had = {}, {}, {}, {}, {}
        self.found = []

    def say(self, oracle, rv, text):
        self.found.append((oracle, f"at revision {rv}: {text}"))

    def replay(self, events):
        for rv, what, kind, o in events:
            m = o["metadata"]
            key = (kind, m.get("namespace", ""), m["name"])
            if what == "DELETED":
                self.model.pop(key, None)
                self.died[m["uid"]] = rv
            else:
                self.model[key] = o
                self.born.setdefault(m["uid"], rv)
            if what == "ADDED" and kind in ("Pod", "Service", "ArtifactVersion"):
                self.child(rv, kind, o)
            if kind == "DkubeRun" and what != "DELETED" and "run-controller" in self.programs:
                self.transition(rv, o)
            if kind in ("Pod", "Node"):
                self.pods(rv)
        self.versions()
        return self.found

    def child(self, rv, kind, o):
        """O9: no orphan; O4: none for a run that has ended."""
        m = o["metadata"]
        owner = next((r for r in m.get("ownerReferences", []) if r.get("controller")), None)
        if m.get("labels", {}).get("app.kubernetes.io/managed-by") != "dkube":
            return
        if owner is None:
            if kind != "ArtifactVersion":
                self.say("O9", rv, f"{kind} {m['name']} has no controller")
            return
        died = self.died.get(owner["uid"])
        if owner["uid"] not in self.born or (died and rv - died > LATE_OWNER_REVISIONS):
            self.say("O9", rv, f"{kind} {m['name']} belongs to {owner['uid']}, which is not there")
        run = next((r for (k, _, _), r in self.model.items() if k == "DkubeRun" and r["metadata"]["uid"] == owner["uid"]), {})
        if kind == "Pod" and run.get("status", {}).get("phase") in FINAL:
            self.say("O4", rv, f"pod {m['name']} was made for a run that has ended")

    def transition(self, rv, o):
        """O6: the phases' graph; an end is an end."""
        uid, now = o["metadata"]["uid"], o.get("status", {}).get("phase")
        was = self.phase.get(uid)
        if now != was and now not in NEXT.get(was, set()):
            self.say("O6", rv, f"run {o['metadata']['name']} went from {was} to {now}")
        self.phase[uid] = now

    def pods(self, rv):
        """O4: one live pod a run role, of a gang one a rank, all of one attempt; O5: no node gives more GPUs than it has."""
        roles, attempts, used = {}, {}, {}
        for (kind, ns, name), o in self.model.items():
            if kind != "Pod" or has_ended(o):
                continue
            labels = o["metadata"].get("labels", {})
            if labels.get("dkube.io/run"):
                role = (ns, labels["dkube.io/run"], labels.get("dkube.io/role"), labels.get("dkube.io/rank"))
                roles.setdefault(role, []).append(name)
                attempts.setdefault(role[:3], set()).add(labels.get("dkube.io/attempt"))
            node = node_of(o)
            if node:
                used[node] = used.get(node, 0) + gpus_of(o)
        for role, names in roles.items():
            if len(names) > 1:
                self.say("O4", rv, f"{role} has {len(names)} live pods: {names}")
        for role, of in attempts.items():
            if len(of) > 1:
                self.say("O4", rv, f"{role} has live pods of the attempts {sorted(map(str, of))}")
        for node, n in used.items():  # what stood on a node that is gone stands there until it is told
            has = self.model.get(("Node", "", node), {}).get("status", {}).get("capacity", {}).get(GPU, self.had.get(node, 0))
            self.had[node] = has
            if n > int(has):
                self.say("O5", rv, f"{n} GPUs of {has} are given on {node}")

    def versions(self):
        """O7: one version an output of a run, and no number twice."""
        seen = {}
        for (kind, ns, name), o in self.model.items():
            if kind == "ArtifactVersion" and o["spec"].get("runUID"):
                key = (ns, o["spec"]["runUID"], o["spec"].get("output"))
                if key in seen:
                    self.say("O7", 0, f"{name} and {seen[key]} are one output of one run")
                seen[key] = name


def pools_add_up(stage):
    """O5 at rest: every GPU is in exactly one pool, once the ledger runs and there is a pool default."""
    objects = stage.lane.watcher.objects()
    if "run-controller" not in stage.workload.programs or ("Pool", "", "default") not in objects:
        return []
    total = sum(int(o["status"].get("capacity", {}).get(GPU, 0)) for (k, _, _), o in objects.items() if k == "Node")
    pools = sum(o.get("status", {}).get("capacity", 0) for (k, _, _), o in objects.items() if k == "Pool")
    return [] if total == pools else [("O5", f"pools hold {pools} of {total} GPUs")]


def gpus_are_back(stage):
    """No run that has ended holds GPUs of its pool."""
    objects = stage.lane.watcher.objects()
    live = {f"{ns}/{name}" for (k, ns, name), o in objects.items()
            if k == "DkubeRun" and o.get("status", {}).get("phase") not in FINAL}
    return [("O5", f"pool {name} counts {run}, which has ended") for (k, _, name), o in objects.items() if k == "Pool"
            for run in o.get("status", {}).get("runs", []) if run not in live]


def hygiene(stage, reference, deaths):
    """O10: what requests look like, and how many there are."""
    calls = [e for e in stage.journal() if e["what"] == "call" and e["verb"] not in ("get", "list", "sql")]
    found = [("O10", f"{e['hygiene']}: {e['program']} {e['verb']} {e['kind']} {e.get('name')}") for e in calls
             if e.get("hygiene") and not (e["hygiene"] == "apply without uid" and e["kind"] == "events")
             and not (e["kind"] in ("leases", "events"))]
    if reference:
        fired = len(stage.fired())
        allowed = int(reference["writes"] * (1.5 + 0.5 * deaths)) * stage.plan.get("instances", 1) + 6 * fired + 20
        if len(calls) > allowed:
            found.append(("O10", f"{len(calls)} writes, {reference['writes']} undisturbed"))
    return found


SECRET = re.compile(r"eyJ[A-Za-z0-9_-]{40,}|canary-[0-9a-f]+")


def secrets(stage, events):
    """O12: no credential in what is said."""
    found = []
    for log in stage.dir.glob("*.log"):
        m = SECRET.search(log.read_text(errors="replace"))
        if m:
            found.append(("O12", f"{log.name} shows {m.group(0)[:12]}…"))
    for _, _, kind, o in events:
        m = SECRET.search(json.dumps(o))
        if m:
            found.append(("O12", f"{kind} {o['metadata']['name']} shows {m.group(0)[:12]}…"))
    return found


def logs(stage):
    """O13: every line is JSON; O12: no report of a sanitizer."""
    found = []
    for log in stage.dir.glob("*.log"):
        for line in log.read_text(errors="replace").splitlines():
            if "Sanitizer" in line or "runtime error:" in line:
                found.append(("O12", f"{log.name}: {line[:200]}"))
            try:
                json.loads(line)
            except ValueError:
                found.append(("O13", f"{log.name}: not JSON: {line[:120]}"))
                break
    return found
