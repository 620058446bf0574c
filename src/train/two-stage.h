/* SPDX-License-Identifier: MIT */
/*
 * two-stage.h - training in two stages, for the loss with an estimated noise matrix: a first network, then the run
 * itself.
 */
#ifndef LENET_TRAIN_TWO_STAGE_H
#define LENET_TRAIN_TWO_STAGE_H

#include "train/run.h"

/*
 * For a run whose noise matrix is to be estimated and was in no checkpoint: trains a first network with cross-entropy,
 * estimates the matrix by it (estimate.h), and writes the first checkpoint, which has the matrix. Notes the matrix in
 * the model. Other runs: nothing, but an old note is removed. An error of the first training is reported as such.
 */
lenet_status ln_two_stage_estimate(ln_run *run, lenet_error *error);

#endif
