/* SPDX-License-Identifier: MIT */
/* page.h - a document as report.html: one file that needs nothing else; the files of figures and tables are linked. */
#ifndef LENET_LAB_REPORT_PAGE_H
#define LENET_LAB_REPORT_PAGE_H

#include "lab/report/part.h"

/* The text of the file, in the document's pool. */
char *lab_page(const lab_document *document);

#endif
