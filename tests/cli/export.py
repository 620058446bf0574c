#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""export.py COMMAND ... - judges the pages of `lenet export html` in a browser against the library, loaded from $LENET_BUILD.

  models FOLDER          makes models to export: all layer kinds, three channels with normalisation, hostile class names
  set PAGE MODEL         class and probabilities of the page on MNIST's 10,000 test images
  random PAGE MODEL      the same on random images of the model's size
  draw PAGE MODEL        digits drawn by mouse and keys get what `lenet predict` gives their picture
  hostile PAGE           names of classes are text

Prints what was compared; exit code 1 and what differs if anything does.
"""
import base64
import ctypes
import json
import os
import random
import struct
import subprocess
import sys
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import browser as browsing  # noqa: E402

LARGEST_DIFFERENCE = 1e-5
HOSTILE = '</script><script>document.title="obeyed"</script><img src=x onerror=document.title="obeyed"> & "q" \' ]]>'


class Shape(ctypes.Structure):
    _fields_ = [("channels", ctypes.c_int), ("height", ctypes.c_int), ("width", ctypes.c_int)]


class Error(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int), ("text", ctypes.c_char * 508)]


def library():
    names = ("liblenet.so", "liblenet.dylib")
    lib = ctypes.CDLL(next(p for p in (os.path.join(os.environ["LENET_BUILD"], n) for n in names) if os.path.exists(p)))
    lib.lenet_model_shape.restype = lib.lenet_dataset_shape.restype = Shape
    lib.lenet_dataset_count.restype = ctypes.c_size_t
    lib.lenet_dataset_images.restype = ctypes.POINTER(ctypes.c_uint8)
    lib.lenet_dataset_labels.restype = ctypes.POINTER(ctypes.c_uint8)
    lib.lenet_option_names.restype = ctypes.POINTER(ctypes.c_char_p)
    return lib


LIB = library()


def insist(status, error):
    if status:
        sys.exit(error.text.decode())


def load(path):
    model, error = ctypes.c_void_p(), Error()
    insist(LIB.lenet_model_load(ctypes.byref(model), path.encode(), ctypes.byref(error)), error)
    return model


def predict(model, images, count):
    """Probabilities as the library computes them, a list for each image."""
    classes, error = LIB.lenet_model_classes(model), Error()
    out = (ctypes.c_float * (count * classes))()
    insist(LIB.lenet_model_predict(model, ctypes.c_size_t(count), images, out, None, ctypes.byref(error)), error)
    return [list(out[i * classes:(i + 1) * classes]) for i in range(count)]


def make(path, architecture, shape, classes, names, normalize):
    model, error = ctypes.c_void_p(), Error()
    insist(LIB.lenet_model_create(ctypes.byref(model), architecture.encode(), shape, classes, ctypes.byref(error)), error)
    insist(LIB.lenet_model_initialize(model, b"he-normal", ctypes.c_uint64(7), ctypes.byref(error)), error)
    insist(LIB.lenet_model_initialize_biases(model, b"pytorch-default", ctypes.c_uint64(7), ctypes.byref(error)), error)
    if normalize:
        mean, std = ((ctypes.c_double * shape.channels)(*numbers) for numbers in normalize)
        insist(LIB.lenet_model_set_normalization(model, mean, std, ctypes.byref(error)), error)
    insist(LIB.lenet_model_set_note(model, b"class_names", json.dumps(names).encode(), ctypes.byref(error)), error)
    insist(LIB.lenet_model_save(model, path.encode(), ctypes.byref(error)), error)


# Every kind of layer: a kind that is missing here is named, so that a new one comes here and into the page.
EVERY = ("conv:4@3x3:pad=1,batchnorm:eps=0.002,leaky-relu:0.1,avgpool:2,conv:6@5x3:stride=2,elu:alpha=0.7,maxpool:3x2:stride=1,selu,"
         "dropout:0.4,dense:30,gelu,dense:24,gelu-tanh,dense:20,tanh,batchnorm,dense:16,sigmoid,dense:12,relu,dropout:rate=0.2,leaky-relu,elu,dense:10")


def make_models(folder):
    kinds, i = {layer.split(":")[0] for layer in EVERY.split(",")}, 0
    names = LIB.lenet_option_names(2)
    while names[i]:
        if names[i].decode() not in kinds:
            sys.exit(f"layer kind {names[i].decode()} is in no page that is tested")
        i += 1
    digits = [str(d) for d in range(10)]
    make(f"{folder}/every.safetensors", EVERY, Shape(1, 28, 28), 10, digits, ([0.13], [0.31]))
    make(f"{folder}/colour.safetensors", "conv:8@5x5:stride=2:pad=2,relu,conv:9@3x3,tanh,avgpool:2,dense:5", Shape(3, 32, 24), 5,
         ["cat", "dog", "owl", "ant", "eel"], ([0.49, 0.48, 0.45], [0.25, 0.24, 0.26]))
    make(f"{folder}/hostile.safetensors", "maxpool:4,dense:3", Shape(1, 28, 28), 3, [HOSTILE, "b", HOSTILE + "2"], None)
    print(EVERY)


# The probabilities of `count` images that lie one after the other in base64.
CLASSIFY = """(() => {
    const bytes = Uint8Array.from(atob("%s"), c => c.charCodeAt(0)), size = bytes.length / %d, all = [];
    for (let i = 0; i < %d; i++)
        all.push([...drawing.classify(bytes.subarray(i * size, (i + 1) * size))]);
    return all;
})()"""


def best_of(probabilities):
    return max(range(len(probabilities)), key=lambda label: probabilities[label])


def compare(page, model, images, count, what):
    expected = predict(model, images, count)
    seen = page.evaluate(CLASSIFY % (base64.b64encode(bytes(images)).decode(), count, count))
    distance = max(abs(a - b) for x, y in zip(seen, expected) for a, b in zip(x, y))
    classes = sum(best_of(x) != best_of(y) for x, y in zip(seen, expected))
    print(f"{what}: {count} images, {classes} of another class, largest difference of a probability {distance:.2g}")
    return [] if len(seen) == count and not classes and distance <= LARGEST_DIFFERENCE else [f"{what}: differs"], expected


def open_page(browser, path, **options):
    return browser.open("file://" + os.path.abspath(path), **options)


def judge_page(page, path):
    faults = [f"console: {line}" for line in page.console]
    faults += [f"asked for {url}" for url in page.requests if not url.startswith("data:") and url != "file://" + os.path.abspath(path)]
    if page.evaluate("document.title") == "obeyed" or page.evaluate("document.images.length"):
        faults.append("a name was obeyed")
    return faults


def judge_set(browser, path, model):
    data, error = ctypes.c_void_p(), Error()
    insist(LIB.lenet_dataset_open(ctypes.byref(data), b"mnist", 1, None, ctypes.byref(error)), error)
    count, model = LIB.lenet_dataset_count(data), load(model)
    images = (ctypes.c_uint8 * (count * 784)).from_address(ctypes.addressof(LIB.lenet_dataset_images(data).contents))
    page = open_page(browser, path)
    faults, expected = compare(page, model, images, count, "MNIST's test images")
    labels = LIB.lenet_dataset_labels(data)
    print(f"accuracy {sum(best_of(p) == labels[i] for i, p in enumerate(expected)) / count}")
    return faults + judge_page(page, path) + ([] if count == 10000 else [f"{count} images"])


def judge_random(browser, path, model):
    model = load(model)
    shape, draw = LIB.lenet_model_shape(model), random.Random(3)
    count, size = 64, shape.channels * shape.height * shape.width
    images = (ctypes.c_uint8 * (count * size))(*(draw.choice((0, 255, draw.randrange(256))) for _ in range(count * size)))
    page = open_page(browser, path)
    return compare(page, model, images, count, os.path.basename(path))[0] + judge_page(page, path)


def write_png(path, width, height, rows):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    lines = b"".join(b"\0" + bytes(rows[y * width:(y + 1) * width]) for y in range(height))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
                   chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


def judge_drawn(page, path, model, what):
    """What the page says of its drawing against `lenet predict` on a picture of it."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    sketch = page.evaluate("(() => { const s = drawing.sketch(); return {width: s.width, height: s.height, rows: [...s.planes[0]]}; })()")
    write_png(path + ".png", **sketch)
    said = json.loads(subprocess.run([os.environ["LENET"], "predict", model, path + ".png", "--json"], check=True, capture_output=True).stdout)
    top = said[0]["top"][0]
    label, share = page.evaluate("(() => { const best = document.getElementById('answer').dataset.label;"
                                 " return [Number(best), lenet.softmax(drawing.network.layers.at(-1).result)[best]]; })()")
    print(f"{what}: the page says {label}, {share:.6f}; lenet predict {top['label']}, {top['probability']:.6f}")
    return [] if label == top["label"] and abs(share - top["probability"]) <= LARGEST_DIFFERENCE else [f"{what}: differs"]


DIGITS = {"one": [(.5, .15), (.48, .85)], "seven": [(.3, .2), (.7, .2), (.45, .85)],
          "two": [(.3, .3), (.4, .18), (.6, .18), (.68, .32), (.3, .8), (.72, .8)],
          "corner": [(.02, .02), (.2, .02), (.1, .3)]}


def judge_draw(browser, path, model):
    page = open_page(browser, path)
    left, top, width, height = page.evaluate("(() => { const b = document.getElementById('sketch').getBoundingClientRect();"
                                             " return [b.left, b.top, b.width, b.height]; })()")
    faults = []
    for name, points in DIGITS.items():
        page.evaluate("drawing.clear()")
        page.drag([(left + x * width, top + y * height) for x, y in points])
        faults += judge_drawn(page, path, model, f"{name}, by the mouse")
    page.evaluate("drawing.clear(), document.getElementById('sketch').focus()")
    for key in ["ArrowUp"] * 3 + [" "] + ["ArrowDown"] * 16:
        page.key(key, " " if key == " " else "")
    faults += judge_drawn(page, path, model, "a line, by keys")
    page.key("Delete")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    if page.evaluate("document.getElementById('answer').dataset.label ?? null") is not None:
        faults.append("Delete leaves an answer")
    if page.evaluate("!document.getElementById('epochs').hidden"):
        faults.append("a slider for one epoch")
    for wide in (1280, 400):
        page.resize(wide, 900)
        if page.evaluate("document.documentElement.scrollWidth") > wide:
            faults.append(f"scrolls sideways at {wide}")
    return faults + judge_page(page, path)


def judge_hostile(browser, path):
    page = open_page(browser, path)
    names = page.evaluate("[...document.querySelectorAll('#classes .name')].map(n => n.textContent)")
    return judge_page(page, path) + ([] if names == [HOSTILE, "b", HOSTILE + "2"] else [f"names: {names}"])


def judge_epochs(browser, path):
    page = open_page(browser, path)
    many = page.evaluate("""(() => {
        const slider = document.getElementById("epoch"), classify = () => [...drawing.classify(new Uint8Array(784).fill(90))].join(), last = classify();
        slider.value = 0;
        slider.dispatchEvent(new Event("input"));
        return [!document.getElementById("epochs").hidden, slider.max, last !== classify()];
    })()""")
    return judge_page(page, path) + ([] if many == [True, "1", True] else [f"the slider: {many}"])


def main(command, *arguments):
    if command == "models":
        return make_models(*arguments)
    judges = {"set": judge_set, "random": judge_random, "draw": judge_draw, "hostile": judge_hostile, "epochs": judge_epochs}
    with browsing.Browser() as browser:
        faults = judges[command](browser, *arguments)
    print("\n".join(faults))
    return 1 if faults else 0


sys.exit(main(*sys.argv[1:]))
