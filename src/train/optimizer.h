/* SPDX-License-Identifier: MIT */
/* optimizer.h - the rules that turn a gradient into new weights. */
#ifndef LENET_TRAIN_OPTIMIZER_H
#define LENET_TRAIN_OPTIMIZER_H

#include "kernels/kernels.h"
#include "nn/model.h"

typedef struct ln_optimizer ln_optimizer;

/*
 * A step's number in the run, from 0; its learning rate; its momentum, or beta1 of Adam's (NaN: the
 * optimiser's own).
 */
typedef struct ln_pace {
    uint64_t step;
    double rate, momentum;
} ln_pace;

/* LENET_USAGE: the optimiser's numbers are out of range, or `momentum` is set for one that has none. */
lenet_status ln_optimizer_check(const lenet_settings *settings, lenet_error *error);

/* The optimiser of checked settings for the weights of `model`, its state as it is before the first step. */
lenet_status ln_optimizer_open(ln_optimizer **optimizer, const lenet_settings *settings, lenet_model *model,
                               const ln_kernels *kernels, lenet_error *error);
void ln_optimizer_close(ln_optimizer **optimizer);

/* Adds what lasts from step to step to what checkpoints save. */
void ln_optimizer_add_state(ln_optimizer *optimizer, const lenet_model *model, ln_state *state);

/* Begins a step at this pace, with the gradient that apply will read. */
void ln_optimizer_begin(ln_optimizer *optimizer, const ln_pace *pace, const float *gradient);

/* Updates weights first .. first + count - 1. Several threads may do so at once, each its own weights. */
void ln_optimizer_apply(const ln_optimizer *optimizer, size_t first, size_t count);

/*
 * What an optimiser does; the learning rate, the decoupled weight decay that it has when none is given, and
 * whether a schedule may set its momentum. NULL and 0 for an unknown name; a name may be followed by its
 * numbers.
 */
const char *ln_optimizer_help(const char *name);
double ln_optimizer_default_rate(const char *name);
double ln_optimizer_default_decay(const char *name);
int ln_optimizer_has_momentum(const char *name);

#endif
