#!/usr/bin/env python3
"""A server on loopback that serves collateral as vendors do, and as they fail: by a plan in a JSON file, read again at each request.

The plan is {path with query: {body (hex), status, headers, etag, times (how often a failure comes before the answer), fail: how}}; fail is
"cut" (half of the body, then the connection ends), "slow" (nothing for longer than anybody waits), or an HTTP status. Each request is a
line of the log: time, path, status, and whether it was conditional.
"""
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PLAN, LOG, PORT_FILE = sys.argv[1:4]
lock = threading.Lock()
seen = {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def note(self, status):
        conditional = "conditional" if "If-None-Match" in self.headers or "If-Modified-Since" in self.headers else "plain"
        with lock, open(LOG, "a") as log:
            log.write(f"{time.monotonic():.3f} {self.path} {status} {conditional}\n")

    def answer(self, status, body=b"", headers=None, cut=False):
        self.note(status)
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if cut:
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.close_connection = True
        elif status != 304:
            self.wfile.write(body)

    def do_GET(self):
        with open(PLAN) as plan:
            what = json.load(plan).get(self.path)
        if what is None:
            return self.answer(404, b"no such collateral")
        with lock:
            count = seen[self.path] = seen.get(self.path, 0) + 1
        body = bytes.fromhex(what.get("body", ""))
        headers = dict(what.get("headers", {}))
        if "fail" in what and count <= what.get("times", 1000000):
            if what["fail"] == "cut":
                return self.answer(200, body, headers, cut=True)
            if what["fail"] == "slow":
                self.note(0)
                time.sleep(30)
                return None
            return self.answer(int(what["fail"]), b"not now", {"Retry-After": str(what["wait"])} if "wait" in what else {})
        if "etag" in what:
            headers["ETag"] = what["etag"]
            if self.headers.get("If-None-Match") == what["etag"]:
                return self.answer(304, headers=headers)
        return self.answer(200, body, headers)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
with open(PORT_FILE + ".new", "w") as port:
    port.write(str(server.server_address[1]))
os.rename(PORT_FILE + ".new", PORT_FILE)
server.serve_forever()
