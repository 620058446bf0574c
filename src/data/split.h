/* SPDX-License-Identifier: MIT */
/* split.h - which images train and which are held out. */
#ifndef LENET_DATA_SPLIT_H
#define LENET_DATA_SPLIT_H

#include "lenet/lenet.h"
#include "lenet/tools.h"

/* Indices into a dataset, ascending, owned: freed by ln_split_close. */
typedef struct ln_split {
    uint32_t *train, *held_out; /* the second may be empty (count 0) */
    size_t train_count, held_out_count;
    uint8_t *mark; /* [count of the dataset]: a lenet_use each */
} ln_split;

/*
 * Draws settings->train_limit images (0: all) by the seed, then holds some of them out. A dataset that has
 * its own validation set (lenet_dataset_set_validation) holds out that, and nothing is drawn of it; else
 *  - folds: of `folds` parts, as equal as can be in size and in each class, part `fold`;
 *  - LENET_VALIDATION_STRATIFIED: validation_split of each class, rounded to the nearest whole number of
 *    images. Only where that is 0 for every class, validation_split of all images, rounded, by the largest
 *    remainder: one image of each of the largest classes (of equal ones the lower class first), but not the
 *    only image of a class;
 *  - LENET_VALIDATION_LAST: the last ones in the dataset's order, all but floor(count * (1 -
 *    validation_split)), as Keras. Classes are those of the dataset. LENET_USAGE: nothing would be left to
 *    train on, a fold would be empty, nothing would be held out though validation_split is above 0, or
 *    settings ask for another validation set than the dataset's own.
 */
lenet_status ln_split_open(ln_split *split, const lenet_dataset *dataset, const lenet_settings *settings,
                           lenet_error *error);

/* Draws the held-out images of this epoch (from 1): as many of each class, other images. */
void ln_split_redraw(ln_split *split, const lenet_dataset *dataset, const lenet_settings *settings, int epoch);

void ln_split_close(ln_split *split);

#endif
