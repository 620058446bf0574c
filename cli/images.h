/* SPDX-License-Identifier: MIT */
/* images.h - the images that a command works on, wherever they come from. */
#ifndef LENET_CLI_IMAGES_H
#define LENET_CLI_IMAGES_H

#include "lab/data/folders.h"
#include "lab/report/missing.h"
#include "lenet/lenet.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * As lab_data_open, with a live line while a folder is read, unless `quiet`. What goes wrong is said. Returns
 * the exit code.
 */
int open_images(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder,
                const lab_preparation *intake, bool quiet);

/*
 * The paths of a folder's images below it, [LENET_TRAIN] and [LENET_TEST], in the order of the images; and
 * of all images, training images first.
 */
typedef struct image_list {
    size_t count[2];
    char **path[2];
    char **all; /* the same texts */
} image_list;

/*
 * The same, with a list of the images; empty for a known data set, or where memory lacks for it. Nothing is
 * said.
 */
lenet_status open_listed_images(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder,
                                image_list *list, lenet_error *error);
void close_image_list(image_list *list);

/* Of commands that have --skip-bad. */
typedef struct skipping {
    bool is_on;   /* asked for: go on without damaged files of a folder, which are named on stderr */
    size_t count; /* out: of the files that were skipped */
} skipping;

/*
 * The same; a damaged file that ends it is named together with --skip-bad. The second also makes a list of
 * the images.
 */
int open_images_skipping(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder,
                         const lab_preparation *intake, bool quiet, skipping *bad);
int open_listed_images_skipping(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder,
                                const lab_preparation *intake, bool quiet, skipping *bad, image_list *list);

/*
 * Complains about data that is missing, in one line that ends with the command which gets it. `why` names it;
 * `otherwise` is what else may help (", ..."), or "". Returns LENET_INPUT.
 */
int refuse_missing(const char *why, const char *otherwise, const lab_lacks *lacks);

#endif
