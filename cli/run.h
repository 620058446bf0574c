/* SPDX-License-Identifier: MIT */
/*
 * run.h - one run of `lenet train`: a job (lab/runs/job.h), and its files: run.json, history.csv and the
 * model. They are made of what the job has, whether it was trained now or recalled from the database. The
 * texts are made whole in memory; files are written by ln_write_file.
 */
#ifndef LENET_CLI_RUN_H
#define LENET_CLI_RUN_H

#include "cli/training.h"
#include "lab/runs/job.h"

typedef struct run {
    lab_job job;             /* first, so an observer of the job has the run */
    const training *request; /* with the data; for several runs the same */
    char *out;               /* the folder of its files, and of its checkpoint; NULL: none */
    char *checkpoint;        /* in `out` */
    struct folder *place;    /* of several runs, while this one is trained */
    bool is_saved;           /* its files are in `out` */
} run;

/*
 * A run of what is asked for, with that many added to the seed and to the fold. `out` is copied; NULL: it
 * leaves no files. LENET_USAGE, LENET_IO: as of lab_recipe_make.
 */
lenet_status run_open(run *r, const training *request, uint64_t seed, int fold, const char *out, lenet_error *error);
void run_close(run *r);

/* An observer's `keep`: with --db the weights stay next to the database. */
lenet_status run_keep_model(void *context, lab_job *job, lenet_error *error);

/* Notes an epoch in the job. LENET_FAILURE: out of memory. */
lenet_status run_note_epoch(lab_job *job, const lenet_epoch *epoch, lenet_error *error);

/* Training came to its end, or diverged. */
bool run_has_ended(const run *r);

/* Why its kept weights are those: "best validation accuracy", ... */
const char *run_choice(const run *r);

/* The whole record; NULL: out of memory. */
json_t *run_record(const run *r);

/*
 * Writes the model with its notes, then history.csv, then run.json into `out`: who finds run.json finds the
 * others.
 */
lenet_status run_save(run *r, lenet_error *error);

#endif
