#!/bin/bash
# SPDX-License-Identifier: MIT
#
# recipe.sh - a run described by a file is the run described by options; the command line wins over the file; a record is a recipe; and what
# is wrong in a file is refused with its line.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data fashion-mnist mnist

recipe=$work/recipe.yaml
cat >"$recipe" <<END
# Every option by its long name.
data: $data
arch: "$small"
train_limit: 640      # - and _ are alike
val-split: 0.2
epochs: 2
lr: 2e-3
keep_best: none
isa: null
quiet: true
END

run train --data "$data" --arch "$small" --train-limit 640 --val-split 0.2 --epochs 2 --lr 0.002 --keep-best none --json --quiet
expect_code 0
truth=$(json "$out" "d['weights_sha256']")
options=$(json "$out" "{k: v for k, v in d['options'].items() if k != 'json'}")

run train --config "$recipe" --json
expect_code 0
expect_no_err
expect_equal 'weights by a recipe' "$(json "$out" "d['weights_sha256']")" "$truth"
expect_equal 'options by a recipe' "$(json "$out" "{k: v for k, v in d['options'].items() if k != 'json'}")" "$options"

# The command line wins, wherever --config stands, and can take a flag back.
run train --epochs 1 --config "$recipe" --quiet=false --json --out "$work/run"
expect_code 0
expect_err '^epoch 1/1'
expect_equal 'epochs' "$(json "$out" "(len(d['epochs']), d['options']['epochs'], d['options']['quiet'])")" '(1, 1, False)'
stopped=$(json "$out" "d['weights_sha256']")

# A record is a recipe, but not for where results go.
before=$(listing; stat -c '%y %i' "$work/run"/*)
run train --config "$work/run/run.json" --json
expect_code 0
expect_equal 'weights by a record' "$(json "$out" "d['weights_sha256']")" "$stopped"
run train --config "$work/run/run.json"
expect_code 0
expect_out "^weights        $stopped\$"
expect_out '^stored         nothing'
expect_equal 'the record and its folder are left alone' "$(listing; stat -c '%y %i' "$work/run"/*)" "$before"
run train --config "$work/run/run.json" --epochs 2 --json --quiet
expect_equal 'a record, overruled' "$(json "$out" "d['weights_sha256']")" "$truth"
run train --data "$data" --arch "$small" --seed 18446744073709551615 --train-limit 640 --epochs 1 --out "$work/seed" --quiet --json
largest=$(json "$out" "d['weights_sha256']")
run train --config "$work/seed/run.json" --json --quiet
expect_equal 'the largest seed survives' "$(json "$out" "d['weights_sha256']")" "$largest"

# A record holds: data that changed since, and files that settings name, are refused, unless that is asked for.
run info --json
"$root/tests/few-images" "$(json "$out" "d['data']['$data']")" "$work/data/$data" 300 100 || exit 1
# flip FILE: changes its last byte.
flip() { python3 -c 'import sys
data = bytearray(open(sys.argv[1], "rb").read()); data[-1] ^= 1
open(sys.argv[1], "wb").write(data)' "$1"; }
python3 -c 'for i in range(10): print(*(9 if i == k else (i + k) % 2 for k in range(10)))' >"$work/noise.txt"
few=(--data "$data" --data-dir "$work/data" --arch "$small" --epochs 1 --quiet)
run train "${few[@]}" --noise-kind "matrix:$work/noise.txt" --out "$work/noisy"
expect_code 0
run train "${few[@]}" --runs 2 --out "$work/two"
expect_code 0
hashes="(d['data_sha256'], d['test_data_sha256'])"
expect_equal 'hashes of one and of several' "$(json "$work/noisy/run.json" "$hashes")" \
    "$(json "$work/two/runs.json" "$hashes")"
expect_equal 'the hash of a file' "$(json "$work/noisy/run.json" "d['noise_kind_sha256']")" \
    "$(sha256sum <"$work/noise.txt" | cut -d' ' -f1)"
before=$(json "$work/noisy/run.json" "d['weights_sha256']")
recorded=$(json "$work/noisy/run.json" "($hashes, d['noise_kind_sha256'])")
for part in "training images of $data:data/$data/train-images-idx3-ubyte" \
    "training images of $data:data/$data/train-labels-idx1-ubyte" \
    "test images of $data:data/$data/t10k-labels-idx1-ubyte" "noise.txt:noise.txt"; do
    file=$work/${part#*:}
    cp "$file" "$work/kept"
    case $file in
    *.txt) sed -i '1s/^9/8/' "$file" ;;
    *) flip "$file" ;;
    esac
    refused 3 "${part%:*}: changed since $work/noisy/run.json was written, .*--changed-data" \
        train --config "$work/noisy/run.json" --quiet --out "$work/never"
    [ "${part%:*}" = noise.txt ] ||
        refused 3 "${part%:*}: changed since" train --config "$work/two/runs.json" --data-dir "$work/data"
    run train --config "$work/noisy/run.json" --changed-data --quiet --json
    expect_code 0
    expect_equal 'the new record has what was trained on' \
        "$(json "$out" "($hashes, d['noise_kind_sha256']) == $recorded")" False
    mv "$work/kept" "$file"
done
run train --config "$work/noisy/run.json" --json
expect_equal 'what is as it was trains as it did' "$(json "$out" "d['weights_sha256']")" "$before"
flip "$work/data/$data/train-images-idx3-ubyte"
run train --config "$work/two/runs.json" --runs 1 --data "$data" --data-dir "$work/data" --quiet
expect_code 3
run train --config "$work/noisy/run.json" --noise-kind pair --noise 0.1 --changed-data --quiet
expect_code 0
refused 2 '--changed-data: there is no --config' train "${few[@]}" --changed-data

# wrong PATTERN LINE...: a recipe of these lines is refused with its name and the pattern.
wrong()
{
    local pattern=$1
    shift
    printf '%s\n' "$@" >"$work/wrong.yaml"
    refused 2 "wrong.yaml:$pattern" train --config "$work/wrong.yaml" --out "$work/never" --epochs 1
}

wrong "2: unknown key 'epoch'; did you mean epochs\?" "data: $data" 'epoch: 3'
wrong "1: unknown key 'learning_rate'" 'learning_rate: 3'
wrong '4: lr -1: out of range, must be X > 0' "data: $data" '' '# rate' 'lr: -1'
wrong '1: epochs 1.5: not a whole number' 'epochs: 1.5'
wrong '2: optimizer adma: .*did you mean adam\?' "data: $data" 'optimizer: adma'
wrong '1: data mnits: .*did you mean mnist\?' 'data: mnits'
wrong '1: quiet yes: .*true or false' 'quiet: yes'
wrong "1: arch '': must not be empty" "arch: ''"
wrong '2: batch: one value is wanted, not a list' "data: $data" 'batch: [1, 2]'
wrong '1: batch: one value is wanted, not a mapping' 'batch: {a: 1}'
wrong '1: config: a recipe cannot name another' 'config: x'
wrong '1: no recipe' '# nothing'
wrong '1: no recipe' '- data'
refused_input() { refused 3 "$1" train --config "$work/wrong.yaml"; }
printf 'epochs: 1\nepochs: 2\n' >"$work/wrong.yaml"
refused_input "wrong.yaml:2: 'epochs' is here twice, first in line 1"
printf 'epochs: [\n' >"$work/wrong.yaml"
refused_input 'wrong.yaml:2: '
printf 'data: *x\n' >"$work/wrong.yaml"
refused_input 'wrong.yaml:1: anchors'
refused 3 '/nowhere.yaml: ' train --config "$work/nowhere.yaml"
printf 'epochs: 1\n' >"$work/wrong.yaml"
refused 2 '--data NAME is missing' train --config "$work/wrong.yaml"

finish
