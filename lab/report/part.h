/* SPDX-License-Identifier: MIT */
/*
 * part.h - what a document consists of. document.h builds it; page.c, markdown.c, tex.c and output.c give it
 * its forms.
 */
#ifndef LENET_LAB_REPORT_PART_H
#define LENET_LAB_REPORT_PART_H

#include "lab/report/figure.h"
#include "lab/text/pool.h"

#include <jansson.h>

/* A claim and what became of it. */
typedef enum lab_ruling { LAB_SUPPORTED, LAB_CONTRADICTED, LAB_UNDECIDED } lab_ruling;
const char *lab_ruling_name(lab_ruling ruling); /* "supported" */
typedef struct lab_verdict {
    const char *claim; /* as it is */
    lab_ruling ruling;
    const char *estimate; /* prose: the comparison that decides, in one line; NULL: there is none */
    const char *evidence; /* prose: all comparisons with interval, n and p */
    const char *test;     /* prose: which test, p, and after correction */
} lab_verdict;

/* An image in a PNG file of the document's folder. */
typedef struct lab_picture {
    const char *file, *label; /* label: for those who do not see it */
} lab_picture;

typedef struct lab_column {
    const char *title;
    bool is_text; /* set to the left; numbers to the right */
} lab_column;

typedef enum lab_part_kind {
    LAB_PART_HEADING,
    LAB_PART_NOTE,
    LAB_PART_PROSE,
    LAB_PART_CODE,
    LAB_PART_TABLE,
    LAB_PART_FIGURE,
    LAB_PART_PICTURES,
    LAB_PART_VERDICT,
} lab_part_kind;

typedef struct lab_cell_text {
    const char *text;
    bool is_code;
} lab_cell_text;

typedef struct lab_table {
    lab_pool *pool;
    size_t columns, count, room; /* cells */
    lab_column *heads;
    bool *is_detail; /* [columns] of a page: in a second table that is folded */
    size_t best;     /* the row that is marked as the best, from 1; 0: none */
    lab_cell_text *cells;
} lab_table;

typedef struct lab_part {
    lab_part_kind kind;
    int level, number;     /* of a heading; "Table 3", "Figure 2" */
    const char *id, *text; /* text: title, prose, lines, caption */
    const char *fold;      /* what is shown of a folded part until it is opened; NULL: it is not folded */
    const char *finding;   /* prose, of a heading: what came out; NULL: nothing yet */
    int rank;              /* of the finding */
    json_t *section;       /* of a heading: its section in results.json */
    lab_figure *figure;
    const char *label; /* of a figure, for those who do not see it */
    lab_table *table;
    const lab_picture *pictures;
    size_t picture_count;
    const lab_verdict *verdict;
} lab_part;

/* What came out for one data set. */
typedef struct lab_card {
    const char *title, *mean, *spread; /* "MNIST", "99.12", "± 0.05 %" */
    const char *about, *anchor;        /* as it is: which setting, how many runs; anchor: of its section */
    size_t count;                      /* of the curve: accuracy by epoch */
    const double *curve;
} lab_card;

typedef struct lab_document {
    lab_pool *pool;
    const char *title, *folder;
    size_t count, room;
    lab_part *parts;
    size_t name_count, name_room;
    const char **names;
    int tables, figures, verdicts, chapter, part; /* so many so far; part: of the chapter */
    bool is_drawn;                                /* there are PNG and PDF files */
    const char *headline;                         /* prose: how many runs of what; NULL: none */
    size_t card_count, card_room;
    lab_card *cards;
    lab_part *lead; /* the figure before all sections; NULL: none */
    size_t rule_count, rule_room;
    const char **rules; /* prose: how to read tables and figures, each once */
    json_t *root, *section;
} lab_document;

#endif
