/* SPDX-License-Identifier: MIT */
/* array.c - see array.h. */
#include "data/array.h"

#include "util/error.h"
#include "util/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LARGEST_SIDE = 1024, QMNIST_COLUMNS = 8 };

lenet_status ln_array_measure(ln_array *a, size_t size, lenet_error *error)
{
    size_t count = 1;
    for (int i = 0; i < a->rank; i++) {
        if (!a->dimensions[i])
            return ln_fail(error, LENET_INPUT, "%s: dimension %d is zero", a->path, i + 1);
        if (count > SIZE_MAX / 8 / a->dimensions[i])
            return ln_fail(error, LENET_INPUT, "%s: declares more elements than memory can be addressed", a->path);
        count *= a->dimensions[i];
    }
    a->count = count;
    const size_t declared = count * (size_t)a->bytes;
    if (size != declared)
        return ln_fail(error, LENET_INPUT, "%s: %s: declares %zu bytes of elements and holds %zu", a->path,
                       size < declared ? "truncated" : "too long", declared, size);
    return LENET_OK;
}

/* ------------------------------------------------------------------------------------------------------- elements */

/* Where the element lies whose place, counted with the last index changing fastest, is `place`. */
static size_t storage_place(const ln_array *a, size_t place)
{
    if (!a->is_fortran)
        return place;
    size_t index[LN_ARRAY_RANK] = {0}, stored = 0;
    for (int i = a->rank - 1; i >= 0; i--) {
        index[i] = place % a->dimensions[i];
        place /= a->dimensions[i];
    }
    for (int i = a->rank - 1; i >= 0; i--)
        stored = stored * a->dimensions[i] + index[i];
    return stored;
}

static double real_of(uint64_t bits, int bytes)
{
    if (bytes == 8) {
        double value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    const uint32_t half = (uint32_t)bits;
    float value;
    memcpy(&value, &half, sizeof value);
    return (double)value;
}

/* Element `place`, counted with the last index changing fastest. Whole numbers beyond 2^53 are rounded. */
static double element_at(const ln_array *a, size_t place)
{
    const unsigned char *from = a->data + storage_place(a, place) * (size_t)a->bytes;
    uint64_t bits = 0;
    for (int i = 0; i < a->bytes; i++)
        bits = bits << 8 | from[a->is_big_endian ? i : a->bytes - 1 - i];
    if (a->element == LN_REAL)
        return real_of(bits, a->bytes);
    if (a->element == LN_BOOL)
        return bits != 0;
    const uint64_t sign = (uint64_t)1 << (8 * a->bytes - 1);
    if (a->element == LN_SIGNED && bits & sign)
        return -(double)(sign - (bits ^ sign)); /* sign - (bits - sign) without overflow */
    return (double)bits;
}

/* --------------------------------------------------------------------------------------------------------- images */

/* Which index of the array is what; -1: it has none. */
typedef struct layout {
    lenet_shape shape;
    size_t count;
    size_t step[3]; /* from a channel, a row, a column to the next; `transposed` exchanges the latter two */
    size_t image;   /* elements of an image */
} layout;

static lenet_status refuse_shape(const ln_array *a, const char *why, lenet_error *error)
{
    char text[96] = "";
    for (int i = 0, used = 0; i < a->rank; i++)
        used += snprintf(text + used, sizeof text - (size_t)used, "%s%zu", i ? ", " : "", a->dimensions[i]);
    return ln_fail(error, LENET_INPUT, "%s: an array of [%s] is no images: %s", a->path, text, why);
}

static int are_channels(size_t dimension) { return dimension == 1 || dimension == 3; }

/* [count][elements] of squares. */
static lenet_status lay_out_rows(const ln_array *a, layout *l, lenet_error *error)
{
    const size_t elements = a->dimensions[1], side = (size_t)(sqrt((double)elements) + 0.5);
    if (side * side != elements || side > LARGEST_SIDE)
        return refuse_shape(
            a, "rows that are no square; reshape it to [count, height, width] or [count, height, width, 3]", error);
    *l = (layout){{1, (int)side, (int)side}, a->dimensions[0], {elements, side, 1}, elements};
    return LENET_OK;
}

static lenet_status lay_out(const ln_array *a, layout *l, lenet_error *error)
{
    const size_t *d = a->dimensions;
    if (a->rank == 2)
        return lay_out_rows(a, l, error);
    if (a->rank != 3 && a->rank != 4)
        return refuse_shape(a, "wanted is [count, height, width] or that with 1 or 3 channels", error);
    const int last = a->rank == 4 && are_channels(d[3]), first = a->rank == 4 && are_channels(d[1]);
    if (a->rank == 4 && last == first)
        return refuse_shape(
            a, last ? "the channels may be the second or the last dimension" : "pictures have 1 or 3 channels", error);
    const size_t channels = last ? d[3] : first ? d[1] : 1, height = d[first ? 2 : 1], width = d[first ? 3 : 2];
    if (height > LARGEST_SIDE || width > LARGEST_SIDE)
        return refuse_shape(a, "height and width must be 1..1024", error);
    *l =
        (layout){{(int)channels, (int)height, (int)width}, d[0], {height * width, width, 1}, channels * height * width};
    if (last)
        l->step[0] = 1, l->step[1] = width * channels, l->step[2] = channels;
    return LENET_OK;
}

/*
 * By what real numbers are multiplied to be bytes: 1 or 255; 0: neither, and *bad is the first value that
 * rules both out.
 */
static double scale_of(const ln_array *a, double *bad)
{
    int are_bytes = 1, are_shares = 1;
    for (size_t i = 0; i < a->count; i++) {
        const double value = element_at(a, i), scaled = 255 * value;
        are_bytes &= value >= 0 && value <= 255 && value == floor(value);
        are_shares &= value >= 0 && value <= 1 && fabs(scaled - floor(scaled + 0.5)) < 1e-3;
        if (!are_bytes && !are_shares)
            return *bad = value, 0;
    }
    return are_shares ? 255 : 1; /* only 0 and 1: black and white */
}

static lenet_status refuse_value(const ln_array *a, double value, lenet_error *error)
{
    if (a->element == LN_REAL)
        return ln_fail(error, LENET_INPUT,
                       "%s: the value %g; pixels are 0..255, or real numbers that are these divided by 255", a->path,
                       value);
    return ln_fail(error, LENET_INPUT, "%s: the value %.0f; pixels are 0..255", a->path, value);
}

/* Finds what values are multiplied by; values must be bytes then. */
static lenet_status find_scale(const ln_array *a, double *scale, lenet_error *error)
{
    double bad = 0;
    *scale = a->element == LN_BOOL ? 255 : 1;
    if (a->element == LN_REAL) {
        *scale = scale_of(a, &bad);
        return *scale > 0 ? LENET_OK : refuse_value(a, bad, error);
    }
    if (a->element == LN_BOOL || (a->element == LN_UNSIGNED && a->bytes == 1))
        return LENET_OK;
    for (size_t i = 0; i < a->count; i++) {
        const double value = element_at(a, i);
        if (value < 0 || value > 255)
            return refuse_value(a, value, error);
    }
    return LENET_OK;
}

static void copy_images(const ln_array *a, const layout *l, double scale, uint8_t *to)
{
    const size_t height = (size_t)l->shape.height, width = (size_t)l->shape.width, channels = (size_t)l->shape.channels;
    const int is_plain = a->element == LN_UNSIGNED && a->bytes == 1 && !a->is_fortran;
    for (size_t i = 0; i < l->count; i++)
        for (size_t c = 0; c < channels; c++)
            for (size_t y = 0; y < height; y++)
                for (size_t x = 0; x < width; x++) {
                    const size_t from = i * l->image + c * l->step[0] + y * l->step[1] + x * l->step[2];
                    *to++ = is_plain ? a->data[from] : (uint8_t)(scale * element_at(a, from) + 0.5);
                }
}

/* Rows become columns: what is read row by row lies column by column. */
static void transpose(layout *l)
{
    const size_t step = l->step[1];
    const int height = l->shape.height;
    l->step[1] = l->step[2], l->step[2] = step;
    l->shape.height = l->shape.width, l->shape.width = height;
}

lenet_status ln_array_images(const ln_array *a, int transposed, lenet_shape *shape, size_t *count, uint8_t **images,
                             lenet_error *error)
{
    layout l = {.count = 0};
    double scale = 1;
    lenet_status status = lay_out(a, &l, error);
    if (!status)
        status = find_scale(a, &scale, error);
    if (status)
        return status;
    if (transposed)
        transpose(&l);
    uint8_t *made = ln_alloc(l.count, l.image);
    if (!made)
        return ln_fail_memory(error, a->path, l.count * l.image);
    copy_images(a, &l, scale, made);
    *images = made, *count = l.count, *shape = l.shape;
    return LENET_OK;
}

/* --------------------------------------------------------------------------------------------------------- labels */

/* The place of the only 1 in a row of zeros; -1: it is no such row. */
static int64_t hot_place(const ln_array *a, size_t row)
{
    const size_t width = a->dimensions[1];
    int64_t place = -1;
    for (size_t i = 0; i < width; i++) {
        const double value = element_at(a, row * width + i);
        if (value == 1 && place < 0)
            place = (int64_t)i;
        else if (value != 0)
            return -1;
    }
    return place;
}

static int are_hot(const ln_array *a)
{
    size_t row = 0;
    while (row < a->dimensions[0] && hot_place(a, row) >= 0)
        row++;
    return row == a->dimensions[0];
}

lenet_status ln_array_labels(const ln_array *a, size_t *count, int64_t **labels, lenet_error *error)
{
    const size_t rows = a->rank ? a->dimensions[0] : 0, width = a->rank == 2 ? a->dimensions[1] : 1;
    if ((a->rank != 1 && a->rank != 2) || width > LENET_MAX_CLASSES)
        return ln_fail(error, LENET_INPUT,
                       "%s: no labels: wanted is one whole number for each image, and it has %d dimensions", a->path,
                       a->rank);
    int64_t *made = ln_alloc(rows, sizeof *made);
    if (!made)
        return ln_fail_memory(error, a->path, rows * sizeof *made);
    const int is_hot = width > 1 && are_hot(a);
    const int is_qmnist = width == QMNIST_COLUMNS && a->element == LN_SIGNED && a->bytes == 4 && a->is_big_endian;
    lenet_status status = LENET_OK;
    if (width > 1 && !is_hot && !is_qmnist)
        status = ln_fail(error, LENET_INPUT,
                         "%s: no labels: %zu numbers for each image, not one of which is 1 and the others 0", a->path,
                         width);
    for (size_t i = 0; i < rows && !status; i++) {
        const double value = is_hot ? (double)hot_place(a, i) : element_at(a, i * width);
        made[i] = value >= -1e15 && value <= 1e15 ? (int64_t)value : -1;
        if ((double)made[i] != value)
            status =
                ln_fail(error, LENET_INPUT, "%s: label %g of image %zu (from 0) is no whole number", a->path, value, i);
    }
    if (status)
        ln_free(made);
    else
        *labels = made, *count = rows;
    return status;
}
