/* SPDX-License-Identifier: MIT */
/* pool.c - tests of pooling: windows apart, touching and overlapping, ties of every kind (see the flavours of check.c). */
#include "kernels/check.h"

#define POOL_SHAPES {"pool1 6x28x28", "pool2 16x10x10"}
static const ln_pool lenet_pool[] = {{6, 28, 28, 14, 14, 2, 2, 2}, {16, 10, 10, 5, 5, 2, 2, 2}};

static ln_pool draw_pool(trial *t)
{
    ln_pool p = {.channels = trial_between(t, 1, 20), .rows = trial_between(t, 1, 4), .columns = trial_between(t, 1, 4),
                 .stride = trial_between(t, 1, 4)};
    if (t->shape >= 0) {
        p = lenet_pool[t->shape];
    } else {
        if (trial_between(t, 0, 15) == 0)
            p.rows = p.columns = 16; /* the largest: places up to 255 */
        p.out_height = trial_between(t, 1, 7);
        p.out_width = trial_between(t, 1, 7);
        p.in_height = (p.out_height - 1) * p.stride + p.rows + trial_between(t, 0, p.stride - 1);
        p.in_width = (p.out_width - 1) * p.stride + p.columns + trial_between(t, 0, p.stride - 1);
    }
    trial_describe(t, "%dx%dx%d window %dx%d stride %d to %dx%d", p.channels, p.in_height, p.in_width, p.rows, p.columns, p.stride,
                   p.out_height, p.out_width);
    return p;
}

static size_t input_size(const ln_pool *p) { return (size_t)p->channels * (size_t)p->in_height * (size_t)p->in_width; }
static size_t output_size(const ln_pool *p) { return (size_t)p->channels * (size_t)p->out_height * (size_t)p->out_width; }

static double operations(const ln_pool *p)
{
    return (double)LN_BLOCK * (double)output_size(p) * (double)p->rows * (double)p->columns;
}

static void max_pool_forward(trial *t)
{
    const ln_pool p = draw_pool(t);
    const float *x = trial_lanes(t, "x", INPUT, 1, input_size(&p));
    float *y = trial_lanes(t, "y", OUTPUT, 1, output_size(&p));
    uint8_t *argmax = trial_lane_bytes(t, "argmax", OUTPUT, output_size(&p));
    TRIAL_RUN(t, operations(&p), t->kernels->max_pool_forward(&p, x, y, argmax));
}

static void max_pool_backward(trial *t)
{
    const ln_pool p = draw_pool(t);
    const float *dy = trial_lanes(t, "dy", INPUT, 1, output_size(&p));
    uint8_t *argmax = trial_lane_bytes(t, "argmax", INPUT, output_size(&p));
    for (size_t i = 0; i < output_size(&p) * LN_BLOCK; i++)
        argmax[i] = (uint8_t)(argmax[i] % (p.rows * p.columns));
    float *dx = trial_lanes(t, "dx", OUTPUT, 1, input_size(&p));
    TRIAL_RUN(t, operations(&p), t->kernels->max_pool_backward(&p, dy, argmax, dx));
}

static void average_pool_forward(trial *t)
{
    const ln_pool p = draw_pool(t);
    const float *x = trial_lanes(t, "x", INPUT, 1, input_size(&p));
    float *y = trial_lanes(t, "y", OUTPUT, 1, output_size(&p));
    TRIAL_RUN(t, operations(&p), t->kernels->average_pool_forward(&p, x, y));
}

static void average_pool_backward(trial *t)
{
    const ln_pool p = draw_pool(t);
    const float *dy = trial_lanes(t, "dy", INPUT, 1, output_size(&p));
    float *dx = trial_lanes(t, "dx", OUTPUT, 1, input_size(&p));
    TRIAL_RUN(t, operations(&p), t->kernels->average_pool_backward(&p, dy, dx));
}

const entry pool_entries[] = {
    {"max_pool_forward", max_pool_forward, POOL_SHAPES},
    {"max_pool_backward", max_pool_backward, POOL_SHAPES},
    {"average_pool_forward", average_pool_forward, POOL_SHAPES},
    {"average_pool_backward", average_pool_backward, POOL_SHAPES},
    {NULL, NULL, {NULL}},
};
