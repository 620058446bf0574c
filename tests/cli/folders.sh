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
refused 2 '--data mnits: neither a data set nor a folder; did you mean mnist' train --data mnits
refused 2 '--data.*neither a data set' train --data "$work/nothing"
: >"$work/moved/above/broken.png"
refused 3 'above/broken.png' train --data "$work/moved" --quiet
finish
