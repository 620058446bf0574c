/* SPDX-License-Identifier: MIT */
/*
 * models.h - the weights that runs of a database kept: a model file each, beside the database, called
 * "PATH.models/IDENTITY.safetensors". It is written whole before its run counts as finished, and may be missing.
 */
#ifndef LENET_LAB_STUDY_MODELS_H
#define LENET_LAB_STUDY_MODELS_H

#include "lab/runs/store.h"
#include "lab/study/study.h"
#include "lab/runs/trained.h"

/* Whose weights a study keeps: of the best run of each point, of all that finish, of none. */
typedef enum lab_keep { LAB_KEEP_BEST, LAB_KEEP_ALL, LAB_KEEP_NONE } lab_keep;

/*
 * Notes in the model what it was trained on and how. Nothing of the machine or the moment is noted: the same run gives the same
 * model file, byte for byte. `architecture`: as it was asked for.
 */
lenet_status lab_note_run(lenet_model *model, const char *data, const char *architecture, const lab_trained *trained, lenet_error *error);

/* Writes the noted model of a claimed run. */
lenet_status lab_model_keep(const lab_store *store, const char *identity, const lenet_model *model, lenet_error *error);
void lab_model_remove(const lab_store *store, const char *identity);

/*
 * Is the run of `identity`, whose results are `result`, or are already in the database (NULL), the best that has finished in some
 * point of the study? By validation accuracy, or where nothing is held out by test accuracy; of equals the first in the study.
 */
bool lab_is_best(lab_store *store, const lab_study *study, const char *identity, int64_t run, const lenet_result *result);

#endif
