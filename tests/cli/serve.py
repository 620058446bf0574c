#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""serve.py COMMAND ... - a client of `lenet serve`, a bad one where that is asked for, and a browser.

  hostile URL        requests that must be refused: other methods, origins, hosts, tokens; clients that send nothing or never end
  many DB N          puts N copies of the runs of a database into it, under other identities
  load URL           100 clients that ask for what has changed, each several times; and how long the first list of all runs takes
  grows URL          in a browser: a curve of a run at work grows between two looks
  names URL TEXT     in a browser: the name TEXT of a database is text; the table sorts and filters; nothing is asked of elsewhere
  large URL          in a browser: first paint and sorting of a large database
  detail URL         in a browser: confusion matrix, wrong images, drawing page; keys alone reach them

Prints what was seen; exit code 1 and what is wrong if anything is.
"""
import hashlib
import http.client
import json
import os
import socket
import sqlite3
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import browser as browsing  # noqa: E402


def request(url, method="GET", path="", headers=None, body=None):
    at = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(at.hostname, at.port, timeout=30)
    connection.request(method, at.path + path, body, headers or {})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer, text


def expect(faults, what, answer, status):
    if answer.status != status:
        faults.append(f"{what}: {answer.status}, not {status}")


def raw(url, text):
    """A connection on which `text` was sent."""
    at = urllib.parse.urlsplit(url)
    made = socket.create_connection((at.hostname, at.port), timeout=60)
    if text:
        made.sendall(text)
    return made


def seconds_until_closed(client, drip=None):
    """How long the server bears a client that sends `drip` every half second, or nothing."""
    begun = time.monotonic()
    client.settimeout(0.5)
    while time.monotonic() - begun < 40:
        try:
            if drip:
                client.sendall(drip)
            if not client.recv(4096):
                break
        except TimeoutError:
            continue
        except OSError:
            break
        if drip:
            time.sleep(0.5)
    return time.monotonic() - begun


def judge_hostile(url):
    faults, at = [], urllib.parse.urlsplit(url)
    answer, page = request(url)
    expect(faults, "the page", answer, 200)
    policy = answer.getheader("Content-Security-Policy") or ""
    if "default-src 'none'" not in policy or "unsafe" in policy or answer.getheader("X-Content-Type-Options") != "nosniff":
        faults.append(f"headers of the page: {answer.getheaders()}")
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
        expect(faults, method, request(url, method, "runs", {"Origin": "http://evil.invalid"}, b"x=1")[0], 405)
    host = f"{at.hostname}:{at.port}"
    for what, headers in {"a foreign origin": {"Origin": "http://evil.invalid"}, "an origin of null": {"Origin": "null"},
                          "a foreign page": {"Sec-Fetch-Site": "cross-site"}, "a foreign host": {"Host": f"evil.invalid:{at.port}"},
                          "another port": {"Host": f"{at.hostname}:1"}}.items():
        answer, text = request(url, path="runs", headers=headers)
        expect(faults, what, answer, 403)
        if b"columns" in text:
            faults.append(f"{what} reads the runs")
    expect(faults, "its own origin", request(url, path="runs", headers={"Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"})[0], 200)
    expect(faults, "localhost", request(url, path="runs", headers={"Host": f"localhost:{at.port}"})[0], 200)
    token = at.path.strip("/")
    for wrong in ("", "/", f"/{token[:-1]}/", f"/{'0' * len(token)}/", f"/{token.upper()}x/", "/runs", "/../" + token[:-1] + "/"):
        answer, text = request(f"http://{host}", path=wrong or "/")
        expect(faults, f"the token '{wrong}'", answer, 403)
    for path, status in (("nothing", 404), ("../../etc/passwd", 404), ("run?id=999999", 404), ("run?id=x", 400), ("run?id=-1", 400),
                         ("curves?ids=1%20OR%201", 400), ("wrong?id=1&truth=9999", 400), ("draw?id=999999", 404), ("runs?version=99999999999999999999", 400)):
        expect(faults, path, request(url, path=path)[0], status)
    answer, text = request(url, "HEAD", "runs")
    if answer.status != 200 or text:
        faults.append("HEAD")
    waits = {"sends nothing": (b"", None), "never ends its head": (f"GET {at.path}runs HTTP/1.1\r\nHost: {host}\r\nX: ".encode(), b"x"),
             "never ends its body": (f"POST {at.path}runs HTTP/1.1\r\nHost: {host}\r\nContent-Length: 99999999\r\n\r\n".encode(), b"x")}
    clients = [raw(url, b"") for _ in range(150)]  # more of the silent: others are still answered
    begun = time.monotonic()
    expect(faults, "beside 150 silent clients", request(url, path="runs")[0], 200)
    print(f"beside 150 silent clients: {time.monotonic() - begun:.3f} s")
    for what, (text, drip) in waits.items():
        seconds = seconds_until_closed(raw(url, text), drip)
        print(f"a client that {what} is gone after {seconds:.1f} s")
        if seconds > 30:
            faults.append(f"a client that {what} is there for ever")
    for client in clients:
        client.close()
    expect(faults, "a head of 64 kB", request(url, path="runs", headers={"X": "x" * 65536})[0], 431)
    expect(faults, "the page after all that", request(url)[0], 200)
    return faults if b"<script" in page else faults + ["no page"]


def make_many(db, count):
    base = sqlite3.connect(db)
    names = [row[1] for row in base.execute("PRAGMA table_info(run)") if row[1] not in ("id", "identity", "recipe", "proof")]
    sources = base.execute(f"SELECT id, recipe, {', '.join(names)} FROM run WHERE state = 'finished'").fetchall()
    for i in range(int(count)):
        source = sources[i % len(sources)]
        recipe = json.dumps({**json.loads(source[1]), "seed": 1000 + i, "lr": 0.0001 * (1 + i % 97)}, sort_keys=True)
        identity = hashlib.sha256(recipe.encode()).hexdigest()
        run = base.execute(f"INSERT INTO run (identity, recipe, {', '.join(names)}) VALUES ({', '.join('?' * (len(names) + 2))})",
                           (identity, recipe, *source[2:])).lastrowid
        base.execute("UPDATE run SET test_accuracy = ? WHERE id = ?", (0.9 + 0.0999 * (i * 7919 % 10007) / 10007, run))
        base.execute("INSERT INTO epoch (run, epoch, seconds, train_loss, val_accuracy) SELECT ?, epoch, seconds, train_loss, val_accuracy FROM epoch"
                     " WHERE run = ?", (run, source[0]))
    base.commit()


def judge_load(url):
    begun = time.monotonic()
    stamp = json.loads(request(url, path="runs?generation=0&version=0")[1])
    first = time.monotonic() - begun
    failures, times = [], []

    def view():
        at = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(at.hostname, at.port, timeout=30)
        for _ in range(5):
            start = time.monotonic()
            try:
                connection.request("GET", f"{at.path}runs?generation={stamp['generation']}&version={stamp['version']}")
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    failures.append(answer.status)
            except OSError as error:
                failures.append(str(error))
                return
            times.append(time.monotonic() - start)
            time.sleep(0.2)
        connection.close()

    viewers = [threading.Thread(target=view) for _ in range(100)]
    for viewer in viewers:
        viewer.start()
    for viewer in viewers:
        viewer.join()
    times.sort()
    print(f"{len(stamp['rows'])} runs in {first:.3f} s; 100 viewers: {len(times)} answers, the slowest {times[-1]:.3f} s, "
          f"median {times[len(times) // 2]:.4f} s")
    return [f"load: {failures[:3]}"] if failures or len(times) != 500 else []


def open_page(browser, url, **options):
    page = browser.open(url, **options)
    page.wait("document.querySelectorAll('#rows tr').length")
    return page


def judge_page(page, url, faults):
    at = urllib.parse.urlsplit(url)
    faults += [f"console: {line}" for line in page.console]
    faults += [f"asked for {r}" for r in page.requests if not r.startswith(f"http://{at.netloc}{at.path}") and not r.startswith("data:")]
    return faults


def judge_grows(browser, url):
    page = open_page(browser, url)
    path = "Math.max(0, ...[...document.querySelectorAll('#rows tr.running')].map(r => parseInt(r.querySelector('.epochs-text').textContent)))"
    drawn = "[...document.querySelectorAll('#chart path.line')].map(p => p.getAttribute('d')).join().length"
    page.wait(f"{path} > 0 && {drawn} > 0")
    before = page.evaluate(f"[{path}, {drawn}]")
    grown = page.wait(f"{path} > {before[0]} && {drawn} > {before[1]}")
    after = page.evaluate(f"[{path}, {drawn}]")
    print(f"epoch {before[0]}, curves of {before[1]} characters; later epoch {after[0]}, curves of {after[1]}")
    progress = page.evaluate("document.getElementById('study-share').textContent")
    print(progress)
    return judge_page(page, url, [] if grown and " runs done, " in progress else ["no curve grows"])


def judge_names(browser, url, text):
    page = open_page(browser, url)
    faults = []
    if not page.evaluate(f"document.body.textContent.includes({json.dumps(text)})"):
        faults.append("the name is not shown as it is")
    if page.evaluate("document.images.length || document.title.includes('obeyed') || document.querySelectorAll('script').length != 1"):
        faults.append("the name was obeyed")
    ids = "[...document.querySelectorAll('#rows tr td:nth-child(2)')].map(c => Number(c.textContent))"
    page.evaluate("document.querySelector('#heads [data-key=id] button').click()")
    ascending = page.evaluate(ids)
    if ascending != sorted(ascending) or len(ascending) < 2:
        faults.append(f"sorted: {ascending}")
    page.evaluate("(() => { const f = document.getElementById('filter'); f.value = 'seed 2'; f.dispatchEvent(new Event('input')); })()")
    few = page.evaluate(ids)
    if not 0 < len(few) < len(ascending):
        faults.append(f"filtered: {few} of {ascending}")
    page.evaluate("(() => { const f = document.getElementById('filter'); f.value = ''; f.dispatchEvent(new Event('input')); })()")
    page.evaluate("[...document.querySelectorAll('#rows input')].slice(0, 2).forEach(i => i.click())")
    page.evaluate("document.getElementById('compare').open = true")
    if not page.wait("document.querySelectorAll('#differences tbody tr').length >= 3 && document.querySelectorAll('#legend li').length == 2", 10):
        faults.append("no comparison of two runs")
    for wide in (1280, 800, 400):
        page.resize(wide, 900)
        if page.evaluate("document.documentElement.scrollWidth") > wide:
            faults.append(f"scrolls sideways at {wide}")
    return judge_page(page, url, faults)


def judge_large(browser, url):
    page = open_page(browser, url)
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    listed = page.evaluate("performance.getEntriesByType('resource').filter(e => e.name.includes('runs?'))[0].responseEnd")
    sort = page.evaluate("""(() => {
        const times = [];
        for (const key of ["test_accuracy", "choices", "seconds", "id"]) {
            const begun = performance.now();
            document.querySelector(`#heads [data-key=${key}] button`).click();
            document.body.offsetHeight;
            times.push(performance.now() - begun);
        }
        return times;
    })()""")
    shown = page.evaluate("document.getElementById('shown').textContent")
    print(f"first paint {paint:.0f} ms, list {listed:.0f} ms, sorted in {', '.join(f'{t:.0f}' for t in sort)} ms; {shown}")
    return judge_page(page, url, [] if paint < 5000 and max(sort) < 1000 else ["slow beyond what a busy machine explains"])


def judge_detail(browser, url):
    page, faults = open_page(browser, url), []
    page.evaluate("document.querySelector('#rows tr.finished td.what button').focus()")
    page.key("Enter", "\r")
    if not page.wait("document.querySelectorAll('#matrix button').length >= 100", 20):
        return ["no confusion matrix"]
    page.evaluate("[...document.querySelectorAll('#matrix button:not(:disabled)')].sort((a, b) => b.textContent - a.textContent)[0].focus()")
    wanted = page.evaluate("Number(document.activeElement.textContent)")
    page.key("Enter", "\r")
    page.wait("document.querySelectorAll('#wrong canvas').length", 30)
    seen = page.evaluate("document.querySelectorAll('#wrong canvas').length")
    print(f"{wanted} wrong images of a cell, {seen} shown")
    if seen != min(wanted, 60):
        faults.append("other images than the matrix counts")
    link = page.evaluate("document.getElementById('draw').hidden ? null : document.getElementById('draw').href")
    page.key("Escape")
    if not page.wait("!document.getElementById('detail').open", 5):
        faults.append("Escape does not close a run")
    faults = judge_page(page, url, faults)
    drawing = browser.open(link)
    if not drawing.wait("drawing.classify && drawing.classify(new Uint8Array(784).fill(9)).length == 10", 10):
        faults.append("no page to draw on")
    return judge_page(drawing, url, faults)


def main(command, *arguments):
    if command == "many":
        return make_many(*arguments)
    plain = {"hostile": judge_hostile, "load": judge_load}
    judges = {"grows": judge_grows, "names": judge_names, "large": judge_large, "detail": judge_detail}
    if command in plain:
        faults = plain[command](*arguments)
    else:
        with browsing.Browser() as browser:
            faults = judges[command](browser, *arguments)
    print("\n".join(faults))
    return 1 if faults else 0


sys.exit(main(*sys.argv[1:]))
