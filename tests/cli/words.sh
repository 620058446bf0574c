#!/bin/bash
# SPDX-License-Identifier: MIT
#
# words.sh - what people write is understood as what they mean, or the line says what to write: names in other letters, help as a command,
# folders for models, architectures that do not fit, files of PyTorch; and tables of many classes stay readable.
#
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
command -v python3 >/dev/null || skip "no python3 to make data with"

# images NAME HEIGHT WIDTH LABELS: an .npz of that many images of each of the labels, which are numbers.
images()
{
    python3 - "$work/$1.npz" "$2" "$3" "${@:4}" <<'END'
import struct, sys, zipfile
height, width = map(int, sys.argv[2:4])
labels = [int(word) for word in sys.argv[4:] for _ in range(5)]
def npy(descr, shape, elements):
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + elements
with zipfile.ZipFile(sys.argv[1], "w") as archive:
    pixels = bytes((i * 31 + k * 7) % 256 for i in range(len(labels)) for k in range(height * width))
    archive.writestr("x_train.npy", npy("|u1", (len(labels), height, width), pixels))
    archive.writestr("y_train.npy", npy("<i8", (len(labels),), struct.pack(f"<{len(labels)}q", *labels)))
END
}

# Help and version as commands.
run train --help
cp "$out" "$work/help"
run help train
expect_code 0
judge 'help train is train --help' cmp -s "$out" "$work/help"
run version
expect_code 0
expect_out '^lenet [0-9]'

# Names of data sets in other letters.
for name in MNIST FashionMNIST fashion_mnist CIFAR-10 CIFAR100 KMNIST; do
    run train --data $name --data-dir "$work" --epochs 1
    expect_code 3
    expect_err 'not found'
done
refused 2 "unexpected argument 'mnist'; did you mean 'lenet train --data mnist'" train mnist
refused 2 "unexpected argument 'CIFAR-10'; did you mean 'lenet train --data cifar10'" train CIFAR-10
refused 2 "unknown command 'mnist'; did you mean 'lenet train --data mnist'" mnist
refused 2 "did you mean 'lenet train'" trian

# A folder stands for the model in it.
images small 8 8 0 1
run train --data "$work/small.npz" --arch dense:2 --epochs 1 --quiet --out "$work/run"
run eval "$work/run" --json
expect_code 0
cp "$out" "$work/by-folder"
run eval "$work/run/model.safetensors" --json
judge 'the same figures' cmp -s "$out" "$work/by-folder"
refused 3 'no model.safetensors in this folder$' eval "$here"
run train --data "$work/small.npz" --arch dense:2 --epochs 1 --quiet --runs 2 --out "$work/two"
refused 3 'no model.safetensors in this folder, but in 2 below it; name one, as .*/two/run-01/model.safetensors' eval "$work/two"

# Where an architecture does not fit, one that does is named.
for size in '1 1' '2 3' '3 3' '4 9' '5 5' '8 8' '13 40'; do
    # shellcheck disable=SC2086 # height and width
    images "size" $size 0 1 2
    run train --data "$work/size.npz" --epochs 1 --quiet --arch conv:8@50x50,dense:3
    expect_code 2
    fitting=$(sed -n 's/.* (height, width) fit \(.*\)$/\1/p' "$err")
    run train --data "$work/size.npz" --epochs 1 --quiet --arch "${fitting:-none was named}"
    expect_code 0
done
run train --data "$work/small.npz" --epochs 1
expect_code 2
expect_err "images of 8x8 \(height, width\) fit conv:"
judge 'lenet5 is not proposed for itself' eval '! grep -q "did you mean lenet5" "$err"'

# Tables of many classes; classes that are called by other numbers than their place.
widest() { awk '{ if (length($0) > most) most = length($0) } END { print most + 0 }' "$out"; }
# shellcheck disable=SC2046 # numbers
images many 2 2 $(seq 0 255)
run train --data "$work/many.npz" --arch dense:256 --epochs 1
expect_code 0
judge "lines of at most 80 columns: $(widest)" [ "$(widest)" -le 80 ]
expect_out '^confusion matrix: 256 classes, too many to print'
# shellcheck disable=SC2046
images dozen 2 2 $(seq 1 12)
run train --data "$work/dozen.npz" --arch dense:12 --epochs 1
expect_code 0
judge "lines of at most 80 columns: $(widest)" [ "$(widest)" -le 80 ]
expect_out '^ *truth +1 +2 +3 +4 +5 +6 +7 +8 +9 +10 +11'
judge 'no class is called by two numbers' eval '! grep -Eq "^ *0 1( |$)" "$out"'
mkdir -p "$work/mixed"
python3 "$here/photos.py" "$work/mixed" 1 1=bag:8 2=shirt:8 unknown=trouser:8
run train --data "$work/mixed" --arch dense:3 --epochs 1
expect_code 0
expect_out '^ *truth +#0 +#1 +#2$'
expect_out '^ *#0 1 '

# Files of PyTorch: what is missing is named; the count of batches is passed over.
run train --data "$work/small.npz" --arch conv:2@3x3,batchnorm,relu,dense:2 --epochs 1 --quiet --out "$work/norm"
expect_code 0
python3 - "$work" <<'END'
import json, pathlib, struct, sys, zipfile
work = pathlib.Path(sys.argv[1])
data = (work / "norm/model.safetensors").read_bytes()
length = struct.unpack("<Q", data[:8])[0]
header, values = json.loads(data[8:8 + length]), data[8 + length:]
def write(name, metadata, kind, count):
    made = {key: value for key, value in header.items() if key != "__metadata__"}
    made["bn1.num_batches_tracked"] = {"dtype": kind, "shape": [], "data_offsets": [len(values), len(values) + len(count)]}
    if metadata:
        made["__metadata__"] = metadata
    text = json.dumps(made).encode()
    text += b" " * (-len(text) % 8)
    (work / name).write_bytes(struct.pack("<Q", len(text)) + text + values + count)
notes = {key: header["__metadata__"][key] for key in ("architecture", "input", "classes")}
write("tracked.safetensors", notes, "I64", struct.pack("<q", 7))
write("floats.safetensors", notes, "F32", struct.pack("<f", 7))
write("bare.safetensors", None, "I64", struct.pack("<q", 7))
with zipfile.ZipFile(work / "model.pt", "w") as archive:
    archive.writestr("archive/data.pkl", b"\x80\2}q\0.")
    archive.writestr("archive/version", b"3\n")
(work / "old.pth").write_bytes(b"\x80\2\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\2M\xe9\3.")
END
run eval "$work/norm" --data "$work/small.npz" --split all --json
right=$(json "$out" "d['loss'], d['correct']")
for name in tracked floats; do
    run eval "$work/$name.safetensors" --data "$work/small.npz" --split all --json
    expect_code 0
    expect_equal "$name" "$(json "$out" "d['loss'], d['correct']")" "$right"
done
refused 3 "bare.safetensors: .*note 'architecture' is missing .*save_file.*'input': '1x28x28'" eval "$work/bare.safetensors" --data "$work/small.npz"
for name in model.pt old.pth; do
    refused 3 "$name: a file of torch.save, .*convert it: python3 -c \"import torch.*$name" eval "$work/$name" --data "$work/small.npz"
done
finish
