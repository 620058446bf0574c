/* SPDX-License-Identifier: MIT */
/*
 * tiff.c - TIFF files, by libtiff: the first picture, of 1, 2, 4, 8 or 16 bits a sample, with every compression that
 * libtiff was built with. Only built where libtiff is.
 *
 * Grey and RGB of 8 or 16 bits are read as samples: lab_narrow has to see 16 bits, and alpha is exact. libtiff makes
 * RGBA of all other kinds by itself. Messages of libtiff go to this decoding alone, never to a global handler.
 */
#include "lab/pictures/codec.h"
#include "util/error.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

enum { LARGEST_PIECE = 4 * LAB_IMAGE_PIXELS }; /* bytes that libtiff may allocate at once */

typedef struct decoder {
    const lab_coded *file;
    uint64_t at;
    TIFF *tiff;
    uint32_t width, height;
    uint16_t bits, samples, photometric, planar, orientation, format;
    bool is_in_pixels; /* from here on a warning of libtiff is a loss, too */
    char reason[160];
} decoder;

/* ------------------------------------------------------------------------------------------- the file for libtiff */

static tmsize_t read_bytes(thandle_t handle, void *bytes, tmsize_t count)
{
    decoder *d = handle;
    const uint64_t left = d->at < d->file->size ? d->file->size - d->at : 0;
    const uint64_t got = count < 0 ? 0 : (uint64_t)count < left ? (uint64_t)count : left;
    memcpy(bytes, d->file->data + (got ? d->at : 0), got);
    d->at += got;
    return (tmsize_t)got;
}

static tmsize_t write_nothing(thandle_t handle, void *bytes, tmsize_t count)
{
    (void)handle;
    (void)bytes;
    (void)count;
    return -1;
}

static toff_t seek_to(thandle_t handle, toff_t offset, int from)
{
    decoder *d = handle;
    d->at = offset + (from == SEEK_CUR ? d->at : from == SEEK_END ? d->file->size : 0);
    return d->at;
}

static int close_nothing(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t size_of(thandle_t handle) { return ((decoder *)handle)->file->size; }

/* libtiff reads from the memory itself, and never writes there. Its reads by read_bytes fail on some sound files. */
static int map_file(thandle_t handle, void **base, toff_t *size)
{
    const decoder *d = handle;
    *base = (void *)(uintptr_t)d->file->data;
    *size = d->file->size;
    return 1;
}

static void unmap_nothing(thandle_t handle, void *base, toff_t size)
{
    (void)handle;
    (void)base;
    (void)size;
}

__attribute__((format(printf, 4, 0))) static int on_error(TIFF *tiff, void *context, const char *module,
                                                          const char *format, va_list arguments)
{
    decoder *d = context;
    (void)tiff;
    (void)module;
    if (!*d->reason)
        vsnprintf(d->reason, sizeof d->reason, format, arguments);
    return 1;
}

__attribute__((format(printf, 4, 0))) static int on_warning(TIFF *tiff, void *context, const char *module,
                                                            const char *format, va_list arguments)
{
    return ((decoder *)context)->is_in_pixels ? on_error(tiff, context, module, format, arguments) : 1;
}

static lenet_status open_tiff(decoder *d)
{
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (!options)
        return ln_fail(d->file->error, LENET_FAILURE, "%s: out of memory", d->file->path);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, LARGEST_PIECE);
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, d);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, d);
    d->tiff = TIFFClientOpenExt(d->file->path, "r", d, read_bytes, write_nothing, seek_to, close_nothing, size_of,
                                map_file, unmap_nothing, options);
    TIFFOpenOptionsFree(options);
    if (!d->tiff)
        return ln_fail(d->file->error, LENET_INPUT, "%s: truncated or damaged TIFF: %s", d->file->path, d->reason);
    return LENET_OK;
}

static lenet_status read_tags(decoder *d)
{
    TIFFGetField(d->tiff, TIFFTAG_IMAGEWIDTH, &d->width);
    TIFFGetField(d->tiff, TIFFTAG_IMAGELENGTH, &d->height);
    TIFFGetFieldDefaulted(d->tiff, TIFFTAG_BITSPERSAMPLE, &d->bits);
    TIFFGetFieldDefaulted(d->tiff, TIFFTAG_SAMPLESPERPIXEL, &d->samples);
    TIFFGetFieldDefaulted(d->tiff, TIFFTAG_PLANARCONFIG, &d->planar);
    TIFFGetFieldDefaulted(d->tiff, TIFFTAG_ORIENTATION, &d->orientation);
    TIFFGetFieldDefaulted(d->tiff, TIFFTAG_SAMPLEFORMAT, &d->format);
    if (!TIFFGetField(d->tiff, TIFFTAG_PHOTOMETRIC, &d->photometric))
        d->photometric = PHOTOMETRIC_MINISWHITE; /* as libtiff takes it */
    if (d->format != SAMPLEFORMAT_UINT && d->format != SAMPLEFORMAT_VOID)
        return ln_fail(d->file->error, LENET_INPUT, "%s: a TIFF of signed or floating-point numbers is not read here",
                       d->file->path);
    return lab_check_size(d->width, d->height, d->file->path, d->file->error);
}

/* -------------------------------------------------------------------------------------------------------- samples */

static bool is_grey(const decoder *d)
{
    return d->photometric == PHOTOMETRIC_MINISBLACK || d->photometric == PHOTOMETRIC_MINISWHITE;
}

/* Grey or RGB, perhaps with one more sample, side by side. */
static bool has_whole_samples(const decoder *d)
{
    const unsigned colours = is_grey(d) ? 1 : d->photometric == PHOTOMETRIC_RGB ? 3 : 0;
    return (d->bits == 8 || d->bits == 16) && colours && (d->samples == colours || d->samples == colours + 1) &&
           (d->planar == PLANARCONFIG_CONTIG || d->samples == 1);
}

static size_t pixel_size(const decoder *d) { return (size_t)d->samples * d->bits / 8; }

/* A tile, or a strip, which is a tile as wide as the picture. */
typedef struct tiles {
    uint32_t width, height;
    bool are_strips;
    tmsize_t size;
} tiles;

static tiles tiles_of(const decoder *d)
{
    tiles t = {d->width, d->height, !TIFFIsTiled(d->tiff), 0};
    if (t.are_strips) {
        TIFFGetFieldDefaulted(d->tiff, TIFFTAG_ROWSPERSTRIP, &t.height);
        t.height = t.height && t.height < d->height ? t.height : d->height;
        t.size = TIFFStripSize(d->tiff);
    } else {
        TIFFGetField(d->tiff, TIFFTAG_TILEWIDTH, &t.width);
        TIFFGetField(d->tiff, TIFFTAG_TILELENGTH, &t.height);
        t.size = TIFFTileSize(d->tiff);
    }
    return t;
}

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Copies the part of a tile that lies in the picture. */
static bool read_tile(decoder *d, const tiles *t, uint32_t x, uint32_t y, uint8_t *tile, uint8_t *samples)
{
    const size_t pixel = pixel_size(d), stride = t->width * pixel;
    const uint32_t columns = smaller(t->width, d->width - x), rows = smaller(t->height, d->height - y);
    const tmsize_t got = t->are_strips ? TIFFReadEncodedStrip(d->tiff, TIFFComputeStrip(d->tiff, y, 0), tile, t->size)
                                       : TIFFReadTile(d->tiff, tile, x, y, 0, 0);
    if (got < 0 || (size_t)got < stride * rows)
        return false;
    for (uint32_t row = 0; row < rows; row++)
        memcpy(samples + ((size_t)(y + row) * d->width + x) * pixel, tile + row * stride, columns * pixel);
    return true;
}

static bool read_tiles(decoder *d, uint8_t *samples)
{
    const tiles t = tiles_of(d);
    if (!t.width || !t.height || t.size <= 0 || t.size > LARGEST_PIECE)
        return false;
    uint8_t *tile = malloc((size_t)t.size);
    bool is_read = tile != NULL;
    for (uint32_t y = 0; y < d->height && is_read; y += smaller(t.height, d->height - y))
        for (uint32_t x = 0; x < d->width && is_read; x += smaller(t.width, d->width - x))
            is_read = read_tile(d, &t, x, y, tile, samples);
    free(tile);
    return is_read;
}

/* ---------------------------------------------------------------------------------------------------------- alpha */

/* What is multiplied by alpha is divided by it, as codec.h promises. */
static void divide_by_alpha(lab_image *image)
{
    const size_t stride = (size_t)image->channels, pixels = (size_t)image->width * (size_t)image->height;
    for (size_t i = 0; i < pixels; i++) {
        uint8_t *pixel = image->pixels + i * stride;
        const unsigned alpha = pixel[stride - 1];
        for (size_t c = 0; alpha && c + 1 < stride; c++) {
            const unsigned value = (pixel[c] * 255U + alpha / 2) / alpha;
            pixel[c] = (uint8_t)(value < 255 ? value : 255);
        }
    }
}

/* The last of two or four samples is alpha if the file declares it, else it is ignored. */
static void settle_alpha(const decoder *d, lab_image *image)
{
    uint16_t count = 0, *kinds = NULL;
    const size_t stride = (size_t)image->channels, pixels = (size_t)image->width * (size_t)image->height;
    const bool is_said = TIFFGetField(d->tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds) && count && kinds;
    if (is_said && *kinds == EXTRASAMPLE_ASSOCALPHA)
        divide_by_alpha(image);
    else if (!is_said || *kinds != EXTRASAMPLE_UNASSALPHA)
        for (size_t i = 0; i < pixels; i++)
            image->pixels[(i + 1) * stride - 1] = 255;
}

static void invert_grey(lab_image *image)
{
    const size_t stride = (size_t)image->channels, pixels = (size_t)image->width * (size_t)image->height;
    for (size_t i = 0; i < pixels; i++)
        image->pixels[i * stride] = (uint8_t)(255 - image->pixels[i * stride]);
}

static lenet_status read_samples(decoder *d, lab_image *image)
{
    const size_t pixels = (size_t)d->width * d->height;
    uint8_t *samples = calloc(pixels, pixel_size(d));
    if (!samples)
        return ln_fail(d->file->error, LENET_FAILURE, "%s: out of memory", d->file->path);
    if (!read_tiles(d, samples) && !*d->reason)
        snprintf(d->reason, sizeof d->reason, "samples are missing");
    if (d->bits == 16)
        lab_narrow((const uint16_t *)(void *)samples, pixels, d->samples, 0, samples);
    *image = (lab_image){(int)d->width, (int)d->height, d->samples, samples};
    if (d->photometric == PHOTOMETRIC_MINISWHITE)
        invert_grey(image);
    if (d->samples % 2 == 0)
        settle_alpha(d, image);
    return LENET_OK;
}

/* ---------------------------------------------------------------------------------------------------- other kinds */

/* libtiff gives 0xAABBGGRR, multiplied by alpha. Its own orientation is asked for, so that it turns nothing. */
static lenet_status read_rgba(decoder *d, lab_image *image)
{
    lenet_status status = lab_image_create(image, (int)d->width, (int)d->height, 4, d->file->path, d->file->error);
    if (status)
        return status;
    uint32_t *raster = (uint32_t *)(void *)image->pixels;
    if (!TIFFReadRGBAImageOriented(d->tiff, d->width, d->height, raster, d->orientation, 1) && !*d->reason)
        snprintf(d->reason, sizeof d->reason, "samples are missing");
    const size_t pixels = (size_t)d->width * d->height;
    for (size_t i = 0; i < pixels; i++) {
        const uint32_t value = raster[i];
        for (int c = 0; c < 4; c++)
            image->pixels[4 * i + (size_t)c] = (uint8_t)(value >> 8 * c);
    }
    if (!is_grey(d)) {
        divide_by_alpha(image);
        return LENET_OK;
    }
    for (size_t i = 0; i < pixels; i++) /* grey of fewer than 8 bits needs one of the four */
        image->pixels[i] = image->pixels[4 * i];
    image->channels = 1;
    return LENET_OK;
}

lenet_status lab_tiff_decode(lab_stored *stored, const lab_coded *file)
{
    decoder d = {.file = file};
    lenet_status status = open_tiff(&d);
    if (!status)
        status = read_tags(&d);
    d.is_in_pixels = true;
    if (!status)
        status = has_whole_samples(&d) ? read_samples(&d, &stored->image) : read_rgba(&d, &stored->image);
    if (!status && *d.reason)
        status = ln_fail(file->error, LENET_INPUT, "%s: damaged TIFF, or of a kind that is not read here: %s",
                         file->path, d.reason);
    stored->orientation = d.orientation >= 1 && d.orientation <= 8 ? d.orientation : 1;
    if (d.tiff)
        TIFFClose(d.tiff);
    return status;
}
