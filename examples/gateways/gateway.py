#!/usr/bin/python3
"""A whole gateway to a coserv store: python3 gateway.py STORE PORT; the database is that of the PG* environment (psycopg2)."""
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg2
from psycopg2 import sql

ASK = sql.SQL("SELECT status, headers, body FROM {}.http(%s, %s, %s)").format(sql.Identifier(sys.argv[1]))
local = threading.local()


class Gateway(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if not hasattr(local, "connection"):
            local.connection = psycopg2.connect("")
            local.connection.set_session(readonly=True, autocommit=True)
        with local.connection.cursor() as cursor:
            headers = {name: self.headers.get_all(name) for name in self.headers}
            cursor.execute(ASK, (self.command, self.path, json.dumps(headers)))
            status, headers, body = cursor.fetchone()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status not in (204, 304):
            self.wfile.write(body)

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Gateway).serve_forever()
