/* SPDX-License-Identifier: MIT */
/*
 * jobs.h - what a study comes to: every run that its experiments need, once, with what is already there of it and what
 * the rest will take.
 */
#ifndef LENET_LAB_STUDY_JOBS_H
#define LENET_LAB_STUDY_JOBS_H

#include "lab/data/datasets.h"
#include "lab/runs/store.h"
#include "lab/study/study.h"

#include <stdbool.h>

typedef enum lab_job_state {
    LAB_JOB_WAITING,
    LAB_JOB_RUNNING,   /* here */
    LAB_JOB_ELSEWHERE, /* in another process, which may be at it or dead */
    LAB_JOB_DONE,      /* finished or diverged */
    LAB_JOB_FAILED,    /* `error` */
} lab_job_state;

/* One run. What is not constant is behind the lock of its runner, if it has one. */
typedef struct lab_job {
    const lab_experiment *experiment; /* the first place where it stands in the study */
    const lab_point *point;
    const lab_study_run *run;
    const lenet_dataset *train, *test;
    lab_recipe recipe; /* as the run's, and to be measured in all that any of its places asks for */
    lab_job_state state;
    bool has_model;    /* its weights were kept here, and may be removed for those of a better run */
    bool was_there;    /* done before this study came to it */
    bool has_diverged;
    double forecast;   /* seconds of one processor; 0 before lab_jobs_forecast */
    lenet_progress now;
    double seconds;    /* that it took here */
    double test_accuracy;
    lenet_error error;
} lab_job;

typedef struct lab_jobs {
    const lab_study *study;
    size_t count;
    lab_job *jobs; /* in the order of the study */
} lab_jobs;

/*
 * All runs of a study, which has been identified, whose data is in `datasets`. `store` says what is done; NULL:
 * nothing.
 */
lenet_status lab_jobs_list(lab_jobs *jobs, const lab_study *study, lab_datasets *datasets, lab_store *store, lenet_error *error);
void lab_jobs_close(lab_jobs *jobs);

/*
 * What the jobs which are not done will take: measured here, in a few steps of each kind of network that they train. It is
 * a forecast, no more.
 */
lenet_status lab_jobs_forecast(lab_jobs *jobs, lenet_error *error);

/* Notes in the database what the data sets of a study are. */
lenet_status lab_jobs_remember(const lab_study *study, lab_datasets *datasets, lab_store *store, lenet_error *error);

#endif
