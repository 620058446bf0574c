/* SPDX-License-Identifier: MIT */
/*
 * models.h - model files of runs: with notes of what the weights were trained on and how. Nothing of the
 * machine or the moment is noted, so the same run gives the same file, byte for byte.
 *
 * The weights that runs of a database kept are files beside it, called "PATH.models/IDENTITY.safetensors".
 * Such a file is written whole before its run counts as finished, and may be missing.
 */
#ifndef LENET_LAB_RUNS_MODELS_H
#define LENET_LAB_RUNS_MODELS_H

#include "lab/runs/job.h"

#include <jansson.h>

/* What the weights depend on, as options: {"data", "arch", settings by their names}. NULL: out of memory. */
json_t *lab_options_of(const char *data, const char *architecture, const lenet_settings *settings);

/*
 * Labels that were trained on: counts, rows (the true class) in rows; null without label noise. NULL: out of
 * memory.
 */
json_t *lab_noise_matrix(const lenet_dataset *train, const lenet_settings *settings);

/* Writes the model of a job that was trained, with its notes. */
lenet_status lab_model_write(const lab_job *job, const char *path, lenet_error *error);

/* The same into the folder beside the database; the job is claimed. */
lenet_status lab_model_keep(const lab_store *store, const lab_job *job, lenet_error *error);
void lab_model_remove(const lab_store *store, const char *identity);

#endif
