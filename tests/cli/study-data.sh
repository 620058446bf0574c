#!/bin/bash
# SPDX-License-Identifier: MIT
#
# study-data.sh - data sets that are not there: every command that needs them says which and how to get them; a study refuses before it
# trains, gets them with --get (from a server on loopback), or with --quick goes on with what is there and says what is missing.
#
# ctest: single timeout=300
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data fashion-mnist mnist
from=$(json "$out" "d['data']['$data']")
server=
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY

"$root/tests/few-images" "$from" "$work/few/mnist" 600 200 || skip "no plain or gzip files of $data"
cat >"$work/s.yaml" <<YAML
study: s
base: {data: mnist, arch: "$small", epochs: 2, batch: 8, train-limit: 500}
quick: {seeds: 2}
experiments:
  - name: sets
    title: Several sets
    settings: [{label: digits}, {label: photos, data: cifar10}, {label: clothes, data: fashion-mnist}, {label: tanh, activation: tanh}]
    show:
      - curves: {}
      - table: {}
      - gap: {}
      - compare: {baseline: photos}
      - confusion: {point: photos}
      - against: {over: lr, points: rates/*}
      - verdict: {claim: Photos are harder., test: larger-gap, a: photos, b: digits}
  - name: rates
    grid: {lr: [0.001, 0.003]}
  - name: photos
    base: {data: cifar10}
    grid: {lr: [0.001, 0.003]}
YAML
sed '/^  - name/,$d' "$work/s.yaml" >"$work/one.yaml"
printf '  - name: one\n    grid: {lr: [0.003]}\n' >>"$work/one.yaml"
mkdir "$work/empty" "$work/out"
export XDG_DATA_HOME=$work/xdg KERAS_HOME=$work/keras
# shellcheck disable=SC2164 # the folder is there
cd "$work"

# ---------------------------------------------------------------------------------------------------------- refusals

refused 3 "mnist: not found.* \(LENET_DATA or --data-dir names its folder\); to get it: lenet data get mnist --data-dir empty$" \
    train --data mnist --data-dir empty --out out/none
run train --data mnist --data-dir few --arch "$small" --epochs 1 --quiet --out out/model
refused 3 "cifar10: not found.*; to get it: lenet data get cifar10 --data-dir few$" eval out/model/model.safetensors --data cifar10 --data-dir few
rm few/mnist/t10k-labels-idx1-ubyte*
refused 3 "t10k-labels-idx1-ubyte is missing.*; to get it: lenet data get mnist --data-dir few$" train --data mnist --data-dir few --out out/none
"$root/tests/few-images" "$from" few/mnist 600 200

all="s: missing data: mnist, cifar10, fashion-mnist \(LENET_DATA or --data-dir names its folder"
get="\); to get it: lenet data get mnist cifar10 fashion-mnist --data-dir empty$"
refused 3 "$all, --get downloads it, --quick continues without it$get" study run s.yaml --data-dir empty --out out/s
refused 3 "$all, --quick continues without it$get" study plan s.yaml --data-dir empty
refused 3 "$all, --get downloads it$get" study run s.yaml --data-dir empty --out out/s --quick
part="s: missing data: cifar10, fashion-mnist .*; to get it: lenet data get cifar10 fashion-mnist --data-dir few$"
refused 3 "$part" study run s.yaml --data-dir few --out out/s
refused 3 "$part" study plan s.yaml --data-dir few --json
sed 's/photos, data: cifar10/&, data-dir: few/; s/{data: cifar10}/{data: cifar10, data-dir: "two words"}/; s/data: mnist/&, data-dir: few/' s.yaml >places.yaml
refused 3 "missing data: cifar10, fashion-mnist .*: lenet data get cifar10 fashion-mnist --data-dir few && lenet data get cifar10 --data-dir 'two words'$" \
    study plan places.yaml
refused 2 '--mirror needs --get' study run s.yaml --mirror http://127.0.0.1/
refused 2 '--only-mirror needs --mirror' study run s.yaml --get --only-mirror

# A file that is damaged is no missing file.
cp -r few bad
rm bad/mnist/t10k-labels-idx1-ubyte*
echo damaged >bad/mnist/t10k-labels-idx1-ubyte
refused 3 't10k-labels-idx1-ubyte: not an IDX file' study run one.yaml --data-dir bad --out out/s --quick

# -------------------------------------------------------------------------------------------------- with what is there

run study plan s.yaml --data-dir few --quick --json
expect_code 0
expect_equal 'the plan' "$(json "$out" "[d['recipes'], d['runs'], d['shared'], d['missing_data']]")" "[4, 8, 2, ['cifar10', 'fashion-mnist']]"
run study run s.yaml --data-dir few --out out/q --quick
expect_code 0
expect_out '^6 of 6 runs done'
expect_out '^  2 of 4 not run yet$'
expect_out '^missing  no data: cifar10, fashion-mnist$'
expect_out '^  sets: photos; clothes$'
expect_out '^  photos: all points$'
expect_out '^  lenet data get cifar10 fashion-mnist --data-dir few$'
expect_equal 'the last lines are the files' "$(tail -n 2 "$out" | cut -d' ' -f1 | tr '\n' ' ')" 'report database '
sed '/^## 1 /,$d' out/q/report.md >top
for line in 'Not all data was there: cifar10, fashion-mnist\.' '\*Several sets\*: photos; clothes\.' '\*photos\*: all points\.' \
    '`lenet data get cifar10 fashion-mnist`, and the study once more'; do
    judge "the note at the top of the page says $line" grep -q "^> $line" top
done
judge 'and of the HTML' grep -q 'Not all data was there: cifar10, fashion-mnist' out/q/report.html
expect_equal 'runs that are missing' "$(json out/q/results.json \
    "[[p['point'], len(p['runs']), {r['state'] for r in p['runs']}] for p in d['sections'][0]['items'][-1]['result']]")" \
    "[['digits', 2, {'finished'}], ['photos', 2, {'missing'}], ['clothes', 2, {'missing'}], ['tanh', 2, {'finished'}]]"
run report --study s.yaml --quick --db out/q/lenet.db --data-dir few --out out/again
expect_code 0
for file in report.html report.md results.json; do
    judge "the same report from the database: $file" cmp -s "out/q/$file" "out/again/$file"
done
refused 3 "no run on the data set 'cifar10' is there yet" report --study s.yaml --db out/q/lenet.db --out out/again

# Runs that are there stay in the report when their data is gone.
run study run s.yaml --data-dir few --out out/q --quick --quiet
cp "$out" before
"$root/tests/few-images" "$from" gone/fashion-mnist 600 200
run study run s.yaml --data-dir gone --db out/q/lenet.db --quick --quiet
expect_code 0
expect_out '^  digits '
expect_out '^  1 of 4 not run yet$'

# ------------------------------------------------------------------------------------------------------------- --get

if [ ! -e "$from/train-images-idx3-ubyte.gz" ]; then
    echo "not tried: --get, for $data is not here as .gz files"
    finish
fi
name=t10k-labels-idx1-ubyte.gz
mkdir -p www partly/"$data"
ln -s "$from" "www/$data"
for file in "$from"/*.gz; do
    [ "${file##*/}" = "$name" ] || ln -s "$file" "partly/$data/"
done
mkfifo alive
python3 "$here/server.py" www port log <alive &
server=$!
exec 9>alive # the server ends when this is closed
for _ in $(seq 100); do
    [ -s port ] && break
    sleep 0.1
done
base=http://127.0.0.1:$(cat port)
sed -i "s/data: mnist/data: $data/" one.yaml
get() { run study run one.yaml --data-dir partly --out out/got --get --only-mirror --mirror "$base/$1/"; }

get missing
expect_code 5
expect_err "answered 404"
judge 'nothing was begun' [ ! -e out/got ]
get good
expect_code 0
expect_out '^1 of 1 runs done: 1 trained'
expect_err "^$data: in partly/$data \(1 file downloaded\)"
expect_equal 'the request' "$(tail -n 1 log)" "good $data/$name -"
judge 'the file' cmp -s "$from/$name" "partly/$data/$name"
: >log
get good
expect_out ' 0 trained in .*, 1 were there'
expect_equal 'what is there is not asked for' "$(cat log)" ''

finish
