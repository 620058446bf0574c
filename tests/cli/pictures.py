#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the first images of an IDX file as PNG files FOLDER/00000-LABEL.png..., as they are or made hard to recognise.

    pictures.py IMAGES LABELS FOLDER COUNT plain|drawn

IMAGES and LABELS may be gzipped. "drawn" is as if somebody had drawn them large on white paper, not quite in the middle:
inverted, seven times as large, with margins of 60, 17, 31 and 45 pixels. Nothing but the standard library is used.
"""
import gzip
import pathlib
import struct
import sys
import zlib


def read(path):
    data = pathlib.Path(path).read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def write_png(path, rows):
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))


def draw(rows, factor=7, top=60, bottom=17, left=31, right=45):
    large = [bytes(255 - v for v in row for _ in range(factor)) for row in rows for _ in range(factor)]
    width = left + factor * len(rows[0]) + right
    blank = b"\xff" * width
    return [blank] * top + [b"\xff" * left + row + b"\xff" * right for row in large] + [blank] * bottom


def main():
    images, labels, folder, count, way = sys.argv[1:6]
    images, labels = read(images), read(labels)[8:]
    height, width = struct.unpack(">II", images[8:16])
    for i in range(int(count)):
        start = 16 + i * height * width
        rows = [images[start + y * width:start + (y + 1) * width] for y in range(height)]
        write_png(pathlib.Path(folder) / f"{i:05d}-{labels[i]}.png", draw(rows) if way == "drawn" else rows)


main()
