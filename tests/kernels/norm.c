/* SPDX-License-Identifier: MIT */
/* norm.c - tests of batch normalisation: full and short blocks, whose other lanes hold anything. */
#include "kernels/check.h"

#define NORM_SHAPES {"conv1 6x28x28", "fc1 120"}

static ln_norm draw_norm(trial *t, int *count)
{
    const int dense = t->shape >= 0 ? t->shape == 1 : trial_between(t, 0, 1);
    ln_norm n = {.channels = trial_between(t, 1, 40), .area = dense ? 1 : trial_between(t, 2, 50)};
    *count = trial_between(t, 1, LN_BLOCK);
    if (t->shape >= 0) {
        n = dense ? (ln_norm){.channels = 120, .area = 1} : (ln_norm){.channels = 6, .area = 784};
        *count = LN_BLOCK;
    }
    trial_describe(t, "%d channels of %d, %d samples", (int)n.channels, (int)n.area, *count);
    return n;
}

static size_t size_of(const ln_norm *n) { return (size_t)(n->channels * n->area); }

static const float *draw_row(trial *t, const ln_norm *n, const char *name)
{
    return trial_floats(t, name, INPUT, (size_t)n->channels);
}

/* Lanes without a sample. */
static void clear_lanes(float *x, size_t size, int count)
{
    for (size_t i = 0; i < size * LN_BLOCK; i++)
        if ((int)(i % LN_BLOCK) >= count)
            x[i] = 0;
}

static void norm_reduce(trial *t)
{
    int count;
    const ln_norm n = draw_norm(t, &count);
    const float *x = trial_lanes(t, "x", INPUT, 1, size_of(&n));
    float *sums = trial_floats(t, "sums", OUTPUT, (size_t)n.channels);
    float *squares = trial_floats(t, "squares", OUTPUT, (size_t)n.channels);
    TRIAL_RUN(t, 0, t->kernels->norm_reduce(&n, count, x, sums, squares));
}

static void norm_forward(trial *t)
{
    int count;
    ln_norm n = draw_norm(t, &count);
    n.mean = draw_row(t, &n, "mean"), n.inverse = draw_row(t, &n, "inverse");
    n.scale = draw_row(t, &n, "scale"), n.shift = draw_row(t, &n, "shift");
    const float *x = trial_lanes(t, "x", INPUT, 1, size_of(&n));
    float *y = trial_lanes(t, "y", OUTPUT, 1, size_of(&n));
    TRIAL_RUN(t, 0, t->kernels->norm_forward(&n, x, y));
}

static void norm_reduce_back(trial *t)
{
    int count;
    ln_norm n = draw_norm(t, &count);
    n.mean = draw_row(t, &n, "mean"), n.inverse = draw_row(t, &n, "inverse");
    const float *x = trial_lanes(t, "x", INPUT, 1, size_of(&n));
    float *dy = trial_lanes(t, "dy", INPUT, 1, size_of(&n));
    clear_lanes(dy, size_of(&n), count);
    float *sums = trial_floats(t, "sums", OUTPUT, (size_t)n.channels);
    float *products = trial_floats(t, "products", OUTPUT, (size_t)n.channels);
    TRIAL_RUN(t, 0, t->kernels->norm_reduce_back(&n, x, dy, sums, products));
}

static void norm_backward(trial *t)
{
    int count;
    ln_norm n = draw_norm(t, &count);
    n.mean = draw_row(t, &n, "mean"), n.inverse = draw_row(t, &n, "inverse"), n.scale = draw_row(t, &n, "scale");
    n.dy_mean = draw_row(t, &n, "dy_mean"), n.product_mean = draw_row(t, &n, "product_mean");
    const float *x = trial_lanes(t, "x", INPUT, 1, size_of(&n));
    const float *dy = trial_lanes(t, "dy", INPUT, 1, size_of(&n));
    float *dx = trial_lanes(t, "dx", OUTPUT, 1, size_of(&n));
    TRIAL_RUN(t, 0, t->kernels->norm_backward(&n, count, x, dy, dx));
}

const entry norm_entries[] = {
    {"norm_reduce", norm_reduce, NORM_SHAPES},
    {"norm_forward", norm_forward, NORM_SHAPES},
    {"norm_reduce_back", norm_reduce_back, NORM_SHAPES},
    {"norm_backward", norm_backward, NORM_SHAPES},
    {NULL, NULL, {NULL}},
};
