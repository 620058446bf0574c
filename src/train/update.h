/* SPDX-License-Identifier: MIT */
/*
 * update.h - all that happens to a weight between its gradient and the next step: penalty, clipping, the
 * optimiser, the limit of its unit's norm, and its moving average. What the settings do not use costs
 * nothing.
 */
#ifndef LENET_TRAIN_UPDATE_H
#define LENET_TRAIN_UPDATE_H

#include "nn/executor.h"
#include "train/optimizer.h"

typedef struct ln_updater ln_updater;

/* LENET_USAGE: settings of an update that contradict each other. */
lenet_status ln_updater_check(const lenet_settings *settings, lenet_error *error);

/* Fills in the weight decay that the optimiser has when none is given, and its kind. */
void ln_updater_complete(lenet_settings *settings);

/* For complete settings; updates the weights of `model` by the gradient of `executor`. */
lenet_status ln_updater_open(ln_updater **updater, const lenet_settings *settings, lenet_model *model,
                             ln_executor *executor, const ln_kernels *kernels, lenet_error *error);
void ln_updater_close(ln_updater **updater);

/* Adds what lasts from step to step to what checkpoints save. */
void ln_updater_add_state(ln_updater *updater, ln_state *state);

/* Begins a step at this pace; ln_executor_step takes the update. */
const ln_update *ln_updater_begin(ln_updater *updater, const ln_pace *pace);

/* Swaps the weights and their average. Without an average nothing happens. */
void ln_updater_swap(ln_updater *updater);

#endif
