/* SPDX-License-Identifier: MIT */
/*
 * runner.h - jobs side by side: a pool of threads, each of which takes one job after the other and does it
 * (job.h).
 *
 * Runs are functions of their recipes, so what comes out is the same however many there are side by side.
 * Processes that share a database share its work: a job that another process trains is asked for again until
 * it is over.
 */
#ifndef LENET_LAB_RUNS_RUNNER_H
#define LENET_LAB_RUNS_RUNNER_H

#include "lab/runs/job.h"

typedef struct lab_runner lab_runner;

/* What to run. All of it must outlive the runner. */
typedef struct lab_work {
    lab_job *const *jobs; /* [count]; those that are not done are done, the first first */
    size_t count;
    lab_store *store;
    lab_observer observer; /* of each job */
    int workers;           /* threads, 1..256 */
} lab_work;

lenet_status lab_runner_start(lab_runner **runner, const lab_work *work, lenet_error *error);

/* Waits until something has changed, at most a tenth of a second. False: all workers have ended. */
bool lab_runner_wait(lab_runner *runner);

/* Between these two the states of the jobs do not change. */
void lab_runner_lock(lab_runner *runner);
void lab_runner_unlock(lab_runner *runner);

/* Makes all jobs stop after their step; they can be resumed where they are. */
void lab_runner_stop(lab_runner *runner);

/*
 * Waits for the end. The error is what stopped it, other than lab_runner_stop; failures of single runs are in
 * their jobs.
 */
lenet_status lab_runner_finish(lab_runner **runner, lenet_error *error);

#endif
