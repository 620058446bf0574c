/* SPDX-License-Identifier: MIT */
/* optimizer.h - the rules that turn a gradient into new weights. */
#ifndef LENET_TRAIN_OPTIMIZER_H
#define LENET_TRAIN_OPTIMIZER_H

#include "kernels/kernels.h"
#include "nn/model.h"

typedef struct ln_optimizer ln_optimizer;

/* What a rule may be told; each uses what it knows. */
typedef struct ln_optimizer_settings {
    double momentum, beta1, beta2, epsilon;
} ln_optimizer_settings;

/* Those of `settings`; what it does not name as Keras has it. */
ln_optimizer_settings ln_optimizer_numbers(const lenet_settings *settings);

/* An optimiser of `name` for the weights of `model`, its state zero. LENET_USAGE: unknown name. */
lenet_status ln_optimizer_open(ln_optimizer **optimizer, const char *name, const ln_optimizer_settings *settings, lenet_model *model,
                               const ln_kernels *kernels, lenet_error *error);
void ln_optimizer_close(ln_optimizer **optimizer);

/* Adds what lasts from step to step to what checkpoints save. */
void ln_optimizer_add_state(ln_optimizer *optimizer, const lenet_model *model, ln_state *state);

/* Begins a step with this learning rate and the gradient that apply will read. */
void ln_optimizer_begin(ln_optimizer *optimizer, double learning_rate, const float *gradient);

/* Updates weights first .. first + count - 1 (the signature of ln_update.apply). */
void ln_optimizer_apply(void *optimizer, size_t first, size_t count);

/*
 * The names, ended by NULL; what one does; the learning rate it has when none is given. NULL and 0 for an unknown name.
 */
extern const char *const ln_optimizer_names[];
const char *ln_optimizer_help(const char *name);
double ln_optimizer_usual_rate(const char *name);

#endif
