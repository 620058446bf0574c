/* SPDX-License-Identifier: MIT */
/*
 * image.h - pictures as people have them, as 8-bit grey or RGB.
 *
 * Reads PNG, JPEG, BMP and, where the build has their libraries, GIF, TIFF (of both the first picture) and WebP, as a
 * browser and Pillow show them: transparency laid on white, turned the way the EXIF orientation says, values as
 * stored, whatever gamma or colour profile a file names. docs/formats.md has the rules and the few deliberate
 * differences. What a file is, is told by its content, never by its name. A file that
 * has lost pixels is refused, and nothing larger than LAB_IMAGE_PIXELS is ever allocated for.
 */
#ifndef LENET_LAB_PICTURES_IMAGE_H
#define LENET_LAB_PICTURES_IMAGE_H

#include "lenet/lenet.h"

#include <stdbool.h>

enum {
    LAB_IMAGE_PIXELS = 64 * 1000 * 1000, /* width times height of an image that is accepted */
    LAB_IMAGE_BYTES = 256 * 1000 * 1000, /* size of a file that is accepted */
};

typedef struct lab_image {
    int width, height, channels; /* channels: 1 grey, 3 RGB (sRGB, as such files hold it) */
    uint8_t *pixels;             /* [height][width][channels]; owned, lab_image_close */
} lab_image;

/*
 * Allocates an image of zeros. LENET_INPUT: a dimension below 1, or more than LAB_IMAGE_PIXELS; LENET_FAILURE: out
 * of memory.
 */
lenet_status lab_image_create(lab_image *image, int width, int height, int channels, const char *path,
                              lenet_error *error);
void lab_image_close(lab_image *image);

/* The name of the format with this index, and whether this build reads it; NULL: there is none. */
const char *lab_image_format(size_t index, bool *is_readable);

/* Whether a file is called as images are: "photo.JPG". */
bool lab_image_is_named(const char *name);

/*
 * LENET_INPUT: not an image, damaged, or too large. LENET_FAILURE: a format that this build cannot read, or out of
 * memory. The error says what is wrong with which file.
 */
lenet_status lab_image_read(lab_image *image, const char *path, lenet_error *error);

/* The same for the content of a file; `path` is what errors call it. */
lenet_status lab_image_decode(lab_image *image, const uint8_t *data, size_t size, const char *path, lenet_error *error);

/* The bytes of a PNG file, allocated; freed by free(). `path` is what errors call it. */
lenet_status lab_image_encode(const lab_image *image, uint8_t **data, size_t *size, const char *path, lenet_error *error);

/* Writes a PNG file, whole or not at all. */
lenet_status lab_image_write(const lab_image *image, const char *path, lenet_error *error);

#endif
