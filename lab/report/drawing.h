/* SPDX-License-Identifier: MIT */
/* drawing.h - the files of a figure (figure.h); gnuplot draws two of them. */
#ifndef LENET_LAB_REPORT_DRAWING_H
#define LENET_LAB_REPORT_DRAWING_H

#include "lab/report/figure.h"

/* Is gnuplot here? */
bool lab_figure_can_draw(void);

/*
 * Writes all files of a figure but PNG and PDF into `folder`; lab_figure_draw then has gnuplot draw `count`
 * of them, two at a time. `caption` is prose. LENET_IO: a file could not be written; LENET_FAILURE: gnuplot
 * failed, the error has the script and its message.
 */
void lab_figure_write(lab_pool *pool, lab_figure *figure, const char *caption, const char *folder);
lenet_status lab_figure_draw(const char *const *names, size_t count, const char *folder, lenet_error *error);

#endif
