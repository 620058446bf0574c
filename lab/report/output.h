/* SPDX-License-Identifier: MIT */
/* output.h - the forms of a document: report.html, report.md and results.json. */
#ifndef LENET_LAB_REPORT_OUTPUT_H
#define LENET_LAB_REPORT_OUTPUT_H

#include "lab/report/part.h"

/* Draws the figures and writes the three files into the document's folder. */
void lab_document_write(lab_document *document);

#endif
