"""All plans that a recording of an undisturbed run allows: the denominator, and what the campaign plays."""
import hashlib
import json
import random

from . import skew

CODES = [(400, "BadRequest"), (401, "Unauthorized"), (403, "Forbidden"), (404, "NotFound"), (409, "Conflict"),
         (409, "AlreadyExists"), (413, "RequestEntityTooLarge"), (422, "Invalid"), (429, "TooManyRequests"), (500, "InternalError"),
         (503, "ServiceUnavailable"), (504, "Timeout")]
# A server that says so has not committed: said after a commit, these break the contract of HTTP.
NEVER_AFTER_COMMIT = (400, 401, 403, 404, 409, 413, 422, 429)
REFUSALS = (400, 403, 413, 422)  # of a pod: told, and tried again after 30 s
RETRY_AFTER = ["0", "1", "-1", "1000000000", "x"]
OPEN_CODES = [(401, "Unauthorized"), (403, "Forbidden"), (410, "Expired"), (429, "TooManyRequests"), (500, "InternalError"),
              (503, "ServiceUnavailable"), (504, "Timeout")]
BODIES = ["truncated", "trailing", "null", "html", "deep", "empty", "bom", "utf8", "overflow", "duplicate"]
INSERTS = ["low-bookmark", "unknown", "null", "nameless", "deep", "internal", "huge", "garbage"]
WRITES = ("create", "patch", "update", "delete", "sql")
RESTARTS = ("P12-etcd", "P12-kube-apiserver", "P12-compacted", "P12-two-kill", "P19-newer")
NONE = dict(verb="clock", kind="clock", do="delay", ms=0)  # strikes no call: what is wrong is wrong all the time
STATES = ["40001", "40P01", "23505", "25006", "53100", "53300", "57014", "57P01", "22P05", "XX000"]


def recorded(journals):
    """What every undisturbed run did at least so often: calls by identity, live events by stream."""
    calls, events = [], []
    for journal in journals:
        c, e = {}, {}
        for entry in journal:
            if entry["what"] == "call" and entry["verb"] in WRITES and entry["kind"] != "leases":
                key = (entry["program"], entry["verb"], entry["kind"], entry["sub"])
                c[key] = c.get(key, 0) + 1
            if entry["what"] == "event" and entry["live"]:
                key = (entry["program"], entry["kind"])
                e[key] = e.get(key, 0) + 1
            if entry["what"] == "open":
                e.setdefault((entry["program"], entry["kind"]), 0)
        calls.append(c)
        events.append(e)
    common = [k for k in calls[0] if all(k in c for c in calls)]
    streams = [k for k in events[0] if all(k in e for e in events)]
    return ({k: min(c[k] for c in calls) for k in common}, {k: min(e[k] for e in events) for k in streams})


def few(n):
    """First, second, middle, last."""
    return sorted({1, min(2, n), (n + 1) // 2, n})


def on_call(key, **more):
    program, verb, kind, sub = key
    return dict(program=program, verb=verb, kind=kind, sub=sub, **more)


def on_stream(key, **more):
    return dict(program=key[0], verb="watch", kind=key[1], **more)


def call_plans(key, times):
    for n in range(1, times + 1):
        for when in ("before", "committed", "after"):
            yield "P1", on_call(key, do="crash", when=when, nth=n)
    if key[2] == "events":
        return
    for n in range(1, times + 1):
        for when in ("before", "committed"):
            yield "P1-twice", on_call(key, do="crash", when=when, nth=n, count=2)
        yield "P16-term", on_call(key, do="signal", signal="TERM", when="before", nth=n)
        yield "P16-stop", on_call(key, do="signal", signal="STOP", ms=900, when="before", nth=n)
        yield "P10-reset", on_call(key, do="reset", when="before", nth=n)
        for at in (0, 1, 2, -1):
            yield "P10-reset", on_call(key, do="reset", when="committed", nth=n, at=at)
        yield "P10-cut", on_call(key, do="cut", when="committed", nth=n, at=2)
        yield "P10-hold", on_call(key, do="hold", when="before", nth=n, ms=400)
        yield "P10-hold", on_call(key, do="hold", when="committed", nth=n, ms=1700)
        yield "P10-slow", on_call(key, do="trickle", when="committed", nth=n, at=7, ms=1)
        yield "P10-delay", on_call(key, do="delay", when="before", nth=n, ms=300)
        yield "P10-delay", on_call(key, do="delay", when="committed", nth=n, ms=300)
        yield "P12-outage", on_call(key, do="outage", when="committed", nth=n, ms=400)
        yield "P12-stop", on_call(key, do="signal", signal="STOP", target="kube-apiserver", ms=600, when="before", nth=n)
        yield "P17-touch", on_call(key, do="actor", when="before", nth=n)
    for n in few(times):
        for code, reason in CODES:
            refused = code in REFUSALS and key[1] == "create" and key[2] == "pods"
            yield "P9-refused" if refused else "P9-before", on_call(key, do="status", when="before", nth=n, code=code,
                                                                    reason=reason)
            if code in REFUSALS and key[1] == "create" and key[2] == "pods":
                continue
            name = "P9-after-commit" if code not in NEVER_AFTER_COMMIT else "P9-lie"
            yield name, on_call(key, do="status", when="committed", nth=n, code=code, reason=reason)
        yield "P9-five", on_call(key, do="status", when="before", nth=n, count=5, code=500, reason="InternalError")
        for after in RETRY_AFTER:
            yield "P9-retry-after", on_call(key, do="status", when="before", nth=n, code=429, reason="TooManyRequests",
                                            retryAfter=after)
        for how in BODIES:
            yield "P11-reply", on_call(key, do="body", when="committed", nth=n, how=how)


def sql_plans(key, times):
    """P2 and P13: statements. A data exception (22P05) is the database's last word on that row, so it is left out."""
    for n in few(times):
        for when in ("before", "committed", "after"):
            yield "P2-crash", on_call(key, do="crash", when=when, nth=n)
            yield "P13-cut", on_call(key, do="cut", when=when, nth=n)
        yield "P13-delay", on_call(key, do="delay", when="before", nth=n, ms=700)
        yield "P13-delay", on_call(key, do="delay", when="committed", nth=n, ms=700)
        yield "P13-hold", on_call(key, do="hold", when="before", nth=n, ms=900)
        yield "P13-hold", on_call(key, do="hold", when="committed", nth=n, ms=900)
        for state in STATES:
            if state != "22P05":
                yield "P13-error", on_call(key, do="status", when="before", nth=n, reason=state)
    yield "P13-down", on_call(key, do="cut", when="before", nth=1, count=3)


def stream_plans(key, times):
    for code, reason in OPEN_CODES:
        yield "P9-open", on_stream(key, do="status", code=code, reason=reason, nth=1)
    yield "P10-open", on_stream(key, do="reset", nth=1)
    yield "P10-open", on_stream(key, do="hold", nth=1, ms=500)
    if times == 0:
        return
    for ms in (100, 500, 1500):
        yield "P4", on_stream(key, do="delay", event=1, count=10000, ms=ms)
    yield "P5", on_stream(key, do="delay", event=1, count=10000, ms=300, own=True)
    yield "P5", on_stream(key, do="delay", event=1, count=10000, ms=900, own=True)
    yield "P10-split", on_stream(key, do="split", event=1, count=10000)
    for n in range(1, times + 1):
        yield "P3", on_stream(key, do="stall", event=n, ms=300)
        yield "P8", on_stream(key, do="gone", event=n)
        yield "P10-watch", on_stream(key, do="reset", event=n)
        yield "P10-watch", on_stream(key, do="cut", event=n)
        yield "P7-dup", on_stream(key, do="dup", event=n)
        yield "P7-drop", on_stream(key, do="drop", event=n)
        yield "P7-swap", on_stream(key, do="swap", event=n)
        yield "P7-old", on_stream(key, do="old", event=n)
        yield "P7-repeat", on_stream(key, do="repeat", event=n)
    for n in few(times):
        for how in INSERTS:
            yield "P11-event", on_stream(key, do="insert", event=n, how=how)


def pairs_of_faults(calls, streams):
    """P6: a stream that goes back in time, a list of the past, also for a program that has just been ended at a write.
    P16, P15: ended while it ends, and while another instance waits for the Lease."""
    for key, times in sorted(streams.items()):
        for n in few(times) if times else ():
            for back in (5, 40):
                yield "P6-rewind", {}, [on_stream(key, do="cut", event=n, how=f"back-{back}"),
                                        on_stream(key, do="rewind", nth=2, at=back)]
            for ms in (100, 700):
                yield "P6-stale", {}, [on_stream(key, do="gone", event=n, how=f"stale-{ms}"),
                                       on_stream(key, do="stale", nth=2, ms=ms)]
    for key, times in sorted(calls.items()):
        if key[1] == "sql" or key[2] == "events":
            continue
        for n in few(times):
            for kind in {key[2], "pods", "dkuberuns"} & {k for p, k in streams if p == key[0]}:
                yield "P6-restart", {}, [on_call(key, do="crash", when="committed", nth=n, how=f"stale-{kind}"),
                                         on_stream((key[0], kind), do="stale", nth=2, ms=500)]
            for when, ms in (("before", 1), ("committed", 1), ("committed", 8)):
                yield "P16-kill", {}, [on_call(key, do="signal", signal="TERM", ms=ms, when=when, nth=n)]
            for do in (dict(do="crash"), dict(do="signal", signal="TERM"), dict(do="signal", signal="STOP", ms=1500)):
                yield "P15-handover", {"lease": True, "instances": 2}, [on_call(key, when="committed", nth=n, **do)]
            yield "P16-nofile", {}, [on_call(key, do="actor", when="before", nth=n, how="nofile",
                                             actor={"nofile": key[0], "ms": 400})]


def children(journal):
    """What the programs make for others' objects: kind → names, and where in the journal each was made."""
    kinds = {"services": "Service", "serviceaccounts": "ServiceAccount", "rolebindings": "RoleBinding",
             "networkpolicies": "NetworkPolicy"}
    return [(i, kinds[e["kind"]], e["ns"], e["name"]) for i, e in enumerate(journal)
            if e["what"] == "call" and e["verb"] == "create" and e["kind"] in kinds and e["code"] < 300]


def actor_plans(workload, journal, calls):
    """P17: somebody else deletes what the programs made, or takes their label from it; they make it good."""
    for made, kind, ns, name in children(journal):
        if ns == "dkube-default" or (kind == "Service" and journal[made]["program"] == "run-controller"):
            continue  # a gang's Service is made with its pods and never watched: each attempt makes it anew
        later = [e for e in journal[made + 1:] if e["what"] == "call" and e["verb"] in WRITES and e["kind"] != "leases" and
                 e["n"] <= calls.get((e["program"], e["verb"], e["kind"], e["sub"]), 0)]
        for e in [later[i - 1] for i in few(len(later))] if later else []:
            key = (e["program"], e["verb"], e["kind"], e["sub"])
            ref = f"{kind}/{name}"
            yield "P17-delete", {"extra": 1}, [on_call(key, do="actor", when="after", nth=e["n"], how=f"delete-{kind}-{name}",
                                                       actor={"delete": [ref]})]
            if kind == "Service":  # watched without a selector, and its labels mean nothing to us: they stay as they are
                continue
            label = {"metadata": {"labels": {"app.kubernetes.io/managed-by": "somebody"}}}
            yield "P17-label", {"extra": 1}, [on_call(key, do="actor", when="after", nth=e["n"], how=f"label-{kind}-{name}",
                                                      actor={"patch": {ref: label}})]


def touched(workload):
    """The object that somebody else edits: the first that the steps make."""
    for step in workload.spec["steps"]:
        for part, name in step.get("apply", {}).items():
            kind = {"run": "DkubeRun", "cpu-run": "DkubeRun", "gang": "DkubeRun", "deployment": "Deployment", "pool": "Pool", "group": "User",
                    "user": "User"}.get(part)
            if kind:
                return f"{kind}/{'$T-ana' if kind == 'User' else '$T' if kind == 'Pool' else name}"
    return "Dataset/digits"


def refusal(workload, fault):
    """What a run's pod comes to that the API server does not take: invalid is for good (rule 10), forbidden may be allowed
    later, and costs the run another attempt once it has had GPUs."""
    ret = {"patience": 3}
    if fault["program"] == "run-controller" and fault["code"] != 403:
        ret["ends"] = {"status.phase": "Error", "status.reason": "PodInvalid"}
    elif workload.name.startswith("run") and (fault["nth"] > 1 or fault["kind"] == "services"):
        ret.update(ends="undisturbed", extra=1)
    return ret


def possible(workload, journals):
    """Every plan of a workload, each with an identity."""
    calls, streams = recorded(journals)
    out = []
    actor = {"patch": {touched(workload): {"metadata": {"annotations": {"example/touched": "yes"}}}}}
    for key, times in sorted(calls.items()):
        if key[1] == "sql":
            out += list(sql_plans(key, times))
            continue
        out += [(p, dict(f, actor=actor) if f["do"] == "actor" else f) for p, f in call_plans(key, times)]
    for key, times in sorted(streams.items()):
        out += list(stream_plans(key, times))
    plans = [{"workload": workload.name, "perturbation": p, "faults": [f]} for p, f in out]
    for p in plans:
        if p["perturbation"] == "P9-refused":
            p.update(refusal(workload, p["faults"][0]))
        if p["faults"][0]["do"] == "delay" and p["faults"][0].get("count", 1) * p["faults"][0]["ms"] > 1500 * 1000:
            p["patience"] = 2  # every event late by 1.5 s: a gang's ten take as long as a step may
    for key in sorted(streams):
        if streams[key]:
            for ms in (50, 400):
                plans.append({"workload": workload.name, "perturbation": "P15-two", "instances": 2,
                              "faults": [on_stream(key, do="delay", event=1, count=10000, ms=ms)]})
    for program in workload.programs:
        for code in (409, 500):
            for verb in ("get", "create", "update", "patch"):
                plans.append({"workload": workload.name, "perturbation": "P15-lease", "lease": True,
                              "faults": [dict(program=program, verb=verb, kind="leases", do="status", nth=1, count=2,
                                              code=code, reason="Conflict" if code == 409 else "InternalError")]})
    more = [*pairs_of_faults(calls, streams), *actor_plans(workload, journals[0], calls)]
    plans += [dict(extra, workload=workload.name, perturbation=p, faults=f) for p, extra, f in more]
    plans += clock_plans(workload) + restart_plans(workload, calls) + twin_plans(workload, calls, streams)
    plans += skew_plans(workload, calls, streams)
    for p in plans:
        p["id"] = identity(p)
    return list({p["id"]: p for p in plans}.values())


def clock_plans(workload):
    """P14: the controllers' wall clock is wrong, or jumps while they work. The fault matches no call: it is there always."""
    return [{"workload": workload.name, "perturbation": "P14", "clock": {"offset_ms": ms, "after_ms": after},
             "faults": [dict(NONE, nth=ms // 1000, count=after)]}
            for ms in (-3600000, -300000, -3000, 3000, 45000, 300000, 3600000) for after in (0, 400)]


def restart_plans(workload, calls):
    """P12: the API server, or its etcd, is killed while a write waits, and comes back with the same data."""
    out = []
    for who in ("kube-apiserver", "etcd", "compacted"):
        for key in [k for k in sorted(calls) if k[1] in ("create", "patch", "delete") and k[2] != "events"]:
            out.append({"workload": workload.name, "perturbation": f"P12-{who}", "patience": 4,
                        "faults": [on_call(key, do="actor", when="before", nth=1, actor={"restart": who})]})
    return out


def in_need(calls):
    return [k for k in sorted(calls) if k[1] in ("create", "patch", "delete") and k[2] != "events"]


def twin_plans(workload, calls, streams):
    """P12: two API servers behind one address, which get requests in turn. The second one is killed, stands still, or lags
    behind etcd, also when a watch has to be opened anew."""
    base = {"workload": workload.name, "servers": 2, "patience": 4}
    out = [dict(base, perturbation="P12-two", faults=[dict(NONE, nth=n)], **({"instances": n} if n > 1 else {})) for n in (1, 2)]
    for key in in_need(calls):
        out.append(dict(base, perturbation="P12-two-kill",
                        faults=[on_call(key, do="actor", when="before", nth=1, actor={"restart": "kube-apiserver-2"})]))
        for n in few(calls[key]):
            out.append(dict(base, perturbation="P12-two-stop",
                            faults=[on_call(key, do="signal", signal="STOP", target="kube-apiserver-2", ms=600, when="before", nth=n)]))
            for ms in (200, 1500):
                out.append(dict(base, perturbation="P12-two-lag",
                                faults=[on_call(key, do="actor", when="before", nth=n, ms=ms, actor={"lag": ms})]))
        for stream in [s for s in sorted(streams) if s[0] == key[0] and streams[s]]:
            out.append(dict(base, perturbation="P12-two-behind", sticky=True,
                            faults=[on_call(key, do="actor", when="before", nth=1, how=f"lag-{stream[1]}", actor={"lag": 4500}),
                                    on_stream(stream, do="gone", event=min(3, streams[stream]))]))
    return out


def skew_plans(workload, calls, streams):
    """P19: CRDs of a newer release and what was written by it; programs of an older one before, after and beside ours."""
    out = []
    for key in in_need(calls):
        for n in few(calls[key]):
            fault = on_call(key, do="actor", when="before", nth=n)
            if "default" not in touched(workload):
                out.append({"workload": workload.name, "perturbation": "P19-newer", "crds": "newer", "patience": 2,
                            "faults": [dict(fault, how="newer", actor={"newer": [touched(workload)]})]})
            if not skew.plays(workload.name):
                continue
            for name, older in (("P19-forward", False), ("P19-back", True)):
                out.append({"workload": workload.name, "perturbation": name, "older": [] if older else [0], "patience": 2,
                            "faults": [dict(fault, how=name, actor={"older": older})]})
            out.append({"workload": workload.name, "perturbation": "P19-handover", "older": [1], "lease": True, "instances": 2,
                        "faults": [on_call(key, when="committed", nth=n, do="crash", how="older")]})
    if skew.plays(workload.name):
        out += [{"workload": workload.name, "perturbation": "P19-both", "older": [1], "instances": 2,
                 "faults": [on_stream(key, do="delay", event=1, count=10000, ms=ms, how="older")]}
                for key in sorted(streams) if streams[key] for ms in (50, 400)]
    return out


def identity(plan):
    """(workload, perturbation, cut point, verb, kind) and what is done there."""
    f = dict(plan["faults"][0])
    f.pop("actor", None)
    point = f.get("event") or f.get("nth")
    rest = "-".join(str(f[k]) for k in sorted(f) if k not in ("verb", "kind", "event", "nth", "do", "program"))
    digest = hashlib.sha256(json.dumps([f, plan.get("instances"), plan.get("scale")], sort_keys=True).encode()).hexdigest()[:6]
    return (f"{plan['workload']}.{plan['perturbation']}.{f['do']}.{f['verb']}-{f['kind']}"
            f"{'-' + f['sub'] if f.get('sub') else ''}.{point}.{rest or 'x'}.{digest}").replace("/", "_")


def order(plans, seed):
    """The crash cuts, which all must be played; then the other perturbations in turn, workloads mixed. What starts a
    server anew takes longest, and has its turn more seldom."""
    rng = random.Random(seed)
    rows = {}
    for p in plans:
        rows.setdefault(p["perturbation"], []).append(p)
    for row in rows.values():
        rng.shuffle(row)
    mixed = rows.pop("P1", [])
    turn = 0
    while rows:
        turn += 1
        for name in sorted(rows):
            if name in RESTARTS and turn % 10 and rows.keys() - set(RESTARTS):
                continue
            mixed.append(rows[name].pop())
            if not rows[name]:
                del rows[name]
    return mixed
