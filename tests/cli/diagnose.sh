#!/bin/bash
# SPDX-License-Identifier: MIT
#
# diagnose.sh - `lenet train --diagnose` says what is wrong where something was made wrong, nothing where nothing is, and changes no weight.
#
# ctest: timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data fashion-mnist mnist

options=(--data "$data" --arch "$small" --train-limit 640 --epochs 2)

run train "${options[@]}" --lr 0.01 --quiet --json
truth=$(json "$out" "d['weights_sha256']")
expect_equal 'not asked for' "$(json "$out" "('findings' in d, 'diagnosis' in d['epochs'][0])")" '(False, False)'
run train "${options[@]}" --lr 0.01 --diagnose --out "$work/run"
expect_code 0
expect_plain
expect_err '^    fc1 +weights [0-9.]+ +gradient [0-9.]+ +dead [0-9]+ of 16 \([0-9.]+ %\)$'
expect_err '^    after the epoch  loss [0-9.]+  accuracy [0-9.]+ %  classes answered [0-9]+$'
expect_out '^diagnosis      nothing found'
record=$work/run/run.json
expect_equal 'weights' "$(json "$record" "d['weights_sha256']")" "$truth"
expect_equal 'figures' "$(json "$record" "[(l['name'], l['units'], l['dead'] is None) for l in d['epochs'][1]['diagnosis']['layers']]")" \
    "[('fc1', 16, False), ('fc2', 16, False), ('fc3', 10, True)]"
expect_equal 'findings' "$(json "$record" "d['findings']")" '[]'

# The accuracy on the training images is what an evaluation of them finds, where nothing is held out and the last epoch is kept.
run train --data "$data" --arch "$small" --epochs 1 --val-split 0 --keep-best none --diagnose --quiet --out "$work/all"
run eval "$work/all/model.safetensors" --split train --json
expect_equal 'accuracy on the training images' "$(json "$out" "d['accuracy']")" "$(json "$work/all/run.json" "d['epochs'][0]['diagnosis']['accuracy']")"
judge 'the loss on them' [ "$(python3 - "$out" "$work/all/run.json" <<'END'
import json, sys
a, b = (json.load(open(p)) for p in sys.argv[1:])
print(abs(a["loss"] - b["epochs"][0]["diagnosis"]["loss"]) < 1e-9)
END
)" = True ]

# Threads change no figure.
for threads in 1 2 3; do
    run train "${options[@]}" --lr 0.01 --diagnose --quiet --json --threads "$threads"
    expect_no_err
    expect_equal "$threads threads" "$(json "$out" "[e['diagnosis'] for e in d['epochs']]")" "$(json "$record" "[e['diagnosis'] for e in d['epochs']]")"
done

# diagnosed ARGUMENT...: what `lenet train --diagnose` says, each finding as one line.
diagnosed()
{
    run train "$@" --diagnose --quiet
    sed -i ':all; N; $!b all; s/\n \{17\}/ /g' "$out"
}

# Steps so large that every unit of a layer dies.
diagnosed "${options[@]}" --optimizer sgd --lr 100
expect_code 0
expect_out '^diagnosis      At chance: after epoch 2 .* it predicts the same class for every image\.$'
expect_out '^ +All 16 units of fc[12] are dead: .* try --lr 10, '

# Steps so small that nothing happens; a gradient that does not arrive; steps that end in infinity.
diagnosed "${options[@]}" --optimizer sgd --lr 1e-7
expect_out 'At chance: '
expect_out 'is that of a random guess \(ln 10 = 2\.3026\).*--lr 1e-06'
deep=$(printf 'dense:20,sigmoid,%.0s' 1 2 3 4 5 6 7)dense:10
diagnosed --data "$data" --arch "$deep" --train-limit 640 --epochs 2 --optimizer sgd
expect_out 'The gradient vanishes on its way: its norm is .* in fc8 and .* in fc1'
diagnosed "${options[@]}" --optimizer sgd --lr 1e9
expect_code 4
expect_out '^diagnosis      training diverged at epoch 1, step [0-9]+: .*try --lr 1e\+08\.$'

# Test labels that were shuffled: what was published is known by its hash, and that nothing fits is seen besides.
folder=$("$LENET" data list --json | python3 -c 'import json, sys
print(next((s.get("path") or "" for s in json.load(sys.stdin) if s["name"] == sys.argv[1]), ""))' "$data" 2>/dev/null)
if [ -d "$folder" ]; then
    mkdir "$work/$data"
    cp "$folder"/*ubyte* "$work/$data"
    python3 - "$work/$data" <<'END'
import gzip, pathlib, random, sys
path = next(pathlib.Path(sys.argv[1]).glob("t10k-labels*"))
content = bytearray(gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes())
labels = list(content[8:])
random.Random(1).shuffle(labels)
content[8:] = bytes(labels)
path.write_bytes(gzip.compress(bytes(content)) if path.suffix == ".gz" else bytes(content))
END
    diagnosed --data "$data" --data-dir "$work" --epochs 1 --arch "$small"
    expect_code 0
    expect_out "^diagnosis      The wrong data: .*t10k-labels.*'lenet data get $data'"
    expect_out 'The test images are not of the set that was learned: right on [5-9][0-9.]+ % of the training images'
else
    echo "note: no folder of $data here to copy"
fi

# Of several runs each has its own.
run train "${options[@]}" --optimizer sgd --lr 100 --runs 2 --diagnose --quiet --out "$work/two"
expect_code 0
expect_equal 'each says so' "$(grep -c '^diagnosis      At chance' "$out")" 2
expect_equal 'each records it' "$(json "$work/two/run-02/run.json" "(len(d['findings']), len(d['epochs'][1]['diagnosis']['layers']))")" '(2, 3)'

finish
