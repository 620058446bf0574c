/* SPDX-License-Identifier: MIT */
/*
 * layout.h - where things of a figure are: the box of each panel, its scales and ticks, the labels at the
 * ends of its lines, and which of many lines are grey. For the two drawings of a figure, svg.c and figure.c
 * (gnuplot). Units are pixels of the drawing, y from the top.
 */
#ifndef LENET_LAB_REPORT_LAYOUT_H
#define LENET_LAB_REPORT_LAYOUT_H

#include "lab/report/figure.h"

enum { LAB_MOST_LINES = 8, LAB_TOP_LINES = 5, LAB_MOST_TICKS = 16, LAB_STYLES = 8, LAB_LABEL_LETTERS = 27 };

/* One direction of a panel: values from low to high become places from `from` to `to`. */
typedef struct lab_scale_line {
    double low, high, from, to;
    bool is_log;
} lab_scale_line;

typedef struct lab_frame {
    double width, height;
    lab_scale_line x, y;
    bool has_labels; /* at the ends of lines; else, with more than one line, a key below */
} lab_frame;

/* The label of a line: at `y`, for a line that ends at `end`. */
typedef struct lab_end_label {
    const lab_series *series;
    const char *text;
    double from, end, y; /* from: where the line ends, along x */
} lab_end_label;

/* More than LAB_MOST_LINES lines: all but the best five of the last panel become grey. */
void lab_rank_series(lab_figure *figure);

/* `is_slim`: for narrow screens, half as wide; figures of two columns and of heat maps are slim anyway. */
lab_frame lab_frame_of(const lab_figure *figure, const lab_panel *panel, bool is_slim);
bool lab_figure_is_slim(const lab_figure *figure);
int lab_figure_columns(const lab_figure *figure);            /* panels beside each other */
double lab_place(const lab_scale_line *scale, double value); /* within the box; NaN: no place */

/* At most LAB_MOST_TICKS; `step` is what they differ by, 0 on a logarithmic scale. */
size_t lab_ticks(const lab_scale_line *scale, bool is_whole, double *ticks, double *step);
const char *lab_tick_text(lab_pool *pool, double tick, double step);

/* The labels of a panel from the top, none over another; returns how many. [count + 1] */
size_t lab_end_labels(lab_pool *pool, const lab_frame *frame, const lab_panel *panel, lab_end_label *labels);

/* A text cut to so many letters, "…" for the rest. */
const char *lab_cut(lab_pool *pool, const char *text, size_t letters);
size_t lab_letters(const char *text);
size_t lab_name_letters(bool is_slim); /* of the names of rows of intervals */

#endif
