/* SPDX-License-Identifier: MIT */
/* keep.h - what is measured after an epoch, and which epoch's weights are kept. */
#ifndef LENET_TRAIN_KEEP_H
#define LENET_TRAIN_KEEP_H

#include "train/run.h"

/*
 * Measures the weights (or their average, if there is one) after the current epoch, keeps them if they are the best so
 * far, and adds the epoch to the history, which has room for it. The epoch's diagnosis is valid until the next call.
 */
lenet_epoch ln_keep_epoch(ln_run *run);

/* Loss and accuracy of the model's weights on the test images. */
void ln_keep_measure_test(const ln_run *run, double *loss, double *accuracy);

#endif
