/* SPDX-License-Identifier: MIT */
/*
 * noise.h - label noise: wrong labels given to training images on purpose, by a matrix of chances.
 *
 * Always: the label that an image is given is a function of settings, data and the image's place alone,
 * whatever is held out, and the dataset keeps its own labels.
 */
#ifndef LENET_DATA_NOISE_H
#define LENET_DATA_NOISE_H

#include "lenet/lenet.h"

/*
 * LENET_USAGE: a rate without a kind that it goes with, or the other way round. Turns a rate that was not
 * given into 0.
 */
lenet_status ln_noise_complete(lenet_settings *settings, lenet_error *error);

/* Of checked settings: non-zero if they change labels. */
int ln_noise_is_on(const lenet_settings *settings);

/*
 * The probabilities of the settings' noise: [classes][classes], rows are the true class, columns the given
 * label; each row's sum is 1. The identity without noise. LENET_INPUT, LENET_IO: the file of the kind
 * "matrix" is no such matrix.
 */
lenet_status ln_noise_chances(const lenet_settings *settings, int classes, double *matrix, lenet_error *error);

/*
 * Writes the labels that images are given into `given` [count of the dataset]. `mark` is 0 for images that
 * are not used; exact counts leave those out.
 */
lenet_status ln_noise_draw(const lenet_dataset *dataset, const lenet_settings *settings, const uint8_t *mark,
                           uint8_t *given, lenet_error *error);

#endif
