/* SPDX-License-Identifier: MIT */
/* loss.h - the losses by their names in settings. */
#ifndef LENET_TRAIN_LOSS_H
#define LENET_TRAIN_LOSS_H

#include "kernels/kernels.h"
#include "lenet/lenet.h"

/*
 * LENET_USAGE: a number of the loss is out of its range, or the loss and the noise matrix do not go together.
 */
lenet_status ln_loss_check(const lenet_settings *settings, lenet_error *error);

/*
 * The loss of checked settings for a network of `classes`. LENET_INPUT: the noise matrix is not one. One that
 * is to be estimated is all zeros until it is written.
 */
lenet_status ln_loss_open(ln_loss *loss, const lenet_settings *settings, int classes, lenet_error *error);
void ln_loss_close(ln_loss *loss);

/* The matrix [classes][classes] that is to be estimated; NULL: there is none. */
float *ln_loss_estimate(const ln_loss *loss, const lenet_settings *settings);

/* What a loss is; NULL: unknown. */
const char *ln_loss_help(const char *name);

#endif
