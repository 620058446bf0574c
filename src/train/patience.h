/* SPDX-License-Identifier: MIT */
/*
 * patience.h - the number of epochs in which a loss has not improved, for early stopping and the plateau
 * schedule, as Keras's callbacks. Better is below the best by more than min_delta; a loss that is no number
 * is not better, and does not count.
 */
#ifndef LENET_TRAIN_PATIENCE_H
#define LENET_TRAIN_PATIENCE_H

#include <math.h>

typedef struct ln_patience {
    double best; /* infinite at first */
    int wait;    /* epochs since it was set */
} ln_patience;

static inline void ln_patience_update(ln_patience *patience, double loss, double min_delta)
{
    if (loss < patience->best - min_delta) {
        patience->best = loss;
        patience->wait = 0;
    } else if (!isnan(loss)) {
        patience->wait++;
    }
}

#endif
