/* SPDX-License-Identifier: MIT */
/* scatter.c - see scatter.h. */
#include "lab/inside/scatter.h"

#include "lab/pictures/image.h"
#include "lab/report/markup.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SIDE = 440, MARGIN = 16, RADIUS = 3, TITLE = 44, KEY = 20 };

/* Ten colours that differ in hue and brightness; after them again from the first. */
static const uint8_t colours[][3] = {{0, 114, 178}, {230, 159, 0},  {0, 158, 115}, {204, 121, 167}, {86, 180, 233},
                                     {213, 94, 0},  {150, 130, 10}, {90, 60, 160}, {60, 60, 60},    {150, 75, 40}};
enum { COLOURS = sizeof colours / sizeof *colours };

typedef struct span {
    double low, high;
} span;

/* Of one coordinate of all points. */
static span span_of(const lab_scatter *s, const double *at, int axis)
{
    span found = {INFINITY, -INFINITY};
    for (size_t i = 0; i < s->count; i++) {
        found.low = fmin(found.low, at[2 * i + (size_t)axis]);
        found.high = fmax(found.high, at[2 * i + (size_t)axis]);
    }
    return found;
}

static double place(span s, double value) { return s.high > s.low ? (value - s.low) / (s.high - s.low) : 0.5; }

/* Pixels of point `i` in plane `plane`; y grows upwards. */
static void locate(const lab_scatter *s, const span *spans, size_t plane, size_t i, double *x, double *y)
{
    const double inner = SIDE - 2 * MARGIN;
    *x = (double)plane * SIDE + MARGIN + inner * place(spans[2 * plane], s->at[plane][2 * i]);
    *y = SIDE - MARGIN - inner * place(spans[2 * plane + 1], s->at[plane][2 * i + 1]);
}

static void draw_disc(lab_image *image, double x, double y, const uint8_t *colour)
{
    for (int row = (int)y - RADIUS; row <= (int)y + RADIUS; row++)
        for (int column = (int)x - RADIUS; column <= (int)x + RADIUS; column++)
            if (hypot(row - y, column - x) <= RADIUS && row >= 0 && row < image->height && column >= 0 &&
                column < image->width)
                memcpy(image->pixels + 3 * ((size_t)row * (size_t)image->width + (size_t)column), colour, 3);
}

static void write_png(lab_pool *pool, const lab_scatter *s, const span *spans, const char *path)
{
    const int width = (int)s->planes * SIDE;
    lab_image image = {width, SIDE, 3, lab_alloc(pool, (size_t)width * SIDE, 3)};
    memset(image.pixels, 255, (size_t)width * SIDE * 3);
    for (size_t plane = 0; plane < s->planes; plane++)
        for (size_t i = 0; i < s->count; i++) {
            double x, y;
            locate(s, spans, plane, i, &x, &y);
            draw_disc(&image, x, y, colours[s->label[i] % COLOURS]);
        }
    lab_check(pool, lab_image_write(&image, path, &pool->error));
}

static void append_text(lab_text *svg, double x, double y, const char *text)
{
    lab_append(svg, "<text x=\"%.0f\" y=\"%.0f\">", x, y);
    lab_append_html(svg, text);
    lab_append(svg, "</text>\n");
}

static void append_points(lab_text *svg, const lab_scatter *s, const span *spans, size_t plane)
{
    append_text(svg, (double)plane * SIDE + MARGIN, TITLE - 4, s->plane_titles[plane]);
    for (size_t i = 0; i < s->count; i++) {
        const uint8_t *colour = colours[s->label[i] % COLOURS];
        double x, y;
        locate(s, spans, plane, i, &x, &y);
        lab_append(svg, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%d\" fill=\"#%02x%02x%02x\" fill-opacity=\"0.7\"><title>",
                   x, y + TITLE, RADIUS, colour[0], colour[1], colour[2]);
        lab_append_html(svg, s->words[i]);
        lab_append(svg, "</title></circle>\n");
    }
}

/* The classes in columns of ten. */
static void append_key(lab_text *svg, const lab_scatter *s, double left)
{
    for (int k = 0; k < s->classes; k++) {
        const uint8_t *colour = colours[k % COLOURS];
        const double x = left + k / COLOURS * 110, y = TITLE + MARGIN + k % COLOURS * KEY;
        lab_append(svg, "<circle cx=\"%.0f\" cy=\"%.0f\" r=\"5\" fill=\"#%02x%02x%02x\"/>\n", x, y, colour[0],
                   colour[1], colour[2]);
        append_text(svg, x + 10, y + 4, s->names[k]);
    }
}

static void write_svg(lab_pool *pool, const lab_scatter *s, const span *spans, const char *path)
{
    const int left = (int)s->planes * SIDE, width = left + 110 * ((s->classes + COLOURS - 1) / COLOURS) + MARGIN,
              height = TITLE + SIDE + 40;
    lab_text svg = {.pool = pool};
    lab_append(&svg,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
               "role=\"img\">\n<desc>",
               width, height, width, height);
    lab_append_html(&svg, s->caption);
    lab_append(
        &svg,
        "</desc>\n<style>text { font-family: sans-serif; font-size: 12px; }</style>\n<rect width=\"%d\" height=\"%d\" "
        "fill=\"white\"/>\n",
        width, height);
    append_text(&svg, MARGIN, 20, s->title);
    for (size_t plane = 0; plane < s->planes; plane++)
        append_points(&svg, s, spans, plane);
    append_key(&svg, s, left);
    append_text(&svg, MARGIN, TITLE + SIDE + 20, s->caption);
    lab_append(&svg, "</svg>\n");
    lab_pool_write(pool, path, svg.data);
}

void lab_scatter_write(lab_pool *pool, const lab_scatter *s, const char *path)
{
    span *spans = lab_alloc(pool, 2 * s->planes, sizeof *spans);
    for (size_t i = 0; i < 2 * s->planes; i++)
        spans[i] = span_of(s, s->at[i / 2], (int)(i % 2));
    write_png(pool, s, spans, lab_format(pool, "%s.png", path));
    write_svg(pool, s, spans, lab_format(pool, "%s.svg", path));
}
