/* SPDX-License-Identifier: MIT */
/* dataset.h - what the library itself needs of a dataset besides the public accessors. */
#ifndef LENET_DATA_DATASET_H
#define LENET_DATA_DATASET_H

#include "lenet/lenet.h"

/* The names of all classes: [lenet_dataset_classes]; for a custom dataset "0", "1"... They live as long as the dataset. */
const char *const *ln_dataset_class_names(const lenet_dataset *dataset);

#endif
