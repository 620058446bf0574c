/* SPDX-License-Identifier: MIT */
/* figure.c - see figure.h: what figures are built with. */
#include "lab/report/figure.h"

#include <math.h>

lab_panel *lab_figure_panels(lab_pool *pool, lab_figure *figure, size_t count)
{
    figure->panels = lab_alloc(pool, count, sizeof *figure->panels);
    figure->count = count;
    for (size_t i = 0; i < count; i++)
        figure->panels[i].y_low = figure->panels[i].y_high = NAN;
    return figure->panels;
}

lab_series *lab_panel_series(lab_pool *pool, lab_panel *panel, size_t count)
{
    panel->series = lab_alloc(pool, count, sizeof *panel->series);
    panel->count = count;
    for (size_t i = 0; i < count; i++)
        panel->series[i].style = (int)i;
    return panel->series;
}

void lab_series_points(lab_pool *pool, lab_series *series, size_t count, bool has_spread, size_t runs)
{
    series->count = count;
    series->runs = runs;
    series->x = lab_alloc(pool, count, sizeof(double));
    series->y = lab_alloc(pool, count, sizeof(double));
    series->low = has_spread ? lab_alloc(pool, count, sizeof(double)) : NULL;
    series->high = has_spread ? lab_alloc(pool, count, sizeof(double)) : NULL;
    series->each = runs ? lab_alloc(pool, count * runs, sizeof(double)) : NULL;
}
