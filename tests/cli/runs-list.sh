#!/bin/bash
# SPDX-License-Identifier: MIT
#
# runs-list.sh - `lenet runs list` says in what runs differ, groups, sorts and filters them by their settings; and a report is made of a database
# alone, where the images that its runs learned have moved.
#
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
command -v python3 >/dev/null || skip "no python3 to make images with"
db=$work/lenet.db
python3 "$here/photos.py" "$work/photos" 1 bag=bag:12 shirt=shirt:12

# learn DATA SEED OPTION...
learn() { run train --data "$1" --db "$db" --epochs 1 --quiet --seed "${@:2}" && expect_code 0; }
for seed in 1 2; do
    learn "$work/photos@28x28" $seed --arch lenet5
    learn "$work/photos@28x28" $seed --arch lenet5-valid
    learn "$work/photos@32x32" $seed --arch lenet5-valid --lr 0.01 --batch 8
done

# list PYTHON ARGUMENT...: the value of an expression over the list.
list() { run runs list --db "$db" --json "${@:2}" && json "$out" "$1"; }
ids="[r['id'] for r in d]"

# With images of 28 x 28 the two are different networks, with others they are one.
expect_equal 'what was chosen' "$(list "[r['choices'].split(',')[0] for r in d if r['seed'] == 1]")" \
    "['epochs 1', 'arch lenet5-valid', 'batch 8']"
run runs list --db "$db"
expect_code 0
expect_out 'arch lenet5-valid, epochs 1'
run runs show "arch lenet5-valid, epochs 1, seed 2" --db "$db" --json
expect_code 0
expect_equal 'the same name finds the run' "$(json "$out" "d['id']")" 5
run runs list --db "$db" --csv
expect_code 0
judge 'no column of ours in the table' eval '! head -1 "$out" | grep -q is_28'

# Filters by the names of settings and of columns, or in SQL.
expect_equal 'lr=0.01' "$(list "$ids" --where lr=0.01)" '[3, 6]'
expect_equal 'arch=lenet5' "$(list "$ids" --where arch=lenet5)" '[1, 3, 4, 6]'
expect_equal 'arch=lenet5-valid' "$(list "$ids" --where arch=lenet5-valid)" '[2, 3, 5, 6]'
expect_equal 'arch!=lenet5' "$(list "$ids" --where 'arch != lenet5')" '[2, 5]'
expect_equal 'two conditions' "$(list "$ids" --where 'batch >= 8 and seed=2')" '[4, 5, 6]'
expect_equal 'a setting with a hyphen' "$(list "$ids" --where 'val-split<0.05')" '[]'
expect_equal 'SQL' "$(list "$ids" --where "seed IN (2, 3) AND recipe ->> 'lr' > 0.005")" '[6]'
expect_equal 'a word in quotes' "$(list "$ids" --where "optimizer='adam' and lr=0.01")" '[3, 6]'
expect_equal 'text' "$(list "$ids" --where optimizer=adam | head -c 4)" '[1, '
refused 2 'no such column: colour' runs list --db "$db" --where colour=red

# Order.
expect_equal 'by a setting' "$(list "$ids" --sort -lr)" '[3, 6, 1, 2, 4, 5]'
expect_equal 'by a column' "$(list "$ids" --sort seed)" '[1, 2, 3, 4, 5, 6]'
expect_equal 'by a result' "$(list "[r['test_accuracy'] for r in d] == sorted((r['test_accuracy'] for r in d), reverse=True)" --sort -test_accuracy)" True
refused 2 '--sort sead: neither a column of the list nor a setting; did you mean seed' runs list --db "$db" --sort sead

# Groups: runs that differ in the seed alone.
list "$ids" >/dev/null
expected=$(json "$out" "[round(sum(r['test_accuracy'] for r in d if r['choices'] == c) / 2, 12) for c in [d[0]['choices'], d[1]['choices'], d[2]['choices']]]")
expect_equal 'means' "$(list "[round(r['test_accuracy'], 12) for r in d]" --group)" "$expected"
expect_equal 'their numbers' "$(list "[r['runs'] for r in d]" --group)" '[2, 2, 2]'
run runs list --db "$db" --group
expect_out '^runs  data .* mean test %  deviation'

# No run has its header.
run runs list --db "$db" --where lr=7
expect_code 0
expect_out '^run  identity'
run runs list --db "$db" --where lr=7 --csv
expect_code 0
expect_out '^id,identity,data,state,'
expect_equal 'lines' "$(wc -l <"$out")" 1
expect_equal 'JSON' "$(list d --where lr=7)" '[]'

# A report of own images that have moved, from the database alone: the same as before.
cat >"$work/own.yaml" <<YAML
study: own
base: {data: photos, arch: "dense:8,relu,dense:2", epochs: 2}
seeds: 2
experiments:
  - name: rates
    grid: {lr: [0.001, 0.01]}
    show:
      - table: {}
      - confusion: {point: "lr 0.001"}
YAML
# shellcheck disable=SC2164 # the folder is there
cd "$work"
run study run own.yaml --out own
expect_code 0
mv photos elsewhere
run report --study own.yaml --db own/lenet.db --out again
expect_code 0
expect_no_err
for file in report.html report.md results.json; do
    judge "$file is the same" cmp -s "own/$file" "again/$file"
done
run study run own.yaml --out own
expect_code 2
expect_err 'data photos: neither a data set'
finish
