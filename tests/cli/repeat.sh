#!/bin/bash
# SPDX-License-Identifier: MIT
#
# repeat.sh - `lenet train --runs N`: each run is the one that its seed alone gives, whatever --jobs; mean, spread, interval and collapsed runs
# are those of the runs; what is finished when a signal comes is kept.
#
# ctest: timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data fashion-mnist mnist

options=(--data "$data" --arch "$small" --train-limit 640 --epochs 6)
table=$work/three/runs.csv record=$work/three/runs.json

run train "${options[@]}" --runs 3 --seed 5 --out "$work/three"
expect_code 0
expect_plain
for number in 1 2 3; do
    expect_err "^run $number/3  seed $((number + 4))  .*validation [0-9.]+ %  test [0-9.]+ %"
    expect_equal 'files of a run' "$(ls -A "$work/three/run-0$number")" "$(printf 'history.csv\nmodel.safetensors\nrun.json')"
done
expect_equal 'files of all' "$(ls -A "$work/three")" "$(printf 'run-01\nrun-02\nrun-03\nruns.csv\nruns.json')"
expect_out '^test accuracy  [0-9.]+ % \+- [0-9.]+ % \(mean and sd of 3 runs\);$'
expect_out '^               95 % interval of the mean [0-9.-]+\.\.[0-9.]+ %$'
expect_out '^collapsed      0 of 3; chance: at most 1[0-9.]+ %$'
expect_out '^stored .*three/runs.json'

# The numbers are those of the runs' own records, and the statistics are theirs.
same_numbers()
{
    python3 - "$work/three" <<'END'
import csv, json, math, pathlib, statistics, sys
folder = pathlib.Path(sys.argv[1])
all = json.load(open(folder / "runs.json"))
rows = list(csv.DictReader(open(folder / "runs.csv")))
singles = [json.load(open(folder / f"run-{i:02}/run.json")) for i in (1, 2, 3)]
assert len(rows) == len(all["runs"]) == 3
for row, entry, single in zip(rows, all["runs"], singles):
    assert int(row["seed"]) == entry["seed"] == single["seed"] == single["options"]["seed"]
    for key in ("test_accuracy", "test_loss", "val_accuracy", "val_loss", "seconds"):
        assert float(row[key]) == entry[key] == single[key], key
    for key in ("weights_sha256", "kept_weights_sha256"):
        assert row[key] == entry[key] == single[key]
for key in ("test_accuracy", "test_loss", "val_accuracy"):
    values, found = [s[key] for s in singles], all["statistics"][key]
    assert math.isclose(found["mean"], statistics.mean(values)) and math.isclose(found["sd"], statistics.stdev(values)), key
    reach = 4.302652729911275 * statistics.stdev(values) / math.sqrt(3)  # t(0.975; 2)
    assert math.isclose(found["interval_95"][0], statistics.mean(values) - reach, rel_tol=1e-9)
    assert math.isclose(found["interval_95"][1], statistics.mean(values) + reach, rel_tol=1e-9)
    assert (found["low"], found["high"], found["count"]) == (min(values), max(values), 3)
best = max(range(3), key=lambda i: singles[i]["test_accuracy"])
assert all["best_run"] == best + 1 and all["status"] == "finished" and all["options"]["runs"] == 3
END
}
judge 'the numbers should agree' same_numbers

run train "${options[@]}" --seed 6 --quiet --json --out "$work/single"
expect_code 0
expect_equal 'run 2 is the run of its seed' "$(json "$out" "d['weights_sha256']")" "$(json "$record" "d['runs'][1]['weights_sha256']")"
judge 'the same model file, byte for byte' cmp "$work/single/model.safetensors" "$work/three/run-02/model.safetensors"
run train --config "$work/three/run-02/run.json" --quiet --json
expect_equal 'its record is a recipe for it alone' "$(json "$out" "d['weights_sha256']")" "$(json "$record" "d['runs'][1]['weights_sha256']")"

# Neither --jobs nor --threads changes a bit. The record of all is a recipe for all.
for jobs in '--jobs 1' '--jobs 3' '--jobs 2 --threads 2'; do
    # shellcheck disable=SC2086 # words
    run train --config "$record" $jobs --json --quiet
    expect_code 0
    expect_no_err
    for key in weights_sha256 kept_weights_sha256 test_accuracy val_loss seed best_epoch outcome; do
        expect_equal "$key with $jobs" "$(json "$out" "[r['$key'] for r in d['runs']]")" "$(json "$record" "[r['$key'] for r in d['runs']]")"
    done
    expect_equal "statistics with $jobs" "$(json "$out" "d['statistics']['test_accuracy']")" "$(json "$record" "d['statistics']['test_accuracy']")"
done
expect_equal 'columns' "$(head -n 1 "$table")" \
    run,seed,fold,outcome,epochs,best_epoch,val_accuracy,val_loss,test_accuracy,test_loss,seconds,weights_sha256,kept_weights_sha256

# Steps so large that every unit dies: one class to all images.
run train "${options[@]}" --runs 2 --optimizer sgd --lr 100 --json --quiet
expect_code 0
expect_equal 'collapsed' "$(json "$out" "(d['collapsed'], d['diverged'], [r['outcome'] for r in d['runs']])")" "(2, 0, ['collapsed', 'collapsed'])"
expect_equal 'how many do, exactly' "$(json "$out" "[round(x, 4) for x in d['collapsed_interval_95']]")" '[0.1581, 1.0]'
accuracy="d['statistics']['test_accuracy']"
expect_equal 'no mean of them' "$(json "$out" "(${accuracy}['count'], ${accuracy}['mean'], d['best_run'])")" '(0, None, None)'
expect_equal 'at chance' "$(json "$out" "all(r['test_accuracy'] * 10000 <= d['chance']['most_right'] for r in d['runs'])")" True

# Where all diverge there is nothing to average.
run train "${options[@]}" --runs 2 --optimizer sgd --lr 1e9 --out "$work/diverged"
expect_code 4
expect_err '^lenet: run 1, seed 1: training diverged'
expect_out '^diverged       2 of 2'
expect_out '^    1 +1 +- +- +- +[0-9.]+  diverged$'
judge 'nothing that could collapse' eval '! grep -q ^collapsed "$out"'
expect_equal 'the table' "$(cut -d, -f 4-10,13 "$work/diverged/runs.csv" | tail -n 2)" \
    "$(printf 'diverged,0,,,,,,\ndiverged,0,,,,,,')"
unmeasured='best_epoch val_accuracy val_loss test_accuracy test_loss kept_weights_sha256 folder'
expect_equal 'figures of no epoch' \
    "$(json "$work/diverged/runs.json" "{r[k] for r in d['runs'] for k in '$unmeasured'.split()}")" '{None}'
expect_equal 'no statistics' "$(json "$work/diverged/runs.json" "(d['diverged'], d['statistics']['test_accuracy']['mean'], d['best_run'])")" '(2, None, None)'

# What is finished when Ctrl-C comes is kept: run 1 is long done, run 3 has not begun.
python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$LENET" train --data "$data" --arch "$small" --epochs 30 --train-limit 6400 --runs 1000 --jobs 2 --out "$work/stopped" \
    >"$out" 2>"$err" &
pid=$!
for _ in $(seq 600); do
    grep -q '^run *2/' "$err" && grep -q '^run *1/' "$err" && break
    sleep 0.1
done
kill -INT "$pid"
wait "$pid"
code=$? ran='train --runs 1000 and INT'
expect_code 130
expect_err '^lenet: stopped by a signal: [1-9][0-9]* of 1000 runs are finished and stored$'
stopped=$work/stopped/runs.json
expect_equal 'record' "$(json "$stopped" "(d['status'], d['runs_finished'] == len(d['runs']), 2 <= len(d['runs']) < 1000)")" "('stopped', True, True)"
expect_equal 'records' "$(find "$work/stopped" -mindepth 2 -name run.json | wc -l)" "$(json "$stopped" "d['runs_finished']")"
expect_equal 'statistics of them' "$(json "$stopped" "d['statistics']['test_accuracy']['count'] + d['diverged']")" "$(json "$stopped" "d['runs_finished']")"

# Folds: without --fold each is held out in its turn; each is the run that names it; their spread has no interval.
run train "${options[@]}" --folds 3 --out "$work/folds"
expect_code 0
expect_equal 'files of all folds' "$(ls -A "$work/folds")" "$(printf 'fold-0\nfold-1\nfold-2\nruns.csv\nruns.json')"
expect_out '^validation     [0-9.]+ % \+- [0-9.]+ % \(mean and sd of 3 runs\)$'
folds=$work/folds/runs.json
expect_equal 'folds' "$(json "$folds" "[(r['seed'], r['fold']) for r in d['runs']]")" '[(1, 0), (1, 1), (1, 2)]'
expect_equal 'no interval' "$(json "$folds" "(d['statistics']['val_accuracy']['interval_95'], d['options']['fold'])")" '([None, None], None)'
expect_equal 'each held out once' "$(python3 -c 'import json, sys
print(sum(json.load(open(f))["val_count"] for f in sys.argv[1:]))' "$work/folds"/fold-?/run.json)" 640
run train "${options[@]}" --folds 3 --fold 2 --json --quiet
expect_code 0
expect_equal 'one fold alone' "$(json "$out" "d['weights_sha256']")" "$(json "$folds" "d['runs'][2]['weights_sha256']")"
run train --config "$work/folds/fold-1/run.json" --json --quiet
expect_equal 'its record is a recipe for it alone' "$(json "$out" "d['weights_sha256']")" "$(json "$folds" "d['runs'][1]['weights_sha256']")"
run train --config "$folds" --runs 2 --out "$work/both" --json --quiet
expect_code 0
expect_equal 'folds of each seed' "$(json "$out" "[(r['seed'], r['fold'], r['folder'].split('/')[-1]) for r in d['runs']][2:4]")" \
    "[(1, 2, 'run-01-fold-2'), (2, 0, 'run-02-fold-0')]"
expect_equal 'the first seed as before' "$(json "$out" "[r['weights_sha256'] for r in d['runs'][:3]]")" \
    "$(json "$folds" "[r['weights_sha256'] for r in d['runs']]")"

refused 2 '--runs 0: .*1\.\.10000' train --data "$data" --runs 0
refused 2 '--jobs 257: ' train --data "$data" --runs 2 --jobs 257
refused 2 'the last seed would pass' train "${options[@]}" --runs 2 --seed 18446744073709551615 --out "$work/never"
touch "$work/file"
refused 5 '/file: is not a folder' train "${options[@]}" --runs 2 --out "$work/file"

finish
