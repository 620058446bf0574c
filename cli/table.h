/* SPDX-License-Identifier: MIT */
/*
 * table.h - rows of values, as people, spreadsheets and programs want them: aligned columns, CSV, JSON. The
 * rows are a JSON list of objects; what is in them is what machines get, and people get those columns that
 * are asked for.
 */
#ifndef LENET_CLI_TABLE_H
#define LENET_CLI_TABLE_H

#include <jansson.h>

typedef enum column_kind {
    COLUMN_TEXT,    /* to the left; other values as JSON */
    COLUMN_REST,    /* the same, as the last column: below its row where the row would be too long */
    COLUMN_NUMBER,  /* to the right, as it is */
    COLUMN_PERCENT, /* a share: 0.9876 as 98.76 */
    COLUMN_SECONDS, /* 12.3 */
    COLUMN_LOSS,    /* 0.1234 */
} column_kind;

typedef struct column {
    const char *key, *title; /* NULL key: the end */
    column_kind kind;
    int most; /* characters shown, the rest cut; 0: all */
} column;

/* Aligned under their titles, on stdout; what is null is "-". */
void print_columns(const json_t *rows, const column *columns);

/*
 * CSV on stdout: a line of keys, which are those of the first row, and one for each row; null is empty, lists
 * and objects are JSON.
 */
void print_csv(const json_t *rows);

/* Its first line alone. */
void print_csv_titles(const json_t *rows);

#endif
