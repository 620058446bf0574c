/* SPDX-License-Identifier: MIT */
/*
 * script.c - see script.h. A text stands in the script in double quotes with every sign that gnuplot might
 * read as an octal number, and every terminal is "noenhanced", so that _ ^ { and @ are signs like others.
 */
#include "lab/report/script.h"

#include "lab/report/layout.h"
#include "util/number.h"
#include "util/printable.h"

#include <math.h>
#include <string.h>

/* ---------------------------------------------------------------------------------------------------------- data */

/* A text of the table: without what tables are made of. */
static const char *cell_text(lab_pool *pool, const char *text)
{
    char *plain = lab_printable(pool, text);
    for (char *c = plain; *c; c++)
        if (*c == '"')
            *c = '\'';
    return ln_is_formula(plain) ? lab_format(pool, "'%s", plain) : plain;
}

static void write_number(lab_text *out, double number)
{
    char digits[LN_NUMBER_LENGTH];
    lab_append(out, "\t%s", isfinite(number) ? ln_shortest_number(number, digits) : "NaN");
}

static size_t most_runs(const lab_figure *figure)
{
    size_t most = 0;
    for (size_t p = 0; p < figure->count; p++)
        for (size_t s = 0; s < figure->panels[p].count; s++)
            most = figure->panels[p].series[s].runs > most ? figure->panels[p].series[s].runs : most;
    return most;
}

static void write_series(lab_text *out, const lab_series *series, int block, const char *panel)
{
    for (size_t i = 0; i < series->count; i++) {
        lab_append(out, "%d\t%s\t%s", block, panel, cell_text(out->pool, series->name));
        write_number(out, series->x[i]);
        write_number(out, series->y[i]);
        write_number(out, series->low ? series->low[i] : NAN);
        write_number(out, series->high ? series->high[i] : NAN);
        for (size_t r = 0; r < series->runs; r++)
            write_number(out, series->each[r * series->count + i]);
        lab_append(out, "\n");
    }
}

static void write_cells(lab_text *out, const lab_panel *panel, int block, const char *title)
{
    for (size_t row = 0; row < panel->size; row++) {
        double sum = 0;
        for (size_t column = 0; column < panel->size; column++)
            sum += panel->cells[row * panel->size + column];
        for (size_t column = 0; column < panel->size; column++) {
            const double count = panel->cells[row * panel->size + column];
            lab_append(out, "%d\t%s\t%s\t%zu\t%zu\t%.0f\t%.2f\n", block, title, cell_text(out->pool, panel->names[row]),
                       column, row, count, sum > 0 ? 100 * count / sum : 0);
        }
    }
}

char *lab_figure_table(lab_pool *pool, const lab_figure *figure)
{
    lab_text out = {.pool = pool};
    const bool is_heat = figure->panels[0].kind == LAB_HEAT;
    lab_append(&out,
               is_heat ? "block\tpanel\ttruth\tcolumn\trow\tcount\tpercent" : "block\tpanel\tseries\tx\ty\tlow\thigh");
    for (size_t r = 0; r < most_runs(figure); r++)
        lab_append(&out, "\trun%zu", r + 1);
    lab_append(&out, "\n");
    int block = 0;
    for (size_t p = 0; p < figure->count; p++) {
        const lab_panel *panel = &figure->panels[p];
        const char *title = cell_text(pool, panel->title ? panel->title : panel->y_label);
        if (panel->kind == LAB_HEAT)
            write_cells(&out, panel, block++, title);
        for (size_t s = 0; s < panel->count; s++)
            write_series(&out, &panel->series[s], block++, title);
    }
    return out.data;
}

/* -------------------------------------------------------------------------------------------------------- script */

static const struct {
    const char *colour, *name_colour, *dash;
    int mark;
} styles[LAB_STYLES] = {
    {"#0072B2", "#00609A", "1", 7},      {"#D55E00", "#A84800", "(9,4)", 9},
    {"#009E73", "#00694C", "(2,3)", 5},  {"#CC79A7", "#9C3F75", "(9,3,2,3)", 13},
    {"#E69F00", "#855900", "(5,2)", 11}, {"#56B4E9", "#1C6A98", "(12,3,2,3,2,3)", 6},
    {"black", "black", "(4,4)", 8},      {"#7F7F7F", "#5F5F5F", "(1,2)", 4},
};
static const char grey[] = "#9AA3AD";

static const char *colour_of(const lab_series *series)
{
    return series->is_grey ? grey : styles[series->style % LAB_STYLES].colour;
}

/* A text as gnuplot reads it back. */
static const char *quoted(lab_pool *pool, const char *text)
{
    lab_text out = {.pool = pool};
    lab_append(&out, "\"");
    for (const char *c = lab_printable(pool, text); *c; c++)
        lab_append(&out, strchr("\"'\\`{}[]#$@;", *c) ? "\\%03o" : "%c", *c);
    lab_append(&out, "\"");
    return out.data;
}

/* The size of the drawing: that of its panels side by side. */
static void write_terminals(lab_text *out, const lab_figure *figure)
{
    const int columns = lab_figure_columns(figure), rows = ((int)figure->count + columns - 1) / columns;
    double width = 0, height = 0;
    for (size_t p = 0; p < figure->count; p++) {
        const lab_frame frame = lab_frame_of(figure, &figure->panels[p], false);
        width = fmax(width, frame.width);
        height = fmax(height, frame.height);
    }
    width *= columns;
    height *= rows;
    lab_append(
        out,
        "# Draws %s.png and %s.pdf from %s.tsv: run `gnuplot %s.gp` in this folder.\n"
        "set encoding utf8\n"
        "set datafile separator tab\n"
        "set datafile columnheaders\n"
        "set datafile commentschars ''\n"
        "set pointintervalbox 0\n"
        "table = '%s.tsv'\n"
        "do for [format in 'png pdf'] {\n"
        "    if (format eq 'png') { set terminal pngcairo noenhanced size %.0f,%.0f font 'sans,9' fontscale 2 "
        "linewidth 2 pointscale 2 }\n"
        "    if (format eq 'pdf') { set terminal pdfcairo noenhanced size %.4fin,%.4fin font 'sans,9' linewidth 1 }\n"
        "    set output '%s.'.format\n"
        "    set multiplot layout %d, %d\n",
        figure->name, figure->name, figure->name, figure->name, figure->name, 2 * width, 2 * height, width / 96,
        height / 96, figure->name, rows, columns);
}

/* All of it for each panel, as gnuplot keeps what the one before has set. */
static void write_axes(lab_text *out, const lab_panel *panel, const lab_frame *frame)
{
    char low[LN_NUMBER_LENGTH], high[LN_NUMBER_LENGTH];
    lab_pool *pool = out->pool;
    lab_append(out, "    set title %s\n", panel->title ? quoted(pool, panel->title) : "\"\"");
    lab_append(out, "    set xlabel %s\n    set ylabel %s\n", quoted(pool, panel->x_label),
               quoted(pool, panel->y_label));
    lab_append(out,
               "    set border 3 lw 0.8 lc rgb 'black'\n    set tics nomirror out scale 0.6 textcolor rgb 'black'\n");
    lab_append(out, "    set grid xtics ytics lt 1 lw 0.6 lc rgb '#C8C8C8'\n    set key off\n    set rmargin\n");
    lab_append(out, "    unset logscale\n    unset label\n    unset arrow\n    set xtics auto\n    set ytics auto\n");
    lab_append(out, "%s%s", panel->log_x ? "    set logscale x\n" : "", panel->log_y ? "    set logscale y\n" : "");
    lab_append(out, "    set xrange [%s:%s]\n", ln_shortest_number(frame->x.low, low),
               ln_shortest_number(frame->x.high, high));
    lab_append(out, "    set yrange [%s:%s]\n", ln_shortest_number(frame->y.low, low),
               ln_shortest_number(frame->y.high, high));
}

static void write_zero(lab_text *out, const lab_panel *panel)
{
    const bool is_x = panel->kind == LAB_INTERVALS;
    if (panel->marks_zero)
        lab_append(out, "    set arrow from %s to %s nohead lw 0.8 dt (4,3) lc rgb 'black'\n",
                   is_x ? "0, graph 0" : "graph 0, first 0", is_x ? "0, graph 1" : "graph 1, first 0");
}

/* The rows of one block, by the number in their first column. */
static const char *filter(lab_pool *pool, int block, const char *column)
{
    return lab_format(pool, "($1 == %d ? %s : NaN)", block, column);
}

/* Begins the next plot of a panel. */
static void write_join(lab_text *out, bool *is_first)
{
    lab_append(out, "%stable using ", *is_first ? "" : ", \\\n        ");
    *is_first = false;
}

/* Bands and thin lines. */
static void write_spread_plots(lab_text *out, const lab_panel *panel, int block, bool *is_first)
{
    for (size_t s = 0; s < panel->count; s++) {
        const lab_series *series = &panel->series[s];
        const char *x = filter(out->pool, block + (int)s, "$4"), *colour = colour_of(series);
        if (series->is_grey)
            continue;
        if (series->low && panel->kind == LAB_LINES) {
            write_join(out, is_first);
            lab_append(out, "%s:6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '%s'", x, colour);
        }
        for (size_t r = 0; r < series->runs; r++) {
            write_join(out, is_first);
            lab_append(out, "%s:%zu with lines lw 0.5 dt 1 lc rgb '%s'", x, 8 + r, colour);
        }
    }
}

/*
 * Marks of several series at the same x stand beside each other, or their error bars would overlap.
 */
static const char *beside(lab_pool *pool, const lab_panel *panel, size_t index)
{
    const lab_series *series = &panel->series[index];
    if (panel->kind != LAB_MARKS || panel->count < 2 || series->count < 2 || panel->log_x)
        return "$4";
    const double step = 0.006 * (series->x[series->count - 1] - series->x[0]);
    return lab_format(pool, "$4 + (%.6g)", step * ((double)index - ((double)panel->count - 1) / 2));
}

static void write_mean_plot(lab_text *out, const lab_panel *panel, size_t index, int block, bool *is_first)
{
    const lab_series *series = &panel->series[index];
    const int style = series->style % LAB_STYLES, mark = styles[style].mark;
    const char *x = filter(out->pool, block + (int)index, beside(out->pool, panel, index)), *colour = colour_of(series);
    if (panel->kind == LAB_MARKS && series->low && !series->is_grey) {
        write_join(out, is_first);
        lab_append(out, "%s:5:6:7 with yerrorbars lw 1.2 dt 1 ps 0.7 pt %d lc rgb '%s'", x, mark, colour);
    }
    write_join(out, is_first);
    if (series->is_grey)
        lab_append(out, "%s:5 with lines lw 0.6 dt 1", x);
    else if (series->no_line)
        lab_append(out, "%s:5 with points ps 0.8 pt %d", x, mark);
    else if (panel->kind == LAB_MARKS || (series->count <= 60 && panel->whole_x))
        lab_append(out, "%s:5 with linespoints lw 1.8 dt %s ps 0.7 pt %d pi %zu", x, styles[style].dash, mark,
                   panel->kind == LAB_MARKS ? (size_t)1 : 1 + series->count / 12);
    else
        lab_append(out, "%s:5 with lines lw 1.8 dt %s", x, styles[style].dash);
    lab_append(out, " lc rgb '%s'%s%s", colour, series->is_grey ? "" : " title ",
               series->is_grey ? "" : quoted(out->pool, series->name));
}

/* After the bands and the thin lines of all, so that no mean is covered; grey ones first. */
static void write_mean_plots(lab_text *out, const lab_panel *panel, int block, bool *is_first)
{
    for (int is_front = 0; is_front < 2; is_front++)
        for (size_t s = 0; s < panel->count; s++)
            if (panel->series[s].is_grey == (is_front == 0))
                write_mean_plot(out, panel, s, block, is_first);
}

/* At the ends of the lines; where there is no room, a key below. */
static void write_labels(lab_text *out, const lab_figure *figure, const lab_panel *panel, const lab_frame *frame)
{
    const int columns = lab_figure_columns(figure), column = (int)(panel - figure->panels) % columns;
    lab_end_label *labels = lab_alloc(out->pool, panel->count + 1, sizeof *labels);
    const size_t count = lab_end_labels(out->pool, frame, panel, labels);
    if (panel->count > 1 && !frame->has_labels)
        lab_append(out, "    set key on below left vertical maxcols 1 samplen 3 spacing 1.15 Left reverse noopaque\n");
    if (count)
        lab_append(out, "    set rmargin at screen %.4f\n", (column + frame->x.to / frame->width) / columns);
    for (size_t i = 0; i < count; i++)
        lab_append(out, "    set label %s at graph 1.015, graph %.4f left tc rgb '%s'\n",
                   quoted(out->pool, labels[i].text), (frame->y.from - labels[i].y) / (frame->y.from - frame->y.to),
                   labels[i].series ? styles[labels[i].series->style % LAB_STYLES].name_colour : grey);
}

/* The values of a grid are tics, if they are few; numbers of epochs are as in the other drawing. */
static void write_own_tics(lab_text *out, const lab_panel *panel, const lab_frame *frame)
{
    char digits[LN_NUMBER_LENGTH];
    double ticks[LAB_MOST_TICKS], step;
    const lab_series *series = panel->series;
    const bool is_grid = panel->kind == LAB_MARKS && panel->count && series->count >= 2 && series->count <= 9;
    const size_t count = is_grid ? series->count : panel->whole_x ? lab_ticks(&frame->x, true, ticks, &step) : 0;
    for (size_t i = 0; i < count; i++) {
        const char *tic = ln_shortest_number(is_grid ? series->x[i] : ticks[i], digits);
        lab_append(out, "%s'%s' %s", i ? ", " : "    set xtics (", tic, tic);
    }
    lab_append(out, count ? ")\n" : "");
}

static void write_lines(lab_text *out, const lab_figure *figure, const lab_panel *panel, const lab_frame *frame,
                        int block)
{
    bool is_first = true;
    write_axes(out, panel, frame);
    write_zero(out, panel);
    write_labels(out, figure, panel, frame);
    write_own_tics(out, panel, frame);
    lab_append(out, "    plot ");
    write_spread_plots(out, panel, block, &is_first);
    write_mean_plots(out, panel, block, &is_first);
    lab_append(out, "\n");
}

/* A label of an axis is a format, where % begins a number; titles are not. */
static const char *label_of(lab_pool *pool, const char *name)
{
    char *label = lab_alloc(pool, 2 * strlen(name) + 1, 1), *to = label;
    for (; *name; name++) {
        *to++ = *name;
        if (*name == '%')
            *to++ = '%';
    }
    return label;
}

static void write_names(lab_text *out, const lab_panel *panel, char axis, const char *how)
{
    lab_append(out, "    set %ctics %s (", axis, how);
    for (size_t i = 0; i < panel->size; i++)
        lab_append(out, "%s%s %zu", i ? ", " : "", quoted(out->pool, label_of(out->pool, panel->names[i])), i);
    lab_append(out, ")\n");
}

static void write_intervals(lab_text *out, const lab_panel *panel, const lab_frame *frame, int block)
{
    write_axes(out, panel, frame);
    write_zero(out, panel);
    lab_append(out, "    set grid xtics noytics lt 1 lw 0.6 lc rgb '#C8C8C8'\n    set border 1\n");
    write_names(out, panel, 'y', "scale 0");
    lab_append(out, "    plot ");
    for (size_t s = 0; s < panel->count; s++) {
        const lab_series *series = &panel->series[s];
        lab_append(out, "%stable using %s:5:6:7 with xerrorbars lw 1.6 ps 0.9 pt %d lc rgb '%s'",
                   s ? ", \\\n        " : "", filter(out->pool, block + (int)s, "$4"),
                   styles[series->style % LAB_STYLES].mark, colour_of(series));
    }
    lab_append(out, "\n");
}

/* White for nothing to a blue that white digits can be read on. */
static void write_heat(lab_text *out, const lab_panel *panel, int block)
{
    const int column = panel->is_normalised ? 7 : 6;
    const char *x = filter(out->pool, block, "$4"),
               *hidden = panel->is_normalised ? "$7 < 0.05" : "$4 == $5 || $6 == 0";
    double most = panel->is_normalised ? 100 : 1;
    for (size_t i = 0; i < panel->size * panel->size && !panel->is_normalised; i++)
        if (i / panel->size != i % panel->size)
            most = fmax(most, panel->cells[i]);
    write_axes(out, panel,
               &(lab_frame){.x = {.high = (double)panel->size - 0.5, .low = -0.5},
                            .y = {.low = (double)panel->size - 0.5, .high = -0.5}});
    lab_append(out, "    most = %.0f.0\n    share(n) = sqrt(n / most)\n", most);
    lab_append(out, "    blend(a, b, s) = int(a + (b - a) * s + 0.5)\n");
    lab_append(out, "    shade(n) = 65536 * blend(250, 0, share(n)) + 256 * blend(251, 76, share(n)) + blend(252, 138, "
                    "share(n))\n");
    lab_append(out, "    unset grid\n    set border 0\n    set tics scale 0\n");
    write_names(out, panel, 'y', "");
    write_names(out, panel, 'x', "rotate by 40 right");
    lab_append(out,
               "    plot table using %s:5:(0.48):(0.48):(%s ? 0xD9D9D9 : shade($%d)) "
               "with boxxyerror fs solid 1 noborder lc rgb variable, \\\n",
               x, panel->is_normalised ? "0" : "$4 == $5", column);
    lab_append(out,
               "        table using %s:5:(%s ? '' : sprintf('%s', $%d)):(share($%d) > 0.7 ? 0xFFFFFF : 0x1A1A1A) "
               "with labels font ',7' tc rgb variable\n",
               x, hidden, panel->is_normalised ? "%.1f" : "%.0f", column, column);
}

char *lab_figure_script(lab_pool *pool, const lab_figure *figure)
{
    lab_text out = {.pool = pool};
    int block = 0;
    write_terminals(&out, figure);
    for (size_t p = 0; p < figure->count; p++) {
        const lab_panel *panel = &figure->panels[p];
        const lab_frame frame = lab_frame_of(figure, panel, false);
        if (panel->kind == LAB_HEAT)
            write_heat(&out, panel, block++);
        else if (panel->kind == LAB_INTERVALS)
            write_intervals(&out, panel, &frame, block);
        else
            write_lines(&out, figure, panel, &frame, block);
        block += (int)panel->count;
    }
    lab_append(&out, "    unset multiplot\n    unset output\n}\n");
    return out.data;
}
