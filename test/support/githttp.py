#!/usr/bin/env python3
"""githttp: repositories over smart HTTP by the real `git http-backend`, on a free port of 127.0.0.1.

Usage: githttp.py ROOT PORTFILE [CERTIFICATE-AND-KEY]     with a PEM file: https

/private/… wants the user `reader` and the password `s3cret`; /elsewhere/… redirects to another host; /hang/… never answers,
/stuck/… answers all but the question for content; /broken/… answers half of a reply. Everything else is a repository below ROOT.
"""
import base64
import http.server
import os
import ssl
import subprocess
import sys
import time

ROOT, PORTFILE = os.path.realpath(sys.argv[1]), sys.argv[2]
LOGIN = "Basic " + base64.b64encode(b"reader:s3cret").decode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def refuse(self, status, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def body(self):
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        data = b""
        while True:
            n = int(self.rfile.readline().strip() or b"0", 16)
            data += self.rfile.read(n)
            self.rfile.readline()
            if n == 0:
                return data

    def backend(self, path, query, body):
        env = dict(os.environ, GIT_PROJECT_ROOT=ROOT, GIT_HTTP_EXPORT_ALL="1", PATH_INFO=path, QUERY_STRING=query,
                   REQUEST_METHOD=self.command, CONTENT_TYPE=self.headers.get("Content-Type", ""),
                   CONTENT_LENGTH=str(len(body)), REMOTE_ADDR="127.0.0.1", GIT_CONFIG_COUNT="1",
                   GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")
        out = subprocess.run(["git", "http-backend"], input=body, env=env, capture_output=True, check=False).stdout
        head, _, data = out.partition(b"\r\n\r\n")
        fields = [line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line]
        status = next((int(v.split()[0]) for k, v in fields if k == "Status"), 200)
        return status, [(k, v) for k, v in fields if k != "Status"], data

    def answer(self):
        body = self.body()
        path, _, query = self.path.partition("?")
        if path.startswith("/hang/") or (path.startswith("/stuck/") and self.command == "POST"):
            time.sleep(600)
        path = path.replace("/stuck/", "/", 1)
        if path.startswith("/elsewhere/"):
            return self.refuse(301, Location="http://localhost:1" + self.path.replace("/elsewhere/", "/", 1))
        if path.startswith("/private/"):
            if self.headers.get("Authorization") != LOGIN:
                return self.refuse(401, WWW_Authenticate='Basic realm="git"')
            path = path.replace("/private/", "/", 1)
        cut = path.startswith("/broken/")
        status, fields, data = self.backend(path.replace("/broken/", "/", 1), query, body)
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[:len(data) // 2] if cut else data)
        self.close_connection = self.close_connection or cut
        return None

    do_GET = do_POST = answer


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
if len(sys.argv) > 3:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(sys.argv[3])
    server.socket = tls.wrap_socket(server.socket, server_side=True)
with open(PORTFILE + ".new", "w", encoding="ascii") as f:
    f.write(str(server.server_address[1]))
os.rename(PORTFILE + ".new", PORTFILE)
server.serve_forever()
