"""One plan from its setup to its verdict."""
import json
import re
import signal
import time

from . import caches, oracles, postgres, skew
from .lane import Stage
from .workloads import Stuck, field

QUIET_S, EARLY_S, SETTLE_S, RESTLESS = 0.4, 0.1, 12, 5
HOSTILE = ("P7", "P11", "P6")


def is_hostile(plan):
    return plan.get("hostile", plan.get("perturbation", "").split("-")[0] in HOSTILE)


def settle(stage, reference, hostile):
    """Until the end state is the reference's and nothing seems to move: the differences that are left, and the move after
    which it was looked."""
    limit = time.monotonic() + SETTLE_S * stage.patience
    healed = False
    left, looked = ["it never came to rest"], None
    while time.monotonic() < limit:
        stage.supervise()
        quiet, move = stage.quiet_for(), stage.last_move()
        if quiet > EARLY_S and move != looked:
            left, looked = oracles.differences(*oracles.alike(stage, reference)) if reference else [], move
            if not left:
                break
            stage.collect_garbage()
        if looked and hostile and not healed and quiet > 2 * QUIET_S:
            stage.heal()
            healed = True
        time.sleep(0.02)
    return left, looked


def stays(stage, move):
    """True when nothing has moved for long enough since, and all programs are there; False as soon as something does."""
    end = time.monotonic() + SETTLE_S * stage.patience
    while stage.last_move() == move and time.monotonic() < end:
        if stage.quiet_for() > QUIET_S and all(p.ready() for p in stage.programs):
            return True
        stage.supervise()
        time.sleep(0.02)
    return False


def rest(stage, reference, hostile):
    """The end, and what must hold there. The caches are looked at while it is seen that nothing moves any more."""
    for _ in range(RESTLESS):
        left, move = settle(stage, reference, hostile)
        if left:
            return [("O1", d) for d in left]
        found = oracles.pools_add_up(stage) + skew.kept(stage) + caches.compare(stage, hostile)
        if stage.pgproxy:
            found += postgres.compare(stage)
        if stays(stage, move):
            return found
    return [("O3", "it comes to rest and moves again and again")]


def planned_deaths(stage):
    kills = ("crash",)
    changed = len(stage.programs) * sum(1 for e in stage.fired()
                                        if "older" in (stage.plan["faults"][e["fault"]].get("actor") or {}))
    return changed + sum(1 for e in stage.fired() if stage.plan["faults"][e["fault"]]["do"] in kills or
               (stage.plan["faults"][e["fault"]]["do"] == "signal" and
                stage.plan["faults"][e["fault"]].get("signal") in ("TERM", "KILL")
                and not stage.plan["faults"][e["fault"]].get("target", "").startswith("kube")))


def ends(stage, codes):
    """O12: no end but the planned ones, and an orderly one at last."""
    found = []
    allowed = {-signal.SIGKILL, 0, 128 + signal.SIGTERM}
    if stage.plan.get("lease") or stage.plan.get("limits"):
        allowed |= {1, 2}
    for p in stage.programs:
        for code in p.ends:
            if code not in allowed:
                found.append(("O12", f"{p.name} ended with {code}"))
    for name, code in codes.items():
        if code is None:
            found.append(("O12", f"{name} did not end when asked"))
        elif code not in (0, *allowed):
            found.append(("O12", f"{name} ended with {code} when asked"))
    deaths = sum(len(p.ends) for p in stage.programs)
    if deaths > planned_deaths(stage) and not stage.plan.get("lease") and not stage.plan.get("limits"):
        found.append(("O13", f"{deaths} ends, {planned_deaths(stage)} planned"))
    return found


def by_shape(counts):
    """The same with long numbers of names left out: a name made of a process id is another in every run."""
    ret = {}
    for key, row in counts.items():
        sums = ret.setdefault(re.sub(r"\d{3,}", "N", key), {"ADDED": 0, "DELETED": 0})
        for what in sums:
            sums[what] += row.get(what, 0)
    return ret


def added_too_often(reference, have, hostile, leaders=1, extra=0):
    """O2: what was made and removed, against the undisturbed run; `extra`: by somebody else, and made again."""
    found, expected = [], by_shape(reference["counts"])
    for key, row in by_shape(have).items():
        want = expected.get(key, {"ADDED": 0, "DELETED": 0})
        kind = key.split("/")[0]
        if kind in ("Pod", "ArtifactVersion", "Service", "DkubeRun") and row["ADDED"] > want["ADDED"] * leaders + extra:
            found.append(("O2", f"{key} was made {row['ADDED']} times, undisturbed {want['ADDED']}"))
        if row["DELETED"] > want["DELETED"] * leaders + extra:
            found.append(("O2", f"{key} was removed {row['DELETED']} times, undisturbed {want['DELETED']}"))
    return found if not hostile else [f for f in found if "removed" in f[1]]


def foreseen(plan, reference):
    """The end of a run whose refusal has consequences, by its rules; None: the undisturbed one, field by field."""
    ends = plan.get("ends")
    if ends != "undisturbed":
        return ends
    run = next(o for k, o in reference["end"].items() if k.startswith("DkubeRun/"))
    return {k: field(run, k) for k in ("status.phase", "status.reason", "status.exitCode")}


def perform(stage, workload, reference, hostile):
    """Setup, steps, rest: what is left to be like the reference, and what the caches say."""
    ends = foreseen(stage.plan, reference)
    try:
        workload.setup(stage)
        stage.spent("setup")
        stage.start()
        stage.spent("start")
        workload.play(stage, hostile, ends)
        stage.spent("steps")
    except Stuck as e:
        return [("O1", str(e))], str(e)
    found = rest(stage, None if ends else reference, hostile)
    if ends and not workload.has_ended(stage, ends):
        found.append(("O1", f"no run ended with {ends}"))
    if ends:
        found += oracles.gpus_are_back(stage)
    stage.spent("rest")
    return found, None


def judge(stage, events, reference, codes, hostile):
    deaths = sum(len(p.ends) for p in stage.programs)
    found = oracles.Safety(stage.workload.programs).replay(events)
    found += ends(stage, codes) + oracles.hygiene(stage, reference, deaths) + oracles.secrets(stage, events)
    found += oracles.logs(stage)
    if reference:
        found += added_too_often(reference, oracles.counts(events, stage), hostile, stage.plan.get("instances", 1),
                                 stage.plan.get("extra", 0))
    return found


def struck(stage):
    """How often, if each of its faults struck."""
    if stage.plan.get("servers") == 2 and {e["server"] for e in stage.journal() if "server" in e} != {0, 1}:
        return 0  # one of the two was never asked
    fired = [e["fault"] for e in stage.fired()]
    wanted = {i for i, f in enumerate(stage.plan["faults"]) if f["verb"] != "clock"}  # that one matches no call
    return (len(fired) or 1) if set(fired) == wanted else 0


def play(lane, workload, plan, reference=None):
    """Returns a dictionary: what happened, and what was violated."""
    begin = time.monotonic()
    hostile = is_hostile(plan)
    lane.watcher.forget()
    stage = Stage(lane, plan, workload)
    stage.patience = plan.get("patience", 1) * (1 if stage.scale > 1 else 6)
    codes = None
    try:
        found, stuck = perform(stage, workload, reference, hostile)
        end = oracles.end_state(stage)
        codes = stage.stop()
        stage.spent("stop")
        events = lane.watcher.since(0)
        found += judge(stage, events, reference, codes, hostile)
        stage.spent("judge")
        journal = stage.journal()
        return {"spent": stage.times, "plan": plan, "fired": struck(stage), "violations": found, "end": end,
                "counts": oracles.counts(events, stage), "deaths": sum(len(p.ends) for p in stage.programs),
                "seconds": round(time.monotonic() - begin, 2), "journal": journal, "stuck": stuck,
                "writes": sum(1 for e in journal if e["what"] == "call" and e["verb"] not in ("get", "list", "sql")),
                "logs": {f.name: f.read_text(errors="replace")[-4000:] for f in stage.dir.glob("*.log")} if found else {}}
    finally:
        if codes is None:
            stage.stop()
        stage.clean()
        stage.spent("clean")


def show(result):
    for oracle, text in result["violations"]:
        print(f"  {oracle}: {text}".replace("\n", " ")[:600])


def dump(result):
    return json.dumps({k: result[k] for k in ("plan", "fired", "violations", "deaths", "seconds", "stuck")})
