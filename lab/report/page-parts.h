/* SPDX-License-Identifier: MIT */
/* page-parts.h - the pieces of report.html, one file each; for page.c and these files alone. */
#ifndef LENET_LAB_REPORT_PAGE_PARTS_H
#define LENET_LAB_REPORT_PAGE_PARTS_H

#include "lab/report/part.h"

extern const char *const lab_page_style[]; /* page-style.c: pieces of the style sheet, ended by NULL */
extern const char lab_page_script[];       /* page-contents.c: marks the current place; nothing else needs it */

/* page-summary.c: headline, a card for each data set, a chip for each verdict. */
void lab_write_summary(lab_text *out, const lab_document *document);

/* page-table.c */
void lab_write_table(lab_text *out, const lab_part *part);

/* page-contents.c: beside the text on wide screens, folded above it on narrow ones. */
void lab_write_side_contents(lab_text *out, const lab_document *document);
void lab_write_folded_contents(lab_text *out, const lab_document *document);

#endif
