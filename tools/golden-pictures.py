#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/pictures: small image files, and beside each, as FILE.pnm, the pixels that a person sees.

The pixels are Pillow's: turned by EXIF, composited on white in the values as stored. Two cases follow docs/formats.md
where lenet differs on purpose: values of fewer bits in 16, and a picture that only its alpha draws. Needs Pillow; the
tests do not. Made with Pillow 13.0; another version may compress differently.
"""
import io
import pathlib
import random
import struct
import zlib

from PIL import Image, ImageCms, ImageOps

OUT = pathlib.Path(__file__).resolve().parents[1] / "tests" / "pictures"
WIDTH, HEIGHT = 12, 10
# Linear light, so that a reader that converts shows other values. Without the date at byte 24 it is always the same.
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
PROFILE = PROFILE[:24] + bytes(12) + PROFILE[36:]


def write(name, content, shown):
    """The file and what it shows, in grey or in colour as the file stores it."""
    (OUT / name).write_bytes(content)
    magic = {"L": "P5", "RGB": "P6"}[shown.mode]
    (OUT / f"{name}.pnm").write_bytes(f"{magic} {shown.width} {shown.height} 255\n".encode() + shown.tobytes())


def on_ground(image, ground=255):
    under = Image.new("RGBA", image.size, (ground,) * 3 + (255,))
    return Image.alpha_composite(under, image.convert("RGBA")).convert("RGB")


def seen(content):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    if image.has_transparency_data:
        shown = on_ground(image)
        return shown.convert("L") if image.mode == "LA" or (image.mode == "L") else shown
    return image if image.mode == "L" else image.convert("L" if image.mode == "1" else "RGB")


def save(name, image, **options):
    file = io.BytesIO()
    image.save(file, {"png": "PNG", "jpg": "JPEG", "tif": "TIFF", "webp": "WEBP"}[name.split(".")[-1]], **options)
    write(name, file.getvalue(), seen(file.getvalue()))


def picture(mode="RGB", seed=1, smooth=True):
    """Every place differs from every other, so that each turn and each swap of channels shows."""
    rng = random.Random(seed)
    bands = [bytes(min(255, (x * (9 + 5 * c) + y * (14 - 4 * c)) % 256 if smooth else rng.randrange(256))
                   for y in range(HEIGHT) for x in range(WIDTH)) for c in range(len(mode))]
    planes = [Image.frombytes("L", (WIDTH, HEIGHT), band) for band in bands]
    return planes[0] if mode == "L" else Image.merge(mode, planes)


def exif(orientation):
    data = Image.Exif()
    data[0x0112] = orientation
    return data


# --------------------------------------------------------------------------------------------------------------- PNG

def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}


def png(width, height, bits, colour, samples, before=b""):
    """A PNG of the samples, a list of numbers row by row; `before`: chunks before the pixels."""
    across = width * CHANNELS[colour]
    rows = b""
    for y in range(height):
        line = samples[y * across:(y + 1) * across]
        if bits == 16:
            packed = struct.pack(f">{across}H", *line)
        elif bits == 8:
            packed = bytes(line)
        else:
            text = "".join(f"{value:0{bits}b}" for value in line)
            text += "0" * (-len(text) % 8)
            packed = int(text, 2).to_bytes(len(text) // 8, "big")
        rows += b"\0" + packed
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(rows, 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + pixels + chunk(b"IEND", b"")


def pillow_png(name, *arguments, **options):
    content = png(*arguments, **options)
    write(name, content, seen(content))


def blend(value, alpha, ground):
    return (value * alpha + ground * (255 - alpha) + 127) // 255


def transparent_pngs():
    alphas = (0, 1, 64, 127, 128, 192, 254, 255)
    pairs = [value for g in (0, 60, 128, 255) for a in alphas for value in (g, a)]
    pillow_png("grey-alpha.png", 8, 4, 8, GREY_ALPHA, pairs)
    # Pillow reads grey and alpha of 16 bits as 8 bits: here by the formula
    wide = [value for g in (0, 60, 128, 255) for a in alphas for value in (g * 257, a * 257)]
    greys = bytes(blend(g, a, 255) for g in (0, 60, 128, 255) for a in alphas)
    write("grey-alpha-16.png", png(8, 4, 16, GREY_ALPHA, wide), Image.frombytes("L", (8, 4), greys))
    colours = [value for a in alphas for value in (200, 40, 120, a)]
    pillow_png("rgba.png", 8, 1, 8, RGBA, colours)
    write("rgba-16.png", png(8, 1, 16, RGBA, [257 * v for v in colours]), seen(png(8, 1, 8, RGBA, colours)))
    entries = chunk(b"PLTE", bytes([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9]))
    entries += chunk(b"tRNS", bytes([255, 128, 0, 40]))
    pillow_png("palette-alpha.png", 4, 1, 8, PALETTE, [0, 1, 2, 3], before=entries)
    pillow_png("palette-2-bits.png", 4, 1, 2, PALETTE, [0, 1, 2, 3], before=entries)
    key = chunk(b"tRNS", struct.pack(">3H", 10, 20, 30))
    pillow_png("rgb-colour-key.png", 3, 1, 8, RGB, [10, 20, 30, 10, 20, 31, 0, 0, 0], before=key)
    pillow_png("grey-colour-key.png", 4, 1, 8, GREY, [10, 20, 30, 0], before=chunk(b"tRNS", struct.pack(">H", 30)))
    key = png(2, 1, 16, GREY, [30000, 30001], before=chunk(b"tRNS", struct.pack(">H", 30000)))
    write("grey-16-colour-key.png", key, Image.frombytes("L", (2, 1), bytes([255, 117])))


def ink_pngs():
    alphas = (0, 0, 90, 255, 255, 180, 30, 0)
    for name, pixel, ground in (("white-ink", (255, 255, 255), 0), ("ivory-ink", (255, 253, 250), 0),
                                ("black-ink", (0, 0, 0), 255), ("grey-ink", (210, 210, 210), 255)):
        for under in (0, 255):  # what the colours of transparent pixels are does not matter
            values = [v for a in alphas for v in ((pixel if a else (under,) * 3) + (a,))]
            content = png(8, 1, 8, RGBA, values)
            write(f"{name}-{under}.png", content, on_ground(Image.open(io.BytesIO(content)), ground))
    content = png(8, 1, 8, GREY_ALPHA, [v for a in alphas for v in (255, a)])
    write("white-ink-grey.png", content, Image.frombytes("L", (8, 1), bytes(alphas)))
    pillow_png("white-opaque.png", 2, 1, 8, GREY_ALPHA, [255, 255, 255, 255])
    pillow_png("white-nothing.png", 2, 1, 8, GREY_ALPHA, [255, 0, 0, 0])


def narrow(values, full):
    return Image.frombytes("L", (len(values), 1), bytes((v * 255 + full // 2) // full for v in values))


def deep_pngs():
    for name, values, full, bits in (("grey-16", [0, 255, 256, 4096, 32768, 65535], 65535, None),
                                     ("grey-12-in-16", [0, 255, 256, 2048, 4095], 4095, None),
                                     ("grey-8-in-16", [0, 1, 128, 255], 255, None),
                                     ("grey-10-in-16", [0, 511, 512, 1023], 1023, 10),
                                     ("grey-14-in-16", [0, 5000, 8192, 16383], 16383, 14),
                                     ("grey-12-of-16", [0, 0x8008, 0xffff], 65535, 12)):
        before = chunk(b"sBIT", bytes([bits])) if bits else b""
        write(f"{name}.png", png(len(values), 1, 16, GREY, values, before), narrow(values, full))
    values = [0, 100, 4095, 1, 2000, 3000]
    content = png(2, 1, 16, RGB, values)
    write("rgb-12-in-16.png", content, Image.frombytes("RGB", (2, 1), narrow(values, 4095).tobytes()))
    values = [0, 65535, 2048, 65535, 4095, 32768]
    write("grey-alpha-12-in-16.png", png(3, 1, 16, GREY_ALPHA, values), Image.frombytes("L", (3, 1), bytes([0, 128, 255])))
    rng = random.Random(7)
    values = [rng.randrange(65536) for _ in range(30)]
    write("rgb-16.png", png(5, 2, 16, RGB, values), Image.frombytes("RGB", (5, 2), narrow(values, 65535).tobytes()))
    for bits in (1, 2, 4):
        pillow_png(f"grey-{bits}-bits.png", 4, 1, bits, GREY, [0, 1, 2 ** bits - 1, 0])


def described_pngs():
    """Chunks that say what light the values mean: Pillow and torchvision leave the values alone."""
    samples = list(picture("RGB").tobytes())
    primaries = struct.pack(">8I", 34570, 35850, 73470, 26530, 11500, 82600, 15700, 1800)
    linear, screen, dark = (chunk(b"gAMA", struct.pack(">I", gamma)) for gamma in (100000, 45455, 30000))
    for name, before in (("gamma-1.0", linear), ("gamma-2.2", screen), ("srgb", chunk(b"sRGB", b"\0") + screen),
                         ("chromaticities", dark + chunk(b"cHRM", primaries)),
                         ("profile", chunk(b"iCCP", b"x\0\0" + zlib.compress(PROFILE, 9)))):
        pillow_png(f"{name}.png", WIDTH, HEIGHT, 8, RGB, samples, before=before)
    pillow_png("gamma-and-alpha.png", 2, 1, 8, GREY_ALPHA, [0, 128, 128, 128], before=linear)
    for orientation in range(1, 9):
        save(f"turned-{orientation}.png", picture("RGB"), exif=exif(orientation))


# -------------------------------------------------------------------------------------------------------------- JPEG

def patched(content, marker, offset, value):
    """The file with bytes of the first segment that begins with `marker` changed."""
    at = content.index(marker) + offset
    return content[:at] + value + content[at + len(value):]


def without(content, marker):
    at = content.index(marker)
    length = struct.unpack(">H", content[at + 2:at + 4])[0]
    return content[:at] + content[at + 2 + length:]


def jpegs():
    for orientation in range(1, 9):
        save(f"turned-{orientation}.jpg", picture("RGB"), quality=95, subsampling=0, exif=exif(orientation))
    save("grey.jpg", picture("L"), quality=90)
    save("progressive.jpg", picture("RGB"), quality=90, progressive=True)
    save("subsampled.jpg", picture("RGB"), quality=85, subsampling=2)
    save("profile.jpg", picture("RGB"), quality=90, icc_profile=PROFILE)
    file = io.BytesIO()
    picture("RGB").save(file, "JPEG", quality=90)
    sos = patched(file.getvalue(), b"\xff\xda", 11, bytes([0, 0]))  # Ss = Se = 0 in a sequential file, as some phones write
    write("scan-of-a-phone.jpg", sos, seen(sos))
    file = io.BytesIO()
    picture("CMYK").save(file, "JPEG", quality=95, subsampling=0)
    cmyk = file.getvalue()
    for name, content in (("cmyk", cmyk), ("cmyk-without-marker", without(cmyk, b"\xff\xee")),
                          ("ycck", patched(cmyk, b"\xff\xee", 15, b"\2"))):
        write(f"{name}.jpg", content, seen(content))


# --------------------------------------------------------------------------------------------------------------- BMP

def bmp(width, height, bits, pixels, palette=b"", compression=0, masks=b"", header=40, colours=0):
    """A BMP of rows from below that are packed already."""
    start = 14 + header + (len(masks) if header == 40 else 0) + len(palette)
    info = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, len(pixels), 2835, 2835, colours, 0)
    if header == 12:
        info = struct.pack("<IHHHH", header, width, height, 1, bits)
    elif header > 40:
        info += masks + bytes(header - 40 - len(masks))
        masks = b""
    return b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + info + masks + palette + pixels


def pillow_bmp(name, *arguments, **options):
    content = bmp(*arguments, **options)
    write(name, content, seen(content).convert("RGB"))


def bmps():
    for mode, name in (("RGB", "24-bits"), ("L", "8-bits")):
        file = io.BytesIO()
        picture(mode).save(file, "BMP")
        write(f"{name}.bmp", file.getvalue(), seen(file.getvalue()).convert("RGB"))
    palette = bytes([10, 20, 30, 0, 200, 100, 50, 0, 0, 0, 255, 0, 255, 255, 255, 0])
    rows = bytes([0b10110000, 0, 0, 0, 0b01000000, 0, 0, 0])
    pillow_bmp("1-bit.bmp", 4, 2, 1, rows, palette[:8])
    pillow_bmp("4-bits.bmp", 5, 2, 4, bytes([0x01, 0x23, 0x10, 0, 0x32, 0x10, 0x30, 0]), palette, colours=4)
    pillow_bmp("old-header.bmp", 5, 1, 4, bytes([0x01, 0x23, 0x10, 0]), bytes(i * 5 for i in range(48)), header=12)
    pillow_bmp("from-the-top.bmp", 4, -2, 8, bytes([0, 1, 2, 3, 3, 2, 1, 0]), palette, colours=4)
    pillow_bmp("16-bits.bmp", 4, 1, 16, struct.pack("<4H", 0x7fff, 0x7c00, 0x1234, 0))
    fields = struct.pack("<3I", 0xf800, 0x7e0, 0x1f)
    pillow_bmp("16-bits-565.bmp", 4, 1, 16, struct.pack("<4H", 0xffff, 0xf800, 0x1234, 0), compression=3, masks=fields)
    pillow_bmp("32-bits.bmp", 3, 1, 32, bytes([1, 2, 3, 0, 40, 50, 60, 99, 255, 255, 255, 255]))
    fields = struct.pack("<4I", 0xff0000, 0xff00, 0xff, 0xff000000)
    values = bytes([1, 2, 3, 255, 40, 50, 60, 99, 9, 9, 9, 0])
    pillow_bmp("32-bits-alpha.bmp", 3, 1, 32, values, compression=3, masks=fields, header=108)
    # an alpha channel that was never filled in
    content = bmp(2, 1, 32, bytes([1, 2, 3, 0, 40, 50, 60, 0]), compression=3, masks=fields, header=108)
    write("32-bits-no-alpha.bmp", content, Image.frombytes("RGB", (2, 1), bytes([3, 2, 1, 60, 50, 40])))
    runs = bytes([3, 1, 2, 2, 0, 0, 0, 3, 1, 2, 3, 0, 0, 2, 1, 0, 1, 2, 0, 0, 5, 3, 0, 1])
    pillow_bmp("runs-8.bmp", 5, 3, 8, runs, palette, compression=1, colours=4)
    runs = bytes([5, 0x12, 0, 0, 0, 5, 0x31, 0x20, 0x10, 0, 0, 1])
    pillow_bmp("runs-4.bmp", 5, 2, 4, runs, palette, compression=2, colours=4)


# --------------------------------------------------------------------------------------------------------------- GIF

def frame(left, top, width, height, data, control=b"", flags=0, palette=b""):
    return control + b"," + struct.pack("<HHHHB", left, top, width, height, flags) + palette + data


def gif(width, height, palette, *frames):
    size = (len(palette) // 3).bit_length() - 2
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80 | size, 0, 0) + palette + b"".join(frames) + b";"


def lzw(values):
    """Codes of 3 bits for a palette of four, cleared after each pair so that they stay so wide: 4 clears, 5 ends."""
    codes = []
    for i, value in enumerate(values):
        codes += ([4] if i % 2 == 0 else []) + [value]
    text = "".join(f"{code:03b}"[::-1] for code in codes + [5])
    text += "0" * (-len(text) % 8)
    data = bytes(int(text[i:i + 8][::-1], 2) for i in range(0, len(text), 8))
    return bytes([2, len(data)]) + data + b"\0"


def gifs():
    palette = bytes([10, 20, 30, 200, 100, 50, 0, 0, 255, 250, 240, 255])
    values = [(x + y * y) % 4 for y in range(10) for x in range(3)]
    order = [y for first, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for y in range(first, 10, step)]
    woven = [values[3 * y + x] for y in order for x in range(3)]
    hidden = b"!\xf9\x04\x01\0\0\x02\0"  # index 2 is transparent
    blue = bytes([0, 0, 99] * 4)
    local = frame(0, 0, 3, 10, lzw(values), flags=0x81, palette=palette)
    first, second = frame(0, 0, 3, 10, lzw(values)), frame(0, 0, 3, 10, lzw(woven))
    for name, content in (("plain", gif(3, 10, palette, frame(0, 0, 3, 10, lzw(values)))),
                          ("interlaced", gif(3, 10, palette, frame(0, 0, 3, 10, lzw(woven), flags=0x40))),
                          ("local-palette", gif(3, 10, blue, local)),
                          ("alpha", gif(3, 10, palette, frame(0, 0, 3, 10, lzw(values), hidden))),
                          ("animated", gif(3, 10, palette, first, second)),
                          ("frame-alpha", gif(6, 12, palette, frame(2, 1, 3, 10, lzw(values), hidden)))):
        write(f"{name}.gif", content, seen(content).convert("RGB"))
    # Pillow fills the canvas around a first frame with the background colour, browsers leave it transparent
    small = gif(4, 1, palette, frame(1, 0, 2, 1, lzw([1, 3])))
    write("frame.gif", small, Image.frombytes("RGB", (4, 1), bytes([255] * 3 + [200, 100, 50, 250, 240, 255] + [255] * 3)))


# -------------------------------------------------------------------------------------------------------------- TIFF

def tiffs():
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
        save(f"{compression}.tif", picture("RGB"), compression=compression)
    save("jpeg-lossy.tif", picture("RGB"), compression="jpeg", quality=95)
    save("grey.tif", picture("L"))
    save("1-bit.tif", picture("L").point(lambda v: 255 * (v > 99)).convert("1"), compression="group4")
    save("palette.tif", picture("RGB").quantize(16))
    save("rgba.tif", picture("RGBA"))
    save("grey-alpha.tif", picture("LA"))
    for orientation in range(1, 9):
        save(f"turned-{orientation}.tif", picture("RGB"), exif=exif(orientation))
    white_is_0 = io.BytesIO()
    picture("L").save(white_is_0, "TIFF", tiffinfo={262: 0})
    write("white-is-0.tif", white_is_0.getvalue(), seen(white_is_0.getvalue()))
    save("cmyk.tif", picture("CMYK"))
    for name, values, full in (("grey-16", [0, 255, 256, 4096, 32768, 65535], 65535),
                               ("grey-12-in-16", [0, 255, 256, 2048, 4095], 4095)):
        for order in ("", "B"):
            samples = struct.pack(f"{'>' if order else '<'}{len(values)}H", *values)
            file = io.BytesIO()
            Image.frombytes(f"I;16{order}", (len(values), 1), samples).save(file, "TIFF")
            write(f"{name}{order.lower()}.tif", file.getvalue(), narrow(values, full))


# -------------------------------------------------------------------------------------------------------------- WebP

def webps():
    save("lossless.webp", picture("RGB"), lossless=True)
    save("lossless-alpha.webp", picture("RGBA"), lossless=True, exact=True)
    save("rgb-lossy.webp", picture("RGB"), quality=90)
    save("alpha-lossy.webp", picture("RGBA"), quality=90)
    save("turned-6.webp", picture("RGB"), lossless=True, exif=exif(6))
    file = io.BytesIO()
    picture("RGB", 1).save(file, "WEBP", lossless=True, save_all=True, append_images=[picture("RGB", 2, smooth=False)])
    write("animated.webp", file.getvalue(), seen(file.getvalue()))


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    for make in (transparent_pngs, ink_pngs, deep_pngs, described_pngs, jpegs, bmps, gifs, tiffs, webps):
        make()
