/* SPDX-License-Identifier: MIT */
/* layout.c - see layout.h. */
#include "lab/report/layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDE = 680, NARROW = 350, LETTER = 8, LINE_HEIGHT = 15, AXIS = 46, FOOT = 42, HEAD = 24, ROW = 26 };

/* ---------------------------------------------------------------------------------------------------------- texts */

static bool begins_letter(char c) { return ((unsigned char)c & 0xC0) != 0x80; }

size_t lab_letters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += begins_letter(*text);
    return count;
}

const char *lab_cut(lab_pool *pool, const char *text, size_t letters)
{
    size_t count = 0, at = 0;
    if (lab_letters(text) <= letters)
        return text;
    for (; text[at]; at++)
        if (begins_letter(text[at]) && ++count == letters)
            break;
    return lab_format(pool, "%.*s…", (int)at, text);
}

/* ---------------------------------------------------------------------------------------------------------- ranks */

/* NaN: the line has no point. */
static double last_value(const lab_series *series, size_t *at)
{
    for (size_t i = series->count; i-- > 0;)
        if (isfinite(series->y[i])) {
            if (at)
                *at = i;
            return series->y[i];
        }
    return NAN;
}

/* How many lines of the panel are better than line `index`; equal ones by their order. */
static size_t rank_in(const lab_panel *panel, size_t index)
{
    const double sign = panel->is_least_best ? -1 : 1, own = sign * last_value(&panel->series[index], NULL);
    size_t better = 0;
    for (size_t s = 0; s < panel->count; s++) {
        const double other = sign * last_value(&panel->series[s], NULL);
        better += other > own || (isnan(own) && !isnan(other)) ||
                  (!(other < own) && !(isnan(other) && !isnan(own)) && s < index);
    }
    return better;
}

void lab_rank_series(lab_figure *figure)
{
    const lab_panel *last = &figure->panels[figure->count - 1];
    if (last->kind == LAB_INTERVALS || last->kind == LAB_HEAT || last->count <= LAB_MOST_LINES)
        return;
    for (size_t s = 0; s < last->count; s++) {
        const size_t rank = rank_in(last, s);
        for (size_t p = 0; p < figure->count; p++)
            if (s < figure->panels[p].count) {
                figure->panels[p].series[s].is_grey = rank >= LAB_TOP_LINES;
                figure->panels[p].series[s].style = (int)(rank % LAB_STYLES);
            }
    }
}

/* --------------------------------------------------------------------------------------------------------- ranges */

static void widen(lab_scale_line *scale, double value)
{
    if (!isfinite(value) || (scale->is_log && value <= 0))
        return;
    scale->low = fmin(scale->low, value);
    scale->high = fmax(scale->high, value);
}

static void widen_by_series(lab_scale_line *x, lab_scale_line *y, const lab_series *series)
{
    for (size_t i = 0; i < series->count; i++) {
        widen(x, series->x[i]);
        widen(y, series->y[i]);
        if (series->low && !series->is_grey) {
            widen(y, series->low[i]);
            widen(y, series->high[i]);
        }
    }
}

/* Thin lines too, but for those far off: a run that collapsed would leave the others no room. */
static void widen_by_runs(lab_scale_line *y, const lab_series *series)
{
    const double room = y->high - y->low, low = y->low - room, high = y->high + room;
    const bool has_any = y->low <= y->high;
    for (size_t i = 0; series->each && i < series->runs * series->count; i++)
        if (!has_any || (series->each[i] >= low && series->each[i] <= high))
            widen(y, series->each[i]);
}

/* Some room, and a range where there is one value or none. */
static void pad(lab_scale_line *scale, double share)
{
    if (!(scale->low <= scale->high))
        *scale = (lab_scale_line){0, 1, scale->from, scale->to, false};
    if (scale->low == scale->high) {
        const double room = scale->is_log ? scale->low / 2 : fabs(scale->low) > 0 ? fabs(scale->low) / 20 : 1;
        scale->low -= room;
        scale->high += room;
    }
    const double low = scale->is_log ? log10(scale->low) : scale->low,
                 high = scale->is_log ? log10(scale->high) : scale->high;
    const double room = share * (high - low);
    scale->low = scale->is_log ? pow(10, low - room) : low - room;
    scale->high = scale->is_log ? pow(10, high + room) : high + room;
}

static void find_ranges(const lab_panel *panel, lab_scale_line *x, lab_scale_line *y)
{
    x->low = y->low = INFINITY;
    x->high = y->high = -INFINITY;
    x->is_log = panel->log_x;
    y->is_log = panel->log_y;
    for (size_t s = 0; s < panel->count; s++)
        widen_by_series(x, y, &panel->series[s]);
    for (size_t s = 0; s < panel->count; s++)
        widen_by_runs(y, &panel->series[s]);
    pad(x, panel->kind == LAB_MARKS ? 0.03 : 0);
    pad(y, 0.05);
    if (panel->is_share) {
        y->low = fmax(0, y->low);
        y->high = fmin(100, y->high);
    }
    y->low = isnan(panel->y_low) ? y->low : panel->y_low;
    y->high = isnan(panel->y_high) ? y->high : panel->y_high;
}

/* Of rows of intervals: x from the ends of all, y the rows. */
static void find_interval_ranges(const lab_panel *panel, lab_scale_line *x, lab_scale_line *y)
{
    x->low = panel->marks_zero ? 0 : INFINITY;
    x->high = panel->marks_zero ? 0 : -INFINITY;
    for (size_t s = 0; s < panel->count; s++)
        for (size_t i = 0; i < panel->series[s].count; i++) {
            widen(x, panel->series[s].x[i]);
            widen(x, panel->series[s].low[i]);
            widen(x, panel->series[s].high[i]);
        }
    pad(x, 0.04);
    y->low = (double)panel->size - 0.5;
    y->high = -0.5;
}

/* --------------------------------------------------------------------------------------------------------- frames */

static size_t longest_name(const lab_panel *panel)
{
    size_t longest = 0;
    for (size_t i = 0; i < panel->size; i++)
        longest = lab_letters(panel->names[i]) > longest ? lab_letters(panel->names[i]) : longest;
    return longest;
}

static size_t longest_series(const lab_panel *panel)
{
    size_t longest = 0;
    for (size_t s = 0; s < panel->count; s++)
        if (!panel->series[s].is_grey && lab_letters(panel->series[s].name) > longest)
            longest = lab_letters(panel->series[s].name);
    return longest;
}

static bool has_several_lines(const lab_figure *figure)
{
    for (size_t p = 0; p < figure->count; p++)
        if (figure->panels[p].count > 1)
            return true;
    return false;
}

int lab_figure_columns(const lab_figure *figure)
{
    const bool is_heat = figure->panels[0].kind == LAB_HEAT;
    return figure->count == 1 || (figure->count == 2 && !is_heat && has_several_lines(figure)) ? 1 : 2;
}

size_t lab_name_letters(bool is_slim) { return is_slim ? 20 : 40; }

static lab_frame frame_of_heat(const lab_panel *panel)
{
    const size_t longest = longest_name(panel);
    const double left = 22 + 6.2 * (double)(longest < 12 ? longest : 12), size = NARROW - left - 4;
    const double foot = longest > 2 ? 24 + 4.6 * (double)(longest < 12 ? longest : 12) : 36;
    lab_frame frame = {.width = NARROW, .height = HEAD + size + foot};
    frame.x = (lab_scale_line){-0.5, (double)panel->size - 0.5, left, left + size, false};
    frame.y = (lab_scale_line){-0.5, (double)panel->size - 0.5, HEAD, HEAD + size, false};
    return frame;
}

static lab_frame frame_of_intervals(const lab_panel *panel, bool is_slim)
{
    const size_t longest = longest_name(panel), most = lab_name_letters(is_slim);
    const double left = 12 + LETTER * (double)(longest < most ? longest : most), width = is_slim ? NARROW : WIDE;
    lab_frame frame = {.width = width, .height = 12 + FOOT + ROW * (double)panel->size};
    find_interval_ranges(panel, &frame.x, &frame.y);
    frame.x.from = left;
    frame.x.to = width - 14;
    frame.y.from = frame.height - FOOT;
    frame.y.to = 12;
    return frame;
}

bool lab_figure_is_slim(const lab_figure *figure)
{
    return lab_figure_columns(figure) > 1 || figure->panels[0].kind == LAB_HEAT;
}

lab_frame lab_frame_of(const lab_figure *figure, const lab_panel *panel, bool is_slim)
{
    if (panel->kind == LAB_HEAT)
        return frame_of_heat(panel);
    if (panel->kind == LAB_INTERVALS)
        return frame_of_intervals(panel, is_slim);
    const bool is_wide = !is_slim && !lab_figure_is_slim(figure);
    const size_t longest = longest_series(panel), most = is_wide ? LAB_LABEL_LETTERS : 12;
    lab_frame frame = {.width = is_wide ? WIDE : NARROW, .height = !is_wide ? 220 : figure->count > 1 ? 230 : 280};
    frame.has_labels = panel->count > 1 && (is_wide || longest <= most);
    const double label = frame.has_labels ? 14 + LETTER * (double)(longest < most ? longest : most) : 12;
    const double key =
        panel->count > 1 && !frame.has_labels ? LINE_HEIGHT * (double)(panel->count < 9 ? panel->count : 6) + 4 : 0;
    frame.height += key;
    find_ranges(panel, &frame.x, &frame.y);
    frame.x.from = AXIS;
    frame.x.to = frame.width - label;
    frame.y.from = frame.height - FOOT - key;
    frame.y.to = panel->title ? HEAD + 8 : 22;
    return frame;
}

double lab_place(const lab_scale_line *scale, double value)
{
    const double low = scale->is_log ? log10(scale->low) : scale->low,
                 high = scale->is_log ? log10(scale->high) : scale->high;
    if (!isfinite(value) || (scale->is_log && value <= 0))
        return NAN;
    const double share = ((scale->is_log ? log10(value) : value) - low) / (high - low);
    return scale->from + (scale->to - scale->from) * fmax(0, fmin(1, share));
}

/* ---------------------------------------------------------------------------------------------------------- ticks */

/* 1, 2 and 5 of each power of ten; powers alone where the range is wide. */
static size_t ticks_of_log(const lab_scale_line *scale, double *ticks)
{
    static const double steps[] = {1, 2, 5};
    const int stride = scale->high / scale->low > 200 ? 3 : 1;
    size_t count = 0;
    for (int power = (int)floor(log10(scale->low)); power <= (int)ceil(log10(scale->high)); power++)
        for (int i = 0; i < 3; i += stride) {
            const double tick = steps[i] * pow(10, power);
            if (tick >= scale->low * 0.999 && tick <= scale->high * 1.001 && count < LAB_MOST_TICKS)
                ticks[count++] = tick;
        }
    return count;
}

size_t lab_ticks(const lab_scale_line *scale, bool is_whole, double *ticks, double *step)
{
    const double room = fabs(scale->to - scale->from), range = scale->high - scale->low;
    size_t count = 0;
    *step = 0;
    if (scale->is_log)
        return ticks_of_log(scale, ticks);
    const double wanted = range / fmax(2, floor(room / (is_whole ? 40 : 36))), power = pow(10, floor(log10(wanted)));
    const double share = wanted / power - 1e-9;
    *step = power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
    if (is_whole && *step < 1)
        *step = 1;
    for (double i = ceil(scale->low / *step - 1e-9); i * *step <= scale->high + 1e-9 * range && count < LAB_MOST_TICKS;
         i++)
        ticks[count++] = i * *step;
    return count;
}

const char *lab_tick_text(lab_pool *pool, double tick, double step)
{
    if (step <= 0)
        return lab_format(pool, "%g", tick);
    const int digits = (int)fmax(0, -floor(log10(step) + 1e-9));
    const char *text = lab_format(pool, "%.*f", digits, tick);
    return *text == '-' && strspn(text + 1, "0.") == strlen(text + 1) ? text + 1 : text;
}

/* --------------------------------------------------------------------------------------------------------- labels */

static int by_end(const void *a, const void *b)
{
    const lab_end_label *x = a, *y = b;
    return x->end != y->end ? (x->end > y->end) - (x->end < y->end) : (x->series > y->series) - (x->series < y->series);
}

/* Down where one would cover the next, and up again where the last would leave the panel. */
static void spread_labels(lab_end_label *labels, size_t count, double top, double bottom)
{
    for (size_t i = 0; i < count; i++) {
        const double least = i ? labels[i - 1].y + LINE_HEIGHT : top;
        labels[i].y = fmax(labels[i].end, least);
    }
    for (size_t i = count; i-- > 0;) {
        const double most = i + 1 < count ? labels[i + 1].y - LINE_HEIGHT : bottom;
        labels[i].y = fmin(labels[i].y, most);
    }
}

size_t lab_end_labels(lab_pool *pool, const lab_frame *frame, const lab_panel *panel, lab_end_label *labels)
{
    size_t count = 0, grey = 0;
    double sum = 0;
    if (!frame->has_labels)
        return 0;
    for (size_t s = 0; s < panel->count; s++) {
        const lab_series *series = &panel->series[s];
        size_t at = 0;
        const double end = lab_place(&frame->y, last_value(series, &at));
        grey += series->is_grey && isfinite(end);
        sum += series->is_grey && isfinite(end) ? end : 0;
        if (!series->is_grey && isfinite(end))
            labels[count++] = (lab_end_label){series, lab_cut(pool, series->name, LAB_LABEL_LETTERS),
                                              lab_place(&frame->x, series->x[at]), end, end};
    }
    if (grey)
        labels[count++] =
            (lab_end_label){NULL, lab_format(pool, "%zu others", grey), frame->x.to, sum / (double)grey, 0};
    qsort(labels, count, sizeof *labels, by_end);
    spread_labels(labels, count, frame->y.to, frame->y.from);
    return count;
}
