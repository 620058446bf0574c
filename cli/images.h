/* SPDX-License-Identifier: MIT */
/* images.h - the images that a command works on, wherever they come from. */
#ifndef LENET_CLI_IMAGES_H
#define LENET_CLI_IMAGES_H

#include "lab/missing.h"
#include "lenet/lenet.h"

#include <stdbool.h>

/*
 * As lab_data_open, with a live line while a folder is read, unless `quiet`. What goes wrong is said. Returns the exit code.
 */
int open_images(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder, const lenet_shape *shape, bool quiet);

/*
 * Complains about data that is missing, in one line that ends with the command which gets it. `why` names it;
 * `otherwise` is what else may help (", ..."), or "". Returns LENET_INPUT.
 */
int refuse_missing(const char *why, const char *otherwise, const lab_lacks *lacks);

#endif
