"""The controllers' caches against a live LIST, field by field."""
import datetime
import json
import re
import signal
import time

from . import api as kube

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
UNITS = {"": 1, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
PATIENCE_S = 4
READY_S = 12


def keys(path):
    """"metadata.labels.a\\.b/c" is three keys."""
    return [k.replace("\0", ".") for k in path.replace("\\.", "\0").split(".")]


def field(o, path):
    for k in keys(path) if path else []:
        o = o.get(k) if isinstance(o, dict) else None
    return o


def number(x):
    """What a TIME or QTY row keeps of a text."""
    if TIME.match(x):
        t = datetime.datetime.fromisoformat(x.replace("Z", "+00:00"))
        return round(t.timestamp() * 1000)
    m = re.match(r"^([0-9.]+(?:e[0-9]+)?)([A-Za-z]*)$", x)
    if not m or m.group(2) not in UNITS:
        return x
    n = float(m.group(1)) * UNITS[m.group(2)]
    return int(n) if n == int(n) else int(n) + 1


def same(have, live):
    if isinstance(have, bool):
        return have == live or (isinstance(live, dict) and have)
    if isinstance(have, int):
        return have == live or (isinstance(live, str) and number(live) == have)
    if isinstance(have, str):
        return have == live or (not isinstance(live, (dict, list, str)) and have == json.dumps(live))
    if isinstance(have, list):
        return isinstance(live, list) and len(have) == len(live) and all(same_item(a, b) for a, b in zip(have, live))
    if isinstance(have, dict):
        return have == live
    return have is None and live is None


def same_item(have, live):
    if isinstance(have, dict):
        return all(same(v, field(live, k)) for k, v in have.items())
    return have == live


def dump(program):
    """The program's caches: (kind, namespace, name) → row → value; None when it does not answer. One that was started
    just now would still be ended by the signal."""
    if not program.ready():
        return None
    file = program.stage.dump_file(program.name, program.serial)
    file.unlink(missing_ok=True)
    program.process.send_signal(signal.SIGUSR1)
    end = time.monotonic() + 3
    while not file.exists():
        if time.monotonic() > end or program.process.poll() is not None:
            return None
        time.sleep(0.005)
    out = {}
    for line in file.read_text().splitlines():
        entry = json.loads(line)
        if "put" in entry:
            o = entry["o"]
            out[(entry["put"].split(".")[0], o.get("metadata.namespace", ""), o["metadata.name"])] = o
    return out


def watched(stage, program):
    """Kind → its selector, as the program's streams asked."""
    return {e["kind"]: e["selector"] for e in stage.journal() if e["what"] == "open" and e["program"] == program.name}


def differences(stage, program):
    have, out = dump(program), []
    if have is None:
        return [f"{program.name} gives no dump of its cache"]
    plurals = {p: k for k, p in kube.PLURAL.items()}
    for plural, selector in watched(stage, program).items():
        kind = plurals[plural]
        url = kube.path(kind) + (f"?labelSelector={selector}" if selector else "")
        live = {(kind, o["metadata"].get("namespace", ""), o["metadata"]["name"]): o
                for o in stage.lane.api.request("GET", url)["items"]}
        mine = {k: o for k, o in have.items() if k[0] == kind}
        out += [f"{program.name} has {k}, which is not there" for k in set(mine) - set(live)]
        out += [f"{program.name} lacks {k}" for k in set(live) - set(mine)]
        rows = {row for o in mine.values() for row in o} - {"metadata.managedFields"}
        for k in set(mine) & set(live):
            out += [f"{program.name} {k} {row}: cached {mine[k].get(row)!r}, live {field(live[k], row)!r}" for row in rows
                    if not agree(mine[k], live[k], row)]
    return out


def agree(mine, live, row):
    if row not in mine:
        return field(live, row) in (None, {}, [], False)
    return same(mine[row], field(live, row))


def await_ready(stage):
    """One that was just started again has nothing to compare yet; one that is never ready is found by compare()."""
    end = time.monotonic() + READY_S * stage.patience
    while time.monotonic() < end and not all(p.ready() for p in stage.programs):
        stage.supervise()
        time.sleep(0.05)


def compare(stage, hostile):
    """Late events are waited for, and a stream that broke its contract is healed by a relist; what then still differs
    is an error. What a program of an older release keeps of an object is its own affair."""
    await_ready(stage)
    end = time.monotonic() + PATIENCE_S * stage.patience
    healed = not hostile
    while True:
        left = [d for p in stage.programs if p.serial not in stage.is_older for d in differences(stage, p)]
        if not left or time.monotonic() > end:
            return [("cache", d) for d in left[:5]]
        if not healed:
            stage.heal()
            healed = True
        stage.supervise()
        time.sleep(0.1)
