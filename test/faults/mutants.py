#!/usr/bin/env python3
"""mutants.py: do the tests notice when the code is wrong?

Usage: test/faults/mutants.py [--seed N] [--count N] [--seconds N] [--jobs N] [--only PATH…] [--resume] [--rules] [--list]

Samples small changes (another operator, constant or condition, a statement dropped, an early return) of the sources
named in TESTS, builds each changed file alone without optimisation, links it before the unchanged archives and runs
the tests of that file; what passes them runs them again under the sanitizers, as `make test` does, which notice leaks.
A mutant that no test notices survives. --rules applies test/faults/mutants/rules/*.patch
instead, one for each rule of the runtime; the first line of a patch names the test that must notice it. Results go to
build/faults/mutants.json, after each mutant, so that --resume goes on where a run was ended and judges only those
anew that lived. A test counts as failed when it fails twice, and its time is the processor's, for other work may go on
beside it; equivalent mutants, which no test can notice, are listed with a reason in EQUIVALENT. Not
sampled, because they change nothing or only how much room there is: `return -1`, `= {0}` and `+ 1` of an allocation.
"""
import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MODES = ("mutant", "asan")
EQUIVALENT = ROOT / "test/faults/mutants/equivalent.txt"
TEST_CPU_S, TEST_WALL_S = {"mutant": 5, "asan": 10}, 60  # the slowest takes 0.4 and 0.7 s

SHELL = ["spec/shell", "spec/passes"]
TESTS = {
    "lib/kube/queue.c": ["prop/queue"] + SHELL,
    "lib/kube/cache.c": ["unit/cache", "prop/cache"] + SHELL,
    "lib/kube/watch.c": ["unit/watch_pauses", "unit/watch_times", "unit/watch", "unit/watch_kinds", "fuzz/watch"],
    "lib/kube/lease.c": ["unit/lease"] + SHELL,
    "controllers/dkuberun/plan.c": ["spec/dkuberun", "spec/dkuberun_pod", "spec/dkuberun_lost", "spec/dkuberun_refused",
                                     "spec/dkuberun_back"],
    "controllers/deployment/plan.c": ["spec/deployment", "spec/deployment_replicas"],
    "controllers/ledger/plan.c": ["spec/ledger"],
    "controllers/artifactversion/plan.c": ["spec/artifactversion"],
    "controllers/coderepo/plan.c": ["spec/coderepo"],
    "controllers/dataset/plan.c": ["spec/dataset"],
    "controllers/datastore/plan.c": ["spec/datastore"],
    "controllers/group/plan.c": ["spec/group"],
    "controllers/mirror/plan.c": ["spec/mirror"],
    "controllers/model/plan.c": ["spec/model"],
    "controllers/pool/plan.c": ["spec/pool"],
    "controllers/user/plan.c": ["spec/user"],
}

# --- what can be changed -------------------------------------------------------------------------

SWAPS = [
    (r"(?<![=!<>])==(?!=)", ["!="]), (r"!=", ["=="]), (r"<=", ["<", ">"]), (r">=", [">", "<"]),
    (r"(?<=[\w)\]] )<(?= [\w(\-*&])(?!<)", ["<=", ">="]), (r"(?<=[\w)\]] )>(?= [\w(\-*&])", [">=", "<="]),
    (r"&&", ["||"]), (r"\|\|", ["&&"]), (r"(?<=[\w)\]]) \+ (?=[\w(])", [" - "]),
    (r"(?<=[\w)\]]) - (?=[\w(])", [" + "]), (r"\+\+", ["--"]), (r"(?<![-\w])--(?=[\w])|(?<=\w)--", ["++"]),
    (r"\btrue\b", ["false"]), (r"\bfalse\b", ["true"]), (r"\+=", ["-="]), (r"-=", ["+="]),
    (r"(?<=[\w)\]] )\*(?= [\w(])", ["/"]), (r"(?<=[\w)\]] )/(?= [\w(])", ["*"]),
    (r"(?<![\w.\"%])(?:[1-9]\d*)(?![\w.\"])", ["number"]), (r"(?<![\w.\"%])0(?![\w.\"])", ["1"]),
    (r"(?<=[(&|] )!(?=[\w(])|(?<=\()!(?=[\w(])", [""]),
]
MEANINGLESS = re.compile(r"return -1|= \{0\}|\+ 1\) \* s|= 0, |\(struct \w+\)\{0\}")
STATEMENT = re.compile(r"^(?P<indent>    +)(?P<text>(?!return\b|break\b|continue\b|case\b|default\b|goto\b|struct\b|const\b|"
                       r"static\b|enum\b|else\b|char\b|int\b|size_t\b|bool\b|int64_t\b|uint32_t\b|unsigned\b|CLEANUP\b|"
                       r"uint64_t\b|void\b|if\b|for\b|while\b|switch\b|do\b)[\w*(].*;)$")
CONDITION = re.compile(r"^(?P<head>\s*(?:\} else )?if \()(?P<cond>.*)(?P<tail>\) \{)$")
FUNCTION = re.compile(r"^\{$")


def is_code(line):
    s = line.strip()
    return s and not s.startswith(("/*", "*", "#", "//")) and "assert(" not in s


def code_part(line):
    """The line without strings and comments, which are blanked."""
    line = re.sub(r'"(?:[^"\\]|\\.)*"', lambda m: '"' + "~" * (len(m[0]) - 2) + '"', line)
    return re.sub(r"/\*.*?(\*/|$)", lambda m: " " * len(m[0]), line)


def in_comments(lines):
    inside, out = False, []
    for line in lines:
        out.append(inside or line.strip().startswith("/*"))
        if "/*" in line and "*/" not in line.split("/*")[-1]:
            inside = True
        elif "*/" in line:
            inside = False
    return out


def swaps_of(line):
    bare = code_part(line)
    for pattern, others in SWAPS:
        for m in re.finditer(pattern, bare):
            if m[0].isdigit() and MEANINGLESS.search(bare[max(0, m.start() - 12):m.end() + 12]):
                continue
            for other in others or []:
                text = str(int(m[0]) + 1) if other == "number" else other
                yield line[:m.start()] + text + line[m.end():], f"{m[0].strip()} becomes {text.strip() or 'nothing'}"


def return_type(lines, i):
    """Of the function whose '{' is line i: 'void', 'int' or 'pointer'; None when it is none."""
    head = " ".join(lines[max(0, i - 3):i])
    head = re.split(r"[;}]", head)[-1]
    m = re.search(r"(?:static )?((?:const )?(?:struct )?\w+ \**)\w+\([^()]*(?:\([^()]*\)[^()]*)*\)\s*$", head)
    if not m:
        return None
    kind = m[1].strip()
    return "void" if kind == "void" else "0" if "*" in kind or kind in (
        "int", "bool", "size_t", "int64_t", "unsigned", "uint32_t", "uint64_t") else None


def mutations(path):
    lines = (ROOT / path).read_text().split("\n")
    comments = in_comments(lines)
    begun, function = False, ""
    for i, line in enumerate(lines):
        begun = begun or line == "{"
        if line == "{":
            function = (re.findall(r"(\w+)\(", " ".join(lines[max(0, i - 3):i])) or [""])[-1]
        if comments[i] or not begun or not is_code(line):
            continue
        if line == "{":
            kind = return_type(lines, i)
            if kind:
                yield function, i, "{ return%s;" % ("" if kind == "void" else " 0"), "returns at once"
            continue
        if not line.startswith("    "):
            continue
        for text, what in swaps_of(line):
            yield function, i, text, what
        m = CONDITION.match(line)
        if m:
            yield function, i, f"{m['head']}!({m['cond']}){m['tail']}", "the condition is negated"
        m = STATEMENT.match(line)
        if m and balanced(m["text"]):
            yield function, i, m["indent"] + ";", "the statement is dropped"


def balanced(text):
    bare = code_part(text)
    return bare.count("(") == bare.count(")") and bare.count("{") == bare.count("}")


def key_of(*what):
    """Names a mutant by its file, function, line and change, so that it keeps its name when the file changes."""
    return hashlib.sha1("\0".join(str(w).strip() for w in what).encode()).hexdigest()[:10]


# --- building and running ------------------------------------------------------------------------

def commands(mode):
    """How one object is compiled and one test linked, as make says."""
    out = subprocess.run(["make", "-n", "V=1", "-W", "lib/kube/queue.c", f"MODE={mode}", f"build/{mode}/test/prop/queue"],
                         cwd=ROOT, capture_output=True, text=True, check=True).stdout
    cc = next(r for r in out.splitlines() if "-c lib/kube/queue.c" in r)
    ld = next(r for r in out.splitlines() if f"-o build/{mode}/test/prop/queue " in r)
    return mode, re.sub(r" -MMD -MP| -Werror", "", cc).strip(), ld.strip()


def compiled(cc, m, folder):
    """The object of the changed file; None when it does not compile."""
    source, obj = folder / pathlib.Path(m["file"]).name, folder / "mutant.o"
    source.write_text(m["content"])
    cmd = cc.replace("-c lib/kube/queue.c", f"-O0 -I{(ROOT / m['file']).parent} -w -c {source}")
    cmd = re.sub(r"-o \S+", f"-o {obj}", cmd)
    if subprocess.run(cmd, shell=True, cwd=ROOT, capture_output=True, timeout=120, check=False).returncode:
        return None
    return obj


def linked(mode, ld, obj, test, folder):
    program = folder / test.replace("/", "-")
    cmd = ld.replace("prop/queue", test).replace(f"-o build/{mode}/test/{test} ", f"-o {program} {obj} ")
    subprocess.run(cmd, shell=True, cwd=ROOT, capture_output=True, timeout=120, check=True)
    return program


def notices(program, mode):
    env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "FUZZ_ROUNDS": "0", "PROP_SEEDS": "40",
           "ASAN_OPTIONS": "detect_leaks=1"}
    try:
        p = subprocess.run(["/bin/sh", "-c", f'ulimit -t {TEST_CPU_S[mode]}; exec "$0"', str(program)], cwd=ROOT,
                           capture_output=True, timeout=TEST_WALL_S, env=env, check=False)
        return p.returncode != 0
    except subprocess.TimeoutExpired:
        return True


def judge(job):
    ways, m = job
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mutant-"))
    try:
        for mode, cc, ld in ways:
            obj = compiled(cc, m, folder)
            if obj is None:
                return m, "stillborn", ""
            for test in TESTS[m["file"]]:
                program = linked(mode, ld, obj, test, folder)
                if notices(program, mode) and notices(program, mode):
                    return m, "killed", test
                program.unlink()
        return m, "survived", ""
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sample(seed, count, only):
    """As many of each file as its share of all, in an order that the seed decides and that other changes leave alone."""
    every = []
    for path in only or TESTS:
        lines = (ROOT / path).read_text().split("\n")
        for function, i, text, what in mutations(path):
            content = "\n".join(lines[:i] + [text] + lines[i + 1:])
            every.append({"file": path, "line": i + 1, "was": lines[i].strip(), "now": text.strip(),
                          "what": f"{function}(): {what}",
                         "id": key_of(path, function, lines[i], text), "content": content})
    every.sort(key=lambda m: key_of(seed, m["id"], m["line"]))
    return every[:count] if count else every


def equivalents():
    if not EQUIVALENT.exists():
        return {}
    rows = (r.split(None, 1) for r in EQUIVALENT.read_text().splitlines() if r.strip() and not r.startswith("#"))
    return {r[0]: r[1] for r in rows}


def programs():
    wanted = sorted({t for tests in TESTS.values() for t in tests})
    for mode in MODES:
        p = subprocess.run(["make", "-s", "-j2", f"MODE={mode}", *[f"build/{mode}/test/{t}" for t in wanted]], cwd=ROOT,
                           capture_output=True, text=True, check=False)
        if p.returncode:
            sys.exit(p.stdout + p.stderr)
        for t in wanted:
            if notices(ROOT / f"build/{mode}/test/{t}", mode):
                sys.exit(f"{mode}: {t} fails without any mutant")


def chosen(args, known, judged):
    """The sample, without what is equivalent and what is known not to compile; how many were left out as which."""
    picked, left_out = [], {"equivalent": 0, "stillborn": 0}
    for m in sample(args.seed, 0, args.only):
        if len(picked) == args.count:
            break
        fate = "equivalent" if m["id"] in known else judged.get(m["id"])
        if fate in left_out:
            left_out[fate] += 1
        else:
            picked.append(m)
    return picked, left_out


def summary(args, picked, left_out, judged, seconds):
    rows = [m for m in picked if judged.get(m["id"]) in ("killed", "survived")]
    files = {}
    for m in rows:
        row = files.setdefault(m["file"], {"total": 0, "killed": 0})
        row["total"] += 1
        row["killed"] += judged[m["id"]] == "killed"
    lived = [{k: m[k] for k in ("id", "file", "line", "was", "now", "what")}
             for m in rows if judged[m["id"]] == "survived"]
    born = sum(judged.get(m["id"]) == "stillborn" for m in picked)
    return {"mutants_total": len(rows), "mutants_killed": len(rows) - len(lived),  # so they stand in summary.json
            "total": len(rows), "killed": len(rows) - len(lived), "equivalent": left_out["equivalent"],
            "stillborn": left_out["stillborn"] + born, "seed": args.seed, "seconds": round(seconds),
            "files": dict(sorted(files.items())), "survivors": lived, "judged": judged}


def run_sample(args, old, save):
    programs()
    ways = [commands(mode) for mode in MODES]
    judged = dict(old.get("judged", {})) if args.resume else {}
    picked, left_out = chosen(args, equivalents(), judged)
    todo = [m for m in picked if judged.get(m["id"]) != "killed"]
    begin = time.monotonic() - (old.get("seconds", 0) if args.resume else 0)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        running = [pool.submit(judge, (ways, m)) for m in todo]
        for f in concurrent.futures.as_completed(running):
            if f.cancelled():
                continue
            m, fate, _ = f.result()
            judged[m["id"]] = fate
            if fate == "survived":
                print(f"survived {m['id']} {m['file']}:{m['line']}: {m['what']}\n    - {m['was']}\n    + {m['now']}",
                      flush=True)
            save(summary(args, picked, left_out, judged, time.monotonic() - begin))
            if args.seconds and time.monotonic() - begin > args.seconds:
                for other in running:
                    other.cancel()
    return summary(args, picked, left_out, judged, time.monotonic() - begin)


# --- one mutant a rule ---------------------------------------------------------------------------

def judge_rule(patch, tree):
    head = patch.read_text().split("\n", 1)[0]
    m = re.match(r"# (?P<rule>.*): (?P<test>\S+)$", head)
    if not m:
        return patch.stem, "malformed: its first line is not `# rule: test`"
    p = subprocess.run(["patch", "-p1", "-F0", "--no-backup-if-mismatch", "-i", str(patch)], cwd=tree, capture_output=True,
                       text=True, check=False)
    try:
        if p.returncode:
            return patch.stem, "does not apply: " + p.stdout.strip().splitlines()[-1]
        p = subprocess.run(["make", "-s", "MODE=mutant", f"build/mutant/test/{m['test']}"], cwd=tree,
                           capture_output=True, text=True, check=False)
        if p.returncode:
            return patch.stem, "does not build: " + p.stderr.strip()[-300:]
        return patch.stem, "killed" if notices(tree / "build/mutant/test" / m["test"], "mutant") else "survived"
    finally:
        subprocess.run(["patch", "-p1", "-R", "--no-backup-if-mismatch", "-i", str(patch)], cwd=tree,
                       capture_output=True, check=False)


def run_rules(only):
    patches = sorted((ROOT / "test/faults/mutants/rules").glob("*.patch"))
    patches = [p for p in patches if not only or any(f"+++ b/{path}\n" in p.read_text() for path in only)]
    tree = pathlib.Path(tempfile.mkdtemp(prefix="mutant-tree-"))
    for part in ("Makefile", "lib", "controllers", "cmd", "test", "build/mutant"):
        if (ROOT / part).exists():
            (tree / part).parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "-a", str(ROOT / part), str(tree / part)], check=True)
    result = []
    try:
        for patch in patches:
            name, fate = judge_rule(patch, tree)
            result.append({"name": name, "fate": fate})
            print(f"{'ok  ' if fate == 'killed' else 'FAIL'} {name}: {fate}", flush=True)
    finally:
        shutil.rmtree(tree, ignore_errors=True)
    return result


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--count", type=int, default=320)
    p.add_argument("--seconds", type=int, default=0)
    p.add_argument("--jobs", type=int, default=2)
    p.add_argument("--only", nargs="*")
    p.add_argument("--resume", action="store_true")
    p.add_argument("--rules", action="store_true")
    p.add_argument("--list", action="store_true")
    args = p.parse_args()
    if args.list:
        for m in sample(args.seed, args.count, args.only):
            print(f"{m['id']} {m['file']}:{m['line']}: {m['what']}\n    - {m['was']}\n    + {m['now']}")
        return 0
    out = ROOT / "build/faults/mutants.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    result = json.loads(out.read_text()) if out.exists() else {}
    if args.rules:
        others = result.get("rules", []) if args.only else []
        fresh = run_rules(args.only)
        names = {r["name"] for r in fresh}
        result["rules"] = sorted([r for r in others if r["name"] not in names] + fresh, key=lambda r: r["name"])
        bad = [r for r in result["rules"] if r["fate"] != "killed"]
        print(f"{len(result['rules']) - len(bad)} of {len(result['rules'])} rule mutants killed")
    else:
        fresh = run_sample(args, result, lambda now: out.write_text(json.dumps({**result, **now}, indent=1) + "\n"))
        result.update(fresh)
        share = fresh["killed"] / max(1, fresh["total"])
        print(f"{fresh['killed']} of {fresh['total']} mutants killed ({share:.1%}), {fresh['equivalent']} equivalent and "
              f"{fresh['stillborn']} that do not compile left out, {fresh['seconds']} s")
        bad = share < 0.9
    out.write_text(json.dumps(result, indent=1) + "\n")
    return 1 if bad else 0


sys.exit(main())
