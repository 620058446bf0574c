#!/bin/bash
# SPDX-License-Identifier: MIT
#
# serve.sh - the live page: whom it answers, what it bears, and what a browser shows of a study at work, of hostile names, of 10,000 runs.
#
# ctest: heavy timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data mnist
judge="$root/tests/cli/serve.py"
run --version
if ! grep -q libmicrohttpd "$out"; then
    run train --data mnist --arch "$small" --train-limit 100 --epochs 1 --db "$work/x.db" --quiet
    refused 1 'built without libmicrohttpd.*install it' serve "$work/x.db"
    finish
fi

# start ARGUMENT...: serves in the background, with Ctrl-C as a terminal gives it; $url is where, $server its number.
start()
{
    rm -f "$work/url"
    python3 -c 'import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])' \
        "$LENET" serve "$@" >"$work/url" 2>"$work/said" </dev/null &
    server=$!
    for _ in $(seq 600); do
        [ -s "$work/url" ] && break
        sleep 0.1
    done
    url=$(cat "$work/url")
    judge "serve $* should print its address" grep -qE '^http://127\.0\.0\.1:[0-9]+/[0-9a-f]{32}/$' "$work/url"
}

# stop SIGNAL
stop()
{
    kill "-$1" "$server"
    wait "$server"
    expect_equal "the end by $1" $? 0
}
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$work"' EXIT

refused 5 'No such file' serve "$work/none"
refused 3 'not a database of runs' serve "$root/README.md"

cat >"$work/live.yaml" <<'YAML'
study: live
title: A study to watch
base: {data: mnist, arch: "maxpool:2,dense:24,relu,dense:10", epochs: 3, train-limit: 2000}
experiments:
  - {name: rates, title: Learning rates, seeds: 3, grid: {lr: [0.001, 0.01]}}
YAML
run study run "$work/live.yaml" --out "$work/a" --quiet --keep-models all
expect_code 0
before=$(sha256sum <"$work/a/lenet.db")
start "$work/a" --study "$work/live.yaml"
token=$(cut -d/ -f4 <<<"$url")
port=$(sed -E 's|.*:([0-9]+)/.*|\1|' "$work/url")
refused 5 "port $port of 127.0.0.1: .*in use" serve "$work/a" --port "$port"
refused 2 'not an address' serve "$work/a" --listen example.invalid
refused 2 'no study is called|unknown|not' serve "$work/a" --study nosuch
judge 'hostile clients should be refused' python3 "$judge" hostile "$url"
judge '100 viewers' python3 "$judge" load "$url"
stop INT
expect_equal 'the database after all that' "$(sha256sum <"$work/a/lenet.db")" "$before"
start "$work/a/lenet.db"
judge 'another token each time' [ "$(cut -d/ -f4 <<<"$url")" != "$token" ]
stop TERM

python3 -c 'import sys; sys.path.insert(0, sys.argv[1]); import browser; sys.exit(not browser.find())' "$root/tests/cli" || {
    echo 'no chromium, so nothing is seen as in a browser (tools/install-packages check)'
    finish
}
start "$work/a" --study "$work/live.yaml"
judge 'a run in full' python3 "$judge" detail "$url"
stop TERM

# A study at work.
sed 's/epochs: 3, train-limit: 2000/epochs: 400, train-limit: 8000/' "$work/live.yaml" >"$work/long.yaml"
timeout -s TERM 120 "$LENET" study run "$work/long.yaml" --out "$work/b" --quiet --jobs 1 --serve >"$work/study" 2>&1 </dev/null &
study=$!
for _ in $(seq 600); do
    [ -s "$work/b/lenet.db" ] && "$LENET" runs list --db "$work/b/lenet.db" 2>/dev/null | grep -q running && break
    sleep 0.1
done
start "$work/b" --study "$work/long.yaml"
judge 'a curve grows' python3 "$judge" grows "$url"
judge 'and on the page of study run --serve' python3 "$judge" grows "$(sed -n 's/^page  *//p' "$work/study")"
stop TERM
kill -TERM "$study" 2>/dev/null
wait "$study"

# Names that try to be markup.
hostile='<img src=x onerror=document.title="obeyed"></script><script>document.title="obeyed"</script>'
python3 - "$work/a/lenet.db" "$hostile" <<'PY'
import json, sqlite3, sys
base = sqlite3.connect(sys.argv[1])
recipe = json.loads(base.execute("SELECT recipe FROM run WHERE id = 1").fetchone()[0])
base.execute("UPDATE run SET proof = NULL, recipe = ?, message = ? WHERE id = 1",
             (json.dumps({**recipe, "data": sys.argv[2], "arch": sys.argv[2]}), sys.argv[2]))
base.execute("UPDATE subject SET class_names = ?", (json.dumps([sys.argv[2]] * 10),))
base.commit()
PY
start "$work/a"
judge 'hostile names are text' python3 "$judge" names "$url" "$hostile"
stop TERM

python3 "$judge" many "$work/a/lenet.db" 10000
start "$work/a"
judge '10,000 runs' python3 "$judge" large "$url"
judge '10,000 runs and 100 viewers' python3 "$judge" load "$url"
stop TERM
finish
