"""samples: what was measured, kept part by part so that a bench cut short goes on; and the rows made of it."""
import json
import math
import statistics

import subjects
from subjects import OUT, SUBJECTS, say


class Store:
    """build/bench/parts/<part>.json: one sample for each run and subject."""

    def __init__(self, part):
        self.part, self.file = part, OUT / "parts" / f"{part.name}.json"
        self.list = json.loads(self.file.read_text()) if self.file.exists() else []

    def has(self, run, name):
        print_ = subjects.fingerprint(name)
        return any(s["run"] == run and s["name"] == name and self.part.holds(s, print_) for s in self.list)

    def put(self, run, name, values, seconds):
        fresh = {"run": run, "name": name, "print": subjects.fingerprint(name), "seconds": round(seconds, 1),
                 "values": values}
        self.list = [s for s in self.list if (s["run"], s["name"]) != (run, name)] + [fresh]
        self.file.parent.mkdir(parents=True, exist_ok=True)
        new = self.file.with_suffix(".new")
        new.write_text("[" + ",\n ".join(json.dumps(s) for s in self.list) + "]\n")
        new.rename(self.file)

    def found(self):
        """name -> list of values; an earlier build's only where there is nothing else."""
        found = {}
        for name in self.part.names():
            mine = [s for s in self.list if s["name"] == name]
            now = [s for s in mine if s["print"] == subjects.fingerprint(name)]
            if mine and not now:
                say(f"{self.part.name}, {name}: figures of an earlier build")
            if mine:
                found[name] = [s["values"] for s in (now or mine)]
        return found

    def seconds(self):
        return sum(s["seconds"] for s in self.list)


# --- statistics --------------------------------------------------------------------------------------
def median(values):
    values = [v for v in values if v is not None]
    return statistics.median(values) if values else None


def quantiles(values):
    values = sorted(values)
    if not values:
        return None
    return [values[min(len(values) - 1, int(len(values) * q))] for q in (0.5, 0.99, 0.999)] + [values[-1]]


BLOCKS, T_95 = 10, 2.306  # Student's t of eight degrees of freedom


def slope(points):
    """Least squares over the medians of ten blocks (neighbours are not independent, blocks nearly are): what
    the whole series grows by, and half the width of its 95 % interval."""
    size = len(points) // BLOCKS
    y = [statistics.median(points[i * size:(i + 1) * size]) for i in range(BLOCKS)]
    x = [(i + 0.5) / BLOCKS for i in range(BLOCKS)]
    mean_x, mean_y = statistics.fmean(x), statistics.fmean(y)
    sxx = sum((a - mean_x) ** 2 for a in x)
    b = sum((a - mean_x) * (v - mean_y) for a, v in zip(x, y)) / sxx
    rest = sum((v - mean_y - b * (a - mean_x)) ** 2 for a, v in zip(x, y))
    return b, T_95 * math.sqrt(rest / (BLOCKS - 2) / sxx)


# --- rows --------------------------------------------------------------------------------------------
def short(v):
    if v is None:
        return "-"
    if isinstance(v, str):
        return v
    return f"{v:,.0f}" if abs(v) >= 1000 else f"{v:.3g}" if abs(v) < 10 else f"{v:.1f}"


def ratio(row, name):
    value, ours = row["rivals"].get(name), row["ours"]
    if not value or not ours or isinstance(value, str):
        return short(value)
    return f"{short(value)} ({value / ours:.1f}×)"


def line(row):
    rivals = " ".join(f"{n}={ratio(row, n)}" for n in row["rivals"])
    met = {True: "met", False: "MISSED", None: ""}[row["met"]]
    return f"{row['figure']} [{row['unit']}]: ours {short(row['ours'])} · {rivals} · target {row['target']} {met}"


def row(figure, unit, ours, rivals=None, target="printed", met=None, note=None):
    made = {"figure": figure, "unit": unit, "ours": ours, "rivals": rivals or {}, "target": target, "met": met}
    return dict(made, note=note) if note else made


def beside(figure, unit, found, pick, target="printed", check=None, note=None):
    """A row of medians; pick(values) of one sample; check(ours, rivals) says whether the target is met."""
    values = {n: median([pick(v) for v in found.get(n, [])]) for n in SUBJECTS}
    ours = values.pop("ours")
    met = check(ours, {k: v for k, v in values.items() if v is not None}) if check and ours is not None else None
    return row(figure, unit, ours, values, target, met, note)


def best(rivals, prefix=""):
    values = [v for n, v in rivals.items() if n.startswith(prefix)]
    return min(values) if values else float("inf")
