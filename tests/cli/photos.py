#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a folder of images: photos.py FOLDER SEED CLASS=KIND:COUNT...

For each class, COUNT grey PNG files of 8x8 pixels. KIND (bag, shirt, trouser) says where they are light, so that the
class can be learned; the rest is noise drawn by SEED. Nothing but the standard library is used.
"""
import pathlib
import random
import struct
import sys
import zlib

SIDE = 8
LIGHT = {"bag": lambda x, y: y < 3, "shirt": lambda x, y: x < 3, "trouser": lambda x, y: x > 4 and y > 4}


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def write_png(path, rows):
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))


def main():
    drawn = random.Random(int(sys.argv[2]))
    for word in sys.argv[3:]:
        name, rest = word.split("=")
        kind, count = rest.split(":")
        folder = pathlib.Path(sys.argv[1]) / name
        folder.mkdir(parents=True)
        for i in range(int(count)):
            rows = [[180 * LIGHT[kind](x, y) + drawn.randrange(60) for x in range(SIDE)] for y in range(SIDE)]
            write_png(folder / f"{i}.png", rows)


main()
