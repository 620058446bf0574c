/* SPDX-License-Identifier: MIT */
/*
 * study-data.h - the data sets of a study before it is planned or run: read, downloaded if that was asked for, or
 * reported as missing, with what to do.
 */
#ifndef LENET_CLI_STUDY_DATA_H
#define LENET_CLI_STUDY_DATA_H

#include "cli/data.h"
#include "lab/report/missing.h"
#include "lab/runs/store.h"

#include <jansson.h>

typedef struct study_data {
    lab_study *study;   /* of the caller */
    const char *folder; /* where to search for all data; NULL: the folders that the study names */
    bool gets;          /* download what is missing, by `order` */
    bool can_get;       /* the command has --get */
    data_order order;
    lab_datasets *datasets; /* what is there */
    lab_lacks lacks;        /* what is not: a quick study goes on without it */
} study_data;

/*
 * Reads all data, and gives every run its recipe. Returns the exit code: LENET_INPUT with all that is missing, the
 * command that gets it and the alternatives, unless the study is quick and some data is there.
 */
int read_study_data(study_data *d);

/* Recipes once more, now also of runs whose data is missing but known to the database. `store` may be NULL. */
int identify_study(study_data *d, lab_store *store);

/* Whether the data of a point is there. */
bool has_data(const study_data *d, const lab_point *point);

/* Which points are missing for want of data, and how to add them; nothing if all data is there. */
void append_missing(FILE *to, const study_data *d);

/* The names of the data sets that are missing; NULL: no memory. */
json_t *value_of_missing(const study_data *d);

void close_study_data(study_data *d);

#endif
