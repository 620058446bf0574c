#!/bin/bash
# SPDX-License-Identifier: MIT
#
# eval-output.sh - the figures of `lenet eval` follow from its confusion matrix, in JSON and in the tables, and what is not a model is refused.
#
# ctest: timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data fashion-mnist mnist
from=$(json "$out" "d['data']['$data']")
model=$work/model.safetensors

run train --data "$data" --arch "$small" --train-limit 1000 --epochs 2 --quiet --out "$work"
expect_code 0

run eval "$model" --data "$data" --json
expect_code 0
expect_no_err
cp "$out" "$work/eval.json"
cat >"$work/check.py" <<'PYTHON'
import json, math, sys
d = json.load(open(sys.argv[1]))
m, names, n = d["confusion"], d["class_names"], d["count"]
k = len(m)
assert n == 10000 and k == 10 and len(names) == 10 and all(len(row) == k for row in m)
assert sum(map(sum, m)) == n and sum(m[i][i] for i in range(k)) == d["correct"]
assert d["accuracy"] == d["correct"] / n
assert math.isclose(d["accuracy_standard_error"], math.sqrt(d["accuracy"] * (1 - d["accuracy"]) / n))
for i, c in enumerate(d["classes"]):
    row, column, hits = sum(m[i]), sum(r[i] for r in m), m[i][i]
    assert c["name"] == names[i] and c["support"] == row
    assert c["precision"] == (hits / column if column else None)
    assert math.isclose(c["recall"], hits / row)
    assert math.isclose(c["f1"], 2 * hits / (row + column))
cells = sorted((-m[i][j], i, j) for i in range(k) for j in range(k) if i != j and m[i][j])
pairs = d["confused_pairs"]
assert pairs and [(-p["count"], p["truth_index"], p["predicted_index"]) for p in pairs] == cells[: len(pairs)]
assert all(p["truth"] == names[p["truth_index"]] and p["predicted"] == names[p["predicted_index"]] for p in pairs)
# The first table has the same numbers, the second their shares.
lines = open(sys.argv[2]).read().split("\n")
def table(title):
    at = next(i for i, line in enumerate(lines) if line.startswith(title))
    assert lines[at + 1].strip() == "predicted" and lines[at + 2].split() == ["truth", *map(str, range(k))], lines[at : at + 3]
    return [line.split()[-k:] for line in lines[at + 3 : at + 3 + k]]
assert [[int(x) for x in row] for row in table("confusion matrix, images (rows: truth")] == m
shares = table("confusion matrix, % of each row")
assert all(abs(float(shares[i][j]) - 100 * m[i][j] / sum(m[i])) < 0.0501 for i in range(k) for j in range(k))
assert len({len(line) for line in lines[lines.index("confusion matrix, % of each row") + 2 :][: k + 1]}) == 1, "columns are not aligned"
PYTHON
run eval "$model" # the model knows what it was trained on
expect_code 0
expect_plain
expect_out '^accuracy  [0-9.]+ % \(95 % interval [0-9.]+ to [0-9.]+ %\) on 10,000 images$'
expect_out '^loss      [0-9.]+$'
expect_out 'class +precision +recall +F1 +images'
expect_out ' -> .* % of '
judge 'the figures agree' python3 "$work/check.py" "$work/eval.json" "$out"

run eval "$model" --split train --json --threads 1
expect_code 0
expect_equal 'training images' "$(json "$out" "d['count']")" 60000

# Part of the training images were held out, and are found again; the training images are all of them.
run eval "$model" --split val --json
expect_code 0
expect_equal 'held-out images' "$(json "$out" "(d['count'], d['accuracy'], d['loss'])")" \
    "$(json "$work/run.json" "(d['val_count'], d['val_accuracy'], d['val_loss'])")"
run eval "$model" --split all --json
expect_equal 'all images' "$(json "$out" "d['count']")" 70000

# Another data set's classes are others, unless their order is what counts. The same images stand for it under another
# name.
if "$root/tests/few-images" "$from" "$work/few" 100 200; then
    run eval "$model" --data "$data" --data-dir "$work/few" --json
    expect_equal 'images of a part of the data' "$(json "$out" "d['count']")" 200
    right=$(json "$out" "d['correct']")
    for other in mnist fashion-mnist kmnist; do
        [ "$other" = "$data" ] && continue
        refused 2 "$other: class '[^']*' and [0-9]+ more: not among the model's classes.*--by-order" \
            eval "$model" --data "$other" --data-dir "$work/few"
        run eval "$model" --data "$other" --data-dir "$work/few" --by-order --json
        expect_code 0
        expect_equal 'by order' "$(json "$out" "d['correct']")" "$right"
    done
fi

# Not models.
head -c 1000 "$model" >"$work/short"
head -c -1 "$model" >"$work/shorter"
{ cat "$model"; echo; } >"$work/longer"
: >"$work/empty"
printf 'PK\003\004 a zip, renamed; long enough to be a header' >"$work/zip"
refused 3 '/missing' eval "$work/missing"
for file in short shorter longer empty zip run.json; do
    refused 3 "/$file" eval "$work/$file"
done
mkdir "$work/nothing"
refused 3 'no model.safetensors in this folder' eval "$work/nothing"
refused 3 '/nowhere' eval "$model" --data-dir "$work/nowhere"
run info --json
if [ "$(json "$out" "d['data']['cifar10'] is not None")" = True ]; then
    refused 2 '1x28x28' eval "$model" --data cifar10
fi

finish
