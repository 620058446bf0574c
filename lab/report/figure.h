/* SPDX-License-Identifier: MIT */
/*
 * figure.h - figures. A figure NAME is six files in one folder: NAME.tsv, its data as a table that anything
 * reads; NAME.svg; NAME.gp, a gnuplot script that draws NAME.png and NAME.pdf; and NAME.tex, which puts
 * NAME.pdf into a LaTeX document. What both drawings have in common (scales, labels at the ends of lines,
 * which lines are grey) is in layout.h.
 *
 * Always: one style, that reads in grey and with any colour vision (the colours of Okabe and Ito, each with a
 * dash of its own); labelled axes; the same bytes from the same figure (of PNG and PDF: and the same
 * gnuplot). Any text may stand in names and labels: it is drawn as it is, never read as a command or as
 * markup.
 */
#ifndef LENET_LAB_REPORT_FIGURE_H
#define LENET_LAB_REPORT_FIGURE_H

#include "lab/text/pool.h"

#include <stdbool.h>

typedef enum lab_panel_kind {
    LAB_LINES, /* y over x: curves over epochs, functions */
    LAB_MARKS, /* the same with a mark and an error bar at each point */
    /* a row for each point: x with its interval; the rows are named by `names`, from the top */
    LAB_INTERVALS,
    LAB_HEAT, /* cells[row][column] with their counts, the largest the darkest */
} lab_panel_kind;

/* Points; a y that is NaN is a gap. */
typedef struct lab_series {
    const char *name;
    size_t count;
    double *x, *y;
    double *low, *high; /* band about the line, or ends of the error bar; NULL: none */
    size_t runs;        /* thin lines that the line is the mean of */
    double *each;       /* [runs][count] */
    int style;          /* colour, dash and mark, from 0 */
    bool no_line;       /* marks alone */
    bool is_grey;       /* one of many, and not of the best five: lab_rank_series */
} lab_series;

typedef struct lab_panel {
    lab_panel_kind kind;
    const char *title, *x_label, *y_label; /* title may be NULL */
    double y_low, y_high;                  /* of the axis; NaN: as the data need */
    bool is_share;                         /* in %: the axis ends at 100 at most */
    bool whole_x;                          /* x counts something: epochs */
    bool log_x, log_y;
    bool is_least_best; /* of y */
    bool is_normalised; /* heat: each row in % of its sum, with the diagonal; else counts without it */
    bool marks_zero;    /* a line at 0: on x for intervals, else on y */
    size_t count;
    lab_series *series;
    size_t size; /* rows of intervals, classes of a heat map */
    const char *const *names;
    const double *cells; /* [size][size] */
} lab_panel;

typedef struct lab_figure {
    const char *name; /* letters, digits and '-' alone: of its files */
    size_t count;
    lab_panel *panels; /* beside each other, from three on in rows of two */
} lab_figure;

/*
 * Builders; what they return is all zeros but for the sizes, the styles (one after the other) and the limits
 * (NaN).
 */
lab_panel *lab_figure_panels(lab_pool *pool, lab_figure *figure, size_t count);
lab_series *lab_panel_series(lab_pool *pool, lab_panel *panel, size_t count);
void lab_series_points(lab_pool *pool, lab_series *series, size_t count, bool has_spread, size_t runs);

#endif
