"""The demo's web server. Prints one line of JSON for each body, as sent or received, and serves until it is stopped."""

import gzip
import hashlib
import json
import socket
import subprocess
import sys
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import content

ETAG = '"river-7"'


class Resource:
    """A body and how it travels: content coding, and chunked, counted or closed framing."""

    def __init__(self, kind, body, coding=None, framing="length"):
        self.kind, self.body, self.coding, self.framing = kind, body, coding, framing
        self.encoded = ENCODERS[coding](body)


def raw_deflate(body):
    encoder = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return encoder.compress(body) + encoder.flush()


ENCODERS = {
    None: lambda body: body,
    "gzip": lambda body: gzip.compress(body, mtime=0),
    "deflate": raw_deflate,
    "br": lambda body: subprocess.run(["brotli", "-c", "-q", "9"], input=body, stdout=subprocess.PIPE, check=True).stdout,
}

SITE = {
    "/": Resource("text/html; charset=utf-8", content.page("River watch", 60, 1)),
    "/style.css": Resource("text/css", content.style(), "gzip"),
    "/app.js": Resource("application/javascript", content.program(), "br"),
    "/map.png": Resource("image/png", content.picture(220, 160, 2)),
    "/pixel.gif": Resource("image/gif", content.pixel()),
    "/levels.json": Resource("application/json", content.document(90, 3), "deflate"),
    "/stations.json": Resource("application/json", content.document(12, 4)),
    "/report.html": Resource("text/html; charset=utf-8", content.page("Flood report", 700, 5), "gzip", "chunked"),
    "/levels.csv": Resource("text/csv", content.table(800, 6), None, "chunked"),
    "/old-report.html": Resource("text/html", content.page("Report of last year", 120, 7), None, "close"),
    "/downloads/handbook.pdf": Resource("application/pdf", content.handbook(250_000, 8)),
    "/downloads/survey.dat": Resource("application/octet-stream", content.noise(90_000, 9)),
    "/downloads/notes.txt": Resource("text/plain", b"The survey has one segment fewer here than on the wire.\n" * 12),
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "RiverWatch/1.0", ""
    disable_nagle_algorithm = True

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path == "/start":
            self.answer(302, Resource("text/html", b'<a href="/">moved</a>\n'), {"Location": "/"})
        elif path not in SITE:
            self.answer(404, Resource("text/plain", b"no such page: " + self.path.encode() + b"\n"))
        elif self.headers.get("If-None-Match") == ETAG:
            self.begin(304)
        elif "Range" in self.headers:
            self.answer_range(SITE[path])
        else:
            self.answer(200, SITE[path])

    do_HEAD = do_GET

    def do_POST(self):
        body = self.read_chunks() if "chunked" in self.headers.get("Transfer-Encoding", "") \
            else self.rfile.read(int(self.headers["Content-Length"]))
        self.tell("request", "-", self.headers["Content-Type"], body)
        self.answer(201, Resource("application/json", b'{"stored": %d}\n' % len(body)))

    def do_DELETE(self):
        self.begin(204)

    def read_chunks(self):
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def begin(self, status, **headers):
        self.send_response(status)
        self.send_header("ETag", ETAG)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def answer_range(self, resource):
        first, last = map(int, self.headers["Range"].removeprefix("bytes=").split("-"))
        part = Resource(resource.kind, resource.body[first:last + 1])
        self.answer(206, part, {"Content-Range": f"bytes {first}-{last}/{len(resource.body)}"})

    def answer(self, status, resource, headers=None):
        headers = {"Content-Type": resource.kind, **(headers or {})}
        if resource.coding:
            headers["Content-Encoding"] = resource.coding
        if resource.framing == "length":
            headers["Content-Length"] = len(resource.encoded)
        elif resource.framing == "chunked":
            headers["Transfer-Encoding"] = "chunked"
            headers["Trailer"] = "X-Checksum"
        else:
            headers["Connection"] = "close"
            self.close_connection = True
        self.begin(status, **headers)
        if self.command == "HEAD":
            return
        if resource.framing == "chunked":
            self.send_chunks(resource.encoded)
        else:
            self.wfile.write(resource.encoded)
        self.tell("response", status, resource.kind, resource.body, resource.coding, resource.framing)

    def send_chunks(self, body):
        position, sizes = 0, (17, 1000, 4096, 333, 9000)
        for turn in range(len(body)):
            piece = body[position:position + sizes[turn % len(sizes)]]
            if not piece:
                break
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            position += len(piece)
        self.wfile.write(b"0\r\nX-Checksum: %08x\r\n\r\n" % zlib.crc32(body))

    def tell(self, direction, status, kind, body, coding=None, framing="length"):
        """The body without its codings, as a user of the file sees it."""
        line = json.dumps({"direction": direction, "method": self.command, "status": status, "host": self.headers["Host"],
                           "path": self.path, "type": kind, "coding": coding or "-", "framing": framing, "bytes": len(body),
                           "sha1": hashlib.sha1(body).hexdigest()})
        with TELLING:
            print(line, flush=True)

    def log_message(self, *_):
        pass


class DualServer(ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True


TELLING = threading.Lock()

if __name__ == "__main__":
    server = DualServer(("::", 80), Handler)
    print("ready", file=sys.stderr, flush=True)
    server.serve_forever()
