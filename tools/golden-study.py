#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""golden-study.py SETTING SEEDS FILE - trains the published settings with Keras itself.

SETTING is a, b or c of the published study (docs/reproduction.md). Each seed is one training run on MNIST: five
epochs, batch 64, all 60,000 images. Appends to FILE one row for each seed that it does not have yet:

    SEED  train accuracy of epochs 1 to 5  test accuracy of epochs 1 to 5

Training accuracy is the running mean that Keras logs. `lenet` draws other random numbers than Keras does, so the two
are compared as samples: tests/cli/keras.sh reads the file.

Needs Keras 3 on TensorFlow (pip install tensorflow-cpu), and MNIST below LENET_DATA. Tests do not run it.
"""
import gzip
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
EPOCHS, BATCH = 5, 64
SETTINGS = {  # weights of all layers, learning rate, its factor after each epoch
    "a": ("random_uniform", 0.01, 0.9),
    "b": ("glorot_normal", 0.003, 0.99),
    "c": ("truncated_normal", 0.005, 0.9),
}


def read_idx(folder, name):
    import numpy

    with gzip.open(os.path.join(folder, "mnist", name + ".gz")) as file:
        content = file.read()
    return numpy.frombuffer(content, "u1", offset=4 + 4 * content[3])


def load(folder, part):
    images = read_idx(folder, part + "-images-idx3-ubyte").reshape(-1, 28, 28, 1).astype("float32") / 255
    return images, read_idx(folder, part + "-labels-idx1-ubyte")


def network(keras, initializer):
    layers = keras.layers
    start = {"kernel_initializer": initializer}
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(6, 5, activation="relu", **start),
        layers.MaxPooling2D(2),
        layers.Conv2D(16, 5, activation="relu", **start),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(120, activation="relu", **start),
        layers.Dense(84, activation="relu", **start),
        layers.Dense(10, activation="softmax", **start),
    ])


def train(keras, setting, seed, train_set, test_set):
    initializer, rate, decay = SETTINGS[setting]
    keras.utils.set_random_seed(seed)
    model = network(keras, initializer)
    model.compile(keras.optimizers.Adam(learning_rate=rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    schedule = keras.callbacks.LearningRateScheduler(lambda epoch: rate * decay**epoch)
    history = model.fit(*train_set, batch_size=BATCH, epochs=EPOCHS, validation_data=test_set, callbacks=[schedule], verbose=0)
    return history.history["accuracy"] + history.history["val_accuracy"]


def seeds_of(path):
    if not os.path.exists(path):
        return set()
    with open(path, encoding="ascii") as file:
        return {int(line.split()[0]) for line in file if line.strip() and not line.startswith("#")}


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in SETTINGS:
        print(__doc__)
        return 2
    import keras

    setting, seeds, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    folder = os.environ["LENET_DATA"]
    train_set, test_set = load(folder, "train"), load(folder, "t10k")
    done = seeds_of(path)
    for seed in range(1, seeds + 1):
        if seed in done:
            continue
        accuracies = train(keras, setting, seed, train_set, test_set)
        with open(path, "a", encoding="ascii") as file:
            if file.tell() == 0:
                print(f"# Made by tools/golden-study.py {setting}, Keras {keras.__version__} on {keras.backend.backend()}.", file=file)
                print("# seed, train accuracy of epochs 1 to 5, test accuracy of epochs 1 to 5", file=file)
            print(seed, *(f"{x:.5f}" for x in accuracies), file=file)
    return 0


sys.exit(main())
