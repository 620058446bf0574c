/* SPDX-License-Identifier: MIT */
/* image.c - the memory of a picture, and what sizes are accepted. Files are read by decode.c and written by png.c. */
#include "lab/pictures/image.h"

#include "util/error.h"

#include <stdlib.h>

lenet_status lab_check_size(int64_t width, int64_t height, const char *path, lenet_error *error)
{
    if (width < 1 || height < 1)
        return ln_fail(error, LENET_INPUT, "%s: damaged: an image of %jd x %jd pixels", path, (intmax_t)width,
                       (intmax_t)height);
    if (width > LAB_IMAGE_PIXELS || height > LAB_IMAGE_PIXELS || width * height > LAB_IMAGE_PIXELS)
        return ln_fail(error, LENET_INPUT, "%s: %jd x %jd pixels, more than the %d million that an image can have here",
                       path, (intmax_t)width, (intmax_t)height, LAB_IMAGE_PIXELS / 1000000);
    return LENET_OK;
}

lenet_status lab_image_create(lab_image *image, int width, int height, int channels, const char *path,
                              lenet_error *error)
{
    const lenet_status status = lab_check_size(width, height, path, error);
    if (status)
        return status;
    uint8_t *pixels = calloc((size_t)width * (size_t)height, (size_t)channels);
    if (!pixels)
        return ln_fail(error, LENET_FAILURE, "%s: out of memory for %d x %d pixels", path, width, height);
    *image = (lab_image){width, height, channels, pixels};
    return LENET_OK;
}

void lab_image_close(lab_image *image)
{
    free(image->pixels);
    *image = (lab_image){0, 0, 0, NULL};
}
