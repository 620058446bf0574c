/* SPDX-License-Identifier: MIT */
/*
 * initialize.c - distributions that weights are drawn from, by Keras's definitions; biases are zero. A new one is a row
 * of the table.
 *
 * fan_in and fan_out are inputs and outputs of a unit: for a convolution kernel rows x kernel columns x channels in or
 * out. Each tensor has its own stream of random numbers, so a tensor's values do not depend on what stands before it.
 */
#include "base/error.h"
#include "base/random.h"
#include "nn/model.h"

#include <math.h>
#include <string.h>

typedef enum distribution { UNIFORM, NORMAL, TRUNCATED_NORMAL } distribution;

/*
 * `width` is the limit of a uniform distribution, the standard deviation of a normal one (before it is cut at 2
 * standard deviations).
 */
typedef struct initializer {
    const char *name, *help;
    distribution kind;
    double (*width)(double fan_in, double fan_out);
} initializer;

/*
 * The standard deviation that is left of 1 after cutting a normal distribution at +-2: Keras divides by it where the
 * result is to be exact.
 */
static const double cut_deviation = 0.87962566103423978;

static double fixed(double in, double out) { return (void)in, (void)out, 0.05; }
static double glorot_uniform(double in, double out) { return sqrt(6 / (in + out)); }
static double glorot_normal(double in, double out) { return sqrt(2 / (in + out)) / cut_deviation; }
static double he_uniform(double in, double out) { return (void)out, sqrt(6 / in); }
static double he_normal(double in, double out) { return (void)out, sqrt(2 / in) / cut_deviation; }
static double lecun_normal(double in, double out) { return (void)out, sqrt(1 / in) / cut_deviation; }

#define ROWS(ROW)                                                                                            \
    ROW("glorot-normal", TRUNCATED_NORMAL, glorot_normal,                                                    \
        "normal, sd sqrt(2 / (fan_in + fan_out)) after its cut at 2 sd")                                     \
    ROW("glorot-uniform", UNIFORM, glorot_uniform, "uniform in +-sqrt(6 / (fan_in + fan_out))")              \
    ROW("he-normal", TRUNCATED_NORMAL, he_normal, "normal, sd sqrt(2 / fan_in) after its cut at 2 sd")       \
    ROW("he-uniform", UNIFORM, he_uniform, "uniform in +-sqrt(6 / fan_in)")                                  \
    ROW("lecun-normal", TRUNCATED_NORMAL, lecun_normal, "normal, sd sqrt(1 / fan_in) after its cut at 2 sd") \
    ROW("normal", NORMAL, fixed, "normal, sd 0.05")                                                          \
    ROW("truncated-normal", TRUNCATED_NORMAL, fixed, "normal, sd 0.05, cut at +-0.1")                        \
    ROW("uniform", UNIFORM, fixed, "uniform in +-0.05")

static const initializer table[] = {
#define ROW(name, kind, width, help) {name, help, kind, width},
    ROWS(ROW)
#undef ROW
};

const char *const ln_initializer_names[] = {
#define ROW(name, kind, width, help) name,
    ROWS(ROW)
#undef ROW
        NULL};

static const initializer *find(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (name && !strcmp(name, table[i].name))
            return &table[i];
    return NULL;
}

const char *ln_initializer_help(const char *name)
{
    const initializer *row = find(name);
    return row ? row->help : NULL;
}

static double draw(const initializer *from, double width, ln_random *random)
{
    switch (from->kind) {
    case UNIFORM: return width * (2 * ln_random_unit(random) - 1);
    case NORMAL: return width * ln_random_normal(random);
    case TRUNCATED_NORMAL: return width * ln_random_truncated_normal(random, 2);
    }
    return 0;
}

static void fill(const initializer *from, const ln_tensor_row *tensor, float *weights, uint64_t seed, uint32_t stream)
{
    memset(weights, 0, tensor->size * sizeof *weights);
    if (tensor->rank == 1)
        return; /* a bias */
    const double area = tensor->rank == 4 ? (double)tensor->shape[2] * tensor->shape[3] : 1;
    const double width = from->width(area * tensor->shape[1], area * tensor->shape[0]);
    ln_random random = ln_random_open(seed, LN_FOR_WEIGHTS, 0, stream);
    for (size_t i = 0; i < tensor->size; i++)
        weights[i] = (float)draw(from, width, &random);
}

lenet_status lenet_model_initialize(lenet_model *model, const char *name, uint64_t seed, lenet_error *error)
{
    const initializer *from = find(name);
    if (!from)
        return ln_fail(error, LENET_USAGE, "initializer: '%s' is unknown (lenet_option_names lists them)",
                       name ? name : "");
    for (size_t i = 0; i < model->tensor_count; i++)
        fill(from, &model->tensors[i], model->weights + model->tensors[i].offset, seed, (uint32_t)i);
    return LENET_OK;
}
