/* SPDX-License-Identifier: MIT */
/*
 * repeat.h - one recipe run several times: with a seed of its own each time (`lenet train --runs N`), and
 * holding out one fold after the other (`--folds K`).
 *
 * Each run is a function of its seed alone, so what comes out is the same however many of them run side by
 * side (lab/runs/runner.h). Runs share the data in memory; the files of one that has ended are written before
 * the next begins.
 */
#ifndef LENET_CLI_REPEAT_H
#define LENET_CLI_REPEAT_H

#include "cli/earlier.h"
#include "cli/run.h"
#include "lab/stats/stats.h"

enum { MOST_RUNS = 10000 }; /* of seeds */

typedef struct repetition {
    training *request; /* with the data, and a model for its description */
    run *runs;         /* [count], in the order of their numbers, from 1 */
    lab_job **jobs;    /* the same, for the runner */
    run_names names;
    size_t count, finished, diverged, collapsed;
    int workers, threads;    /* runs side by side, and threads of each */
    double chance_share;     /* of the most frequent class among the test images */
    size_t chance_bound;     /* right at most by chance: docs/statistics.md */
    double started, seconds; /* wall clock of all */
    bool is_saved;
} repetition;

/* Trains request->runs times, stores, and reports. Returns the exit code. */
int repeat_and_report(training *request);

/* Trained to its end, or diverged; else it was stopped, or never begun. */
bool has_finished(const run *r);

/* Finished, not diverged, and within chance on the test images. */
bool has_collapsed(const repetition *all, const run *r);

int number_of(const repetition *all, const run *r); /* from 1 */

/* Of the kept weights; NaN if there are none. */
double val_accuracy_of(const run *r);
double val_loss_of(const run *r);

/*
 * Runs are over folds, which share images: their spread is that of no independent runs, and has no interval.
 */
bool is_over_folds(const repetition *all);

/* On stdout: the table and its statistics. */
void print_repetition(const repetition *all);

/* Texts to be freed; NULL: out of memory. */
char *repetition_table(const repetition *all); /* CSV */
json_t *repetition_record(const repetition *all);

#endif
