"""Serves a scikit-learn model over HTTP.

GET  /healthz  answers 200 once the model is loaded.
POST /predict  takes {"instances": [[64 numbers], ...]} and answers {"predictions": [...]}.

The model is model.joblib in MODEL_DIR (default /mnt/dkube/model); PORT defaults to 8080.
"""
import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import joblib

MODEL = joblib.load(os.path.join(os.environ.get("MODEL_DIR", "/mnt/dkube/model"), "model.joblib"))
LIMIT = 8 << 20


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, code, body):
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        if self.path == "/healthz":
            self.answer(200, {"status": "ready"})
        else:
            self.answer(404, {"error": "there is /healthz and POST /predict"})

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        if self.path != "/predict" or length > LIMIT:
            self.close_connection = True
            self.answer(404 if self.path != "/predict" else 413, {"error": "POST /predict takes at most 8 MiB"})
            return
        try:
            instances = json.loads(self.rfile.read(length))["instances"]
            predictions = MODEL.predict(instances).tolist()
        except (ValueError, KeyError, TypeError) as error:
            self.answer(400, {"error": f"instances must be a list of rows of numbers: {error}"})
            return
        self.answer(200, {"predictions": predictions})

    def log_message(self, format, *args):
        if self.path != "/healthz":
            sys.stderr.write("%s %s\n" % (self.address_string(), format % args))


def main():
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    port = int(os.environ.get("PORT", "8080"))
    print(f"serving {type(MODEL).__name__} on port {port}", flush=True)
    ThreadingHTTPServer(("", port), Handler).serve_forever()


if __name__ == "__main__":
    main()
