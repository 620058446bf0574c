#!/bin/bash
# SPDX-License-Identifier: MIT
#
# data-check.sh - `lenet data check` and `lenet data list`: what lies in a data folder is told by its content,
# whatever its name.
#
set -u

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
command -v python3 >/dev/null || { echo "skipped: no python3 to read JSON with"; exit 77; }

# folder_of NAME: where a data set is on this machine, as .gz files
folder_of()
{
    "$LENET" data list --json | python3 -c '
import json, sys
print(next(s["path"] or "" for s in json.load(sys.stdin) if s["name"] == sys.argv[1]))' "$1"
}

# check CASE CODE PATTERN...: runs `data check NAME` on $data; each pattern is on stdout or stderr
check()
{
    local case=$1 want=$2 code pattern
    shift 2
    "$LENET" data check $name --data-dir "$data" >"$work/out" 2>&1
    code=$?
    sed -i ':all; N; $!b all; s/\n \{29\}/ /g' "$work/out" # each file on one line
    [ "$code" = "$want" ] || { echo "$case: exit code $code, not $want"; failed=1; }
    for pattern; do
        grep -qE -- "$pattern" "$work/out" || { echo "$case: no '$pattern' in:"; cat "$work/out"; failed=1; }
    done
}

# --------------------------------------------------------------------------------------- what needs no real data

name=mnist data=$work/data
mkdir -p "$data/mnist"
check "nothing there" 3 "mnist: not found"
printf '\0\0\10\1\0\0\47\20' >"$data/mnist/t10k-labels-idx1-ubyte"
head -c 10000 /dev/zero >>"$data/mnist/t10k-labels-idx1-ubyte"
check "labels that are none" 3 "t10k-labels-idx1-ubyte +bad: .*SHA-256" "train-images-idx3-ubyte +missing"
printf '\0\0\10\1\0\0\47\20' >"$data/mnist/t10k-labels-idx1-ubyte"
check "truncated" 3 "t10k-labels-idx1-ubyte +bad: "
echo '<html>' | gzip >"$data/mnist/train-images-idx3-ubyte.gz"
check "a web page" 3 "train-images-idx3-ubyte +bad: "
name=nmist
check "unknown name" 2 "unknown data set 'nmist'; did you mean mnist"
name="" data=$work/empty
mkdir "$work/empty"
check "nothing at all" 3 "no data set was found" "kmnist: not here"
"$LENET" data >"$work/out" 2>&1
[ $? = 2 ] || { echo "data alone: not a mistake"; failed=1; }
"$LENET" data chekc >"$work/out" 2>&1
[ $? = 2 ] && grep -q "did you mean check" "$work/out" || { echo "data chekc: not corrected"; failed=1; }
for part in "" list get check; do
    "$LENET" data $part --help | grep -q "^  lenet data" || { echo "data $part --help: no examples"; failed=1; }
done

# Images of a known data set have numbers. The second training image is the first, and so is the test image.
name=mnist data=$work/few
mkdir -p "$data/mnist"
python3 - "$data/mnist" <<'END'
import struct, sys
def idx(name, *dimensions, items):
    with open(f"{sys.argv[1]}/{name}", "wb") as file:
        file.write(struct.pack(f">HBB{len(dimensions)}I", 0, 8, len(dimensions), *dimensions) + items)
image = lambda grey: bytes([grey]) * 784
idx("train-images-idx3-ubyte", 3, 28, 28, items=image(1) + image(1) + image(2))
idx("train-labels-idx1-ubyte", 3, items=bytes([7, 7, 8]))
idx("t10k-images-idx3-ubyte", 1, 28, 28, items=image(1))
idx("t10k-labels-idx1-ubyte", 1, items=bytes([4]))
END
check "images that are there twice" 3 "train-images-idx3-ubyte +bad" \
    "^  3 training and 1 test images, 1x28x28, 10 classes$" \
    "^  training images that repeat another    1 of 3$" "^      training image 1 \(7\) = training image 0 \(7\)$" \
    "^  test images that are training images   1 of 1$" "^      test image 0 \(4\) = training image 0 \(7\)$" \
    "^  of these, with another label           1 of 2$"
printf x >>"$data/mnist/t10k-labels-idx1-ubyte"
check "files that make no data set" 3 "t10k-labels-idx1-ubyte +bad"
[ "$(wc -l <"$work/out")" = 5 ] || { echo "more was said of it:"; cat "$work/out"; failed=1; }

# ------------------------------------------------------------------------------------------- what needs real data

fashion=$(folder_of fashion-mnist)
if [ ! -e "$fashion/t10k-labels-idx1-ubyte.gz" ]; then
    echo "not looked at: mix-ups, for fashion-mnist is not on this machine (Debian: dataset-fashion-mnist)"
    exit "$failed"
fi

name=fashion-mnist data=$work/good
mkdir -p "$data/fashion-mnist"
ln -s "$fashion"/*.gz "$data/fashion-mnist/"
check "good" 0 "fashion-mnist: $data/fashion-mnist" "train-images-idx3-ubyte +good" "t10k-labels-idx1-ubyte +good" \
    "^  60,000 training and 10,000 test images, 1x28x28, 10 classes" "^  no duplicate pictures"
"$LENET" data check --data-dir "$data" --json | python3 -c '
import json, sys
sets = {s["name"]: s for s in json.load(sys.stdin)}
assert sets["mnist"]["path"] is None and sets["mnist"]["files"] == []
files = sets["fashion-mnist"]["files"]
assert len(files) == 4 and all(f["state"] == "good" and f["sha256"] == f["expected_sha256"] for f in files), files' ||
    { echo "check --json: not the record expected"; failed=1; }

name=mnist data=$work/swapped
mkdir -p "$data/mnist"
ln -s "$fashion"/*.gz "$data/mnist/"
check "fashion-mnist in mnist's folder" 3 "train-images-idx3-ubyte +wrong file: this is fashion-mnist's train-images-idx3-ubyte" \
    "t10k-labels-idx1-ubyte +wrong file: this is fashion-mnist's t10k-labels-idx1-ubyte"

name=fashion-mnist data=$work/turned
mkdir -p "$data/fashion-mnist"
ln -s "$fashion"/*images* "$data/fashion-mnist/"
gunzip -c "$fashion/t10k-labels-idx1-ubyte.gz" >"$data/fashion-mnist/train-labels-idx1-ubyte"
gunzip -c "$fashion/train-labels-idx1-ubyte.gz" | head -c 50000 >"$data/fashion-mnist/t10k-labels-idx1-ubyte"
check "labels of the other split" 3 "train-labels-idx1-ubyte +wrong file: this is t10k-labels-idx1-ubyte, not train-labels" \
    "t10k-labels-idx1-ubyte +bad: " "train-images-idx3-ubyte +good"

[ "$failed" = 0 ] && echo "every file was recognised"
exit "$failed"
