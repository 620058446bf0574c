#!/bin/bash
# SPDX-License-Identifier: MIT
#
# earlier.sh - files that an earlier commit made are still read, and give the same bits: a model, the record of a run, a
# run that was stopped, and a database. tests/fixtures/README.md says how they were made.
#
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data mnist
kept=$root/tests/fixtures/0.1.0-bd8d606
from=$(json "$out" "d['data']['$data']")

cd "$work" || exit 1
"$root/tests/few-images" "$from" few/mnist 300 100 || skip "no plain or gzip files of $data"
cp -r "$kept/." .

# A model.
run eval run/model.safetensors --data mnist --data-dir few --json
expect_code 0
expect_equal 'accuracy of the model' "$(json "$out" "d['accuracy']")" "$(json run/run.json "d['test_accuracy']")"

# The record of a run is a recipe.
run train --config run/run.json --out again --quiet
expect_code 0
for key in weights_sha256 kept_weights_sha256; do
    expect_equal "$key" "$(json again/run.json "d['$key']")" "$(json run/run.json "d['$key']")"
done

# A run that was stopped goes on, to the bits of one that was not.
run train --resume unfinished --quiet
expect_code 0
expect_equal 'weights of the resumed run' "$(json unfinished/run.json "d['weights_sha256']")" \
    4add3fb138c7aaae5c2368d7716fd446df2a54ccd339cbe95050c8489f269a2f

# A database: its runs are known, and none is trained again.
run runs list --db study.db
expect_code 0
run study run tiny.yaml --data-dir few --db study.db --out study
expect_code 0
expect_out '4 of 4 runs done: 0 trained in .* 4 were there'

finish
