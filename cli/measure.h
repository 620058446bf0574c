/* SPDX-License-Identifier: MIT */
/*
 * measure.h - a model measured on images: all probabilities, and every number that follows from them; for
 * `lenet eval`.
 *
 * An ensemble is measured like a model; its probabilities are the means of its members'.
 */
#ifndef LENET_CLI_MEASURE_H
#define LENET_CLI_MEASURE_H

#include "cli/images.h"
#include "lab/stats/classify.h"
#include "lab/text/pool.h"

#include <jansson.h>

typedef struct measured {
    const char *name;         /* the model's file, or "ensemble" */
    const lenet_model *model; /* NULL: an ensemble */
    lab_predictions answers;
    lenet_evaluation evaluation; /* in the pool, not for lenet_evaluation_close */
    lab_scores scores;
    double brier;
    double *roc_area;                        /* [classes]; NaN where a class has all images or none */
    double mean_roc_area;                    /* of the classes that have one */
    double temperature;                      /* at which the loss on these images is least */
    lab_calibration calibration, calibrated; /* as they are, and at that temperature */
} measured;

/* What is done to the images before they are measured. */
typedef struct ordeal {
    const char *attack; /* as read_attack reads it; NULL: none */
    lenet_compute compute;
} ordeal;

/*
 * Measures `model`; with an attack, on images made against `victim`. Of an ensemble: measure_ensemble, all of
 * the same data set. What is measured lives in the pool; on failure the pool is left by lab_fail.
 */
measured measure_model(lab_pool *pool, const char *name, const lenet_model *model, const lenet_model *victim,
                       const lenet_dataset *dataset, const ordeal *how);
measured measure_ensemble(lab_pool *pool, const measured *members, size_t count, const lenet_dataset *dataset);

/* Averages, ROC areas and calibration, on stdout: a few lines, or with `all` whole tables. */
void print_scores(const measured *m, bool all);

/* All of it, with what value_of_evaluation gives. NULL: out of memory. */
json_t *value_of_measured(const measured *m);

/*
 * Several models and, after them, their ensemble, on stdout: each alone, then each pair: errors of both, and
 * McNemar's test. `models` counts the models without the ensemble.
 */
void print_models(const measured *m, size_t models);
json_t *value_of_pairs_of_models(const measured *m, size_t models);

/*
 * Files of one measurement. The predictions: index, file ("" if unknown), truth, predicted, and the probability
 * of each class. The curves: class, threshold, false_positive_rate, true_positive_rate.
 */
lenet_status write_predictions(lab_pool *pool, const measured *m, char *const *files, const char *path,
                               lenet_error *error);
lenet_status write_roc(lab_pool *pool, const measured *m, const char *path, lenet_error *error);

#endif
