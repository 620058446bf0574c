/* SPDX-License-Identifier: MIT */
/*
 * test_gradients.c - the gradient of every layer kind, activation and the loss against central differences of a second
 * implementation of the network in double, which shares nothing with the library but the layers' description: plain
 * loops over one sample at a time.
 *
 * ctest: single
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/memory.h"
#include "util/random.h"
#include "nn/executor.h"
#include "train/engine.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES = 10, BATCH = 21, MAX_FEATURES = 1 << 13 }; /* 21: a full block of 16 and a short one */

/* ------------------------------------------------------------------------------------ the network again, in double */

static double act(const ln_layer *layer, double x)
{
    const char *kind = layer->kind->name;
    if (!strcmp(kind, "relu"))
        return x > 0 ? x : 0;
    if (!strcmp(kind, "leaky-relu"))
        return x > 0 ? x : layer->slope * x;
    if (!strcmp(kind, "elu"))
        return x > 0 ? x : layer->slope * (exp(x) - 1);
    if (!strcmp(kind, "tanh"))
        return tanh(x);
    if (!strcmp(kind, "selu"))
        return 1.0507009873554804934193349852946 * (x > 0 ? x : 1.6732632423543772848170429916717 * expm1(x));
    if (!strcmp(kind, "gelu"))
        return 0.5 * x * (1 + erf(x / sqrt(2)));
    if (!strcmp(kind, "gelu-tanh"))
        return 0.5 * x * (1 + tanh(sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    assert_string_equal(kind, "sigmoid");
    return 1 / (1 + exp(-x));
}

static double at(const double *x, lenet_shape s, int c, int y, int z)
{
    return y < 0 || z < 0 || y >= s.height || z >= s.width ? 0 : x[(c * s.height + y) * s.width + z];
}

static double conv_at(const ln_layer *l, const double *w, const double *x, int o, int y, int z)
{
    double sum = w[l->bias + (size_t)o];
    const double *filter = w + l->weight + (size_t)(o * l->in.channels * l->kernel_height * l->kernel_width);
    for (int c = 0; c < l->in.channels; c++)
        for (int i = 0; i < l->kernel_height; i++)
            for (int j = 0; j < l->kernel_width; j++)
                sum += *filter++ * at(x, l->in, c, y * l->stride + i - l->pad, z * l->stride + j - l->pad);
    return sum;
}

static double pool_at(const ln_layer *l, const double *x, int c, int y, int z, int largest)
{
    double best = -INFINITY, sum = 0;
    for (int i = 0; i < l->kernel_height; i++)
        for (int j = 0; j < l->kernel_width; j++) {
            const double value = at(x, l->in, c, y * l->stride + i, z * l->stride + j);
            best = value > best ? value : best;
            sum += value;
        }
    return largest ? best : sum / (l->kernel_height * l->kernel_width);
}

static double dense_at(const ln_layer *l, const double *w, const double *x, int o)
{
    const size_t inputs = ln_features(l->in);
    double sum = w[l->bias + (size_t)o];
    for (size_t i = 0; i < inputs; i++)
        sum += w[l->weight + (size_t)o * inputs + i] * x[i];
    return sum;
}

/* Dropout as executor.h and kernels.h have it; the place of a sample is its number, all else is 0. */
static double drop(const ln_layer *l, size_t sample, uint32_t feature, double x)
{
    const uint32_t key[2] = {0, 0}, counter[4] = {feature / 4, (uint32_t)sample, 0, 32u << 24 | (uint32_t)l->ordinal};
    uint32_t word[4];
    ln_philox(key, counter, word);
    return word[feature % 4] / 0x1p32 < l->rate ? 0 : x / (1 - l->rate);
}

static void layer_forward(const ln_layer *l, const double *w, size_t sample, const double *x, double *y)
{
    const char *kind = l->kind->name;
    const double *first = y;
    for (int c = 0; c < l->out.channels; c++)
        for (int i = 0; i < l->out.height; i++)
            for (int j = 0; j < l->out.width; j++, y++) {
                if (!strcmp(kind, "conv"))
                    *y = conv_at(l, w, x, c, i, j);
                else if (!strcmp(kind, "dense"))
                    *y = dense_at(l, w, x, c);
                else if (strstr(kind, "pool"))
                    *y = pool_at(l, x, c, i, j, !strcmp(kind, "maxpool"));
                else if (!strcmp(kind, "dropout"))
                    *y = drop(l, sample, (uint32_t)(y - first), at(x, l->in, c, i, j));
                else
                    *y = act(l, at(x, l->in, c, i, j));
            }
}

/* The activations of a whole batch. */
typedef double layer_values[BATCH][MAX_FEATURES];

/* Each channel over all samples and places; what it is to remember goes to `mean` and `variance`. */
static void normalise(const ln_layer *l, const double *w, size_t count, layer_values x, layer_values y, double *mean, double *variance)
{
    const size_t area = (size_t)(l->in.height * l->in.width), n = count * area;
    for (size_t c = 0; c < (size_t)l->in.channels; c++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < n; i++)
            sum += x[i / area][c * area + i % area];
        mean[c] = sum / (double)n;
        for (size_t i = 0; i < n; i++)
            squares += pow(x[i / area][c * area + i % area] - mean[c], 2);
        variance[c] = squares / (double)(l->unbiased ? n - 1 : n);
        for (size_t i = 0; i < n; i++)
            y[i / area][c * area + i % area] = (x[i / area][c * area + i % area] - mean[c]) /
                                                   sqrt(squares / (double)n + l->epsilon) * w[l->weight + c] +
                                               w[l->bias + c];
    }
}

/* Mean cross-entropy over the batch with weights `w` in the arena's layout. */
static double loss_of(const lenet_model *model, const double *w, const ln_batch *batch)
{
    static layer_values buffer[2];
    static double mean[4096], variance[4096];
    const size_t pixels = ln_features(model->shape);
    double total = 0;
    int at = 0;
    for (size_t s = 0; s < batch->count; s++)
        for (size_t p = 0; p < pixels; p++)
            buffer[at][s][p] = batch->images[s * pixels + p] / 255.0;
    for (size_t i = 0; i < model->layer_count; i++, at = !at) {
        const ln_layer *l = &model->layers[i];
        if (!strcmp(l->kind->name, "batchnorm"))
            normalise(l, w, batch->count, buffer[at], buffer[!at], mean, variance);
        for (size_t s = 0; strcmp(l->kind->name, "batchnorm") && s < batch->count; s++)
            layer_forward(l, w, s, buffer[at][s], buffer[!at][s]);
    }
    for (size_t s = 0; s < batch->count; s++) {
        double sum = 0;
        for (int k = 0; k < CLASSES; k++)
            sum += exp(buffer[at][s][k]);
        total += log(sum) - buffer[at][s][batch->labels[s]];
    }
    return total / (double)batch->count;
}

/*
 * --------------------------------------------------------------------------------------------------------- the check
 */

/* A few weights of each tensor: the first, the last, and some between. */
static void check_tensor(const lenet_model *model, const ln_tensor_row *tensor, double *w, const ln_batch *batch, const float *gradient)
{
    double largest = 1e-3;
    for (size_t i = 0; i < tensor->size; i++)
        largest = fmax(largest, fabs((double)gradient[tensor->offset + i]));
    const size_t step = tensor->size > 12 ? tensor->size / 11 : 1;
    for (size_t i = 0; i < tensor->size; i = i + step < tensor->size || i == tensor->size - 1 ? i + step : tensor->size - 1) {
        const double h = 1e-5, before = w[tensor->offset + i], found = (double)gradient[tensor->offset + i];
        w[tensor->offset + i] = before + h;
        const double up = loss_of(model, w, batch);
        w[tensor->offset + i] = before - h;
        const double down = loss_of(model, w, batch);
        w[tensor->offset + i] = before;
        const double slope = (up - down) / (2 * h);
        if (!(fabs(slope - found) <= 2e-5 * largest))
            fail_msg("%s[%zu]: gradient %.9g, by differences %.9g", tensor->name, i, found, slope);
    }
}

static void check_architecture(const char *architecture, lenet_shape shape, const char *isa)
{
    lenet_model *model = NULL;
    lenet_error error = {LENET_OK, ""};
    ln_engine engine;
    ln_executor *executor = NULL;
    lenet_model_create(&model, architecture, shape, CLASSES, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(lenet_model_initialize(model, "he-normal", 3, NULL), LENET_OK);
    ln_random random = ln_random_open(5, LN_FOR_LIMIT, 0, 0);
    for (size_t i = 0; i < model->tensor_count; i++) /* biases that matter */
        for (size_t k = 0; model->tensors[i].rank == 1 && k < model->tensors[i].size; k++)
            model->weights[model->tensors[i].offset + k] += (float)(0.2 * ln_random_normal(&random));
    const size_t pixels = ln_features(shape);
    uint8_t *images = ln_alloc(BATCH, pixels), labels[BATCH];
    for (size_t i = 0; i < BATCH * pixels; i++)
        images[i] = (uint8_t)ln_random_word(&random);
    for (size_t i = 0; i < BATCH; i++)
        labels[i] = (uint8_t)ln_random_below(&random, CLASSES);
    const ln_batch batch = {images, labels, NULL, BATCH};
    assert_int_equal(ln_engine_open(&engine, &(lenet_compute){2, isa}, NULL), LENET_OK);
    assert_int_equal(ln_executor_open(&executor, model, engine.kernels, engine.threads, BATCH, 1, NULL), LENET_OK);
    assert_true(ln_executor_step(executor, &batch, NULL));

    double *w = ln_alloc(model->weight_count, sizeof *w), mean = 0;
    for (size_t i = 0; i < model->weight_count; i++)
        w[i] = (double)model->weights[i];
    for (size_t i = 0; i < BATCH; i++)
        mean += (double)ln_executor_losses(executor)[i] / BATCH;
    assert_true(fabs(mean - loss_of(model, w, &batch)) < 1e-5);
    for (size_t i = 0; i < model->tensor_count; i++)
        if (model->tensors[i].is_trained)
            check_tensor(model, &model->tensors[i], w, &batch, ln_executor_gradient(executor));
    ln_executor_close(&executor);
    ln_engine_close(&engine);
    lenet_model_close(&model);
    ln_free(images);
    ln_free(w);
}

/*
 * ------------------------------------------------------------------------------------------------------------- tests
 */

/*
 * What each layer kind must survive: fused and not, odd sizes, strides, padding inside the network, windows that
 * overlap.
 */
static const struct {
    const char *architecture;
    lenet_shape shape;
} cases[] = {
    {"dense:10", {1, 5, 7}},
    {"dense:13,relu,dense:10", {2, 4, 4}},
    {"dense:9,leaky-relu:slope=0.2,dense:11,elu:alpha=0.7,dense:10", {1, 4, 5}},
    {"dense:9,tanh,dense:11,sigmoid,dense:10", {1, 4, 5}},
    {"sigmoid,conv:3@2x3,dense:10", {2, 6, 5}},
    {"dense:9,selu,dense:11,gelu,dense:12,gelu-tanh,dense:10", {1, 4, 5}},
    {"gelu,conv:4@3x3,gelu,maxpool:2,conv:3@2x2:pad=1,gelu-tanh,selu,maxpool:2,dense:8,gelu,relu,dense:10", {2, 11, 10}},
    {"dropout:0.3,conv:4@3x3,dropout:0.25,relu,maxpool:2,dense:12,tanh,dropout:0.5,dropout:0,dense:10", {1, 11, 12}},
    {"batchnorm,dense:13,batchnorm,relu,batchnorm:eps=0.1,dense:10", {2, 4, 4}},
    {"conv:4@3x3,relu,batchnorm,maxpool:2,dropout:0.2,conv:3@2x2,batchnorm:eps=0.00001,tanh,avgpool:2:stride=1,dense:10", {2, 11, 10}},
    {"conv:4@3x3,selu,maxpool:2,gelu-tanh,avgpool:2,dense:10", {2, 12, 12}},
    {"conv:5@3x3,relu,maxpool:2,dense:10", {1, 9, 11}},
    {"conv:5@3x3,maxpool:2,dense:10", {1, 9, 11}},
    {"conv:5@3x3,relu,maxpool:2,sigmoid,dense:10", {1, 9, 11}},
    {"dense:9,tanh,sigmoid,elu,dense:11,leaky-relu,tanh,dense:10", {1, 4, 5}},
    {"dense:12,relu,conv:5@1x1,tanh,dense:10", {2, 4, 5}},
    {"conv:4@3x3:pad=1,tanh,maxpool:2,conv:7@3x3:pad=2,leaky-relu,maxpool:2,dense:10", {3, 10, 10}},
    {"conv:4@5x3:stride=2:pad=2,elu,conv:6@2x2:stride=2,sigmoid,dense:10", {2, 11, 12}},
    {"conv:3@3x3,maxpool:3:stride=2,conv:8@1x1,relu,avgpool:2,dense:10", {1, 12, 13}},
    {"maxpool:2,conv:9@7x7:pad=3:stride=3,avgpool:3:stride=1,dense:10", {1, 17, 16}},
    {"conv:3@2x3,maxpool:2x3:stride=1,avgpool:3x1:stride=2,conv:2@2x2,relu,maxpool:2x1:stride=2,dense:10", {2, 12, 13}},
    {"conv:2@1x4,conv:3@4x1,conv:1@2x2,relu,dense:10", {1, 8, 8}},
    {"conv:6@5x5,relu,maxpool:2,conv:16@5x5,relu,maxpool:2,dense:20,relu,dense:10", {1, 20, 20}},
};

static void test_gradients(void **state)
{
    for (const char *const *isa = lenet_isa_list(); *isa; isa++)
        check_architecture(cases[(size_t)(uintptr_t)*state].architecture, cases[(size_t)(uintptr_t)*state].shape, *isa);
}

/* The check must be able to fail: the gradient of other labels is wrong. */
static void test_can_fail(void **state)
{
    (void)state;
    lenet_model *model = NULL;
    assert_int_equal(lenet_model_create(&model, "dense:10", (lenet_shape){1, 2, 2}, CLASSES, NULL), LENET_OK);
    double w[64] = {0};
    const uint8_t image[4] = {200, 10, 50, 90}, label = 3, other = 4;
    const ln_batch batch = {image, &label, NULL, 1}, wrong = {image, &other, NULL, 1};
    w[0] = 1;
    const double here = loss_of(model, w, &batch), there = loss_of(model, w, &wrong);
    w[model->layers[0].weight + 3 * 4] += 1e-3;
    assert_true((loss_of(model, w, &batch) - here) * (loss_of(model, w, &wrong) - there) < 0);
    lenet_model_close(&model);
}

int main(void)
{
    enum { CASES = sizeof cases / sizeof *cases };
    struct CMUnitTest tests[CASES + 1];
    for (size_t i = 0; i < CASES; i++)
        tests[i] = (struct CMUnitTest){cases[i].architecture, test_gradients, NULL, NULL, (void *)i};
    tests[CASES] = (struct CMUnitTest)cmocka_unit_test(test_can_fail);
    return _cmocka_run_group_tests("gradients", tests, CASES + 1, NULL, NULL);
}
