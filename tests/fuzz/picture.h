/* SPDX-License-Identifier: MIT */
/*
 * picture.h - what the fuzz targets of image formats share: any bytes into one reader, and on to what is seen.
 *
 * Besides what the sanitizers see: what is accepted has pixels of an allowed number, every one of which can be read;
 * what is refused has a reason.
 */
#ifndef LENET_TESTS_FUZZ_PICTURE_H
#define LENET_TESTS_FUZZ_PICTURE_H

#include "lab/pictures/codec.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void require(int condition)
{
    if (!condition)
        abort();
}

typedef lenet_status reader(lab_stored *stored, const lab_coded *file);

static inline int fuzz_picture(reader *decode, const uint8_t *data, size_t size)
{
    lenet_error error = {LENET_OK, ""};
    lab_stored stored = {.orientation = 1};
    const lab_coded file = {data, size, "fuzz", &error};
    lab_image *image = &stored.image;
    if (decode(&stored, &file)) {
        require(error.status != LENET_OK && !strncmp(error.text, "fuzz: ", 6));
    } else {
        require(stored.orientation >= 1 && stored.orientation <= 8 && image->channels >= 1 && image->channels <= 4);
        require(image->width >= 1 && image->height >= 1 &&
                (int64_t)image->width * image->height <= LAB_IMAGE_PIXELS);
        lab_lay_on_ground(image);
        require(!lab_turn(image, stored.orientation, "fuzz", &error));
        uint8_t *copy = malloc((size_t)image->width * (size_t)image->height * (size_t)image->channels);
        require(copy != NULL);
        memcpy(copy, image->pixels, (size_t)image->width * (size_t)image->height * (size_t)image->channels);
        free(copy);
    }
    lab_image_close(image);
    return 0;
}

#endif
