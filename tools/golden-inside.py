#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""golden-inside.py FOLDER - makes tests/golden/inside.safetensors with PyTorch: outputs of layers and gradients by images.

For each network of golden.py, with its formulas for images and weights, of the images IMAGES, in float64, stored as float32:

  NAME.output.I          [images][...]  what layer I gives
  NAME.losses            [images]       the cross-entropy of each image with its label
  NAME.loss_gradient     its gradient by the image (pixel / 255)
  NAME.logit_gradient    the gradient of logit LOGIT by the image
  NAME.unit_gradient     the gradient, by the image, of the mean of channel UNIT of layer 0
  NAME.inner_gradient    the gradient of logit LOGIT by the output of layer 0
  NAME.grad_cam          Grad-CAM of logit LOGIT at the last convolution, after an activation that follows it

Batch normalisations use running means of 0 and variances of 1, as golden.py begins with.
"""
import os
import sys

import torch
import torch.nn.functional as F

import golden

IMAGES, LOGIT, UNIT = [3, 19], 4, 2  # the second is in the second block of 16


def outputs_of(layers, weights, x):
    outputs = []
    for kind, s in layers:
        x = golden.apply_layer(kind, s, weights, x, None)
        x.retain_grad()
        outputs.append(x)
    return outputs


def cam_layer(layers):
    last = max(i for i, (kind, _) in enumerate(layers) if kind == "conv")
    return last + (layers[last + 1][0] in golden.ACTIVATIONS)


def grad_cam(output):
    return F.relu((output.grad.mean((2, 3), keepdim=True) * output).sum(1))


def inside(name):
    _, shape, layers = golden.NETWORKS[name]
    labels = golden.make_labels()
    images = golden.make_images(shape, labels)[IMAGES].to(torch.float64) / 255
    weights = {n: w.to(torch.float64) for n, w in golden.make_weights(layers, shape).items()}
    found = {}

    def gradient(objective):
        x = images.clone().requires_grad_()
        outputs = outputs_of(layers, weights, x)
        objective(outputs).sum().backward()
        return x.grad, outputs

    found["loss_gradient"], outputs = gradient(lambda o: F.cross_entropy(o[-1], labels[IMAGES], reduction="none"))
    found["losses"] = F.cross_entropy(outputs[-1], labels[IMAGES], reduction="none")
    found["logit_gradient"], outputs = gradient(lambda o: o[-1][:, LOGIT])
    found["inner_gradient"] = outputs[0].grad
    found["grad_cam"] = grad_cam(outputs[cam_layer(layers)])
    found["unit_gradient"], _ = gradient(lambda o: o[0][:, UNIT].flatten(1).mean(1))
    found.update({f"output.{i}": o for i, o in enumerate(outputs)})
    return {f"{name}.{key}": tensor.detach() for key, tensor in found.items()}


def main(arguments):
    if len(arguments) != 1:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    tensors = {}
    for name in golden.NETWORKS:
        tensors.update(inside(name))
    notes = {"made_by": f"tools/golden-inside.py with PyTorch {torch.__version__}, float64"}
    golden.write_safetensors(os.path.join(arguments[0], "inside.safetensors"), tensors, notes)


if __name__ == "__main__":
    main(sys.argv[1:])
