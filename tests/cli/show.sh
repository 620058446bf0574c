#!/bin/bash
# SPDX-License-Identifier: MIT
#
# show.sh - `lenet show`: the table of layers has the numbers that follow from the architecture; pictures are PNG and SVG files with captions, the
# same for the same model; and what is not there is refused in one line.
#
# ctest: timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data mnist fashion-mnist
arch=conv:4@5x5:pad=2,batchnorm,relu,maxpool:2,conv:6@3x3:stride=2,tanh,dense:12,relu,dropout:0.2,dense:10
run train --data "$data" --arch $arch --train-limit 500 --epochs 1 --quiet --out "$work/run"
expect_code 0
model=$work/run/model.safetensors
pictures=$work/pictures

run show "$model"
expect_code 0
expect_plain
expect_no_err
expect_out '^ +5  conv2 +6x6x6 +222 +7776 +10x10 +864$'
expect_out '^3,068 weights \(12,272 bytes of float32\), 92,024 multiply-adds for an image of 1x28x28$'
run show "$model" --json
expect_code 0
judge 'the table has what follows from the architecture' python3 -c "
import json, sys
d = json.load(open(sys.argv[1]))
rows = [(l['name'], l['output'], l['weights'], l['multiply_adds'], l['receptive_field'], l['output_bytes']) for l in d['layers']]
assert rows == [
    ('conv1', '4x28x28', 104, 4 * 784 * 25, '5x5', 12544), ('bn1', '4x28x28', 8, 3136, '5x5', 12544), ('relu', '4x28x28', 0, 0, '5x5', 12544),
    ('maxpool', '4x14x14', 0, 0, '6x6', 3136), ('conv2', '6x6x6', 222, 6 * 36 * 36, '10x10', 864), ('tanh', '6x6x6', 0, 0, '10x10', 864),
    ('fc1', '12', 2604, 2592, '28x28', 48), ('relu', '12', 0, 0, '28x28', 48), ('dropout', '12', 0, 0, '28x28', 48),
    ('fc2', '10', 130, 120, '28x28', 40)], rows
assert d['weights'] == sum(r[2] for r in rows) and d['multiply_adds'] == sum(r[3] for r in rows)
assert d['output_bytes'] == sum(r[5] for r in rows) and d['input'] == '1x28x28'" "$out"

run show "$model" --filters conv1 --features 7 --saliency 7 --grad-cam 7 --maximise 3 --out "$pictures"
expect_code 0
expect_no_err
expect_out 'What each layer makes of test image 7 of '
run show "$model" --filters conv2 --maximise conv2:5 --grad-cam 7 --layer 1 --class 2 --out "$pictures/deep"
expect_code 0
expect_out 'Where layer 1 \(conv1, 28x28\)'
run show "$model" --filters fc2 --out "$pictures"
expect_code 0
cat >"$work/check.py" <<'PYTHON'
import base64, os, struct, sys, xml.dom.minidom, zlib
def read_png(data):
    """(width, height, rows of RGB bytes), of unfiltered or filtered 8-bit RGB."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + size]
        assert struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0] == zlib.crc32(kind + body)
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
            assert (depth, colour) == (8, 2)
        packed += body if kind == b"IDAT" else b""
        at += 12 + size
    return width, height, len(set(zlib.decompress(packed)))
tiles = {"filters-conv1": 4, "features": 1 + 3 * 4 + 4 + 2 * 6 + 4, "saliency": 3, "grad-cam": 3, "maximise-3": 1, "filters-fc2": 1,
         "deep/filters-conv2": 24, "deep/maximise-conv2-5": 1, "deep/grad-cam": 3}
for name, count in tiles.items():
    path = os.path.join(sys.argv[1], name)
    assert read_png(open(path + ".png", "rb").read())[2] > 8, name
    svg = xml.dom.minidom.parse(path + ".svg")
    images = svg.getElementsByTagName("image")
    assert len(images) == count, (name, len(images))
    for image in images:
        kind, text = image.getAttribute("href").split(",")
        assert kind == "data:image/png;base64"
        width, height, _ = read_png(base64.b64decode(text))
        assert int(image.getAttribute("width")) % width == 0 and int(image.getAttribute("height")) % height == 0
    captions = [t.firstChild.data for t in svg.getElementsByTagName("text") if t.getAttribute("class") == "caption"]
    assert " ".join(captions) == svg.getElementsByTagName("desc")[0].firstChild.data and len(" ".join(captions)) > 40, name
assert len(os.listdir(sys.argv[1])) == 13
PYTHON
judge 'pictures are whole' python3 "$work/check.py" "$pictures"
run show "$model" --features 7 --saliency 7 --grad-cam 7 --maximise 3 --out "$work/again"
for name in features saliency grad-cam maximise-3; do
    judge "$name is the same again" cmp "$pictures/$name.svg" "$work/again/$name.svg"
done

run show "$model" --embed 60 --out "$work/plane"
expect_code 0
run show "$model" --embed 60 --out "$work/plane-again"
judge 'the plane is the same again' cmp "$work/plane/embed.csv" "$work/plane-again/embed.csv"
judge 'each point is in the table and in the picture' python3 -c "
import csv, sys, xml.dom.minidom
rows = list(csv.DictReader(open(sys.argv[1] + '/embed.csv')))
assert [int(row['index']) for row in rows] == list(range(60)) and len({row['tsne_x'] for row in rows}) > 50
circles = xml.dom.minidom.parse(sys.argv[1] + '/embed.svg').getElementsByTagName('circle')
titles = [c.getElementsByTagName('title')[0].firstChild.data for c in circles if c.getElementsByTagName('title')]
assert len(titles) == 120 and titles[7].startswith('image 7: '), titles[7]" "$work/plane"

# An image file is prepared as `lenet predict` does it.
python3 - "$work/square.png" <<'PYTHON'
import struct, sys, zlib
def chunk(kind, data): return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
rows = b"".join(b"\0" + bytes(255 if 20 < x < 40 and 10 < y < 70 else 0 for x in range(80)) for y in range(80))
header = chunk(b"IHDR", struct.pack(">IIBBBBB", 80, 80, 8, 0, 0, 0, 0))
with open(sys.argv[1], "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
PYTHON
run predict "$model" "$work/square.png" --json
predicted=$(json "$out" "d[0]['top'][0]['class']")
run show "$model" --saliency "$work/square.png" --out "$work/file"
expect_code 0
expect_out "$(printf 'predicted as %s' "${predicted%% *}" | cut -c1-12)"

refused()
{
    expect_code "$1"
    expect_no_out
    expect_err "$2"
    expect_equal 'lines on stderr' "$(wc -l <"$err")" 1
}
run show "$model" --filters conv3
refused 2 "layer 'conv3': the model has none of this name; it has conv1, bn1, conv2, fc1, fc2"
run show "$model" --filters 3
refused 2 'layer relu has no weights'
run show "$model" --features 10000
refused 2 'image 10000: .* has 10000 test images, counted from 0'
run show "$model" --saliency "$work/nothing.png"
refused 3 'nothing.png'
run show "$model" --saliency 1 --class 10
refused 2 "class '10': the model has none of this name"
run show "$model" --maximise conv1:4 --out "$work/none"
refused 2 'unit 4: layer 0 has 4, counted from 0'
run show "$model" --maximise conv1:x
refused 2 "class 'conv1:x'"
run show "$model" --features 1 --data "$data" --data-dir "$work"
refused 3 'not found'
printf x >"$work/blocked"
run show "$model" --filters conv1 --out "$work/blocked"
refused 5 'blocked'
run train --data "$data" --arch dense:10 --train-limit 100 --epochs 1 --quiet --out "$work/flat"
run show "$work/flat/model.safetensors" --grad-cam 1
refused 2 'the model has no convolution'
run show "$work/flat/model.safetensors" --embed 50
refused 2 'the model has no hidden layer'
finish
