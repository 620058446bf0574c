/* SPDX-License-Identifier: MIT */
/*
 * unfused.h - a model, computed layer by layer for one block of 16 images: the outputs of all layers, and
 * gradients by any of them.
 *
 * Always: each layer is an op of its own with its own output, so that what an executor fuses or overwrites is
 * there. The arithmetic is that of evaluations: dropout passes everything, a batch normalisation uses its
 * running statistics. Outputs have the bits of an executor. What it is not: it forms no gradient of weights and
 * uses one thread. Nothing is allocated once it is open.
 *
 * A place is where numbers are: 0 the images as the network sees them, i the output of layer i - 1. Numbers of a
 * place are a block [16 / W][features][W], as kernels.h has it.
 */
#ifndef LENET_NN_UNFUSED_H
#define LENET_NN_UNFUSED_H

#include "kernels/kernels.h"
#include "nn/model.h"

typedef struct ln_unfused ln_unfused;

/* The model and the kernels must outlive it; weights are read at each call. LENET_FAILURE: out of memory. */
lenet_status ln_unfused_open(ln_unfused **unfused, const lenet_model *model, const ln_kernels *kernels,
                             lenet_error *error);
void ln_unfused_close(ln_unfused **unfused);

float *ln_unfused_values(const ln_unfused *u, size_t place);
float *ln_unfused_gradient(const ln_unfused *u, size_t place);
size_t ln_unfused_features(const ln_unfused *u, size_t place);

/* Places 1 .. to from place 0. */
void ln_unfused_forward(ln_unfused *u, size_t to);

/*
 * The gradients by places from - 1 .. to of what has this gradient by place `from`; after ln_unfused_forward to
 * `from` or further.
 */
void ln_unfused_backward(ln_unfused *u, size_t from, size_t to);

#endif
