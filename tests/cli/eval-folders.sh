#!/bin/bash
# SPDX-License-Identifier: MIT
#
# eval-folders.sh - folders of images: `lenet eval` pairs classes by their names and measures what was asked for, and
# `lenet train` and studies say what is odd about the images that are held out.
#
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
command -v python3 >/dev/null || skip "no python3 to make images with"

photos() { python3 "$here/photos.py" "$@"; }

net=dense:3
train() { run train --arch $net --epochs 20 --batch 4 --lr 0.02 --quiet --threads 1 "$@"; }
photos "$work/own" 1 bag=bag:20 shirt=shirt:20 trouser=trouser:20
train --data "$work/own" --val-split 0.25 --out "$work/run"
expect_code 0
model=$work/run/model.safetensors

# The folder that the model was trained on: its test part, by content, also where it lies elsewhere.
cp -r "$work/own" "$work/copy"
for data in own copy; do
    run eval "$model" --data "$work/$data" --json
    expect_code 0
    expect_no_err
    expect_equal "what is measured of $data" "$(json "$out" "(d['split'], d['count'], d['classes_paired'])")" \
        "('test', 12, 'by name')"
    expect_equal 'as in the record' "$(json "$out" "d['accuracy']")" "$(json "$work/run/run.json" "d['test_accuracy']")"
done
run eval "$model" --data "$work/own"
expect_out ' on the 12 test images of '

# What was asked for. The held-out images are found again, and give the accuracy that the run recorded.
run eval "$model" --split val --json
expect_code 0
expect_equal 'held out' "$(json "$out" "(d['split'], d['count'])")" "('val', 12)"
for key in accuracy loss; do
    judge "$key of the held-out images" [ "$(json "$out" "d['$key']")" = "$(json "$work/run/run.json" "d['val_$key']")" ]
done
run eval "$model" --split train --json
expect_equal 'training images' "$(json "$out" "(d['split'], d['count'])")" "('train', 48)"
run eval "$model" --split all --json
expect_equal 'all images' "$(json "$out" "(d['split'], d['count'])")" "('all', 60)"
run eval "$model" --split val
expect_out ' on the 12 held-out images of '

# New images: all of them.
photos "$work/new" 2 bag=bag:5 shirt=shirt:6 trouser=trouser:4
run eval "$model" --data "$work/new" --json
expect_code 0
expect_no_err
expect_equal 'all are measured' "$(json "$out" "(d['split'], d['count'], d['accuracy'])")" "('all', 15, 1.0)"
run eval "$model" --data "$work/new"
expect_out ' on all 15 images of '
run eval "$model" --data "$work/new" --split test --json
expect_equal 'a fifth, if asked for' "$(json "$out" "(d['split'], d['count'])")" "('test', 3)"
refused 2 '--split val: .*not those that the model was trained on' eval "$model" --data "$work/new" --split val

# A folder that says itself what tests.
mkdir "$work/parts"
photos "$work/parts/train" 3 bag=bag:3 shirt=shirt:3 trouser=trouser:3
photos "$work/parts/test" 4 bag=bag:2 shirt=shirt:2 trouser=trouser:2
run eval "$model" --data "$work/parts" --json
expect_equal 'its test images' "$(json "$out" "(d['split'], d['count'])")" "('test', 6)"
run eval "$model" --data "$work/parts" --split all --json
expect_equal 'those of both parts' "$(json "$out" "(d['split'], d['count'])")" "('all', 15)"
train --data "$work/parts" --val-split 0 --out "$work/parts-run"
run eval "$work/parts-run/model.safetensors" --data "$work/parts/train"
expect_code 0
expect_err 'these are the images that .* was trained on'
refused 2 '--split val: .*held out none' eval "$work/parts-run/model.safetensors" --split val

# Some of the classes, and one image of a class.
photos "$work/some" 5 trouser=trouser:4 shirt=shirt:1
run eval "$model" --data "$work/some" --json
expect_code 0
expect_equal 'some of the classes' "$(json "$out" "(d['count'], d['accuracy'])")" '(5, 1.0)'
expect_equal 'the matrix has all classes' "$(json "$out" "(d['class_names'], d['confusion'])")" \
    "(['bag', 'shirt', 'trouser'], [[0, 0, 0], [0, 1, 0], [0, 0, 4]])"
run eval "$model" --data "$work/some"
expect_out '^  no images of 0 bag$'
judge 'no row for a class without images' [ "$(grep -c '^  0 bag ' "$out")" -eq 0 ]
photos "$work/single" 6 trouser=trouser:1
run eval "$model" --data "$work/single" --json
expect_equal 'one image of one class' "$(json "$out" "(d['count'], d['accuracy'])")" '(1, 1.0)'
refused 2 '--split train: .*no such images' eval "$model" --data "$work/single" --split train

# Other names are refused, and a way is named; by order, each is what stands in its place.
photos "$work/capital" 7 bag=bag:4 Shirt=shirt:4 trouser=trouser:4
refused 2 "class 'Shirt': not among the model's classes \(did you mean 'shirt'\?\); .*--by-order" \
    eval "$model" --data "$work/capital"
run eval "$model" --data "$work/capital" --by-order --json # Shirt, bag, trouser
expect_code 0
expect_no_err
expect_equal 'by order' "$(json "$out" "(d['classes_paired'], d['count'], round(3 * d['accuracy'], 9))")" \
    "('by order', 12, 1.0)"
photos "$work/more" 8 bag=bag:4 cap=bag:4 hat=bag:4 shirt=shirt:4 trouser=trouser:4
refused 2 "class 'cap' and 1 more: not among the model's classes" eval "$model" --data "$work/more"
judge 'no way by order where counts differ' [ "$(grep -c by-order "$err")" -eq 0 ]
refused 2 'the model has 3 classes, .* has 5' eval "$model" --data "$work/more" --by-order
photos "$work/other" 9 cap=bag:4 gown=shirt:4 hose=trouser:4
refused 2 "class 'cap' and 2 more: not among the model's classes \('bag', 'shirt', 'trouser'\)" \
    eval "$model" --data "$work/other"

# A folder of the name of the training data with other images may be that folder, changed, or another one.
rm "$work/own/bag/3.png"
refused 2 'not those that .* was trained on, though the name is; --split all' eval "$model"
refused 2 'not those that .* was trained on, though the name is; --split all' eval "$model" --data "$work/run/../own/@8x8"
run eval "$model" --split all --json
expect_equal 'what is asked for is measured' "$(json "$out" "d['count']")" 59

# A model file that names no classes, as of another program: by order, and that is said once.
python3 - "$model" "$work/bare.safetensors" <<'PYTHON'
import json, sys
data = open(sys.argv[1], 'rb').read()
size = int.from_bytes(data[:8], 'little')
header = json.loads(data[8:8 + size])
header['__metadata__'] = {key: header['__metadata__'][key] for key in ('format', 'architecture', 'input', 'classes')}
text = json.dumps(header, separators=(',', ':')).encode()
text += b' ' * (-len(text) % 8)
open(sys.argv[2], 'wb').write(len(text).to_bytes(8, 'little') + text + data[8 + size:])
PYTHON
run eval "$work/bare.safetensors" --data "$work/new" --json
expect_code 0
expect_err '^lenet: .*bare.safetensors does not name its classes: they are paired with those of .*new by their order$'
judge 'one line on stderr' is_one_line "$err"
expect_equal 'by order' "$(json "$out" "(d['classes_paired'], d['count'], d['accuracy'])")" "('by order', 15, 1.0)"
refused 2 '--split val: .*does not record' eval "$work/bare.safetensors" --data "$work/new" --split val

# A run that held out other images in each epoch has none to measure.
train --data "$work/new" --val-resample --out "$work/resampled"
refused 2 '--split val: .*val-resample' eval "$work/resampled/model.safetensors" --split val

# Few images a class: the share is held out, or the run is refused. A class that is not trained on, or not held out, is
# said.
photos "$work/few" 10 bag=bag:4 shirt=shirt:4 trouser=trouser:4
train --data "$work/few" --val-split 0.15 --out "$work/few-run"
expect_code 0
expect_no_err
expect_equal 'a sixth of nine images' "$(json "$work/few-run/run.json" "d['val_count']")" 1
refused 2 'val-split 0.01: not one of 9 training images' \
    train --data "$work/few" --arch $net --val-split 0.01 --out "$work/none"
train --data "$work/new" --val-kind last --val-split 0.5 --epochs 1
expect_code 0
expect_err "^lenet: val-kind last: all images of class 'trouser' are held out, none is trained on; .*--val-kind stratified"
judge 'said once' is_one_line "$err"
train --data "$work/copy" --val-kind last --val-split 0.1 --epochs 1 --runs 2 --jobs 1
expect_err "^lenet: val-kind last: no image of class 'bag' and 1 more is held out; .*--val-kind stratified"
judge 'said once for all runs' [ "$(grep -c 'val-kind last' "$err")" -eq 1 ]
train --data "$work/new" --val-split 0.2 --epochs 1
expect_no_err
photos "$work/lone" 11 bag=bag:2 shirt=shirt:8 trouser=trouser:8
train --data "$work/lone" --folds 3 --epochs 1
expect_err "^lenet: folds: all images of class 'bag' are held out, none is trained on$"
cat >"$work/last.yaml" <<YAML
study: last
base: {data: $work/new, arch: "$net", epochs: 1, val-split: 0.5, val-kind: last}
experiments: [{name: rates, grid: {lr: [0.01, 0.02]}}]
YAML
run study plan "$work/last.yaml" --db "$work/last.db"
expect_code 0
expect_err "^lenet: .*new: val-kind last: all images of class 'trouser' are held out, none is trained on; "
judge 'said once for all points' is_one_line "$err"

finish
