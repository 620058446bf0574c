/* SPDX-License-Identifier: MIT */
/*
 * classes.h - the classes that a model file names, and those of a data set, paired by name.
 *
 * Names are equal if their bytes are. A data set may have some of the model's classes, and no others.
 */
#ifndef LENET_LAB_DATA_CLASSES_H
#define LENET_LAB_DATA_CLASSES_H

#include "lenet/lenet.h"

#include <jansson.h>

typedef struct lab_classes {
    int count;          /* 0: the model file does not name its classes */
    const char **names; /* [count], then NULL */
    json_t *list;       /* holds the texts */
} lab_classes;

/* The model's note `class_names`. Names that are not one text for each class, all different, count as none. */
lenet_status lab_classes_open(lab_classes *classes, const lenet_model *model, lenet_error *error);
void lab_classes_close(lab_classes *classes);

/*
 * The place of each of names[count] among the classes, into place[count]. `data`: what has these names. LENET_USAGE:
 * one of them is not among the classes; the error names it, and the nearest.
 */
lenet_status lab_classes_match(const lab_classes *classes, const char *data, const char *const *names, int count,
                               uint8_t *place, lenet_error *error);

/* Replaces the dataset by the same images with these classes. LENET_USAGE as above; then it stays what it is. */
lenet_status lab_classes_apply(const lab_classes *classes, lenet_dataset **dataset, lenet_error *error);

/* A dataset with the name, the classes and the shape of `like`. */
lenet_status lab_dataset_like(lenet_dataset **dataset, const lenet_dataset *like, size_t count, const uint8_t *images,
                              const uint8_t *labels, lenet_error *error);

#endif
