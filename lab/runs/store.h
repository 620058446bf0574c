/* SPDX-License-Identifier: MIT */
/*
 * store.h - the database of runs: one SQLite file that any number of processes may use at once. The schema,
 * and queries worth knowing, are in docs/formats.md.
 *
 * A run is known by its identity, the SHA-256 of its recipe; the recipe is a JSON object that holds
 * everything the weights depend on (lab/recipe/recipe.h). So a run that is there is never trained again,
 * whoever asks for it.
 *
 * Always: what was written stays, whatever is killed when. A function that fails has changed nothing. A store
 * may be used by several threads.
 */
#ifndef LENET_LAB_RUNS_STORE_H
#define LENET_LAB_RUNS_STORE_H

#include "lab/recipe/recipe.h"
#include "lenet/lenet.h"
#include "lenet/tools.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct lab_store lab_store;

/*
 * Opens the database `path`, made if it is missing and `write` is non-zero. An older schema is brought up to
 * date. LENET_INPUT: no database, a damaged one, or one of a newer version. LENET_IO: missing, may not be
 * read or written, no room. `path` NULL: a database in memory, which is gone once it is closed and keeps no
 * files beside it.
 */
lenet_status lab_store_open(lab_store **store, const char *path, int write, lenet_error *error);
void lab_store_close(lab_store **store);

bool lab_store_is_in_memory(const lab_store *store);

/*
 * Where the checkpoints of its runs lie, called by their identities: "PATH.checkpoints". It may be missing;
 * NULL in memory.
 */
const char *lab_store_checkpoints(const lab_store *store);

typedef enum lab_state {
    LAB_RUNNING, /* by a process that lives; or was, by one that does not */
    LAB_FINISHED,
    LAB_DIVERGED, /* and that is its result: the same recipe diverges again */
    LAB_FAILED,   /* by what is not the recipe's fault (memory, disk): worth another try */
} lab_state;
const char *lab_state_name(lab_state state); /* "running", ... */

/* What a run is asked for by. */
typedef struct lab_claim {
    int64_t run;     /* its key in the database */
    lab_state state; /* as found; LAB_RUNNING with `is_ours`: to be trained now, by the caller */
    int is_ours;
    /* with `is_ours`: what to measure beside, a JSON list: what the recipe asks for and what there was */
    char measured[256];
} lab_claim;

/*
 * Looks the recipe up. If it has not been run, or its process is dead, the caller trains it: is_ours;
 * its epochs are replaced as training reports them. Otherwise `state` is: finished, diverged,
 * or running elsewhere. A run that is there but was not measured in all that the recipe asks for is the
 * caller's too, to be trained to the same bits again; until that is done, it counts as it was. So is, with
 * `again`, any run that no process trains.
 */
lenet_status lab_store_claim(lab_store *store, const lab_recipe *recipe, int again, lab_claim *claim,
                             lenet_error *error);

/*
 * The path of a claimed run's checkpoint, "PATH.checkpoints/IDENTITY"; the folder is made. "" of a database
 * in memory. LENET_IO: it cannot be made.
 */
lenet_status lab_store_checkpoint(const lab_store *store, const char *identity, char path[PATH_MAX],
                                  lenet_error *error);

/*
 * The path of the weights that a run kept: "PATH.models/IDENTITY.safetensors". With `make` their folder is
 * made. LENET_IO: it cannot be made.
 */
lenet_status lab_store_model(const lab_store *store, const char *identity, int make, char path[PATH_MAX],
                             lenet_error *error);

/* What a claim would give, without taking it: is_ours then means that it could be taken. */
lenet_status lab_store_lookup(lab_store *store, const lab_recipe *recipe, lab_claim *claim, lenet_error *error);

/* One finished epoch of a run, with its diagnosis if it has one; an epoch that is there is replaced. */
lenet_status lab_store_epoch(lab_store *store, int64_t run, const lenet_epoch *epoch, lenet_error *error);

/* How a run ended. What is NULL, NaN or a count of 0 is not known, and stored as NULL. */
typedef struct lab_outcome {
    lab_state state;
    const char *message; /* of a failure or divergence */
    const lenet_result *result;
    const char *kept_sha256;      /* of the weights that were kept */
    const lenet_evaluation *test; /* confusion matrix of the kept weights */
    const uint8_t *predicted;     /* [test->count] of the kept weights: for paired tests between runs */
    /* [test->classes][test->classes] of lenet_measure_noise, if there was label noise */
    const uint32_t *noise;
    const char *measured; /* of the claim */
    size_t test_count;    /* images that the result's test accuracy is of */
} lab_outcome;
lenet_status lab_store_finish(lab_store *store, int64_t run, const lab_outcome *outcome, lenet_error *error);

/* Gives a run back that was claimed and not finished: another process may resume it. */
lenet_status lab_store_release(lab_store *store, int64_t run, lenet_error *error);

/* Notes what a data set is, so that a report can be made without it. */
lenet_status lab_store_save_subject(lab_store *store, const char *data, const lenet_dataset *train,
                                    const lenet_dataset *test, lenet_error *error);

/* ------------------------------------------------------------------------------------------------------ reading */

/*
 * What the data set that was last called so is: a lab_find_subject (study.h), `store` is a lab_store. No
 * classes: it is unknown.
 */
lenet_status lab_store_subject(void *store, const char *data, const char *folder, lab_subject *subject,
                               lenet_error *error);

/*
 * 1 if the images of a run are of 28 x 28, 0 if not, NULL if the database does not know: what "lenet5" means
 * depends on it.
 */
#define LAB_RUN_IS_28                                                                                   \
    "(SELECT height = 28 AND width = 28 FROM subject WHERE subject.data = run.data AND train_sha256 = " \
    "run.data_sha256 ORDER BY seen DESC LIMIT 1)"

/* One value of a row. */
typedef struct lab_value {
    enum { LAB_NULL, LAB_INTEGER, LAB_REAL, LAB_TEXT, LAB_BLOB } type;
    int64_t integer;
    double real;      /* of an integer too; NaN for anything else */
    const char *text; /* of text alone; belongs to the store until the next row */
    const void *blob;
    size_t bytes; /* of text and blob */
} lab_value;

/*
 * Asks `sql` (one SELECT) with the texts that replace its ?1, ?2, ... (ended by NULL; or NULL), and calls
 * `row` for every row until it returns non-zero. LENET_USAGE: the query is wrong.
 */
typedef int lab_row(void *context, int columns, const char *const *names, const lab_value *values);
lenet_status lab_store_query(lab_store *store, const char *sql, const char *const *texts, lab_row *row, void *context,
                             lenet_error *error);

/* Calls `row` for each epoch of a run, without its diagnosis, until it returns non-zero. */
typedef int lab_epoch(void *context, const lenet_epoch *epoch);
lenet_status lab_store_epochs(lab_store *store, int64_t run, lab_epoch *row, void *context, lenet_error *error);

/*
 * Removes checkpoints of runs that have ended, and the folder of checkpoints if it is empty and no process
 * trains: who claims a run makes it afterwards. lab_store_close does so too.
 */
void lab_store_tidy(lab_store *store);

/*
 * Removes abandoned runs: failed ones, and those whose process died, older than `days`;
 * with their checkpoints and models, and models of runs that were deleted; gives the space back. *removed:
 * how many.
 */
lenet_status lab_store_collect(lab_store *store, double days, size_t *removed, lenet_error *error);

#endif
