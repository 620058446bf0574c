/* SPDX-License-Identifier: MIT */
/*
 * preview.c - half blocks show two pixels in one character: the upper half is the foreground, the lower the
 * background.
 */
#include "cli/preview.h"

#include "cli/terminal.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The locale of the environment writes UTF-8. Asked of the variables, because nothing here calls setlocale. */
static bool is_utf8(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *value = getenv(variables[i]);
        if (value && *value)
            return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}

/* Channel `channel` (of one: always the first) at a place; below the last row everything is black. */
static int pixel_at(const uint8_t *pixels, lenet_shape shape, int channel, int row, int column)
{
    const size_t height = (size_t)shape.height, width = (size_t)shape.width;
    const size_t plane = shape.channels > channel ? (size_t)channel : 0;
    return row < shape.height ? pixels[(plane * height + (size_t)row) * width + (size_t)column] : 0;
}

static int brightness(const uint8_t *pixels, lenet_shape shape, int row, int column)
{
    const int red = pixel_at(pixels, shape, 0, row, column), green = pixel_at(pixels, shape, 1, row, column);
    return (299 * red + 587 * green + 114 * pixel_at(pixels, shape, 2, row, column)) / 1000;
}

/* The nearest of the terminal's 256 colours: 24 greys from 232 on, and a cube of 6 x 6 x 6 from 16 on. */
static int colour_at(const uint8_t *pixels, lenet_shape shape, int row, int column)
{
    const int red = pixel_at(pixels, shape, 0, row, column);
    if (shape.channels == 1)
        return 232 + red * 23 / 255;
    const int green = pixel_at(pixels, shape, 1, row, column), blue = pixel_at(pixels, shape, 2, row, column);
    return 16 + 36 * ((red * 5 + 127) / 255) + 6 * ((green * 5 + 127) / 255) + (blue * 5 + 127) / 255;
}

static void print_cell(const uint8_t *pixels, lenet_shape shape, int row, int column, bool colours, bool blocks)
{
    static const char *const halves[] = {" ", "\xe2\x96\x84", "\xe2\x96\x80",
                                         "\xe2\x96\x88"}; /* none, lower, upper, full */
    static const char ramp[] = " .:-=+*#%@";
    enum { BRIGHT = 96, STEPS = sizeof ramp - 2 };
    const int upper = brightness(pixels, shape, row, column), lower = brightness(pixels, shape, row + 1, column);
    if (colours)
        printf("\033[38;5;%d;48;5;%dm%s", colour_at(pixels, shape, row, column),
               colour_at(pixels, shape, row + 1, column), halves[2]);
    else if (blocks)
        fputs(halves[2 * (upper >= BRIGHT) + (lower >= BRIGHT)], stdout);
    else
        putchar(ramp[((upper + lower) * STEPS + 255) / 510]);
}

void print_preview(const uint8_t *pixels, lenet_shape shape, const char *indent)
{
    const style look = style_of(stdout);
    const bool colours = *look.bold && is_utf8(), blocks = is_utf8() && shape.channels == 1;
    if (shape.width + (int)strlen(indent) > terminal_width(stdout))
        return;
    for (int row = 0; row < shape.height; row += 2) {
        fputs(indent, stdout);
        for (int column = 0; column < shape.width; column++)
            print_cell(pixels, shape, row, column, colours, blocks);
        printf("%s\n", look.reset);
    }
}
