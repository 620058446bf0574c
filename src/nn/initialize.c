/* SPDX-License-Identifier: MIT */
/*
 * initialize.c - distributions that weights and biases are drawn from, by Keras's and PyTorch's definitions.
 * A new one is a row of the table.
 *
 * fan_in and fan_out are inputs and outputs of a unit: for a convolution kernel rows x kernel columns x
 * channels in or out; a bias has those of its layer's weights. Each tensor has its own stream of random
 * numbers, so a tensor's values do not depend on the tensors before it.
 */
#include "nn/model.h"
#include "settings/names.h"
#include "util/error.h"
#include "util/number.h"
#include "util/random.h"

#include <math.h>
#include <string.h>

typedef enum distribution { CONSTANT, UNIFORM, NORMAL, TRUNCATED_NORMAL } distribution;

/* What a distribution depends on; `given` is the number after the initializer's name, or its default. */
typedef struct fans {
    double in, out, given;
} fans;

/*
 * `width` is the value of a constant, the limit of a uniform distribution, the standard deviation of a normal
 * one (before it is cut at 2 standard deviations).
 */
typedef struct initializer {
    const char *name;
    distribution kind;
    const ln_choice_number *numbers;
    double (*width)(fans f);
    const char *help;
} initializer;

/*
 * The standard deviation that is left of 1 after cutting a normal distribution at +-2: Keras divides by it
 * where the result is to be exact.
 */
static const double cut_deviation = 0.87962566103423978;

static double given(fans f) { return f.given; }
static double zero(fans f) { return (void)f, 0; }
static double glorot_uniform(fans f) { return sqrt(6 / (f.in + f.out)); }
static double glorot_normal(fans f) { return sqrt(2 / (f.in + f.out)) / cut_deviation; }
static double he_uniform(fans f) { return sqrt(6 / f.in); }
static double he_normal(fans f) { return sqrt(2 / f.in) / cut_deviation; }
static double lecun_normal(fans f) { return sqrt(1 / f.in) / cut_deviation; }
static double pytorch(fans f) { return 1 / sqrt(f.in); }

static const ln_choice_number no_numbers[] = {{NULL, 0, 0, 0}}, limit[] = {{"limit", 0, 1000, 0.05}, {NULL, 0, 0, 0}},
                              std[] = {{"std", 0, 1000, 0.05}, {NULL, 0, 0, 0}},
                              value[] = {{"value", -1000, 1000, 0.1}, {NULL, 0, 0, 0}};

/* For weights alone; for biases alone; for both. */
#define WEIGHT_ROWS(ROW)                                                                                           \
    ROW("glorot-normal", TRUNCATED_NORMAL, no_numbers, glorot_normal,                                              \
        "normal, sd sqrt(2 / (fan_in + fan_out)) after its cut at 2 sd")                                           \
    ROW("glorot-uniform", UNIFORM, no_numbers, glorot_uniform, "uniform in +-sqrt(6 / (fan_in + fan_out))")        \
    ROW("he-normal", TRUNCATED_NORMAL, no_numbers, he_normal, "normal, sd sqrt(2 / fan_in) after its cut at 2 sd") \
    ROW("he-uniform", UNIFORM, no_numbers, he_uniform, "uniform in +-sqrt(6 / fan_in)")                            \
    ROW("lecun-normal", TRUNCATED_NORMAL, no_numbers, lecun_normal, "normal, sd sqrt(1 / fan_in) after its cut at 2 sd")
#define BIAS_ROWS(ROW)                                              \
    ROW("constant", CONSTANT, value, given, "constant[:value=0.1]") \
    ROW("zero", CONSTANT, no_numbers, zero, "0")
#define COMMON_ROWS(ROW)                                                                                             \
    ROW("normal", NORMAL, std, given, "normal[:std=0.05]")                                                           \
    ROW("pytorch-default", UNIFORM, no_numbers, pytorch,                                                             \
        "uniform in +-1/sqrt(fan_in), also for biases without --init-bias")                                          \
    ROW("truncated-normal", TRUNCATED_NORMAL, std, given, "truncated-normal[:std=0.05]  drawn again beyond +-2 std") \
    ROW("uniform", UNIFORM, limit, given, "uniform[:limit=0.05]  in +-limit")

#define ROW(name, kind, numbers, width, help) {name, kind, numbers, width, help},
static const initializer for_weights[] = {WEIGHT_ROWS(ROW) COMMON_ROWS(ROW){.name = NULL}},
                         for_biases[] = {BIAS_ROWS(ROW) COMMON_ROWS(ROW){.name = NULL}};
#undef ROW
#define ROW(name, kind, numbers, width, help) name,
const char *const ln_initializer_names[] = {WEIGHT_ROWS(ROW) COMMON_ROWS(ROW) NULL};
const char *const ln_bias_initializer_names[] = {BIAS_ROWS(ROW) COMMON_ROWS(ROW) NULL};
#undef ROW

static const initializer *find(const initializer *table, const char *text)
{
    for (; table->name; table++)
        if (text && ln_choice_is(text, table->name))
            return table;
    return NULL;
}

const char *ln_initializer_help(const char *name)
{
    const initializer *row = find(for_weights, name);
    return row ? row->help : NULL;
}

const char *ln_bias_initializer_help(const char *name)
{
    const initializer *row = find(for_biases, name);
    return row ? row->help : NULL;
}

/* The row of `text`, and the number after its name. */
static lenet_status read(const initializer *table, const char *what, const char *text, const initializer **row,
                         double *number, lenet_error *error)
{
    double numbers[LN_CHOICE_NUMBERS] = {0};
    char why[160];
    *row = find(table, text);
    if (!*row)
        return ln_fail(error, LENET_USAGE, "%s: '%s' is unknown (lenet_option_names lists them)", what,
                       text ? text : "");
    if (!ln_choice_read(text, (*row)->numbers, numbers, why))
        return ln_fail(error, LENET_USAGE, "%s %s: %s", what, text, why);
    *number = numbers[0];
    return LENET_OK;
}

lenet_status ln_initializers_check(const lenet_settings *settings, lenet_error *error)
{
    const initializer *row;
    double number;
    const lenet_status status = read(for_weights, "init", settings->initializer, &row, &number, error);
    if (status || !settings->bias_initializer)
        return status;
    return read(for_biases, "init-bias", settings->bias_initializer, &row, &number, error);
}

static double draw(const initializer *from, double width, ln_random *random)
{
    switch (from->kind) {
    case CONSTANT: return width;
    case UNIFORM: return width * (2 * ln_random_unit(random) - 1);
    case NORMAL: return width * ln_random_normal(random);
    case TRUNCATED_NORMAL: return width * ln_random_truncated_normal(random, 2);
    }
    return 0;
}

/* Tensors that nothing is drawn for. */
static void start(lenet_model *model)
{
    for (const ln_tensor_row *t = model->tensors; t < model->tensors + model->tensor_count; t++)
        for (size_t k = 0; (t->start == LN_STARTS_AT_0 || t->start == LN_STARTS_AT_1) && k < t->size; k++)
            model->weights[t->offset + k] = t->start == LN_STARTS_AT_1;
}

/* Draws the tensors of the model that are biases, or those that are weights. */
static void fill(lenet_model *model, const initializer *from, double number, int biases, uint64_t seed)
{
    fans f = {.given = number};
    for (size_t i = 0; i < model->tensor_count; i++) {
        const ln_tensor_row *tensor = &model->tensors[i];
        if (tensor->start == LN_DRAWN_WEIGHTS) {
            const double area = tensor->rank == 4 ? (double)tensor->shape[2] * tensor->shape[3] : 1;
            f.in = area * tensor->shape[1];
            f.out = area * tensor->shape[0];
        }
        if (tensor->start != (biases ? LN_DRAWN_BIASES : LN_DRAWN_WEIGHTS))
            continue;
        const double width = from->width(f);
        ln_random random = ln_random_open(seed, LN_FOR_WEIGHTS, 0, (uint32_t)i);
        for (size_t k = 0; k < tensor->size; k++)
            model->weights[tensor->offset + k] = (float)draw(from, width, &random);
    }
}

lenet_status lenet_model_initialize(lenet_model *model, const char *name, uint64_t seed, lenet_error *error)
{
    const initializer *from;
    double number;
    const lenet_status status = read(for_weights, "initializer", name, &from, &number, error);
    if (status)
        return status;
    start(model);
    fill(model, from, number, 0, seed);
    return lenet_model_initialize_biases(model, strcmp(from->name, "pytorch-default") ? "zero" : from->name, seed,
                                         error);
}

lenet_status lenet_model_initialize_biases(lenet_model *model, const char *name, uint64_t seed, lenet_error *error)
{
    const initializer *from;
    double number;
    const lenet_status status = read(for_biases, "bias initializer", name, &from, &number, error);
    if (!status)
        fill(model, from, number, 1, seed);
    return status;
}
