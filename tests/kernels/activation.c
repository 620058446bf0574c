/* SPDX-License-Identifier: MIT */
/*
 * activation.c - tests of the activations, each also in place. ReLU and leaky ReLU are fixed to the bit; the others
 * have a distance: they use exp, tanh or erf, or (backward) a formula that the contract leaves open.
 */
#include "kernels/check.h"

#include <math.h>

static const char *const name_of[] = {"relu", "leaky-relu", "elu", "tanh", "sigmoid", "selu", "gelu", "gelu-tanh"};
#define ACTIVATION_SHAPES                                                                                              \
    {"relu fc1 120", "leaky-relu fc1 120", "elu fc1 120",  "tanh fc1 120",                                             \
     "sigmoid fc1 120", "selu fc1 120",    "gelu fc1 120", "gelu-tanh fc1 120"}

/*
 * In units of 2^-24: of 1 (elu, selu and the derivatives, which subtract from 1; the gelus, which take a share of x), and of the
 * result (tanh, sigmoid).
 */
enum { NEAR_ONE = 6, OF_RESULT = 4 };

static ln_activation draw_kind(trial *t, size_t *size, float *slope)
{
    const ln_activation kind = (ln_activation)(t->shape >= 0 ? t->shape : trial_between(t, LN_RELU, LN_GELU_TANH));
    *size = (size_t)(t->shape >= 0 ? 120 : trial_between(t, 1, 150));
    *slope = kind == LN_ELU ? trial_uniform(t, 0.1f, 2) : trial_uniform(t, 0, 0.5f);
    trial_describe(t, "%s %zu slope %g", name_of[kind], *size, (double)*slope);
    return kind;
}

static float largest_of(const float *x, size_t size)
{
    float largest = 0;
    for (size_t i = 0; i < size * LN_BLOCK; i++)
        largest = fmaxf(largest, fabsf(x[i]));
    return largest;
}

static void activation_forward(trial *t)
{
    size_t size;
    float slope;
    const ln_activation kind = draw_kind(t, &size, &slope);
    const int in_place = trial_between(t, 0, 1);
    float *x = trial_lanes(t, "x", in_place ? CHANGED : INPUT, 1, size);
    const float stretch = trial_between(t, 0, 1) ? 1 : 20; /* tanh and sigmoid saturate */
    for (size_t i = 0; i < size * LN_BLOCK; i++)
        x[i] *= stretch;
    float *y = in_place ? x : trial_lanes(t, "y", OUTPUT, 1, size);
    if (kind == LN_ELU)
        trial_allow(t, y, 1, NEAR_ONE * 0x1p-24 * (double)slope);
    if (kind == LN_SELU)
        trial_allow(t, y, 2, NEAR_ONE * 0x1p-24 * 1.76);
    if (kind == LN_GELU || kind == LN_GELU_TANH)
        trial_allow(t, y, OF_RESULT, NEAR_ONE * 0x1p-24 * (double)largest_of(x, size));
    if (kind == LN_TANH || kind == LN_SIGMOID)
        trial_allow(t, y, OF_RESULT, 0x1p-126);
    TRIAL_RUN(t, 0, t->kernels->activation_forward(kind, slope, size, x, y));
}

/* A value that the activation can have; what a gelu takes is any. */
static float result_of(ln_activation kind, float slope, float x)
{
    switch (kind) {
    case LN_RELU: return x > 0 ? x : 0;
    case LN_LEAKY_RELU: return x > 0 ? x : slope * x;
    case LN_ELU: return x > 0 ? x : slope * expm1f(x);
    case LN_TANH: return tanhf(x);
    case LN_SIGMOID: return 1 / (1 + expf(-x));
    case LN_SELU: return 1.0507f * (x > 0 ? x : 1.6733f * expm1f(x));
    case LN_GELU:
    case LN_GELU_TANH: return 8 * x;
    }
    return x;
}

static void activation_backward(trial *t)
{
    size_t size;
    float slope;
    const ln_activation kind = draw_kind(t, &size, &slope);
    const int in_place = trial_between(t, 0, 1);
    float *y = trial_lanes(t, "y", INPUT, 1, size);
    float *dy = trial_lanes(t, "dy", in_place ? CHANGED : INPUT, 1, size);
    for (size_t i = 0; i < size * LN_BLOCK; i++)
        y[i] = result_of(kind, slope, y[i]);
    const double largest = (double)largest_of(dy, size);
    float *dx = in_place ? dy : trial_lanes(t, "dx", OUTPUT, 1, size);
    if (kind >= LN_ELU)
        trial_allow(t, dx, OF_RESULT, NEAR_ONE * 0x1p-24 * largest + 0x1p-126);
    TRIAL_RUN(t, 0, t->kernels->activation_backward(kind, slope, size, y, dy, dx));
}

const entry activation_entries[] = {
    {"activation_forward", activation_forward, ACTIVATION_SHAPES},
    {"activation_backward", activation_backward, ACTIVATION_SHAPES},
    {NULL, NULL, {NULL}},
};
