/* SPDX-License-Identifier: MIT */
/*
 * jobs.h - what a study comes to: every run that its experiments need, once, with what is already there of it
 * and what the rest will take.
 */
#ifndef LENET_LAB_STUDY_JOBS_H
#define LENET_LAB_STUDY_JOBS_H

#include "lab/data/datasets.h"
#include "lab/runs/job.h"
#include "lab/study/study.h"

#include <stdbool.h>

/* One run of a study. */
typedef struct lab_study_job {
    lab_job job;                      /* its recipe measures all that any of its places in the study asks for */
    const lab_experiment *experiment; /* the first place in the study that has this run */
    const lab_point *point;
    const lab_study_run *run;
    bool is_kept; /* its weights were written, its row is not finished yet: of the thread that trains it */
    /* its weights were kept here, and may be removed for those of a better run (lab/study/keep.h) */
    bool has_model;
    double forecast; /* seconds; 0: not known */
} lab_study_job;

typedef struct lab_jobs {
    const lab_study *study;
    size_t count;
    lab_study_job *jobs; /* in the order of the study */
    lab_job **list;      /* the same, for a runner */
} lab_jobs;

/*
 * All runs of a study, which has been identified, whose data is in `datasets`. `store` has what is done;
 * NULL: nothing.
 */
lenet_status lab_jobs_list(lab_jobs *jobs, const lab_study *study, lab_datasets *datasets, lab_store *store,
                           lenet_error *error);
void lab_jobs_close(lab_jobs *jobs);

/*
 * What the jobs which are not done will take: measured here, in a few steps of each kind of network that they
 * train. It is a forecast, no more.
 */
lenet_status lab_jobs_forecast(lab_jobs *jobs, lenet_error *error);

/* Notes in the database what the data sets of a study are. */
lenet_status lab_jobs_save_subjects(const lab_study *study, lab_datasets *datasets, lab_store *store,
                                    lenet_error *error);

#endif
