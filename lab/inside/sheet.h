/* SPDX-License-Identifier: MIT */
/*
 * sheet.h - small maps of numbers side by side, as a picture: filters, feature maps, heat maps. A sheet is two
 * files: NAME.png, the maps alone, and NAME.svg, with their labels, headings and a caption.
 *
 * Always: each number is one square, never blurred; the same sheet gives the same bytes. Any text may stand in
 * labels.
 */
#ifndef LENET_LAB_INSIDE_SHEET_H
#define LENET_LAB_INSIDE_SHEET_H

#include "lab/text/pool.h"

typedef enum lab_palette {
    LAB_GREY,   /* the lowest black, the highest white */
    LAB_SIGNED, /* 0 white, what is below blue, above red, as far from 0 as each other */
    LAB_HEAT,   /* the lowest black, then red, yellow, white */
} lab_palette;

typedef struct lab_tile {
    int channels, height, width; /* channels: 1, by the palette, or 3: red, green, blue within 0..1 */
    const float *values;         /* [channels][height][width] */
    lab_palette palette;
    double low, high;    /* the ends of the palette; both 0: those of the values */
    const char *label;   /* below the tile; NULL: none */
    const char *heading; /* not NULL: a new row begins with this text above */
} lab_tile;

typedef struct lab_sheet {
    const char *title, *caption;
    size_t count;
    const lab_tile *tiles;
    int least_side; /* of a tile in pixels: it is enlarged by a whole number so far */
} lab_sheet;

/* Writes PATH.png and PATH.svg. What fails ends the work of the pool. */
void lab_sheet_write(lab_pool *pool, const lab_sheet *sheet, const char *path);

#endif
