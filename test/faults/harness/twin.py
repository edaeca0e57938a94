"""A second API server on a lane's etcd, whose link to it can be made to lag."""
import os
import signal
import socket
import subprocess
import threading
import time

PIECE = 65536


class Relay:
    """Between the second server and etcd. While it lags, what etcd says comes late, nothing is lost."""

    def __init__(self, port):
        self.to, self.until, self.closed = port, 0.0, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while not self.closed:
            try:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                continue
            for args in ((near, far, False), (far, near, True)):
                threading.Thread(target=self.pump, args=args, daemon=True).start()

    def pump(self, source, sink, answers):
        try:
            while piece := source.recv(PIECE):
                while answers and time.monotonic() < self.until:
                    time.sleep(0.01)
                sink.sendall(piece)
        except OSError:
            pass
        for s in (source, sink):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def lag(self, seconds):
        self.until = time.monotonic() + seconds

    def close(self):
        self.closed = True
        self.listener.close()


class Twin:
    def __init__(self, lane, envtest):
        self.lane, self.envtest = lane, envtest
        self.relay = Relay(int((lane.dir / "env/ports").read_text().split()[0]))
        self.up()

    def up(self):
        done = subprocess.run([self.envtest, "twin", str(self.lane.dir / "env"), str(self.relay.port)], check=True, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.port = done.stdout.strip()
        pid = (self.lane.dir / "env/run/kube-apiserver-2.pid").read_text().split()[0]
        (self.lane.dir / "pids/kube-apiserver-2").write_text(pid)

    def restart(self):
        os.kill(int((self.lane.dir / "pids/kube-apiserver-2").read_text()), signal.SIGKILL)
        self.up()

    def close(self):
        self.relay.close()
