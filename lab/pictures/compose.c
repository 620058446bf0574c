/* SPDX-License-Identifier: MIT */
/*
 * compose.c - from stored samples to what a person sees: 16 bits become 8, transparency is laid on a ground; see
 * codec.h. All of it in values as stored (sRGB), as browsers and Pillow do it, not in linear light.
 */
#include "lab/pictures/codec.h"

#include <stdbool.h>
#include <stdlib.h>

/* If nothing is darker than this on white, the picture looks white. */
enum { NEARLY_WHITE = 250 };
/* Values of alpha that differ by less than this draw nothing. */
enum { LEAST_CONTRAST = 24 };

/* ------------------------------------------------------------------------------------------------------- 16 bits */

/*
 * The value that becomes 255. Some programs write values of 8 or 12 bits into 16 and do not scale them; a correct
 * file with no value above 4095 of 65535 would be black to the eye, so nothing is lost by the assumption.
 */
static unsigned full_scale(unsigned largest, int significant)
{
    const unsigned said = significant > 0 && significant < 16 ? (1U << significant) - 1 : 65535;
    if (significant > 0)
        return largest <= said ? said : 65535;
    return largest < 256 ? 255 : largest < 4096 ? 4095 : 65535;
}

void lab_narrow(const uint16_t *wide, size_t pixels, int channels, int significant, uint8_t *narrow)
{
    const size_t stride = (size_t)channels, colours = stride - !(channels % 2);
    unsigned largest = 0;
    for (size_t i = 0; i < pixels * stride; i++)
        if (i % stride < colours && wide[i] > largest)
            largest = wide[i];
    const unsigned full = full_scale(largest, significant);
    for (size_t i = 0; i < pixels * stride; i++) {
        const unsigned scale = i % stride < colours ? full : 65535;
        narrow[i] = (uint8_t)((wide[i] * 255U + scale / 2) / scale);
    }
}

/* -------------------------------------------------------------------------------------------------- transparency */

static uint8_t blend(unsigned value, unsigned alpha, unsigned ground)
{
    return (uint8_t)((value * alpha + ground * (255 - alpha) + 127) / 255);
}

/* White ink on a transparent ground: nothing can be seen of it on white, and its alpha is a picture. */
static bool is_drawn_by_alpha(const lab_image *image)
{
    const size_t stride = (size_t)image->channels, pixels = (size_t)image->width * (size_t)image->height;
    int least = 255, most = 0;
    for (size_t i = 0; i < pixels; i++) {
        const uint8_t *pixel = image->pixels + i * stride, alpha = pixel[stride - 1];
        for (size_t c = 0; c + 1 < stride; c++)
            if (blend(pixel[c], alpha, 255) < NEARLY_WHITE)
                return false;
        least = alpha < least ? alpha : least;
        most = alpha > most ? alpha : most;
    }
    return most - least >= LEAST_CONTRAST;
}

void lab_lay_on_ground(lab_image *image)
{
    if (image->channels % 2)
        return;
    const size_t stride = (size_t)image->channels, pixels = (size_t)image->width * (size_t)image->height;
    const unsigned ground = is_drawn_by_alpha(image) ? 0 : 255;
    for (size_t i = 0; i < pixels; i++) /* in place: no pixel is written before it is read */
        for (size_t c = 0; c + 1 < stride; c++) {
            const uint8_t *pixel = image->pixels + i * stride;
            image->pixels[i * (stride - 1) + c] = blend(pixel[c], pixel[stride - 1], ground);
        }
    image->channels--;
    uint8_t *smaller = realloc(image->pixels, pixels * (stride - 1));
    image->pixels = smaller ? smaller : image->pixels;
}
