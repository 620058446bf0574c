/* SPDX-License-Identifier: MIT */
/* part.h - what a document consists of, for the writers of its forms (page.c, markdown.c) alone; see document.h. */
#ifndef LENET_LAB_REPORT_PART_H
#define LENET_LAB_REPORT_PART_H

#include "lab/report/document.h"

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

struct lab_table {
    lab_pool *pool;
    size_t columns, count, room; /* cells */
    const lab_column *heads;
    lab_cell_text *cells;
};

typedef struct lab_part {
    lab_part_kind kind;
    int level, number;        /* of a heading; "Table 3", "Figure 2" */
    const char *id, *text;    /* text: title, prose, lines, caption */
    const char *name, *label; /* of a figure */
    lab_table *table;
    const lab_picture *pictures;
    size_t picture_count;
    const lab_verdict *verdict;
} lab_part;

struct lab_document {
    lab_pool *pool;
    const char *title, *folder;
    size_t count, room;
    lab_part *parts;
    size_t name_count, name_room;
    const char **names;
    int tables, figures, chapter, part; /* so many so far; part: of the chapter */
    bool is_drawn;
    json_t *root, *section;
};

/* The texts of the files. */
char *lab_page(const lab_document *document);
char *lab_markdown(const lab_document *document);

#endif
