/* SPDX-License-Identifier: MIT */
/*
 * run.h - a training run in memory: recipe, data, working memory and state. trainer.c opens it, loop.c trains, keep.c
 * measures and keeps the best weights, resume.c saves and loads it, two-stage.c trains a first network for it.
 *
 * Always: `best` holds the weights that the model is left with, whatever happens next; what lasts from one step to the
 * next is in `state` or in memory that resume.c saves, so that a run can be saved and resumed between two steps.
 */
#ifndef LENET_TRAIN_RUN_H
#define LENET_TRAIN_RUN_H

#include "data/augment.h"
#include "data/split.h"
#include "nn/executor.h"
#include "train/checkpoint.h"
#include "train/diagnose.h"
#include "train/engine.h"
#include "train/history.h"
#include "train/patience.h"
#include "train/schedule.h"
#include "train/tally.h"
#include "train/update.h"

typedef struct ln_run_state {
    int epoch;                   /* the current one, from 1 */
    double rate;                 /* the learning rate of the last step */
    ln_tally sums;               /* over the epoch's images so far */
    double seconds, all_seconds; /* spent on them, and on the epochs before */
    int best;                    /* epoch whose weights are kept; 0: none yet */
    ln_patience patience;        /* of early stopping, by the validation loss */
} ln_run_state;

typedef struct ln_run {
    lenet_settings settings; /* complete */
    lenet_model *model;
    const lenet_dataset *train, *test; /* test may be NULL */
    ln_engine engine;
    ln_loss loss;
    ln_executor *executor;
    ln_updater *updater;
    ln_schedule schedule;
    ln_split split;
    uint8_t *noisy_labels; /* of the training images, with label noise; NULL: those of the data set */
    ln_augment *augment;   /* NULL: none */
    uint32_t *order;       /* [split.train_count]: the images in this epoch's order */
    float *losses;         /* scratch of an evaluation */
    uint8_t *predicted;    /* the same */
    float *best;           /* weights, as the model's arena */
    ln_history history;    /* of the state.epoch - 1 epochs that are finished */
    ln_run_state state;
    ln_state saved;          /* the memory that checkpoints save, */
    ln_identity identity;    /* and which run it is; empty without checkpoints */
    double saved_at, saving; /* time of the last checkpoint, and what it took; seconds */
    int is_stopped;          /* by the caller, after the current epoch */
    ln_diagnosis *diagnosis; /* NULL: not asked for */
} ln_run;

static inline const uint8_t *ln_run_labels(const ln_run *run)
{
    return run->noisy_labels ? run->noisy_labels : lenet_dataset_labels(run->train);
}

static inline ln_batch ln_run_training_images(const ln_run *run)
{
    return (ln_batch){lenet_dataset_images(run->train), ln_run_labels(run), run->split.train, run->split.train_count};
}

static inline uint64_t ln_run_epoch_steps(const ln_run *run)
{
    return (run->split.train_count + (size_t)run->settings.batch - 1) / (size_t)run->settings.batch;
}

static inline int ln_run_stops_early(const ln_run *run)
{
    return run->settings.patience && run->state.patience.wait >= run->settings.patience;
}

#endif
