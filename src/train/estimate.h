/* SPDX-License-Identifier: MIT */
/*
 * estimate.h - the noise matrix of a data set by what a network that was trained on its labels says of its images: Patrini et al.
 * (2017), equations 12 and 13. The same bits wherever the probabilities are the same. What it is not: a training.
 */
#ifndef LENET_TRAIN_ESTIMATE_H
#define LENET_TRAIN_ESTIMATE_H

#include "nn/model.h"

/*
 * Row i of matrix[classes][classes] is what the network says of an image that is typical of class i: the one that comes after the
 * share 0.3 / classes of the images with the largest probabilities of i. Of equal ones the first comes first. probabilities[count][classes],
 * count > 0. LENET_DIVERGED: they are no numbers.
 */
lenet_status ln_estimate_noise(const float *probabilities, size_t count, int classes, float *matrix, lenet_error *error);

/* Is there a matrix, or only its zeros? */
int ln_estimate_is_made(const float *matrix, int classes);

/* Writes it down in the model, as a JSON list of rows; NULL takes it out. */
lenet_status ln_estimate_note(const float *matrix, lenet_model *model, lenet_error *error);

#endif
