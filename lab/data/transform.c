/* SPDX-License-Identifier: MIT */
/* transform.c - see transform.h. An operation is a row of the table and a function on one image. */
#include "lab/data/transform.h"

#include "lab/data/classes.h"
#include "util/error.h"
#include "util/nearest.h"
#include "util/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_NUMBERS = 2, MOST_OPERATIONS = 16 };

/* One image [channels][height][width], to be read from `from` and written to `to`. */
typedef struct canvas {
    lenet_shape shape;
    size_t index; /* of the image */
    const uint8_t *from;
    uint8_t *to;
} canvas;

typedef void change(const canvas *c, const double *numbers);

static uint8_t to_byte(double value) { return (uint8_t)lrint(fmin(fmax(value, 0), 255)); }

static size_t pixels_of(lenet_shape s) { return (size_t)s.channels * (size_t)s.height * (size_t)s.width; }

static void invert(const canvas *c, const double *numbers)
{
    (void)numbers;
    for (size_t i = 0; i < pixels_of(c->shape); i++)
        c->to[i] = (uint8_t)(255 - c->from[i]);
}

/* The pixel of a plane; black outside. */
static double pixel_at(const uint8_t *plane, lenet_shape s, int row, int column)
{
    return row < 0 || row >= s.height || column < 0 || column >= s.width ? 0 : plane[row * s.width + column];
}

/* Between four pixels. */
static double sample(const uint8_t *plane, lenet_shape s, double row, double column)
{
    const int top = (int)floor(row), left = (int)floor(column);
    const double down = row - top, right = column - left;
    return (1 - down) * ((1 - right) * pixel_at(plane, s, top, left) + right * pixel_at(plane, s, top, left + 1)) +
           down * ((1 - right) * pixel_at(plane, s, top + 1, left) + right * pixel_at(plane, s, top + 1, left + 1));
}

/*
 * Each new pixel comes from the place that the inverse of the map gives it: the middle, turned by cosine and
 * sine, and moved.
 */
static void resample(const canvas *c, double cosine, double sine, double right, double down)
{
    const lenet_shape s = c->shape;
    const double middle_row = (s.height - 1) / 2.0, middle_column = (s.width - 1) / 2.0;
    for (int channel = 0; channel < s.channels; channel++) {
        const size_t plane = (size_t)channel * (size_t)s.height * (size_t)s.width;
        for (int row = 0; row < s.height; row++)
            for (int column = 0; column < s.width; column++) {
                const double y = row - middle_row - down, x = column - middle_column - right;
                c->to[plane + (size_t)(row * s.width + column)] = to_byte(sample(
                    c->from + plane, s, middle_row + cosine * y + sine * x, middle_column + cosine * x - sine * y));
            }
    }
}

static void rotate(const canvas *c, const double *numbers)
{
    const double angle = numbers[0] * M_PI / 180;
    resample(c, cos(angle), sin(angle), 0, 0);
}

static void scale(const canvas *c, const double *numbers) { resample(c, 1 / numbers[0], 0, 0, 0); }

static void shift(const canvas *c, const double *numbers) { resample(c, 1, 0, numbers[0], numbers[1]); }

/* Gaussian, by the image's place. */
static void noise(const canvas *c, const double *numbers)
{
    enum { STREAM = 1 << 20 };
    ln_random random =
        ln_random_open(1, LN_FOR_TRANSFORM, (uint32_t)(c->index / STREAM), (uint32_t)(c->index % STREAM));
    for (size_t i = 0; i < pixels_of(c->shape); i++)
        c->to[i] = to_byte(c->from[i] + 255 * numbers[0] * ln_random_normal(&random));
}

static void brightness(const canvas *c, const double *numbers)
{
    for (size_t i = 0; i < pixels_of(c->shape); i++)
        c->to[i] = to_byte(c->from[i] + 255 * numbers[0]);
}

static void contrast(const canvas *c, const double *numbers)
{
    for (size_t i = 0; i < pixels_of(c->shape); i++)
        c->to[i] = to_byte(127.5 + numbers[0] * (c->from[i] - 127.5));
}

static const struct {
    const char *name;
    int numbers;
    double low, high; /* of each number */
    change *apply;
} table[] = {
    {"invert", 0, 0, 0, invert},       {"rotate", 1, -360, 360, rotate}, {"scale", 1, 0.1, 10, scale},
    {"shift", 2, -1024, 1024, shift},  {"noise", 1, 0, 10, noise},       {"brightness", 1, -1, 1, brightness},
    {"contrast", 1, 0, 100, contrast},
};
enum { OPERATIONS = sizeof table / sizeof *table };

const char *const lab_transform_help[] = {
    "invert             255 - pixel",
    "rotate:DEGREES     rotated about the centre, counter-clockwise",
    "scale:TIMES        scaled about the centre",
    "shift:RIGHT:DOWN   moved by this number of pixels",
    "noise:SD           Gaussian noise; 1 is the whole range of a pixel",
    "brightness:BY      added to each pixel; 1 is the whole range",
    "contrast:TIMES     each pixel's distance from the middle grey",
    NULL,
};

/* ------------------------------------------------------------------------------------------------------- the list */

typedef struct operation {
    change *apply;
    double numbers[MOST_NUMBERS];
} operation;

static lenet_status refuse_name(const char *name, lenet_error *error)
{
    const char *names[OPERATIONS + 1] = {NULL};
    for (int i = 0; i < OPERATIONS; i++)
        names[i] = table[i].name;
    const char *near = ln_nearest_name(name, names);
    return ln_fail(error, LENET_USAGE,
                   "transform %s: unknown%s%s; it can be invert, rotate:DEGREES, scale:TIMES, shift:RIGHT:DOWN, "
                   "noise:SD, brightness:BY, "
                   "contrast:TIMES",
                   name, near ? "; did you mean " : "", near ? near : "");
}

static lenet_status read_numbers(const char *word, const char *text, int row, operation *o, lenet_error *error)
{
    for (int i = 0; i < table[row].numbers; i++) {
        char *end = NULL;
        o->numbers[i] = *text == ':' ? strtod(text + 1, &end) : 0;
        if (!end || end == text + 1 || (*end && *end != ':'))
            return ln_fail(error, LENET_USAGE, "transform %s: %d number%s must follow its name, each after a colon",
                           word, table[row].numbers, table[row].numbers == 1 ? "" : "s");
        if (!(o->numbers[i] >= table[row].low && o->numbers[i] <= table[row].high))
            return ln_fail(error, LENET_USAGE, "transform %s: a number must be within %g..%g", word, table[row].low,
                           table[row].high);
        text = end;
    }
    return *text ? ln_fail(error, LENET_USAGE, "transform %s: '%s' is too much", word, text) : LENET_OK;
}

static lenet_status read_operation(const char *word, operation *o, lenet_error *error)
{
    const size_t length = strcspn(word, ":");
    for (int row = 0; row < OPERATIONS; row++)
        if (strlen(table[row].name) == length && !strncmp(word, table[row].name, length)) {
            o->apply = table[row].apply;
            return read_numbers(word, word + length, row, o, error);
        }
    return refuse_name(word, error);
}

static lenet_status read_list(const char *list, operation operations[MOST_OPERATIONS], int *count, lenet_error *error)
{
    *count = 0;
    for (const char *at = list; at;) {
        char word[96];
        const size_t length = strcspn(at, ",");
        if (length >= sizeof word || *count == MOST_OPERATIONS)
            return ln_fail(error, LENET_USAGE, "transform %.40s...: too long", list);
        snprintf(word, sizeof word, "%.*s", (int)length, at);
        const lenet_status status = read_operation(word, &operations[*count], error);
        if (status)
            return status;
        ++*count;
        at = at[length] ? at + length + 1 : NULL;
    }
    return LENET_OK;
}

lenet_status lab_transform_check(const char *list, lenet_error *error)
{
    operation operations[MOST_OPERATIONS];
    int count;
    return read_list(list, operations, &count, error);
}

/* ------------------------------------------------------------------------------------------------------ a data set */

static void change_all(const operation *operations, int count, const lenet_dataset *dataset, uint8_t *images,
                       uint8_t *other)
{
    const lenet_shape shape = lenet_dataset_shape(dataset);
    const size_t size = pixels_of(shape);
    for (size_t i = 0; i < lenet_dataset_count(dataset); i++) {
        uint8_t *image = images + i * size;
        for (int k = 0; k < count; k++) {
            operations[k].apply(&(canvas){shape, i, image, other}, operations[k].numbers);
            memcpy(image, other, size);
        }
    }
}

lenet_status lab_transform_apply(const char *list, lenet_dataset **dataset, lenet_error *error)
{
    operation operations[MOST_OPERATIONS];
    int count;
    lenet_status status = read_list(list, operations, &count, error);
    if (status)
        return status;
    const size_t images = lenet_dataset_count(*dataset), size = pixels_of(lenet_dataset_shape(*dataset));
    uint8_t *changed = malloc(images * size), *other = malloc(size);
    lenet_dataset *made = NULL;
    if (!changed || !other)
        status = ln_fail(error, LENET_FAILURE, "out of memory for %zu images of %zu bytes", images, size);
    if (!status) {
        memcpy(changed, lenet_dataset_images(*dataset), images * size);
        change_all(operations, count, *dataset, changed, other);
        status = lab_dataset_like(&made, *dataset, images, changed, lenet_dataset_labels(*dataset), error);
    }
    free(changed);
    free(other);
    if (!status) {
        lenet_dataset_close(dataset);
        *dataset = made;
    }
    return status;
}
