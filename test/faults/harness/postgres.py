"""A lane's PostgreSQL on a UNIX socket, a database of its own for each plan, and O11: SQL says what the API says."""
import json
import os
import pathlib
import subprocess
import time

HELD = ("DkubeRun", "ArtifactVersion", "Deployment")  # by the finalizer; the others are mirrored as they pass
MIRRORED = ("Pool", "Group", "User", "DataStore", "CodeRepo", "Dataset", "Model", "DkubeRun", "ArtifactVersion", "Deployment")
PATIENCE_S = 12  # a database thread that was refused tries again after a pause that grows
FINAL = ("Complete", "Error", "Stopped")


def program(name):
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if not found:
        raise RuntimeError("no PostgreSQL server here: hack/deps test installs it")
    return str(found[-1])


def as_nobody(*args):
    if os.getuid() == 0:
        return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *args]
    return list(args)


class Postgres:
    def __init__(self, folder):
        self.dir = pathlib.Path(folder) / "pg"
        self.dir.mkdir()
        for d in (self.dir.parent, self.dir):
            d.chmod(0o755)
        if os.getuid() == 0:
            subprocess.run(["chown", "nobody", str(self.dir)], check=True)
        self.log = (pathlib.Path(folder) / "pg.log").open("w")
        subprocess.run(as_nobody(program("initdb"), "-D", str(self.dir / "data"), "-U", "dkube", "-A", "trust", "-E", "UTF8",
                                 "--no-sync"), check=True, stdout=self.log, stderr=self.log, cwd="/")
        self.server = subprocess.Popen(as_nobody(program("postgres"), "-D", str(self.dir / "data"), "-k", str(self.dir), "-c",
                                                 "listen_addresses=", "-c", "fsync=off"), stdin=subprocess.DEVNULL,
                                       stdout=self.log, stderr=self.log, cwd="/")
        end = time.monotonic() + 20
        while True:
            try:
                self.sql("postgres", "SELECT 1")
                return
            except subprocess.CalledProcessError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def sql(self, database, text):
        url = f"postgresql:///{database}?host={self.dir}&user=dkube"
        return subprocess.run(["psql", url, "-Atqc", text], text=True, check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout

    def socket(self):
        return str(self.dir / ".s.PGSQL.5432")

    def close(self):
        self.server.send_signal(2)
        self.server.wait()
        self.log.close()


def rows(stage, text):
    out = stage.lane.postgres.sql(stage.name, f"SELECT coalesce(json_agg(t), '[]') FROM ({text}) t")
    return json.loads(out)


def check(stage):
    """What the mirror must say about everything of this plan that the watcher saw."""
    try:
        stored = {r["uid"]: r for r in rows(stage, "SELECT uid, kind, name, rv, deleted IS NOT NULL AS deleted FROM dkube.object")}
        history = {(r["uid"], r["phase"]) for r in rows(
            stage, "SELECT uid, body->'status'->>'phase' AS phase FROM dkube.history WHERE body->'status'->>'phase' IS NOT NULL")}
    except subprocess.CalledProcessError:
        return ["the mirror has no tables"]
    found, last = [], {}
    for _, what, kind, o in stage.lane.watcher.since(0):
        m = o["metadata"]
        if kind not in MIRRORED or not stage.is_mine((kind, m.get("namespace", ""), m["name"])):
            continue
        last[m["uid"]] = (what, kind, o)
        if kind == "DkubeRun" and o.get("status", {}).get("phase") in FINAL and (m["uid"], o["status"]["phase"]) not in history:
            found.append(f"the history lacks {m['name']}'s end {o['status']['phase']}")
    for uid, (what, kind, o) in last.items():
        row, name = stored.get(uid), f"{kind} {o['metadata']['name']}"
        if row is None and what == "DELETED" and kind not in HELD:
            continue
        if row is None:
            found.append(f"{name} is not in the mirror")
        elif row["deleted"] != (what == "DELETED"):
            found.append(f"{name}: the mirror says deleted={row['deleted']}")
        elif what != "DELETED" and row["rv"] != o["metadata"]["resourceVersion"]:
            found.append(f"{name}: the mirror has {row['rv']}, the API {o['metadata']['resourceVersion']}")
    return found


def compare(stage):
    end = time.monotonic() + PATIENCE_S * stage.patience
    while True:
        left = check(stage)
        if not left or time.monotonic() > end:
            return [("O11", d) for d in left[:4]]
        stage.supervise()
        time.sleep(0.2)
