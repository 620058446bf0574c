/* SPDX-License-Identifier: MIT */
/*
 * figure.c - see figure.h: the table of data and the script. Every number is in the table, the script says only how to draw it.
 * A text stands in the script in double quotes with every sign that gnuplot might read as an octal number, and every terminal
 * is "noenhanced", so that _ ^ { and @ are signs like others.
 */
#include "lab/report/figure.h"

#include "util/number.h"
#include "util/printable.h"

#include <math.h>
#include <string.h>

lab_panel *lab_figure_panels(lab_pool *pool, lab_figure *figure, size_t count)
{
    figure->panels = lab_take(pool, count, sizeof *figure->panels);
    figure->count = count;
    for (size_t i = 0; i < count; i++)
        figure->panels[i].y_low = figure->panels[i].y_high = NAN;
    return figure->panels;
}

lab_series *lab_panel_series(lab_pool *pool, lab_panel *panel, size_t count)
{
    panel->series = lab_take(pool, count, sizeof *panel->series);
    panel->count = count;
    for (size_t i = 0; i < count; i++)
        panel->series[i].look = (int)i;
    return panel->series;
}

void lab_series_points(lab_pool *pool, lab_series *series, size_t count, bool has_spread, size_t runs)
{
    series->count = count;
    series->runs = runs;
    series->x = lab_take(pool, count, sizeof(double));
    series->y = lab_take(pool, count, sizeof(double));
    series->low = has_spread ? lab_take(pool, count, sizeof(double)) : NULL;
    series->high = has_spread ? lab_take(pool, count, sizeof(double)) : NULL;
    series->each = runs ? lab_take(pool, count * runs, sizeof(double)) : NULL;
}

/* ---------------------------------------------------------------------------------------------------------- data */

/* A text of the table: without what tables are made of. */
static const char *cell_text(lab_pool *pool, const char *text)
{
    char *plain = lab_plain(pool, text);
    for (char *c = plain; *c; c++)
        if (*c == '"')
            *c = '\'';
    return ln_is_formula(plain) ? lab_print(pool, "'%s", plain) : plain;
}

static void say_number(lab_text *out, double number)
{
    char digits[LN_NUMBER_LENGTH];
    lab_say(out, "\t%s", isfinite(number) ? ln_shortest_number(number, digits) : "NaN");
}

static size_t most_runs(const lab_figure *figure)
{
    size_t most = 0;
    for (size_t p = 0; p < figure->count; p++)
        for (size_t s = 0; s < figure->panels[p].count; s++)
            most = figure->panels[p].series[s].runs > most ? figure->panels[p].series[s].runs : most;
    return most;
}

static void say_series(lab_text *out, const lab_series *series, int block, const char *panel)
{
    for (size_t i = 0; i < series->count; i++) {
        lab_say(out, "%d\t%s\t%s", block, panel, cell_text(out->pool, series->name));
        say_number(out, series->x[i]);
        say_number(out, series->y[i]);
        say_number(out, series->low ? series->low[i] : NAN);
        say_number(out, series->high ? series->high[i] : NAN);
        for (size_t r = 0; r < series->runs; r++)
            say_number(out, series->each[r * series->count + i]);
        lab_say(out, "\n");
    }
}

static void say_cells(lab_text *out, const lab_panel *panel, int block, const char *title)
{
    for (size_t row = 0; row < panel->size; row++)
        for (size_t column = 0; column < panel->size; column++)
            lab_say(out, "%d\t%s\t%s\t%zu\t%zu\t%.0f\n", block, title, cell_text(out->pool, panel->names[row]), column,
                    row, panel->cells[row * panel->size + column]);
}

static char *table_of(lab_pool *pool, const lab_figure *figure)
{
    lab_text out = {.pool = pool};
    const bool is_heat = figure->panels[0].kind == LAB_HEAT;
    lab_say(&out, is_heat ? "block\tpanel\ttruth\tcolumn\trow\tcount" : "block\tpanel\tseries\tx\ty\tlow\thigh");
    for (size_t r = 0; r < most_runs(figure); r++)
        lab_say(&out, "\trun%zu", r + 1);
    lab_say(&out, "\n");
    int block = 0;
    for (size_t p = 0; p < figure->count; p++) {
        const lab_panel *panel = &figure->panels[p];
        const char *title = cell_text(pool, panel->title ? panel->title : panel->y_label);
        if (panel->kind == LAB_HEAT)
            say_cells(&out, panel, block++, title);
        for (size_t s = 0; s < panel->count; s++)
            say_series(&out, &panel->series[s], block++, title);
    }
    return out.data;
}

/* -------------------------------------------------------------------------------------------------------- script */

static const struct {
    const char *colour, *dash;
    int mark;
} looks[] = {
    {"#0072B2", "1", 7},      {"#D55E00", "(9,4)", 9},          {"#009E73", "(2,3)", 5}, {"#CC79A7", "(9,3,2,3)", 13},
    {"#E69F00", "(5,2)", 11}, {"#56B4E9", "(12,3,2,3,2,3)", 6}, {"black", "(4,4)", 8},   {"#7F7F7F", "(1,2)", 4},
};
enum { LOOKS = sizeof looks / sizeof *looks };

enum { PANEL_WIDTH = 460, WIDE = 640, HEIGHT = 380, ROW = 26 };

/* A text as gnuplot reads it back. */
static const char *quoted(lab_pool *pool, const char *text)
{
    lab_text out = {.pool = pool};
    lab_say(&out, "\"");
    for (const char *c = lab_plain(pool, text); *c; c++)
        lab_say(&out, strchr("\"'\\`{}[]#$@;", *c) ? "\\%03o" : "%c", *c);
    lab_say(&out, "\"");
    return out.data;
}

/*
 * Where the key really goes: below the panel if it would cover it, in as many columns as the names leave room for.
 */
static int key_columns(const lab_figure *figure, const lab_panel *panel)
{
    size_t longest = 1;
    for (size_t s = 0; s < panel->count; s++)
        longest = strlen(panel->series[s].name) > longest ? strlen(panel->series[s].name) : longest;
    const size_t room = figure->count == 1 ? 72 : 44; /* letters */
    if (panel->key != LAB_KEY_BELOW && panel->count <= 5 && longest <= 24)
        return 0;
    return longest + 8 > room / 2 ? 1 : longest + 8 > room / 3 ? 2 : 3;
}

static size_t longest_name(const lab_panel *panel)
{
    size_t longest = 0;
    for (size_t i = 0; i < panel->size; i++)
        longest = strlen(panel->names[i]) > longest ? strlen(panel->names[i]) : longest;
    return longest;
}

static int columns_of(const lab_figure *figure) { return figure->count < 2 ? 1 : 2; }
static int rows_of(const lab_figure *figure) { return ((int)figure->count + columns_of(figure) - 1) / columns_of(figure); }

static int width_of(const lab_figure *figure)
{
    if (figure->panels[0].kind == LAB_HEAT)
        return 190 + 46 * (int)figure->panels[0].size;
    if (figure->panels[0].kind == LAB_INTERVALS)
        return WIDE + 4 * (int)longest_name(&figure->panels[0]);
    return figure->count == 1 ? WIDE : PANEL_WIDTH * columns_of(figure);
}

static int height_of(const lab_figure *figure)
{
    const lab_panel *first = &figure->panels[0];
    int rows = 0;
    for (size_t i = 0; i < figure->count; i++) {
        const int columns = key_columns(figure, &figure->panels[i]), count = (int)figure->panels[i].count;
        const int wanted = columns && figure->panels[i].key != LAB_KEY_NONE ? (count + columns - 1) / columns : 0;
        rows = wanted > rows ? wanted : rows;
    }
    if (first->kind == LAB_HEAT)
        return 110 + 34 * (int)first->size;
    if (first->kind == LAB_INTERVALS)
        return 90 + ROW * (int)(first->size > 2 ? first->size : 2);
    return rows_of(figure) * (HEIGHT + 19 * rows);
}

static void say_terminals(lab_text *out, const lab_figure *figure)
{
    const int width = width_of(figure), height = height_of(figure);
    lab_say(
        out,
        "# Draws %s.svg, .png and .pdf from %s.tsv: run `gnuplot %s.gp` in this folder.\n"
        "set encoding utf8\n"
        "set datafile separator tab\n"
        "set datafile columnheaders\n"
        "set datafile commentschars ''\n"
        "set pointintervalbox 0\n"
        "table = '%s.tsv'\n"
        "do for [format in 'svg png pdf'] {\n"
        "    if (format eq 'svg') { set terminal svg noenhanced size %d,%d fixed font 'sans-serif,13' linewidth 1 }\n"
        "    if (format eq 'png') { set terminal pngcairo noenhanced size %d,%d font 'sans,13' fontscale 2 linewidth 2 "
        "pointscale 2 }\n"
        "    if (format eq 'pdf') { set terminal pdfcairo noenhanced size %.4fin,%.4fin font 'sans,10' linewidth 1 }\n"
        "    set output '%s.'.format\n",
        figure->name, figure->name, figure->name, figure->name, width, height, 2 * width, 2 * height, width / 96.0,
        height / 96.0, figure->name);
}

static void say_key(lab_text *out, const lab_figure *figure, const lab_panel *panel)
{
    static const char *const places[] = {"inside right bottom", "inside right top", "inside left top"};
    const int columns = key_columns(figure, panel);
    if (panel->key == LAB_KEY_NONE || !panel->count)
        lab_say(out, "    set key off\n");
    else if (columns)
        lab_say(out,
                "    set key on below center horizontal maxcols %d samplen 3 spacing 1.15 height 0.7 Left reverse "
                "noopaque\n",
                columns);
    else
        lab_say(out, "    set key on %s vertical maxcols 1 samplen 3 spacing 1.15 Left reverse noopaque\n",
                places[panel->key]);
}

/* What is not given is as the data need, a share between 0 and 100. */
static void say_y_range(lab_text *out, const lab_panel *panel)
{
    char low[LN_NUMBER_LENGTH], high[LN_NUMBER_LENGTH];
    lab_say(out, "    set yrange [%s:%s]\n",
            !isnan(panel->y_low) ? ln_shortest_number(panel->y_low, low)
            : panel->is_share    ? "0<*"
                                 : "*",
            !isnan(panel->y_high) ? ln_shortest_number(panel->y_high, high)
            : panel->is_share     ? "*<100"
                                  : "*");
}

/* Everything about axes is set anew for each panel, as gnuplot keeps what the one before has set. */
static void say_axes(lab_text *out, const lab_figure *figure, const lab_panel *panel)
{
    lab_pool *pool = out->pool;
    lab_say(out, "    set title %s\n", panel->title ? quoted(pool, panel->title) : "\"\"");
    lab_say(out, "    set xlabel %s\n    set ylabel %s\n", quoted(pool, panel->x_label), quoted(pool, panel->y_label));
    lab_say(out, "    set border 3 lw 0.8 lc rgb 'black'\n    set tics nomirror out scale 0.6 textcolor rgb 'black'\n");
    lab_say(out, "    set grid xtics ytics lt 1 lw 0.6 lc rgb '#C8C8C8'\n");
    lab_say(
        out,
        "    unset logscale\n    set xtics auto\n    set ytics auto\n    unset arrow\n    set xrange [*:*] noextend\n");
    lab_say(out, "    set offsets 0, 0, 0, 0\n");
    if (panel->log_x)
        lab_say(out, "    set logscale x\n");
    if (panel->log_y)
        lab_say(out, "    set logscale y\n");
    say_y_range(out, panel);
    say_key(out, figure, panel);
}

static void say_zero(lab_text *out, const lab_panel *panel)
{
    if (panel->marks_zero)
        lab_say(
            out,
            panel->kind == LAB_INTERVALS
                ? "    set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 dt (4,3) lc rgb 'black'\n"
                : "    set arrow from graph 0, first 0 to graph 1, first 0 nohead lw 0.8 dt (4,3) lc rgb 'black'\n");
}

/* The rows of one block, by the number in their first column. */
static const char *filter(lab_pool *pool, int block, const char *column)
{
    return lab_print(pool, "($1 == %d ? %s : NaN)", block, column);
}

/* Begins the next plot of a panel. */
static void say_join(lab_text *out, bool *is_first)
{
    lab_say(out, "%stable using ", *is_first ? "" : ", \\\n        ");
    *is_first = false;
}

/* Bands and thin lines. */
static void say_spread_plots(lab_text *out, const lab_panel *panel, int block, bool *is_first)
{
    for (size_t s = 0; s < panel->count; s++) {
        const lab_series *series = &panel->series[s];
        const char *x = filter(out->pool, block + (int)s, "$4"), *colour = looks[series->look % LOOKS].colour;
        if (series->low && panel->kind == LAB_LINES) {
            say_join(out, is_first);
            lab_say(out, "%s:6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '%s' notitle", x, colour);
        }
        for (size_t r = 0; r < series->runs; r++) {
            say_join(out, is_first);
            lab_say(out, "%s:%zu with lines lw 0.5 dt 1 lc rgb '%s' notitle", x, 8 + r, colour);
        }
    }
}

/* Marks of several series at the same x stand beside each other, or their error bars could not be told apart. */
static const char *beside(lab_pool *pool, const lab_panel *panel, size_t index)
{
    const lab_series *series = &panel->series[index];
    if (panel->kind != LAB_MARKS || panel->count < 2 || series->count < 2 || panel->log_x)
        return "$4";
    const double step = 0.006 * (series->x[series->count - 1] - series->x[0]);
    return lab_print(pool, "$4 + (%.6g)", step * ((double)index - ((double)panel->count - 1) / 2));
}

/* After the bands and the thin lines of all, so that no mean is covered. */
static void say_mean_plots(lab_text *out, const lab_panel *panel, int block, bool *is_first)
{
    for (size_t s = 0; s < panel->count; s++) {
        const lab_series *series = &panel->series[s];
        const int look = series->look % LOOKS, mark = looks[look].mark;
        const char *x = filter(out->pool, block + (int)s, beside(out->pool, panel, s)), *colour = looks[look].colour;
        if (panel->kind == LAB_MARKS && series->low) {
            say_join(out, is_first);
            lab_say(out, "%s:5:6:7 with yerrorbars lw 1.2 dt 1 ps 0.7 pt %d lc rgb '%s' notitle", x, mark, colour);
        }
        say_join(out, is_first);
        if (series->no_line)
            lab_say(out, "%s:5 with points ps 0.8 pt %d", x, mark);
        else if (panel->kind == LAB_MARKS || (series->count <= 60 && panel->whole_x))
            lab_say(out, "%s:5 with linespoints lw 1.8 dt %s ps 0.7 pt %d pi %zu", x, looks[look].dash, mark,
                    panel->kind == LAB_MARKS ? (size_t)1 : 1 + series->count / 12);
        else
            lab_say(out, "%s:5 with lines lw 1.8 dt %s", x, looks[look].dash);
        lab_say(out, " lc rgb '%s' title %s", colour, quoted(out->pool, series->name));
    }
}

/* A few values of a grid are tics of their own. */
static void say_own_tics(lab_text *out, const lab_panel *panel)
{
    char digits[LN_NUMBER_LENGTH];
    const lab_series *series = panel->series;
    lab_say(out, "    set offsets graph 0.03, graph 0.03, 0, 0\n");
    if (!panel->count || series->count < 2 || series->count > 9)
        return;
    lab_say(out, "    set xtics (");
    for (size_t i = 0; i < series->count; i++) {
        const char *tic = ln_shortest_number(series->x[i], digits);
        lab_say(out, "%s'%s' %s", i ? ", " : "", tic, tic);
    }
    lab_say(out, ")\n");
}

static void say_lines(lab_text *out, const lab_figure *figure, const lab_panel *panel, int block)
{
    bool is_first = true;
    say_axes(out, figure, panel);
    say_zero(out, panel);
    if (panel->kind == LAB_MARKS)
        say_own_tics(out, panel);
    if (panel->whole_x && panel->count && panel->series[0].count <= 12)
        lab_say(out, "    set xtics 1\n");
    lab_say(out, "    plot ");
    say_spread_plots(out, panel, block, &is_first);
    say_mean_plots(out, panel, block, &is_first);
    lab_say(out, "\n");
}

/* A label of an axis is a format, where % begins a number; titles are not. */
static const char *label_of(lab_pool *pool, const char *name)
{
    char *label = lab_take(pool, 2 * strlen(name) + 1, 1), *to = label;
    for (; *name; name++) {
        *to++ = *name;
        if (*name == '%')
            *to++ = '%';
    }
    return label;
}

static void say_names(lab_text *out, const lab_panel *panel, char axis, const char *how)
{
    lab_say(out, "    set %ctics %s (", axis, how);
    for (size_t i = 0; i < panel->size; i++)
        lab_say(out, "%s%s %zu", i ? ", " : "", quoted(out->pool, label_of(out->pool, panel->names[i])), i);
    lab_say(out, ")\n");
}

static void say_intervals(lab_text *out, const lab_figure *figure, const lab_panel *panel, int block)
{
    say_axes(out, figure, panel);
    say_zero(out, panel);
    lab_say(out, "    set grid xtics noytics lt 1 lw 0.6 lc rgb '#C8C8C8'\n    set border 1\n    set offsets graph "
                 "0.04, graph 0.04, 0, 0\n");
    lab_say(out, "    set yrange [%g:-0.6]\n", (double)panel->size - 0.4);
    say_names(out, panel, 'y', "scale 0");
    lab_say(out, "    plot ");
    for (size_t s = 0; s < panel->count; s++) {
        const int look = panel->series[s].look % LOOKS;
        lab_say(out, "%stable using %s:5:6:7 with xerrorbars lw 1.6 ps 0.9 pt %d lc rgb '%s' title %s",
                s ? ", \\\n        " : "", filter(out->pool, block + (int)s, "$4"), looks[look].mark,
                looks[look].colour, quoted(out->pool, panel->series[s].name));
    }
    lab_say(out, "\n");
}

/* White for nothing to a blue that white digits can be read on; the colours stay on dark paper. */
static void say_heat(lab_text *out, const lab_figure *figure, const lab_panel *panel, int block)
{
    double most = 1;
    for (size_t i = 0; i < panel->size * panel->size; i++)
        if (i / panel->size != i % panel->size)
            most = fmax(most, panel->cells[i]);
    const char *x = filter(out->pool, block, "$4");
    say_axes(out, figure, panel);
    lab_say(out, "    most = %.0f.0\n    share(n) = sqrt(n / most)\n", most);
    lab_say(out, "    blend(a, b, s) = int(a + (b - a) * s + 0.5)\n");
    lab_say(out, "    shade(n) = 65536 * blend(250, 0, share(n)) + 256 * blend(251, 76, share(n)) + blend(252, 138, "
                 "share(n))\n");
    lab_say(out, "    set key off\n    unset grid\n    set border 0\n    set tics scale 0\n");
    lab_say(out, "    set xrange [-0.5:%g]\n    set yrange [%g:-0.5]\n", (double)panel->size - 0.5,
            (double)panel->size - 0.5);
    say_names(out, panel, 'y', "");
    say_names(out, panel, 'x', longest_name(panel) > 3 ? "rotate by 40 right" : "");
    lab_say(out,
            "    plot table using %s:5:(0.48):(0.48):($4 == $5 ? 0xD9D9D9 : shade($6)) "
            "with boxxyerror fs solid 1 noborder lc rgb variable, \\\n",
            x);
    lab_say(out,
            "        table using %s:5:($4 == $5 || $6 == 0 ? '' : strcol(6)):(share($6) > 0.55 ? 0xFFFFFF : 0x1A1A1A) "
            "with labels font ',11' tc rgb variable\n",
            x);
}

static char *script_of(lab_pool *pool, const lab_figure *figure)
{
    lab_text out = {.pool = pool};
    int block = 0;
    say_terminals(&out, figure);
    lab_say(&out, "    set multiplot layout %d, %d\n", rows_of(figure), columns_of(figure));
    for (size_t p = 0; p < figure->count; p++) {
        const lab_panel *panel = &figure->panels[p];
        if (panel->kind == LAB_HEAT)
            say_heat(&out, figure, panel, block++);
        else if (panel->kind == LAB_INTERVALS)
            say_intervals(&out, figure, panel, block);
        else
            say_lines(&out, figure, panel, block);
        block += (int)panel->count;
    }
    lab_say(&out, "    unset multiplot\n    unset output\n}\n");
    return out.data;
}

void lab_figure_write(lab_pool *pool, const lab_figure *figure, const char *folder)
{
    lab_put_file(pool, lab_print(pool, "%s/%s.tsv", folder, figure->name), table_of(pool, figure));
    lab_put_file(pool, lab_print(pool, "%s/%s.gp", folder, figure->name), script_of(pool, figure));
}
