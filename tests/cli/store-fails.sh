#!/bin/bash
# SPDX-License-Identifier: MIT
#
# store-fails.sh - a database that cannot be used: full disk, read-only disk, locked, damaged, of a newer version, not one at all. Each is
# said in one line with the exit code that docs/lenet.1 gives it, and what was stored before is there afterwards.
#
# ctest: timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data fashion-mnist mnist
from=$(json "$out" "d['data']['$data']")
"$root/tests/few-images" "$from" "$work/few" 300 100 || skip "no plain or gzip files of $data"

cat >"$work/tiny.yaml" <<YAML
study: tiny
base: {data: mnist, arch: "$small", epochs: 2}
seeds: 3
experiments: [{name: a}]
YAML
sed 's/seeds: 3/seeds: 400/' "$work/tiny.yaml" >"$work/many.yaml"
study=("$work/tiny.yaml" --data-dir "$work/few" --jobs 1 --quiet)
many=("$work/many.yaml" --data-dir "$work/few" --jobs 1 --quiet)

# sql DATABASE SQL: does it, and prints the first value of each row.
sql() { python3 -c 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); [print(r[0]) for r in d.execute(sys.argv[2])]; d.commit()' "$@"; }
results() { sql "$1" "SELECT identity || weights_sha256 FROM run WHERE state = 'finished' ORDER BY identity"; }

db=$work/good.db
run study run "${study[@]}" --db "$db"
expect_code 0
reference=$(results "$db")

# one_line CODE PATTERN: it ended so and said why; what else is on stderr is how to go on.
said()
{
    expect_code "$1"
    expect_err "^lenet: .*$2"
    judge 'no more than two lines on stderr' [ "$(wc -l <"$err")" -le 2 ]
}

# ------------------------------------------------------------------------------------------------ not what it should be

cp "$db" "$work/newer.db"
sql "$work/newer.db" 'PRAGMA user_version = 99'
for command in "study run ${study[*]}" "study plan $work/tiny.yaml --data-dir $work/few" "runs list" "runs gc"; do
    # shellcheck disable=SC2086 # several words
    run $command --db "$work/newer.db"
    said 3 'newer.db: made by a newer lenet \(schema 99, this one knows up to [0-9]+\); update lenet, or name another file'
done
sql "$work/newer.db" 'PRAGMA user_version = 2' >"$work/log"
expect_equal 'what a newer one holds' "$(results "$work/newer.db")" "$reference"

echo 'a letter, and not a short one, to somebody who is not expecting it' >"$work/letter.db"
cp "$work/letter.db" "$work/letter"
run study run "${study[@]}" --db "$work/letter.db"
said 3 'letter.db: not a database of runs'
judge 'the letter is as it was' cmp -s "$work/letter" "$work/letter.db"
sql "$work/other.db" 'CREATE TABLE addresses (name TEXT)'
run study run "${study[@]}" --db "$work/other.db"
said 3 'other.db: a database, but not one of runs'

cp "$db" "$work/damaged.db"
dd if=/dev/zero of="$work/damaged.db" bs=4096 seek=1 count=4 conv=notrunc status=none
run study run "${study[@]}" --db "$work/damaged.db"
said 3 'damaged.db: damaged'
run runs list --db "$work/damaged.db"
said 3 'damaged.db: damaged'

run study run "${study[@]}" --db "$work/none/lenet.db"
said 5 'none/lenet.db: cannot be opened: No such file'
run study run "${study[@]}" --db "$work"
said 5 'cannot be opened'

# ---------------------------------------------------------------------------------------------------------------- locked

python3 - "$db" "$work/locked" <<'PYTHON' &
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
open(sys.argv[2], "w").close()
time.sleep(2)
db.execute("COMMIT")
PYTHON
until [ -e "$work/locked" ]; do sleep 0.05; done
run study run "${study[@]}" --db "$db"
expect_code 0
expect_out '3 of 3 runs done: 0 trained'
wait

# ------------------------------------------------------------------------------------------------------- full, read-only

# What came of a study on a full disk: nothing that was stored is lost, and with room it goes on.
judge_full()
{
    said 5 "$1"
    expect_equal 'a sound database' "$(sql "$2" 'PRAGMA integrity_check')" ok
    local finished
    finished=$(sql "$2" "SELECT count(*) FROM run WHERE state = 'finished'")
    judge "runs were finished before ($finished)" [ "$finished" -gt 3 ]
    judge 'and not all' [ "$finished" -lt 400 ]
    expect_equal 'what they gave' "$(results "$2" | grep -Fxc "$reference")" 3
    sql "$2" 'SELECT count(*) FROM run' >"$work/log"
    run study run "${study[@]}" --db "$2"
    expect_code 0
}

(
    trap '' XFSZ
    ulimit -f 200 # in blocks of 1024 bytes
    exec "$LENET" study run "${many[@]}" --db "$work/limited.db" >"$out" 2>"$err"
)
code=$?
ran='study run, with files of at most 200 KiB'
judge_full 'limited.db: .*what was stored before is safe' "$work/limited.db"

if unshare -rm mount -t tmpfs -o size=64k tmpfs "$work/few" 2>/dev/null; then
    mkdir "$work/disk"
    cat >"$work/full.sh" <<'SH'
mount -t tmpfs -o size=400k tmpfs "$DISK" || exit 77
"$@" >"$OUT" 2>"$ERR"
code=$?
cp "$DISK"/lenet.db* "$COPY"
mount -o remount,ro "$DISK"
"$LENET" study run "$STUDY" --data-dir "$FEW" --jobs 1 --quiet --db "$DISK/lenet.db" >/dev/null 2>"$COPY/read-only"
echo $? >>"$COPY/read-only"
"$LENET" runs list --db "$DISK/lenet.db" >"$COPY/list" 2>&1
exit $code
SH
    mkdir "$work/copy"
    DISK=$work/disk OUT=$out ERR=$err COPY=$work/copy STUDY=$work/tiny.yaml FEW=$work/few \
        unshare -rm sh "$work/full.sh" "$LENET" study run "${many[@]}" --db "$work/disk/lenet.db"
    code=$?
    ran='study run, on a full disk'
    rm -rf "$work/copy/lenet.db.checkpoints"
    judge_full 'disk/lenet.db: .*no room left on the disk|No space left on device' "$work/copy/lenet.db"
    ran='study run, on a read-only disk'
    cp "$work/copy/read-only" "$err"
    expect_err 'lenet.db: (may not be written|cannot be opened)'
    expect_equal 'exit code on a read-only disk' "$(tail -n 1 "$work/copy/read-only")" 5
else
    echo 'no disk of our own can be mounted here, so none is filled, and none is read-only'
fi

finish
