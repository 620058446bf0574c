/* SPDX-License-Identifier: MIT */
/*
 * pixels.h - tables of pixels: a CSV file with a row for each image, one column of labels and one for each
 * pixel, as Kaggle's and Zalando's.
 *
 * The label is the column that the first line calls so, or the first column where the first line is numbers
 * already. Beside a file with `train` in its name lie, if there are such, those with `test` and `val` there;
 * a test file without labels is no test set. Always: every pixel is a whole number of 0..255, and nothing is
 * guessed.
 */
#ifndef LENET_LAB_DATA_PIXELS_H
#define LENET_LAB_DATA_PIXELS_H

#include "lenet/lenet.h"

#include <stdbool.h>

/*
 * A file whose beginning is such a table, or a folder with one file, or one with `train` in its name, that
 * is.
 */
bool lab_is_pixel_table(const char *path);

/*
 * Both parts; *test becomes NULL if there are no test images. `shape`: what the pixels of a row are, row by
 * row, with three channels red, green and blue of each pixel in turn; height 0: a grey square. `name` is that
 * of the datasets. LENET_INPUT: what is wrong in which line.
 */
lenet_status lab_pixels_open(lenet_dataset **train, lenet_dataset **test, const char *path, const char *name,
                             lenet_shape shape, lenet_error *error);

#endif
