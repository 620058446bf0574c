/* SPDX-License-Identifier: MIT */
/* pdf.h - the same drawing is the same PDF: cairo, which draws for gnuplot, stamps a file with the time. */
#ifndef LENET_LAB_REPORT_PDF_H
#define LENET_LAB_REPORT_PDF_H

#include "lenet/lenet.h"

/*
 * Puts a fixed date into the PDF at `path`, as cairo writes it: before 1.18 the date is plain text and is
 * written over; since then it is in a compressed object stream, which is written again without compression,
 * as is the cross-reference stream with its new offsets. A file of another form is left as it is.
 * LENET_INPUT, LENET_IO: the file could not be read or written.
 */
lenet_status lab_pdf_clear_date(const char *path, lenet_error *error);

#endif
