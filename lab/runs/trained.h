/* SPDX-License-Identifier: MIT */
/* trained.h - what came of a training, into the database: with what the test images say of the kept weights, and the noise. */
#ifndef LENET_LAB_RUNS_TRAINED_H
#define LENET_LAB_RUNS_TRAINED_H

#include "lab/runs/store.h"
#include "lenet/lenet.h"

typedef struct lab_trained {
    const lenet_model *model; /* as lenet_train left it */
    const lenet_dataset *train, *test;
    const lenet_settings *settings;
    const lenet_result *result;
    lenet_status status;      /* of lenet_train: LENET_OK, LENET_DIVERGED, or why it failed */
    const char *message;      /* if it is not LENET_OK */
} lab_trained;

/* lenet_train, but a checkpoint that cannot be gone on from (of another version, say) costs what it holds, not the run. */
lenet_status lab_train(lenet_model *model, const lenet_dataset *train, const lenet_dataset *test, const lenet_settings *settings,
                       lenet_result *result, lenet_error *error);

/* Ends a run that was claimed. */
lenet_status lab_trained_store(const lab_trained *trained, lab_store *store, const lab_claim *claim, lenet_error *error);

#endif
