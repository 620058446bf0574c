#!/bin/bash
# SPDX-License-Identifier: MIT
#
# models.sh - the weights that runs of a database keep, as files beside it: whose they are, when they go, and who takes them.
#
# ctest: timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data fashion-mnist mnist
from=$(json "$out" "d['data']['$data']")
"$root/tests/few-images" "$from" "$work/few" 300 100 || skip "no plain or gzip files of $data"

# Experiment b shares a recipe with a, whose runs are trained once; the last recipe holds nothing out.
cat >"$work/tiny.yaml" <<YAML
study: tiny
base: {data: mnist, arch: "$small", epochs: 2}
seeds: 3
experiments:
  - {name: a, grid: {lr: [0.001, 0.002]}}
  - {name: b, grid: {lr: [0.002, 0.004]}, seeds: 2}
  - {name: c, base: {val-split: 0, keep-best: none}}
YAML
study=(study run "$work/tiny.yaml" --data-dir "$work/few" --quiet)
db=$work/lenet.db
models() { find "$1.models" -type f -printf '%f\n' 2>/dev/null | sort; }
# best DATABASE: the files of the best runs, by the rule of docs/studies.md.
best()
{
    python3 - "$1" <<'PYTHON'
import json, sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute("""SELECT identity, recipe, coalesce((SELECT val_accuracy FROM epoch
    WHERE run = run.id AND epoch = best_epoch), test_accuracy) FROM run WHERE state = 'finished'""").fetchall()
runs = [(i, json.loads(r), s) for i, r, s in rows]
points = [(lr, split, seeds) for lr, split, seeds in ((0.001, 1, 3), (0.002, 1, 3), (0.002, 1, 2), (0.004, 1, 2), (0.001, 0, 3))]
kept = set()
for lr, split, seeds in points:
    of = [(-s, r["seed"], i) for i, r, s in runs if r["lr"] == lr and (r["val_split"] > 0) == split and r["seed"] <= seeds]
    kept.add(min(of)[2])
print("\n".join(sorted(i + ".safetensors" for i in kept)))
PYTHON
}

run "${study[@]}" --db "$db" --jobs 2
expect_code 0
expect_equal 'the best of each recipe' "$(models "$db")" "$(best "$db")"
run "${study[@]}" --db "$work/one.db" --jobs 1
expect_equal 'however many side by side' "$(models "$work/one.db")" "$(models "$db")"
cp "$db" "$work/copy.db"
run "${study[@]}" --db "$work/copy.db"
expect_out '11 of 11 runs done: 0 trained'
judge 'a copy without models' [ ! -e "$work/copy.db.models" ]
run "${study[@]}" --db "$work/all.db" --keep-models all
expect_equal 'all' "$(models "$work/all.db" | wc -l)" 11
run "${study[@]}" --db "$work/none.db" --keep-models none
judge 'none' [ ! -e "$work/none.db.models" ]
refused 2 'keep-models' "${study[@]}" --db "$work/none.db" --keep-models some
same="SELECT identity, weights_sha256, kept_weights_sha256 FROM run ORDER BY identity"
rows() { python3 -c 'import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall())' "$1" "$same"; }
expect_equal 'the same results' "$(rows "$work/none.db")" "$(rows "$db")"

# A model is that of its row, and that of `lenet train`, byte for byte.
file=$(models "$db" | head -n 1)
run eval "$db.models/$file" --data-dir "$work/few" --json
expect_equal 'its weights' "$(json "$out" "d['weights_sha256']")" \
    "$(python3 -c 'import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute("SELECT kept_weights_sha256 FROM run WHERE identity = ?", (sys.argv[2],)).fetchone()[0])' "$db" "${file%.safetensors}")"
run train --data mnist --data-dir "$work/few" --arch "$small" --epochs 2 --seed 1 --lr 0.001 --quiet --out "$work/out" --db "$work/train.db"
judge 'the same file' cmp "$work/out/model.safetensors" "$work/all.db.models/$(models "$work/train.db")"

# What another call kept stays; what is deleted goes with gc.
sed 's/^seeds: 3/seeds: 4/' "$work/tiny.yaml" >"$work/more.yaml"
run study run "$work/more.yaml" --data-dir "$work/few" --quiet --db "$work/all.db"
expect_code 0
judge 'all of before' [ "$(models "$work/all.db" | wc -l)" -ge 11 ]
python3 -c 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute("DELETE FROM run WHERE identity = ?", (sys.argv[2],)); d.commit()' \
    "$db" "${file%.safetensors}"
run runs gc --db "$db"
judge 'its model is gone' [ ! -e "$db.models/$file" ]
judge 'others are not' [ "$(models "$db" | wc -l)" -ge 3 ]

finish
