"""soak: our subject for a long time, and whether what it holds grows."""
import datetime
import os
import time

from samples import row, short, slope
from subjects import Replay, Subject

POINTS, WARM_S, WATCHES = 100, 60, 8
WARM = {"churn": 3, "relist": 3, "cut": 1}  # times what is measured
PHASES = {  # quick, full, what one is, how the row calls them
    "churn": (50000, 1000000, "pod", "unique pods made and deleted"),
    "relist": (100, 100, "relist", "relists of 1,000 pods after a 410"),
    "cut": (800, 4000, "reconnect", "reconnects, all eight watches at once"),
}
HELD = (("RssAnon", "RssAnon", "B"), ("heap", "heap in use (our slabs)", "B"), ("fds", "descriptors", "1"))


class Soak:
    name, per_round, printed = "soak", 1, False

    def names(self):
        return list(PHASES)

    def runs(self):
        return 1

    def wanted(self, phase):
        return PHASES[phase][os.environ.get("SOAK") == "full"]

    def holds(self, sample, print_):
        """Nor is a longer soak taken again as a shorter one; for another build it takes --fresh and the part's name."""
        return sample["values"]["size"] >= self.wanted(sample["name"])

    def begin(self, run):
        pass

    def end(self):
        pass

    def take_all(self, run, names):
        for phase in names:
            began = time.monotonic()
            yield phase, self.take(phase), time.monotonic() - began

    def take(self, phase):
        size = self.wanted(phase)
        server = Replay(1000)
        scale = 20 if phase == "cut" else 1  # the pauses after a thousand failures would be hours
        s = Subject("ours", server.config, "soak", options=[f"--scale-timeouts={scale}", "--log-level=error"]).ready()
        points = {key: [] for key, _, _ in HELD}
        began, lots = time.monotonic(), 0
        while len(points["fds"]) < POINTS:
            for _ in range({"churn": 1, "relist": size // POINTS, "cut": size // POINTS // WATCHES}[phase]):
                self.stir(server, phase, size // POINTS)
            self.settle(server)
            lots += 1
            held = self.steady(s)
            if lots > WARM[phase] * POINTS and time.monotonic() - began > WARM_S:
                points["RssAnon"].append(s.status()["RssAnon"])
                points["heap"].append(held)
                points["fds"].append(s.fds())
        s.end()
        server.end()
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
        return {"size": size, "warm": (lots - POINTS) * size // POINTS, "when": now, "points": points}

    @staticmethod
    def stir(server, phase, size):
        if phase == "churn":
            server.ask(f"churn?n={size}")
            server.idle()
            return
        server.ask("gone" if phase == "relist" else "cut")
        time.sleep(0.05)
        Soak.settle(server, 0)

    @staticmethod
    def steady(s):
        """The heap, once the subject has done what it was given: two readings that are alike."""
        held, last, tries = s.held(), 0, 0
        while abs(held - last) > 1024 and tries < 20:
            time.sleep(0.2)
            held, last, tries = s.held(), held, tries + 1
        return held

    @staticmethod
    def settle(server, pause=0.1):
        """Until all eight watches stand and have been given all that there is."""
        while True:
            st = server.ask("stats")
            if st["watches"] == WATCHES and st["unsent"] == 0 and not st["busy"]:
                break
            time.sleep(0.02)
        time.sleep(pause)

    def rows(self, found):
        for phase, samples in found.items():
            _, full, one, words = PHASES[phase]
            values = samples[0]
            size = values["size"]
            for key, what, unit in HELD:
                grew, half = slope(values["points"][key])
                first, last = values["points"][key][0], values["points"][key][-1]
                note = (f"{grew / size:+.3g} ± {half / size:.2g} {unit} a {one} (95 %), over the whole "
                        f"{short(grew)} ± {short(half)}; first {short(first)}, last {short(last)}; {values['warm']:,} before to warm up; "
                        f"taken {values['when']}"
                        + ("" if size == full else f", {size:,} of {full:,}"))
                yield row(f"soak, {size:,} {words}: slope of {what}", f"{unit} a {one}", grew / size, {},
                          "0 (within its 95 % interval)", abs(grew) <= half, note)
