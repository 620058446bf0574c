/* SPDX-License-Identifier: MIT */
/*
 * folders.h - data sets by what --data says: one that the library knows by name, or a folder of one's own images.
 *
 * A folder has one folder of image files for each class, DIR/CLASS/..., or two of those, DIR/train/CLASS/... and
 * DIR/test/CLASS/.... Behind DIR, @HEIGHTxWIDTH or @HEIGHTxWIDTHxCHANNELS says what all images are made into. docs/formats.md has
 * the rules. Always: the same files give the same bytes in the same order, whatever the file system.
 */
#ifndef LENET_LAB_FOLDERS_H
#define LENET_LAB_FOLDERS_H

#include "lenet/lenet.h"

#include <stdbool.h>

/* An existing folder, and no known name. */
bool lab_is_folder(const char *data);

/* LENET_USAGE: neither a known data set nor a folder; with the nearest name. */
lenet_status lab_data_check(const char *data, lenet_error *error);

/* Called while images are read. */
typedef struct lab_reading {
    void (*show)(void *context, size_t done, size_t all); /* now and then; NULL: nothing is shown */
    /* A file is damaged or no image, and `why` says it: whether to go on without it. NULL: never. */
    bool (*skip)(void *context, const lenet_error *why);
    void *context;
} lab_reading;

/*
 * The training and the test images of `data`; a pointer that is NULL is not wanted. `folder` is as for lenet_dataset_open, and
 * for known data sets alone. `shape`: what images of a folder are made into if `data` does not say it; NULL: they must be of
 * one size, and are grey if all of them are. `reading` may be NULL. LENET_INPUT: what is wrong with which file.
 * What is skipped counts nowhere: the datasets and their hashes are those of the folder without it.
 */
lenet_status lab_data_open(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder, const lenet_shape *shape,
                           const lab_reading *reading, lenet_error *error);

#endif
