#!/bin/bash
# SPDX-License-Identifier: MIT
#
# resume.sh - `lenet train --resume`: a run that is killed at random moments (drawn by a seed), or stopped by Ctrl-C, and resumed until it ends leaves
# the files of one that nobody disturbed; several runs likewise; what is finished, missing, damaged or of another run is said.
#
# ctest: timeout=900
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data fashion-mnist mnist

run info --json
place=$(json "$out" "d['data']['$data']")
"$root/tests/few-images" "$place" "$work/data/$data" 900 300 || exit 1
options=(--data "$data" --data-dir "$work/data" --arch "$small" --batch 20)
RANDOM=4711

# The record of a run without what a clock says; its model and its history, without seconds.
essence()
{
    python3 - "$1" <<'END'
import csv, hashlib, json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
record = json.load(open(folder / "run.json"))
for key in ("status", "error", "weights_sha256", "kept_weights_sha256", "test_accuracy", "test_loss", "val_accuracy", "val_loss",
            "epochs_finished", "best_epoch", "train_count", "val_count"):
    print(key, record[key])
for epoch in record["epochs"]:
    del epoch["seconds"]
    print(epoch)
for row in csv.DictReader(open(folder / "history.csv")):
    del row["seconds"]
    print(row)
print(hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest())
END
}

# until_done FOLDER OPTION...: trains into the folder, killed again and again, until it is done; $kills, $code, $out and $err of the last
# try. The first kills come within a tenth of $milliseconds, what all of it takes undisturbed; later ones later, or there were no end.
until_done()
{
    local moment folder=$1 try=("$LENET" train "${@:2}" --out "$1" --checkpoint-seconds 0 --json --quiet)
    kills=0 ran="train ${*:2}, killed and resumed"
    while :; do
        moment=$((1 + RANDOM % (milliseconds * (5 + kills) / 50)))
        (timeout -s KILL "$(in_seconds "$moment")" "${try[@]}" >"$out" 2>"$err" </dev/null; exit $?) 2>/dev/null # the shell's word about it
        code=$?
        [ $code -eq 137 ] || break
        kills=$((kills + 1))
        [ -e "$folder/recipe.json" ] && try=("$LENET" train --resume "$folder" --checkpoint-seconds 0 --json --quiet)
        [ $kills -lt 300 ] || break
    done
}

# same_run NAME OPTION...: such a run, undisturbed and killed, leaves the same.
same_run()
{
    local name=$1
    shift
    took run train "${options[@]}" "$@" --out "$work/$name" --checkpoint-seconds 0 --quiet
    expect_code 0
    until_done "$work/$name-killed" "${options[@]}" "$@"
    expect_code 0
    expect_no_err
    judge "$name should have been killed" [ "$kills" -ge 1 ]
    expect_equal "$name, killed $kills times" "$(essence "$work/$name-killed")" "$(essence "$work/$name")"
    expect_equal 'files' "$(ls -A "$work/$name-killed")" "$(printf 'history.csv\nmodel.safetensors\nrun.json')"
    echo "$name: killed $kills times"
}

same_run adam --epochs 3 --decay 0.9
same_run momentum --epochs 2 --optimizer momentum --loss label-smoothing --val-resample --test-each-epoch --threads 1
same_run diagnosed --epochs 2 --diagnose --optimizer sgd --keep-best none

# Several runs: those that are finished are kept, the others go on.
took run train "${options[@]}" --epochs 2 --runs 3 --jobs 2 --checkpoint-seconds 0 --out "$work/three" --quiet
expect_code 0
until_done "$work/three-killed" "${options[@]}" --epochs 2 --runs 3 --jobs 2
expect_code 0
judge 'killed' [ "$kills" -ge 1 ]
expect_equal 'files of all' "$(ls -A "$work/three-killed")" "$(ls -A "$work/three")"
for one in run-01 run-02 run-03; do
    expect_equal "$one, killed" "$(essence "$work/three-killed/$one")" "$(essence "$work/three/$one")"
    expect_equal "files of $one" "$(ls -A "$work/three-killed/$one")" "$(ls -A "$work/three/$one")"
done
same="[(r['seed'], r['weights_sha256'], r['test_accuracy'], r['best_epoch']) for r in d['runs']]"
expect_equal 'the table' "$(json "$work/three-killed/runs.json" "$same")" "$(json "$work/three/runs.json" "$same")"
run train --resume "$work/three"
expect_code 0
expect_out 'three: the run is finished, and .*three/runs.json is its record$'

# Ctrl-C ends the step, says how to go on, and loses nothing. Background jobs of a shell ignore SIGINT, so it is given back first.
interrupt()
{
    python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$LENET" train "$@" >"$out" 2>"$err" &
    local pid=$!
    for _ in $(seq 600); do
        grep -q '^epoch *1/\|^run *1/' "$err" && break
        sleep 0.05
    done
    kill -INT "$pid"
    wait "$pid"
    code=$?
    ran="train $* and INT"
}
stopping=("${options[@]}" --epochs 80 --decay 0.99)
interrupt "${stopping[@]}" --out "$work/stopped"
expect_code 130
expect_err '^lenet: stopped by a signal after [1-9][0-9]* of 80 epochs$'
expect_err "^lenet: to continue: lenet train --resume $work/stopped$"
expect_equal 'record' "$(json "$work/stopped/run.json" "d['status']")" stopped
run train --resume "$work/stopped" --quiet --threads 1
expect_code 0
run train "${stopping[@]}" --quiet --out "$work/whole"
expect_equal 'stopped and resumed' "$(essence "$work/stopped")" "$(essence "$work/whole")"
expect_equal 'files' "$(ls -A "$work/stopped")" "$(ls -A "$work/whole")"

# The database that the run was to be put into is remembered, wherever the resuming program is started.
(cd "$work" && interrupt "${stopping[@]}" --out listed --db relative.db)
(cd / && exec "$LENET" train --resume "$work/listed" --quiet >"$out" 2>"$err" </dev/null)
code=$? ran='train --resume, of a run with a database'
expect_code 0
run runs list --db "$work/relative.db" --json
expect_equal 'its run in the database' "$(json "$out" "[r['weights_sha256'] for r in d]")" "['$(json "$work/listed/run.json" "d['weights_sha256']")']"
interrupt "${options[@]}" --epochs 100 --runs 3 --jobs 1 --out "$work/some"
expect_code 130
expect_err "^lenet: to continue: lenet train --resume $work/some$"
run train --resume "$work/some" --quiet --json --jobs 2
expect_code 0
expect_equal 'all of them' "$(json "$out" "(d['status'], d['runs_finished'])")" "('finished', 3)"
expect_equal 'nothing unfinished' "$(find "$work/some" -name '*checkpoint*' -o -name 'recipe.json')" ''

# What is finished says so, and is left alone.
before=$(sha256sum "$work/adam"/*)
run train --resume "$work/adam"
expect_code 0
expect_no_err
expect_out "adam: the run is finished, and .*adam/run.json is its record$"
run train --resume "$work/adam" --json
expect_equal 'its record' "$(json "$out" "d['weights_sha256']")" "$(json "$work/adam/run.json" "d['weights_sha256']")"
expect_equal 'files' "$(sha256sum "$work/adam"/*)" "$before"
touch "$work/adam/checkpoint.safetensors" "$work/three/run-02/checkpoint.safetensors" # killed while it tidied up
mkdir "$work/adam/other" "$work/three/other" # an unfinished run of somebody, who put it there
touch "$work"/{adam,three}/other/{recipe.json,checkpoint.safetensors}
for tidied in adam three; do
    run train --resume "$work/$tidied"
    expect_code 0
    expect_equal "nothing is left in $tidied" "$(find "$work/$tidied" -name 'checkpoint*' ! -path '*/other/*')" ''
    expect_equal "the other run in $tidied" "$(ls "$work/$tidied/other")" "$(printf 'checkpoint.safetensors\nrecipe.json')"
    rm -r "$work/$tidied/other"
done
# Begun with names from one folder, and gone on with in another.
"$root/tests/few-images" "$place" "$work/start/few" 200 60 || exit 1
python3 -c 'for i in range(10): print(*(0.91 if i == j else 0.01 for j in range(10)))' >"$work/start/noise.txt"
for files in '' '--noise-kind matrix:noise.txt --noise-matrix noise.txt --loss forward'; do
    # shellcheck disable=SC2086 # words
    (cd "$work/start" && exec "$LENET" train --data "$data" --data-dir few --arch "$small" --epochs 1000 --out begun --checkpoint-seconds 0 \
        --quiet $files) >"$out" 2>&1 &
    victim=$!
    for _ in $(seq 600); do
        [ ! -e "$work/start/begun/checkpoint.safetensors" ] || break
        sleep 0.02
    done
    kill -KILL "$victim"
    wait "$victim" 2>/dev/null
    judge 'killed before its end' [ -e "$work/start/begun/recipe.json" ]
    run train --resume "$work/start/begun" --quiet
    expect_code 0
    rm -r "$work/start/begun"
done
mkdir "$work/empty"
refused 3 'empty: there is no run to continue' train --resume "$work/empty"
refused 3 'nowhere: there is no run to continue' train --resume "$work/nowhere"

# A wish that a run cannot fulfil as it goes on is refused, also of a finished one; only how to go on may be said.
for wish in '--epochs 5' '--seed 2' '--runs 2' '--data mnist' '--keep-best none' '--diagnose' '--changed-data' \
    "--out $work/other" "--config $work/adam/run.json"; do
    # shellcheck disable=SC2086 # words
    refused 2 "--resume and ${wish%% *}: the run keeps its recipe .*--config $work/adam/run.json --out DIR" \
        train --resume "$work/adam" $wish
    # shellcheck disable=SC2086
    refused 2 "--resume and ${wish%% *}: .*--config $work/three/runs.json" train --resume "$work/three" $wish
done
refused 2 "--db $work/late.db: the run in $work/adam is finished and not put into it" \
    train --resume "$work/adam" --db "$work/late.db"
run train --resume "$work/adam" --data-dir "$work/data" --threads 1 --isa scalar --jobs 1 --checkpoint-seconds 1 --quiet
expect_code 0
expect_out "adam: the run is finished"

# An unfinished run is not lost to another one in its folder, and goes on where its own recipe is asked for again.
interrupt "${stopping[@]}" --out "$work/kept"
refused 2 'kept: holds another run, which is not finished; continue it: lenet train --resume .*/kept, or replace it with --force' \
    train "${stopping[@]}" --seed 2 --out "$work/kept" --quiet
refused 2 "--resume and --lr: the run keeps its recipe .*lenet train --config $work/kept/recipe.json --out DIR" \
    train --resume "$work/kept" --lr 0.1 --quiet
cp -r "$work/kept" "$work/damaged"
run train "${stopping[@]}" --out "$work/kept" --quiet
expect_code 0
expect_equal 'its own recipe' "$(essence "$work/kept")" "$(essence "$work/whole")"

# A damaged one is refused and kept; without it the recipe starts again.
truncate -s -1 "$work/damaged/checkpoint.safetensors"
refused 3 'damaged/checkpoint.safetensors: .*; remove it to start again' train --resume "$work/damaged" --quiet
rm "$work/damaged/checkpoint.safetensors"
run train --resume "$work/damaged" --quiet
expect_code 0
expect_equal 'begun anew' "$(essence "$work/damaged")" "$(essence "$work/whole")"

# Data that changed are not gone on with, whether there is a checkpoint or only the recipe.
# flip FILE: changes its last byte.
flip() { python3 -c 'import sys
data = bytearray(open(sys.argv[1], "rb").read()); data[-1] ^= 1
open(sys.argv[1], "wb").write(data)' "$1"; }
interrupt "${stopping[@]}" --out "$work/changed"
for checkpoint in there removed; do
    for part in training:train-images-idx3-ubyte test:t10k-images-idx3-ubyte; do
        flip "$work/data/$data/${part#*:}"
        refused 3 "${part%:*} images of $data: changed since .*--config $work/changed/recipe.json --changed-data" \
            train --resume "$work/changed" --quiet
        flip "$work/data/$data/${part#*:}"
    done
    [ $checkpoint = removed ] || rm "$work/changed/checkpoint.safetensors"
done
run train --resume "$work/changed" --quiet
expect_code 0
expect_equal 'as they were' "$(essence "$work/changed")" "$(essence "$work/whole")"

# A run that could not be put into its database is not over: it is stored there when that is possible.
run train "${options[@]}" --epochs 1 --quiet --db "$work/shut.db"
sql() { python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
print(db.execute(sys.argv[2]).fetchall())
db.commit()' "$work/shut.db" "$1"; }
sql "CREATE TRIGGER shut BEFORE UPDATE OF weights_sha256 ON run BEGIN SELECT RAISE(ABORT, 'shut'); END" >"$out"
run train "${options[@]}" --epochs 2 --quiet --db "$work/shut.db" --out "$work/shut"
judge 'a failure' [ "$code" -ne 0 ]
expect_err "^lenet: to store the results again: lenet train --resume $work/shut$"
sql 'DROP TRIGGER shut' >"$out"
run train --resume "$work/shut" --quiet
expect_code 0
expect_equal 'its row' "$(sql 'SELECT weights_sha256 FROM run WHERE id = 2')" \
    "[('$(json "$work/shut/run.json" "d['weights_sha256']")',)]"
expect_equal 'files' "$(ls -A "$work/shut")" "$(ls -A "$work/whole")"

# No room for a checkpoint ends the run: there will be none for its results.
(
    ulimit -f 4
    trap '' XFSZ
    "$LENET" train "${stopping[@]}" --out "$work/full" --quiet >"$out" 2>"$err" </dev/null
)
code=$? ran='train where no file may pass 4 kB'
expect_code 5
expect_err 'full/checkpoint.safetensors: writing failed: '
expect_err 'full/model.safetensors: writing failed: '
judge 'nothing is left' [ ! -e "$work/full" ]

finish
