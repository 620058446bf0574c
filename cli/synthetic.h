/* SPDX-License-Identifier: MIT */
/* synthetic.h - images and labels from a formula in whole numbers: the same everywhere, with nothing to download. */
#ifndef LENET_CLI_SYNTHETIC_H
#define LENET_CLI_SYNTHETIC_H

#include "lenet/lenet.h"

/*
 * Makes a dataset of `count` such images. A network can learn them, though never all, so that neither loss nor
 * gradients fade away while it is timed. They are no test of accuracy.
 */
lenet_status make_synthetic(lenet_dataset **dataset, lenet_shape shape, int classes, size_t count, lenet_error *error);

#endif
