/* SPDX-License-Identifier: MIT */
/*
 * resume.h - a run to and from its checkpoint. A run without a checkpoint path is never due, and loading it does
 * nothing.
 */
#ifndef LENET_TRAIN_RESUME_H
#define LENET_TRAIN_RESUME_H

#include "train/run.h"

/* Registers the memory that checkpoints save; the history is added at each save. LENET_FAILURE: out of memory. */
lenet_status ln_resume_register(ln_run *run, lenet_error *error);

/* Loads the checkpoint, if there is one. LENET_INPUT: damaged. LENET_USAGE: of another run. */
lenet_status ln_resume_load(ln_run *run, lenet_error *error);

/* Is a checkpoint due, `after` seconds after the last? Writing takes a hundredth of the time at most. */
int ln_resume_is_due(const ln_run *run, double after, double now);

/* Writes the checkpoint. */
lenet_status ln_resume_save(ln_run *run, lenet_error *error);

#endif
