/* SPDX-License-Identifier: MIT */
/*
 * png.c - PNG files, by libpng.
 *
 * libpng decodes, but it stops at the last pixel and never sees a file that lacks its end. So the file's
 * frame is walked first:
 *
 *     signature 8 bytes | chunk: u32 length, 4 letters, data, u32 CRC-32 of letters and data | ... | chunk IEND
 *
 * Only a file whose every chunk is whole and ends in IEND goes on to libpng. The walk also takes what counts
 * of the chunks that describe the picture: eXIf and sBIT. libpng sees none of those: gAMA, cHRM, sRGB and
 * iCCP do not change values here, as they do not in Pillow and torchvision.
 *
 * libpng reports an error by calling on_error, which must not return: it jumps back to the one setjmp in
 * decode_pixels. What that function owns lies in a struct of its caller.
 */
#include "lab/pictures/codec.h"
#include "util/error.h"
#include "util/file.h"

#include <libdeflate.h>
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIGNATURE = 8, CHUNK = 12 };

typedef struct decoder {
    const lab_coded *file;
    size_t at; /* bytes that libpng has */
    png_structp png;
    png_infop info;
    jmp_buf failed;
    char reason[128];
    lab_image image;
    uint16_t *wide; /* [height][width][channels] of a picture of 16 bits */
    int orientation, significant, lacks_memory;
    lenet_status status;
} decoder;

/* --------------------------------------------------------------------------------------------------- the frame */

static uint32_t big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* A chunk that is not whole. Its letters are printed only where they are letters. */
static lenet_status check_chunk(const lab_coded *f, size_t at)
{
    if (f->size < at + CHUNK)
        return ln_fail(f->error, LENET_INPUT, "%s: truncated: the PNG ends at byte %zu without its end mark", f->path,
                       f->size);
    const uint32_t length = big_endian(f->data + at);
    const uint8_t *name = f->data + at + 4;
    for (int i = 0; i < 4; i++)
        if ((name[i] | 0x20) < 'a' || (name[i] | 0x20) > 'z')
            return ln_fail(f->error, LENET_INPUT, "%s: damaged: no PNG chunk at byte %zu", f->path, at);
    if (length > f->size - at - CHUNK)
        return ln_fail(f->error, LENET_INPUT,
                       "%s: truncated: %zu bytes are missing in the PNG's chunk %.4s at byte %zu", f->path,
                       (size_t)length - (f->size - at - CHUNK), (const char *)name, at);
    if (libdeflate_crc32(0, name, 4 + (size_t)length) != big_endian(name + 4 + length))
        return ln_fail(f->error, LENET_INPUT, "%s: damaged: wrong CRC of the PNG's chunk %.4s at byte %zu", f->path,
                       (const char *)name, at);
    if (at == SIGNATURE && (memcmp(name, "IHDR", 4) != 0 || length != 13))
        return ln_fail(f->error, LENET_INPUT, "%s: damaged: the PNG does not begin with its header", f->path);
    return LENET_OK;
}

/* The most bits that a colour has, without alpha. The bytes of sBIT are one for each channel. */
static int significant_bits(const uint8_t *bits, size_t length, int colour_type)
{
    const size_t colours = colour_type & PNG_COLOR_MASK_COLOR ? 3 : 1;
    int most = 0;
    for (size_t i = 0; i < colours && i < length; i++)
        most = bits[i] > most ? bits[i] : most;
    return most <= 16 ? most : 0;
}

static lenet_status walk_chunks(decoder *d)
{
    const lab_coded *f = d->file;
    for (size_t at = SIGNATURE;;) {
        const lenet_status status = check_chunk(f, at);
        if (status)
            return status;
        const size_t length = big_endian(f->data + at);
        const uint8_t *name = f->data + at + 4;
        if (!memcmp(name, "eXIf", 4))
            d->orientation = lab_exif_orientation(name + 4, length);
        if (!memcmp(name, "sBIT", 4))
            d->significant = significant_bits(name + 4, length, f->data[25]);
        if (!memcmp(name, "IEND", 4))
            return LENET_OK;
        at += CHUNK + length;
    }
}

/* ------------------------------------------------------------------------------------------------------ decoding */

__attribute__((noreturn)) static void on_error(png_structp png, png_const_charp reason)
{
    decoder *d = png_get_error_ptr(png);
    snprintf(d->reason, sizeof d->reason, "%s", reason);
    longjmp(d->failed, 1);
}

/* libpng's words for a lack of memory are many. */
static png_voidp allocate(png_structp png, png_alloc_size_t size)
{
    decoder *d = png_get_mem_ptr(png);
    void *memory = malloc(size);
    d->lacks_memory |= !memory;
    return memory;
}

static void release(png_structp png, png_voidp memory)
{
    (void)png;
    free(memory);
}

/* What libpng only warns of costs no pixel. */
static void on_warning(png_structp png, png_const_charp reason)
{
    (void)png;
    (void)reason;
}

static void read_bytes(png_structp png, png_bytep bytes, size_t count)
{
    decoder *d = png_get_io_ptr(png);
    if (count > d->file->size - d->at)
        png_error(png, "its end is missing");
    memcpy(bytes, d->file->data + d->at, count);
    d->at += count;
}

/* Every kind becomes grey or RGB, with or without alpha, of 8 or 16 bits; values stay as they are stored. */
static void choose_form(png_structp png, png_infop info)
{
    png_set_expand(png);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    png_set_swap(png);
#endif
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
}

static lenet_status make_room(decoder *d)
{
    const int width = (int)png_get_image_width(d->png, d->info), height = (int)png_get_image_height(d->png, d->info);
    const int channels = png_get_channels(d->png, d->info);
    if (png_get_bit_depth(d->png, d->info) < 16)
        return lab_image_create(&d->image, width, height, channels, d->file->path, d->file->error);
    d->image = (lab_image){width, height, channels, NULL};
    d->wide = calloc((size_t)width * (size_t)height, (size_t)channels * sizeof *d->wide);
    if (!d->wide)
        return ln_fail(d->file->error, LENET_FAILURE, "%s: out of memory for %d x %d pixels", d->file->path, width,
                       height);
    return LENET_OK;
}

/* Fills d->image or d->wide, or d->reason or d->status. The only function that is jumped into. */
static void decode_pixels(decoder *d)
{
    if (setjmp(d->failed))
        return;
    png_set_read_fn(d->png, d, read_bytes);
    png_set_keep_unknown_chunks(d->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1); /* nor known ones that describe */
    png_read_info(d->png, d->info);
    choose_form(d->png, d->info);
    d->status = make_room(d);
    if (d->status)
        return;
    uint8_t *pixels = d->wide ? (uint8_t *)d->wide : d->image.pixels;
    const size_t row = png_get_rowbytes(d->png, d->info);
    const int passes = png_get_interlace_type(d->png, d->info) == PNG_INTERLACE_NONE ? 1 : PNG_INTERLACE_ADAM7_PASSES;
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < d->image.height; y++)
            png_read_row(d->png, pixels + (size_t)y * row, NULL);
    png_read_end(d->png, NULL);
}

static lenet_status decode(decoder *d)
{
    d->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, d, on_error, on_warning, d, allocate, release);
    d->info = d->png ? png_create_info_struct(d->png) : NULL;
    if (!d->info)
        return ln_fail(d->file->error, LENET_FAILURE, "%s: out of memory", d->file->path);
    decode_pixels(d);
    if (d->lacks_memory)
        return ln_fail(d->file->error, LENET_FAILURE, "%s: out of memory", d->file->path);
    if (!d->status && *d->reason)
        return ln_fail(d->file->error, LENET_INPUT, "%s: damaged PNG: %s", d->file->path, d->reason);
    return d->status;
}

/* The 16 bits of each sample become 8, in the same memory. */
static void narrow(decoder *d)
{
    const size_t pixels = (size_t)d->image.width * (size_t)d->image.height;
    uint8_t *bytes = (uint8_t *)d->wide;
    lab_narrow(d->wide, pixels, d->image.channels, d->significant, bytes);
    uint8_t *smaller = realloc(bytes, pixels * (size_t)d->image.channels);
    d->image.pixels = smaller ? smaller : bytes;
    d->wide = NULL;
}

lenet_status lab_png_decode(lab_stored *stored, const lab_coded *file)
{
    decoder d = {.file = file, .orientation = 1};
    lenet_status status = walk_chunks(&d);
    if (!status) /* from the header, before libpng allocates for it */
        status = lab_check_size(big_endian(file->data + 16), big_endian(file->data + 20), file->path, file->error);
    if (!status)
        status = decode(&d);
    png_destroy_read_struct(&d.png, &d.info, NULL);
    if (!status && d.wide)
        narrow(&d);
    free(d.wide);
    *stored = (lab_stored){d.image, d.orientation};
    return status;
}

/* ------------------------------------------------------------------------------------------------------- writing */

lenet_status lab_image_encode(const lab_image *image, uint8_t **data, size_t *size, const char *path,
                              lenet_error *error)
{
    png_image png = {.version = PNG_IMAGE_VERSION,
                     .width = (png_uint_32)image->width,
                     .height = (png_uint_32)image->height,
                     .format = image->channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY};
    png_alloc_size_t room = PNG_IMAGE_PNG_SIZE_MAX(png);
    uint8_t *made = malloc(room);
    if (!made)
        return ln_fail(error, LENET_FAILURE, "%s: out of memory", path);
    if (!png_image_write_to_memory(&png, made, &room, 0, image->pixels, 0, NULL)) {
        free(made);
        return ln_fail(error, LENET_FAILURE, "%s: cannot be made: %s", path, png.message);
    }
    *data = made;
    *size = room;
    return LENET_OK;
}

lenet_status lab_image_write(const lab_image *image, const char *path, lenet_error *error)
{
    uint8_t *data = NULL;
    size_t size = 0;
    lenet_status status = lab_image_encode(image, &data, &size, path, error);
    if (!status)
        status = ln_write_file(path, data, size, error);
    free(data);
    return status;
}
