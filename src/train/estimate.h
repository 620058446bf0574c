/* SPDX-License-Identifier: MIT */
/*
 * estimate.h - estimates the noise matrix of a data set from the predictions of a network that was trained on
 * its labels: Patrini et al. (2017), equations 12 and 13. The same probabilities give the same bits.
 * two-stage.c trains that network.
 */
#ifndef LENET_TRAIN_ESTIMATE_H
#define LENET_TRAIN_ESTIMATE_H

#include "nn/model.h"

/*
 * Row i of matrix[classes][classes] is the network's probabilities for an image that is typical of class i:
 * the one after the share 0.3 / classes of the images with the largest probabilities of i. Of equal ones the
 * first comes first. probabilities[count][classes], count > 0. LENET_DIVERGED: they are not finite numbers.
 */
lenet_status ln_estimate_noise(const float *probabilities, size_t count, int classes, float *matrix,
                               lenet_error *error);

/* Non-zero: the matrix has been estimated; before, it is all zeros. */
int ln_estimate_is_made(const float *matrix, int classes);

/* Stores it as a note of the model, a JSON list of rows; NULL removes the note. */
lenet_status ln_estimate_note(const float *matrix, lenet_model *model, lenet_error *error);

#endif
