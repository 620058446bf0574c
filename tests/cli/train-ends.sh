#!/bin/bash
# SPDX-License-Identifier: MIT
#
# train-ends.sh - training that ends early: it diverges, is interrupted, cannot write. What is worth keeping is kept, what is not leaves
# nothing, and the exit code says which.
#
# ctest: timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data fashion-mnist mnist

options=(--data "$data" --arch "$small" --train-limit 640 --quiet)

# At once: nothing to keep, nothing left.
before=$(listing)
run train "${options[@]}" --optimizer sgd --lr 1e9 --out "$work/a/b/c"
expect_code 4
expect_err '^lenet: training diverged at epoch 1, step [0-9]+: .*layer '
expect_no_out
expect_equal 'files' "$(listing)" "$before"

# What does not exist is null, in the record and in the database.
unmeasured='best_epoch val_accuracy val_loss test_accuracy test_accuracy_standard_error test_loss'
unmeasured="$unmeasured kept_weights_sha256 images_per_second"
run train "${options[@]}" --optimizer sgd --lr 1e9 --db "$work/runs.db" --json
expect_code 4
expect_equal 'a record of no epoch' \
    "$(json "$out" "({d[k] for k in '$unmeasured'.split()}, d['epochs_finished'], d['seconds'] > 0)")" \
    '({None}, 0, True)'
run runs list --db "$work/runs.db"
expect_out '^ +1 .* diverged +1 +0 +- +- '
run runs list --db "$work/runs.db" --json
row='best_epoch test_accuracy test_loss test_count kept_weights_sha256'
expect_equal 'its row' "$(json "$out" "{r[k] for r in d for k in '$row'.split()}")" '{None}'
# as a lenet stored it that measured untrained weights
python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE run SET proof = NULL, best_epoch = 0, test_accuracy = 0.1, test_loss = 2.3, test_count = 0")
db.commit()' "$work/runs.db"
run runs list --db "$work/runs.db" --json
expect_equal 'an older row' "$(json "$out" "{r[k] for r in d for k in '$row'.split()}")" '{None}'
rm "$work/runs.db"

# After a good epoch (the learning rate explodes): that epoch is kept.
run train "${options[@]}" --optimizer sgd --decay 1e9 --epochs 5 --out "$work/late"
expect_code 4
expect_err '^lenet: training diverged at epoch 2, step [0-9]+: .*layer '
expect_err 'epoch 1, the best so far, .*late/model.safetensors$'
expect_equal 'record' "$(json "$work/late/run.json" "(d['status'], d['best_epoch'], len(d['epochs']))")" "('diverged', 1, 1)"
expect_equal 'reason' "$(json "$work/late/run.json" "'diverged at epoch 2' in d['error']")" True
accuracy=$(json "$work/late/run.json" "d['test_accuracy']")
run eval "$work/late/model.safetensors" --json
expect_code 0
expect_equal 'what was kept' "$(json "$out" "d['accuracy']")" "$accuracy"

# An older result is not lost to a run that comes to nothing.
sum=$(sha256sum "$work/late/"*)
run train "${options[@]}" --optimizer sgd --lr 1e9 --out "$work/late" --force
expect_code 4
expect_equal 'older files' "$(sha256sum "$work/late/"*)" "$sum"

# interrupt SIGNAL FOLDER [OPTION]: trains without end and sends the signal once the first epoch is done. Background jobs of a shell ignore
# SIGINT, so it is given back first.
interrupt()
{
    python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$LENET" train --data "$data" --arch "$small" --train-limit 640 --epochs 100000 --out "${@:2}" >"$out" 2>"$err" &
    local pid=$!
    for _ in $(seq 600); do
        grep -q '^epoch *1/' "$err" && break
        sleep 0.1
    done
    kill "-$1" "$pid"
    wait "$pid"
    code=$?
    ran="train ... and $1"
}

interrupt INT "$work/stopped"
expect_code 130
expect_err '^lenet: stopped by a signal after [1-9][0-9]* of 100000 epochs'
expect_err 'the best so far, .*stopped/model.safetensors$'
expect_out '^kept epoch '
expect_equal 'record' "$(json "$work/stopped/run.json" "(d['status'], d['best_epoch'] >= 1, d['error'] is not None)")" "('stopped', True, True)"
expect_equal "files" "$(ls -A "$work/stopped")" "$(printf "checkpoint.safetensors\nhistory.csv\nmodel.safetensors\nrecipe.json\nrun.json")"
expect_err "^lenet: to continue: lenet train --resume .*stopped$"
run eval "$work/stopped/model.safetensors" --json
expect_code 0
expect_equal 'what was kept' "$(json "$out" "d['weights_sha256']")" "$(json "$work/stopped/run.json" "d['kept_weights_sha256']")"

interrupt TERM "$work/ended"
expect_code 143
expect_equal 'record' "$(json "$work/ended/run.json" "d['status']")" stopped

# Patience is an end like any other, and said.
run train "${options[@]}" --optimizer sgd --lr 1e-30 --epochs 9 --patience 2 --out "$work/early"
expect_code 0
expect_out '^ended early    after epoch 3 of 9: 2 without a better validation loss$'
expect_equal 'record' "$(json "$work/early/run.json" "(d['status'], d['epochs_finished'], d['stopped_early'])")" "('finished', 3, True)"

# An older result stays until the new run has come to its end.
sum=$(sha256sum "$work/early"/{history.csv,model.safetensors,run.json})
interrupt INT "$work/early" --force
expect_code 130
expect_err '/early has the results of a run that ended before, and they stay$'
expect_err "^lenet: to continue: lenet train --resume .*early$"
expect_equal 'older results' "$(sha256sum "$work/early"/{history.csv,model.safetensors,run.json})" "$sum"
rm "$work/early"/{checkpoint.safetensors,recipe.json}
run train "${options[@]}" --epochs 2 --out "$work/early" --force
expect_code 0
expect_equal 'record' "$(json "$work/early/run.json" "d['epochs_finished']")" 2

# Where results cannot go is found out before training: exit code 5, and no progress.
mkdir "$work/place" "$work/place/model.safetensors"
touch "$work/file"
refused 5 '/file: is not a folder' train "${options[@]}" --out "$work/file"
refused 5 '/file: is not a folder' train "${options[@]}" --out "$work/file/below"
refused 5 'model.safetensors: is a folder' train "${options[@]}" --out "$work/place"
refused 5 '/proc/' train "${options[@]}" --out /proc/lenet/results
long=$(printf '%300s' '' | tr ' ' x)
refused 5 'name too long' train "${options[@]}" --out "$work/new/$long"
if [ "$(id -u)" -ne 0 ]; then
    mkdir -m 500 "$work/locked"
    refused 5 '/locked.*ermission' train "${options[@]}" --out "$work/locked"
    refused 5 '/locked.*ermission' train "${options[@]}" --out "$work/locked/below"
fi

# Bad input, and settings that the data do not allow.
refused 3 '/nowhere' train --data "$data" --data-dir "$work/nowhere" --out "$work/x/y"
refused 2 'validation' train "${options[@]}" --train-limit 5 --val-split 0.99 --out "$work/x/y"

finish
