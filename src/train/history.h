/* SPDX-License-Identifier: MIT */
/*
 * history.h - the numbers of the epochs that are finished: a row for each, as one matrix of doubles, so that
 * a checkpoint keeps them as a tensor. With a diagnosis a row goes on with its figures.
 */
#ifndef LENET_TRAIN_HISTORY_H
#define LENET_TRAIN_HISTORY_H

#include "train/diagnose.h"
#include "util/state.h"

/* Zero-initialised, and then `diagnosis` set if there is one: empty. */
typedef struct ln_history {
    ln_diagnosis *diagnosis; /* of somebody else */
    double *rows;            /* [capacity][width] */
    size_t capacity, width;
} ln_history;

/* Room for the first `count` epochs. */
lenet_status ln_history_reserve(ln_history *history, size_t count, lenet_error *error);
void ln_history_close(ln_history *history);

/* Writes the epoch into its row, for which there is room. */
void ln_history_put(ln_history *history, const lenet_epoch *epoch);

/* Epoch `epoch` (from 1) as it was put; its diagnosis lasts until the diagnosis is used again. */
lenet_epoch ln_history_at(const ln_history *history, int epoch);

/* Adds the first `count` rows to what checkpoints save, as "history" [count][width]. */
void ln_history_add_state(ln_history *history, size_t count, ln_state *state);

#endif
