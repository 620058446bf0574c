#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""golden-metrics.py FOLDER A.csv B.csv - makes tests/golden/metrics.txt with scikit-learn, the independent implementation.

A and B are files of `lenet eval --predictions` of two models that were trained on MNIST, on its test images; every EVERY-th image is taken.
Lines of the result: "model A", "image TRUTH P0 .. P9", and "value NAME NUMBER" of the model before; at the end "pair NAME NUMBER" of both.
Where scikit-learn has no such number (expected calibration error, temperature, McNemar) it is made here of its or scipy's parts.
"""
import csv
import os
import sys

import numpy as np
import scipy.optimize
import scipy.stats
import sklearn
import sklearn.calibration
import sklearn.metrics as metrics

EVERY, BINS = 40, 15


def read(path):
    """(truth, probabilities) of some images."""
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))[::EVERY]
    names = [key for key in rows[0] if key.startswith("p(")]
    truth = np.array([names.index(f"p({row['truth']})") for row in rows])
    return truth, np.array([[np.float32(row[name]) for name in names] for row in rows])


def at_temperature(p, temperature):
    powers = np.exp(np.log(p.astype(float)) / temperature)
    return powers / powers.sum(1, keepdims=True)


def log_loss(truth, p):
    return -np.log(p[np.arange(len(truth)), truth].astype(float)).mean()


def calibration(truth, p):
    """(expected, largest) error: scikit-learn's bins, weighted by the images in them."""
    confidence, right = p.max(1).astype(float), p.argmax(1) == truth
    accuracy, mean = sklearn.calibration.calibration_curve(right, confidence, n_bins=BINS, strategy="uniform")
    edges = np.linspace(0, 1, BINS + 1)
    counts = np.bincount(np.searchsorted(edges[1:-1], confidence), minlength=BINS)
    off = np.abs(accuracy - mean)
    return (off * counts[counts > 0]).sum() / len(truth), off.max()


def values_of(truth, p):
    guess = p.argmax(1)
    yield "accuracy", metrics.accuracy_score(truth, guess)
    yield "balanced_accuracy", metrics.balanced_accuracy_score(truth, guess)
    yield "kappa", metrics.cohen_kappa_score(truth, guess)
    yield "matthews", metrics.matthews_corrcoef(truth, guess)
    for average in ("macro", "weighted"):
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(truth, guess, average=average, zero_division=0)
        yield from ((f"{average}_precision", precision), (f"{average}_recall", recall), (f"{average}_f1", f1))
    for k in (1, 2, 3, 5):
        yield f"top_{k}", metrics.top_k_accuracy_score(truth, p, k=k, labels=range(p.shape[1]))
    yield "log_loss", log_loss(truth, p)
    yield "brier", ((p.astype(float) - np.eye(p.shape[1])[truth]) ** 2).sum(1).mean()
    for label in range(p.shape[1]):
        yield f"roc_area_{label}", metrics.roc_auc_score(truth == label, p[:, label])
    expected, largest = calibration(truth, p)
    yield from (("expected_error", expected), ("largest_error", largest))
    best = scipy.optimize.minimize_scalar(lambda t: log_loss(truth, at_temperature(p, t)), bounds=(0.05, 20), method="bounded", options={"xatol": 1e-10})
    yield "temperature", best.x
    yield "log_loss_at_temperature", best.fun
    yield "expected_error_at_temperature", calibration(truth, at_temperature(p, best.x))[0]


def pair_values(truth, p, q):
    a, b = p.argmax(1) == truth, q.argmax(1) == truth
    first, second = int((a & ~b).sum()), int((~a & b).sum())
    yield from (("both_right", int((a & b).sum())), ("first_right", first), ("second_right", second), ("both_wrong", int((~a & ~b).sum())))
    yield "same_wrong", int((~a & (p.argmax(1) == q.argmax(1))).sum())
    yield "mcnemar", scipy.stats.binomtest(first, first + second, 0.5).pvalue


def main(arguments):
    if len(arguments) != 3:
        sys.exit(__doc__)
    models = [read(path) for path in arguments[1:]]
    with open(os.path.join(arguments[0], "metrics.txt"), "w") as file:
        print(f"# made by tools/golden-metrics.py with scikit-learn {sklearn.__version__}, scipy {scipy.__version__}", file=file)
        for name, (truth, p) in zip("AB", models):
            print("model", name, file=file)
            for label, row in zip(truth, p):
                print("image", label, *(f"{value:.9g}" for value in row), file=file)
            for key, value in values_of(truth, p):
                print("value", key, repr(float(value)), file=file)
        for key, value in pair_values(models[0][0], models[0][1], models[1][1]):
            print("pair", key, repr(float(value)), file=file)


if __name__ == "__main__":
    main(sys.argv[1:])
