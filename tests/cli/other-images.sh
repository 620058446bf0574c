#!/bin/bash
# SPDX-License-Identifier: MIT
#
# other-images.sh - predictions in a database are compared with the labels of the test images that they are of, and no
# others; names of classes are those of the data at hand, and `lenet runs diff` says where they differ.
#
# ctest: timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
command -v python3 >/dev/null || skip "no python3 to make images with"
photos() { python3 "$here/photos.py" "$@"; }

# study FOLDER: two learning rates compared on its images.
study()
{
    cat <<YAML
study: rates
base: {data: $1, arch: "dense:3", epochs: 20, batch: 4}
experiments:
  - name: rates
    grid: {lr: [0.01, 0.02]}
    show:
      - compare: {baseline: lr 0.01}
      - confusion: {point: lr 0.02}
YAML
}

photos "$work/own" 1 bag=bag:20 shirt=shirt:20 trouser=trouser:20
study "$work/own" >"$work/own.yaml"
db=$work/lenet.db
report() { run report --study "$work/$1.yaml" --db "$db" --out "$work/report-$1" --quiet; }
mcnemar="[p['p_mcnemar'] is not None for s in d['sections'] for i in s['items'] if i['kind'] == 'compare' for p in i['result']]"
run study run "$work/own.yaml" --db "$db" --out "$work/first" --jobs 1 --quiet
expect_code 0
report own
expect_code 0
expect_equal "McNemar's test on the images of the runs" "$(json "$work/report-own/results.json" "$mcnemar")" '[False, True]'

# The same images, of classes with other names: each study has its own names.
mkdir "$work/renamed"
cp -r "$work/own/bag" "$work/renamed/a bag"
cp -r "$work/own/shirt" "$work/renamed/the shirt"
cp -r "$work/own/trouser" "$work/renamed/the trousers"
study "$work/renamed" >"$work/renamed.yaml"
run study run "$work/renamed.yaml" --db "$db" --out "$work/second" --jobs 1 --quiet
expect_code 0
report own
report renamed
expect_equal 'classes of the first' "$(grep -v '^#' "$work/report-own/rates_conf.txt" | wc -l)" 3
judge 'the first has its names' grep -q '^# .*shirt' "$work/report-own/rates_conf.txt"
judge 'not those of the second' [ "$(grep -c 'the shirt' "$work/report-own/rates_conf.txt")" -eq 0 ]
judge 'which the second has' grep -q '^# .*the shirt' "$work/report-renamed/rates_conf.txt"

# Other images in the same place, as many: the predictions are not of them.
rm -r "$work/own"
photos "$work/own" 2 bag=shirt:20 shirt=trouser:20 trouser=bag:20
report own
expect_code 0
expect_equal "no test on other images" "$(json "$work/report-own/results.json" "$mcnemar")" '[False, False]'
judge 'no examples of other images' grep -q 'are not those of the runs' "$work/report-own/report.md"

# Runs on data with other classes say so.
photos "$work/others" 3 cap=bag:20 gown=shirt:20 hose=trouser:20
run train --data "$work/others" --arch dense:3 --epochs 1 --quiet --db "$db"
expect_code 0
last=$(sed -n 's/^database .* run //p' "$out")
run runs diff 1 "$last" --db "$db" --json
expect_equal 'classes that differ' "$(json "$out" "[(r['a'], r['b']) for r in d if r['key'] == 'class_names']")" \
    "[(['bag', 'shirt', 'trouser'], ['cap', 'gown', 'hose'])]"
run runs diff 1 2 --db "$db" --json
expect_equal 'classes that do not' "$(json "$out" "[r for r in d if r['key'] == 'class_names']")" '[]'
run runs diff 1 "$last" --db "$db"
expect_out '^run +class_names +\["bag", "shirt", "trouser"\]'

finish
