#!/bin/bash
# SPDX-License-Identifier: MIT
#
# export.sh - the drawing page of a model: it gives the classes and probabilities of the library, on all test images of MNIST, of each kind of
# layer, and on what is drawn; it loads nothing; names are text.
#
# ctest: heavy timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data mnist
judge="$root/tests/cli/export.py"
model=$work/run/model.safetensors
page=$work/digit.html

run train --data mnist --epochs 1 --out "$work/run" --quiet
expect_code 0
run export html "$model" --out "$page"
expect_code 0
expect_no_out
expect_no_err
run export html "$model"
judge 'without --out the same page on stdout' cmp -s "$out" "$page"
expect_equal 'under 1 MB' "$(($(wc -c <"$page") < 1000000))" 1
refused 2 'this is the model itself' export html "$model" --out "$model"
refused 3 'safetensors' export html "$page" --out "$work/x.html"
refused 5 'missing' export html "$model" --out "$work/missing/x.html"
refused 2 'unknown' export pdf "$model"

python3 -c 'import sys; sys.path.insert(0, sys.argv[1]); import browser; sys.exit(not browser.find())' "$root/tests/cli" ||
    skip 'no chromium (tools/install-packages check)'
arch=$(python3 "$judge" models "$work") # that of every.safetensors
for name in every colour hostile; do
    run export html "$work/$name.safetensors" --out "$work/$name.html"
    expect_code 0
done
# Statistics that are not those of an untrained network.
run train --data mnist --arch "$arch" --epochs 1 --train-limit 2000 --normalize per-dataset --out "$work/trained" --quiet
expect_code 0
run export html "$work/trained/model.safetensors" --out "$work/trained.html"
expect_code 0
run export html "$work/trained/model.safetensors" "$model" --out "$work/x.html"
expect_code 2
expect_err 'model 2 has not the architecture of the first'
run train --data mnist --epochs 1 --train-limit 2000 --out "$work/early" --quiet
run export html "$work/early/model.safetensors" "$model" --out "$work/epochs.html"
expect_code 0

# judge_page COMMAND ARGUMENT...
judge_page() { judge "$* should hold" python3 "$judge" "$@"; }
judge_page set "$page" "$model"
accuracy=$(python3 "$judge" set "$page" "$model" | sed -n 's/^accuracy //p')
run eval "$model" --json
expect_equal "the page's accuracy and that of lenet eval" "$accuracy" "$(json "$out" "d['accuracy']")"
judge_page draw "$page" "$model"
judge_page random "$work/every.html" "$work/every.safetensors"
judge_page random "$work/trained.html" "$work/trained/model.safetensors"
judge_page random "$work/colour.html" "$work/colour.safetensors"
judge_page hostile "$work/hostile.html"
judge_page epochs "$work/epochs.html"
sed 's/let sum = bias\[unit\], w/let sum = 2 * bias[unit], w/; s/script-src [^"]*/script-src '"'unsafe-inline'"'/' "$page" >"$work/wrong.html"
judge 'a page that computes something else is found out' [ "$(python3 "$judge" set "$work/wrong.html" "$model" >/dev/null; echo $?)" = 1 ]
finish
