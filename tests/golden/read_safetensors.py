#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""read_safetensors.py FILE - an independent reader of the format, to prove that our files are readable by others.

Written from the format's definition with struct and json alone. Prints one line a note and a tensor: the values as the
hexadecimal of their bytes (with --summary: their number only). Where PyTorch or the safetensors package is installed, the
same values must come out of them; 'also read by' names who agreed. With --lenet5, PyTorch must accept the tensors as the
state of its own LeNet-5. Exit status 1 and a traceback otherwise.
"""
import json
import struct
import sys


def read(path):
    """The notes, and {name: (shape, values as little-endian bytes)} in the order of the header."""
    with open(path, "rb") as file:
        content = file.read()
    (length,) = struct.unpack_from("<Q", content)
    header = content[8 : 8 + length]
    data = content[8 + length :]
    assert len(header) == length and header[:1] == b"{" and (8 + length) % 8 == 0
    entries = json.loads(header.decode("utf-8"))
    notes = entries.pop("__metadata__", {})
    assert all(isinstance(value, str) for value in notes.values())
    tensors, covered = {}, 0
    for name, entry in entries.items():
        begin, end = entry["data_offsets"]
        size = 4
        for dimension in entry["shape"]:
            size *= dimension
        assert entry["dtype"] == "F32" and begin == covered and end - begin == size, name
        tensors[name] = (entry["shape"], data[begin:end])
        covered = end
    assert covered == len(data)
    return notes, tensors


def agree_with_torch(tensors):
    try:
        import torch
    except ImportError:
        return None
    states = {}
    for name, (shape, values) in tensors.items():
        flat = torch.frombuffer(bytearray(values), dtype=torch.float32) if values else torch.empty(0)
        states[name] = flat.reshape(shape)
        assert states[name].numpy().tobytes() == values, name
    return states


def agree_with_package(path, tensors):
    try:
        from safetensors.numpy import load_file
    except ImportError:
        return False
    loaded = load_file(path)
    assert loaded.keys() == tensors.keys()
    for name, (shape, values) in tensors.items():
        assert list(loaded[name].shape) == shape and loaded[name].tobytes() == values, name
    return True


def load_lenet5(states):
    """PyTorch's own strict check of names and shapes."""
    from torch import nn

    class LeNet5(nn.Module):
        def __init__(self):
            super().__init__()
            channels = states["conv1.weight"].shape[1]
            self.conv1, self.conv2 = nn.Conv2d(channels, 6, 5), nn.Conv2d(6, 16, 5)
            self.fc1 = nn.Linear(states["fc1.weight"].shape[1], 120)
            self.fc2, self.fc3 = nn.Linear(120, 84), nn.Linear(84, states["fc3.weight"].shape[0])

    LeNet5().load_state_dict(states, strict=True)


def main(arguments):
    paths = [a for a in arguments if not a.startswith("--")]
    if len(paths) != 1:
        sys.exit("usage: read_safetensors.py [--summary] [--lenet5] FILE")
    notes, tensors = read(paths[0])
    for key, value in notes.items():
        print("note", json.dumps(key), json.dumps(value))
    for name, (shape, values) in tensors.items():
        print("tensor", json.dumps(name), shape, len(values) // 4 if "--summary" in arguments else values.hex())
    states = agree_with_torch(tensors)
    if states is not None:
        print("also read by PyTorch")
        if "--lenet5" in arguments:
            load_lenet5(states)
            print("accepted by PyTorch as LeNet-5")
    if agree_with_package(paths[0], tensors):
        print("also read by the safetensors package")


if __name__ == "__main__":
    main(sys.argv[1:])
