/* SPDX-License-Identifier: MIT */
/* keep.h - what is measured after an epoch, and which epoch's weights are kept. */
#ifndef LENET_TRAIN_KEEP_H
#define LENET_TRAIN_KEEP_H

#include "train/run.h"

/*
 * Measures the weights (or their average, if there is one) after the current epoch, keeps them if they are the best so
 * far, and adds the epoch to the history, which has room for it. The epoch's diagnosis is valid until the next call.
 * LENET_DIVERGED: weights or outputs are not finite; nothing is kept or added.
 */
lenet_status ln_keep_epoch(ln_run *run, lenet_epoch *epoch, lenet_error *error);

/*
 * Loss and accuracy of the model's weights, those of `epoch`, on the test images. LENET_DIVERGED, and both are NaN: the
 * outputs are not finite.
 */
lenet_status ln_keep_measure_test(const ln_run *run, int epoch, double *loss, double *accuracy, lenet_error *error);

/* The layer where values stop being finite, by the block of the first image whose loss is not finite; NULL: none. */
const char *ln_keep_find_nonfinite(const ln_run *run, const ln_batch *batch, const float *losses, char name[32]);

#endif
