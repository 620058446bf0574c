#!/bin/bash
# SPDX-License-Identifier: MIT
#
# bench.sh - the figures of `lenet bench` are there, follow from each other, and say what they were measured with. How
# high they are is not judged here.
#
# ctest: timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
command -v python3 >/dev/null || skip "no python3 to read JSON with"

cat >"$work/check.py" <<'PYTHON'
import json, math, statistics, sys
d = json.load(open(sys.argv[1]))
info = json.load(open(sys.argv[2]))
close = lambda a, b: math.isclose(a, b, rel_tol=1e-9)
assert d["machine"] and d["compiler"] == info["compiler"] and d["version"] == info["version"]
assert d["commit"] is None or len(d["commit"]) >= 7, d["commit"]
# A peak for each instruction set, on one thread, on all and on those in use; each once.
wanted = {(isa, n) for isa in info["isa_list"] for n in (1, d["processors"], d["threads"])}
peaks = {(p["isa"], p["threads"]): p["peak_gflops"] for p in d["peaks"]}
assert len(d["peaks"]) == len(wanted) and set(peaks) == wanted, d["peaks"]
assert all(g > 0 for g in peaks.values()) and d["peak_gflops"] == peaks[d["isa"], d["threads"]]
# Stages: two at least of each layer with weights, and what every step has.
names = [s["name"] for s in d["stages"]]
layers = "conv1", "conv2", "fc1", "fc2", "fc3"
for name in ["gather", "loss"] + [f"{layer} {stage}" for layer in layers for stage in ("forward", "weights")]:
    assert name in names, (name, names)
for s in d["stages"]:
    assert s["seconds"] > 0 and (s["gflops"] is None) == (s["share_of_peak"] is None)
    assert s["gflops"] is None or close(s["share_of_peak"], s["gflops"] / d["peak_gflops"])
    assert s["gflops"] is not None or not s["name"].endswith(("forward", "weights")) or s["name"].startswith("relu"), s
# The operations of LeNet-5 on images of 28x28, counted by hand: two for each multiply-add.
shapes = {"conv1": 6 * 28 * 28 * 25, "conv2": 16 * 10 * 10 * 6 * 25, "fc1": 400 * 120, "fc2": 120 * 84, "fc3": 84 * 10}
counted = {s["name"]: s["gflops"] * 1e9 * s["seconds"] for s in d["stages"] if s["gflops"] is not None}
for layer, multiply_adds in shapes.items():
    for stage in ("forward", "weights"):
        assert close(counted[f"{layer} {stage}"], 2 * d["batch"] * multiply_adds), (layer, stage)
# Epochs.
assert len(d["epoch_seconds"]) == int(sys.argv[3]) and min(d["epoch_seconds"]) > 0
assert close(d["images_per_second"], d["images"] / statistics.median(d["epoch_seconds"]))
assert close(d["gflops"], d["images_per_second"] * sum(counted.values()) / d["batch"] / 1e9)
flop = d["images"] * d["gflops"] / d["images_per_second"]
peaks = d["epoch_peaks"]
assert len(peaks) == len(d["epoch_seconds"]) + 1 and all(p > 0 for p in peaks)
shares = [flop / s / ((before + after) / 2) for s, before, after in zip(d["epoch_seconds"], peaks, peaks[1:])]
assert close(d["share_of_peak"], statistics.median(shares))
assert d["evaluation_seconds"] > 0 and 0 < d["evaluation_images"] <= 10000
PYTHON

run info --json
cp "$out" "$work/info.json"

start=$(date +%s)
run bench --quick --json
elapsed=$(($(date +%s) - start))
expect_code 0
expect_no_err
# Room for a busy machine and for sanitizers.
judge "quick took $elapsed seconds, where 3 were promised" [ "$elapsed" -le 15 ]
judge 'the figures agree' python3 "$work/check.py" "$out" "$work/info.json" 3
expect_equal 'data' "$(json "$out" "d['data']")" synthetic
expect_equal 'the fastest is used' "$(json "$out" "d['isa']")" "$(json "$work/info.json" "d['isa']")"
expect_equal 'on all processors' "$(json "$out" "d['threads']")" "$(json "$work/info.json" "d['processors']")"

# Options arrive: more threads than processors have a peak of their own.
run bench --quick --json --isa scalar --threads 3 --batch 48 --optimizer sgd --epochs 4
expect_code 0
judge 'the figures agree' python3 "$work/check.py" "$out" "$work/info.json" 4
expect_equal 'options' "$(json "$out" "d['isa'], d['threads'], d['batch'], d['optimizer']")" "('scalar', 3, 48, 'sgd')"

# The tables show the same: the stages fill the step.
run bench --quick --arch conv:8@3x3,relu,maxpool:2,dense:10
expect_code 0
expect_no_err
expect_plain
expect_out '^machine +[^ ]'
expect_out '^network +conv:8@3x3,relu,maxpool:2,dense:10$'
expect_out '^data +synthetic, .* images of 1x28x28$'
expect_out '^scalar +1 +[0-9.]+$'
expect_out '^conv1 weights +[0-9.]+ +[0-9.]+ % +[0-9.]+ +[0-9.]+ %$'
expect_out '^loss +[0-9.]+ +[0-9.]+ % +- +-$'
expect_out '^seconds +([0-9.]+ ){2}[0-9.]+, median [0-9.]+ for [0-9,]+ images$'
expect_out '^speed +[0-9,]+ images/s, [0-9.]+ GFLOP/s, [0-9.]+ % of the peak measured next to each epoch$'
expect_out '^evaluation +[0-9.]+ ms for [0-9,]+ images$'
# The first percentage of a line, rounded; the last line is their sum.
sed -n '/^stages/,/^all /p' "$out" >"$work/stages"
judge 'the shares of the stages make up the step' awk '/ %/ {for (i = 1; $i != "%"; i++) ; sum += $(i - 1)}
    END {exit !(sum > 199 && sum < 201)}' "$work/stages"

# A data set that is not there lends its shape; one that is damaged is not passed over.
run bench --quick --json --data cifar10 --data-dir "$work" --arch dense:10
expect_code 0
operations=$(json "$out" "round(d['gflops'] * 1e9 / d['images_per_second'])")
expect_equal 'operations of 3x32x32 images' "$operations" $((2 * 2 * 3072 * 10))
judge 'one line on stderr' is_one_line "$err"
expect_err '^lenet: cifar10 is not found, so synthetic images'
expect_equal 'data' "$(json "$out" "d['data']")" synthetic
mkdir "$work/mnist"
for name in train-images-idx3 train-labels-idx1 t10k-images-idx3 t10k-labels-idx1; do
    echo 'no images' >"$work/mnist/$name-ubyte"
done
run bench --quick --json --data mnist --data-dir "$work"
expect_code 3
expect_err "^lenet: .*mnist/"
expect_no_out

refused 2 '--arch: .*lenet6.*did you mean lenet5\?' bench --arch lenet6
refused 2 '--isa sse9: unknown.*scalar' bench --isa sse9
refused 2 '--epochs 0: .*1\.\.1000' bench --epochs 0
refused 2 '--batch 0: .*1\.\.65536' bench --batch 0
refused 2 "unexpected argument 'mnist'" bench mnist
refused 2 'unknown option --quik; did you mean --quick\?' bench --quik

# Not quick: all images, and a line on stderr for each epoch.
run bench --json --arch maxpool:4,dense:10 --epochs 2
expect_code 0
expect_err '^epoch 2/2 '
expect_equal 'images' "$(json "$out" "d['images'], d['evaluation_images']")" '(60000, 10000)'
expect_equal 'epochs' "$(json "$out" "len(d['epoch_seconds'])")" 2

need_data mnist fashion-mnist
run bench --quick --json --data "$data" --epochs 1
expect_code 0
expect_no_err
judge 'the figures agree' python3 "$work/check.py" "$out" "$work/info.json" 1
expect_equal 'data' "$(json "$out" "d['data']")" "$data"

finish
