/* SPDX-License-Identifier: MIT */
/*
 * csv.h - a reader of tables as spreadsheets and pandas write them (RFC 4180), over memory; and the writer of a field.
 *
 * Fields are separated by commas, or by semicolons or tabs where the first line has more of those. Fields in
 * quotes may hold separators, line ends and doubled quotes. Line ends are LF or CR LF; empty lines do not
 * count; a byte order mark is skipped. Always: every row has as many fields as the first.
 */
#ifndef LENET_LAB_TEXT_CSV_H
#define LENET_LAB_TEXT_CSV_H

#include "lenet/lenet.h"

typedef struct lab_csv {
    const char *path; /* for errors */
    size_t line;      /* of the row, from 1 */
    size_t columns;
    /* [columns] of the row, which lab_csv_next ended by NUL in place; valid until it is closed */
    char **field;
    char separator;
    char *text, *at, *end;
} lab_csv;

/*
 * `text` of `size` bytes and a NUL after them is changed, and must outlive the reader. LENET_INPUT: it is no
 * text, or empty.
 */
lenet_status lab_csv_open(lab_csv *csv, const char *path, char *text, size_t size, lenet_error *error);
void lab_csv_close(lab_csv *csv);

/* The next row into csv->field; *more is 0 after the last. LENET_INPUT: what is wrong in which line. */
lenet_status lab_csv_next(lab_csv *csv, int *more, lenet_error *error);

/*
 * The field of the row that is one of `names`, ended by NULL, in whatever letters; csv->columns: there is
 * none.
 */
size_t lab_csv_find(const lab_csv *csv, const char *const *names);

/*
 * Writes a text of others as one field, in pieces that `put` takes: in quotes where it must be, an apostrophe before
 * what a spreadsheet would take for a formula, and a blank or '?' for each hidden character (util/printable.h).
 */
void lab_csv_write(const char *text, void (*put)(void *context, const char *bytes, size_t count), void *context);

#endif
