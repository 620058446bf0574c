/* SPDX-License-Identifier: MIT */
/*
 * duplicates.h - pictures that a data set has more than once: images with the same pixels, as the network
 * sees them.
 *
 * A test image that was trained on makes the accuracy too high, and a picture under two labels can be learned
 * under one of them at most. Nothing is removed here: it is counted, and the first of them are named.
 */
#ifndef LENET_LAB_DATA_DUPLICATES_H
#define LENET_LAB_DATA_DUPLICATES_H

#include "lenet/lenet.h"

/*
 * An image that repeats an earlier one counts once, under the first of the first three kinds that holds, and
 * under the last.
 */
typedef enum lab_duplicate_kind {
    LAB_TWICE_IN_TRAINING,    /* a training image that repeats a training image */
    LAB_IN_TRAINING_AND_TEST, /* a test image that repeats a training image */
    LAB_TWICE_IN_TEST,        /* a test image that repeats a test image, and no training image */
    LAB_WITH_TWO_LABELS,      /* one of those whose label is not that of the image it repeats */
    LAB_DUPLICATE_KINDS
} lab_duplicate_kind;

/* Two images. Those of the training set are numbered from 0, those of the test set from `train_count`. */
typedef struct lab_duplicate {
    size_t first, again;
} lab_duplicate;

enum { LAB_DUPLICATE_EXAMPLES = 3 };

typedef struct lab_duplicates {
    size_t train_count, test_count; /* images */
    size_t count[LAB_DUPLICATE_KINDS];
    /* the first; fewer if `count` is less */
    lab_duplicate examples[LAB_DUPLICATE_KINDS][LAB_DUPLICATE_EXAMPLES];
} lab_duplicates;

/* Both of one data set. Takes n log n comparisons of hashes. LENET_FAILURE: out of memory. */
lenet_status lab_duplicates_find(lab_duplicates *found, const lenet_dataset *train, const lenet_dataset *test,
                                 lenet_error *error);

#endif
