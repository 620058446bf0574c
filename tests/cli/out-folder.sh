#!/bin/bash
# SPDX-License-Identifier: MIT
#
# out-folder.sh - the folder of --out belongs to one call: what another call left there is not overwritten without --force, the same run is not
# trained again, and no two processes train into it.
#
# ctest: timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data fashion-mnist mnist
options=(train --data "$data" --arch "$small" --train-limit 640 --epochs 2 --quiet)
sums() { (cd "$1" && find . -type f | sort | xargs sha256sum); }

# ------------------------------------------------------------------------------------------------------- a single run

run "${options[@]}" --out "$work/one"
expect_code 0
before=$(sums "$work/one")
refused 2 'one: holds another run already \(run.json: finished, test accuracy [0-9.]+ %\); take another --out, or replace it with --force' \
    "${options[@]}" --lr 0.002 --out "$work/one"
refused 2 'one: holds another run already' "${options[@]}" --runs 2 --out "$work/one"
refused 2 'one: holds another run already' "${options[@]}" --folds 2 --out "$work/one/"
expect_equal 'its files' "$(sums "$work/one")" "$before"
run "${options[@]}" --out "$work/one" --threads 1
expect_code 0
expect_no_err
expect_out 'one: the run is finished, and .*one/run.json is its record$'
expect_out '^nothing was trained, test accuracy [0-9.]+ %; --force trains again, to the same weights$'
run "${options[@]}" --out "$work/one" --json
expect_equal 'its record' "$(json "$out" d)" "$(json "$work/one/run.json" d)"
expect_equal 'its files' "$(sums "$work/one")" "$before"
model=$(sha256sum <"$work/one/model.safetensors")
run "${options[@]}" --out "$work/one" --force
expect_code 0
expect_out '^stored '
expect_equal 'the same weights' "$(sha256sum <"$work/one/model.safetensors")" "$model"

# What only measures is no other recipe: it is measured, to the same weights, beside what was measured before.
run "${options[@]}" --out "$work/one" --test-each-epoch
run "${options[@]}" --out "$work/one" --diagnose
expect_code 0
expect_equal 'both' "$(json "$work/one/run.json" "['diagnosis' in d['epochs'][0], 'test_loss' in d['epochs'][0], d['identity'] != '']")" '[True, True, True]'
expect_equal 'the same weights' "$(sha256sum <"$work/one/model.safetensors")" "$model"
run "${options[@]}" --out "$work/one" --diagnose
expect_out '^nothing was trained'

run "${options[@]}" --lr 0.002 --out "$work/one" --force
expect_code 0
expect_equal 'replaced' "$(json "$work/one/run.json" "d['options']['lr']")" 0.002
expect_equal 'files' "$(ls -A "$work/one")" "$(printf 'history.csv\nmodel.safetensors\nrun.json')"

# A run that diverged says so again.
run "${options[@]}" --optimizer sgd --decay 1e9 --epochs 5 --out "$work/late"
expect_code 4
run "${options[@]}" --optimizer sgd --decay 1e9 --epochs 5 --out "$work/late"
expect_code 4
expect_out 'late: the run is diverged'

# ------------------------------------------------------------------------------------------------------- several runs

run "${options[@]}" --runs 3 --out "$work/three"
expect_code 0
mkdir "$work/three/notes" # of the user
before=$(sums "$work/three")
refused 2 'three: holds another run already \(runs.json: finished, mean test accuracy' "${options[@]}" --runs 2 --out "$work/three"
refused 2 'three: holds another run already' "${options[@]}" --out "$work/three"
run "${options[@]}" --runs 3 --out "$work/three"
expect_code 0
expect_out 'three/runs.json is its record$'
expect_equal 'its files' "$(sums "$work/three")" "$before"
run "${options[@]}" --runs 2 --out "$work/three" --force
expect_code 0
expect_equal 'no run of the earlier call' "$(ls "$work/three")" "$(printf 'notes\nrun-01\nrun-02\nruns.csv\nruns.json')"
rm "$work/three/runs.json"
mkdir "$work/three/run-07"
cp "$work/three/run-01/"* "$work/three/run-07"
refused 2 'three/run-07: is a run of an earlier call' "${options[@]}" --runs 2 --out "$work/three"
run "${options[@]}" --out "$work/three/run-07" --json
expect_code 0
run "${options[@]}" --runs 2 --out "$work/three" --force
judge 'run-07 is gone' [ ! -e "$work/three/run-07" ]
run "${options[@]}" --out "$work/three" --force
expect_code 0
expect_equal 'a single run' "$(ls "$work/three")" "$(printf 'history.csv\nmodel.safetensors\nnotes\nrun.json')"
run "${options[@]}" --folds 2 --out "$work/three" --force
expect_equal 'folds' "$(ls "$work/three")" "$(printf 'fold-0\nfold-1\nnotes\nruns.csv\nruns.json')"

# ------------------------------------------------------------------------------------------------------------ studies

study()
{
    printf 'study: %s\nbase: {data: %s, arch: "%s", epochs: 1, train-limit: 640}\nexperiments: [{name: a}]\n' "$1" "$data" "$small" >"$work/$1.yaml"
    run study run "$work/$1.yaml" --quiet "${@:2}"
}
study alpha --out "$work/alpha"
expect_code 0
refused 2 'alpha: holds a study \(lenet.db\); take another --out' "${options[@]}" --out "$work/alpha"
refused 2 'alpha: holds a study' "${options[@]}" --runs 2 --out "$work/alpha" --force
study beta --out "$work/alpha"
expect_code 2
expect_err 'alpha: holds the report of another study \(alpha\); take another --out$'
study beta --db "$work/alpha/lenet.db" --out "$work/beta"
expect_code 0
run report --db "$work/alpha/lenet.db" --study "$work/alpha.yaml" --out "$work/beta"
expect_code 2
expect_err 'beta: holds the report of another study \(beta\); take another --out$'
run report --db "$work/alpha/lenet.db" --study "$work/beta.yaml" --out "$work/beta"
expect_code 0
study alpha --out "$work/one"
expect_code 2
expect_err 'one: holds a run of lenet train \(run.json\); take another --out$'
run "${options[@]}" --out "$work/own" --db "$work/own/lenet.db"
mkdir -p "$work/own" && run "${options[@]}" --out "$work/own" --db "$work/own/lenet.db"
run "${options[@]}" --out "$work/own" --db "$work/own/lenet.db"
expect_code 0

# ------------------------------------------------------------------------------------------------------- one owner

"$LENET" "${options[@]}" --epochs 100000 --out "$work/owned" 2>/dev/null >&2 &
owner=$!
until [ -e "$work/owned/recipe.json" ]; do sleep 0.05; done
for more in '' '--seed 2' '--force' '--runs 2'; do
    # shellcheck disable=SC2086 # words
    run "${options[@]}" --epochs 100000 $more --out "$work/owned"
    expect_code 5
    expect_err "owned: another lenet trains into this folder \\(process $owner on .+\\); wait for it, or take another --out$"
done
run train --resume "$work/owned"
expect_code 5
kill -KILL $owner
wait $owner 2>/dev/null
judge 'what a killed owner left' [ -e "$work/owned/.lenet.lock" ]
run "${options[@]}" --lr 0.002 --out "$work/owned"
expect_code 2
expect_err 'owned: holds another run, which is not finished; continue it: lenet train --resume .*owned, or replace it with --force$'
run "${options[@]}" --out "$work/owned" --force
expect_code 0
expect_equal 'files' "$(ls -A "$work/owned")" "$(printf 'history.csv\nmodel.safetensors\nrun.json')"
touch "$work/owned/.lenet.lock" # of a process that was killed at its very end
run train --resume "$work/owned"
expect_code 0
expect_equal 'no lock is left' "$(ls -A "$work/owned")" "$(printf 'history.csv\nmodel.safetensors\nrun.json')"

"$LENET" "${options[@]}" --epochs 100000 --runs 2 --out "$work/members" 2>/dev/null >&2 &
owner=$!
until [ -e "$work/members/run-01/.lenet.lock" ]; do sleep 0.05; done
run "${options[@]}" --out "$work/members/run-01"
expect_code 5
expect_err "run-01: another lenet trains into this folder"
kill -KILL $owner
wait $owner 2>/dev/null

finish
