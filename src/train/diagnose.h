/* SPDX-License-Identifier: MIT */
/*
 * diagnose.h - a look at a network between two epochs: which units are dead, how large weights and gradients
 * are, what it predicts. It changes nothing and costs one evaluation of the training images; sums have one
 * order, so the figures do not depend on threads.
 */
#ifndef LENET_TRAIN_DIAGNOSE_H
#define LENET_TRAIN_DIAGNOSE_H

#include "nn/executor.h"

typedef struct ln_diagnosis ln_diagnosis;

/* For an executor that trains, with `workers` threads, and the images of `batch`, whose labels it counts. */
lenet_status ln_diagnosis_open(ln_diagnosis **diagnosis, const ln_executor *executor, const lenet_model *model,
                               int workers, const ln_batch *batch, lenet_error *error);
void ln_diagnosis_close(ln_diagnosis **diagnosis);

/*
 * Measures the weights as they are, the gradient of the last step, and all images of `batch`; losses and
 * predicted are scratch for them. It sets the epoch's metrics LENET_WITH_DIAGNOSIS, and its diagnosis, which
 * lasts until the next call.
 */
void ln_diagnose(ln_diagnosis *diagnosis, ln_executor *executor, const ln_batch *batch, float *losses,
                 uint8_t *predicted, lenet_epoch *epoch);

/*
 * What changes of the layers between diagnoses, as `width` numbers, and back. What ln_diagnosis_get returns
 * is valid until the next call of it or of ln_diagnose.
 */
size_t ln_diagnosis_width(const ln_diagnosis *diagnosis);
void ln_diagnosis_put(const lenet_diagnosis *figures, double *numbers);
const lenet_diagnosis *ln_diagnosis_get(ln_diagnosis *diagnosis, const double *numbers);

#endif
