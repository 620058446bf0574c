#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""files.py FOLDER - one little data set in all forms that people have, and FOLDER/hashes: the name of each and what lenet should make of it.

42 training and 12 test images of 6 x 6, three classes. The hashes are computed here, from docs/formats.md: this is the independent reader.
"""
import gzip
import hashlib
import os
import pathlib
import struct
import sys
import zipfile

ROOT = pathlib.Path(sys.argv[1])
SIDE = 6
PIXELS = SIDE * SIDE
HASHES = []


def images(first, count):
    return [bytes((7 * (first + i) + 13 * k + (first + i) * k) % 256 for k in range(PIXELS)) for i in range(count)]


TRAIN, TEST, VALIDATION = images(0, 42), images(100, 12), images(200, 9)


def labels_of(part):
    return [i * i % 3 if i % 5 else 2 for i in range(len(part))]


def sha256(part, labels, classes, own=0):
    header = struct.pack("<5Q", 1, SIDE, SIDE, classes, len(part))
    return hashlib.sha256(header + b"".join(part) + bytes(labels) + (struct.pack("<Q", own) if own else b"")).hexdigest()


def fifth(part, labels):
    """Without the fifth of each class with the lowest hashes: what a file without test images trains on."""
    tests = set()
    for k in sorted(set(labels)):
        ranked = sorted((hashlib.sha256(part[i]).hexdigest(), i) for i in range(len(part)) if labels[i] == k)
        tests |= {i for _, i in ranked[:max(1, int(0.2 * len(ranked) + 0.5))]}
    rest = [i for i in range(len(part)) if i not in tests]
    return [part[i] for i in rest], [labels[i] for i in rest]


WHOLE = sha256(TRAIN, labels_of(TRAIN), 3)
FIFTH = sha256(*fifth(TRAIN, labels_of(TRAIN)), 3)
OWN = sha256(TRAIN + VALIDATION, labels_of(TRAIN) + labels_of(VALIDATION), 3, len(VALIDATION))


def put(name, content, packed=False):
    path = ROOT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content) if packed else content)
    return name


def expect(name, content, counts):
    """counts: training images, those held out of them, test images."""
    HASHES.append(f"{name} {content} {counts}\n")


def idx(kind, dimensions, elements):
    return struct.pack(f">BBBB{len(dimensions)}I", 0, 0, kind, len(dimensions), *dimensions) + elements


def idx_images(part, transposed=False):
    order = [SIDE * (k % SIDE) + k // SIDE for k in range(PIXELS)] if transposed else range(PIXELS)
    return idx(8, (len(part), SIDE, SIDE), b"".join(bytes(image[k] for k in order) for image in part))


def write_idx():
    for which, part in (("train", TRAIN), ("test", TEST)):
        labels = labels_of(part)
        other = "t10k" if which == "test" else which
        put(f"plain/{other}-images-idx3-ubyte", idx_images(part))
        put(f"plain/{other}-labels-idx1-ubyte", idx(8, (len(part),), bytes(labels)))
        put(f"emnist/emnist-three-{which}-images-idx3-ubyte.gz", idx_images(part, True), True)
        put(f"emnist/emnist-three-{which}-labels-idx1-ubyte.gz", idx(8, (len(part),), bytes(k + 1 for k in labels)), True)
        rows = b"".join(struct.pack(">8i", k, 1000, 2, 3, 4, 5, 6, 0) for k in labels)
        put(f"QMNIST/raw/qmnist-{which}-images-idx3-ubyte", idx_images(part))
        put(f"QMNIST/raw/qmnist-{which}-labels-idx2-int", idx(12, (len(part), 8), rows))
    put("emnist/emnist-three-mapping.txt", b"1 65 97\n2 66 98\n3 67 99\n")
    put("emnist/emnist-other-train-images-idx3-ubyte.gz", idx_images(TRAIN), True)
    put("alone/train-images-idx3-ubyte", idx_images(TRAIN))
    put("alone/train-labels-idx1-ubyte", idx(8, (len(TRAIN),), bytes(labels_of(TRAIN))))
    for name in ("plain", "plain/train-images-idx3-ubyte", "emnist/emnist-three", "QMNIST/raw"):
        expect(name, WHOLE, "38 4 12")
    expect("alone", FIFTH, "30 4 8")


def npy(descr, shape, elements):
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + elements


def write_npz(name, method, parts, names):
    path = ROOT / name
    with zipfile.ZipFile(path, "w", method) as archive:
        for (x, y), part in zip(names, parts):
            labels = labels_of(part)
            archive.writestr(x + ".npy", npy("|u1", (len(part), SIDE, SIDE), b"".join(part)))
            archive.writestr(y + ".npy", npy("<i8", (len(part), 1), struct.pack(f"<{len(labels)}q", *labels)))


def write_archives():
    keras = (("x_train", "y_train"), ("x_test", "y_test"), ("x_val", "y_val"))
    medical = (("train_images", "train_labels"), ("test_images", "test_labels"), ("val_images", "val_labels"))
    write_npz("stored.npz", zipfile.ZIP_STORED, (TRAIN, TEST), keras)
    write_npz("deflated.npz", zipfile.ZIP_DEFLATED, (TRAIN, TEST), keras)
    write_npz("medical.npz", zipfile.ZIP_DEFLATED, (TRAIN, TEST, VALIDATION), medical)
    write_npz("alone.npz", zipfile.ZIP_DEFLATED, (TRAIN,), keras)
    for name in ("stored.npz", "deflated.npz"):
        expect(name, WHOLE, "38 4 12")
    expect("medical.npz", OWN, "42 9 12")
    expect("alone.npz", FIFTH, "30 4 8")


def rows(part, labels):
    return "".join(",".join(map(str, [k, *image])) + "\n" for k, image in zip(labels, part))


def write_tables():
    header = ",".join(f"pixel{k}" for k in range(PIXELS)) + "\n"
    labelled = "label," + header
    put("kaggle/train.csv", (labelled + rows(TRAIN, labels_of(TRAIN))).encode())
    put("kaggle/test.csv", (header + "".join(",".join(map(str, image)) + "\n" for image in TEST)).encode())
    put("kaggle/sample_submission.csv", b"ImageId,Label\n1,0\n")
    put("zalando/fashion-mnist_train.csv", (labelled + rows(TRAIN, labels_of(TRAIN))).encode())
    put("zalando/fashion-mnist_test.csv", (labelled + rows(TEST, labels_of(TEST))).encode())
    put("bare.csv", rows(TRAIN, labels_of(TRAIN)).encode())
    names = ["ant", "bee", "cat"]
    quoted = "\ufeffimage;" + header.strip().replace(",", ";") + ';"Class"\r\n'
    quoted = quoted.replace("image;", "id;") + "".join(f"{i};" + ";".join(map(str, image)) + f';"{names[k]}"\r\n'
                                                       for i, (k, image) in enumerate(zip(labels_of(TRAIN), TRAIN)))
    put("named.csv", quoted.encode())
    expect("kaggle", FIFTH, "30 4 8")
    expect("kaggle/train.csv", FIFTH, "30 4 8")
    expect("zalando", WHOLE, "38 4 12")
    expect("bare.csv", FIFTH, "30 4 8")
    expect("bare.csv@6x6", FIFTH, "30 4 8")
    expect("named.csv", FIFTH, "30 4 8")


os.makedirs(ROOT, exist_ok=True)
write_idx()
write_archives()
write_tables()
(ROOT / "hashes").write_text("".join(HASHES))
