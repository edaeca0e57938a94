"""The independent watcher: every revision of every object, straight from the API server."""
import http.client
import json
import threading
import time

from . import api as kube


class Watcher:
    """`events` grows by (rv, type, kind, object); `model` is the present: (kind, ns, name) → object."""

    def __init__(self, api):
        self.api = api
        self.events, self.model = [], {}
        self.changed = threading.Condition()
        self.last = time.monotonic()
        self.closed = False
        for kind in kube.PLURAL:
            self.follow(kind)

    def follow(self, kind):
        listed = self.api.list(kind)
        for o in listed["items"]:
            self.take(kind, "ADDED", dict(o, kind=kind))
        threading.Thread(target=self.run, args=(kind, listed["metadata"]["resourceVersion"]), daemon=True).start()

    def take(self, kind, what, o):
        m = o["metadata"]
        m.pop("managedFields", None)
        key = (kind, m.get("namespace", ""), m["name"])
        with self.changed:
            self.events.append((int(m["resourceVersion"]), what, kind, o))
            if what == "DELETED":
                self.model.pop(key, None)
            else:
                self.model[key] = o
            if kind != "Event":
                self.last = time.monotonic()
            self.changed.notify_all()

    def run(self, kind, rv):
        while not self.closed:
            try:
                rv = self.stream(kind, rv)
            except ValueError:  # the revision is too old, or the server is not ready yet
                time.sleep(0.1)
                rv = self.relist(kind, rv)
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)

    def relist(self, kind, rv):
        """What was missed meanwhile is told as it stands now."""
        try:
            listed = self.api.list(kind)
        except (OSError, http.client.HTTPException, kube.Refused):
            return rv
        now = {(o["metadata"].get("namespace", ""), o["metadata"]["name"]): o for o in listed["items"]}
        for (k, ns, name), old in list(self.model.items()):
            if k == kind and now.get((ns, name), {"metadata": {"uid": ""}})["metadata"]["uid"] != old["metadata"]["uid"]:
                gone = json.loads(json.dumps(old))
                gone["metadata"]["resourceVersion"] = listed["metadata"]["resourceVersion"]
                self.take(kind, "DELETED", gone)
        for (ns, name), o in now.items():
            old = self.model.get((kind, ns, name))
            if old is None or old["metadata"]["resourceVersion"] != o["metadata"]["resourceVersion"]:
                self.take(kind, "MODIFIED" if old else "ADDED", dict(o, kind=kind))
        return listed["metadata"]["resourceVersion"]

    def stream(self, kind, rv):
        c = http.client.HTTPSConnection(self.api.host, int(self.api.port), context=self.api.tls, timeout=7200)
        c.request("GET", f"{kube.path(kind)}?watch=1&resourceVersion={rv}&timeoutSeconds=7000")
        r = c.getresponse()
        if r.status != 200:
            raise ValueError(r.status)
        while True:
            line = r.readline()
            if not line:
                return rv
            event = json.loads(line)
            if event["type"] == "ERROR":
                raise ValueError(event)
            rv = event["object"]["metadata"]["resourceVersion"]
            if event["type"] != "BOOKMARK":
                self.take(kind, event["type"], dict(event["object"], kind=kind))

    def mark(self):
        with self.changed:
            return len(self.events)

    def since(self, mark):
        """In the order of revisions: etcd has one counter for all kinds."""
        with self.changed:
            return sorted(self.events[mark:], key=lambda e: e[0])

    def forget(self):
        with self.changed:
            self.events.clear()

    def get(self, kind, ns, name):
        return self.model.get((kind, ns if kube.NAMESPACED[kind] else "", name))

    def objects(self):
        with self.changed:
            return dict(self.model)

    def until(self, condition, seconds, tick=None):
        """True when the condition holds; tick() is called a few times a second."""
        end = time.monotonic() + seconds
        while True:
            if tick:
                tick()
            with self.changed:
                if condition():
                    return True
                if time.monotonic() >= end:
                    return False
                self.changed.wait(0.05)
