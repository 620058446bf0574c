/* SPDX-License-Identifier: MIT */
/*
 * store.h - the database of runs: one SQLite file that any number of processes may use at once. The schema, and queries
 * worth knowing, are in docs/formats.md.
 *
 * A run is known by its identity, the SHA-256 of its recipe; the recipe is a JSON object that holds everything the
 * weights depend on (lab/recipe.h). So a run that is there is never trained again, whoever asks for it.
 *
 * Always: what was written stays, whatever is killed when. A function that fails has changed nothing. A store may be used
 * by several threads.
 */
#ifndef LENET_LAB_STORE_H
#define LENET_LAB_STORE_H

#include "lenet/lenet.h"

#include <stdint.h>

typedef struct lab_store lab_store;

/*
 * Opens the database `path`, made if it is missing and `write` is non-zero. An older schema is brought up to date.
 * LENET_INPUT: no database, a damaged one, or one of a newer version. LENET_IO: missing, may not be read or written, no
 * room.
 */
lenet_status lab_store_open(lab_store **store, const char *path, int write, lenet_error *error);
void lab_store_close(lab_store **store);

typedef enum lab_state {
    LAB_RUNNING,  /* by a process that lives; or was, by one that does not */
    LAB_FINISHED,
    LAB_DIVERGED, /* and that is its result: the same recipe diverges again */
    LAB_FAILED,   /* by what is not the recipe's fault (memory, disk): worth another try */
} lab_state;
const char *lab_state_name(lab_state state); /* "running", ... */

/* What a run is asked for by. */
typedef struct lab_claim {
    int64_t run;       /* its key in the database */
    char identity[65]; /* SHA-256 of the recipe */
    lab_state state;   /* as found; LAB_RUNNING with `is_ours`: to be trained now, by the caller */
    int is_ours;
} lab_claim;

/*
 * Looks the recipe up. If nobody has run it, or its process is dead, it is the caller's to train: is_ours, and its epochs
 * so far are forgotten unless it has a checkpoint to go on from (then training reports them again). Otherwise `state` says
 * what there is: finished, diverged, or running elsewhere.
 */
lenet_status lab_store_claim(lab_store *store, const char *recipe, lab_claim *claim, lenet_error *error);

/* One finished epoch of a run; an epoch that is there is replaced. */
lenet_status lab_store_epoch(lab_store *store, int64_t run, const lenet_epoch *epoch, lenet_error *error);

/* How a run ended. What is NULL or NaN is not known. */
typedef struct lab_outcome {
    lab_state state;
    const char *message;           /* of a failure or divergence */
    const lenet_result *result;
    const char *kept_sha256;       /* of the weights that were kept */
    const lenet_evaluation *test;  /* confusion matrix of the kept weights */
    const uint8_t *predicted;      /* [test->count] of the kept weights: for paired tests between runs */
} lab_outcome;
lenet_status lab_store_finish(lab_store *store, int64_t run, const lab_outcome *outcome, lenet_error *error);

/* Gives a run back that was claimed and not finished: somebody may take it up where it stands. */
lenet_status lab_store_release(lab_store *store, int64_t run, lenet_error *error);

/* ------------------------------------------------------------------------------------------------------ reading */

/* One value of a row. */
typedef struct lab_value {
    enum { LAB_NULL, LAB_INTEGER, LAB_REAL, LAB_TEXT, LAB_BLOB } type;
    int64_t integer;
    double real;      /* of an integer too; NaN for anything else */
    const char *text; /* of text alone; belongs to the store until the next row */
    const void *blob;
    size_t bytes;     /* of text and blob */
} lab_value;

/*
 * Asks `sql` (one SELECT) with the texts that replace its ?1, ?2, ... (ended by NULL; or NULL), and calls `row` for every
 * row until it returns non-zero. LENET_USAGE: the query is wrong.
 */
typedef int lab_row(void *context, int columns, const char *const *names, const lab_value *values);
lenet_status lab_store_ask(lab_store *store, const char *sql, const char *const *texts, lab_row *row, void *context, lenet_error *error);

/*
 * Removes runs that nobody will go on with: failed ones, and those whose process died, older than `days`; then gives the
 * space back. *removed: how many.
 */
lenet_status lab_store_collect(lab_store *store, double days, size_t *removed, lenet_error *error);

#endif
