/* SPDX-License-Identifier: MIT */
/*
 * runner.h - trains jobs side by side, a thread each, and puts what comes of them into the database.
 *
 * Each run is claimed before it begins, its epochs are stored as they finish, and a checkpoint beside the database says
 * where it stands. So whatever ends the process, nothing that was finished is lost and the rest goes on from there; and
 * processes that share a database share its work. Runs are functions of their recipes: what comes out is the same
 * however many there are side by side.
 */
#ifndef LENET_LAB_STUDY_RUNNER_H
#define LENET_LAB_STUDY_RUNNER_H

#include "lab/study/jobs.h"
#include "lab/study/models.h"
#include "lab/runs/store.h"

typedef struct lab_runner lab_runner;

/* Starts on those of `jobs` that are not done; jobs and store must outlive it. `side_by_side`: threads, 1..256. */
lenet_status lab_runner_start(lab_runner **runner, lab_jobs *jobs, lab_store *store, lab_keep keep, int side_by_side, lenet_error *error);

/* Waits until something has changed, at most a tenth of a second. False: everybody has gone. */
bool lab_runner_wait(lab_runner *runner);

/* Between these two the jobs hold still and may be read. */
void lab_runner_lock(lab_runner *runner);
void lab_runner_unlock(lab_runner *runner);

/* Asks all to stop after the step at hand; what they are at can be taken up where it stands. */
void lab_runner_stop(lab_runner *runner);

/* Waits for the end. The error is what stopped it, other than lab_runner_stop; failures of single runs are in their jobs. */
lenet_status lab_runner_finish(lab_runner **runner, lenet_error *error);

#endif
