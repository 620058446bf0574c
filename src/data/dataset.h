/* SPDX-License-Identifier: MIT */
/* dataset.h - what the library itself needs of a dataset besides the public accessors. */
#ifndef LENET_DATA_DATASET_H
#define LENET_DATA_DATASET_H

#include "lenet/lenet.h"

/*
 * Two datasets with as many classes. LENET_USAGE: both name them, and a class has not the same name in both. Numbers
 * that lenet_dataset_create gives are no names.
 */
lenet_status ln_dataset_check_names(const lenet_dataset *train, const lenet_dataset *test, lenet_error *error);

#endif
