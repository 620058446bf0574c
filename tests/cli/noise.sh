#!/bin/bash
# SPDX-License-Identifier: MIT
#
# noise.sh - label noise from outside: the matrix in the record, the notes and the table, the shares of an epoch, and that a record gives
# the same run again, whatever the threads.
#
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data mnist fashion-mnist

noisy() { run train --data "$data" --arch "$small" --train-limit 400 --epochs 2 "$@"; }

noisy --noise 0.5 --out "$work/a" --threads 1
expect_code 0
expect_out '^label noise, images'
expect_out '^wrong labels +[0-9]+ of 400 training and validation images'
record=$work/a/run.json
expect_equal 'all used images are counted' "$(json "$record" "sum(map(sum, d['noise_matrix']))")" 400
expect_equal 'about half is wrong' "$(json "$record" "abs(sum(d['noise_matrix'][i][i] for i in range(10)) - 200) < 40")" True # 4 standard errors
expect_equal 'shares of an epoch' \
    "$(json "$record" "all(abs(e['noisy_memorised'] + e['noisy_corrected'] + e['noisy_other'] - 1) < 1e-9 for e in d['epochs'])")" True
expect_equal 'shares in the history' "$(cut -d, -f11-14 "$work/a/history.csv" | tail -n +2 | paste -sd' ')" \
    "$(json "$record" "' '.join(','.join(repr(value) for value in list(e.values())[-4:]) for e in d['epochs'])")"
expect_equal 'the matrix in the model' "$(grep -ac '"noise_matrix":"\[\[' "$work/a/model.safetensors")" 1
hash=$(json "$record" "d['weights_sha256']")
test_data=$(json "$record" "d['test_data_sha256']")

run train --config "$record" --threads 3 --json --quiet
expect_equal 'the record gives the run again, with other threads' "$(json "$out" "d['weights_sha256']")" "$hash"
noisy --json --quiet
expect_equal 'no noise, no matrix' "$(json "$out" "(d['noise_matrix'], 'clean_right' in d['epochs'][0])")" '(None, False)'
expect_equal 'test labels are the same with noise and without' "$(json "$out" "d['test_data_sha256']")" "$test_data"
noisy --noise 0.5 --noise-kind pair --noise-draw exact --folds 2 --fold 1 --loss forward --noise-matrix known --json --quiet
expect_code 0
expect_equal 'exact counts' "$(json "$out" "all(abs(d['noise_matrix'][i][i] - d['noise_matrix'][i][(i + 1) % 10]) < 2 for i in range(10))")" True
noisy --noise 0.4 --loss forward --noise-matrix estimate --out "$work/estimate"
expect_code 0
expect_out '^label noise as estimated'
record=$work/estimate/run.json
expect_equal 'rows of the estimate have the sum 1' "$(json "$record" "all(abs(sum(row) - 1) < 1e-5 for row in d['noise_matrix_estimated'])")" True
expect_equal 'the estimate in the model' "$(grep -ac '"noise_matrix_estimated":"\[\[' "$work/estimate/model.safetensors")" 1
hash=$(json "$record" "(d['weights_sha256'], d['noise_matrix_estimated'])")
run train --config "$record" --threads 2 --json --quiet
expect_equal 'the record gives it again' "$(json "$out" "(d['weights_sha256'], d['noise_matrix_estimated'])")" "$hash"
refused 2 'noise-kind pair: how much is missing' train --data "$data" --noise-kind pair
finish
