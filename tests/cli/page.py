#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""page.py REPORT.html - judges a report as a file: well-formed, whole in itself, nothing in it obeys a name, no script but that of its policy.
page.py --browser BROWSER REPORT.html - and as a browser sees it: nothing on the console, no request, every figure drawn.

Prints what is wrong, a line each; exit code 1 if anything is. With --self-test it is given pages with one fault each, and has to find it.
"""
import base64
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from html.parser import HTMLParser

POLICY = """<meta http-equiv="Content-Security-Policy"
content="default-src 'none'; script-src 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='">"""
VOID = {"meta", "link", "img", "br", "hr", "input", "col", "base", "area", "source", "wbr"}
LINKS = {"href", "src", "xlink:href", "srcset", "data", "action", "poster"}


class Page(HTMLParser):
    """Collects faults, ids, links and headings of a page."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.faults, self.stack, self.ids, self.links, self.headings = [], [], [], [], []
        self.figures = self.drawn = self.tables = 0
        self.text = self.script = self.policy = ""
        self.files = set()

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        if len(names) != len(set(names)):
            self.faults.append(f"line {self.getpos()[0]}: <{tag}> has an attribute twice")
        for name, value in attributes:
            self.judge_attribute(tag, name, value or "")
        if tag == "meta" and dict(attributes).get("http-equiv") == "Content-Security-Policy":
            self.policy = dict(attributes).get("content") or ""
        if tag == "img" and not dict(attributes).get("alt"):
            self.faults.append(f"line {self.getpos()[0]}: an image without words for those who do not see it")
        self.figures += tag == "figure"
        self.tables += tag == "table"
        if tag == "figure":
            self.is_drawn = False
        elif tag in ("svg", "img") and "figure" in self.stack:
            self.drawn += not self.is_drawn
            self.is_drawn = True
        if re.fullmatch("h[1-6]", tag):
            self.headings.append("")
        if tag not in VOID:
            self.stack.append(tag)

    def judge_attribute(self, tag, name, value):
        if name == "id":
            self.ids.append(value)
        if name.startswith("on"):
            self.faults.append(f"line {self.getpos()[0]}: <{tag}> does something: {name}")
        if name in LINKS:
            self.links.append(value)
            if tag == "a" and name == "href" and re.fullmatch(r"[a-z0-9-]+\.(png|pdf|svg|tsv|tex)", value):
                self.files.add(value) # beside the page
            elif not value.startswith(("#", "data:")):
                self.faults.append(f"line {self.getpos()[0]}: <{tag} {name}=\"{value[:60]}\"> leaves the file")
        self.links += re.findall(r"url\('?(#[^')]*)", value)
        if "url(" in value and not re.search(r"url\('?#", value):
            self.faults.append(f"line {self.getpos()[0]}: <{tag} {name}> has a URL")

    def judge_script(self, data):
        digest = base64.b64encode(hashlib.sha256(data.encode()).digest()).decode()
        if self.script or f"script-src 'sha256-{digest}'" not in self.policy or "default-src 'none'" not in self.policy:
            self.faults.append(f"line {self.getpos()[0]}: a script that the page's policy does not name")
        self.script = data

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.stack or self.stack[-1] != tag:
            self.faults.append(f"line {self.getpos()[0]}: </{tag}> ends {self.stack[-1] if self.stack else 'nothing'}")
        if tag in self.stack:
            while self.stack.pop() != tag:
                pass

    def handle_data(self, data):
        self.text += data
        if self.stack and re.fullmatch("h[1-6]", self.stack[-1]):
            self.headings[-1] += data
        if self.stack and self.stack[-1] == "script":
            self.judge_script(data)
        if self.stack and self.stack[-1] == "style" and re.search(r"@import|url\(", data):
            self.faults.append("the style sheet has a URL")


def read(path):
    page = Page()
    page.feed(pathlib.Path(path).read_text(encoding="utf-8"))
    page.close()
    if page.stack:
        page.faults.append(f"never ended: {page.stack}")
    for name in {i for i in page.ids if page.ids.count(i) > 1}:
        page.faults.append(f"two parts have the id {name}")
    for link in page.links:
        if link.startswith("#") and link[1:] not in page.ids:
            page.faults.append(f"a reference to {link}, which is nowhere")
    for name in sorted(page.files):
        if not os.path.exists(os.path.join(os.path.dirname(path), name)):
            page.faults.append(f"a link to {name}, which is not there")
    if not page.headings or page.figures != page.drawn:
        page.faults.append(f"{len(page.headings)} headings, {page.figures} figures, {page.drawn} of them drawn")
    return page


def open_in(browser, path):
    """What a browser says of the page: its document, console lines, and URLs that were asked for."""
    with tempfile.TemporaryDirectory() as scratch:
        log = os.path.join(scratch, "net.json")
        arguments = [browser, "--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                     "--disable-sync", "--disable-extensions", "--disable-default-apps", "--host-resolver-rules=MAP * ~NOTFOUND",
                     f"--user-data-dir={scratch}/profile", f"--log-net-log={log}", "--enable-logging=stderr", "--v=0", "--virtual-time-budget=4000",
                     "--dump-dom", pathlib.Path(path).resolve().as_uri()]
        if os.geteuid() == 0:
            arguments.insert(1, "--no-sandbox")
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=240, check=False)
        console = re.findall(r".*:CONSOLE.*", done.stderr)
        text = pathlib.Path(log).read_text(encoding="utf-8") if os.path.exists(log) else ""
        urls = set(re.findall(r'"url":"((?:https?|ftp|wss?):[^"]*)"', text))
        asked = {url for url in urls if not re.match(r"https?://[a-z0-9.-]*\.(google|googleapis|gvt1)\.com/", url)} # the browser's own
        return done.returncode, done.stdout, console, asked


def judge_in(browser, path, page):
    code, document, console, asked = open_in(browser, path)
    faults = [f"{browser} ended with {code}"] if code else []
    faults += [f"console: {line.strip()[-160:]}" for line in console] + [f"asked for {url}" for url in sorted(asked)]
    seen = Page()
    seen.feed(document)
    if [h.strip() for h in seen.headings] != [h.strip() for h in page.headings]:
        faults.append(f"the browser sees {len(seen.headings)} headings of {len(page.headings)}")
    if (seen.figures, seen.drawn, seen.tables) != (page.figures, page.drawn, page.tables):
        faults.append(f"the browser sees {seen.figures} figures, {seen.drawn} drawn, {seen.tables} tables of {page.figures}, {page.drawn}, {page.tables}")
    return faults


def self_test(browser):
    """Faults that must be found."""
    faulty = {
        "a request": '<img alt="x" src="http://lenet.invalid/x.png">', "a script": "<script>console.error('seen')</script>",
        "a reference to nothing": '<a href="#gone">x</a>', "what never ends": "<p><b>x</p>", "an image without words": '<img src="data:,">',
        "an id twice": '<p id="a">x</p><p id="a">y</p>', "a handler": '<p onclick="x()">x</p>',
        "a style": '<p style="background:url(x.png)">x</p>',
        "a missing file": '<a href="gone.pdf">x</a>', "another folder": '<a href="../x.pdf">x</a>',
        "two scripts": POLICY + "<script>1</script><script>1</script>",
    }
    missed = []
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "page.html")
        for name, part in {"nothing": "", **faulty}.items():
            pathlib.Path(path).write_text(f"<!DOCTYPE html><title>x</title><h1>x</h1>{part}", encoding="utf-8")
            page = read(path)
            if bool(page.faults) != bool(part):
                missed.append(f"self-test: {name}: {page.faults}")
            if browser and name in ("a request", "a script"):
                _, _, console, asked = open_in(browser, path)
                if not (asked if name == "a request" else console):
                    missed.append(f"self-test: the browser did not show {name}")
    return missed


def main(arguments):
    browser = None
    if arguments[0] == "--browser":
        browser, arguments = arguments[1], arguments[2:]
    if arguments[0] == "--self-test":
        faults = self_test(browser)
    elif arguments[0] == "--summary":
        page = read(arguments[1])
        print(json.dumps({"headings": page.headings, "figures": page.figures, "tables": page.tables, "text": page.text}))
        return 0
    else:
        page = read(arguments[0])
        faults = page.faults + (judge_in(browser, arguments[0], page) if browser else [])
    print("\n".join(faults))
    return 1 if faults else 0


sys.exit(main(sys.argv[1:]))
