#!/bin/bash
# SPDX-License-Identifier: MIT
#
# train-db.sh - `lenet train --db`: a run is claimed before it is trained, one that is there is not trained again, and what could not be
# stored is kept until it is.
#
# ctest: timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data fashion-mnist mnist
from=$(json "$out" "d['data']['$data']")
"$root/tests/few-images" "$from" "$work/few" 300 100 || skip "no plain or gzip files of $data"
db=$work/runs.db
train=(train --data mnist --data-dir "$work/few" --arch "$small" --epochs 2 --quiet --db "$db")
# sql SQL: does it, and prints the rows.
sql() { python3 -c 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); print(d.execute(sys.argv[2]).fetchall()); d.commit()' "$db" "$1"; }

essence="[d[k] for k in ('weights_sha256', 'kept_weights_sha256', 'test_accuracy', 'best_epoch', 'identity')]"
run "${train[@]}" --json
expect_code 0
first=$(json "$out" "$essence")
judge 'no checkpoint is left' [ ! -e "$db.checkpoints" ]
before=$(sql 'SELECT claimed, ended, seconds FROM run')
run "${train[@]}"
expect_code 0
expect_no_err
expect_out '^test accuracy +[0-9.]+ %'
expect_out '^trained +earlier; nothing was trained now \(--force trains again\)$'
expect_out "^database +$db, run 1$"
run "${train[@]}" --json
expect_equal 'its result' "$(json "$out" "$essence")" "$first"
expect_equal 'its row' "$(sql 'SELECT claimed, ended, seconds FROM run')" "$before"
run "${train[@]}" --force
expect_out '^speed '
judge 'trained again' [ "$(sql 'SELECT claimed, ended, seconds FROM run')" != "$before" ]
expect_equal 'to the same weights' "$(sql 'SELECT weights_sha256 FROM run')" "[('$(python3 -c "print(${first}[0])")',)]"

# A folder that has no results yet gets them, from the rows and the weights that were kept; one that has them is left as it is. Where the
# weights are gone, the run is trained once more for the folder, and its row stays.
"$LENET" train --data mnist --data-dir "$work/few" --arch "$small" --epochs 2 --quiet --out "$work/plain" >"$work/log"
run "${train[@]}" --out "$work/out"
expect_code 0
expect_out '^trained +earlier; nothing was trained now'
expect_out '^stored +.*out/model.safetensors$'
judge 'the model beside the database' cmp "$work/out/model.safetensors" "$(echo "$db.models"/*)"
expect_equal 'its record' "$(json "$work/out/run.json" "$essence")" "$first"
expect_equal 'its history' "$(cut -d, -f 1,4- "$work/out/history.csv")" "$(cut -d, -f 1,4- "$work/plain/history.csv")"
run "${train[@]}" --out "$work/out"
expect_out '^nothing was trained'
mv "$db.models" "$work/models"
before=$(sql 'SELECT claimed, ended, seconds FROM run')
run "${train[@]}" --out "$work/again"
expect_out '^speed '
judge 'the same model' cmp "$work/again/model.safetensors" "$work/out/model.safetensors"
expect_equal 'its row stays' "$(sql 'SELECT claimed, ended, seconds FROM run')" "$before"
run train --data mnist --data-dir "$work/few" --arch "$small" --epochs 2 --db "$db" --out "$work/shown"
expect_out '^confusion matrix'
mv "$work/models" "$db.models"
run "${train[@]}" --runs 2 --out "$work/two" --json
expect_equal 'a folder for each of several' "$(ls "$work/two/run-01")" "$(ls "$work/plain")"
judge 'the model of the first, which is there' cmp "$work/two/run-01/model.safetensors" "$work/out/model.safetensors"

# Of several runs only those are trained that are not there.
run "${train[@]}" --runs 3 --json
expect_code 0
expect_equal 'all of them' "$(json "$out" "[r['weights_sha256'] for r in d['runs']]" | tr -d '[] ')" \
    "$(sql 'SELECT weights_sha256 FROM run ORDER BY seed' | tr -d '[]() ' | sed 's/,,/,/g; s/,$//')"
run "${train[@]}" --runs 3
expect_out '^database|^seeds|runs'
expect_equal 'three runs' "$(sql 'SELECT count(*) FROM run')" '[(3,)]'

# A run of another process is not trained twice: one that holds the byte of its token (docs/formats.md).
python3 - "$db" "$work/owned" <<'PYTHON' &
import fcntl, struct, sys, time
database = open(sys.argv[1], "r+b")
fcntl.fcntl(database, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, (1 << 61) + 0x123, 1, 0))  # F_OFD_SETLK
open(sys.argv[2], "w").close()
time.sleep(600)
PYTHON
other=$!
until [ -e "$work/owned" ]; do sleep 0.05; done
sql "UPDATE run SET proof = NULL, state = 'running', owner = 'elsewhere:1:0000000000001230' WHERE id = 1" >"$work/log"
run "${train[@]}"
expect_code 5
expect_err 'runs.db: run 1 is being trained by another process'
kill "$other"
wait "$other" 2>/dev/null
run runs list --db "$db"
expect_out '^ *1 .* stopped '
sql "UPDATE run SET state = 'finished', owner = NULL WHERE id = 1" >"$work/log"

# One that diverged says so, and is not trained again.
run "${train[@]}" --optimizer sgd --lr 1e9
expect_code 4
run "${train[@]}" --optimizer sgd --lr 1e9
expect_code 4
expect_err 'diverged'

# A result that cannot be stored is kept beside the database, and the same command stores it.
sql "CREATE TRIGGER shut BEFORE UPDATE OF weights_sha256 ON run BEGIN SELECT RAISE(ABORT, 'shut'); END" >"$work/log"
run "${train[@]}" --lr 0.003
judge 'a failure' [ "$code" -ne 0 ]
expect_err 'checkpoints/[0-9a-f]{64}: the same command stores the results, and does not train again$'
sql 'DROP TRIGGER shut' >"$work/log"
sql "CREATE TRIGGER shut BEFORE INSERT ON run BEGIN SELECT RAISE(ABORT, 'shut'); END" >"$work/log"
run "${train[@]}" --lr 0.004 --out "$work/never"
judge 'a failure before training' [ "$code" -ne 0 ]
judge 'nothing was trained' [ ! -e "$work/never" ]
sql 'DROP TRIGGER shut' >"$work/log"
run "${train[@]}" --lr 0.003
expect_code 0
expect_equal 'stored' "$(sql "SELECT state FROM run WHERE recipe ->> 'lr' = 0.003")" "[('finished',)]"
judge 'no checkpoint is left' [ ! -e "$db.checkpoints" ]

# A file whose name SQLite takes for a database in memory is a file.
(cd "$work" && exec "$LENET" "${train[@]/"$db"/:memory:}") >"$out" 2>"$err"
code=$? ran='train --db :memory:'
expect_code 0
run runs list --db "$work/:memory:" --json
expect_equal 'its run' "$(json "$out" "[r['state'] for r in d]")" "['finished']"

finish
