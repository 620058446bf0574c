/* SPDX-License-Identifier: MIT */
/*
 * training.h - the request of `lenet train`, one run or several, and what they share: the data, the
 * database, the hashes of their files. A run itself is in cli/run.h.
 */
#ifndef LENET_CLI_TRAINING_H
#define LENET_CLI_TRAINING_H

#include "cli/diagnosis.h"
#include "cli/images.h"
#include "lab/recipe/recipe.h"
#include "lab/runs/store.h"
#include "lenet/lenet.h"

#include <jansson.h>
#include <stdbool.h>

typedef struct training {
    /* asked for */
    lenet_settings settings; /* complete once the data is open; of several runs those of the first */
    const char *data, *folder, *architecture, *out; /* folder, out: NULL if not given */
    bool quiet, json;
    int runs, jobs;          /* so many with a seed each; side by side, 0: one for each processor */
    bool all_folds;          /* a run for each fold, and so for each seed */
    const char *config;      /* the recipe that options come from; NULL: none */
    const char *db;          /* the database that the runs go into; NULL: none */
    const char *resume;      /* the folder of the run to go on with; NULL: none */
    bool force;              /* replace another run in `out`, train again what is there */
    bool changed_data;       /* train although files are not those of the record that the recipe comes from */
    skipping bad;            /* damaged files of a folder of images */
    struct lab_yaml *recipe; /* the tree of `config`, which strings above may point into */

    /* opened */
    lenet_dataset *train, *test;
    lenet_model *model;          /* untrained: the architecture fits the data; NULL once the only run has it */
    lab_store *store;            /* of `db`, or in memory */
    lab_recipe full_recipe;      /* what the weights depend on; of several runs that of the first */
    json_t *setting_files;       /* hashes of the files that settings name (cli/recorded.h) */
    char data_fault[DATA_FAULT]; /* with --diagnose: what is wrong with the files of the data set; "" */
    bool is_in_folder;           /* `out` has the results from an earlier call */
} training;

/* Several runs: of seeds, of folds, or of both. */
bool has_several_runs(const training *t);

/* The names of the files of a run, in the order in which they are written; ended by NULL. */
const char *const *run_file_names(void);

/* The names of the files that describe several runs; ended by NULL. */
const char *const *repetition_file_names(void);

/* All options as they were asked for, as a recipe; NULL: out of memory. */
json_t *training_options(const training *t);

#endif
