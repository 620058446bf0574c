/* SPDX-License-Identifier: MIT */
/*
 * figure.h - figures, drawn by gnuplot. A figure NAME is five files in one folder: NAME.tsv, its data as a table that anything
 * reads; NAME.gp, the script, which draws it again when run by hand; NAME.svg, NAME.png and NAME.pdf.
 *
 * Always: one style, that reads in grey and with any colour vision (the colours of Okabe and Ito, each with a dash and a mark
 * of its own); labelled axes; the same bytes from the same figure and the same gnuplot. Any text may stand in names and labels: it is
 * drawn as it is, never read as a command or as markup.
 */
#ifndef LENET_LAB_REPORT_FIGURE_H
#define LENET_LAB_REPORT_FIGURE_H

#include "lab/text/pool.h"

#include <stdbool.h>

typedef enum lab_panel_kind {
    LAB_LINES,     /* y over x: curves over epochs, functions */
    LAB_MARKS,     /* the same with a mark and an error bar at each point */
    LAB_INTERVALS, /* a row for each point: x with its interval; the rows are named by `names`, from the top */
    LAB_HEAT,      /* cells[row][column] with their counts, the largest the darkest; the diagonal is left out */
} lab_panel_kind;

/* Where what the lines mean is written. */
typedef enum lab_key { LAB_KEY_BOTTOM, LAB_KEY_TOP, LAB_KEY_TOP_LEFT, LAB_KEY_BELOW, LAB_KEY_NONE } lab_key;

/* Points; a y that is NaN is a gap. */
typedef struct lab_series {
    const char *name;
    size_t count;
    double *x, *y;
    double *low, *high; /* band about the line, or ends of the error bar; NULL: none */
    size_t runs;        /* thin lines that the line is the mean of */
    double *each;       /* [runs][count] */
    int look;           /* colour, dash and mark, from 0 */
    bool no_line;       /* marks alone */
} lab_series;

typedef struct lab_panel {
    lab_panel_kind kind;
    lab_key key;
    const char *title, *x_label, *y_label; /* title may be NULL */
    double y_low, y_high;                  /* of the axis; NaN: as the data need */
    bool is_share;                         /* in %: the axis ends at 100 at most */
    bool whole_x;                          /* x counts something: epochs */
    bool log_x, log_y;
    bool marks_zero; /* a line at 0: on x for intervals, else on y */
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

/* Builders; what they return is all zeros but for the sizes, the looks (one after the other) and the limits (NaN). */
lab_panel *lab_figure_panels(lab_pool *pool, lab_figure *figure, size_t count);
lab_series *lab_panel_series(lab_pool *pool, lab_panel *panel, size_t count);
void lab_series_points(lab_pool *pool, lab_series *series, size_t count, bool has_spread, size_t runs);

/* Is gnuplot here? */
bool lab_figure_can_draw(void);

/*
 * Writes data and script of a figure into `folder`, and then has gnuplot draw `count` of them, two at a time. LENET_IO: a file
 * could not be written; LENET_FAILURE: gnuplot failed, the error says which script and what it said.
 */
void lab_figure_write(lab_pool *pool, const lab_figure *figure, const char *folder);
lenet_status lab_figure_draw(const char *const *names, size_t count, const char *folder, lenet_error *error);

/*
 * The drawing at `path` as a part of an HTML page: no header, its ids made the page's own by `name`, what is black in the text's
 * colour, so that it reads on dark paper too. `label` is read out to those who do not see it.
 */
char *lab_figure_inline(lab_pool *pool, const char *path, const char *name, const char *label);

#endif
