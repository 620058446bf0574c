#!/bin/bash
# SPDX-License-Identifier: MIT
#
# predict.sh - `lenet predict`: a test image that becomes a picture (written as PNG, inverted, enlarged, moved) is
# still what it was, and pictures that are none are named.
#
# ctest: single timeout=300
set -u

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
command -v python3 >/dev/null || { echo "skipped: no python3 to make pictures with"; exit 77; }

folder_of()
{
    "$LENET" data list --json | python3 -c '
import json, sys
print(next(s["path"] or "" for s in json.load(sys.stdin) if s["name"] == sys.argv[1]))' "$1"
}

complain()
{
    echo "$1: $2"
    failed=1
}

# count_right NAME FOLDER [OPTIONS]: how many of the pictures are what their names say, and that the record is sound
count_right()
{
    local name=$1 folder=$2
    shift 2
    "$LENET" predict "$work/$name/model.safetensors" "$folder" --json "$@" | python3 -c '
import json, sys
pictures = json.load(sys.stdin)
assert [p["file"] for p in pictures] == sorted(p["file"] for p in pictures)
for p in pictures:
    shares = [t["probability"] for t in p["top"]]
    assert len(shares) == 3 and sorted(shares, reverse=True) == shares and 0 <= min(shares) and sum(shares) <= 1.00001, p
    assert p["steps"] and all(isinstance(s, str) for s in p["steps"]), p
print(sum(str(p["top"][0]["label"]) == p["file"].rsplit("-", 1)[1][:-4] for p in pictures))'
}

# round_trip NAME FLOOR: of 200 pictures, FLOOR are right as they are in the data set, and almost as many once drawn
round_trip()
{
    local name=$1 floor=$2 path images labels raw plain drawn
    path=$(folder_of "$name")
    images=$(ls "$path"/t10k-images-idx3-ubyte{,.gz} 2>/dev/null | head -n 1)
    labels=$(ls "$path"/t10k-labels-idx1-ubyte{,.gz} 2>/dev/null | head -n 1)
    if [ -z "$path" ] || [ -z "$images" ] || [ -z "$labels" ]; then
        echo "not looked at: $name, for it is not on this machine"
        return
    fi
    "$LENET" train --data "$name" --train-limit 5000 --epochs 2 --out "$work/$name" --quiet >/dev/null ||
        complain "$name" "cannot be trained"
    mkdir "$work/$name/plain" "$work/$name/drawn"
    python3 "$here/pictures.py" "$images" "$labels" "$work/$name/plain" 200 plain
    python3 "$here/pictures.py" "$images" "$labels" "$work/$name/drawn" 200 drawn
    raw=$(count_right "$name" "$work/$name/plain" --raw)
    plain=$(count_right "$name" "$work/$name/plain")
    drawn=$(count_right "$name" "$work/$name/drawn/")
    echo "$name: of 200 test images $raw are right as they are, $plain prepared, $drawn as drawings"
    [ "$raw" -ge "$floor" ] || complain "$name" "the model has learnt nothing"
    [ "$plain" -ge $((raw - 4)) ] || complain "$name" "preparing spoils images that need none"
    [ "$drawn" -ge $((raw - 10)) ] || complain "$name" "drawings are not recognised"
    looked_at=$name
}

looked_at=
round_trip fashion-mnist 120
round_trip mnist 160
if [ -z "$looked_at" ]; then
    echo "skipped: neither mnist nor fashion-mnist is on this machine (Debian: dataset-fashion-mnist)"
    exit 77
fi
model=$work/$looked_at/model.safetensors
some=$(ls "$work/$looked_at/drawn/"*.png | head -n 1)

# ------------------------------------------------------------------------------------------------- what people see

# expect CASE CODE PATTERN... -- ARGUMENTS...: patterns, on stdout and stderr together
expect()
{
    local case=$1 want=$2 code pattern
    local patterns=()
    shift 2
    while [ "$1" != -- ]; do
        patterns+=("$1")
        shift
    done
    shift
    "$LENET" predict "$@" >"$work/out" 2>"$work/err" </dev/null
    code=$?
    [ "$code" = "$want" ] || complain "$case" "exit code $code, not $want: $(cat "$work/err")"
    for pattern in "${patterns[@]}"; do
        grep -qE -- "$pattern" "$work/out" "$work/err" ||
            complain "$case" "no '$pattern' in: $(cat "$work/out" "$work/err")"
    done
}

export LC_ALL=C
expect "in full" 0 "$some" "inverted" "cut to [0-9]+ x [0-9]+" "28 x 28" "%  #+" "[-+*#%@]{3}" -- "$model" "$some"
LC_ALL=C.UTF-8 expect "half blocks" 0 "█" -- "$model" "$some"
if grep -q "$(printf '\033')" "$work/out"; then complain "half blocks" "colours where there is no terminal"; fi
expect "quiet" 0 "^$some: .+ [0-9.]+ %, .+ [0-9.]+ %, .+ [0-9.]+ %$" -- "$model" "$some" --quiet
[ "$(wc -l <"$work/out")" = 1 ] || complain quiet "more than one line"
expect "raw" 0 "resized from 272 x 273 to 28 x 28" -- "$model" "$some" --raw

# ---------------------------------------------------------------------------------------- what is no picture is named

bad=$work/bad
mkdir "$bad"
cp "$some" "$bad/b.PNG"
head -c 100 "$some" >"$bad/a.png"
echo text >"$bad/c.jpg"
echo text >"$bad/notes.txt"
: >"$bad/d.jpeg"
printf '\377\330\377\340' >"$bad/e.jpg"
mkdir "$bad/sub" "$work/nothing"
expect "folder with bad files" 3 "a.png: truncated" "^$bad/b.PNG: .* %" "c.jpg: not a PNG, JPEG" "d.jpeg: .*empty" \
    "e.jpg: truncated or damaged JPEG" -- "$model" "$bad" --quiet
[ "$(wc -l <"$work/out")" = 1 ] || complain "folder with bad files" "more on stdout than the good one"
if grep -q notes "$work/err"; then complain "folder with bad files" "a text was taken for a picture"; fi
expect "folder with bad files, json" 3 '"error": ".*a.png: truncated' '"probability"' -- "$model" "$bad" --json
python3 -c '
import json, sys
assert [("error" in p) for p in json.load(open(sys.argv[1]))] == [True, False, True, True, True]' "$work/out" ||
    complain "folder with bad files, json" "not the record expected"
expect "empty folder" 3 "nothing: no image is in this folder" -- "$model" "$work/nothing"
expect "missing picture" 3 "none.png: cannot be opened" -- "$model" "$work/none.png"
expect "missing model" 3 "none.safetensors" -- "$work/none.safetensors" "$some"
expect "a picture as model" 3 "$some: " -- "$some" "$some"
expect "no picture" 2 "argument is missing" -- "$model"
expect "unknown option" 2 "did you mean --quiet" -- "$model" "$some" --quite
[ ! -s "$work/out" ] || complain "unknown option" "something on stdout"
# more pictures than are predicted together, named one by one
expect "many" 0 -- "$model" "$work/$looked_at/plain"/*.png --quiet
[ "$(cut -d: -f1 "$work/out")" = "$(ls "$work/$looked_at/plain"/*.png)" ] ||
    complain many "not one line each, in their order"

[ "$failed" = 0 ] && echo "every picture was dealt with"
exit "$failed"
