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
row=$(python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("SELECT kept_weights_sha256 FROM run WHERE identity = ?", sys.argv[2:]).fetchone()[0])' \
    "$db" "${file%.safetensors}")
expect_equal 'its weights' "$(json "$out" "d['weights_sha256']")" "$row"
run train --data mnist --data-dir "$work/few" --arch "$small" --epochs 2 --seed 1 --lr 0.001 --quiet --out "$work/out" --db "$work/train.db"
judge 'the same file' cmp "$work/out/model.safetensors" "$work/all.db.models/$(models "$work/train.db")"

# Whoever takes a model takes a run: by its number, the beginning of its identity, or what was chosen.
all=$work/all.db
run runs list --db "$all" --json
id=$(json "$out" "[r['id'] for r in d if r['recipe']['lr'] == 0.002 and r['seed'] == 2][0]")
identity=$(json "$out" "[r['identity'] for r in d if r['id'] == $id][0]")
choices=$(json "$out" "[r['choices'] for r in d if r['id'] == $id][0]")
kept=$(json "$out" "[r['kept_weights_sha256'] for r in d if r['id'] == $id][0]")
for name in "$id" "${identity:0:16}" "$choices, seed 2"; do
    run eval "$name" --db "$all" --data-dir "$work/few" --json
    expect_code 0
    expect_equal "the weights of '$name'" "$(json "$out" "(d['model'], d['weights_sha256'])")" "('$all.models/$identity.safetensors', '$kept')"
    run runs show "$name" --db "$all" --json
    expect_equal "the run '$name'" "$(json "$out" "d['id']")" "$id"
done
held_out=$(json "$out" "[e['val_accuracy'] for e in d['epoch_list'] if e['epoch'] == d['best_epoch']][0]")
run eval "$id" --db "$all" --data-dir "$work/few" --split val --json
expect_code 0
expect_equal 'on what its run held out' "$(json "$out" "d['accuracy']")" "$held_out"
refused 3 "all.db: '$choices' names 3 runs; give the number of one: [0-9]+ \\([0-9a-f]{12}, seed 1\\), $id \\(${identity:0:12}, seed 2\\)" \
    eval "$choices" --db "$all"
refused 3 "no run is called '77'" eval 77 --db "$all"
refused 3 "no run is called '${identity:0:5}'" runs show "${identity:0:5}" --db "$all"
run runs list --db "$work/none.db" # a reader leaves SQLite's files beside it
refused 3 "none.db: run 1 has no weights there .*--keep-models all" eval 1 --db "$work/none.db"
refused 5 'nowhere.db: No such file' eval 1 --db "$work/nowhere.db"
refused 3 "no run is called '77'" predict 77 digit.png --db "$all"
python3 - "$work/digit.png" <<'PYTHON'
import struct, sys, zlib
chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
rows = b"".join(b"\0" + bytes(255 if 12 < x < 16 and 4 < y < 24 else 0 for x in range(28)) for y in range(28))
open(sys.argv[1], "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 28, 28, 8, 0, 0, 0, 0)) +
                              chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
PYTHON
run predict "$id" "$work/digit.png" --db "$all" --json
expect_code 0
cp "$out" "$work/of-run"
run predict "$all.models/$identity.safetensors" "$work/digit.png" --json
expect_equal 'the same prediction' "$(cat "$out")" "$(cat "$work/of-run")"

# Digits alone are a number, also where an identity begins with them; a letter makes them the beginning of one.
cp "$all" "$work/names.db"
python3 -c 'import sqlite3, sys
d = sqlite3.connect(sys.argv[1])
d.execute("UPDATE run SET proof = NULL, identity = ? WHERE id = 2", ("123456ab" + "0" * 56,))
d.execute("UPDATE run SET proof = NULL, identity = ? WHERE id = 3", ("12abcd" + "0" * 58,))
d.execute("UPDATE run SET proof = NULL, id = 123456 WHERE id = 5")
d.execute("UPDATE run SET proof = NULL, id = 12 WHERE id = 6")
d.commit()' "$work/names.db"
for pair in 123456:123456 123456a:2 12abcd:3 12:12; do
    run runs show "${pair%:*}" --db "$work/names.db" --json
    expect_equal "the run '${pair%:*}'" "$(json "$out" "d['id']")" "${pair#*:}"
done

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
