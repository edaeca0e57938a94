"""page: docs/reference/benchmarks.md of the rows. What stands from the heading "What the figures do not say" on is written by hand and
kept."""
import pathlib
import re

from samples import ratio, short
from subjects import CORES, ROOT

PAGE = ROOT / "docs/reference/benchmarks.md"
HAND = "## What the figures do not say"
COLUMNS = ("go-plain", "go-strip", "go-allow", "rust-strip", "rust-allow", "rust-stream")


def machine():
    cpu = re.search(r"^model name\s*: (.+)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    return f"{cpu[1] if cpu else 'unknown'}, {len(CORES)} cores"


def version_of(file, pattern):
    m = re.search(pattern, (ROOT / file).read_text(), re.M)
    return m[1] if m else "?"


def by_hand():
    text = PAGE.read_text() if PAGE.exists() else ""
    return text[text.index(HAND):] if HAND in text else HAND + "\n"


def write(rows, runs):
    go = version_of("test/bench/rivals/go/go.mod", r"controller-runtime v(\S+)")
    kube = version_of("test/bench/rivals/rust/Cargo.lock", r'name = "kube"\nversion = "([^"]+)"')
    text = ["# Benchmarks", "", "The table is written by `make bench-runtime DOCS=1`; its figures are those of one machine: "
            + machine() + ".",
            f"Rivals: controller-runtime {go} (plain, TransformStripManagedFields, allow-list transform), kube {kube}",
            "(`modify` that strips managedFields, allow-list `modify`, that with streaming lists). A figure is the median of its",
            "runs in rotated order; in brackets the rival's share of ours. gzip and drop=metadata.managedFields are off but",
            "where a row says otherwise. How each is taken: test/bench/parts.py and soak.py. Runs: "
            + ", ".join(f"{n} {k}" for n, k in runs.items()) + ".", "",
            "| figure | unit | ours | " + " | ".join(COLUMNS) + " | target | |", "|---" * (len(COLUMNS) + 5) + "|"]
    notes = []
    for r in rows:
        mark = {True: "met", False: "**missed**", None: ""}[r["met"]]
        cells = [ratio(r, n) if n in r["rivals"] else "-" for n in COLUMNS]
        text.append(f"| {r['figure']} | {r['unit']} | {short(r['ours'])} | " + " | ".join(cells) + f" | {r['target']} | {mark} |")
        if r.get("note"):
            notes.append(f"- {r['figure']}: {r['note']}.")
    PAGE.write_text("\n".join(text + ["", *notes, "", by_hand().rstrip()]) + "\n")
