#!/bin/bash
# SPDX-License-Identifier: MIT
#
# runs.sh - `lenet runs`: what a database of runs says of them, for people and for machines; and what nobody will go on with goes.
#
# ctest: timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data fashion-mnist mnist
from=$(json "$out" "d['data']['$data']")
"$root/tests/few-images" "$from" "$work/few" 300 100 || skip "no plain or gzip files of $data"

cat >"$work/tiny.yaml" <<YAML
study: tiny
base: {data: mnist, arch: "$small", epochs: 2, test-each-epoch: true}
experiments:
  - {name: a, grid: {lr: [0.001, 0.002]}, seeds: [3]}
  - {name: b, base: {loss: gce, diagnose: true}, seeds: [3]}
YAML
db=$work/lenet.db
run study run "$work/tiny.yaml" --data-dir "$work/few" --db "$db" --jobs 1 --quiet
expect_code 0

run runs list --db "$db"
expect_code 0
expect_plain
expect_out '^run +identity +data +state +seed +epochs +kept +test % +seconds$'
expect_out '^     other than the defaults$'
expect_equal 'a run and its recipe' "$(grep -A 1 '^ *2 .* finished *3 *2 ' "$out" | tail -n 1 | sed 's/arch maxpool:4.*, ep/ep/')" '     epochs 2, lr 0.002'
run runs list --db "$db" --json
expect_equal 'a list' "$(json "$out" "[(r['id'], r['seed'], r['recipe']['loss'], len(r['identity'])) for r in d]")" \
    "[(1, 3, 'cross-entropy', 64), (2, 3, 'cross-entropy', 64), (3, 3, 'gce', 64)]"
identity=$(json "$out" "d[2]['identity']")
run runs list --db "$db" --where "recipe ->> 'lr' = 0.002" --csv
# csv KEY...: these columns of what was printed.
csv() { python3 -c 'import csv, sys; print([tuple(r[k] for k in sys.argv[2:]) for r in csv.DictReader(open(sys.argv[1]))])' "$out" "$@"; }
expect_equal 'rows of a question' "$(csv id state epochs)" "[('2', 'finished', '2')]"

run runs show "${identity:0:10}" --db "$db"
expect_code 0
expect_out '^  loss +gce$'
expect_out '^ +2 +0.001 '
run runs show 3 --db "$db" --json
expect_equal 'one run' "$(json "$out" "[len(d['epoch_list']), len(d['layers']), sum(c['count'] for c in d['confusion']), d['measured']]")" \
    "[2, 6, 100, ['test_each_epoch', 'diagnose']]"

run runs diff 1 2 --db "$db"
expect_out '^recipe +lr +0.001 +0.002$'
run runs diff 1 3 --db "$db" --json
expect_equal 'differences of recipes' "$(json "$out" "[(r['key'], r['a'], r['b']) for r in d if r['of'] == 'recipe']")" "[('loss', 'cross-entropy', 'gce')]"

run runs export --db "$db"
expect_equal 'an export' "$(json "$out" "[len(d), len(d[0]['epoch_list']), d[1]['recipe']['lr']]")" '[3, 2, 0.002]'
run runs export --db "$db" --csv
expect_equal 'an export as CSV' "$(csv lr loss)" \
    "[('0.001', 'cross-entropy'), ('0.002', 'cross-entropy'), ('0.001', 'gce')]"

# What `lenet train` puts there is what a study finds there, and the other way round.
train=(train --data mnist --data-dir "$work/few" --arch "$small" --epochs 2 --quiet)
run "${train[@]}" --lr 0.002 --seed 3 --test-each-epoch --db "$db"
expect_out "^database +$db, run 2$"
run "${train[@]}" --lr 0.004 --seed 3 --test-each-epoch --db "$db"
expect_out "^database +$db, run 4$"
run "${train[@]}" --lr 0.004 --seed 3 --runs 2 --db "$db"
expect_code 0
run runs list --db "$db" --csv
expect_equal 'runs of both' "$(csv id seed epochs)" "[('1', '3', '2'), ('2', '3', '2'), ('3', '3', '2'), ('4', '3', '2'), ('5', '4', '2')]"
sed 's/0.001, 0.002/0.004/' "$work/tiny.yaml" >"$work/more.yaml"
run study plan "$work/more.yaml" --data-dir "$work/few" --db "$db" --json
expect_equal 'runs that are there' "$(json "$out" "[d['runs'], d['done']]")" '[2, 2]'
refused 5 'cannot be opened' "${train[@]}" --db "$work/none/lenet.db"

# The questions of docs/formats.md are answered: an indented block, each ended by a semicolon.
answers=$(sed -n '/Questions worth asking/,/^## /s/^    //p' "$root/docs/formats.md" | python3 -c '
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
print([len(db.execute(sql).fetchall()) > 0 for sql in sys.stdin.read().split(";") if sql.strip()])' "$db" 2>&1)
expect_equal 'questions of docs/formats.md' "$answers" '[True, True, True, True, True, True]'

# gc takes what is dead, and its checkpoint, and nothing else.
python3 - "$db" <<'PYTHON'
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("INSERT INTO run (identity, recipe, state, owner, version, claimed) VALUES (?, '{}', 'running', NULL, '0', '2026-01-01T00:00:00Z')", ("d" * 64,))
db.commit()
os.mkdir(sys.argv[1] + ".checkpoints")
open(sys.argv[1] + ".checkpoints/" + "d" * 64, "w").close()
PYTHON
run runs list --db "$db"
expect_out ' stopped '
run runs gc --db "$db" --days 1000000
expect_out '^0 failed or abandoned runs removed'
judge 'its checkpoint is there' [ -e "$db.checkpoints" ]
run runs gc --db "$db"
expect_out '^1 failed or abandoned run removed'
judge 'its checkpoint is not' [ ! -e "$db.checkpoints" ]
run runs list --db "$db" --json
expect_equal 'what is left' "$(json "$out" 'len(d)')" 5

refused 5 'none.db: No such file' runs list --db "$work/none.db"
refused 5 'none.db: No such file' runs gc --db "$work/none.db"
judge 'no database was made' [ ! -e "$work/none.db" ]

# A database without the column of a newer metric: readers name the command that adds it.
cp "$db" "$work/older.db"
python3 -c 'import sqlite3, sys
sqlite3.connect(sys.argv[1]).executescript("UPDATE run SET proof = NULL; ALTER TABLE epoch RENAME COLUMN after_loss TO other")' "$work/older.db"
refused 3 "older.db: of an older lenet .*'lenet runs gc'" runs list --db "$work/older.db"
run runs gc --db "$work/older.db"
expect_code 0
run runs list --db "$work/older.db"
expect_code 0
refused 3 "no run is called '77'" runs show 77 --db "$db"
refused 2 'no such column: nonsense' runs list --where nonsense --db "$db"
refused 2 'one of them' runs list --json --csv --db "$db"
refused 2 'an argument is missing' runs diff 1 --db "$db"
refused 2 'did you mean export' runs exprot

finish
