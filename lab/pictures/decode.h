/* SPDX-License-Identifier: MIT */
/*
 * decode.h - image files as people have them become 8-bit grey or RGB.
 *
 * Reads PNG, JPEG, BMP and, where the build has their libraries, GIF, TIFF (of both the first picture) and WebP, as a
 * browser and Pillow show them: transparency laid on white, turned by the EXIF orientation, values as
 * stored, whatever gamma or colour profile a file names. docs/formats.md has the rules and the few deliberate
 * differences. The content of a file decides what it is, never its name. A file that has lost pixels is refused.
 */
#ifndef LENET_LAB_PICTURES_DECODE_H
#define LENET_LAB_PICTURES_DECODE_H

#include "lab/pictures/image.h"

/* The name of the format with this index, and whether this build reads it; NULL: there is none. */
const char *lab_image_format(size_t index, bool *is_readable);

/* Whether a file is called as images are: "photo.JPG". */
bool lab_image_is_named(const char *name);

/*
 * LENET_INPUT: not an image, damaged, or too large. LENET_FAILURE: a format that this build cannot read, or out of
 * memory. The error names the file and what is wrong with it.
 */
lenet_status lab_image_read(lab_image *image, const char *path, lenet_error *error);

/* The same for the content of a file; `path` is what errors call it. */
lenet_status lab_image_decode(lab_image *image, const uint8_t *data, size_t size, const char *path, lenet_error *error);

#endif
