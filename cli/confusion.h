/* SPDX-License-Identifier: MIT */
/*
 * confusion.h - an evaluation for people and for JSON: per-class figures, the confusion matrix, and the most confused
 * pairs. Rows are the truth and columns the prediction, everywhere. A share of nothing (the precision of a class that
 * was never predicted) is NaN here, "-" on the screen and null in JSON.
 */
#ifndef LENET_CLI_CONFUSION_H
#define LENET_CLI_CONFUSION_H

#include "lenet/lenet.h"

#include <jansson.h>

/* On stdout, in aligned tables. A class without images has no row; print_classes names it. */
void print_classes(const lenet_evaluation *evaluation);
void print_confusion(const lenet_evaluation *evaluation); /* as counts, and as percentages of each row */
void print_confused_pairs(const lenet_evaluation *evaluation);
void print_noise_matrix(const lenet_evaluation *labels);   /* its columns are the labels that were given */
void print_noise_estimate(const lenet_evaluation *labels); /* the same as far as training estimated it */

/* NULL if there is no memory. */
json_t *value_of_evaluation(const lenet_evaluation *evaluation);

#endif
