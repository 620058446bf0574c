/* SPDX-License-Identifier: MIT */
/* images.h - the images that a command works on, wherever they come from. */
#ifndef LENET_CLI_IMAGES_H
#define LENET_CLI_IMAGES_H

#include "lenet/lenet.h"

#include <stdbool.h>

/*
 * As lab_data_open, with a live line while a folder is read, unless `quiet`. What goes wrong is said. Returns the exit code.
 */
int open_images(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder, const lenet_shape *shape, bool quiet);

/* Of commands that have --skip-bad. */
typedef struct skipping {
    bool is_on;   /* asked for: go on without damaged files of a folder, which are named on stderr */
    size_t count; /* out: of the files that were skipped */
} skipping;

/* The same; a damaged file that ends it is named together with --skip-bad. */
int open_images_skipping(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder, const lenet_shape *shape,
                         bool quiet, skipping *bad);

#endif
