#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""golden.py FOLDER [NAME...] - makes the golden data of tests/golden with PyTorch, the independent implementation.

Each network is trained for ten steps on one batch of 20 images, once with each optimiser. Truth is computed in float64 and
stored as float32, so a test's tolerance is that of the library alone; the same in PyTorch's float32 says how far a float32
implementation of good faith strays (printed, and kept as notes in the files). Networks, images and initial weights come from
integer formulas below, so no data set and no random generator of anyone is involved, and a second run gives the same files
on the same version of PyTorch.

What it is not: a description of the library. Layers and optimisers are written here from their definitions:
  momentum (Keras):  m = mu m - lr g;  w += m
  adam (Keras):      m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;  w -= lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + 1e-7)
"""
import json
import os
import struct
import sys

import torch
import torch.nn.functional as F

STEPS, BATCH, CLASSES = 10, 20, 10  # 20 = 16 + 4: the last block of 16 samples is short
LIMIT = 0xFFFFFFFF

# A layer is (kind, settings); a network is its specification, the shape of an image, and its layers.
NETWORKS = {
    "lenet5": ("lenet5", (1, 28, 28), [
        ("conv", dict(name="conv1", out=6, kernel=(5, 5), stride=1, pad=2)), ("relu", {}), ("maxpool", dict(window=2, stride=2)),
        ("conv", dict(name="conv2", out=16, kernel=(5, 5), stride=1, pad=0)), ("relu", {}), ("maxpool", dict(window=2, stride=2)),
        ("dense", dict(name="fc1", out=120)), ("relu", {}), ("dense", dict(name="fc2", out=84)), ("relu", {}),
        ("dense", dict(name="fc3", out=CLASSES))]),
    "smooth": ("conv:5@3x3:stride=2:pad=1,elu,avgpool:2,conv:7@2x2,tanh,dense:11,sigmoid,dense:10", (3, 15, 13), [
        ("conv", dict(name="conv1", out=5, kernel=(3, 3), stride=2, pad=1)), ("elu", {}), ("avgpool", dict(window=2, stride=2)),
        ("conv", dict(name="conv2", out=7, kernel=(2, 2), stride=1, pad=0)), ("tanh", {}),
        ("dense", dict(name="fc1", out=11)), ("sigmoid", {}), ("dense", dict(name="fc2", out=CLASSES))]),
    "ragged": ("conv:6@4x3:pad=1,leaky-relu,maxpool:3:stride=2,conv:9@3x2,leaky-relu,avgpool:2:stride=1,dense:13,elu,dense:10",
               (3, 15, 13), [
        ("conv", dict(name="conv1", out=6, kernel=(4, 3), stride=1, pad=1)), ("leaky-relu", {}), ("maxpool", dict(window=3, stride=2)),
        ("conv", dict(name="conv2", out=9, kernel=(3, 2), stride=1, pad=0)), ("leaky-relu", {}), ("avgpool", dict(window=2, stride=1)),
        ("dense", dict(name="fc1", out=13)), ("elu", {}), ("dense", dict(name="fc2", out=CLASSES))]),
    "bare": ("conv:7@3x3,maxpool:2,relu,conv:4@3x3:pad=2,relu,dense:10", (3, 15, 13), [
        ("conv", dict(name="conv1", out=7, kernel=(3, 3), stride=1, pad=0)), ("maxpool", dict(window=2, stride=2)), ("relu", {}),
        ("conv", dict(name="conv2", out=4, kernel=(3, 3), stride=1, pad=2)), ("relu", {}),
        ("dense", dict(name="fc1", out=CLASSES))]),
    "curved": ("conv:5@3x3,gelu,maxpool:2,conv:6@3x2:pad=1,selu,dense:11,gelu-tanh,dense:10", (3, 15, 13), [
        ("conv", dict(name="conv1", out=5, kernel=(3, 3), stride=1, pad=0)), ("gelu", {}), ("maxpool", dict(window=2, stride=2)),
        ("conv", dict(name="conv2", out=6, kernel=(3, 2), stride=1, pad=1)), ("selu", {}),
        ("dense", dict(name="fc1", out=11)), ("gelu-tanh", {}), ("dense", dict(name="fc2", out=CLASSES))]),
    "normed": ("conv:5@3x3,tanh,batchnorm:momentum=0.9:eps=0.00001:unbiased=1,maxpool:2,dense:11,tanh,batchnorm:momentum=0.8,dense:10",
               (3, 15, 13), [
        ("conv", dict(name="conv1", out=5, kernel=(3, 3), stride=1, pad=0)), ("tanh", {}),
        ("batchnorm", dict(name="bn1", momentum=0.9, eps=1e-5, unbiased=True)), ("maxpool", dict(window=2, stride=2)),
        ("dense", dict(name="fc1", out=11)), ("tanh", {}), ("batchnorm", dict(name="bn2", momentum=0.8, eps=1e-3, unbiased=False)),
        ("dense", dict(name="fc2", out=CLASSES))]),
}
OPTIMIZERS = {"sgd": 0.01, "momentum": 0.01, "adam": 0.001}  # and their learning rates
ACTIVATIONS = {"relu": F.relu, "leaky-relu": lambda x: F.leaky_relu(x, 0.01), "elu": F.elu, "tanh": torch.tanh,
               "sigmoid": torch.sigmoid, "selu": F.selu, "gelu": F.gelu, "gelu-tanh": lambda x: F.gelu(x, approximate="tanh")}

# ------------------------------------------------------------------------------------------------------- formulas


def mix(i):
    """An integer below 2^32 that looks random, from one below 2^32."""
    h = (i * 2654435761) & LIMIT
    h = ((h ^ (h >> 15)) * 2246822519) & LIMIT
    h = ((h ^ (h >> 13)) * 3266489917) & LIMIT
    return h ^ (h >> 16)


def make_labels():
    return torch.tensor([(7 * n + 3) % CLASSES for n in range(BATCH)])


def make_images(shape, labels):
    """Half a pattern of the label, half noise: 0..254. Noise leaves no flat places, so no maximum of a pool is a tie."""
    channels, height, width = shape
    images = torch.zeros(BATCH, *shape, dtype=torch.uint8)
    i = 0
    for n in range(BATCH):
        for c in range(channels):
            for y in range(height):
                for x in range(width):
                    images[n, c, y, x] = (((labels[n] + 1 + c) * (x + 2 * y)) & 127) + (mix(i) & 127)
                    i += 1
    return images


def make_weights(layers, shape):
    """{name: float32 tensor}: uniform in +-sqrt(6 / (fan in + fan out)); biases uniform in +-0.1, so that they matter; scales of
    batch normalisations so around 1, their running means 0 and variances 1."""
    weights, i = {}, 1 << 20
    for name, size, fans in parameter_shapes(layers, shape):
        if is_running(name):
            weights[name] = torch.full(size, 1.0 if name.endswith("var") else 0.0)
            continue
        limit = 0.1 if fans is None else (6 / fans) ** 0.5
        values = []
        for _ in range(torch.Size(size).numel()):
            values.append(((mix(i) >> 8) / 2**23 - 1) * limit)
            i += 1
        if name.startswith("bn") and name.endswith("weight"):
            values = [1 + value for value in values]
        weights[name] = torch.tensor(values, dtype=torch.float64).reshape(size).to(torch.float32)
    return weights


def is_running(name):
    return ".running_" in name


def parameter_shapes(layers, shape):
    """(name, shape, fan in + fan out or None) of each parameter, by walking the shapes through the network."""
    channels, height, width = shape
    for kind, s in layers:
        if kind == "conv":
            rows, columns = s["kernel"]
            yield s["name"] + ".weight", (s["out"], channels, rows, columns), rows * columns * (channels + s["out"])
            yield s["name"] + ".bias", (s["out"],), None
            height = (height + 2 * s["pad"] - rows) // s["stride"] + 1
            width = (width + 2 * s["pad"] - columns) // s["stride"] + 1
            channels = s["out"]
        elif kind in ("maxpool", "avgpool"):
            height = (height - s["window"]) // s["stride"] + 1
            width = (width - s["window"]) // s["stride"] + 1
        elif kind == "batchnorm":
            for part in ("weight", "bias", "running_mean", "running_var"):
                yield f"{s['name']}.{part}", (channels,), None
        elif kind == "dense":
            inputs = channels * height * width
            yield s["name"] + ".weight", (s["out"], inputs), inputs + s["out"]
            yield s["name"] + ".bias", (s["out"],), None
            channels, height, width = s["out"], 1, 1


# -------------------------------------------------------------------------------------------- the network's passes


def normalise(s, weights, x, running):
    """Batch normalisation. In training (running is a dict) it notes what the running means become: with the variance over n - 1 as
    PyTorch has it, and over n, as Keras, by hand."""
    scale, shift, mean, variance = (weights[f"{s['name']}.{part}"] for part in ("weight", "bias", "running_mean", "running_var"))
    if running is None:
        return F.batch_norm(x, mean, variance, scale, shift, False, 0, s["eps"])
    mean, variance = mean.clone(), variance.clone()
    y = F.batch_norm(x, mean, variance, scale, shift, True, 1 - s["momentum"], s["eps"])
    if not s["unbiased"]:
        over = [0, 2, 3] if x.dim() == 4 else [0]
        variance = s["momentum"] * weights[s["name"] + ".running_var"] + (1 - s["momentum"]) * x.detach().var(over, unbiased=False)
    running[s["name"] + ".running_mean"], running[s["name"] + ".running_var"] = mean, variance
    return y


def apply_layer(kind, s, weights, x, running):
    if kind == "conv":
        return F.conv2d(x, weights[s["name"] + ".weight"], weights[s["name"] + ".bias"], s["stride"], s["pad"])
    if kind == "dense":
        return F.linear(x.flatten(1), weights[s["name"] + ".weight"], weights[s["name"] + ".bias"])
    if kind == "maxpool":
        return F.max_pool2d(x, s["window"], s["stride"])
    if kind == "avgpool":
        return F.avg_pool2d(x, s["window"], s["stride"])
    if kind == "batchnorm":
        return normalise(s, weights, x, running)
    return ACTIVATIONS[kind](x)


def forward(layers, weights, x, running=None):
    for kind, s in layers:
        x = apply_layer(kind, s, weights, x, running)
    return x


def gradients(layers, weights, x, labels):
    """(loss, {name: gradient}, {name: running mean}) of the mean cross-entropy."""
    running = {}
    leaves = {name: w.detach().requires_grad_(not is_running(name)) for name, w in weights.items()}
    loss = F.cross_entropy(forward(layers, leaves, x, running), labels)
    loss.backward()
    return loss.item(), {name: leaf.grad for name, leaf in leaves.items() if not is_running(name)}, running


class Optimizer:
    def __init__(self, kind, rate):
        self.kind, self.rate, self.step, self.m, self.v = kind, rate, 0, {}, {}

    def update(self, weights, grads):
        self.step += 1
        return {name: w + self.change(name, grads[name]) for name, w in weights.items() if not is_running(name)}

    def change(self, name, g):
        m = self.m.get(name, torch.zeros_like(g))
        if self.kind == "sgd":
            return -self.rate * g
        if self.kind == "momentum":
            self.m[name] = 0.9 * m - self.rate * g
            return self.m[name]
        self.m[name] = 0.9 * m + (1 - 0.9) * g
        self.v[name] = 0.999 * self.v.get(name, torch.zeros_like(g)) + (1 - 0.999) * g * g
        rate = self.rate * (1 - 0.999**self.step) ** 0.5 / (1 - 0.9**self.step)
        return -rate * self.m[name] / (self.v[name].sqrt() + 1e-7)


def run(layers, weights, images, labels, optimizer, dtype):
    """Ten steps. The results as {name: float64 tensor}: losses (each before its step's update), gradients, weights."""
    weights = {name: w.to(dtype) for name, w in weights.items()}
    x = images.to(dtype) / 255
    updater, losses, first = Optimizer(optimizer, OPTIMIZERS[optimizer]), [], None
    for _ in range(STEPS):
        loss, grads, running = gradients(layers, weights, x, labels)
        first = first or grads
        losses.append(loss)
        weights = dict(updater.update(weights, grads), **running)
    result = {"losses": torch.tensor(losses, dtype=torch.float64)}
    result["probabilities"] = F.softmax(forward(layers, weights, x), 1)
    for prefix, tensors in (("first_gradient.", first), ("gradient.", grads), ("weight.", weights)):
        result.update({prefix + name: t for name, t in tensors.items()})
    return {name: t.to(torch.float64) for name, t in result.items()}


# ---------------------------------------------------------------------------------------------------------- files


def write_safetensors(path, tensors, notes):
    """The format by its definition; float32 alone."""
    header, data = {"__metadata__": notes}, b""
    for name, tensor in tensors.items():
        values = tensor.to(torch.float32).contiguous().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)
    print(f"{path}: {8 + len(text) + len(data)} bytes")


def deviation(truth, other, prefix):
    """The largest difference of tensors whose name begins so, as a share of the largest value in the same tensor."""
    shares = [((truth[n] - other[n]).abs().max() / truth[n].abs().max()).item() for n in truth if n.startswith(prefix)]
    return f"{max(shares):.1e}"


def make_network(folder, name):
    specification, shape, layers = NETWORKS[name]
    labels = make_labels()
    images = make_images(shape, labels)
    weights = make_weights(layers, shape)
    about = {"architecture": specification, "made_by": f"tools/golden.py with PyTorch {torch.__version__}, float64"}
    truths = {}
    for optimizer, rate in OPTIMIZERS.items():
        truth = run(layers, weights, images, labels, optimizer, torch.float64)
        other = run(layers, weights, images, labels, optimizer, torch.float32)
        notes = dict(about, optimizer=optimizer, learning_rate=str(rate))
        for part in ("losses", "probabilities", "first_gradient.", "gradient.", "weight."):
            notes["float32_deviation_" + part.rstrip(".")] = deviation(truth, other, part)
        print(f"{name} {optimizer}: losses {truth['losses'][0]:.6f} -> {truth['losses'][-1]:.6f};",
              {k[18:]: v for k, v in notes.items() if k.startswith("float32")})
        truths[optimizer] = truth
        kept = {n: t for n, t in truth.items() if not n.startswith("first_gradient.")}
        write_safetensors(os.path.join(folder, f"{name}-{optimizer}.safetensors"), kept, notes)
    first = {n: t for n, t in truths["sgd"].items() if n.startswith("first_gradient.")}
    start = {"images": images, "labels": labels, **{"weight." + n: w for n, w in weights.items()}, **first}
    write_safetensors(os.path.join(folder, f"{name}.safetensors"), start, about)


def main(arguments):
    if not arguments or arguments[0].startswith("-") or not set(arguments[1:]) <= set(NETWORKS):
        sys.exit(__doc__)
    torch.set_num_threads(1)
    for name in arguments[1:] or NETWORKS:
        make_network(arguments[0], name)


if __name__ == "__main__":
    main(sys.argv[1:])
