/* SPDX-License-Identifier: MIT */
/* loop.h - the training loop. */
#ifndef LENET_TRAIN_LOOP_H
#define LENET_TRAIN_LOOP_H

#include "train/run.h"

/* Notifies the caller (on_epoch) of the epochs that a checkpoint brought. LENET_STOPPED: it wants no more. */
lenet_status ln_loop_replay(const ln_run *run, lenet_error *error);

/*
 * Trains from the run's state to its last epoch, or until early stopping. LENET_STOPPED: by the caller. LENET_DIVERGED:
 * a loss is not finite. Else a checkpoint could not be written.
 */
lenet_status ln_loop_train(ln_run *run, lenet_error *error);

#endif
