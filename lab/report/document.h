/* SPDX-License-Identifier: MIT */
/*
 * document.h - a report before it has a form: what came out, then sections of prose, tables, figures,
 * pictures, commands and verdicts, in their order, and each with its numbers. The same document
 * becomes a page (report.html, which needs nothing but itself), Markdown (report.md, with figures as files),
 * pieces of LaTeX and results.json.
 *
 * Texts called prose may have `code` and *stress* (lab/report/markup.h); all others are shown as they are.
 * Everything belongs to the document's pool.
 */
#ifndef LENET_LAB_REPORT_DOCUMENT_H
#define LENET_LAB_REPORT_DOCUMENT_H

#include "lab/report/part.h"

lab_document *lab_document_create(lab_pool *pool, const char *title);
lab_pool *lab_document_pool(lab_document *document);

/*
 * Sections have level 2 and are in the list of contents with their parts of level 3, all numbered. Returns
 * the anchor.
 */
const char *lab_add_section(lab_document *document, int level, const char *title);
void lab_add_prose(lab_document *document, const char *prose); /* paragraphs, between empty lines */
void lab_add_note(lab_document *document, const char *prose);  /* in a box: what a reader must not miss */
void lab_add_code(lab_document *document, const char *lines);

/* A table; cells follow row by row. */
lab_table *lab_add_table(lab_document *document, const lab_column *columns, size_t count, const char *caption);
void lab_cell(lab_table *table, const char *format, ...) __attribute__((format(printf, 2, 3))); /* as it is */
void lab_cell_code(lab_table *table, const char *text);

/* Column `column` is a detail, such as a p-value: a page folds it. Row `row`, from 1, is the best. */
void lab_set_detail(lab_table *table, size_t column);
void lab_mark_best(lab_table *table, size_t row);

/* `caption` is one line; what else must be known to read it is a rule. */
void lab_add_figure(lab_document *document, lab_figure *figure, const char *caption, const char *label);
void lab_fold(lab_document *document, const char *summary); /* the part that was added last */

/*
 * What a reader needs is first: the headline (prose), a card for each data set, one figure; and the sentence
 * that opens a section. Of several sentences for one section that with the lowest rank stays, the first among
 * equals; a section without one has its verdicts counted, or takes those of its parts. LAB_RANK_ASIDE: it is
 * no result of the study.
 */
void lab_set_headline(lab_document *document, const char *prose);
void lab_add_card(lab_document *document, const lab_card *card);
void lab_set_lead(lab_document *document, lab_figure *figure, const char *caption, const char *label);
enum {
    LAB_RANK_PUBLISHED,
    LAB_RANK_TABLE,
    LAB_RANK_COMPARE,
    LAB_RANK_AGAINST,
    LAB_RANK_OTHER,
    LAB_RANK_NONE,
    LAB_RANK_ASIDE
};
void lab_set_finding(lab_document *document, int rank, const char *prose);

/* How to read what is shown: prose that stands once in the document, however often it is added. */
void lab_add_rule(lab_document *document, const char *prose);
void lab_add_rules(lab_document *document); /* here */

/* Once all is added: opening sentences for sections that have none, columns without content dropped. */
void lab_document_finish(lab_document *document);

/* Images side by side, from PNG files in the document's folder. */
void lab_add_pictures(lab_document *document, const lab_picture *pictures, size_t count, const char *caption);

lab_verdict *lab_add_verdict(lab_document *document,
                             const lab_verdict *verdict); /* the document's own, which may yet be changed */
const lab_verdict *lab_document_verdict(const lab_document *document,
                                        size_t at); /* in their order, from 0; NULL: no more */

/*
 * The numbers of the section; `kind` is that of the item. Takes over `value`; NULL ends the work.
 * lab_set_result puts one beside the sections.
 */
void lab_add_result(lab_document *document, const char *kind, json_t *value);
void lab_set_result(lab_document *document, const char *key, json_t *value);

/*
 * The folder, which must be there, that figures and pictures are put into while the document grows; none
 * before: nothing is written.
 */
void lab_document_set_folder(lab_document *document, const char *folder);
const char *lab_document_folder(const lab_document *document);

/* A name for a file or a figure that no other of this document has. */
char *lab_document_name(lab_document *document, const char *wanted);

/*
 * Takes `name` for a file of this document. False: another file or figure has it. Upper and lower case count
 * as the same, as in some file systems they are.
 */
bool lab_document_take_name(lab_document *document, const char *name);

void lab_document_close(lab_document *document); /* what is not in the pool: the numbers */

#endif
