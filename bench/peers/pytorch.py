#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""pytorch.py FOLDER BATCH THREADS WARMUP IMAGES WORDS - an epoch of LeNet-5 by PyTorch, timed, for bench/compare.

All images lie in one float tensor, and a step takes its own by a permutation: no DataLoader. The loop keeps no running loss and no
accuracy, which lenet does. ReLU follows the pooling, which is the same function and less work. Words change how, never what: `foreach`
Adam (else the fused one where this PyTorch has it for the CPU), `channels_last` memory, a `traced` model.
"""
import json
import pathlib
import sys
import time

try:
    import torch
    from torch import nn
except ImportError as reason:
    print(json.dumps({"missing": str(reason)}))
    sys.exit()


def load(folder, split):
    """(float images [n][1][28][28] in 0..1, labels [n]) from IDX files, whose headers have 16 and 8 bytes."""
    pixels, labels = (bytearray((folder / f"{split}-{kind}-ubyte").read_bytes()) for kind in ("images-idx3", "labels-idx1"))
    images = torch.frombuffer(pixels, dtype=torch.uint8, offset=16).reshape(-1, 1, 28, 28)
    return images.float().div_(255), torch.frombuffer(labels, dtype=torch.uint8, offset=8).long()


def make_lenet5():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.MaxPool2d(2), nn.ReLU(), nn.Conv2d(6, 16, 5), nn.MaxPool2d(2), nn.ReLU(),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def make_adam(model, words):
    """Adam as the words say; the fused one may be there for GPUs alone, which its first step tells."""
    if "foreach" in words:
        return torch.optim.Adam(model.parameters(), lr=0.001, foreach=True), "foreach Adam"
    try:
        trial = nn.Parameter(torch.zeros(1))
        trial.grad = torch.zeros(1)
        torch.optim.Adam([trial], fused=True).step()
    except (TypeError, RuntimeError):
        return torch.optim.Adam(model.parameters(), lr=0.001), "plain Adam"
    return torch.optim.Adam(model.parameters(), lr=0.001, fused=True), "fused Adam"


def train(model, adam, images, labels, batch, count):
    """Seconds for `count` images in a new order."""
    begin = time.perf_counter()
    for chosen in torch.randperm(len(labels))[:count].split(batch):
        adam.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(model(images.index_select(0, chosen)), labels.index_select(0, chosen)).backward()
        adam.step()
    return time.perf_counter() - begin


def main():
    folder, (batch, threads, warmup, count), words = pathlib.Path(sys.argv[1]), map(int, sys.argv[2:6]), sys.argv[6].split(",")
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    images, labels = load(folder, "train")
    model = make_lenet5()
    if "channels_last" in words:
        model, images = model.to(memory_format=torch.channels_last), images.contiguous(memory_format=torch.channels_last)
    adam, name = make_adam(model, words)
    run = torch.jit.trace(model, images[:batch]) if "traced" in words else model
    train(run, adam, images, labels, batch, warmup)
    seconds = train(run, adam, images, labels, batch, count)
    images, labels = load(folder, "t10k")
    with torch.no_grad():
        right = sum((model(x).argmax(1) == y).sum().item() for x, y in zip(images.split(250), labels.split(250)))
    print(json.dumps({"version": f"PyTorch {torch.__version__}", "seconds": seconds, "accuracy": right / len(labels), "note": name}))


main()
