/* SPDX-License-Identifier: MIT */
/*
 * image.h - a picture in memory, 8-bit grey or RGB, and as a PNG file. decode.h reads files.
 *
 * Always: nothing larger than LAB_IMAGE_PIXELS is allocated for.
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

/* LENET_INPUT: `width` or `height` is below 1, or they are more pixels than LAB_IMAGE_PIXELS. */
lenet_status lab_check_size(int64_t width, int64_t height, const char *path, lenet_error *error);

/*
 * Allocates an image of zeros. LENET_INPUT: a dimension below 1, or more than LAB_IMAGE_PIXELS;
 * LENET_FAILURE: out of memory.
 */
lenet_status lab_image_create(lab_image *image, int width, int height, int channels, const char *path,
                              lenet_error *error);
void lab_image_close(lab_image *image);

/* The bytes of a PNG file, allocated; freed by free(). `path` is what errors call it. */
lenet_status lab_image_encode(const lab_image *image, uint8_t **data, size_t *size, const char *path,
                              lenet_error *error);

/* Writes a PNG file, whole or not at all. */
lenet_status lab_image_write(const lab_image *image, const char *path, lenet_error *error);

#endif
