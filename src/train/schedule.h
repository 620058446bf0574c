/* SPDX-License-Identifier: MIT */
/*
 * schedule.h - the learning rate of each step: a function of the settings and of the step's place in the run, so that a
 * resumed run has the same bits. Only a plateau keeps data between steps, and adds it to the state.
 */
#ifndef LENET_TRAIN_SCHEDULE_H
#define LENET_TRAIN_SCHEDULE_H

#include "lenet/lenet.h"
#include "train/optimizer.h"
#include "train/patience.h"
#include "util/number.h"
#include "util/state.h"

typedef struct ln_schedule_row ln_schedule_row;

typedef struct ln_schedule {
    const ln_schedule_row *row;
    double rate, decay, number[LN_CHOICE_NUMBERS]; /* settings: of the rate the largest that is meant */
    double steps, epoch_steps, warmup;             /* numbers of steps: of the whole run, an epoch, the warmup */
    double lowered;                                /* of a plateau: its current rate */
    ln_patience patience;                          /* of a plateau */
    int cooldown;
} ln_schedule;

/* LENET_USAGE: numbers out of range, or settings that this schedule has no use for. */
lenet_status ln_schedule_check(const lenet_settings *settings, lenet_error *error);

/* The schedule of checked settings, for epochs of so many steps. */
void ln_schedule_open(ln_schedule *schedule, const lenet_settings *settings, uint64_t epoch_steps);

/* The pace of a step. Steps count from 0, through all epochs. */
ln_pace ln_schedule_at(const ln_schedule *schedule, uint64_t step);

/* After each epoch: its validation loss. */
void ln_schedule_update(ln_schedule *schedule, double loss);

void ln_schedule_add_state(ln_schedule *schedule, ln_state *state);

/* What a schedule does; NULL: unknown. */
const char *ln_schedule_help(const char *name);

#endif
