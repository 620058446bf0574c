/* SPDX-License-Identifier: MIT */
/* duplicates.h - what is said of pictures that a data set has more than once (lab/data/duplicates.h). */
#ifndef LENET_CLI_DUPLICATES_H
#define LENET_CLI_DUPLICATES_H

#include "cli/images.h"
#include "lenet/lenet.h"

#include <jansson.h>

/* One line on stderr if there are any, before training on the folder `data`. Returns an exit code. */
int warn_of_duplicates(const char *data, const lenet_dataset *train, const lenet_dataset *test);

/*
 * For `lenet data check`: on stdout, or with `json` as a new value there. `list` has the names of images;
 * where it is empty they have numbers, from 0. Returns an exit code.
 */
int show_duplicates(const lenet_dataset *train, const lenet_dataset *test, const image_list *list, json_t **json);

#endif
