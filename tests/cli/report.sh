#!/bin/bash
# SPDX-License-Identifier: MIT
#
# report.sh - the report of a study: everything that `show` can say, as files and as a browser sees it; names that try to be markup stay names; the
# same database gives the same bytes; mistakes are found before anything is trained.
#
# ctest: timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data fashion-mnist mnist
from=$(json "$out" "d['data']['$data']")
"$root/tests/few-images" "$from" "$work/few" 600 200 || skip "no plain or gzip files of $data"
page="$root/tests/cli/page.py"
gnuplot=$(command -v gnuplot) || skip 'no gnuplot (tools/install-packages runtime)'
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome-stable || true)

# In single quotes for YAML: what breaks HTML, Markdown, gnuplot, JSON and tables.
hostile='<script>alert(1)</script> & "q" | `t` $x _a_ *b* #c 5 %q {/Bold d} \n @e [l](http://lenet.invalid)'
cat >"$work/all.yaml" <<YAML
study: all
title: 'Everything $hostile'
text: |
  Words with \`code\`, *stress* and <b>no markup</b>.

  A second paragraph.
base: {data: mnist, arch: "$small", epochs: 3, batch: 16, test-each-epoch: true, diagnose: true}
seeds: 2
quick: {epochs: 1, seeds: 1, train-limit: 300}
experiments:
  - name: noise
    section: First section
    title: Noise
    text: With wrong labels.
    seeds: 4
    grid: {noise: [0, 0.2, 0.4]}
    show:
      - noise-matrix: {point: noise 0.4, published: 0.57 to 0.63}
      - curves: {}
      - against: {over: noise, of: [test_accuracy, best test_accuracy]}
      - memorisation: {points: [noise 0.2, noise 0.4]}
      - dead-units: {over: noise}
  - name: names
    title: 'Names $hostile'
    text: 'Text $hostile'
    settings:
      - {label: plain, lr: 0.002}
      - {label: 'Label $hostile', lr: 0.004}
      - {label: tanh, lr: 0.002, activation: tanh}
    show:
      - heading: 'Heading $hostile'
      - text: 'Shown $hostile'
      - curves: {of: [train_accuracy, test_loss], band: interval, title: 'Title $hostile'}
      - table: {columns: [kept test_accuracy, epoch 1 train_loss, gap_after]}
      - published:
          of: train_accuracy
          points: [{point: plain, mean: [0.5, 0.6], sd: [0.1, 0.1], runs: 5, best: 0.7, best-epoch: 2}]
      - gap: {of: gap_after}
      - compare: {baseline: plain}
      - confusion: {point: plain, file: plain_conf.txt, published: [[4, 9], [Shirt, Coat]], examples: 4}
      - functions: {activations: [relu, leaky-relu, elu, tanh, sigmoid]}
      - functions: {losses: [cross-entropy, bce, mse, l1]}
  - name: claims
    section: Second section
    settings: [{label: one, lr: 0.002}]
    show:
      - verdict: {claim: 'Claim $hostile', test: larger-spread, a: names/plain, b: names/tanh}
      - verdict: {claim: Best., test: best-of, a: names/plain, b: ['names/Label *', names/tanh]}
      - verdict: {claim: Gap., test: larger-gap, a: names/plain, b: names/tanh}
      - verdict: {claim: Grows., test: grows, over: noise, points: 'noise/*'}
      - verdict: {claim: Falls., test: falls, over: noise, points: 'noise/*'}
      - verdict: {claim: Smooth., test: smoother, over: noise, points: 'noise/*'}
      - verdict: {claim: Hardly., test: hardly-hurts, margin: 0.99, a: noise/noise 0.2, b: noise/noise 0}
      - verdict: {claim: Breaks., test: breaks, margin: 0.99, a: noise/noise 0.2, b: noise/noise 0}
      - verdict: {claim: Robust., test: more-robust, a: [noise/noise 0, noise/noise 0.2], clean: noise/noise 0, noisy: noise/noise 0.4}
      - verdict: {claim: Recovers., test: recovers, a: names/plain, b: names/tanh}
      - verdict: {claim: Larger., test: larger, a: names/plain, b: names/tanh}
  - name: usual
    settings: [{label: one, lr: 0.002}]
  - name: twice
    settings: [{label: one, lr: 0.002}]
    show:
      - confusion: {point: one, examples: 0}
      - confusion: {point: one, examples: 0}
YAML
study=("$work/all.yaml" --data-dir "$work/few")

# ------------------------------------------------------------------------------------------------------------ mistakes

# mistake SED PATTERN: the study, changed so, is refused.
mistake()
{
    sed "$1" "$work/all.yaml" >"$work/wrong.yaml"
    judge "the mistake '$1' is one" [ "$(cmp -s "$work/all.yaml" "$work/wrong.yaml"; echo $?)" = 1 ]
    refused 2 "wrong.yaml:[0-9]*: $2" study run "$work/wrong.yaml" --data-dir "$work/few" --out "$work/wrong"
}
mistake 's/curves: {}/curvse: {}/' "curvse: unknown kind; did you mean curves\?"
mistake 's/curves: {}/curves: {off: gap}/' "curves: unknown key 'off'; did you mean of\?"
mistake 's/curves: {}/curves: {of: test_acuracy}/' "curves: of: 'test_acuracy' is nothing that is measured; did you mean test_accuracy\?"
mistake 's/point: noise 0.4/point: noise 0.5/' "noise-matrix: no point is called 'noise 0.5'"
mistake 's/over: noise, of/over: nois, of/' "against: over: 'nois' is not in the grid"
for name in ../x ../x.txt /x.txt lenet.db lenet.db-wal report.html report.md results.json names-confusion.tsv .txt x.txt.gp X.TXT; do
    mistake "s|file: plain_conf.txt|file: $name|" "confusion: file: '$name' is no name .* that ends in .txt"
done
mistake 's/functions: {losses.*/confusion: {point: plain, file: PLAIN_conf.txt}/' "confusion: file: 'PLAIN_conf.txt' is the file of another item"
mistake 's/file: plain_conf.txt, p/p/; s/functions: {losses.*/confusion: {point: plain, file: names_conf.txt}/' \
    "confusion: file: 'names_conf.txt' is the file of another item"
mistake 's/baseline: plain/baseline: "*"/' "compare: baseline: one point is wanted, these are 3"
mistake 's/test: best-of/test: best-off/' "verdict: test: unknown: best-off; did you mean best-of\?"
mistake 's/{label: tanh, lr/{label: tanh, folds: 2, lr/' 'verdict: b: .* is over folds'
mistake 's/0.99, a: noise.noise 0.2/0.99, a: noise\/noise 0/' 'verdict: a and b are the same point'
mistake 's/losses: \[cross-entropy/losses: [cross-entopy/' "functions: loss cross-entopy: unknown"
mistake 's/examples: 4/examples: 4.5/' "confusion: examples: from 0 to 100"

# --------------------------------------------------------------------------------------------------------- the report

run study run "${study[@]}" --out "$work/a" --quiet
expect_code 0
[ -s "$work/a/report.html" ] || finish
expect_no_err
judge 'report.html should be sound' python3 "$page" "$work/a/report.html"
judge 'what judges it should find faults' python3 "$page" --self-test
python3 "$page" --summary "$work/a/report.html" >"$work/summary.json"
heading() { json "$work/summary.json" "any(h.endswith('$1') for h in d['headings'])"; }
for title in 'First section' Noise 'Second section' usual 'Plan and machine'; do
    expect_equal "the heading $title" "$(heading "$title")" True
done
judge 'a hostile title is shown as it is' python3 - "$work/summary.json" "Everything $hostile" <<'PY'
import json, sys
sys.exit(json.load(open(sys.argv[1]))["headings"][0] != sys.argv[2])
PY
expect_equal 'figures' "$(json "$work/summary.json" "d['figures']")" 19
for kind in svg png pdf gp tsv; do
    expect_equal "each figure as $kind" "$(find "$work/a" -name "*.$kind" ! -name 'names-*-as-*' | wc -l)" 16
done
expect_equal 'each figure and table as LaTeX' "$(find "$work/a" -name '*.tex' | wc -l)" "$((16 + $(grep -c '<div class="table"' "$work/a/report.html")))"
judge 'LaTeX that stays text' python3 - "$work/a" <<'PY'
import pathlib, re, sys
wrong = []
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.tex")):
    text = path.read_text(encoding="utf-8")
    begun, ended = re.findall(r"\\begin{(\w+)}", text), re.findall(r"\\end{(\w+)}", text)
    bare = re.sub(r"\\[a-z]+(\[[^]]*\])?({[a-z0-9:.-]*})?|\\[\\{}#$%&_]|\$\\[a-z]+\$", "", text)
    foreign = re.sub(r" & ", "", bare)
    if sorted(begun) != sorted(ended) or re.search(r"[#$%&_^~<>|\\]", foreign) or bare.count("{") != bare.count("}"):
        wrong.append((path.name, foreign[-300:]))
print(wrong[:2])
sys.exit(bool(wrong))
PY

# What came out is first: a card, a chip for each claim that leads to its verdict, a sentence for each section.
judge 'a card, chips and sentences' python3 - "$work/a/report.html" "$work/a/results.json" <<'PY'
import json, re, sys
page, results = open(sys.argv[1], encoding="utf-8").read(), json.load(open(sys.argv[2]))
head = page[:page.index("<main")]
mean = results["summary"][0]["best"]["statistics"]
chips = re.findall(r'class="chip \w+" href="#(verdict-\d+)"', head)
wrong = [i for i in chips if f'id="{i}"' not in page]
wrong += [] if len(chips) == 11 else [f"{len(chips)} chips"]
wrong += [] if f'{100 * mean["mean"]:.2f}' in head and f'± {100 * mean["sd"]:.2f} %' in head else ["no mean and sd in a card"]
wrong += [] if 'class="fig spark' in head else ["no curve in a card"]
wrong += [s["title"] for s in results["sections"] if s["level"] < 4 and not s.get("finding") and s["items"]]
wrong += [] if "Content-Security-Policy" in page else ["no policy"]
sorted_tables = 0
for table in re.findall(r"<tbody>\n(<tr class=\"best\">.*?)</tbody>", page, re.S): # the best first
    means = [float(m) for row in table.split("</tr>") for m in re.findall(r'data-label="[^"]*accuracy[^"]*">([\d.]+)', row)[:1]]
    wrong += [] if means == sorted(means, reverse=True) else [means]
    sorted_tables += len(means) > 1
print(wrong, sorted_tables)
wrong += [] if sorted_tables else ["no table with a best row"]
sys.exit(bool(wrong))
PY
expect_equal 'example images' "$(find "$work/a" -name 'names-*-as-*.png' | wc -l)" 3
judge 'no markup in Markdown' [ "$(grep -c '<script' "$work/a/report.md")" = 0 ]
judge 'each file that report.md shows is there' python3 - "$work/a" <<'PY'
import os, re, sys
text = open(os.path.join(sys.argv[1], "report.md"), encoding="utf-8").read()
files = re.findall(r"(?<!\\)\]\(([^)#][^)]*)\)", text)
missing = [f for f in files if not os.path.exists(os.path.join(sys.argv[1], f))]
rows = [line for line in text.splitlines() if line.startswith("|")]
tables, width = 0, None
for line in text.splitlines():
    if not line.startswith("|"):
        width = None
        continue
    columns = len(re.findall(r"(?<!\\)\|", line))
    tables += width is None
    if width not in (None, columns):
        missing.append(f"a row of {columns} columns: {line[:80]}")
    width = columns
print(missing, len(files), tables)
sys.exit(bool(missing) or len(files) < 30 or tables < 10)
PY

# The scaled matrix: ten rows that sum to 1 (of a class without images to 0).
judge 'rows of plain_conf.txt' python3 - "$work/a/plain_conf.txt" <<'PY'
import sys
rows = [[float(x) for x in line.split()] for line in open(sys.argv[1]) if not line.startswith("#")]
sys.exit(len(rows) != 10 or any(len(r) != 10 or not (abs(sum(r) - 1) < 1e-5 or sum(r) == 0) for r in rows))
PY

judge 'each item has a file of its own' [ "$(cd "$work/a" && echo *.txt)" = 'plain_conf.txt twice_conf-2.txt twice_conf.txt' ]

# Numbers of results.json against the database, by another way.
judge 'means in results.json should be those of the database' python3 - "$work/a" <<'PY'
import json, os, sqlite3, statistics, sys
d = json.load(open(os.path.join(sys.argv[1], "results.json")))
runs = dict(sqlite3.connect(os.path.join(sys.argv[1], "lenet.db")).execute("SELECT identity, test_accuracy FROM run"))
items = [i for s in d["sections"] for i in s["items"]]
points = {p["point"]: p for i in items if i["kind"] == "points" for p in i["result"]}
table = [r for i in items if i["kind"] == "table" for r in i["result"] if r["measure"].endswith("kept weights")]
wrong = []
for row in table:
    values = [runs[r["identity"]] for r in points[row["point"]]["runs"]]
    s = row["statistics"]
    if s["n"] != len(values) or abs(s["mean"] - statistics.mean(values)) > 1e-12 or abs(s["sd"] - statistics.stdev(values)) > 1e-12:
        wrong.append(row)
    if not row["command"].startswith("lenet train --data mnist "):
        wrong.append(row["command"])
verdicts = {i["result"]["claim"]: i["result"] for i in items if i["kind"] == "verdict"}
rulings = [verdicts[claim]["ruling"] for claim in ("Hardly.", "Breaks.", "Recovers.")]
if len(verdicts) != 11 or rulings != ["supported", "contradicted", "undecided"]:
    wrong.append({k: v["ruling"] for k, v in verdicts.items()})
print(wrong[:3], len(table))
sys.exit(bool(wrong) or len(table) < 4)
PY

# A command of the report makes the number of the report.
points="[p for s in d['sections'] for i in s['items'] if i['kind'] == 'points' for p in i['result'] if p['point'] == 'noise 0.4']"
command=$(json "$work/a/results.json" "${points}[0]['command']")
expected=$(json "$work/a/results.json" "[r['weights_sha256'] for r in ${points}[0]['runs']]")
eval "run ${command#lenet } --data-dir \"$work/few\" --json --quiet"
expect_equal "weights of $command" "$(json "$out" "[r['weights_sha256'] for r in d['runs']]")" "$expected"

# ------------------------------------------------------------------------------------------- again, and in other places

run report --db "$work/a/lenet.db" --study "$work/all.yaml" --data-dir "$work/few" --out "$work/b"
expect_code 0
expect_out '^.*/b/report.html, report.md, results.json$'
judge 'the same database gives the same bytes' diff -r -q -x 'lenet.db*' "$work/a" "$work/b"
(cd "$work/b" && rm -f noise-curves.png && "$gnuplot" noise-curves.gp)
judge 'a script draws its figure again' cmp "$work/a/noise-curves.png" "$work/b/noise-curves.png"
sleep 1.1
run report --db "$work/a/lenet.db" --study "$work/all.yaml" --data-dir "$work/few" --out "$work/c"
judge 'a PDF has no time in it' diff -r -q -x 'lenet.db*' "$work/a" "$work/c"
judge 'and is sound' python3 - "$work/a" <<'PY'
import pathlib, re, sys, zlib
wrong = []
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.pdf")):
    data = path.read_bytes()
    start = int(re.search(rb"startxref\s+(\d+)\s+%%EOF\s*$", data).group(1))
    if data[start:start + 4] == b"xref":
        places = [(i, int(line[:10])) for i, line in enumerate(data[start:].split(b"\n")[2:]) if line[17:18] == b"n"]
    else: # cross-references as a stream, {kind, offset, generation}
        head, _, rest = data[start:].partition(b"stream\n")
        size = int(re.search(rb"/Length (\d+)", head).group(1))
        w = [int(x) for x in re.search(rb"/W \[(\d+) (\d+) (\d+)\]", head).groups()]
        rows = zlib.decompress(rest[:size]) if b"FlateDecode" in head else rest[:size]
        wrong += [] if rest[size:].strip().startswith(b"endstream") else [f"{path.name}: length of the cross-references"]
        rows = [rows[i:i + sum(w)] for i in range(0, len(rows), sum(w))]
        places = [(i, int.from_bytes(r[1:1 + w[1]], "big")) for i, r in enumerate(rows) if r[0] == 1]
    wrong += [f"{path.name}: object {i}" for i, at in places if not data[at:].startswith(b"%d 0 obj" % i)]
    for match in re.finditer(rb"/Length (\d+)( 0 R)?(?:(?!endobj).)*?>>\s*stream\n", data, re.S):
        size = int(match.group(1)) if not match.group(2) else int(re.search(rb"\n%s 0 obj\s+(\d+)" % match.group(1), data).group(1))
        wrong += [] if data[match.end() + size:].lstrip().startswith(b"endstream") else [f"{path.name}: a length at {match.start()}"]
    wrong += [] if places else [f"{path.name}: no cross-references"]
print(wrong[:3])
sys.exit(bool(wrong))
PY

run report --db "$work/a/lenet.db" --study "$work/all.yaml" --quick --data-dir "$work/few" --out "$work/quick"
expect_code 0
reduced='1 instead of 3 epochs, 1 instead of 2 runs of each point, 300 instead of all training images'
judge 'a quick report says what was reduced' grep -q "$reduced" "$work/quick/report.html"
judge 'and which runs are missing' grep -q '3 of 3 runs of this part are not in the database yet' "$work/quick/report.html"
judge 'a report without runs should be sound' python3 "$page" "$work/quick/report.html"

PATH=/nowhere run report --db "$work/a/lenet.db" --study "$work/all.yaml" --data-dir "$work/few" --out "$work/bare"
expect_code 0
expect_err 'gnuplot is not here'
judge 'without gnuplot the report says so' grep -q 'gnuplot-nox' "$work/bare/report.html"
judge 'and has its tables' grep -q '<b>Table 1.</b>' "$work/bare/report.html"
judge 'and all figures' python3 "$page" "$work/bare/report.html"
expect_equal 'figures without gnuplot' "$(python3 "$page" --summary "$work/bare/report.html" >"$work/bare.json"; json "$work/bare.json" "d['figures']")" 19

# What a report is made from is no file that it writes.
for name in report.html RESULTS.json a.txt noise-curves.tsv; do
    cp "$work/a/lenet.db" "$work/b/$name"
    cp "$work/b/$name" "$work/kept"
    refused 2 "$name: the results in .*/b/ have files of this name" report --db "$work/b/$name" --study "$work/all.yaml" --out "$work/b/"
    refused 2 "$name: the results in .* have files of this name" study plan "${study[@]}" --db "$work/b/$name" --out "$work/../${work##*/}/b"
    judge "$name is as it was" cmp "$work/kept" "$work/b/$name"
done
cp "$work/all.yaml" "$work/b/report.md"
refused 2 'report.md: the results in' report --db "$work/a/lenet.db" --study "$work/b/report.md" --out "$work/b"
refused 2 'run.json: the results in' train --data mnist --data-dir "$work/few" --epochs 1 --out "$work/b" --db "$work/b/run.json"

refused 5 'none.db' report --db "$work/none.db" --study "$work/all.yaml" --out "$work/d"
refused 2 'option --db is missing|--db' report --study "$work/all.yaml" --out "$work/d"

# ------------------------------------------------------------------------------------------------------- in a browser

if [ -z "$browser" ]; then
    [ "$failed" -eq 0 ] || finish
    skip 'no Chromium to open the report with (tools/install-packages check); all else held'
fi
judge 'the browser should find faults' python3 "$page" --browser "$browser" --self-test
judge 'the report in a browser' python3 "$page" --browser "$browser" "$work/a/report.html"
finish
