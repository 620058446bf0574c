/* SPDX-License-Identifier: MIT */
/*
 * prepare.c - the steps from a picture to the input of a model.
 *
 * How MNIST was made: a black and white digit was scaled, its proportions kept, so that its larger side fills
 * 20 pixels (which makes grey at the edges), and laid into 28 x 28 with its centre of mass in the middle.
 * Fashion-MNIST was made of photographs on white: cut to the article, the longer side scaled to 28, inverted.
 * Our pictures come from cameras and drawing programs, so paper and ink have to be separated first: paper is what
 * the border is made of. All steps work on 8 bits.
 */
#include "lab/data/prepare.h"

#include "util/error.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A picture larger than so many times the input is brought to that first: it is faster, and specks of dust
 * vanish.
 */
enum { LARGEST = 8 };
/*
 * Where ink begins, as a share of its contrast: above the faintest grey on an even background, well above the
 * noise on another.
 */
enum { FAINT_ON_EVEN = 64, FAINT_ON_NOISY = 8 };
/* Ink as bright as this needs no stretching. */
enum { BRIGHT = 240 };
/* Less contrast than this is no ink at all. */
enum { LEAST_CONTRAST = 24 };

/*
 * MNIST's centres of mass lie on the middle of pixel 14, counted from 0, not on the edge between 13 and 14
 * (measured on its images).
 */
static const double MNIST_OFFSET = 0.5;

/* One preparation: the image as it is so far, and the record. */
typedef struct work {
    lab_image image;
    lenet_shape shape;
    lab_steps *steps;
    const char *path;
    lenet_error *error;
    int background; /* of find_background, after inversion */
    int tolerance;
} work;

__attribute__((format(printf, 2, 3))) static void note(work *w, const char *format, ...)
{
    if (w->steps->count == LAB_STEPS)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(w->steps->text[w->steps->count++], sizeof w->steps->text[0], format, arguments);
    va_end(arguments);
}

lab_style lab_style_of(const char *data, int channels)
{
    if (channels != 1)
        return LAB_STYLE_PHOTO;
    if (data && (!strcmp(data, "fashion-mnist") || !strcmp(data, "kmnist")))
        return LAB_STYLE_ARTICLE;
    return LAB_STYLE_DIGIT;
}

lab_style lab_style_of_model(const lenet_model *model)
{
    const char *prepare = lenet_model_note(model, "prepare");
    return prepare && !strcmp(prepare, "raw")
               ? LAB_STYLE_RAW
               : lab_style_of(lenet_model_note(model, "data"), lenet_model_shape(model).channels);
}

/* ------------------------------------------------------------------------------------------------------ resizing */

/*
 * Adds one source row, weighted, to a row of sums: every output pixel takes the part of every source pixel
 * that it covers.
 */
static void add_row(const uint8_t *row, int channels, int from, int to, double weight, double *sums)
{
    const double scale = (double)from / to;
    for (int x = 0; x < to; x++) {
        const double left = x * scale, right = (x + 1) * scale;
        for (int i = (int)left; i < from && i < right; i++) {
            const double covered = fmin(i + 1, right) - fmax(i, left);
            for (int c = 0; c < channels; c++)
                sums[x * channels + c] += weight * covered * row[i * channels + c];
        }
    }
}

lenet_status lab_resize(const lab_image *image, lab_box box, int to_width, int to_height, lab_image *resized,
                        const char *path, lenet_error *error)
{
    const int channels = image->channels;
    lab_image made;
    const lenet_status status = lab_image_create(&made, to_width, to_height, channels, path, error);
    if (status)
        return status;
    const size_t row_size = (size_t)to_width * (size_t)channels;
    double *sums = malloc(row_size * sizeof *sums);
    if (!sums) {
        lab_image_close(&made);
        return ln_fail(error, LENET_FAILURE, "%s: out of memory", path);
    }
    const double scale = (double)box.height / to_height, area = scale * box.width / to_width;
    for (int y = 0; y < to_height; y++) {
        const double top = y * scale, bottom = (y + 1) * scale;
        memset(sums, 0, row_size * sizeof *sums);
        for (int i = (int)top; i < box.height && i < bottom; i++) {
            const size_t at = (size_t)(box.top + i) * (size_t)image->width + (size_t)box.left;
            add_row(image->pixels + at * (size_t)channels, channels, box.width, to_width,
                    fmin(i + 1, bottom) - fmax(i, top), sums);
        }
        for (size_t x = 0; x < row_size; x++)
            made.pixels[(size_t)y * row_size + x] = (uint8_t)fmin(255, sums[x] / area + 0.5);
    }
    free(sums);
    *resized = made;
    return LENET_OK;
}

static lenet_status resize_work(work *w, lab_box box, int width, int height)
{
    lab_image resized;
    const lenet_status status = lab_resize(&w->image, box, width, height, &resized, w->path, w->error);
    if (status)
        return status;
    lab_image_close(&w->image);
    w->image = resized;
    return LENET_OK;
}

static lab_box whole(const lab_image *image) { return (lab_box){0, 0, image->width, image->height}; }

/* `size` scaled by `to` / `from`, at least one pixel. */
static int scaled(int size, int to, int from)
{
    const int result = (int)(((int64_t)size * to * 2 + from) / (2 * (int64_t)from));
    return result > 1 ? result : 1;
}

/* ------------------------------------------------------------------------------------------------------- colours */

/* A copy of `image` with as many channels as the model wants. */
static lenet_status convert_colours(work *w, const lab_image *image)
{
    const lenet_status status =
        lab_image_create(&w->image, image->width, image->height, w->shape.channels, w->path, w->error);
    if (status)
        return status;
    const size_t count = (size_t)image->width * (size_t)image->height;
    const uint8_t *from = image->pixels;
    uint8_t *to = w->image.pixels;
    if (image->channels == w->shape.channels) {
        memcpy(to, from, count * (size_t)image->channels);
    } else if (image->channels == 3) {
        note(w, "made grey: 0.299 red + 0.587 green + 0.114 blue");
        for (size_t i = 0; i < count; i++, from += 3)
            to[i] = (uint8_t)((299 * from[0] + 587 * from[1] + 114 * from[2] + 500) / 1000);
    } else {
        note(w, "grey, taken as red, green and blue");
        for (size_t i = 0; i < 3 * count; i++)
            to[i] = from[i / 3];
    }
    return LENET_OK;
}

/* The median of a histogram of `count` values. */
static int median(const size_t histogram[256], size_t count)
{
    size_t seen = 0;
    for (int value = 0; value < 255; value++) {
        seen += histogram[value];
        if (2 * seen >= count)
            return value;
    }
    return 255;
}

/*
 * Counts the values on the border, a fiftieth of the smaller side wide, at least one pixel. Returns how many
 * there are.
 */
static size_t count_border(const lab_image *image, size_t histogram[256])
{
    const int w = image->width, h = image->height, smaller = w < h ? w : h, width = smaller < 100 ? 1 : smaller / 50;
    size_t count = 0;
    memset(histogram, 0, 256 * sizeof *histogram);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            if (y < width || y >= h - width || x < width || x >= w - width) {
                histogram[image->pixels[(size_t)y * (size_t)w + (size_t)x]]++;
                count++;
            }
    return count;
}

/*
 * Paper is what most of the border shows. Its spread there (three times the median deviation: noise, uneven
 * light) is what any other place may differ from it and still be paper; where ink touches less than half of
 * the border it does not disturb either.
 */
static void find_background(work *w)
{
    size_t histogram[256], deviations[256] = {0};
    const size_t count = count_border(&w->image, histogram);
    const int paper = median(histogram, count);
    for (int value = 0; value < 256; value++)
        deviations[abs(value - paper)] += histogram[value];
    w->tolerance = 3 * median(deviations, count);
    w->background = paper;
    if (paper < 128) {
        note(w, "background dark (%d of 255 at the border): not inverted", paper);
        return;
    }
    note(w, "background light (%d of 255 at the border): inverted", paper);
    w->background = 255 - paper;
    for (size_t i = 0; i < (size_t)w->image.width * (size_t)w->image.height; i++)
        w->image.pixels[i] = (uint8_t)(255 - w->image.pixels[i]);
}

static int brightest(const lab_image *image)
{
    int peak = 0;
    for (size_t i = 0; i < (size_t)image->width * (size_t)image->height; i++)
        if (image->pixels[i] > peak)
            peak = image->pixels[i];
    return peak;
}

/* Maps low..high to 0..255. */
static void stretch(lab_image *image, int low, int high)
{
    for (size_t i = 0; i < (size_t)image->width * (size_t)image->height; i++) {
        const int above = image->pixels[i] > low ? image->pixels[i] - low : 0, span = high - low;
        image->pixels[i] = (uint8_t)(above >= span ? 255 : (2 * 255 * above + span) / (2 * span));
    }
}

/*
 * Makes the background black. Ink becomes white at its brightest; the greys of an article mean something and
 * are kept.
 */
static lenet_status clear_background(work *w, lab_style style)
{
    const int peak = brightest(&w->image), contrast = peak - w->background;
    if (contrast < LEAST_CONTRAST)
        return ln_fail(w->error, LENET_INPUT,
                       "%s: nothing on it but background (%d at the border, %d at most elsewhere)", w->path,
                       w->background, peak);
    const int low = w->background + (w->tolerance < contrast / 2 ? w->tolerance : contrast / 2);
    const int high = style == LAB_STYLE_DIGIT && peak < BRIGHT ? peak : 255;
    if (low == 0 && high == 255)
        return LENET_OK;
    note(w, "contrast stretched: %d..%d became 0..255", low, high);
    stretch(&w->image, low, high);
    return LENET_OK;
}

/* ----------------------------------------------------------------------------------------------- cutting, placing */

/* The smallest box around all that is brighter than `faint`; something is. */
static lab_box box_of_ink(const lab_image *image, int faint)
{
    int left = image->width, right = 0, top = image->height, bottom = 0;
    for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++)
            if (image->pixels[(size_t)y * (size_t)image->width + (size_t)x] > faint) {
                left = x < left ? x : left;
                right = x >= right ? x + 1 : right;
                top = y < top ? y : top;
                bottom = y + 1;
            }
    return (lab_box){left, top, right - left, bottom - top};
}

/* Cuts to the ink and scales it so that its larger side has `side` pixels. */
static lenet_status fit_ink(work *w, int side)
{
    const lab_box box = box_of_ink(&w->image, 255 / (w->tolerance ? FAINT_ON_NOISY : FAINT_ON_EVEN));
    const int larger = box.width > box.height ? box.width : box.height;
    const int width = scaled(box.width, side, larger), height = scaled(box.height, side, larger);
    note(w, "cut to %d x %d at (%d, %d), where the ink is, and scaled to %d x %d", box.width, box.height, box.left,
         box.top, width, height);
    return resize_work(w, box, width, height);
}

/* The centre of mass, in pixels from the upper left corner of the image. */
static void centre_of_mass(const lab_image *image, double *x, double *y)
{
    double sum = 0, sum_x = 0, sum_y = 0;
    for (int row = 0; row < image->height; row++)
        for (int column = 0; column < image->width; column++) {
            const double mass = image->pixels[(size_t)row * (size_t)image->width + (size_t)column];
            sum += mass;
            sum_x += mass * (column + 0.5);
            sum_y += mass * (row + 0.5);
        }
    *x = sum > 0 ? sum_x / sum : image->width / 2.0;
    *y = sum > 0 ? sum_y / sum : image->height / 2.0;
}

/*
 * Where a piece of `size` begins so that its point `middle` comes to `target`, and none of it falls out of
 * `room`.
 */
static int place(double middle, int size, double target, int room)
{
    const int at = (int)lround(target - middle);
    return at < 0 ? 0 : at > room - size ? room - size : at;
}

/*
 * Lays the image on a black one of the model's size, its point (x, y) `offset` pixels right of and below the
 * middle.
 */
static lenet_status lay_out(work *w, double x, double y, double offset)
{
    lab_image laid;
    const lenet_status status = lab_image_create(&laid, w->shape.width, w->shape.height, 1, w->path, w->error);
    if (status)
        return status;
    const int left = place(x, w->image.width, laid.width / 2.0 + offset, laid.width);
    const int top = place(y, w->image.height, laid.height / 2.0 + offset, laid.height);
    for (int row = 0; row < w->image.height; row++)
        memcpy(laid.pixels + (size_t)(top + row) * (size_t)laid.width + (size_t)left,
               w->image.pixels + (size_t)row * (size_t)w->image.width, (size_t)w->image.width);
    lab_image_close(&w->image);
    w->image = laid;
    return LENET_OK;
}

/* --------------------------------------------------------------------------------------------------------- styles */

static lenet_status shrink(work *w)
{
    const int larger = w->image.width > w->image.height ? w->image.width : w->image.height;
    const int most = LARGEST * (w->shape.width < w->shape.height ? w->shape.width : w->shape.height);
    if (larger <= most)
        return LENET_OK;
    const int width = scaled(w->image.width, most, larger), height = scaled(w->image.height, most, larger);
    note(w, "scaled down from %d x %d to %d x %d", w->image.width, w->image.height, width, height);
    return resize_work(w, whole(&w->image), width, height);
}

static lenet_status prepare_ink(work *w, lab_style style)
{
    const int room = w->shape.width < w->shape.height ? w->shape.width : w->shape.height;
    lenet_status status = shrink(w);
    if (status)
        return status;
    find_background(w);
    status = clear_background(w, style);
    if (status)
        return status;
    status = fit_ink(w, style == LAB_STYLE_DIGIT ? scaled(room, 20, 28) : room);
    if (status)
        return status;
    double x = w->image.width / 2.0, y = w->image.height / 2.0;
    if (style == LAB_STYLE_DIGIT) {
        const int peak = brightest(&w->image);
        if (peak > 0 && peak < BRIGHT) {
            note(w, "thin strokes brightened: 0..%d became 0..255", peak);
            stretch(&w->image, 0, peak);
        }
        centre_of_mass(&w->image, &x, &y);
    }
    note(w, "laid on black, its %s in the middle of %d x %d", style == LAB_STYLE_DIGIT ? "centre of mass" : "centre",
         w->shape.width, w->shape.height);
    return lay_out(w, x, y, style == LAB_STYLE_DIGIT ? MNIST_OFFSET : 0);
}

static lenet_status prepare_photo(work *w)
{
    lab_box box = whole(&w->image);
    if ((int64_t)box.width * w->shape.height > (int64_t)box.height * w->shape.width)
        box.width = scaled(box.height, w->shape.width, w->shape.height);
    else
        box.height = scaled(box.width, w->shape.height, w->shape.width);
    box.left = (w->image.width - box.width) / 2;
    box.top = (w->image.height - box.height) / 2;
    if (box.width != w->image.width || box.height != w->image.height)
        note(w, "cut to its middle, %d x %d of %d x %d", box.width, box.height, w->image.width, w->image.height);
    if (box.width != w->shape.width || box.height != w->shape.height)
        note(w, "scaled from %d x %d to %d x %d", box.width, box.height, w->shape.width, w->shape.height);
    return resize_work(w, box, w->shape.width, w->shape.height);
}

static lenet_status prepare_raw(work *w)
{
    if (w->image.width != w->shape.width || w->image.height != w->shape.height)
        note(w, "resized from %d x %d to %d x %d", w->image.width, w->image.height, w->shape.width, w->shape.height);
    return resize_work(w, whole(&w->image), w->shape.width, w->shape.height);
}

/* [height][width][channels] to [channels][height][width]. */
static void write_planes(const lab_image *image, uint8_t *pixels)
{
    const size_t count = (size_t)image->width * (size_t)image->height, channels = (size_t)image->channels;
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < channels; c++)
            pixels[c * count + i] = image->pixels[i * channels + c];
}

lenet_status lab_prepare(const lab_image *image, lab_style style, lenet_shape shape, uint8_t *pixels, lab_steps *steps,
                         const char *path, lenet_error *error)
{
    *steps = (lab_steps){.count = 0};
    if (shape.channels != 1 && shape.channels != 3)
        return ln_fail(error, LENET_USAGE, "%s: the model needs images of %d channels; pictures have 1 or 3", path,
                       shape.channels);
    work w = {.shape = shape, .steps = steps, .path = path, .error = error};
    lenet_status status = convert_colours(&w, image);
    if (!status && style == LAB_STYLE_RAW)
        status = prepare_raw(&w);
    else if (!status && (style == LAB_STYLE_PHOTO || shape.channels == 3))
        status = prepare_photo(&w);
    else if (!status)
        status = prepare_ink(&w, style);
    if (!status)
        write_planes(&w.image, pixels);
    if (!status && !steps->count)
        note(&w, "used as it is");
    lab_image_close(&w.image);
    return status;
}
