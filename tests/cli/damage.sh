#!/bin/bash
# SPDX-License-Identifier: MIT
#
# damage.sh - one byte that is another: of a data set that is known, of a model, of a database. Each is said; what was changed on
# purpose can be used.
#
# ctest: heavy timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data mnist fashion-mnist
from=$(json "$out" "d['data']['$data']")
mkdir "$work/$data"
for name in train-images-idx3 train-labels-idx1 t10k-images-idx3 t10k-labels-idx1; do
    if [ -f "$from/$name-ubyte" ]; then
        cp "$from/$name-ubyte" "$work/$data"
    else
        gzip -dc <"$from/$name-ubyte.gz" >"$work/$data/$name-ubyte" || skip "no plain or gzip files of $data"
    fi
done
chmod -R u+w "$work/$data"
poke() { printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }
options=(--data "$data" --data-dir "$work" --arch "$small" --epochs 1 --quiet)

run train "${options[@]}" --out "$work/run"
expect_code 0
expect_no_err

# A byte of an image, deep in the file.
poke "$work/$data/train-images-idx3-ubyte" 20000000 '\377'
run train "${options[@]}"
expect_code 0
expect_err "^lenet: warning: $data: its 60000 training images or their labels are not the published ones: damaged, or changed on purpose"
judge 'one warning' is_one_line "$err"
run eval "$work/run/model.safetensors" --data "$data" --data-dir "$work"
expect_code 0
expect_no_err
cat >"$work/study.yaml" <<YAML
study: damage
base: {data: $data, arch: "$small", epochs: 1}
experiments: [{name: a}]
YAML
run study plan "$work/study.yaml" --data-dir "$work"
expect_code 0
expect_err "^lenet: warning: $data: its 60000 training images"

# A byte of the test labels, which stays a label.
poke "$work/$data/t10k-labels-idx1-ubyte" 5000 '\001'
poke "$work/$data/t10k-labels-idx1-ubyte" 5001 '\002'
run eval "$work/run/model.safetensors" --data "$data" --data-dir "$work"
expect_code 0
expect_err "^lenet: warning: $data: its 10000 test images or their labels"

# A data set of another size is another one on purpose.
"$root/tests/few-images" "$from" "$work/few" 600 200
run train --data mnist --data-dir "$work/few" --arch "$small" --epochs 1 --quiet
expect_code 0
expect_no_err

# A byte of a model: of a weight, of its header.
model=$work/run/model.safetensors
cp "$model" "$work/model"
for change in "$(($(stat -c %s "$model") - 3)) \\001" "$(grep -abo 'relu' "$model" | head -n 1 | cut -d: -f1) s"; do
    cp "$work/model" "$model"
    # shellcheck disable=SC2086 # two words
    poke "$model" $change
    refused 3 'model.safetensors: damaged: |model.safetensors: ' eval "$model" --data "$data" --data-dir "$work"
done
finish
