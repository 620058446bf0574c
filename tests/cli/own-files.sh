#!/bin/bash
# SPDX-License-Identifier: MIT
#
# own-files.sh - data as people have them: IDX of any size, NumPy's archives, tables of pixels, and what Keras and torchvision keep of known
# data sets. What each becomes is compared with hashes that files.py computes; what is not understood is refused in one line.
#
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
command -v python3 >/dev/null || skip "no python3 to make data with"
files=$work/files
python3 "$here/files.py" "$files" || exit 1

net=dense:3
while read -r name hash counts; do
    run train --data "$files/$name" --arch $net --epochs 1 --quiet --json
    expect_code 0
    expect_equal "$name: images and labels" "$(json "$out" "d['data_sha256']")" "$hash"
    expect_equal "$name: counts" "$(json "$out" "d['train_count'], d['val_count'], d['test_count']")" "(${counts// /, })"
done <"$files/hashes"
expect_equal 'forms' "$(wc -l <"$files/hashes")" 15

# Classes are called by their labels, EMNIST's by its mapping; a model of one form measures another.
run train --data "$files/emnist/emnist-three" --arch $net --epochs 1 --quiet --out "$work/run"
expect_code 0
run eval "$work/run/model.safetensors" --data "$files/plain"
expect_code 2
expect_err "class '0' and 2 more: not among the model's classes .*'A'"
run train --data "$files/stored.npz" --arch $net --epochs 1 --quiet --out "$work/second"
run eval "$work/second/model.safetensors" --data "$files/kaggle/train.csv" --json
expect_code 0
expect_equal 'all images of a file that says no test images' "$(json "$out" "d['split'], d['count']")" "('all', 42)"
run eval "$work/second/model.safetensors" --json
expect_code 0
expect_equal 'the test images of its own data' "$(json "$out" "d['split'], d['count']")" "('test', 12)"
run train --config "$work/second/run.json" --json --quiet
expect_equal 'the record gives the run again' "$(json "$out" "d['weights_sha256']")" "$(json "$work/second/run.json" "d['weights_sha256']")"
run data check "$files/medical.npz"
expect_code 0
expect_out '^  51 training and 12 test images, 1x6x6, 3 classes$'

# Wishes that the files contradict.
refused 2 'medical.npz has a validation set of its own .9 images.' train --data "$files/medical.npz" --arch $net --folds 3 --quiet
refused 2 'these images have their size' train --data "$files/stored.npz@8x8" --arch $net
refused 3 'several data sets; name one: .*emnist-other- or .*emnist-three-' train --data "$files/emnist" --arch $net
refused 3 "test.csv: its first line names no column 'label'" train --data "$files/kaggle/test.csv" --arch $net
refused 3 '36 pixels in a row, which are not 5x5x1' train --data "$files/bare.csv@5x5" --arch $net
refused 2 'no file of images' train --data "$files/hashes" --arch $net
refused 2 '--skip-bad: .* is no folder of images' train --data "$files/stored.npz" --arch $net --skip-bad

# One thing wrong with each.
python3 - "$files" <<'END'
import pathlib, struct, sys
root = pathlib.Path(sys.argv[1])
def table(name, change): (root / name).write_text(change((root / "bare.csv").read_text()))
def second_line(word):
    return lambda text: text.split("\n", 1)[0] + "\n" + text.split("\n", 1)[1].replace(",27,", f",{word},", 1)
table("large.csv", second_line("256"))
table("part.csv", second_line("0.5"))
table("blank.csv", second_line(""))
table("short.csv", lambda text: text + "1,2,3\n")
table("one.csv", lambda text: "".join("1" + line[line.index(","):] + "\n" for line in text.splitlines()))
table("square.csv", lambda text: "".join(line + ",1\n" for line in text.splitlines()))
whole = (root / "deflated.npz").read_bytes()
(root / "cut.npz").write_bytes(whole[:len(whole) // 2])
(root / "changed.npz").write_bytes(whole[:200] + bytes([whole[200] ^ 4]) + whole[201:])
labels = root / "plain/train-labels-idx1-ubyte"
for name, content in (("few", labels.read_bytes()[:7] + b"\x29" + labels.read_bytes()[8:-1]), ("images", (root / "plain/train-images-idx3-ubyte").read_bytes()),
                      ("empty", b""), ("other", labels.read_bytes()[:8] + bytes([200]) * 42)):
    folder = root / name
    folder.mkdir()
    for file in (root / "plain").iterdir():
        (folder / file.name).write_bytes(content if file == labels else file.read_bytes())
END
refused 3 "large.csv: line [0-9]+: '256' in column [0-9]+ is no pixel" train --data "$files/large.csv" --arch $net
refused 3 "part.csv: line [0-9]+: '0.5' in column" train --data "$files/part.csv" --arch $net
refused 3 "blank.csv: line [0-9]+: '' in column" train --data "$files/blank.csv" --arch $net
refused 3 'short.csv: line 43: 3 fields, where the first line has 37' train --data "$files/short.csv" --arch $net
refused 3 "one.csv: only one label, '1'" train --data "$files/one.csv" --arch $net
refused 3 'square.csv: 37 pixels in a row are no square; say what they are' train --data "$files/square.csv" --arch $net
refused 3 'cut.npz: damaged zip archive' train --data "$files/cut.npz" --arch $net
refused 3 'changed.npz: damaged zip archive' train --data "$files/changed.npz" --arch $net
refused 3 'train-labels-idx1-ubyte: 41 labels, and .* has 42 images' train --data "$files/few" --arch $net
refused 3 'train-labels-idx1-ubyte: no labels' train --data "$files/images" --arch $net
refused 3 'train-labels-idx1-ubyte: truncated: 0 bytes' train --data "$files/empty" --arch $net
refused 3 'train-labels-idx1-ubyte: only one label, 200' train --data "$files/other" --arch $net

# What Keras and torchvision put there, of which the content is proven.
need_data cifar10 mnist
source_of() { json "$out" "[s['path'] for s in d if s['name'] == '$1'][0]"; }
run data list --json
mnist=$(source_of mnist) cifar=$(source_of cifar10)
if [ -d "$mnist" ]; then
    python3 - "$mnist" "$work/keras/datasets" <<'END'
import gzip, pathlib, struct, sys, zipfile
source, target = map(pathlib.Path, sys.argv[1:])
target.mkdir(parents=True)
with zipfile.ZipFile(target / "mnist.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
    for name, file in (("x_train", "train-images-idx3-ubyte"), ("y_train", "train-labels-idx1-ubyte"),
                       ("x_test", "t10k-images-idx3-ubyte"), ("y_test", "t10k-labels-idx1-ubyte")):
        path = source / file
        data = path.read_bytes() if path.exists() else gzip.open(str(path) + ".gz").read()
        shape = struct.unpack(f">{data[3]}I", data[4:4 + 4 * data[3]])
        text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".encode()
        text += b" " * (-(len(text) + 11) % 64) + b"\n"
        archive.writestr(name + ".npy", b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + data[4 + 4 * data[3]:])
END
    LENET_DATA='' KERAS_HOME=$work/keras run data check mnist
    expect_code 0
    expect_out 'mnist.npz'
    expect_equal 'the files of MNIST' "$(grep -c ' good$' "$out")" 4
fi
if [ -d "$cifar" ]; then
    folder=$work/root/cifar-10-batches-py
    mkdir -p "$folder"
    ln -s "$cifar"/*.bin "$folder"
    rm "$folder/data_batch_2.bin"
    python3 - "$cifar/data_batch_2.bin" "$folder/data_batch_2" <<'END'
import struct, sys
data = open(sys.argv[1], "rb").read()
records = [data[i:i + 3073] for i in range(0, len(data), 3073)]
text = lambda word: b"U" + bytes([len(word)]) + word
dtype = b"cnumpy\ndtype\n" + text(b"u1") + b"K\0K\1\x87R(K\3" + text(b"|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"
array = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85" + text(b"b") + b"\x87R(K\1M\x10'M\0\x0c\x86" + dtype + b"\x89"
pixels = b"".join(record[1:] for record in records)
open(sys.argv[2], "wb").write(b"\x80\2}(" + text(b"labels") + b"](" + b"".join(b"K" + record[:1] for record in records) + b"e" + text(b"data")
                              + array + b"T" + struct.pack("<I", len(pixels)) + pixels + b"tbu.")
END
    run data check cifar10 --data-dir "$work/root"
    expect_code 0
    expect_equal 'the files of CIFAR-10' "$(grep -c ' good$' "$out")" 6
    printf 'cos\nsystem\n(U\012touch /tmp/xtR.' >"$folder/data_batch_2"
    run data check cifar10 --data-dir "$work/root"
    expect_code 3
    expect_out "asks for 'os.system'"
fi
finish
