/* SPDX-License-Identifier: MIT */
/* sheet.c - see sheet.h. A first walk over the tiles finds their places, and both files are drawn from these. */
#include "lab/inside/sheet.h"

#include "lab/pictures/image.h"
#include "lab/report/markup.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MARGIN = 12,
    GAP = 6,
    WIDEST = 960,
    HEADING = 22,
    LABEL = 15,
    LINE = 16,
    LETTERS = 7 /* pixels of a letter, about */
};

/* Where a tile is, and how much it is enlarged. */
typedef struct place {
    int left, top, zoom;
} place;

typedef struct layout {
    place *places;
    int width, height; /* of the maps, without title and caption */
} layout;

/* ------------------------------------------------------------------------------------------------------- layout */

static int zoom_of(const lab_sheet *s, const lab_tile *t)
{
    const int side = t->width > t->height ? t->width : t->height;
    return side < s->least_side ? (s->least_side + side - 1) / side : 1;
}

/* Columns that a tile with its label needs. */
static int width_of(const lab_tile *t, int zoom)
{
    const int label = t->label ? (int)strlen(t->label) * LETTERS : 0;
    return t->width * zoom > label ? t->width * zoom : label;
}

static layout lay_out(lab_pool *pool, const lab_sheet *s)
{
    layout l = {.places = lab_alloc(pool, s->count, sizeof *l.places)};
    int left = MARGIN, top = MARGIN, row = 0;
    for (size_t i = 0; i < s->count; i++) {
        const lab_tile *t = &s->tiles[i];
        const int zoom = zoom_of(s, t), width = width_of(t, zoom);
        if (i && (t->heading || left + width + MARGIN > WIDEST))
            left = MARGIN, top += row + GAP, row = 0;
        if (t->heading)
            top += HEADING;
        l.places[i] = (place){left, top, zoom};
        left += width + GAP;
        l.width = left > l.width ? left : l.width;
        const int height = t->height * zoom + (t->label ? LABEL : 0);
        row = height > row ? height : row;
    }
    l.width += MARGIN - GAP;
    l.height = top + row + MARGIN;
    return l;
}

/* ------------------------------------------------------------------------------------------------------- colours */

typedef struct span {
    double low, high;
} span;

static span span_of(const lab_tile *t)
{
    span s = {t->low, t->high};
    if (s.low != 0 || s.high != 0)
        return s;
    const size_t count = (size_t)t->channels * (size_t)t->height * (size_t)t->width;
    s = (span){(double)t->values[0], (double)t->values[0]};
    for (size_t i = 1; i < count; i++) {
        s.low = fmin(s.low, (double)t->values[i]);
        s.high = fmax(s.high, (double)t->values[i]);
    }
    return s;
}

static uint8_t to_byte(double share) { return (uint8_t)lrint(255 * fmin(fmax(share, 0), 1)); }

static void colour_of(const lab_tile *t, span s, double value, uint8_t rgb[3])
{
    const double share = s.high > s.low ? (value - s.low) / (s.high - s.low) : 0;
    const double far = fmax(fabs(s.low), fabs(s.high)), sign = far > 0 ? value / far : 0;
    for (int c = 0; c < 3; c++)
        rgb[c] = to_byte(t->palette == LAB_GREY   ? share
                         : t->palette == LAB_HEAT ? 3 * share - c
                         : sign > 0               ? 1 - sign * (double[]){0.30, 0.85, 0.90}[c]
                                                  : 1 + sign * (double[]){0.90, 0.65, 0.25}[c]);
}

/* The tile as a picture, a pixel for each number. */
static void draw(lab_pool *pool, const lab_tile *t, lab_image *image)
{
    const size_t plane = (size_t)t->height * (size_t)t->width;
    const span s = span_of(t);
    *image = (lab_image){t->width, t->height, 3, lab_alloc(pool, plane, 3)};
    for (size_t i = 0; i < plane; i++)
        for (size_t c = 0; c < 3; c++)
            if (t->channels == 3)
                image->pixels[3 * i + c] = to_byte((double)t->values[c * plane + i]);
            else
                colour_of(t, s, (double)t->values[i], image->pixels + 3 * i);
}

/* --------------------------------------------------------------------------------------------------------- files */

static void paste(lab_image *to, const lab_image *tile, place at)
{
    for (int y = 0; y < tile->height * at.zoom; y++)
        for (int x = 0; x < tile->width * at.zoom; x++)
            memcpy(to->pixels + 3 * ((size_t)(at.top + y) * (size_t)to->width + (size_t)(at.left + x)),
                   tile->pixels + 3 * ((size_t)(y / at.zoom) * (size_t)tile->width + (size_t)(x / at.zoom)), 3);
}

static void write_png(lab_pool *pool, const lab_sheet *s, const layout *l, const lab_image *tiles, const char *path)
{
    lab_image whole = {l->width, l->height, 3, lab_alloc(pool, (size_t)l->width * (size_t)l->height, 3)};
    memset(whole.pixels, 255, (size_t)l->width * (size_t)l->height * 3);
    for (size_t i = 0; i < s->count; i++)
        paste(&whole, &tiles[i], l->places[i]);
    lab_check(pool, lab_image_write(&whole, path, &pool->error));
}

static void append_text(lab_text *svg, int left, int top, const char *kind, const char *text)
{
    lab_append(svg, "<text x=\"%d\" y=\"%d\" class=\"%s\">", left, top, kind);
    lab_append_html(svg, text);
    lab_append(svg, "</text>\n");
}

static void append_tile(lab_pool *pool, lab_text *svg, const lab_tile *t, const lab_image *image, place at)
{
    uint8_t *data = NULL;
    size_t size = 0;
    lab_check(pool, lab_image_encode(image, &data, &size, "a tile", &pool->error));
    uint8_t *copy = lab_try_alloc(pool, size, 1);
    if (copy)
        memcpy(copy, data, size);
    free(data);
    if (!copy)
        lab_fail(pool, LENET_FAILURE, "out of memory");
    if (t->heading)
        append_text(svg, MARGIN, at.top - 6, "heading", t->heading);
    lab_append(svg, "<image x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" href=\"", at.left, at.top, t->width * at.zoom,
               t->height * at.zoom);
    lab_append_data_uri(svg, "image/png", copy, size);
    lab_append(svg, "\"/>\n");
    if (t->label)
        append_text(svg, at.left, at.top + t->height * at.zoom + LABEL - 4, "label", t->label);
}

/* Words in lines that fit the width. Returns the lines. */
static int append_caption(lab_pool *pool, lab_text *svg, const char *text, int top, int width)
{
    const size_t most = (size_t)((width - 2 * MARGIN) / LETTERS);
    int lines = 0;
    while (*text) {
        size_t length = strlen(text);
        for (size_t cut = most; length > most; cut--)
            if (!cut || text[cut] == ' ')
                length = cut ? cut : most;
        append_text(svg, MARGIN, top + ++lines * LINE, "caption", lab_format(pool, "%.*s", (int)length, text));
        text += length + (text[length] == ' ');
    }
    return lines;
}

static void write_svg(lab_pool *pool, const lab_sheet *s, const layout *l, const lab_image *tiles, const char *path)
{
    enum { LEAST_WIDTH = 480 };
    const int width = l->width > LEAST_WIDTH ? l->width : LEAST_WIDTH;
    lab_text body = {.pool = pool}, svg = {.pool = pool};
    append_text(&body, MARGIN, -6, "title", s->title);
    for (size_t i = 0; i < s->count; i++)
        append_tile(pool, &body, &s->tiles[i], &tiles[i], l->places[i]);
    const int lines = append_caption(pool, &body, s->caption, l->height - MARGIN + 4, width);
    const int height = l->height + lines * LINE + 2 * LINE + MARGIN;
    lab_append(&svg,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 -%d %d %d\" "
               "role=\"img\">\n<title>",
               width, height, 2 * LINE, width, height);
    lab_append_html(&svg, s->title);
    lab_append(&svg, "</title>\n<desc>");
    lab_append_html(&svg, s->caption);
    lab_append(
        &svg,
        "</desc>\n<style>text { font-family: sans-serif; font-size: 11px; } .title { font-size: 16px; } .heading { "
        "font-size: "
        "13px; } .caption { font-size: 12px; } image { image-rendering: pixelated; }</style>\n"
        "<rect x=\"0\" y=\"-%d\" width=\"%d\" height=\"%d\" fill=\"white\"/>\n",
        2 * LINE, width, height);
    lab_append_bytes(&svg, body.data, body.used);
    lab_append(&svg, "</svg>\n");
    lab_pool_write(pool, path, svg.data);
}

void lab_sheet_write(lab_pool *pool, const lab_sheet *sheet, const char *path)
{
    const layout l = lay_out(pool, sheet);
    lab_image *tiles = lab_alloc(pool, sheet->count, sizeof *tiles);
    for (size_t i = 0; i < sheet->count; i++)
        draw(pool, &sheet->tiles[i], &tiles[i]);
    write_png(pool, sheet, &l, tiles, lab_format(pool, "%s.png", path));
    write_svg(pool, sheet, &l, tiles, lab_format(pool, "%s.svg", path));
}
