/* SPDX-License-Identifier: MIT */
/* keep.h - whose weights a study keeps: those of the best run of each point, of all runs, or of none. */
#ifndef LENET_LAB_STUDY_KEEP_H
#define LENET_LAB_STUDY_KEEP_H

#include "lab/study/jobs.h"

typedef enum lab_keep { LAB_KEEP_BEST, LAB_KEEP_ALL, LAB_KEEP_NONE } lab_keep;

/* Runs of a study side by side share one; they hold its lock while they compare models. */
typedef struct lab_keeper {
    lab_jobs *jobs;
    lab_store *store;
    lab_keep keep;
    pthread_mutex_t lock;
} lab_keeper;

/*
 * An observer of the jobs of a study (lab/runs/job.h), its context a lab_keeper: writes the model of a run
 * before the run counts as finished, and removes those that it beats.
 *
 * The best run of a point has the highest validation accuracy, or test accuracy where nothing is held out; of
 * equals it is the first in the study.
 */
lab_observer lab_keep_models(lab_keeper *keeper);

#endif
