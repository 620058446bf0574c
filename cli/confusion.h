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

/*
 * Of one class: of those predicted to be it, the share that is (precision); of those that are it, the share that was
 * seen (recall).
 */
typedef struct class_scores {
    double precision, recall, f1; /* F1 is their harmonic mean, 2 TP / (2 TP + FP + FN) */
    uint64_t support;             /* images that are of this class */
} class_scores;
class_scores scores_of_class(const lenet_evaluation *evaluation, int label);

/* On stdout, in aligned tables. A class without images has no row; print_classes names it. */
void print_classes(const lenet_evaluation *evaluation);
void print_confusion(const lenet_evaluation *evaluation); /* as counts, and as percentages of each row */
void print_confused_pairs(const lenet_evaluation *evaluation);
void print_noise_matrix(const lenet_evaluation *labels);   /* its columns are the labels that were given */
void print_noise_estimate(const lenet_evaluation *labels); /* the same as far as training estimated it */

/* NULL if there is no memory. */
json_t *value_of_matrix(const lenet_evaluation *evaluation); /* the counts alone, rows in rows */
json_t *value_of_evaluation(const lenet_evaluation *evaluation);

#endif
