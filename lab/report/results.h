/* SPDX-License-Identifier: MIT */
/*
 * results.h - what came of a study: its points with what the database knows of their runs, and the one number
 * of a run that is compared.
 *
 * A run that is not there, or has not ended, is in its place with `is_there` false, and in no number. A run
 * that diverged or collapsed (lab_has_collapsed) is there and in no number either; it is counted. Everything
 * belongs to the pool.
 */
#ifndef LENET_LAB_REPORT_RESULTS_H
#define LENET_LAB_REPORT_RESULTS_H

#include "lab/runs/store.h"
#include "lab/stats/stats.h"
#include "lab/study/study.h"
#include "lab/text/pool.h"

/*
 * A number that a run has for each epoch: the library's metrics, and what follows from them and from the
 * layers.
 */
typedef int lab_metric;
enum { LAB_GAP = LENET_METRICS, LAB_GAP_AFTER, LAB_DEAD_SHARE, LAB_METRICS };
const lenet_metric *lab_metric_row(lab_metric metric);

/* Layers with weights and an activation, of which a unit may be dead. */
typedef struct lab_layer_life {
    const char *name;
    size_t units;
    double *dead; /* [epochs]; NaN: not known */
} lab_layer_life;

typedef struct lab_run {
    const lab_study_run *planned;
    bool is_there, has_diverged, is_collapsed;
    /* NULL: not known */
    const char *message, *machine, *isa, *version, *data_sha256, *test_sha256, *weights_sha256;
    double seconds, kept_accuracy;
    int64_t key, best_epoch, train_count, test_count;
    size_t epochs;
    double *values[LAB_METRICS]; /* [epochs]; NaN where not measured */
    size_t classes;
    double *confusion;        /* [classes][classes], of the kept weights; NULL: not there */
    double *noise;            /* [classes][classes]: true class, label; NULL: no noise */
    const uint8_t *predicted; /* [predicted_count] */
    size_t predicted_count;
    size_t layer_count;
    lab_layer_life *layers;
} lab_run;

typedef struct lab_trial {
    const lab_experiment *experiment;
    const lab_point *point;
    size_t count;
    lab_run *runs;            /* in the order of the point's */
    size_t classes;           /* 0: not known, as no run has ended */
    const char **class_names; /* [classes] */
} lab_trial;

typedef struct lab_trials {
    const lab_experiment *experiment;
    size_t count;
    lab_trial *trials;
} lab_trials;

typedef struct lab_results {
    const lab_study *study;
    size_t count;
    lab_trials *experiments;
} lab_results;

/* `store` NULL: nothing is there yet. The study must have been identified. */
lab_results *lab_results_read(lab_pool *pool, const lab_study *study, lab_store *store);

/* ------------------------------------------------------------------------------------------------------ one number */

/* Where in a run a number is taken. */
typedef enum lab_moment { LAB_AT_END, LAB_AT_BEST, LAB_AT_EPOCH, LAB_AT_KEPT } lab_moment;
typedef struct lab_measure {
    lab_moment moment;
    int epoch; /* of LAB_AT_EPOCH */
    lab_metric metric;
} lab_measure;

/*
 * "test_accuracy" (at the end), "best test_accuracy" (of all epochs), "kept test_accuracy" (of the weights
 * that were kept, or in their epoch), or "epoch 3 train_loss". False: it is none.
 */
bool lab_measure_read(const char *text, lab_measure *measure);
const char *lab_measure_words(lab_pool *pool, const lab_measure *measure); /* "best test accuracy" */

/* In %, and no difference, which may be below 0. */
bool lab_metric_is_share(lab_metric metric);

/* NaN: the run has none, or it did not learn. lab_measure_any: also of a run that collapsed. */
double lab_measure_of(const lab_run *run, const lab_measure *measure);
double lab_measure_any(const lab_run *run, const lab_measure *measure);

/* Of all runs of a trial that have it. The interval of a share stays within 0 and 1. */
lab_sample lab_measure_trial(lab_pool *pool, const lab_trial *trial, const lab_measure *measure);

/* The runs of both that have it and share seed and fold, side by side; returns how many. */
size_t lab_measure_pairs(lab_pool *pool, const lab_trial *a, const lab_trial *b, const lab_measure *measure,
                         double **of_a, double **of_b);

/* It ended, did not diverge and did not collapse. */
bool lab_run_has_learned(const lab_run *run);
/*
 * What the run took each of these test images for, [images]; NULL: not known, or the run had other test
 * images.
 */
const uint8_t *lab_run_answers(const lab_run *run, const lenet_dataset *test);

size_t lab_trial_there(const lab_trial *trial);
size_t lab_trial_learned(const lab_trial *trial);
size_t lab_trial_finished(const lab_trial *trial); /* learned or collapsed */
size_t lab_trial_diverged(const lab_trial *trial);
size_t lab_trial_collapsed(const lab_trial *trial);

/* ------------------------------------------------------------------------------------------------------- commands */

void lab_append_word(lab_text *out, const char *word); /* in quotes, if a shell needs them */

/*
 * The command that trains the runs of a point again, in words that a shell takes: "lenet train --data mnist
 * --epochs 5 --seed 1 --runs 5"; of one run, if `run` is given.
 */
const char *lab_trial_command(lab_pool *pool, const lab_point *point, const lab_study_run *run);

#endif
