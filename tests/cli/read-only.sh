#!/bin/bash
# SPDX-License-Identifier: MIT
#
# read-only.sh - a database that one may read and not write: its folder, its file, its disk. It is listed, exported and reported, also while a
# killed writer's log is beside it, and nothing is left that locks the owner out. One whose making was cut short is an empty one. A run
# that another PID namespace trains is another's.
#
# ctest: single timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data fashion-mnist mnist
from=$(json "$out" "d['data']['$data']")
"$root/tests/few-images" "$from" "$work/few" 300 100 || skip "no plain or gzip files of $data"
chmod 0755 "$work"

cat >"$work/tiny.yaml" <<YAML
study: tiny
base: {data: mnist, arch: "$small", epochs: 2}
seeds: 2
experiments: [{name: a, show: [table: {}]}]
YAML
study=(study run "$work/tiny.yaml" --data-dir "$work/few" --jobs 1 --quiet)
mkdir "$work/theirs" "$work/mine"
db=$work/theirs/lenet.db
run "${study[@]}" --db "$db"
expect_code 0
run runs export --db "$db"
cp "$out" "$work/export"

# as_reader ARGUMENT...: the program as one who is no administrator and owns nothing here.
if [ "$(id -u)" -ne 0 ]; then
    as_reader() { run "$@"; }
elif command -v setpriv >/dev/null; then
    cp "$LENET" "$work/lenet" # which must be read by all
    as_reader()
    {
        ran="$*, as another user"
        setpriv --reuid 65534 --regid 65534 --clear-groups "$work/lenet" "$@" >"$out" 2>"$err" </dev/null
        code=$?
    }
    chown 65534 "$work/mine"
    as_reader runs list --db "$db"
    [ "$code" -ne 126 ] && [ "$code" -ne 127 ] || skip 'the program cannot be run as another user here'
else
    skip 'an administrator may write everything, and there is no setpriv to be another user'
fi

# is_read WHAT: listed, exported as before and reported, and the folder is as it was.
is_read()
{
    local before
    before=$(cd "$work/theirs" && sha256sum ./* 2>/dev/null; ls "$work/theirs")
    as_reader runs list --db "$db"
    expect_code 0
    expect_no_err
    expect_equal "$1: runs that are listed" "$(grep -c '  *finished ' "$out")" "${2:-2}"
    as_reader runs export --db "$db"
    expect_code 0
    [ -n "${2:-}" ] || judge "$1: the export" cmp -s "$work/export" "$out"
    as_reader report --study "$work/tiny.yaml" --db "$db" --data-dir "$work/few" --out "$work/mine/report" --quiet
    expect_code 0
    expect_equal "$1: the folder" "$(cd "$work/theirs" && sha256sum ./* 2>/dev/null; ls "$work/theirs")" "$before"
}

chmod 0444 "$db"
chmod 0555 "$work/theirs"
is_read 'a folder that may not be written'
as_reader "${study[@]}" --db "$db"
expect_code 5
expect_err 'lenet.db: (may not be written|cannot be opened)'

chmod 0777 "$work/theirs" # files can be made, and would be the reader's
is_read 'a file that may not be written'
chmod 0644 "$db"
chmod 0755 "$work/theirs"
run "${study[@]}" --db "$db"
expect_code 0

# A writer that was killed leaves its log, with the last that was written, and perhaps its index.
python3 - "$db" <<'PYTHON'
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("PRAGMA journal_mode = WAL")
db.execute("INSERT INTO run (identity, recipe, state, version, claimed) VALUES (?, '{}', 'finished', '0', '2026-01-01T00:00:00Z')", ("d" * 64,))
db.commit()
os._exit(0)
PYTHON
chmod 0444 "$work/theirs"/lenet.db*
chmod 0555 "$work/theirs"
judge 'there is a log' [ -s "$db-wal" ]
is_read 'with a log and its index' 3
chmod 0755 "$work/theirs"
rm "$db-shm"
chmod 0555 "$work/theirs"
is_read 'with a log alone' 3
chmod 0755 "$work/theirs"
chmod 0644 "$work/theirs"/lenet.db*

# Its making was cut short: before anything, and before its tables.
: >"$work/theirs/cut.db"
python3 -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("PRAGMA journal_mode = WAL")' "$work/theirs/log.db"
for cut in cut log; do
    for mode in 0755 0555; do
        chmod "$mode" "$work/theirs"
        as_reader runs list --db "$work/theirs/$cut.db"
        expect_code 0
        expect_no_err
        as_reader runs export --db "$work/theirs/$cut.db"
        expect_equal 'no runs' "$(cat "$out")" '[]'
    done
    chmod 0755 "$work/theirs"
    run "${study[@]}" --db "$work/theirs/$cut.db"
    expect_code 0
done

# Other PID namespaces, one host name.
if unshare -rpf true 2>/dev/null; then
    train=(train --data mnist --data-dir "$work/few" --arch "$small" --quiet --db "$work/shared.db" --epochs 1000000)
    unshare -rpf --kill-child "$LENET" "${train[@]}" >"$work/log" 2>&1 &
    elsewhere=$!
    for _ in $(seq 200); do
        [ "$("$LENET" runs list --db "$work/shared.db" 2>/dev/null | grep -c running)" -eq 0 ] || break
        sleep 0.05
    done
    run "${train[@]}"
    expect_code 5
    expect_err 'shared.db: run 1 is being trained by another process'
    ran='runs list, from another namespace'
    unshare -rpf "$LENET" runs list --db "$work/shared.db" >"$out" 2>"$err"
    code=$?
    expect_out ' running '
    kill -KILL "$elsewhere"
    wait "$elsewhere" 2>/dev/null
    run runs list --db "$work/shared.db"
    expect_out ' stopped '
else
    echo 'no PID namespaces can be made here, so nothing is trained in two'
fi

# A disk that may not be written.
if unshare -rm mount -t tmpfs -o size=64k tmpfs "$work/few" 2>/dev/null; then
    mkdir "$work/disk"
    ran='runs export, on a read-only disk'
    # shellcheck disable=SC2016 # for the inner shell
    unshare -rm sh -c 'mount -t tmpfs tmpfs "$1" && cp "$2" "$1" && mount -o remount,ro "$1" && exec "$3" runs export --db "$1/lenet.db"' \
        - "$work/disk" "$db" "$LENET" >"$out" 2>"$err"
    code=$?
    expect_code 0
    expect_no_err
else
    echo 'no disk of our own can be mounted here, so none is read-only'
fi

finish
