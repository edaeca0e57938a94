"""Workloads as data (../workloads.yaml), and how their steps are carried out."""
import copy
import pathlib

import yaml

from . import api as kube

HERE = pathlib.Path(__file__).resolve().parent
SWEEPS = ("Pool", "Group", "User", "DataStore", "Node")
HEAL_S, STUCK_S = 1.5, 15


def field(o, dotted):
    """A value by path; conditions by their type."""
    for key in dotted.split("."):
        if isinstance(o, list):
            if key.isdigit():
                o = o[int(key)] if int(key) < len(o) else None
            else:
                o = next((c.get("status") for c in o if c.get("type") == key), None)
        elif isinstance(o, dict):
            o = o.get(key)
        else:
            return None
    return o


def assign(o, dotted, value):
    *way, last = dotted.split(".")
    for key in way:
        o = o.setdefault(key, {})
    o[last] = value


class Stuck(Exception):
    pass


class Workload:
    def __init__(self, name, spec, parts):
        self.name, self.spec, self.parts = name, spec, parts
        self.programs = spec["programs"]
        self.sweeps = SWEEPS

    def put(self, stage, text, overrides=None):
        """Creates objects; a status goes to its sub-resource."""
        api = stage.lane.api
        for o in yaml.safe_load_all(stage.text(text)):
            o = copy.deepcopy(o)
            for dotted, value in (overrides or {}).items():
                assign(o, dotted, value)
            status = o.pop("status", None)
            ns, name = o["metadata"].get("namespace", ""), o["metadata"]["name"]
            if o["kind"] == "Secret":
                api.request("POST", f"/api/v1/namespaces/{ns}/secrets", o)
                continue
            api.create(o)
            if status is not None:
                api.patch(o["kind"], ns, name, {"status": status}, "status")

    def setup(self, stage):
        for part in self.spec.get("setup", []):
            self.put(stage, self.parts[part])
        present = stage.lane.watcher
        present.until(lambda: not self.spec.get("setup") or any(stage.name in k[2] for k in present.model), 5)

    def act(self, stage, step):
        """One step but waiting; also what "actors" of a plan do."""
        api, ns = stage.lane.api, stage.name
        for ref, body in step.get("patch", {}).items():
            kind, name = stage.text(ref).split("/")
            api.patch(kind, ns, name, body)
        for ref, body in step.get("status", {}).items():
            kind, name = stage.text(ref).split("/")
            api.patch(kind, ns, name, {"status": body}, "status")
        for ref in step.get("delete", []):
            kind, name = stage.text(ref).split("/")
            try:
                api.delete(kind, ns, name, 0 if step.get("force") else None)
            except kube.Refused as e:
                if e.code != 404:
                    raise
        apply = step.get("apply", {})
        for part, name in apply.items():
            if part == "part":
                self.put(stage, self.parts[name])
            elif part in self.parts:
                self.put(stage, self.parts[part].replace("NAME", name), apply.get("set"))
            elif part != "set":
                self.put(stage, name)

    def holds(self, stage, step):
        watcher, ns = stage.lane.watcher, stage.name
        for ref, wanted in step.get("wait", {}).items():
            kind, name = stage.text(ref).split("/")
            o = watcher.get(kind, ns, name)
            if o is None or any(field(o, k) != v for k, v in wanted.items()):
                return False
        for ref in step.get("gone", []):
            kind, name = stage.text(ref).split("/")
            if watcher.get(kind, ns, name) is not None:
                return False
        return True

    def has_ended(self, stage, ends):
        """Some run has come to the end that the plan foresees instead of the undisturbed one."""
        runs = [o for (kind, ns, _), o in stage.lane.watcher.objects().items() if kind == "DkubeRun" and ns == stage.name]
        return any(all(field(o, k) == v for k, v in ends.items()) for o in runs)

    def play(self, stage, hostile=False, ends=None):
        """All steps, until the end that is foreseen. A hostile fault is healed by a relist when a step gets nowhere."""
        watcher = stage.lane.watcher
        for i, step in enumerate(self.spec["steps"]):
            self.act(stage, step)
            if ends:
                if not watcher.until(lambda s=step: self.holds(stage, s) or self.has_ended(stage, ends),
                                     STUCK_S * stage.patience, stage.supervise):
                    raise Stuck(f"step {i} came neither to its end nor to {ends}")
                if self.has_ended(stage, ends):
                    return
                continue
            if hostile and not watcher.until(lambda s=step: self.holds(stage, s), HEAL_S, stage.supervise):
                stage.heal()
            if not watcher.until(lambda s=step: self.holds(stage, s), STUCK_S * stage.patience, stage.supervise):
                raise Stuck(f"step {i} got nowhere: {step}")


def load():
    with open(HERE.parent / "workloads.yaml", encoding="utf-8") as f:
        doc = yaml.safe_load(f)
    return {name: Workload(name, spec, doc["parts"]) for name, spec in doc["workloads"].items()}
