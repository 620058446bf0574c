/* SPDX-License-Identifier: MIT */
/*
 * run.h - one training run as the program knows it: what was asked for, what happened, and how it is put down:
 * run.json, history.csv and the notes in the model file. The texts are made whole in memory; files are written by
 * ln_write_file.
 */
#ifndef LENET_CLI_RUN_H
#define LENET_CLI_RUN_H

#include "cli/images.h"
#include "lab/runs/trained.h"
#include "lenet/lenet.h"
#include "util/file.h"

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <time.h>

typedef struct run {
    /* asked for */
    lenet_settings settings; /* complete once training begins */
    const char *data, *folder, *architecture, *out; /* folder, out: NULL if not given */
    bool quiet, json;
    int runs, jobs;          /* so many with a seed each; side by side, 0: one for each processor */
    bool all_folds;          /* a run for each fold, and so for each seed */
    const char *config;      /* the recipe that options come from; NULL: none */
    const char *db;          /* the database that it goes into; NULL: none */
    const char *resume;      /* the folder of the run to go on with; NULL: none */
    bool force;              /* replace another run in `out`, train again what is there */
    bool changed_data;       /* train although files are not those of the record that the recipe comes from */
    skipping bad;            /* damaged files of a folder of images */
    char data_fault[512];    /* what is wrong with the files of the data set, if they were looked at; "" */
    struct lab_yaml *recipe; /* its tree, which strings above may point into */

    /* used */
    lenet_dataset *train, *test;
    lenet_model *model;
    lab_store *store;        /* of `db` */
    lab_recipe full_recipe;  /* what the weights depend on; of several runs that of the first */
    json_t *setting_files;   /* hashes of the files that settings name (cli/recorded.h) */

    /* happened */
    time_t started;
    double seconds; /* of everything from reading the data on */
    lenet_status status;
    lenet_error error; /* if status is not LENET_OK */
    lenet_result result;
    lenet_epoch *epochs;
    size_t epoch_count, epoch_capacity;
    bool is_in_folder; /* `out` has the results from an earlier call */
    bool is_saved; /* the three files are in `out` */
    lab_claim claim;       /* of `store` */
    int64_t number;        /* in the database; 0: it is not there */
    bool is_recalled;      /* the results were in the database, nothing was trained */
    char kept_sha256[65];  /* of the weights that were kept; "" if none were, or before training has ended */
} run;

/* The names of the files of a run, in the order in which they are written; ended by NULL. */
const char *const *run_file_names(void);

/* The names of the files that describe several runs; ended by NULL. */
const char *const *repetition_file_names(void);

/* Notes an epoch, with a copy of its diagnosis. False: out of memory. */
bool run_add_epoch(run *r, const lenet_epoch *epoch);

void run_close_epochs(run *r);

/* Trains the model of the run; the result and the error are the run's. */
lenet_status run_train_model(run *r);

/* What came of it, as lab/ has it; points into the run. */
lab_trained run_trained(const run *r);

/* Notes the hash of the weights that were kept. */
void run_note_weights(run *r);

/* The epoch whose weights were kept; NULL if there is none. */
const lenet_epoch *run_best_epoch(const run *r);

/* A metric of each epoch into values[epoch_count], as it is displayed: shares in percent. */
void run_curve(const run *r, int metric, double *values);

/* Why those: "best validation accuracy", ... */
const char *run_choice(const run *r);

/* All options as they were asked for, as a recipe; NULL: out of memory. */
json_t *run_options(const run *r);

/* The whole record; NULL: out of memory. */
json_t *run_record(const run *r);

/* Writes the model with its notes, then history.csv, then run.json into `out`: who finds run.json finds the others. */
lenet_status run_save(run *r, lenet_error *error);

#endif
