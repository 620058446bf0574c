#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""keras.py FOLDER BATCH THREADS WARMUP IMAGES WORDS - an epoch of LeNet-5 by Keras, timed, for bench/compare.

model.fit as its users call it, on arrays in memory; it keeps a running loss, as lenet does, but no accuracy. The word `xla` compiles the
step with XLA. Settings that are known to matter on few threads: no thread for operators side by side, several steps a call where this
Keras can.
"""
import json
import os
import pathlib
import sys
import time

sys.path.pop(0)  # this folder, where `keras` would be this file
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
try:
    import numpy
    import tensorflow
    from tensorflow import keras
except ImportError as reason:
    print(json.dumps({"missing": str(reason)}))
    sys.exit()


def load(folder, split):
    """(float images [n][28][28][1] in 0..1, labels [n]) from IDX files, whose headers have 16 and 8 bytes."""
    images = numpy.fromfile(folder / f"{split}-images-idx3-ubyte", dtype=numpy.uint8, offset=16).reshape(-1, 28, 28, 1)
    return images.astype(numpy.float32) / 255, numpy.fromfile(folder / f"{split}-labels-idx1-ubyte", dtype=numpy.uint8, offset=8)


def make_lenet5(words):
    layers = keras.layers
    model = keras.Sequential([
        layers.Conv2D(6, 5, padding="same"), layers.MaxPooling2D(2), layers.ReLU(), layers.Conv2D(16, 5), layers.MaxPooling2D(2), layers.ReLU(),
        layers.Flatten(), layers.Dense(120, activation="relu"), layers.Dense(84, activation="relu"), layers.Dense(10)])
    model.compile(optimizer=keras.optimizers.Adam(0.001), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
                  jit_compile="xla" in words, steps_per_execution=16)
    return model


def main():
    folder, (batch, threads, warmup, count), words = pathlib.Path(sys.argv[1]), map(int, sys.argv[2:6]), sys.argv[6].split(",")
    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    keras.utils.set_random_seed(1)
    images, labels = load(folder, "train")
    model = make_lenet5(words)
    model.fit(images[:warmup], labels[:warmup], batch_size=batch, verbose=0)
    begin = time.perf_counter()
    model.fit(images[:count], labels[:count], batch_size=batch, verbose=0)
    seconds = time.perf_counter() - begin
    images, labels = load(folder, "t10k")
    right = (model.predict(images, batch_size=250, verbose=0).argmax(1) == labels).sum()
    version = f"Keras {keras.__version__} on TensorFlow {tensorflow.__version__}"
    print(json.dumps({"version": version, "seconds": seconds, "accuracy": float(right / len(labels)), "note": "XLA" if "xla" in words else ""}))


main()
