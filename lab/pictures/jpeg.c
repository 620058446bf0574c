/* SPDX-License-Identifier: MIT */
/*
 * jpeg.c - JPEG files, by libjpeg-turbo.
 *
 * libjpeg reports an error by calling error_exit, which must not return: it jumps back to the one setjmp in
 * decode_pixels. What that function owns lies in a struct of its caller, so that no local variable is lost in the
 * jump. libjpeg goes on after damage with a warning and grey pixels; here damage is an error, and only warnings that
 * cost no pixel are let pass.
 */
#include "lab/pictures/codec.h"
#include "util/error.h"

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
    const lab_coded *file;
    lab_stored *stored;
    uint8_t *cmyk; /* one row */
    lenet_status status;
} decoder;

static decoder *decoder_of(j_common_ptr jpeg) { return (decoder *)(void *)jpeg->err; }

__attribute__((noreturn)) static void stop(j_common_ptr jpeg)
{
    decoder *d = decoder_of(jpeg);
    d->errors.format_message(jpeg, d->reason);
    longjmp(d->failed, 1);
}

/*
 * Warnings that cost no pixel: bytes between segments that nothing needs; an unknown colour transform or version,
 * where the standard one is used; a sequential file whose scan header has the spectral range of a progressive one,
 * which some phones write and which has no meaning there. All others are of data that is missing or makes no sense.
 */
static int is_harmless(int code)
{
    return code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR ||
           code == JWRN_NOT_SEQUENTIAL;
}

/* Level -1 is a warning; above are traces. */
static void judge_message(j_common_ptr jpeg, int level)
{
    if (level < 0 && !is_harmless(decoder_of(jpeg)->errors.msg_code))
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

static int orientation_of(const struct jpeg_decompress_struct *jpeg)
{
    for (const struct jpeg_marker_struct *marker = jpeg->marker_list; marker; marker = marker->next)
        if (marker->marker == JPEG_APP0 + 1 && marker->data_length >= 14 && !memcmp(marker->data, "Exif\0", 6))
            return lab_exif_orientation(marker->data, marker->data_length);
    return 1;
}

/* ------------------------------------------------------------------------------------------------------ decoding */

/*
 * Ink on paper to light. The four colours are inverted, as Adobe's programs store them; Pillow and browsers take every
 * such file for one of those, also without Adobe's marker.
 */
static void convert_cmyk(const uint8_t *cmyk, int width, uint8_t *rgb)
{
    for (int x = 0; x < width; x++, cmyk += 4, rgb += 3)
        for (int c = 0; c < 3; c++)
            rgb[c] = (uint8_t)((cmyk[c] * cmyk[3] + 127) / 255);
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
    const lab_image *image = &d->stored->image;
    const size_t stride = (size_t)image->width * (size_t)image->channels;
    while (jpeg->output_scanline < jpeg->output_height) {
        uint8_t *row = image->pixels + jpeg->output_scanline * stride;
        JSAMPROW into = d->cmyk ? d->cmyk : row;
        if (jpeg_read_scanlines(jpeg, &into, 1) == 1 && d->cmyk)
            convert_cmyk(d->cmyk, image->width, row);
    }
}

static lenet_status make_room(decoder *d)
{
    const struct jpeg_decompress_struct *jpeg = &d->jpeg;
    const lab_coded *file = d->file;
    lenet_status status = lab_check_size(jpeg->image_width, jpeg->image_height, file->path, file->error);
    if (!status)
        status = lab_image_create(&d->stored->image, (int)jpeg->image_width, (int)jpeg->image_height,
                                  jpeg->out_color_space == JCS_GRAYSCALE ? 1 : 3, file->path, file->error);
    if (!status && jpeg->out_color_space == JCS_CMYK && !(d->cmyk = malloc((size_t)jpeg->image_width * 4)))
        status = ln_fail(file->error, LENET_FAILURE, "%s: out of memory", file->path);
    return status;
}

/* Fills d->stored, or d->reason or d->status. The only function that is jumped into. */
static void decode_pixels(decoder *d)
{
    struct jpeg_decompress_struct *jpeg = &d->jpeg;
    if (setjmp(d->failed))
        return;
    jpeg_create_decompress(jpeg);
    jpeg->progress = &d->progress;
    jpeg_mem_src(jpeg, d->file->data, (unsigned long)d->file->size);
    jpeg_save_markers(jpeg, JPEG_APP0 + 1, 0xffff);
    jpeg_read_header(jpeg, TRUE);
    d->stored->orientation = orientation_of(jpeg); /* now: the end of the file takes the markers away */
    choose_colours(jpeg);
    d->status = make_room(d);
    if (d->status)
        return;
    jpeg_start_decompress(jpeg);
    read_rows(d);
    jpeg_finish_decompress(jpeg);
}

lenet_status lab_jpeg_decode(lab_stored *stored, const lab_coded *file)
{
    decoder d;
    memset(&d, 0, sizeof d);
    d.file = file;
    d.stored = stored;
    d.jpeg.err = jpeg_std_error(&d.errors);
    d.errors.error_exit = stop;
    d.errors.emit_message = judge_message;
    d.progress.progress_monitor = watch_scans;
    decode_pixels(&d);
    if (!d.status && *d.reason)
        d.status = d.errors.msg_code == JERR_OUT_OF_MEMORY
                       ? ln_fail(file->error, LENET_FAILURE, "%s: out of memory", file->path)
                       : ln_fail(file->error, LENET_INPUT, "%s: truncated or damaged JPEG: %s", file->path, d.reason);
    jpeg_destroy_decompress(&d.jpeg);
    free(d.cmyk);
    return d.status;
}
