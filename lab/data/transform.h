/* SPDX-License-Identifier: MIT */
/*
 * transform.h - images, changed in a stated way before a model is measured on them: inverted, turned, moved, noisy.
 *
 * Always: the same list and the same images give the same bytes. Unlike augmentation nothing is drawn but noise,
 * and that by the image's place. Pixels are rounded to bytes after each operation; what comes from outside an
 * image is black.
 */
#ifndef LENET_LAB_DATA_TRANSFORM_H
#define LENET_LAB_DATA_TRANSFORM_H

#include "lenet/lenet.h"

/* A line of the help for each operation, ended by NULL. */
extern const char *const lab_transform_help[];

/* Of a list "invert,rotate:15". LENET_USAGE: which operation is unknown, or what is wrong with its numbers. */
lenet_status lab_transform_check(const char *list, lenet_error *error);

/* Replaces the dataset by the same images changed, in the order of the list. */
lenet_status lab_transform_apply(const char *list, lenet_dataset **dataset, lenet_error *error);

#endif
