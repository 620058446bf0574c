/* SPDX-License-Identifier: MIT */
/*
 * jpeg.c - JPEG files, by libjpeg-turbo.
 *
 * libjpeg reports an error by calling error_exit, which must not return: it jumps back to the one setjmp in
 * decode_pixels. What that function owns lies in a struct of its caller, so that no local variable is lost in the
 * jump. libjpeg goes on after damage with a warning and grey pixels; here damage is an error, and only warnings that
 * cost no pixel are let pass.
 */
#include "lab/jpeg.h"

#include "lab/error.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h> /* after stdio.h, which it needs */

#include <jerror.h>

enum { MAX_SCANS = 500 }; /* a progressive file with more is an attack on our time */

/*
 * One decoding. The members that libjpeg knows come first in their structs, so that a pointer to them is one to
 * ours.
 */
typedef struct decoder {
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    struct jpeg_decompress_struct jpeg;
    jmp_buf failed;
    char reason[JMSG_LENGTH_MAX];
    const char *path;
    lab_image image;
    int orientation;
    uint8_t *cmyk; /* one row */
    lenet_error *error;
    lenet_status status;
} decoder;

static decoder *decoder_of(j_common_ptr jpeg) { return (decoder *)(void *)jpeg->err; }

__attribute__((noreturn)) static void stop(j_common_ptr jpeg)
{
    decoder *d = decoder_of(jpeg);
    d->errors.format_message(jpeg, d->reason);
    longjmp(d->failed, 1);
}

/* Level -1 is a warning of damage; above are traces. */
static void judge_message(j_common_ptr jpeg, int level)
{
    const int code = decoder_of(jpeg)->errors.msg_code;
    if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_ADOBE_XFORM && code != JWRN_JFIF_MAJOR)
        stop(jpeg);
}

static void watch_scans(j_common_ptr jpeg)
{
    decoder *d = decoder_of(jpeg);
    if (jpeg->is_decompressor && d->jpeg.input_scan_number > MAX_SCANS) {
        snprintf(d->reason, sizeof d->reason, "more than %d scans", MAX_SCANS);
        longjmp(d->failed, 1);
    }
}

/* ---------------------------------------------------------------------------------------------- EXIF orientation */

static unsigned exif_number(const uint8_t *bytes, int count, int is_little)
{
    unsigned number = 0;
    for (int i = 0; i < count; i++)
        number = number << 8 | bytes[is_little ? count - 1 - i : i];
    return number;
}

/*
 * The orientation 1..8 that a camera noted, 1 if there is none or it makes no sense. EXIF is a TIFF file after six
 * bytes: byte order "II" or "MM", 42, the offset of a table; there, a count and rows of 12 bytes: tag (0x0112 for
 * orientation), type, count, value.
 */
static int exif_orientation(const uint8_t *data, size_t size)
{
    if (size < 14 || memcmp(data, "Exif\0", 6) != 0)
        return 1;
    data += 6;
    size -= 6;
    const int is_little = data[0] == 'I';
    const size_t table = exif_number(data + 4, 4, is_little);
    if (table > size - 2)
        return 1;
    const size_t rows = exif_number(data + table, 2, is_little);
    for (size_t i = 0; i < rows && (size - table - 2) / 12 > i; i++) {
        const uint8_t *row = data + table + 2 + 12 * i;
        const unsigned value = exif_number(row + 8, 2, is_little);
        if (exif_number(row, 2, is_little) == 0x0112)
            return value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}

static int orientation_of(const struct jpeg_decompress_struct *jpeg)
{
    for (const struct jpeg_marker_struct *marker = jpeg->marker_list; marker; marker = marker->next)
        if (marker->marker == JPEG_APP0 + 1 && marker->data_length >= 14 && !memcmp(marker->data, "Exif\0", 6))
            return exif_orientation(marker->data, marker->data_length);
    return 1;
}

/*
 * Turns the image the right way up. In the orientations 5..8 rows and columns change places. For each pixel (x, y)
 * of the result, (column, row) is where it was stored.
 */
static lenet_status turn(lab_image *image, int orientation, const char *path, lenet_error *error)
{
    if (orientation == 1)
        return LENET_OK;
    const int swap = orientation >= 5, w = image->width, h = image->height;
    lab_image turned;
    const lenet_status status = lab_image_create(&turned, swap ? h : w, swap ? w : h, image->channels, path, error);
    if (status)
        return status;
    const int flip_column = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    const int flip_row = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    const size_t pixel = (size_t)image->channels;
    for (int y = 0; y < turned.height; y++)
        for (int x = 0; x < turned.width; x++) {
            const int column = swap ? y : x, row = swap ? x : y;
            const size_t from =
                (size_t)(flip_row ? h - 1 - row : row) * (size_t)w + (size_t)(flip_column ? w - 1 - column : column);
            memcpy(turned.pixels + ((size_t)y * (size_t)turned.width + (size_t)x) * pixel, image->pixels + from * pixel,
                   pixel);
        }
    lab_image_close(image);
    *image = turned;
    return LENET_OK;
}

/* ------------------------------------------------------------------------------------------------------ decoding */

/* Ink on paper to light. Adobe's programs store the four colours inverted, and say so by their marker. */
static void convert_cmyk(const uint8_t *cmyk, int width, int inverted, uint8_t *rgb)
{
    for (int x = 0; x < width; x++, cmyk += 4, rgb += 3)
        for (int c = 0; c < 3; c++) {
            const int light = inverted ? cmyk[c] : 255 - cmyk[c];
            const int paper = inverted ? cmyk[3] : 255 - cmyk[3];
            rgb[c] = (uint8_t)((light * paper + 127) / 255);
        }
}

static void choose_colours(struct jpeg_decompress_struct *jpeg)
{
    if (jpeg->jpeg_color_space == JCS_GRAYSCALE)
        jpeg->out_color_space = JCS_GRAYSCALE;
    else if (jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK)
        jpeg->out_color_space = JCS_CMYK;
    else
        jpeg->out_color_space = JCS_RGB;
    jpeg->dct_method = JDCT_ISLOW; /* exact, and the same everywhere */
}

static void read_rows(decoder *d)
{
    struct jpeg_decompress_struct *jpeg = &d->jpeg;
    const size_t stride = (size_t)d->image.width * (size_t)d->image.channels;
    while (jpeg->output_scanline < jpeg->output_height) {
        uint8_t *row = d->image.pixels + jpeg->output_scanline * stride;
        JSAMPROW into = d->cmyk ? d->cmyk : row;
        if (jpeg_read_scanlines(jpeg, &into, 1) == 1 && d->cmyk)
            convert_cmyk(d->cmyk, d->image.width, jpeg->saw_Adobe_marker, row);
    }
}

/* Fills d->image, or d->reason or d->status. The only function that is jumped into. */
static void decode_pixels(decoder *d, const uint8_t *data, size_t size)
{
    struct jpeg_decompress_struct *jpeg = &d->jpeg;
    if (setjmp(d->failed))
        return;
    jpeg_create_decompress(jpeg);
    jpeg->progress = &d->progress;
    jpeg_mem_src(jpeg, data, (unsigned long)size);
    jpeg_save_markers(jpeg, JPEG_APP0 + 1, 0xffff);
    jpeg_read_header(jpeg, TRUE);
    d->orientation = orientation_of(jpeg); /* now: the end of the file takes the markers away */
    choose_colours(jpeg);
    const int channels = jpeg->out_color_space == JCS_GRAYSCALE ? 1 : 3;
    d->status =
        lab_image_create(&d->image, (int)jpeg->image_width, (int)jpeg->image_height, channels, d->path, d->error);
    if (d->status)
        return;
    if (jpeg->out_color_space == JCS_CMYK && !(d->cmyk = malloc((size_t)d->image.width * 4))) {
        d->status = lab_fail(d->error, LENET_FAILURE, "%s: out of memory", d->path);
        return;
    }
    jpeg_start_decompress(jpeg);
    read_rows(d);
    jpeg_finish_decompress(jpeg);
}

lenet_status lab_jpeg_decode(lab_image *image, const uint8_t *data, size_t size, const char *path, lenet_error *error)
{
    decoder d;
    memset(&d, 0, sizeof d);
    d.path = path;
    d.error = error;
    d.jpeg.err = jpeg_std_error(&d.errors);
    d.errors.error_exit = stop;
    d.errors.emit_message = judge_message;
    d.progress.progress_monitor = watch_scans;
    decode_pixels(&d, data, size);
    if (!d.status && *d.reason)
        d.status = lab_fail(error, LENET_INPUT, "%s: truncated or damaged JPEG: %s", path, d.reason);
    if (!d.status)
        d.status = turn(&d.image, d.orientation, path, error);
    jpeg_destroy_decompress(&d.jpeg);
    free(d.cmyk);
    if (d.status)
        lab_image_close(&d.image);
    else
        *image = d.image;
    return d.status;
}
