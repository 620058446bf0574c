/* SPDX-License-Identifier: MIT */
/* split.h - what a run trains on and holds out: a warning for people, and the held-out images of a stored model. */
#ifndef LENET_LAB_DATA_SPLIT_H
#define LENET_LAB_DATA_SPLIT_H

#include "lenet/lenet.h"

/*
 * What is odd about the split of these settings, in one line; "" if nothing is. Odd is:
 *  - a class of which no image is trained on, for all of them are held out;
 *  - with LENET_VALIDATION_LAST, a class of which no image is held out, though its share rounds to one or more: the
 *    data are in the order of their classes.
 * LENET_USAGE: as of lenet_train.
 */
lenet_status lab_split_warning(const lenet_dataset *train, const lenet_settings *settings, char *text, size_t capacity,
                               lenet_error *error);

/*
 * The images of `train` that the run of this model held out, found again from what the model file records. LENET_USAGE:
 * there are none, or they are not known; the error has the reason.
 */
lenet_status lab_held_out(lenet_dataset **held_out, const lenet_model *model, const lenet_dataset *train,
                          lenet_error *error);

#endif
