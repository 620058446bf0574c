/* SPDX-License-Identifier: MIT */
/* markdown.h - a document as report.md: for what shows Markdown. */
#ifndef LENET_LAB_REPORT_MARKDOWN_H
#define LENET_LAB_REPORT_MARKDOWN_H

#include "lab/report/part.h"

/* The text of the file, in the document's pool. */
char *lab_markdown(const lab_document *document);

#endif
