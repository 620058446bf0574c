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

/* Some about where they become 0. */
static float *draw_moments(trial *t, const char *name, size_t size)
{
    float *m = trial_floats(t, name, CHANGED, size);
    for (size_t i = 0; i < size; i++)
        if (trial_between(t, 0, 7) == 0)
            m[i] = ldexpf((float)trial_between(t, -9, 9) * 0.125f, -100);
    return m;
}

static float *draw_squares(trial *t, size_t size)
{
    float *v = trial_floats(t, "v", CHANGED, size);
    for (size_t i = 0; i < size; i++)
        v[i] = fabsf(v[i]);
    return v;
}

/* Some moments about where they become 0: with m = g they stay as they are. */
static void adam(trial *t)
{
    const size_t size = draw_size(t);
    const float rate = trial_uniform(t, 0, 0.1f), rest1 = trial_uniform(t, 0, 0.5f), rest2 = trial_uniform(t, 0, 0.1f);
    float *g = trial_floats(t, "g", INPUT, size), *m = trial_floats(t, "m", CHANGED, size);
    float *v = draw_squares(t, size), *w = trial_floats(t, "w", CHANGED, size);
    for (size_t i = 0; i < size; i++) {
        if (trial_between(t, 0, 7) == 0)
            g[i] = m[i] = ldexpf((float)trial_between(t, -9, 9) * 0.125f, -100);
    }
    TRIAL_RUN(t, 12.0 * (double)size, t->kernels->adam(size, rate, rest1, rest2, 1e-7f, g, m, v, w));
}

static void nesterov(trial *t)
{
    const size_t size = draw_size(t);
    const float rate = trial_uniform(t, 0, 1), keep = trial_uniform(t, 0.5f, 1);
    const float *g = trial_floats(t, "g", INPUT, size);
    float *m = draw_moments(t, "m", size), *w = trial_floats(t, "w", CHANGED, size);
    TRIAL_RUN(t, 6.0 * (double)size, t->kernels->nesterov(size, rate, keep, g, m, w));
}

static void velocity(trial *t)
{
    const size_t size = draw_size(t);
    const float rate = trial_uniform(t, 0, 1), keep = trial_uniform(t, 0.5f, 1), now = (float)trial_between(t, 0, 1);
    const float *g = trial_floats(t, "g", INPUT, size);
    float *m = draw_moments(t, "m", size), *w = trial_floats(t, "w", CHANGED, size);
    TRIAL_RUN(t, 7.0 * (double)size, t->kernels->velocity(size, rate, keep, now > 0 ? keep : 1, now, g, m, w));
}

static void nadam(trial *t)
{
    const size_t size = draw_size(t);
    const float rate = trial_uniform(t, 0, 0.1f), rest1 = trial_uniform(t, 0, 0.5f), rest2 = trial_uniform(t, 0, 0.1f);
    const float ahead = trial_uniform(t, 0.5f, 2), now = trial_uniform(t, 0, 1), *g = trial_floats(t, "g", INPUT, size);
    float *m = draw_moments(t, "m", size), *v = draw_squares(t, size), *w = trial_floats(t, "w", CHANGED, size);
    TRIAL_RUN(t, 15.0 * (double)size, t->kernels->nadam(size, rate, rest1, rest2, 1e-7f, ahead, now, g, m, v, w));
}

/* The epsilon inside or outside of the root. */
static void draw_epsilon(trial *t, float *inside, float *outside)
{
    *outside = (float)trial_between(t, 0, 1) * 1e-8f;
    *inside = *outside > 0 ? 0 : 1e-7f;
}

static void rmsprop(trial *t)
{
    const size_t size = draw_size(t);
    const float rate = trial_uniform(t, 0, 0.1f), rest = trial_uniform(t, 0.01f, 0.5f), keep = trial_uniform(t, 0, 1);
    const float now = trial_between(t, 0, 1) ? 1 : trial_uniform(t, 0, 0.1f);
    float inside, outside;
    draw_epsilon(t, &inside, &outside);
    const float *g = trial_floats(t, "g", INPUT, size);
    float *v = draw_squares(t, size), *m = draw_moments(t, "m", size), *w = trial_floats(t, "w", CHANGED, size);
    TRIAL_RUN(t, 13.0 * (double)size, t->kernels->rmsprop(size, rate, now, rest, keep, inside, outside, g, v, m, w));
}

static void adagrad(trial *t)
{
    const size_t size = draw_size(t);
    const float rate = trial_uniform(t, 0, 0.1f);
    float inside, outside;
    draw_epsilon(t, &inside, &outside);
    const float *g = trial_floats(t, "g", INPUT, size);
    float *v = draw_squares(t, size), *w = trial_floats(t, "w", CHANGED, size);
    TRIAL_RUN(t, 8.0 * (double)size, t->kernels->adagrad(size, rate, inside, outside, g, v, w));
}

static void approach(trial *t)
{
    const size_t size = draw_size(t);
    const float share = trial_uniform(t, 0, 1), *x = trial_floats(t, "x", INPUT, size);
    float *y = trial_floats(t, "y", CHANGED, size);
    TRIAL_RUN(t, 3.0 * (double)size, t->kernels->approach(size, share, x, y));
}

static void scale(trial *t)
{
    const size_t size = draw_size(t);
    const float factor = trial_uniform(t, 0, 1);
    float *y = trial_floats(t, "y", CHANGED, size);
    TRIAL_RUN(t, (double)size, t->kernels->scale(size, factor, y));
}

/* Its bits as two words. */
static void sum_of_squares(trial *t)
{
    const size_t size = draw_size(t);
    const float *x = trial_floats(t, "x", INPUT, size);
    uint32_t *bits = trial_words(t, "sum", OUTPUT, 2);
    double sum = 0;
    TRIAL_RUN(t, 2.0 * (double)size, sum = t->kernels->sum_of_squares(size, x));
    memcpy(bits, &sum, sizeof sum);
}

const entry optimizer_entries[] = {
    {"sum_parts", sum_parts, {"2572 weights, 4 parts"}},
    {"sgd", sgd, OPTIMIZER_SHAPES},
    {"momentum", momentum, OPTIMIZER_SHAPES},
    {"nesterov", nesterov, OPTIMIZER_SHAPES},
    {"velocity", velocity, OPTIMIZER_SHAPES},
    {"adam", adam, OPTIMIZER_SHAPES},
    {"nadam", nadam, OPTIMIZER_SHAPES},
    {"rmsprop", rmsprop, OPTIMIZER_SHAPES},
    {"adagrad", adagrad, OPTIMIZER_SHAPES},
    {"approach", approach, OPTIMIZER_SHAPES},
    {"scale", scale, OPTIMIZER_SHAPES},
    {"sum_of_squares", sum_of_squares, OPTIMIZER_SHAPES},
    {NULL, NULL, {NULL}},
};
