/* SPDX-License-Identifier: MIT */
/* dropout.c - tests of dropout: what is kept, to the bit, against the generator of util/random.c. */
#include "kernels/check.h"

#define DROPOUT_SHAPES {"fc1 120"}

static size_t draw_size(trial *t)
{
    const size_t size = (size_t)(t->shape >= 0 ? 120 : trial_between(t, 1, 150));
    trial_describe(t, "%zu features", size);
    return size;
}

static void dropout_forward(trial *t)
{
    const size_t size = draw_size(t);
    ln_dropout d = {.scale = trial_uniform(t, 1, 4)};
    uint32_t *const words[] = {&d.key[0], &d.key[1], &d.place, &d.epoch, &d.stream, &d.threshold};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        *words[i] = (uint32_t)trial_bits(t);
    if (trial_between(t, 0, 5) == 0)
        d.threshold = 0; /* all are kept */
    const float *x = trial_lanes(t, "x", INPUT, 1, size);
    float *y = trial_lanes(t, "y", OUTPUT, 1, size);
    uint8_t *kept = trial_lane_bytes(t, "kept", OUTPUT, size);
    TRIAL_RUN(t, 0, t->kernels->dropout_forward(&d, size, x, y, kept));
}

static void dropout_backward(trial *t)
{
    const size_t size = draw_size(t);
    const float scale = trial_uniform(t, 1, 4);
    const float *dy = trial_lanes(t, "dy", INPUT, 1, size);
    uint8_t *kept = trial_lane_bytes(t, "kept", INPUT, size);
    for (size_t i = 0; i < size * LN_BLOCK; i++)
        kept[i] &= 1;
    float *dx = trial_lanes(t, "dx", OUTPUT, 1, size);
    TRIAL_RUN(t, 0, t->kernels->dropout_backward(scale, size, kept, dy, dx));
}

const entry dropout_entries[] = {
    {"dropout_forward", dropout_forward, DROPOUT_SHAPES},
    {"dropout_backward", dropout_backward, DROPOUT_SHAPES},
    {NULL, NULL, {NULL}},
};
