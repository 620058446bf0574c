#!/bin/bash
# SPDX-License-Identifier: MIT
#
# folders.sh - own images from outside: trained on, evaluated, predicted, in a study and in a benchmark, by the name of their folder.
#
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
command -v python3 >/dev/null || skip "no python3 to make images with"

# Pictures of 12x10 pixels in colour: light on the left, or light above.
python3 - "$work/photos" <<'END'
import os, struct, sys, zlib
def png(path, rows):
    def chunk(kind, data): return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    raw = b''.join(b'\0' + bytes(value for pixel in row for value in pixel) for row in rows)
    with open(path, 'wb') as file:
        file.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', len(rows[0]), len(rows), 8, 2, 0, 0, 0))
                   + chunk(b'IDAT', zlib.compress(raw)) + chunk(b'IEND', b''))
for name in ('above', 'left side'):
    os.makedirs(f'{sys.argv[1]}/{name}')
    for i in range(60):
        light = lambda x, y: (y < 5 if name == 'above' else x < 6) * 150 + (x * 7 + y * 11 + i * 13) % 60
        png(f'{sys.argv[1]}/{name}/{i}.png', [[(light(x, y), light(x, y), i) for x in range(12)] for y in range(10)])
END

net=dense:8,relu,dense:2
run train --data "$work/photos" --arch $net --epochs 12 --batch 8 --out "$work/run" --threads 1
expect_code 0
expect_out 'above'
expect_equal 'counts' "$(json "$work/run/run.json" "(d['train_count'] + d['val_count'], d['test_count'])")" '(96, 24)'
expect_equal 'it is learned' "$(json "$work/run/run.json" "d['test_accuracy'] > 0.9")" True
accuracy=$(json "$work/run/run.json" "d['test_accuracy']")
hash=$(json "$work/run/run.json" "d['weights_sha256']")
run train --config "$work/run/run.json" --threads 2 --json --quiet
expect_equal 'the record gives the run again' "$(json "$out" "d['weights_sha256']")" "$hash"

# No picture is there twice, so nothing is said of it.
run data check "$work/photos"
expect_code 0
expect_no_err
expect_out '^  96 training and 24 test images, 3x10x12, 2 classes$'
expect_out '^  no duplicate pictures$'
run train --data "$work/photos" --arch $net --epochs 1 --quiet
expect_no_err

# The same pictures under other names, in the test images, and in another class.
mkdir -p "$work/parts/test"
cp -r "$work/photos" "$work/parts/train"
for class in above 'left side'; do
    mkdir "$work/parts/test/$class"
    mv "$work/parts/train/$class/"5?.png "$work/parts/test/$class"
done
cp "$work/parts/train/above/7.png" "$work/parts/train/above/7 again.png"
cp "$work/parts/train/above/8.png" "$work/parts/train/left side/8-above.png"
cp "$work/parts/train/above/9.png" "$work/parts/test/above/9.png"
cp "$work/parts/test/above/51.png" "$work/parts/test/above/51-again.png"
run train --data "$work/parts" --arch $net --epochs 1 --quiet --json
expect_code 0
warning="$work/parts: training images that repeat another: 2 of 102; test images that are training images: 1 of 22"
warning="$warning; test images that repeat another: 1 of 22; of these, with another label: 1 of 4"
expect_err "^lenet: $warning \('lenet data check $work/parts' names them\)$"
judge 'one line' is_one_line "$err"
run train --data "$work/parts" --arch $net --epochs 1 --quiet --runs 2
judge 'one line for several runs' is_one_line "$err"
run data check "$work/parts"
expect_code 0
expect_no_err
expect_out '^  training images that repeat another    2 of 102$'
expect_out '^      train/above/7.png = train/above/7 again.png$' # in the order of their names
expect_out '^      train/left side/8-above.png = train/above/8.png$'
expect_out '^      test/above/9.png = train/above/9.png$'
expect_out '^      test/above/51.png = test/above/51-again.png$'
expect_out '^  of these, with another label           1 of 4$'
run data check --json "$work/parts"
keys='train_count test_count twice_in_training in_training_and_test twice_in_test with_two_labels'
expect_equal 'counts for machines' \
    "$(json "$out" "[d[0]['duplicates'][k] for k in '$keys'.split()]")" '[102, 22, 2, 1, 1, 1]'
expect_equal 'an example' "$(json "$out" "d[0]['duplicates']['examples'][2]")" \
    "{'kind': 'in_training_and_test', 'image': 'test/above/9.png', 'repeats': 'train/above/9.png'}"
cat >"$work/own.yaml" <<YAML
study: own
base: {data: "$work/parts", arch: "$net", epochs: 1}
experiments:
  - {name: a}
  - {name: b, base: {lr: 0.01}}
YAML
run study run "$work/own.yaml" --db "$work/own.db" --quiet
expect_code 0
expect_err "^lenet: $warning"
judge 'one line for a study' is_one_line "$err"
# A test image of a folder that is not parted is named by where it lies.
cp "$work/photos/above/3.png" "$work/photos/above/x.png"
run data check "$work/photos@5x6"
expect_out '^      above/x.png = above/3.png$|^      above/3.png = above/x.png$'
rm "$work/photos/above/x.png"

# One picture more: other images, also by a record.
cp "$work/photos/above/3.png" "$work/photos/above/new.png"
refused 3 "images of $work/photos: changed since $work/run/run.json was written" \
    train --config "$work/run/run.json" --quiet
run train --config "$work/run/run.json" --changed-data --json --quiet
expect_code 0
cp -r "$work/photos" "$work/others"
run train --config "$work/run/run.json" --data "$work/others" --json --quiet
expect_code 0
rm -r "$work/photos/above/new.png" "$work/others"

run eval "$work/run/model.safetensors" --json
expect_code 0
expect_equal 'eval finds the folder' "$(json "$out" "d['accuracy']")" "$accuracy"
run predict "$work/run/model.safetensors" "$work/photos/left side/7.png" --json
expect_code 0
expect_out 'left side'
mv "$work/photos" "$work/moved"
refused 2 'was trained on, is not here' eval "$work/run/model.safetensors"
run eval "$work/run/model.safetensors" --data "$work/moved@5x6" --split train
expect_code 2 # another size than the model's, and said so
run eval "$work/run/model.safetensors" --data "$work/moved" --split train
expect_code 0

run train --data "$work/moved@5x6x1" --arch $net --epochs 1 --augment shift:1 --normalize per-dataset --json --quiet
expect_code 0
expect_equal 'made smaller and grey' "$(json "$out" "d['parameters']")" $((30 * 8 + 8 + 8 * 2 + 2))
run bench --data "$work/moved" --arch $net --quick --json
expect_code 0
refused 2 '--data mnits: neither a data set nor a folder or file; did you mean mnist' train --data mnits
refused 2 '--data.*neither a data set' train --data "$work/nothing"

# Damaged files: refused, with the option that goes on; with it, the weights are those without the files.
run train --data "$work/moved" --arch $net --epochs 1 --json --quiet
expect_equal 'nothing to skip' "$(json "$out" "d['skipped_files']")" 0
hash=$(json "$out" "d['weights_sha256']")
: >"$work/moved/above/broken.png"
refused 3 'above/broken.png: the file is empty; to skip damaged files: --skip-bad' train --data "$work/moved" --quiet
for i in 1 2 3 4 5 6 7 8 9 10 11; do
    echo 'no image' >"$work/moved/left side/note $i.txt"
done
run train --data "$work/moved" --skip-bad --arch $net --epochs 1 --json --quiet --out "$work/skipped"
expect_code 0
expect_equal 'the same weights as without them' "$(json "$out" "d['weights_sha256']")" "$hash"
expect_equal 'how many' "$(json "$work/skipped/run.json" "(d['skipped_files'], d['options']['skip_bad'])")" '(12, True)'
expect_equal 'ten are named' "$(grep -c 'skipped: .*/' "$err")" 10
expect_err 'above/broken.png: the file is empty'
expect_err 'skipped: 2 more'
expect_err 'moved: 12 files were skipped'
run train --config "$work/skipped/run.json" --json --quiet
expect_equal 'the record skips too' "$(json "$out" "d['weights_sha256']")" "$hash"
refused 3 'to skip damaged files: --skip-bad' eval "$work/skipped/model.safetensors" --data "$work/moved"
run eval "$work/skipped/model.safetensors" --data "$work/moved" --skip-bad --json
expect_code 0
refused 2 '--skip-bad: mnist is no folder' train --data mnist --skip-bad
finish
