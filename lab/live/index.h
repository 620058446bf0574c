/* SPDX-License-Identifier: MIT */
/*
 * index.h - the runs of a database as the live page lists them, kept in memory and brought up to date with
 * few queries: a refresh reads the runs that are new or were at work, and now and then all states.
 *
 * Always: the database is only read. Not for several threads.
 */
#ifndef LENET_LAB_LIVE_INDEX_H
#define LENET_LAB_LIVE_INDEX_H

#include "lab/runs/store.h"
#include "lab/text/pool.h"

typedef struct lab_index lab_index;

lenet_status lab_index_open(lab_index **index, lab_store *store, lenet_error *error);
void lab_index_close(lab_index **index);

/* Reads what has changed; within a fraction of a second of the last time it does nothing. */
lenet_status lab_index_refresh(lab_index *index, lenet_error *error);

/*
 * What the runs are known by: rows changed after `since` are new to a page that has seen this version.
 * Another generation means that runs were removed, so that a page begins again.
 */
typedef struct lab_index_stamp {
    uint64_t generation, version;
} lab_index_stamp;
lab_index_stamp lab_index_now(const lab_index *index);

/*
 * Appends "columns": [...], "rows": [...]: the rows that a page of this stamp has not; of another generation
 * all.
 */
void lab_index_append(const lab_index *index, lab_index_stamp since, lab_text *out);

/*
 * The state of the run with this identity as the page calls it ("running", "stopped", ...); NULL: there is
 * none.
 */
const char *lab_index_state(lab_index *index, const char *identity);

#endif
