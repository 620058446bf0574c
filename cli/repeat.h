/* SPDX-License-Identifier: MIT */
/*
 * repeat.h - one recipe run several times: with a seed of its own each time (`lenet train --runs N`), and holding out one
 * fold after the other (`--folds K`).
 *
 * Each run is a function of its seed alone, so what comes out is the same however many of them run side by side.
 * Runs share the data in memory, a thread each; one that finished is on the disk before the next begins.
 */
#ifndef LENET_CLI_REPEAT_H
#define LENET_CLI_REPEAT_H

#include "cli/earlier.h"
#include "cli/run.h"
#include "lab/stats/stats.h"

enum { MOST_RUNS = 10000 }; /* of seeds */

typedef struct repeated_run {
    run r;             /* asked for as the whole is, but for the seed and the folder */
    int number;        /* from 1 */
    bool is_finished;  /* trained to its end, or diverged; else it was stopped, or never begun */
    bool is_collapsed; /* finished, not diverged, and within chance on the test images */
    double val_accuracy, val_loss; /* of the kept weights */
} repeated_run;

typedef struct repetition {
    run *asked; /* with the data, and a model for its description */
    repeated_run *runs;
    run_names names;
    size_t count, finished, diverged, collapsed;
    int jobs, threads;    /* runs side by side, and threads of each */
    double chance_share;  /* of the most frequent class among the test images */
    size_t chance_bound;  /* right at most by chance: docs/statistics.md */
    double seconds;       /* wall clock of all */
    bool is_saved;
} repetition;

/* Trains asked->runs times, stores, and reports. Returns the exit code. */
int repeat_and_report(run *asked);

/* Runs are over folds, which share images: their spread is that of no independent runs, and has no interval. */
bool is_over_folds(const repetition *all);

/* "run-03", "fold-0", "run-03-fold-0": where a run lies in the folder of all. */
void name_of_run(const repetition *all, int number, char name[48]);

/* Of the runs that ended well: picks a number of each, leaving out what is not one. */
typedef double (*run_number)(const repeated_run *r);
double number_test_accuracy(const repeated_run *r);
double number_val_accuracy(const repeated_run *r);
lab_sample describe_runs(const repetition *all, run_number number);

/* The best by test accuracy of those that ended well; NULL if there is none. */
const repeated_run *best_run(const repetition *all);

/* On stdout: the table and what it comes to. */
void print_repetition(const repetition *all);

/* Texts to be freed; NULL: out of memory. */
char *repetition_table(const repetition *all); /* CSV */
json_t *repetition_record(const repetition *all);

#endif
