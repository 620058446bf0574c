/* SPDX-License-Identifier: MIT */
/* jpeg.h - the JPEG half of image.h; use that. */
#ifndef LENET_LAB_JPEG_H
#define LENET_LAB_JPEG_H

#include "lab/image.h"

/* Decodes a JPEG file in memory, its EXIF orientation applied. */
lenet_status lab_jpeg_decode(lab_image *image, const uint8_t *data, size_t size, const char *path, lenet_error *error);

#endif
