/* SPDX-License-Identifier: MIT */
/* svg.c - see svg.h. layout.h defines places; this file draws. */
#include "lab/report/svg.h"

#include "lab/report/layout.h"
#include "lab/report/markup.h"

#include <math.h>

/* Of a page and of a file alone. --c is the colour of a line, --n that of its name, which has to be read. */
const char lab_svg_style[] =
    ".fig{--f:#1b1d20;--g:#d9dde2;--h:#00508c;--hi:#fff;--d:#eceef1;font:12.5px system-ui,-apple-system,'Segoe "
    "UI',Roboto,'Liberation "
    "Sans',Arial,sans-serif;color:var(--f)}\n"
    ".c0{--c:#0072b2;--n:#00609a}.c1{--c:#d55e00;--n:#a84800}.c2{--c:#009e73;--n:#00694c}.c3{--c:#cc79a7;--n:#9c3f75}"
    ".c4{--c:#e69f00;--n:#855900}.c5{--c:#56b4e9;--n:#1c6a98}.c6{--c:#222;--n:#222}.c7{--c:#7f7f7f;--n:#5f5f5f}.cg{--c:"
    "#9aa3ad;--n:#5b626b}\n"
    "@media screen and (prefers-color-scheme:dark){.fig{--f:#e4e6e9;--g:#343a41;--h:#7cc4f5;--hi:#0c1216;--d:#262b31}"
    ".c0{--c:#4fa8dc;--n:#7cc0ea}.c1{--c:#f0803c;--n:#f5a06c}.c2{--c:#2fbf95;--n:#4cc9a0}.c3{--c:#dd92bb;--n:#e3a5c7}."
    "c4{--n:#f0b73c}"
    ".c5{--n:#85c9f0}.c6{--c:#eee;--n:#eee}.c7{--n:#aaa}.cg{--c:#5f6872;--n:#9aa3ad}}\n"
    ".fig text{fill:currentColor}.fig .n{fill:var(--n);font-weight:500}.fig .s{opacity:.78}.fig .h{font-weight:600}\n"
    ".fig path,.fig line{fill:none;stroke:var(--c);stroke-width:1.8;stroke-linejoin:round}\n"
    ".fig .x{stroke:currentColor;stroke-width:1}.fig .g{stroke:var(--g);stroke-width:1}.fig "
    ".z{stroke:currentColor;stroke-width:1;"
    "stroke-dasharray:4 3}\n"
    ".fig .b{fill:var(--c);fill-opacity:.15;stroke:none}.fig .r{stroke-width:.6;stroke-opacity:.6}.fig "
    ".k{stroke-width:.8}.fig .p{stroke-width:.8;stroke-dasharray:1 3}"
    ".fig .w{stroke-width:1.1;stroke-opacity:.8}\n"
    ".fig circle{fill:var(--c)}.fig .o{fill:none;stroke:var(--c);stroke-width:1.4}\n"
    ".fig .q{fill:var(--h)}.fig .d{fill:var(--d)}.fig .v{font-size:9.5px;text-anchor:middle}.fig "
    ".i{fill:var(--hi)}.fig .j{fill:#14171a}\n";

static const char *const dashes[LAB_STYLES] = {"", "7 3", "2 2.5", "7 3 2 3", "4 2", "10 3 2 3 2 3", "4 4", "1 2"};

static void write_text(lab_text *out, double x, double y, const char *attributes, const char *text)
{
    lab_append(out, "<text x=\"%.1f\" y=\"%.1f\"%s>", x, y, attributes);
    lab_append_html(out, text);
    lab_append(out, "</text>");
}

static void write_line(lab_text *out, const char *class, double x1, double y1, double x2, double y2)
{
    lab_append(out, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", class, x1, y1, x2, y2);
}

/* ----------------------------------------------------------------------------------------------------------- axes */

static void write_x_ticks(lab_text *out, const lab_frame *frame, const lab_panel *panel)
{
    double ticks[LAB_MOST_TICKS], step = 0;
    const lab_series *series = panel->series;
    size_t count = 0;
    if (panel->kind == LAB_MARKS && panel->count && series->count <= 9)
        for (; count < series->count; count++) /* the values of a grid */
            ticks[count] = series->x[count];
    else
        count = lab_ticks(&frame->x, panel->whole_x, ticks, &step);
    for (size_t i = 0; i < count; i++) {
        const double x = lab_place(&frame->x, ticks[i]);
        write_line(out, "g", x, frame->y.to, x, frame->y.from);
        write_text(out, x, frame->y.from + 16, " text-anchor=\"middle\"", lab_tick_text(out->pool, ticks[i], step));
    }
}

static void write_y_ticks(lab_text *out, const lab_frame *frame)
{
    double ticks[LAB_MOST_TICKS], step = 0;
    const size_t count = lab_ticks(&frame->y, false, ticks, &step);
    for (size_t i = 0; i < count; i++) {
        const double y = lab_place(&frame->y, ticks[i]);
        write_line(out, "g", frame->x.from, y, frame->x.to, y);
        write_text(out, frame->x.from - 6, y + 4, " text-anchor=\"end\"", lab_tick_text(out->pool, ticks[i], step));
    }
}

/* Names stand where they are read without turning the head: that of y above the axis. */
static void write_axes(lab_text *out, const lab_frame *frame, const lab_panel *panel)
{
    write_x_ticks(out, frame, panel);
    write_y_ticks(out, frame);
    write_line(out, "x", frame->x.from, frame->y.from, frame->x.to, frame->y.from);
    if (panel->title)
        write_text(out, 0, 13, " class=\"h\"", panel->title);
    else
        write_text(out, 0, 13, " class=\"s\"", panel->y_label);
    write_text(out, (frame->x.from + frame->x.to) / 2, frame->y.from + 34, " class=\"s\" text-anchor=\"middle\"",
               panel->x_label);
    if (panel->marks_zero && frame->y.low < 0 && frame->y.high > 0)
        write_line(out, "z", frame->x.from, lab_place(&frame->y, 0), frame->x.to, lab_place(&frame->y, 0));
}

/* ---------------------------------------------------------------------------------------------------------- lines */

static void begin_series(lab_text *out, const lab_series *series)
{
    if (series->is_grey)
        lab_append(out, "<g class=\"cg\">");
    else
        lab_append(out, "<g class=\"c%d\">", series->style % LAB_STYLES);
}

/* A path through the points that have a place; gaps stay gaps. */
static void write_path(lab_text *out, const lab_frame *frame, const lab_series *series, const double *y,
                       const char *attributes)
{
    bool is_open = false;
    lab_append(out, "<path%s d=\"", attributes);
    for (size_t i = 0; i < series->count; i++) {
        const double px = lab_place(&frame->x, series->x[i]), py = lab_place(&frame->y, y[i]);
        const bool is_there = isfinite(px) && isfinite(py) && y[i] >= frame->y.low && y[i] <= frame->y.high;
        if (is_there)
            lab_append(out, "%c%.1f %.1f", is_open ? 'L' : 'M', px, py);
        is_open = is_there;
    }
    lab_append(out, "\"/>");
}

static void write_band(lab_text *out, const lab_frame *frame, const lab_series *series)
{
    bool has_any = false;
    for (int back = 0; back < 2; back++)
        for (size_t k = 0; k < series->count; k++) {
            const size_t i = back ? series->count - 1 - k : k;
            const double px = lab_place(&frame->x, series->x[i]);
            const double low = lab_place(&frame->y, series->low[i]), high = lab_place(&frame->y, series->high[i]);
            if (!isfinite(px) || !isfinite(low) || !isfinite(high))
                continue;
            lab_append(out, "%s%.1f %.1f", has_any ? "L" : "<path class=\"b\" d=\"M", px, back ? low : high);
            has_any = true;
        }
    if (has_any)
        lab_append(out, "Z\"/>");
}

static void write_spread(lab_text *out, const lab_frame *frame, const lab_panel *panel)
{
    for (size_t s = 0; s < panel->count; s++) {
        const lab_series *series = &panel->series[s];
        if (series->is_grey || (!series->runs && !series->low))
            continue;
        begin_series(out, series);
        if (series->low && panel->kind == LAB_LINES)
            write_band(out, frame, series);
        for (size_t r = 0; r < series->runs; r++)
            write_path(out, frame, series, series->each + r * series->count, " class=\"r\"");
        lab_append(out, "</g>\n");
    }
}

/*
 * Marks of several lines at the same x stand beside each other, or their error bars would overlap.
 */
static void write_marks(lab_text *out, const lab_frame *frame, const lab_panel *panel, size_t index)
{
    const lab_series *series = &panel->series[index];
    const double shift =
        panel->kind == LAB_MARKS && series->count > 1 ? 3 * ((double)index - ((double)panel->count - 1) / 2) : 0;
    for (size_t i = 0; i < series->count; i++) {
        const double x = lab_place(&frame->x, series->x[i]) + shift, y = lab_place(&frame->y, series->y[i]);
        if (!isfinite(x) || !isfinite(y))
            continue;
        if (panel->kind == LAB_MARKS && series->low && !series->no_line)
            write_line(out, "w", x, lab_place(&frame->y, series->low[i]), x, lab_place(&frame->y, series->high[i]));
        lab_append(out, "<circle%s cx=\"%.1f\" cy=\"%.1f\" r=\"%s\"/>", series->no_line ? " class=\"o\"" : "", x, y,
                   panel->kind == LAB_MARKS ? "3" : "2.2");
    }
}

/* Grey lines first, so that none covers one of the best. */
static void write_means(lab_text *out, const lab_frame *frame, const lab_panel *panel)
{
    for (int is_front = 0; is_front < 2; is_front++)
        for (size_t s = 0; s < panel->count; s++) {
            const lab_series *series = &panel->series[s];
            const char *dash = series->is_grey ? "" : dashes[series->style % LAB_STYLES];
            if (series->is_grey == (is_front == 1))
                continue;
            begin_series(out, series);
            if (!series->no_line)
                write_path(out, frame, series, series->y,
                           lab_format(out->pool, "%s%s%s%s", series->is_grey ? " class=\"k\"" : "",
                                      *dash ? " stroke-dasharray=\"" : "", dash, *dash ? "\"" : ""));
            if (!series->is_grey && (panel->kind == LAB_MARKS || (panel->whole_x && series->count <= 12)))
                write_marks(out, frame, panel, s);
            lab_append(out, "</g>\n");
        }
}

static void write_labels(lab_text *out, const lab_frame *frame, const lab_panel *panel)
{
    lab_end_label *labels = lab_alloc(out->pool, panel->count + 1, sizeof *labels);
    const size_t count = lab_end_labels(out->pool, frame, panel, labels);
    for (size_t i = 0; i < count; i++) {
        const double x = frame->x.to;
        begin_series(out, labels[i].series ? labels[i].series : &(lab_series){.is_grey = true});
        if (labels[i].from < x - 20)
            write_line(out, "p", labels[i].from + 4, labels[i].end, x, labels[i].end);
        if (fabs(labels[i].y - labels[i].end) > 3)
            write_line(out, "k", x + 1, labels[i].end, x + 8, labels[i].y);
        write_text(out, x + 10, labels[i].y + 4, " class=\"n\"", labels[i].text);
        lab_append(out, "</g>\n");
    }
}

/* Where there is no room at the ends of the lines. */
static void write_key(lab_text *out, const lab_frame *frame, const lab_panel *panel)
{
    double y = frame->y.from + 54;
    if (frame->has_labels || panel->count < 2)
        return;
    for (size_t s = 0; s < panel->count; s++) {
        const lab_series *series = &panel->series[s];
        if (series->is_grey)
            continue;
        begin_series(out, series);
        lab_append(out, "<line x1=\"4\" x2=\"30\" y1=\"%.1f\" y2=\"%.1f\" stroke-dasharray=\"%s\"/>", y - 4, y - 4,
                   dashes[series->style % LAB_STYLES]);
        write_text(out, 36, y, " class=\"n\"", lab_cut(out->pool, series->name, 38));
        lab_append(out, "</g>\n");
        y += 15;
    }
}

static void write_lines(lab_text *out, const lab_frame *frame, const lab_panel *panel)
{
    write_axes(out, frame, panel);
    write_spread(out, frame, panel);
    write_means(out, frame, panel);
    write_labels(out, frame, panel);
    write_key(out, frame, panel);
}

/* ----------------------------------------------------------------------------------------------- intervals and heat */

static void write_intervals(lab_text *out, const lab_frame *frame, const lab_panel *panel)
{
    write_x_ticks(out, frame, panel);
    write_line(out, "x", frame->x.from, frame->y.from, frame->x.to, frame->y.from);
    if (panel->marks_zero)
        write_line(out, "z", lab_place(&frame->x, 0), frame->y.to, lab_place(&frame->x, 0), frame->y.from);
    write_text(out, (frame->x.from + frame->x.to) / 2, frame->y.from + 34, " class=\"s\" text-anchor=\"middle\"",
               panel->x_label);
    for (size_t i = 0; i < panel->size; i++)
        write_text(out, frame->x.from - 8, lab_place(&frame->y, (double)i) + 4, " text-anchor=\"end\"",
                   lab_cut(out->pool, panel->names[i], lab_name_letters(frame->width < 400)));
    for (size_t s = 0; s < panel->count; s++) {
        const lab_series *series = &panel->series[s];
        begin_series(out, series);
        for (size_t i = 0; i < series->count; i++) {
            const double y = lab_place(&frame->y, series->y[i]), x = lab_place(&frame->x, series->x[i]);
            if (!isfinite(x))
                continue;
            write_line(out, "", lab_place(&frame->x, series->low[i]), y, lab_place(&frame->x, series->high[i]), y);
            lab_append(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.6\"/>", x, y);
        }
        lab_append(out, "</g>\n");
    }
}

static double row_sum(const lab_panel *panel, size_t row)
{
    double sum = 0;
    for (size_t i = 0; i < panel->size; i++)
        sum += panel->cells[row * panel->size + i];
    return sum;
}

/* The largest number that is shown. */
static double most_of(const lab_panel *panel)
{
    double most = 1;
    for (size_t i = 0; i < panel->size * panel->size; i++)
        if (i / panel->size != i % panel->size)
            most = fmax(most, panel->cells[i]);
    return panel->is_normalised ? 100 : most;
}

/*
 * A stronger tint of the paper for more; the square root, so that few errors are seen beside many. The digits
 * have a contrast of 4 at least: "i" has the colour of the paper, "j" is dark on either paper.
 */
static void write_heat_cell(lab_text *out, const lab_frame *frame, const lab_panel *panel, size_t row, size_t column)
{
    const double size = (frame->x.to - frame->x.from) / (double)panel->size, sum = row_sum(panel, row);
    const double x = frame->x.from + size * (double)column, y = frame->y.from + size * (double)row;
    const double count = panel->cells[row * panel->size + column];
    const double value = panel->is_normalised ? (sum > 0 ? 100 * count / sum : 0) : count;
    const double tint = sqrt(value / most_of(panel));
    const bool is_left_out = row == column && !panel->is_normalised;
    lab_append(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"", is_left_out ? "d" : "q",
               x, y, size - 1, size - 1);
    lab_append(out, is_left_out ? "/>" : " fill-opacity=\"%.3f\"/>", 0.04 + 0.96 * tint);
    if (is_left_out || (panel->is_normalised ? value < 0.05 : count == 0))
        return;
    write_text(out, x + size / 2, y + size / 2 + 3.5,
               tint > 0.7    ? " class=\"v i\""
               : tint > 0.54 ? " class=\"v j\""
                             : " class=\"v\"",
               lab_format(out->pool, panel->is_normalised && value < 99.95 ? "%.1f" : "%.0f", value));
}

static void write_heat(lab_text *out, const lab_frame *frame, const lab_panel *panel)
{
    const double size = (frame->x.to - frame->x.from) / (double)panel->size;
    const bool is_turned = frame->height - frame->y.to > 40;
    write_text(out, 0, 13, " class=\"h\"", panel->title ? panel->title : panel->y_label);
    for (size_t row = 0; row < panel->size; row++)
        for (size_t column = 0; column < panel->size; column++)
            write_heat_cell(out, frame, panel, row, column);
    for (size_t i = 0; i < panel->size; i++) {
        const char *name = lab_cut(out->pool, panel->names[i], 12);
        const double middle = size * ((double)i + 0.5), x = frame->x.from + middle, y = frame->y.to + 12;
        write_text(out, frame->x.from - 5, frame->y.from + middle + 4, " text-anchor=\"end\" font-size=\"11\"", name);
        write_text(out, x, y,
                   is_turned
                       ? lab_format(out->pool,
                                    " text-anchor=\"end\" font-size=\"11\" transform=\"rotate(-40 %.1f %.1f)\"", x, y)
                       : " text-anchor=\"middle\" font-size=\"11\"",
                   name);
    }
    write_text(out, frame->x.from, frame->height - 4, " class=\"s\" font-size=\"11\"", panel->x_label);
}

/* ---------------------------------------------------------------------------------------------------------- figures */

static void write_panel(lab_text *out, const lab_frame *frame, const lab_panel *panel)
{
    if (panel->kind == LAB_HEAT)
        write_heat(out, frame, panel);
    else if (panel->kind == LAB_INTERVALS)
        write_intervals(out, frame, panel);
    else
        write_lines(out, frame, panel);
}

static void write_panels(lab_text *out, const lab_figure *figure, const char *label, const char *class, bool is_slim)
{
    lab_append(out, "<div class=\"fig %s\">\n", class);
    for (size_t p = 0; p < figure->count; p++) {
        const lab_panel *panel = &figure->panels[p];
        const lab_frame frame = lab_frame_of(figure, panel, is_slim);
        lab_append(out, "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"", frame.width, frame.height);
        lab_append_html(out, label);
        lab_append(out, panel->title && figure->count > 1 ? ": " : "");
        lab_append_html(out, panel->title && figure->count > 1 ? panel->title : "");
        lab_append(out, "\">\n");
        write_panel(out, &frame, panel);
        lab_append(out, "</svg>\n");
    }
    lab_append(out, "</div>\n");
}

void lab_write_panels(lab_text *out, const lab_figure *figure, const char *label)
{
    if (lab_figure_is_slim(figure)) {
        write_panels(out, figure, label, lab_figure_columns(figure) > 1 ? "two" : "small", true);
        return;
    }
    write_panels(out, figure, label, "wide", false);
    write_panels(out, figure, label, "slim", true);
}

char *lab_svg_file(lab_pool *pool, const lab_figure *figure)
{
    enum { GAP = 20 };
    lab_text out = {.pool = pool}, inner = {.pool = pool};
    const size_t columns = (size_t)lab_figure_columns(figure);
    double top = 0, row = 0, width = 0;
    for (size_t p = 0; p < figure->count; p++) {
        const lab_frame frame = lab_frame_of(figure, &figure->panels[p], false);
        const double left = (double)(p % columns) * (frame.width + GAP);
        top += p && p % columns == 0 ? row + GAP : 0;
        row = p % columns == 0 ? frame.height : fmax(row, frame.height);
        width = fmax(width, left + frame.width);
        lab_append(&inner, "<svg x=\"%.0f\" y=\"%.0f\" width=\"%.0f\" height=\"%.0f\">\n", left, top, frame.width,
                   frame.height);
        write_panel(&inner, &frame, &figure->panels[p]);
        lab_append(&inner, "</svg>\n");
    }
    lab_append(
        &out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"fig\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f "
        "%.0f\">\n<style>%s</style>\n",
        width, top + row, width, top + row, lab_svg_style);
    lab_append_bytes(&out, inner.data, inner.used);
    lab_append(&out, "</svg>\n");
    return out.data;
}

void lab_write_sparkline(lab_text *out, const double *values, size_t count, const char *label)
{
    lab_series series = {.count = count, .y = (double *)values, .x = lab_alloc(out->pool, count, sizeof(double))};
    lab_frame frame = {.x = {0, (double)count - 1, 3, 197, false}, .y = {INFINITY, -INFINITY, 31, 4, false}};
    for (size_t i = 0; i < count; i++) {
        series.x[i] = (double)i;
        frame.y.low = isfinite(values[i]) ? fmin(frame.y.low, values[i]) : frame.y.low;
        frame.y.high = isfinite(values[i]) ? fmax(frame.y.high, values[i]) : frame.y.high;
    }
    if (count < 2 || !(frame.y.high > frame.y.low))
        return;
    lab_append(out, "<svg class=\"fig spark c0\" viewBox=\"0 0 200 35\" role=\"img\" aria-label=\"");
    lab_append_html(out, label);
    lab_append(out, "\">");
    write_path(out, &frame, &series, values, "");
    lab_append(out, "<circle cx=\"197\" cy=\"%.1f\" r=\"2.5\"/></svg>", lab_place(&frame.y, values[count - 1]));
}
