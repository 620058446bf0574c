/* SPDX-License-Identifier: MIT */
/* chart.c - a grid of characters, points put into it, and an axis on two sides. */
#include "cli/chart.h"

#include "cli/terminal.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 9, COLUMNS = 60 };

typedef struct chart {
    double low, high; /* values at the bottom and the top row */
    size_t count;     /* epochs */
    int columns;      /* in use */
    char cells[ROWS][COLUMNS];
} chart;

static bool has_values(const curve *c, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (isfinite(c->values[i]))
            return true;
    return false;
}

static void find_range(chart *grid, const curve *curves, size_t curve_count)
{
    grid->low = INFINITY;
    grid->high = -INFINITY;
    for (size_t c = 0; c < curve_count; c++)
        for (size_t i = 0; i < grid->count; i++)
            if (isfinite(curves[c].values[i])) {
                grid->low = fmin(grid->low, curves[c].values[i]);
                grid->high = fmax(grid->high, curves[c].values[i]);
            }
    if (!(grid->high > grid->low)) /* a flat line lies in the middle */
        grid->high = grid->low + fmax(1e-3, fabs(grid->low) * 1e-2);
}

static void draw_curve(chart *grid, const curve *c)
{
    for (size_t i = 0; i < grid->count; i++) {
        if (!isfinite(c->values[i]))
            continue;
        const double height = (c->values[i] - grid->low) / (grid->high - grid->low);
        const long row = lround((1 - height) * (ROWS - 1));
        const size_t column = i * (size_t)(grid->columns - 1) / (grid->count - 1);
        char *cell = &grid->cells[row][column];
        *cell = *cell == ' ' || *cell == c->mark ? c->mark : '*';
    }
}

static void print_grid(const chart *grid)
{
    const style look = style_of(stdout);
    for (int row = 0; row < ROWS; row++) {
        const double value = grid->high - (grid->high - grid->low) * row / (ROWS - 1);
        int length = grid->columns;
        while (length && grid->cells[row][length - 1] == ' ')
            length--;
        if (row % 4 == 0)
            printf("  %8.*f", fabs(value) < 10 ? 3 : 1, value);
        else
            printf("%10s", "");
        printf(" |%s%s%.*s%s\n", length ? " " : "", length ? look.green : "", length, grid->cells[row],
               length ? look.reset : "");
    }
}

void print_chart(const char *title, const curve *curves, size_t curve_count, size_t count)
{
    chart grid = {.count = count};
    if (count < 2)
        return;
    const size_t step = (COLUMNS - 1) / (count - 1);
    grid.columns = step ? (int)((step < 6 ? step : 6) * (count - 1)) + 1 : COLUMNS;
    memset(grid.cells, ' ', sizeof grid.cells);
    find_range(&grid, curves, curve_count);
    const style look = style_of(stdout);
    flow line = {.to = stdout, .indent = 4};
    flow_add(&line, "%s%s%s", look.bold, title, look.reset);
    for (size_t c = 0; c < curve_count; c++)
        if (has_values(&curves[c], count)) {
            flow_add(&line, "%c %s", curves[c].mark, curves[c].name);
            draw_curve(&grid, &curves[c]);
        }
    flow_end(&line);
    print_grid(&grid);
    printf("%10s +", "");
    for (int i = 0; i <= grid.columns; i++)
        putchar('-');
    printf("\n%12s 1%*zu  epoch\n\n", "", grid.columns - 1, count);
}
