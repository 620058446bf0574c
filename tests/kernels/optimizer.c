/* SPDX-License-Identifier: MIT */
/* optimizer.c - tests of what works on the whole list of weights: sums of partial gradients, and one step of each optimiser. */
#include "kernels/check.h"

#include <math.h>
#include <string.h>

#define OPTIMIZER_SHAPES {"61706 weights"}

static size_t draw_size(trial *t)
{
    const size_t size = (size_t)(t->shape >= 0 ? 61706 : trial_between(t, 0, 150));
    trial_describe(t, "%zu weights", size);
    return size;
}

static void sum_parts(trial *t)
{
    const size_t size = t->shape >= 0 ? 2572 : draw_size(t); /* LeNet-5's convolutions */
    const int parts = t->shape >= 0 ? 4 : trial_between(t, 1, 9);
    const size_t stride = t->shape >= 0 ? 2576 : size + (size_t)trial_between(t, 0, 20);
    trial_describe(t, "%zu weights, %d parts %zu apart", size, parts, stride);
    const float *part = trial_floats(t, "part", INPUT, (size_t)(parts - 1) * stride + size);
    float *sum = trial_floats(t, "sum", OUTPUT, size);
    TRIAL_RUN(t, (double)size * (parts - 1), t->kernels->sum_parts(size, parts, stride, part, sum));
}

static void sgd(trial *t)
{
    const size_t size = draw_size(t);
    const float rate = trial_uniform(t, 0, 1);
    const float *g = trial_floats(t, "g", INPUT, size);
    float *w = trial_floats(t, "w", CHANGED, size);
    TRIAL_RUN(t, 2.0 * (double)size, t->kernels->sgd(size, rate, g, w));
}

static void momentum(trial *t)
{
    const size_t size = draw_size(t);
    const float rate = trial_uniform(t, 0, 1), keep = trial_uniform(t, 0.5f, 1);
    const float *g = trial_floats(t, "g", INPUT, size);
    float *m = trial_floats(t, "m", CHANGED, size), *w = trial_floats(t, "w", CHANGED, size);
    TRIAL_RUN(t, 4.0 * (double)size, t->kernels->momentum(size, rate, keep, g, m, w));
}

/* Some moments about where they become 0: with m = g they stay as they are. */
static void adam(trial *t)
{
    const size_t size = draw_size(t);
    const float rate = trial_uniform(t, 0, 0.1f), rest1 = trial_uniform(t, 0, 0.5f), rest2 = trial_uniform(t, 0, 0.1f);
    float *g = trial_floats(t, "g", INPUT, size), *m = trial_floats(t, "m", CHANGED, size);
    float *v = trial_floats(t, "v", CHANGED, size), *w = trial_floats(t, "w", CHANGED, size);
    for (size_t i = 0; i < size; i++) {
        v[i] = fabsf(v[i]);
        if (trial_between(t, 0, 7) == 0)
            g[i] = m[i] = ldexpf((float)trial_between(t, -9, 9) * 0.125f, -100);
    }
    TRIAL_RUN(t, 12.0 * (double)size, t->kernels->adam(size, rate, rest1, rest2, 1e-7f, g, m, v, w));
}

const entry optimizer_entries[] = {
    {"sum_parts", sum_parts, {"2572 weights, 4 parts"}},
    {"sgd", sgd, OPTIMIZER_SHAPES},
    {"momentum", momentum, OPTIMIZER_SHAPES},
    {"adam", adam, OPTIMIZER_SHAPES},
    {NULL, NULL, {NULL}},
};
