#!/bin/bash
# SPDX-License-Identifier: MIT
#
# eval-models.sh - the predictions that `lenet eval` writes give the numbers that it prints; several models and their ensemble; images
# transformed and attacked; and what does not fit is refused.
#
# ctest: timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data mnist fashion-mnist
for seed in 1 2; do
    run train --data "$data" --arch conv:4@5x5,maxpool:4,relu,dense:10 --train-limit 1500 --epochs 2 --seed $seed --quiet --out "$work/$seed"
    expect_code 0
done
one=$work/1/model.safetensors
two=$work/2/model.safetensors

run eval "$one" --predictions "$work/one.csv" --roc "$work/roc.csv" --json
expect_code 0
cp "$out" "$work/one.json"
run eval "$two" --predictions "$work/two.csv" --json
cp "$out" "$work/two.json"
run eval "$one" "$two" --predictions "$work/both.csv" --json
expect_code 0
expect_no_err
cp "$out" "$work/both.json"
cat >"$work/check.py" <<'PYTHON'
import csv, json, math, sys
work = sys.argv[1]
def read(name):
    rows = list(csv.DictReader(open(f"{work}/{name}.csv", newline="")))
    names = [key[2:-1] for key in rows[0] if key.startswith("p(")]
    assert [int(row["index"]) for row in rows] == list(range(len(rows))) and all(row["file"] == "" for row in rows)
    truth = [names.index(row["truth"]) for row in rows]
    p = [[float(row[f"p({name})"]) for name in names] for row in rows]
    assert all(names[q.index(max(q))] == row["predicted"] for q, row in zip(p, rows))
    assert all(abs(sum(q) - 1) < 1e-5 for q in p)
    return truth, p
def near(a, b): assert math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12), (a, b)
def check(truth, p, d):
    n, k = len(truth), len(p[0])
    guess = [q.index(max(q)) for q in p]
    assert n == d["count"] == 10000 and sum(t == g for t, g in zip(truth, guess)) == d["correct"]
    recall = [sum(t == g == c for t, g in zip(truth, guess)) / truth.count(c) for c in range(k)]
    near(d["balanced_accuracy"], sum(recall) / k)
    near(d["macro"]["recall"], sum(recall) / k)
    near(d["weighted"]["recall"], d["accuracy"])
    near(d["macro"]["f1"], sum(c["f1"] for c in d["classes"]) / k)
    for top in (2, 3, 5):
        near(d["top_k"][str(top)], sum(sorted(range(k), key=lambda c: (-q[c], c)).index(t) < top for t, q in zip(truth, p)) / n)
    bins = d["calibration"]["bins"]
    assert len(bins) == 15 and sum(b["count"] for b in bins) == n
    near(d["calibration"]["expected_error"], sum(b["count"] * abs(b["accuracy"] - b["confidence"]) for b in bins if b["count"]) / n)
    assert d["calibration"]["loss_at_temperature"] <= d["loss"] + 1e-7
    near(d["roc_area"]["macro"], sum(d["roc_area"]["classes"]) / k)
one, two, both = (read(name) for name in ("one", "two", "both"))
a, b, d = (json.load(open(f"{work}/{name}.json")) for name in ("one", "two", "both"))
check(*one, a)
check(*two, b)
check(*both, d["ensemble"])
assert [m["accuracy"] for m in d["models"]] == [a["accuracy"], b["accuracy"]] and d["models"][1]["weights_sha256"] == b["weights_sha256"]
assert all(abs((x + y) / 2 - z) < 1e-6 for p, q, r in zip(one[1], two[1], both[1]) for x, y, z in zip(p, q, r))
right = [[q.index(max(q)) == t for t, q in zip(*m)] for m in (one, two)]
pair = d["pairs"][0]
assert pair["first_right"] == sum(x and not y for x, y in zip(*right)) and pair["both_wrong"] == sum(not x and not y for x, y in zip(*right))
near(pair["errors_in_common"], pair["both_wrong"] / sum(not (x and y) for x, y in zip(*right)))
least, all_ = min(pair["first_right"], pair["second_right"]), pair["first_right"] + pair["second_right"]
assert math.isclose(pair["mcnemar_p"], min(1, 2 * sum(math.comb(all_, i) for i in range(least + 1)) / 2**all_), rel_tol=1e-6)
# The curves have the areas.
areas, last = {}, None
for row in csv.DictReader(open(f"{work}/roc.csv", newline="")):
    x, y = float(row["false_positive_rate"]), float(row["true_positive_rate"])
    if last and last[0] == row["class"]:
        areas[row["class"]] = areas.get(row["class"], 0) + (x - last[1]) * (y + last[2]) / 2
    last = row["class"], x, y
for name, area in zip(a["class_names"], a["roc_area"]["classes"]):
    near(areas[name], area)
PYTHON
judge 'the predictions give the numbers' python3 "$work/check.py" "$work"

run eval "$one" "$two"
expect_code 0
expect_plain
expect_out '^  ensemble +[0-9.]+'
expect_out '^   1, 2 +[0-9]+ +[0-9]+ +[0-9]+ +[0-9.]+ % +[01]\.[0-9]{4}$'
run eval "$one" --all
expect_code 0
expect_plain
expect_out '^reliability'
expect_out '^expected calibration error +[0-9.]+ % in 15 bins$'

clean=$(json "$work/one.json" "d['accuracy']")
run eval "$one" --transform invert,invert --json
expect_equal 'accuracy after invert,invert' "$(json "$out" "d['accuracy']")" "$clean"
run eval "$one" --transform rotate:180 --json
upside=$(json "$out" "d['accuracy']")
judge 'upside down fewer are recognised' python3 -c "import sys; sys.exit(not float(sys.argv[1]) < float(sys.argv[2]) - 0.1)" "$upside" "$clean"
expect_equal 'transform is recorded' "$(json "$out" "d['transform']")" rotate:180
run eval "$one" --attack fgsm:0 --json
expect_equal 'accuracy with an attack of 0' "$(json "$out" "d['accuracy']")" "$clean"
run eval "$one" --attack fgsm:0.05 --json
fgsm=$(json "$out" "d['accuracy']")
run eval "$one" --attack pgd:0.05:10 --json
pgd=$(json "$out" "d['accuracy']")
lower='import sys; a, b, c = map(float, sys.argv[1:]); sys.exit(not a - 0.05 > b >= c)'
judge "attacks lower the accuracy: $clean, fgsm $fgsm, pgd $pgd" python3 -c "$lower" "$clean" "$fgsm" "$pgd"
run eval "$one" --attack pgd:0.05:10 --threads 1 --json
expect_equal 'on one thread the attack is the same' "$(json "$out" "d['accuracy']")" "$pgd"

# What does not fit.
refused()
{
    expect_code "$1"
    expect_no_out
    expect_err "$2"
    expect_equal 'lines on stderr' "$(wc -l <"$err")" 1
}
mkdir -p "$work/folder/a" "$work/folder/b"
python3 - "$work/folder" <<'PYTHON'
import struct, sys, zlib
def chunk(kind, data): return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
for name in ("a", "b"):
    for i in range(4):
        rows = b"".join(b"\0" + bytes((x * 9 + y * i + ord(name) * 5) % 256 for x in range(12)) for y in range(12))
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", 12, 12, 8, 0, 0, 0, 0))
        with open(f"{sys.argv[1]}/{name}/{i},x.png", "wb") as file:
            file.write(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
PYTHON
run train --data "$work/folder" --arch dense:2 --epochs 1 --val-split 0 --quiet --out "$work/other"
expect_code 0
run eval "$one" "$work/other/model.safetensors"
refused 2 'takes images of 1x12x12 .* cannot be measured together'
run train --data "$data" --arch maxpool:4,dense:8,dense:10 --train-limit 100 --epochs 1 --quiet --out "$work/3"
run eval "$one" --transform invented:3
refused 2 "transform invented:3: unknown"
run eval "$one" --attack fgsm:2
refused 2 'EPS must be a number within 0\.\.1'
run eval "$one" --attack cw:0.1
refused 2 'it can be fgsm:EPS or pgd:EPS:STEPS'
run eval "$one" --attack pgd:0.1:0
refused 2 'STEPS must be a whole number'
run eval "$one" --predictions "$work/nowhere/p.csv"
refused 5 'nowhere/p.csv'
run eval "$one" "$work/nothing.safetensors"
refused 3 'nothing.safetensors'

# Of a folder each image has its file, quoted where a comma is in its name.
run eval "$work/other/model.safetensors" --split all --predictions "$work/folder.csv"
expect_code 0
judge 'files are named' python3 -c "
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline='')))
assert len(rows) == 8 and sorted(row['file'] for row in rows) == [f'{c}/{i},x.png' for c in 'ab' for i in range(4)], rows
assert all(row['file'].startswith(row['truth'] + '/') for row in rows)" "$work/folder.csv"
finish
