/* SPDX-License-Identifier: MIT */
/* normalize.h - by what the setting "normalize" scales pixels. */
#ifndef LENET_DATA_NORMALIZE_H
#define LENET_DATA_NORMALIZE_H

#include "lenet/lenet.h"

/* LENET_USAGE: it is none of "none", "per-dataset" and a list of numbers. */
lenet_status ln_normalize_check(const char *setting, lenet_error *error);

/*
 * Mean and standard deviation of each channel, of pixels as shares of 255: 0 and 1, those of the setting, or
 * those of images index[0..count - 1], exact but for the last bits. LENET_USAGE: another number of channels;
 * a channel that is the same everywhere.
 */
lenet_status ln_normalize_by(const char *setting, const lenet_dataset *dataset, const uint32_t *index, size_t count,
                             double *mean, double *std, lenet_error *error);

#endif
