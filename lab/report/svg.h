/* SPDX-License-Identifier: MIT */
/*
 * svg.h - a figure as SVG: NAME.svg, which stands alone, and the same panels as a part of a page, with
 * another drawing for narrow screens. Colours come from lab_svg_style, so that both read on light and on dark
 * paper. No script, no reference to a file.
 */
#ifndef LENET_LAB_REPORT_SVG_H
#define LENET_LAB_REPORT_SVG_H

#include "lab/report/figure.h"

extern const char lab_svg_style[];

void lab_write_panels(lab_text *out, const lab_figure *figure,
                      const char *label); /* `label`: for those who do not see it */
char *lab_svg_file(lab_pool *pool, const lab_figure *figure);

/* A small line without axes, for a card. */
void lab_write_sparkline(lab_text *out, const double *values, size_t count, const char *label);

#endif
