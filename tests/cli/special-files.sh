#!/bin/bash
# SPDX-License-Identifier: MIT
#
# special-files.sh - what is no regular file where a file is wanted: a FIFO that nothing writes to, a device, a folder. Each is
# refused at once, in one line, and nothing waits.
#
# ctest: timeout=300
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data fashion-mnist mnist

program=$LENET
mkdir "$work/bin" "$work/places"
printf '#!/bin/sh\nexec timeout 60 "%s" "$@"\n' "$program" >"$work/bin/lenet" # 124: it waited
chmod +x "$work/bin/lenet"
LENET=$work/bin/lenet
mkfifo "$work/fifo" "$work/fifo.yaml"
mkdir "$work/folder.yaml"

for file in "$work/fifo" /dev/null; do
    refused 3 "$file: not a regular file" eval "$file" --data "$data"
    refused 3 "$file: not a regular file" predict "$file" "$file"
    refused 3 "$file: not a regular file" train --config "$file"
    refused 3 "$file: not a regular file" train --data "$data" --loss forward --noise-matrix "$file"
    refused 5 "$file: cannot be opened" runs list --db "$file"
    refused 3 "$file: not a regular file" study plan "$file"
done
for file in fifo.yaml folder.yaml; do
    for command in 'study plan' 'study show' 'study run'; do
        # shellcheck disable=SC2086 # several words
        refused 3 "$file: not a regular file" $command "$work/$file"
    done
done

# In folders: of a run, of images, of data.
mkfifo "$work/places/run.json"
refused 3 'run.json: not a regular file' train --resume "$work/places"
rm "$work/places/run.json"
mkfifo "$work/places/recipe.json"
refused 3 'recipe.json: not a regular file' train --resume "$work/places"
mkdir -p "$work/images/a" "$work/images/b"
mkfifo "$work/images/a/1.png" "$work/images/a/2.png"
touch "$work/images/b/1.png" "$work/images/b/2.png"
refused 3 'a/1.png: not a (regular )?file' train --data "$work/images@8x8"
mkdir "$work/mnist"
mkfifo "$work/mnist/train-images-idx3-ubyte" "$work/mnist/train-labels-idx1-ubyte"
refused 3 'not found' train --data mnist --data-dir "$work/mnist"
finish
