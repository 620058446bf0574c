/* SPDX-License-Identifier: MIT */
/* synthetic.c - stripes whose direction and width tell the class, under noise. */
#include "cli/synthetic.h"

#include <stdio.h>
#include <stdlib.h>

/* Neighbouring numbers become numbers that have nothing in common to the eye. */
static uint32_t scatter(uint32_t x)
{
    for (int i = 0; i < 2; i++) {
        x = (x ^ (x >> 16)) * 0x9e3779b1u;
        x ^= x >> 13;
    }
    return x;
}

static void draw(uint8_t *pixels, lenet_shape shape, uint32_t pattern, uint32_t seed)
{
    const uint32_t down = pattern % 3, across = 1 + pattern / 3;
    for (int plane = 0; plane < shape.channels; plane++)
        for (int row = 0; row < shape.height; row++)
            for (int column = 0; column < shape.width; column++) {
                const uint32_t noise = scatter(seed++) >> 24;
                const uint32_t stripe = ((uint32_t)row * down + (uint32_t)column * across) / 4 % 2;
                *pixels++ = (uint8_t)(stripe ? 128 + noise / 2 : noise / 4);
            }
}

lenet_status make_synthetic(lenet_dataset **dataset, lenet_shape shape, int classes, size_t count, lenet_error *error)
{
    const size_t size = (size_t)shape.channels * (size_t)shape.height * (size_t)shape.width;
    uint8_t *images = calloc(count, size), *labels = calloc(count, 1);
    lenet_status status = LENET_FAILURE;
    if (images && labels) {
        for (size_t i = 0; i < count; i++) {
            /* One in eight shows any class, whatever its label: these can never be learned. */
            const uint32_t number = (uint32_t)i, label = number % (uint32_t)classes;
            const uint32_t shown = number % 8 ? label : scatter(number) % (uint32_t)classes;
            labels[i] = (uint8_t)label;
            draw(images + i * size, shape, shown, number * (uint32_t)size);
        }
        status = lenet_dataset_create(dataset, shape, classes, count, images, labels, error);
    } else if (error) {
        *error = (lenet_error){.status = status};
        snprintf(error->text, sizeof error->text, "out of memory for %zu synthetic images of %zu bytes", count, size);
    }
    free(images);
    free(labels);
    return status;
}
