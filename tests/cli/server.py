#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A web server on loopback that behaves well or badly, as the first part of the path says.

    server.py FOLDER PORTFILE LOGFILE

Serves FOLDER/NAME as /MODE/NAME on a free port, whose number it writes into PORTFILE, and writes a line "MODE NAME
RANGE" (RANGE is the header's value or "-") into LOGFILE for each request. The modes are the methods named mode_* below.
It ends when its standard input does, so that it never outlives the test that started it.
"""
import http.server
import os
import pathlib
import sys
import threading
import time

FOLDER, PORT_FILE, LOG_FILE = map(pathlib.Path, sys.argv[1:4])
PAGE = b"<!DOCTYPE html><html><title>Login</title><p>Please accept our terms.</html>"
LOCK = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen = {}  # requests so far by path

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.close_connection = True
        _, mode, name = self.path.split("/", 2)
        self.range = self.headers.get("Range")
        with LOCK:
            self.seen[self.path] = self.count = self.seen.get(self.path, 0) + 1
            with LOG_FILE.open("a", encoding="utf-8") as log:
                log.write(f"{mode} {name} {self.range or '-'}\n")
        self.content = (FOLDER / name).read_bytes() if (FOLDER / name).is_file() else b""
        try:
            getattr(self, "mode_" + mode)()
            self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            pass

    def start(self):
        """Where the request wants to begin."""
        return int(self.range.removeprefix("bytes=").rstrip("-")) if self.range else 0

    def answer(self, code, length=None, kind="application/octet-stream", **headers):
        self.send_response(code)
        self.send_header("Connection", "close")
        self.send_header("Content-Type", kind)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()

    def begin(self):
        """The header of a right answer; returns what is to be sent."""
        start, size = self.start(), len(self.content)
        if start >= size:
            self.answer(416, 0, Content_Range=f"bytes */{size}")
            return b""
        if self.range:
            self.answer(206, size - start, Content_Range=f"bytes {start}-{size - 1}/{size}")
        else:
            self.answer(200, size)
        return self.content[start:]

    def redirect(self, where):
        self.answer(302, len(PAGE), "text/html", Location=where)
        self.wfile.write(PAGE)

    # -------------------------------------------------------------------------------------------------------- modes

    def mode_good(self):
        self.wfile.write(self.begin())

    def mode_whole(self):
        """Answers 200 to a range request."""
        self.answer(200, len(self.content))
        self.wfile.write(self.content)

    def mode_unsized(self):
        """Says no length; the end of the connection is the end of the file."""
        self.answer(200)
        self.wfile.write(self.content)

    def mode_truncate(self):
        rest = self.begin()
        self.wfile.write(rest[:len(rest) // 2])

    def mode_bits(self):
        """Comes in quarters: each request brings a quarter of the file and breaks off."""
        self.wfile.write(self.begin()[:len(self.content) // 4 + 1])

    def mode_stall(self):
        rest = self.begin()
        self.wfile.write(rest[:len(rest) // 2])
        self.wfile.flush()
        time.sleep(60)

    def mode_silent(self):
        time.sleep(60)

    def mode_slow(self):
        """Slow, but never silent for long: 12 pieces, one each 0.25 s."""
        rest = self.begin()
        piece = len(rest) // 12 + 1
        for at in range(0, len(rest), piece):
            self.wfile.write(rest[at:at + piece])
            self.wfile.flush()
            time.sleep(0.25)

    def mode_trickle(self):
        """A byte each 0.1 s: never silent, never done."""
        for byte in self.begin():
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(0.1)

    def mode_redirect(self):
        self.redirect("/good" + self.path[len("/redirect"):])

    def mode_tofile(self):
        self.redirect((FOLDER / self.path.rsplit("/", 1)[1]).as_uri())

    def mode_loop(self):
        self.redirect(self.path)

    def mode_missing(self):
        self.answer(404, len(PAGE), "text/html")
        self.wfile.write(PAGE)

    def mode_busy(self):
        """Overloaded."""
        self.answer(503, 0)

    def mode_page(self):
        self.answer(200, len(PAGE), "text/html; charset=utf-8")
        self.wfile.write(PAGE)

    def mode_hiddenpage(self):
        """A web page that is called data."""
        self.answer(200, len(PAGE))
        self.wfile.write(PAGE)

    def mode_empty(self):
        self.answer(200, 0)

    def mode_wrong(self):
        """One bit is not what it should be, in the middle."""
        content = bytearray(self.content)
        content[len(content) // 2] ^= 1
        self.content = bytes(content)
        self.wfile.write(self.begin())

    def mode_other(self):
        """The labels of the other split under this name."""
        name = self.path.rsplit("/", 1)[1]
        other = name.replace("t10k", "train") if "t10k" in name else name.replace("train", "t10k")
        self.content = (FOLDER / other).read_bytes()
        self.wfile.write(self.begin())

    def mode_elsewhere(self):
        """Answers a range request with another range."""
        if not self.range:
            self.mode_good()
            return
        self.answer(206, len(self.content), Content_Range=f"bytes 0-{len(self.content) - 1}/{len(self.content)}")
        self.wfile.write(self.content)

    def mode_endless(self):
        """Sends without an end."""
        self.answer(200)
        while True:
            self.wfile.write(self.content + bytes(1 << 20))

    def mode_huge(self):
        """Promises a gigabyte."""
        self.answer(200, 1 << 30)
        self.wfile.write(self.content)


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    temporary = PORT_FILE.with_suffix(".tmp")
    temporary.write_text(f"{server.server_address[1]}\n", encoding="utf-8")
    temporary.rename(PORT_FILE)
    sys.stdin.read()
    os._exit(0)


main()
