/* SPDX-License-Identifier: MIT */
/*
 * run-jobs.h - runs jobs side by side (lab/runs/runner.h) and shows them on stderr: lines on a terminal that are
 * rewritten, and a line for each run that has ended. A signal stops all.
 */
#ifndef LENET_CLI_RUN_JOBS_H
#define LENET_CLI_RUN_JOBS_H

#include "lab/runs/runner.h"

/* Both are called while the states of the jobs do not change. */
typedef struct display {
    bool is_quiet;
    void *context;
    /* The live lines: into `text`, of `capacity` bytes. */
    void (*compose)(void *context, char *text, size_t capacity);
    /* A job has ended, here or in another process: its index, and how many are done with it. */
    void (*print_ended)(void *context, size_t index, size_t done);
} display;

/* Jobs that are done before are not printed. The error is as of lab_runner_finish. */
lenet_status run_jobs(const lab_work *work, const display *shown, double *seconds, lenet_error *error);

#endif
