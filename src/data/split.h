/* SPDX-License-Identifier: MIT */
/* split.h - which images train and which are held out. */
#ifndef LENET_DATA_SPLIT_H
#define LENET_DATA_SPLIT_H

#include "lenet/lenet.h"

/* Indices into a dataset, ascending, owned: freed by ln_split_close. */
typedef struct ln_split {
    uint32_t *train, *held_out; /* the second may be empty (count 0) */
    size_t train_count, held_out_count;
} ln_split;

/*
 * Draws `limit` images (0: all) by the seed, then holds out `share` of each class, rounded to the nearest whole number
 * of images. LENET_USAGE: nothing would be left to train on.
 */
lenet_status ln_split_open(ln_split *split, const lenet_dataset *dataset, size_t limit, double share, uint64_t seed, lenet_error *error);
void ln_split_close(ln_split *split);

#endif
