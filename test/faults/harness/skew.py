"""Versions that differ: CRDs of a newer release, and programs of an older one beside those of this tree (P19)."""
import fcntl
import functools
import os
import pathlib
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
SOME_TIME = 60  # commits
NEW = "fromANewerRelease"
KEPT = {"spec": {NEW: {"kept": "yes"}}, "status": {NEW: "kept"}}


def newer(crds):
    """The same kinds with a field more in spec and status, as a release to come may have them."""
    for crd in crds:
        for version in crd["spec"]["versions"]:
            properties = version["schema"]["openAPIV3Schema"]["properties"]
            for part, schema in (("spec", {"type": "object", "additionalProperties": {"type": "string"}}), ("status", {"type": "string"})):
                if part in properties:
                    properties[part].setdefault("properties", {})[NEW] = schema
    return crds


def install(lane, text, is_newer):
    crds = [c for c in yaml.safe_load_all(text) if c]
    lane.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=yaml.safe_dump_all(newer(crds) if is_newer else crds))
    lane.kubectl("wait", "--for=condition=Established", "--timeout=30s", "crd", "--all")


def write(api, kind, ns, name):
    """What people and the programs of a newer release write into its fields."""
    api.patch(kind, ns, name, {"spec": KEPT["spec"]})
    api.patch(kind, ns, name, {"status": KEPT["status"]}, "status")


def kept(stage):
    """[(oracle, text)]: fields of a newer release that did not stay."""
    found = []
    for key in stage.newer_on:
        o = stage.lane.watcher.get(*key)
        for part, values in KEPT.items():
            if o is not None and any((o.get(part) or {}).get(k) != v for k, v in values.items()):
                found.append(("O1", f"{'/'.join(key)}: {part}.{NEW} of a newer release is gone"))
    return found


@functools.cache
def older_revision():
    """The last release, or where this tree was some time ago; None: the repository's history does not say."""
    for args in (["describe", "--tags", "--abbrev=0"], ["rev-parse", "--verify", "--quiet", f"HEAD~{SOME_TIME}"]):
        done = subprocess.run(["git", "-C", str(ROOT), *args], check=False, text=True, capture_output=True)
        if done.returncode == 0:
            return subprocess.run(["git", "-C", str(ROOT), "rev-parse", done.stdout.strip() + "^{commit}"], check=True, text=True,
                                  capture_output=True).stdout.strip()
    return None


@functools.cache
def plays(workload):
    """Did the older revision have this workload? Its programs cannot do what came later."""
    revision = older_revision()
    done = subprocess.run(["git", "-C", str(ROOT), "show", f"{revision}:test/faults/workloads.yaml"], check=False, text=True,
                          capture_output=True)
    return done.returncode == 0 and workload in (yaml.safe_load(done.stdout).get("workloads") or {})


@functools.cache
def knows(program, option):
    """An older program may not have an option that the harness would like it to have."""
    return option in subprocess.run([str(program), "--help"], check=False, text=True, capture_output=True).stdout


def older_programs(names):
    """Built once from that revision: {name: file}. Lanes wait for each other."""
    revision = older_revision()
    folder = ROOT / "build/faults/older" / revision
    folder.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "built").exists():
            tree = subprocess.run(["git", "-C", str(ROOT), "archive", revision], check=True, stdout=subprocess.PIPE).stdout
            subprocess.run(["tar", "-x", "-C", str(folder)], input=tree, check=True)
            env = {k: v for k, v in os.environ.items() if k != "BUILD" and not k.startswith("MAKE")}
            subprocess.run(["make", "-s", "-j2", *(f"build/dev/bin/{n}" for n in names)], cwd=folder, check=True, env=env,
                           stdout=subprocess.DEVNULL)
            (folder / "built").touch()
    return {n: folder / "build/dev/bin" / n for n in names}
