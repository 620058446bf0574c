/* SPDX-License-Identifier: MIT */
/*
 * files.h - own images in files of many: IDX, .npz (lenet_dataset_read) and tables of pixels (pixels.h), as
 * parts to train and test on.
 */
#ifndef LENET_LAB_DATA_FILES_H
#define LENET_LAB_DATA_FILES_H

#include "lenet/lenet.h"

#include <stdbool.h>

/* The kind of file is known; what is in it is not judged. */
bool lab_is_image_file(const char *path);

/*
 * Both parts, called `name`. If no file lists test images, a fifth of each class is used: the images whose
 * bytes have the lowest SHA-256; `some`: a class may have one image, which then tests, and *train may become
 * NULL. `shape` (height 0: not said) is what the rows of a table are; of other files it is LENET_USAGE.
 */
lenet_status lab_files_open(lenet_dataset **train, lenet_dataset **test, const char *path, const char *name,
                            lenet_shape shape, bool some, lenet_error *error);

/* How many of `count` images of a class are test images by default: a fifth, at least one. */
size_t lab_test_count(size_t count);

#endif
