#!/bin/bash
# SPDX-License-Identifier: MIT
#
# study-result.sh - what `lenet study run` ends with: a table of each experiment, the best first, with a column for each key that differs, the
# verdicts, the files; all of it with the numbers of results.json, in 80 columns.
#
# ctest: timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data fashion-mnist mnist
from=$(json "$out" "d['data']['$data']")

"$root/tests/few-images" "$from" "$work/few" 600 200 || skip "no plain or gzip files of $data"
long="a label that is so long that it has to be cut somewhere or it would not fit"
cat >"$work/s.yaml" <<YAML
study: s
base: {data: mnist, arch: "$small", epochs: 20, batch: 8}
seeds: 3
experiments:
  - name: rates
    title: Learning rates
    grid: {batch: [8, 16], lr: [0.001, 0.003, 0.01, 3]}
  - name: labels
    base: {lr: 0.003}
    settings: [{label: usual}, {label: "$long", loss: gce, init: he-normal}]
    show:
      - verdict: {claim: A rate of 0.001 leaves a larger loss., test: larger, of: train_loss,
                  a: "rates/batch 16, lr 0.001", b: "rates/batch 8, lr 0.01"}
      - verdict: {claim: "A rate of 0.01 leaves a larger loss than 0.001, and this claim is so long that it takes two lines.", test: larger,
                  of: train_loss, a: "rates/batch 8, lr 0.01", b: "rates/batch 16, lr 0.001"}
  - name: wide
    settings:
      - {label: "usual", lr: 0.003}
      - {label: "$long", lr: 0.01, loss: gce, init: he-normal, optimizer: adamw, schedule: cosine, batch: 16, activation: tanh, dropout: 0.1}
  - name: unlabelled
    settings: [{lr: 0.003}, {lr: 0.01, loss: gce, init: he-normal, optimizer: adamw, schedule: cosine, batch: 16, activation: tanh, dropout: 0.1}]
YAML
widest() { python3 -c 'import sys; print(max(len(l.rstrip("\n")) for l in open(sys.argv[1], encoding="utf-8")))' "$1"; }
section() { awk -v title="$1" '$0 == title { on = 1; next } on && !NF { exit } on' "$out"; }

# shellcheck disable=SC2164 # the folder is there
cd "$work"
run study run s.yaml --data-dir few --out o --quiet
expect_code 0
expect_plain
expect_no_err
judge 'within 80 columns' [ "$(widest "$out")" -le 80 ]

# What results.json says, written as the program should write it.
cat >expected.py <<'PYTHON'
import json, statistics, sys
document = json.load(open("o/results.json"))
points = {}
for section in document["sections"]:
    for item in section["items"]:
        if item["kind"] == "points":
            points[section["title"]] = item["result"]
def accuracies(point):
    return [100 * run["kept_test_accuracy"] for run in point["runs"]]
if sys.argv[1] == "verdicts":
    for section in document["sections"]:
        for item in section["items"]:
            if item["kind"] == "verdict":
                print(item["result"]["ruling"])
else: # the rows of a section whose runs have all learned, the best first
    whole = [p for p in points[sys.argv[1]] if all(r["state"] == "finished" for r in p["runs"])]
    for p in sorted(whole, key=lambda p: -statistics.mean(accuracies(p)))[:5]:
        words = p["point"].replace("batch ", "").replace(", lr ", " ") if sys.argv[1] == "Learning rates" else p["point"]
        print(words, f"{statistics.mean(accuracies(p)):.2f} ± {statistics.stdev(accuracies(p)):.2f}", len(p["runs"]))
PYTHON
expected() { python3 expected.py "$@"; }
squeezed() { sed 's/^ *//; s/  */ /g'; }

expect_equal 'the titles of columns' "$(section 'Learning rates' | head -n 1 | squeezed)" 'batch lr test accuracy, % n'
expect_equal 'the best five' "$(section 'Learning rates' | sed -n 2,6p | squeezed)" "$(expected 'Learning rates')"
expect_equal 'the rest' "$(section 'Learning rates' | tail -n 1)" '  … and 3 more; 6 of their runs collapsed'
expect_equal 'verdicts' "$(section verdicts | grep -o '^  [a-z]*' | squeezed)" "$(expected verdicts)"
expect_out '^  supported     A rate of 0.001 leaves a larger loss\.$'
expect_out '^  contradicted  A rate of 0.01 leaves a larger loss than 0.001, and this claim$'
expect_out '^                is so long that it takes two lines\.$'

# Keys beside a label that leaves room for them; where there is none, the label alone; where there is none, the keys as the label.
expect_equal 'columns beside labels' "$(section labels | head -n 1 | squeezed)" 'loss init test accuracy, % n'
judge 'a label that was cut' grep -qE '^  a label that is so [a-z ]*…  gce +he-normal ' "$out"
expect_equal 'too many columns' "$(section wide | head -n 1 | squeezed)" 'test accuracy, % n'
expect_equal 'too many columns, no labels' "$(section unlabelled | head -n 1 | squeezed)" 'test accuracy, % n'
judge 'keys in the place of a label' grep -qE '^  lr 0.01, loss gce, init he-normal, [a-z0-9, ]*…  ' "$out"

# The files come last.
expect_equal 'files' "$(tail -n 2 "$out")" "$(printf 'report    o/report.html, report.md, results.json\ndatabase  o/lenet.db')"
cp "$out" whole
run study run s.yaml --data-dir few --db o/lenet.db --quiet
expect_equal 'without a report the same result' "$(tail -n +2 "$out")" "$(grep -v ^report whole | tail -n +2)"

# Collapsed runs are counted where there are any; runs that were never made are not there.
sed -e '/^ *- name: labels/,$d' -e 's/, 0.003, 0.01, 3/, 3/' s.yaml >few.yaml
run study run few.yaml --data-dir few --db o/lenet.db --quiet
expect_equal 'the column of collapsed runs' "$(section 'Learning rates' | head -n 1 | squeezed)" 'batch lr test accuracy, % n collapsed'
expect_equal 'how many collapsed' "$(section 'Learning rates' | awk 'NR > 1 { print $2, $NF }' | sort -u)" "$(printf '0.001 0\n3 3')"

finish
