#!/bin/bash
# SPDX-License-Identifier: MIT
#
# data-get.sh - `lenet data get` against mirrors that behave badly, all of them on loopback (server.py). A real data
# set that is on this machine is served, of which one small file is missing in the folder that is downloaded into.
#
# ctest: single timeout=300
set -u

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
server=
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY XDG_DATA_HOME
failed=0

skip()
{
    echo "skipped: $1"
    exit 77
}

command -v python3 >/dev/null || skip "no python3 to serve files with"

# A data set whose four files are here, as .gz: fashion-mnist or mnist.
find_set()
{
    local name path
    for name in fashion-mnist mnist; do
        path=$("$LENET" data list --json | python3 -c '
import json, sys
print(next(s["path"] or "" for s in json.load(sys.stdin) if s["name"] == sys.argv[1]))' "$name")
        if [ -n "$path" ] && [ -e "$path/train-images-idx3-ubyte.gz" ] && "$LENET" data check "$name" >/dev/null; then
            set_name=$name
            set_path=$path
            return 0
        fi
    done
    return 1
}

find_set || skip "neither fashion-mnist nor mnist is on this machine as .gz files (Debian: dataset-fashion-mnist)"

name=t10k-labels-idx1-ubyte.gz # the file that is downloaded
data=$work/data
mkdir "$work/www" "$work/elsewhere"
cp "$set_path"/*.gz "$work/www/"
mkfifo "$work/alive"
python3 "$here/server.py" "$work/www" "$work/port" "$work/log" <"$work/alive" &
server=$!
exec 9>"$work/alive" # the server ends when this is closed
for _ in $(seq 100); do
    [ -s "$work/port" ] && break
    sleep 0.1
done
base=http://127.0.0.1:$(cat "$work/port")
size=$(stat -c %s "$work/www/$name")

# fresh [FILE]: a data folder that has everything but FILE
fresh()
{
    local missing=${1:-$name}
    rm -rf "$data"
    mkdir -p "$data/$set_name"
    for file in "$work"/www/*.gz; do
        [ "${file##*/}" = "$missing" ] || ln -s "$file" "$data/$set_name/"
    done
    : >"$work/log"
}

# get MODES [OPTIONS]: asks the mirrors /MODE/ of MODES, separated by commas, in this order
get()
{
    local modes=$1 mirrors='' mode
    shift
    for mode in ${modes//,/ }; do
        mirrors+=${mirrors:+,}$base/$mode/
    done
    "$LENET" data get "$set_name" --data-dir "$data" --only-mirror --mirror "$mirrors" --stall 1 "$@" >"$work/out" 2>"$work/err"
    code=$?
}

complain()
{
    echo "$1: $2"
    sed 's/^/    /' "$work/out" "$work/err" "$work/log" 2>/dev/null
    failed=1
}

# expect CASE CODE [TEXT...]: the exit code, words on stderr, and what must hold of the folder whatever happened
expect()
{
    local case=$1 want=$2 text
    shift 2
    [ "$code" = "$want" ] || complain "$case" "exit code $code, not $want"
    for text; do
        grep -qF -- "$text" "$work/err" || complain "$case" "'$text' is not on stderr"
    done
    if [ "$want" = 0 ]; then
        cmp -s "$work/www/$name" "$data/$set_name/$name" || complain "$case" "the file is not what was served"
        [ ! -e "$data/$set_name/$name.part" ] || complain "$case" "a part file was left"
    else
        [ ! -e "$data/$set_name/$name" ] || complain "$case" "a file that is not proven came under its name"
    fi
    [ -z "$(ls -A "$work/tmp")" ] || complain "$case" "a temporary folder was left"
}

# asked CASE LINE...: the requests that the server saw, each "MODE RANGE"
asked()
{
    local case=$1
    shift
    [ "$(awk '{ print $1, $3 }' "$work/log")" = "$(printf '%s\n' "$@")" ] || complain "$case" "not the requests expected: $*"
}

mkdir "$work/tmp"
export TMPDIR=$work/tmp

# ------------------------------------------------------------------------------------------------------- good mirrors

fresh; get good;             expect good 0; asked good "good -"
grep -q "in $data/$set_name (1 file downloaded)" "$work/out" || complain good "not said where it went"
get good;                    expect again 0
grep -q "already in $data/$set_name" "$work/out" || complain again "not said that it is here"
[ "$(wc -l <"$work/log")" = 1 ] || complain again "a file was asked for that is here"
fresh; get unsized;          expect unsized 0
fresh; get redirect;         expect redirect 0; asked redirect "redirect -" "good -"
fresh; get slow;             expect "slow but alive" 0; asked "slow but alive" "slow -"
fresh; get good --json;      expect json 0
python3 -c '
import json, sys
(s,) = json.load(open(sys.argv[1]))
assert s["fetched"] == [sys.argv[2]] and s["complete"] and s["path"], s' "$work/out" "$name" ||
    complain json "not the record expected"

# -------------------------------------------------------------------------------------------------- the next one helps

fresh; get missing,good;     expect "404, good" 0 "answered 404"
fresh; get busy,good;        expect "503, good" 0 "answered 503"
fresh; get silent,good;      expect "silent, good" 0 "no answer for 1 seconds"
fresh; get stall,good;       expect "stall, good" 0 "no answer for 1 seconds, after $((size / 2)) bytes"
asked "stall, good" "stall -" "good bytes=$((size / 2))-"
fresh; get trickle,good;     expect "trickle, good" 0 "fewer than 100 bytes a second for 1 seconds, after"
fresh; get truncate,good;    expect "truncate, good" 0 "ended after $((size / 2)) of $size bytes"
asked "truncate, good" "truncate -" "good bytes=$((size / 2))-"
fresh; get truncate,whole;   expect "200 to a range" 0; asked "200 to a range" "truncate -" "whole bytes=$((size / 2))-"
fresh; get truncate,elsewhere,good; expect "another range" 0 "another part of the file"
fresh; get page,good;        expect "page, good" 0 "a web page instead of the file"
fresh; get wrong,good;       expect "wrong, good" 0 "$base/wrong/$name: not $set_name's ${name%.gz}"
asked "wrong, good" "wrong -" "good -"
fresh; get bits;             expect "in quarters" 0
[ "$(wc -l <"$work/log")" = 4 ] || complain "in quarters" "not four requests"
# a half of something else, continued: wrong as a whole, so once more from the beginning
fresh; head -c $((size / 2)) /dev/zero >"$data/$set_name/$name.part"
get good;                    expect "foreign half" 0; asked "foreign half" "good bytes=$((size / 2))-" "good -"
fresh; cp "$work/www/$name" "$data/$set_name/$name.part"
get good;                    expect "416, complete" 0; asked "416, complete" "good bytes=$size-"
fresh; head -c $((size + 9)) /dev/zero >"$data/$set_name/$name.part"
get good;                    expect "416, wrong" 0; asked "416, wrong" "good bytes=$((size + 9))-" "good -"

# ------------------------------------------------------------------------------------------------------- no good mirror

fresh; get missing;          expect "404" 5 "answered 404"
fresh; get silent;           expect silent 5 "no answer for 1 seconds"
fresh; get tofile;           expect "redirect to file" 5 "neither http nor https"
fresh; get loop;             expect "redirect loop" 5 "redirects more than"
fresh; get page;             expect page 3 "a web page instead of the file"
fresh; get hiddenpage;       expect "page called data" 3 "a web page instead of the file"
fresh; get empty;            expect empty 3 "an empty file"
fresh; get huge;             expect huge 3 "offers 1073741824 bytes"
fresh; get endless;          expect endless 3 "sends more than"
fresh; get wrong;            expect wrong 3 "$base/wrong/$name"
small=$name name=train-labels-idx1-ubyte.gz
fresh; get other;            expect other 3 "this is $set_name's t10k-labels-idx1-ubyte"
for text in "$(zcat "$work/www/$name" | sha256sum | cut -d' ' -f1)" \
            "$(zcat "$work/www/$small" | sha256sum | cut -d' ' -f1)"; do
    grep -q "$text" "$work/err" || complain other "one of the two hashes is not named"
done
name=$small
fresh; get missing,page,silent; expect "three bad ones" 3
[ "$(grep -c "$base" "$work/err")" -ge 3 ] || complain "three bad ones" "not each mirror is named with its fault"
fresh; get truncate;         expect "always truncated" 5 "ended after"
[ -s "$data/$set_name/$name.part" ] || complain "always truncated" "what came was not kept"
get good;                    expect "continued later" 0
grep -q "bytes=" "$work/log" || complain "continued later" "it began again"
for text in page wrong missing; do
    fresh; get "$text"
    [ ! -e "$data/$set_name/$name.part" ] || complain "$text" "a part file without use was left"
done
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
fresh
"$LENET" data get "$set_name" --data-dir "$data" --only-mirror --mirror "http://127.0.0.1:$port/" >"$work/out" 2>"$work/err"
code=$?;                     expect "nobody there" 5 "http://127.0.0.1:$port/$name"

# --------------------------------------------------------------------------------------------------------------- killed

fresh t10k-images-idx3-ubyte.gz
big=$name name=t10k-images-idx3-ubyte.gz
"$LENET" data get "$set_name" --data-dir "$data" --only-mirror --mirror "$base/slow/" >"$work/out" 2>"$work/err" &
client=$!
for _ in $(seq 100); do
    [ -s "$data/$set_name/$name.part" ] && break
    sleep 0.05
done
# another process keeps its hands off
get good;                    expect "two at a time" 5 "another process is downloading this file"
kill -9 "$client"
wait "$client" 2>/dev/null
part=$(stat -c %s "$data/$set_name/$name.part")
[ "$part" -gt 0 ] || complain killed "nothing was kept"
: >"$work/log"
get good;                    expect "resumed after kill -9" 0; asked "resumed after kill -9" "good bytes=$part-"

fresh t10k-images-idx3-ubyte.gz
"$LENET" data get "$set_name" --data-dir "$data" --only-mirror --mirror "$base/slow/" >"$work/out" 2>"$work/err" &
client=$!
for _ in $(seq 100); do
    [ -s "$data/$set_name/$name.part" ] && break
    sleep 0.05
done
kill -TERM "$client"
wait "$client" 2>/dev/null
code=$?;                     expect terminated 143 "continues"
name=$big

# ------------------------------------------------------------------------------------------------------------ elsewhere

# what is in the way: a folder that cannot be made, a damaged file that is found first
: >"$work/file"
"$LENET" data get "$set_name" --data-dir "$work/file/sub" --only-mirror --mirror "$base/good/" >"$work/out" 2>"$work/err"
code=$?;                     data=$work/none; expect "folder in a file" 5 "$work/file: is not a folder"
data=$work/data
fresh; echo nonsense >"$data/$set_name/${name%.gz}"
get good
[ "$code" = 3 ] || complain "damaged file in the way" "exit code $code"
grep -q "found before what was downloaded" "$work/err" || complain "damaged file in the way" "not said what to remove"

# the user's own data folder. kmnist is asked for, from mirrors that do not have it, so that it is nowhere; the part
# tells where it went
for variables in "HOME=$work/home" "HOME=$work/none XDG_DATA_HOME=$work/home/.local/share" "XDG_DATA_HOME=relative HOME=$work/home"; do
    for mode in truncate missing; do
        rm -rf "${work:?}/home"
        # shellcheck disable=SC2086
        env -u LENET_DATA -u HOME KERAS_HOME="$work/none" $variables "$LENET" data get kmnist --only-mirror \
            --mirror "$base/$mode/" >"$work/out" 2>"$work/err"
        code=$?
        [ "$code" = 5 ] || complain "$variables $mode" "exit code $code, not 5"
        [ "$mode" = missing ] || [ -s "$work/home/.local/share/lenet/kmnist/train-images-idx3-ubyte.gz.part" ] ||
            complain "$variables" "the download did not go there"
    done
    [ ! -e "$work/home" ] || complain "$variables" "an empty folder was left"
done
env -u LENET_DATA -u HOME KERAS_HOME="$work/none" "$LENET" data get kmnist >"$work/out" 2>"$work/err"
code=$?
[ "$code" = 2 ] || complain "no HOME" "exit code $code, not 2"
grep -q -- --data-dir "$work/err" || complain "no HOME" "no way out is shown"

# mistakes in the command line
for arguments in "" "nmist" "mnist --mirror ftp://x/" "mnist --only-mirror" "mnist --stall 0" "mnist --mirror file:///etc/"; do
    # shellcheck disable=SC2086
    "$LENET" data get $arguments >"$work/out" 2>"$work/err"
    code=$?
    [ "$code" = 2 ] || complain "data get $arguments" "exit code $code, not 2"
    [ ! -s "$work/out" ] || complain "data get $arguments" "something on stdout"
done

[ "$failed" = 0 ] && echo "every mirror was dealt with"
exit "$failed"
