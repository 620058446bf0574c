/* SPDX-License-Identifier: MIT */
/*
 * tally.h - sums over images, in their order in the epoch, in double, by one thread: so they do not depend on threads.
 */
#ifndef LENET_TRAIN_TALLY_H
#define LENET_TRAIN_TALLY_H

#include "nn/executor.h"

#include <math.h>

/* Loss and correct predictions; with label noise, the predictions for images with a wrong label. */
typedef struct ln_tally {
    double loss;
    uint64_t correct, count;
    uint64_t noisy, memorised, corrected; /* memorised ones are among the correct */
} ln_tally;

static inline void ln_tally_add(ln_tally *sums, const float *losses, const uint8_t *predicted, const ln_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        sums->loss += (double)losses[i];
        sums->correct += predicted[i] == batch->labels[batch->index ? batch->index[i] : i];
    }
    sums->count += batch->count;
}

/* Only for training images with label noise: `truth` has the labels before it. */
static inline void ln_tally_add_noisy(ln_tally *sums, const uint8_t *predicted, const ln_batch *batch,
                                      const uint8_t *truth)
{
    for (size_t i = 0; i < batch->count; i++) {
        const uint8_t given = batch->labels[batch->index[i]], right = truth[batch->index[i]];
        sums->noisy += given != right;
        sums->memorised += given != right && predicted[i] == given;
        sums->corrected += given != right && predicted[i] == right;
    }
}

static inline double ln_tally_share(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : NAN;
}
static inline double ln_tally_loss(const ln_tally *sums) { return sums->loss / (double)sums->count; }
static inline double ln_tally_accuracy(const ln_tally *sums) { return (double)sums->correct / (double)sums->count; }

#endif
