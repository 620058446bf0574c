/* SPDX-License-Identifier: MIT */
/*
 * bmp.c - BMP files, with 1, 4, 8, 16, 24 or 32 bits a pixel, and runs of 4 or 8 bits.
 *
 *     "BM" | u32 size | u32 0 | u32 where the pixels begin | header | masks | palette of B, G, R, 0 | pixels
 *     header: u32 its size | i32 width | i32 height, below 0 from the top | u16 1 | u16 bits | u32 compression | ...
 *
 * All numbers are little-endian; rows begin at multiples of four bytes. No library is used: the one that Debian has
 * makes the white of 16 bits 248, and this much C has no more to get wrong than the use of it.
 */
#include "lab/pictures/codec.h"
#include "util/error.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_HEADER = 14, OLD_HEADER = 12, INFO_HEADER = 40, WITH_MASKS = 52, WITH_ALPHA = 56 };
enum { PLAIN = 0, RUNS_8 = 1, RUNS_4 = 2, BIT_FIELDS = 3, ALPHA_BIT_FIELDS = 6 };

typedef struct bmp {
    const lab_coded *file;
    uint32_t header; /* its size */
    int32_t width, height;
    bool is_top_down;
    unsigned bits, compression;
    uint32_t masks[4]; /* red, green, blue, alpha */
    const uint8_t *palette;
    unsigned colours, entry; /* in the palette; bytes of one */
    const uint8_t *pixels;
    size_t size; /* of them */
} bmp;

static uint32_t number_at(const uint8_t *bytes, int count)
{
    uint32_t number = 0;
    for (int i = count - 1; i >= 0; i--)
        number = number << 8 | bytes[i];
    return number;
}

static lenet_status refuse(const bmp *b, const char *reason)
{
    return ln_fail(b->file->error, LENET_INPUT, "%s: %s", b->file->path, reason);
}

/* -------------------------------------------------------------------------------------------------------- header */

static lenet_status read_size(bmp *b)
{
    const uint8_t *header = b->file->data + FILE_HEADER;
    const bool is_old = b->header == OLD_HEADER;
    const int64_t height = is_old ? (int64_t)number_at(header + 6, 2) : (int32_t)number_at(header + 8, 4);
    b->is_top_down = height < 0;
    b->width = is_old ? (int32_t)number_at(header + 4, 2) : (int32_t)number_at(header + 4, 4);
    b->bits = number_at(header + (is_old ? 10 : 14), 2);
    b->compression = is_old ? PLAIN : number_at(header + 16, 4);
    b->entry = is_old ? 3 : 4;
    const lenet_status status = lab_check_size(b->width, height < 0 ? -height : height, b->file->path, b->file->error);
    b->height = status ? 0 : (int32_t)(height < 0 ? -height : height);
    return status;
}

static bool is_known_kind(const bmp *b)
{
    switch (b->compression) {
    case PLAIN: return b->bits == 1 || b->bits == 4 || b->bits == 8 || b->bits == 16 || b->bits == 24 || b->bits == 32;
    case RUNS_8: return b->bits == 8 && !b->is_top_down;
    case RUNS_4: return b->bits == 4 && !b->is_top_down;
    case BIT_FIELDS:
    case ALPHA_BIT_FIELDS: return b->bits == 16 || b->bits == 32;
    default: return false;
    }
}

/* Bits side by side, and no colour's among another's: each channel is a number. */
static bool are_sound(const uint32_t masks[4])
{
    uint32_t all = 0;
    for (int i = 0; i < 4; i++) {
        const uint32_t low = masks[i] & -masks[i];
        if ((i < 3 && !masks[i]) || (masks[i] & all) || ((masks[i] + low) & masks[i]))
            return false;
        all |= masks[i];
    }
    return true;
}

/* Masks lie after a header of 40 bytes, or are its last part. Returns how many bytes they add. */
static lenet_status read_masks(bmp *b, size_t *added)
{
    static const uint32_t masks_16[4] = {0x7c00, 0x3e0, 0x1f, 0}, masks_32[4] = {0xff0000, 0xff00, 0xff, 0};
    memcpy(b->masks, b->bits == 16 ? masks_16 : masks_32, sizeof b->masks);
    if (b->compression != BIT_FIELDS && b->compression != ALPHA_BIT_FIELDS)
        return LENET_OK;
    const size_t count = b->header >= WITH_ALPHA || b->compression == ALPHA_BIT_FIELDS ? 4 : 3;
    *added = b->header >= WITH_MASKS ? 0 : 4 * count;
    if (b->file->size < FILE_HEADER + INFO_HEADER + 4 * count)
        return refuse(b, "truncated: the BMP ends in its header");
    for (size_t i = 0; i < count; i++)
        b->masks[i] = number_at(b->file->data + FILE_HEADER + INFO_HEADER + 4 * i, 4);
    return are_sound(b->masks) ? LENET_OK : refuse(b, "damaged BMP: its masks of colours make no sense");
}

static lenet_status find_palette(bmp *b, size_t at)
{
    const uint32_t named = b->header == OLD_HEADER ? 0 : number_at(b->file->data + FILE_HEADER + 32, 4);
    if (b->bits > 8)
        return LENET_OK;
    b->colours = named && named < 1U << b->bits ? named : 1U << b->bits;
    if (at + (size_t)b->colours * b->entry > b->file->size)
        return refuse(b, "truncated: the BMP ends in its palette");
    b->palette = b->file->data + at;
    return LENET_OK;
}

static lenet_status read_header(bmp *b)
{
    const lab_coded *file = b->file;
    if (file->size < FILE_HEADER + 4)
        return refuse(b, "truncated: the BMP ends in its header");
    b->header = number_at(file->data + FILE_HEADER, 4);
    if (b->header != OLD_HEADER && (b->header < INFO_HEADER || b->header > 1024))
        return refuse(b, "damaged BMP, or of a kind that is not read here: its header has another size");
    if (file->size < FILE_HEADER + b->header)
        return refuse(b, "truncated: the BMP ends in its header");
    size_t masks = 0;
    lenet_status status = read_size(b);
    if (!status && !is_known_kind(b))
        status = ln_fail(file->error, LENET_INPUT, "%s: a BMP of %u bits a pixel and compression %u is not read here",
                         file->path, b->bits, b->compression);
    if (!status)
        status = read_masks(b, &masks);
    if (!status)
        status = find_palette(b, FILE_HEADER + b->header + masks);
    const uint32_t start = number_at(file->data + 10, 4);
    if (!status && start > file->size)
        status = refuse(b, "truncated: the BMP ends before its pixels");
    if (!status)
        b->pixels = file->data + start, b->size = file->size - start;
    return status;
}

/* -------------------------------------------------------------------------------------------------------- pixels */

static uint8_t *row_at(const bmp *b, const lab_image *image, int32_t y)
{
    const int32_t row = b->is_top_down ? y : b->height - 1 - y;
    return image->pixels + (size_t)row * (size_t)image->width * (size_t)image->channels;
}

/* An index above the palette is black, as Pillow has it. */
static void put_colour(const bmp *b, unsigned index, uint8_t *pixel)
{
    static const uint8_t black[3] = {0, 0, 0};
    const uint8_t *entry = index < b->colours ? b->palette + (size_t)index * b->entry : black;
    pixel[0] = entry[2], pixel[1] = entry[1], pixel[2] = entry[0];
}

static uint8_t field_of(uint32_t value, uint32_t mask)
{
    const uint32_t low = mask & -mask, most = mask / low;
    return (uint8_t)(((uint64_t)(value & mask) / low * 255 + most / 2) / most);
}

static void put_row(const bmp *b, const uint8_t *from, uint8_t *pixel, int channels)
{
    for (unsigned x = 0; x < (unsigned)b->width; x++, pixel += channels) {
        if (b->bits <= 8) {
            const unsigned shift = 8 - b->bits - x * b->bits % 8;
            put_colour(b, (unsigned)from[x * b->bits / 8] >> shift & ((1U << b->bits) - 1), pixel);
        } else if (b->bits == 24) {
            pixel[0] = from[3 * x + 2], pixel[1] = from[3 * x + 1], pixel[2] = from[3 * x];
        } else {
            const uint32_t value = number_at(from + (size_t)x * b->bits / 8, (int)b->bits / 8);
            for (int c = 0; c < channels; c++)
                pixel[c] = field_of(value, b->masks[c]);
        }
    }
}

static lenet_status read_plain(const bmp *b, lab_image *image)
{
    const size_t stride = ((size_t)b->width * b->bits + 31) / 32 * 4, used = ((size_t)b->width * b->bits + 7) / 8;
    for (int32_t y = 0; y < b->height; y++) {
        if (b->size < used || (size_t)y * stride > b->size - used)
            return ln_fail(b->file->error, LENET_INPUT, "%s: truncated: the BMP ends in row %d of %d", b->file->path,
                           (int)y + 1, (int)b->height);
        put_row(b, b->pixels + (size_t)y * stride, row_at(b, image, y), image->channels);
    }
    return LENET_OK;
}

/* Where the next pixel of a file with runs goes, and what is left of the file. */
typedef struct pen {
    int32_t x, y;
    size_t at;
} pen;

static bool draw(const bmp *b, lab_image *image, pen *p, unsigned index)
{
    if (p->y >= b->height || p->x >= b->width)
        return false;
    put_colour(b, index, row_at(b, image, p->y) + 3 * p->x++);
    return true;
}

/* `count` pixels, of one byte that is repeated, or of bytes that follow and end at an even place. */
static bool draw_run(const bmp *b, lab_image *image, pen *p, unsigned count, bool is_repeated)
{
    const unsigned each = 8 / b->bits, bytes = is_repeated ? 1 : (count + each - 1) / each;
    if (bytes > b->size - p->at)
        return false;
    const uint8_t *from = b->pixels + p->at;
    for (unsigned i = 0; i < count; i++) {
        const unsigned byte = is_repeated ? *from : from[i / each], shift = each == 1 || i % 2 ? 0 : 4;
        if (!draw(b, image, p, each == 1 ? byte : byte >> shift & 15))
            return false;
    }
    const size_t padded = is_repeated ? 1 : (bytes + 1) / 2 * 2;
    p->at += padded < b->size - p->at ? padded : b->size - p->at;
    return true;
}

/* Pairs of bytes: a count and what is repeated, or 0 and a command: next row, end, move, so many as they are. */
static lenet_status read_runs(const bmp *b, lab_image *image)
{
    pen p = {0, 0, 0};
    for (int32_t y = 0; y < b->height; y++) /* what no run covers has the first colour */
        for (int32_t x = 0; x < b->width; x++)
            put_colour(b, 0, row_at(b, image, y) + 3 * x);
    while (b->size - p.at >= 2) {
        const unsigned count = b->pixels[p.at], command = b->pixels[p.at + 1];
        p.at += count ? 1 : 2;
        if (count || command > 2) {
            if (!draw_run(b, image, &p, count ? count : command, count > 0))
                return refuse(b, "damaged BMP: a run leaves the picture or the file");
        } else if (command == 1) {
            return LENET_OK;
        } else if (command == 0) {
            p.x = 0, p.y++;
        } else if (b->size - p.at >= 2) {
            p.x += b->pixels[p.at], p.y += b->pixels[p.at + 1];
            p.at += 2;
        }
        if (p.x > b->width || p.y > b->height)
            return refuse(b, "damaged BMP: a run leaves the picture");
    }
    const bool is_whole = p.y >= b->height || (p.y == b->height - 1 && p.x == b->width);
    return is_whole ? LENET_OK : refuse(b, "truncated: the BMP ends before its last pixel");
}

/* An alpha channel that is 0 everywhere was not filled in. */
static void drop_empty_alpha(lab_image *image)
{
    const size_t pixels = (size_t)image->width * (size_t)image->height;
    for (size_t i = 0; i < pixels; i++)
        if (image->pixels[4 * i + 3])
            return;
    for (size_t i = 0; i < pixels; i++)
        image->pixels[4 * i + 3] = 255;
}

lenet_status lab_bmp_decode(lab_stored *stored, const lab_coded *file)
{
    bmp b = {.file = file};
    lenet_status status = read_header(&b);
    if (!status)
        status = lab_image_create(&stored->image, b.width, b.height, b.bits > 8 && b.masks[3] ? 4 : 3, file->path,
                                  file->error);
    if (!status)
        status = b.compression == RUNS_8 || b.compression == RUNS_4 ? read_runs(&b, &stored->image)
                                                                    : read_plain(&b, &stored->image);
    if (!status && stored->image.channels == 4)
        drop_empty_alpha(&stored->image);
    return status;
}
