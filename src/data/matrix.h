/* SPDX-License-Identifier: MIT */
/* matrix.h - noise matrices: how often a label of one class becomes that of another. */
#ifndef LENET_DATA_MATRIX_H
#define LENET_DATA_MATRIX_H

#include "lenet/lenet.h"

/*
 * Reads [classes][classes] numbers from a text file: rows are the true class, columns the label that is
 * given; blanks, commas and line ends separate them, and a line that begins with '#' is a comment. Rows may
 * be probabilities or counts: each is divided by its sum. LENET_INPUT: what is wrong where; LENET_IO.
 */
lenet_status ln_noise_matrix_read(const char *path, int classes, double *matrix, lenet_error *error);

#endif
