/* SPDX-License-Identifier: MIT */
/*
 * test_initialize.c - each initializer's distribution: its cut-offs exactly, its mean and standard deviation, and its whole shape
 * by Kolmogorov and Smirnov's test, for a convolution, a dense layer and biases, against the definitions of Keras and PyTorch.
 *
 * The seeds are fixed, so that a run means the same everywhere. Each comparison would refuse a right generator once in a million
 * seeds, all of this file once in 10,000.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/memory.h"
#include "nn/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double normal_bound = 4.9; /* two-sided, once in a million */
static const double ks_bound = 2.694;   /* sqrt(-log(1e-6 / 2) / 2) */

typedef enum form { UNIFORM, NORMAL, CUT } form;

/* What is expected: a distribution of mean 0 whose width is its limit, or its standard deviation before the cut. */
typedef struct expected {
    form form;
    double width;
} expected;

static double below(double x) { return 0.5 * erfc(-x / sqrt(2)); }

/* The distribution function at x. */
static double share_below(expected e, double x)
{
    const double z = x / e.width;
    if (e.form == UNIFORM)
        return (z + 1) / 2;
    return e.form == NORMAL ? below(z) : (below(z) - below(-2)) / (below(2) - below(-2));
}

/* Standard deviation of a standard normal variable that is cut at +-2, by its formula: 0.8796. */
static double cut_sd(void)
{
    const double density = exp(-2) / sqrt(2 * M_PI);
    return sqrt(1 - 2 * 2 * density / (below(2) - below(-2)));
}

static double sd_of(expected e) { return e.width * (e.form == UNIFORM ? 1 / sqrt(3) : e.form == NORMAL ? 1 : cut_sd()); }

/* The fourth moment as a multiple of the squared variance, at most: what the variance's own spread depends on. */
static double kurtosis(expected e) { return e.form == UNIFORM ? 1.8 : 3; }

static int by_size(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* How far the numbers are from the distribution, as shares of what is allowed: mean, variance, shape. Sorts them. */
static double strays(expected e, float *x, size_t count)
{
    double sum = 0, squares = 0, distance = 0;
    const double n = (double)count, sd = sd_of(e);
    qsort(x, count, sizeof *x, by_size);
    for (size_t i = 0; i < count; i++) {
        const double share = share_below(e, (double)x[i]);
        sum += (double)x[i];
        squares += (double)x[i] * (double)x[i];
        distance = fmax(distance, fmax(share - (double)i / n, (double)(i + 1) / n - share));
    }
    const double mean = fabs(sum / n) / (sd / sqrt(n)) / normal_bound;
    const double variance = fabs(squares / n / (sd * sd) - 1) / sqrt((kurtosis(e) - 1) / n) / normal_bound;
    return fmax(fmax(mean, variance), distance * sqrt(n) / ks_bound);
}

static void expect_distribution(const char *what, expected e, float *x, size_t count)
{
    const double share = strays(e, x, count), limit = e.form == CUT ? 2 * e.width : e.width;
    if (!(share <= 1))
        fail_msg("%s: %.3g times what is allowed away from its distribution", what, share);
    if (e.form == NORMAL)
        return;
    const double end = fmax(fabs((double)x[0]), fabs((double)x[count - 1]));
    if (!(end <= limit * (1 + 1e-7) && end > limit * 0.99))
        fail_msg("%s: the largest number is %.9g, the limit %.9g", what, end, limit);
}

/* Tensor `index` of a network that is initialised so. */
static float *numbers_of(const char *architecture, lenet_shape shape, const char *init, const char *bias, size_t index, size_t *count)
{
    lenet_model *model = NULL;
    lenet_tensor tensor;
    lenet_error error = {LENET_OK, ""};
    lenet_model_create(&model, architecture, shape, 10, &error);
    assert_string_equal(error.text, "");
    lenet_model_initialize(model, init, 11, &error);
    if (bias)
        lenet_model_initialize_biases(model, bias, 11, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(lenet_model_tensor(model, index, &tensor, NULL), LENET_OK);
    float *x = ln_alloc(tensor.size, sizeof *x);
    memcpy(x, tensor.data, tensor.size * sizeof *x);
    *count = tensor.size;
    lenet_model_close(&model);
    return x;
}

/* The definitions once more. */
static expected expect(const char *name, double in, double out)
{
    if (!strcmp(name, "glorot-uniform"))
        return (expected){UNIFORM, sqrt(6 / (in + out))};
    if (!strcmp(name, "he-uniform"))
        return (expected){UNIFORM, sqrt(6 / in)};
    if (!strcmp(name, "pytorch-default")) /* kaiming_uniform_(a=sqrt(5)): gain sqrt(2 / (1 + 5)), limit gain sqrt(3 / in) */
        return (expected){UNIFORM, sqrt(2.0 / 6) * sqrt(3 / in)};
    if (!strcmp(name, "glorot-normal"))
        return (expected){CUT, sqrt(2 / (in + out)) / cut_sd()};
    if (!strcmp(name, "he-normal"))
        return (expected){CUT, sqrt(2 / in) / cut_sd()};
    if (!strcmp(name, "lecun-normal"))
        return (expected){CUT, sqrt(1 / in) / cut_sd()};
    if (!strncmp(name, "uniform", 7))
        return (expected){UNIFORM, strstr(name, ":") ? 0.3 : 0.05};
    if (!strncmp(name, "normal", 6))
        return (expected){NORMAL, strstr(name, ":") ? 0.3 : 0.05};
    assert_true(!strncmp(name, "truncated-normal", 16));
    return (expected){CUT, strstr(name, ":") ? 0.3 : 0.05};
}

static void expect_tensor(const char *name, const char *architecture, lenet_shape shape, double in, double out)
{
    size_t count = 0;
    float *x = numbers_of(architecture, shape, name, NULL, 0, &count);
    expect_distribution(name, expect(name, in, out), x, count);
    ln_free(x);
}

static void test_weights(void **state)
{
    (void)state;
    static const char *const numbered[] = {"uniform:0.3", "uniform:limit=0.3", "normal:std=0.3", "truncated-normal:0.3", NULL};
    const char *const *const lists[] = {lenet_option_names(LENET_INITIALIZERS), numbered};
    for (int list = 0; list < 2; list++)
        for (const char *const *name = lists[list]; *name; name++) {
            expect_tensor(*name, "dense:100,dense:10", (lenet_shape){1, 28, 28}, 784, 100);
            expect_tensor(*name, "conv:40@7x5,dense:10", (lenet_shape){30, 8, 6}, 30 * 35, 40 * 35);
        }
}

static void expect_biases(const char *what, const char *init, const char *bias, expected e)
{
    size_t count = 0;
    float *x = numbers_of("dense:20000,dense:10", (lenet_shape){1, 3, 3}, init, bias, 1, &count);
    assert_int_equal(count, 20000);
    expect_distribution(what, e, x, count);
    ln_free(x);
}

static void expect_equal_biases(const char *init, const char *bias, float value)
{
    size_t count = 0;
    float *x = numbers_of("dense:20,dense:10", (lenet_shape){1, 3, 3}, init, bias, 1, &count);
    for (size_t i = 0; i < count; i++)
        if (x[i] != value)
            fail_msg("%s, biases %s: %.9g", init, bias ? bias : "as usual", (double)x[i]);
    ln_free(x);
}

static void test_biases(void **state)
{
    (void)state;
    expect_biases("pytorch-default biases", "pytorch-default", NULL, (expected){UNIFORM, 1.0 / 3});
    expect_biases("init-bias pytorch-default", "he-normal", "pytorch-default", (expected){UNIFORM, 1.0 / 3});
    expect_biases("init-bias uniform:0.2", "he-normal", "uniform:0.2", (expected){UNIFORM, 0.2});
    expect_biases("init-bias normal", "he-normal", "normal", (expected){NORMAL, 0.05});
    expect_biases("init-bias truncated-normal", "he-normal", "truncated-normal:0.1", (expected){CUT, 0.1});
    expect_equal_biases("glorot-uniform", NULL, 0);
    expect_equal_biases("glorot-uniform", "constant:0.25", 0.25f);
    expect_equal_biases("glorot-uniform", "constant", 0.1f);
    expect_equal_biases("pytorch-default", "zero", 0);
}

/* The tests must see what people confuse: no correction for the cut, no cut, PyTorch's cut at +-2 instead of +-2 sd. */
static void test_can_tell(void **state)
{
    (void)state;
    size_t count = 0;
    float *x = numbers_of("dense:100,dense:10", (lenet_shape){1, 28, 28}, "glorot-normal", NULL, 0, &count);
    const double sd = sqrt(2.0 / 884);
    assert_true(strays((expected){CUT, sd / cut_sd()}, x, count) <= 1);
    assert_true(strays((expected){CUT, sd}, x, count) > 2);
    assert_true(strays((expected){NORMAL, sd}, x, count) > 1);
    assert_true(strays((expected){UNIFORM, sd * sqrt(3)}, x, count) > 2);
    ln_free(x);
}

static void test_refusals(void **state)
{
    (void)state;
    lenet_model *model = NULL;
    lenet_error error;
    assert_int_equal(lenet_model_create(&model, "dense:10", (lenet_shape){1, 3, 3}, 10, NULL), LENET_OK);
    assert_int_equal(lenet_model_initialize(model, "uniform:wide", 1, &error), LENET_USAGE);
    assert_string_equal(error.text, "initializer uniform:wide: limit: 'wide' is not a number");
    assert_int_equal(lenet_model_initialize(model, "he-normal:1", 1, &error), LENET_USAGE);
    assert_int_equal(lenet_model_initialize(model, "constant", 1, &error), LENET_USAGE);
    assert_int_equal(lenet_model_initialize_biases(model, "glorot-uniform", 1, &error), LENET_USAGE);
    lenet_model_close(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_biases),
        cmocka_unit_test(test_can_tell),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests_name("initialize", tests, NULL, NULL);
}
