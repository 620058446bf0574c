#!/bin/bash
# SPDX-License-Identifier: MIT
#
# study.sh - `lenet study`: what a study comes to, that each of its runs is trained once, and that it ends in the same weights whatever runs
# beside it, in however many processes, killed however often.
#
# ctest: timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data fashion-mnist mnist
from=$(json "$out" "d['data']['$data']")

"$root/tests/few-images" "$from" "$work/few" 600 200 || skip "no plain or gzip files of $data"
cat >"$work/tiny.yaml" <<YAML
study: tiny
title: A tiny study
base: {data: mnist, arch: "$small", epochs: 30, batch: 8, test-each-epoch: true}
seeds: 2
quick: {epochs: 2, seeds: 1}
experiments:
  - name: rates
    grid: {lr: [0.001, 0.003]}
  - name: losses
    base: {lr: 0.001}
    settings: [{label: usual, loss: cross-entropy}, {label: robust, loss: gce}]
YAML
study=("$work/tiny.yaml" --data-dir "$work/few")

# query DATABASE SQL: the rows, one a line.
query() { python3 -c 'import sqlite3, sys; print("\n".join("|".join(map(str, r)) for r in sqlite3.connect(sys.argv[1]).execute(sys.argv[2])))' "$@"; }
results() { query "$1" "SELECT identity, weights_sha256, kept_weights_sha256, test_accuracy, epochs FROM run WHERE state = 'finished' ORDER BY identity"; }

# ------------------------------------------------------------------------------------------------- list, show and plan

run study list
expect_code 0
expect_out '^lenet-report '
run study show lenet-report
expect_code 0
judge 'the file as it is' cmp -s "$out" "$root/studies/lenet-report.yaml"
run study show "$work/tiny.yaml"
judge 'a file as it is' cmp -s "$out" "$work/tiny.yaml"
refused 2 "unknown 'shwo'; did you mean show" study shwo
refused 2 "did you mean lenet-report" study run lenet-raport
refused 3 "No such file" study run "$work/none.yaml"
sed 's/lr: 0.001/lrr: 0.001/' "$work/tiny.yaml" >"$work/wrong.yaml"
refused 2 "wrong.yaml:10: unknown option 'lrr'; did you mean lr\?" study run "$work/wrong.yaml" --data-dir "$work/few"

before=$(listing)
run study plan "${study[@]}" --db "$work/none.db" --json
expect_code 0
expect_equal 'runs' "$(json "$out" "[d['runs'], d['shared'], d['done'], d['epochs'], d['seconds'] > 0]")" '[8, 2, 0, 180, True]'
expect_equal 'a plan leaves nothing' "$(listing)" "$before"

# --------------------------------------------------------------------------------------------------------- each run once

run study run "${study[@]}" --out "$work/a"
expect_code 0
expect_plain
expect_out '6 of 6 runs done: 6 trained in .* 0 were there'
expect_err '^rates +2 +4 +0 +0 '
expect_err '^6/6 '
judge 'no checkpoint is left' [ ! -e "$work/a/lenet.db.checkpoints" ]
expect_equal 'epochs' "$(query "$work/a/lenet.db" 'SELECT count(*), count(test_accuracy) FROM epoch')" '180|180'
expect_equal 'confusion and predictions' \
    "$(query "$work/a/lenet.db" 'SELECT DISTINCT length(predicted), (SELECT sum(count) FROM confusion WHERE run = id) FROM run')" '200|200'
right='SELECT sum(count) FROM confusion WHERE run = id AND truth = predicted'
expect_equal 'accuracy of the matrix' "$(query "$work/a/lenet.db" "SELECT count(*) FROM run WHERE 200 * test_accuracy <> ($right)")" 0
expect_equal 'owners' "$(query "$work/a/lenet.db" 'SELECT count(owner) FROM run')" 0
run study run "${study[@]}" --out "$work/a" --quiet
expect_out '0 trained in .*, 6 were there'
expect_no_err
expect_equal 'quick runs' "$("$LENET" study run "${study[@]}" --db "$work/quick.db" --quick --quiet | head -n 1 | cut -d: -f1)" '3 of 3 runs done'

# The run that `lenet train` makes of the same recipe.
run train --data mnist --data-dir "$work/few" --arch "$small" --epochs 30 --batch 8 --lr 0.003 --seed 2 --json --quiet
expect_equal 'weights' "$(json "$out" "d['weights_sha256']")" \
    "$(query "$work/a/lenet.db" "SELECT weights_sha256 FROM run WHERE seed = 2 AND recipe ->> 'lr' = 0.003")"

# What another study measures beside is measured by training to the same bits again.
sed 's/test-each-epoch/diagnose/' "$work/tiny.yaml" >"$work/deeper.yaml"
reference=$(results "$work/a/lenet.db")
cp -r "$work/a" "$work/b"
run study run "$work/deeper.yaml" --data-dir "$work/few" --db "$work/b/lenet.db" --quiet
expect_out '6 trained in'
expect_equal 'weights after measuring more' "$(results "$work/b/lenet.db")" "$reference"
expect_equal 'both measured' "$(query "$work/b/lenet.db" 'SELECT DISTINCT json_array_length(measured) FROM run')" 2
judge 'layers' [ "$(query "$work/b/lenet.db" 'SELECT count(*) FROM layer')" -eq 540 ]

# -------------------------------------------------------------------------------------------- beside one another, and killed

took run study run "${study[@]}" --db "$work/one.db" --jobs 1 --quiet
expect_equal 'weights of --jobs 1' "$(results "$work/one.db")" "$reference"

"$LENET" study run "${study[@]}" --db "$work/shared.db" --jobs 1 >"$work/first" 2>&1 &
first=$!
run study run "${study[@]}" --db "$work/shared.db" --jobs 1
expect_code 0
wait "$first"
expect_equal 'the other process' $? 0
expect_equal 'weights of two processes' "$(results "$work/shared.db")" "$reference"
trained=$(cat "$out" "$work/first" | sed -n 's/.* runs done: \([0-9]*\) trained.*/\1/p' | awk '{ sum += $1 } END { print sum }')
expect_equal 'runs that two processes trained' "$trained" 6

# Each of eight kills comes after an eighth to three eighths of what the whole takes undisturbed: after the start, which
# takes about a tenth, and long before all is done. So most of them meet runs that have begun.
RANDOM=7 interrupted=0
for round in $(seq 8); do
    "$LENET" study run "${study[@]}" --db "$work/killed.db" --jobs 1 --quiet >"$work/log" 2>&1 &
    victim=$!
    sleep "$(in_seconds $((milliseconds / 8 + RANDOM % (milliseconds / 4))))"
    kill -9 "$victim" 2>/dev/null
    wait "$victim" 2>/dev/null
    [ ! -d "$work/killed.db.checkpoints" ] || interrupted=$((interrupted + $(find "$work/killed.db.checkpoints" -type f | wc -l)))
done
judge 'runs were killed that had begun' [ "$interrupted" -gt 0 ]
run study run "${study[@]}" --db "$work/killed.db" --quiet
expect_code 0
expect_equal "weights after $round kills" "$(results "$work/killed.db")" "$reference"
epochs='SELECT identity, epoch.epoch, epoch.test_accuracy, train_loss FROM epoch JOIN run ON run = id ORDER BY identity, epoch.epoch'
expect_equal 'epochs after kills' "$(query "$work/killed.db" "$epochs")" "$(query "$work/a/lenet.db" "$epochs")"
judge 'no checkpoint is left after kills' [ ! -e "$work/killed.db.checkpoints" ]

# On a terminal: one table that is rewritten, within the width, and gone at the end.
on_terminal 60 study run "${study[@]}" --db "$work/shown.db" --jobs 2
expect_code 0
tr -d '\r' <"$out" | sed 's/\x1b\[[0-9]*[A-Za-z]/\n/g' >"$work/shown"
judge 'a line for all' grep -qE '^[0-6] of 6 runs done  left [0-9:-]+$' "$work/shown"
judge 'a line for each that runs' grep -qE '^  epoch +[0-9]+/30 +[0-9.]+ %  (rates|losses): ' "$work/shown"
judge 'the table is gone back over' grep -q $'\033\\[[12]A' "$out"
judge 'within the width' [ "$(grep -E '^  epoch |runs done  left' "$work/shown" | awk '{ if (length($0) > w) w = length($0) } END { print w + 0 }')" -le 59 ]

# A signal, as Ctrl-C sends one: it says how to go on, and that goes on. (SIGINT does not reach what a script starts beside itself.)
"$LENET" study run "${study[@]}" --db "$work/stopped.db" --jobs 1 >"$out" 2>"$err" &
victim=$!
for _ in $(seq 200); do
    grep -q '^1/6 ' "$err" && break
    sleep 0.05
done
kill -TERM "$victim"
wait "$victim"
code=$?
ran='study run, stopped'
case $code in
    0) echo "it was done before the signal came" ;;
    *)
        expect_code 143
        expect_err 'stopped by a signal: [1-5] of 6 runs are done'
        expect_err "to continue the others: lenet study run $work/tiny.yaml --db $work/stopped.db"
        expect_equal 'owners after a signal' "$(query "$work/stopped.db" 'SELECT count(owner) FROM run')" 0
        ;;
esac
run study run "${study[@]}" --db "$work/stopped.db" --quiet
expect_equal 'weights after a signal' "$(results "$work/stopped.db")" "$reference"

finish
