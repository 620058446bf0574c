/* SPDX-License-Identifier: MIT */
/*
 * test_norm.c - batch normalisation beyond its gradient (test_gradients.c) and PyTorch's numbers (tests/golden): what is remembered of
 * batches, when, and that evaluation uses it alone; batches of one; files; and what counts as trained.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/memory.h"
#include "util/random.h"
#include "nn/model.h"
#include "nn/executor.h"
#include "train/engine.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { IMAGES = 53, SIDE = 4, PIXELS = 2 * SIDE * SIDE, CLASSES = 3 };

static const lenet_shape shape = {2, SIDE, SIDE};

typedef struct bench {
    lenet_model *model;
    ln_engine engine;
    ln_executor *executor;
    uint8_t images[IMAGES * PIXELS], labels[IMAGES];
} bench;

static void open_bench(bench *b, const char *architecture, int threads)
{
    *b = (bench){.model = NULL};
    ln_random random = ln_random_open(9, LN_FOR_LIMIT, 0, 0);
    for (size_t i = 0; i < sizeof b->images; i++)
        b->images[i] = (uint8_t)(ln_random_below(&random, 100) + (i / (SIDE * SIDE) % 2 ? 150 : 20)); /* channels that differ */
    for (size_t i = 0; i < IMAGES; i++)
        b->labels[i] = (uint8_t)(i % CLASSES);
    assert_int_equal(lenet_model_create(&b->model, architecture, shape, CLASSES, NULL), LENET_OK);
    assert_int_equal(lenet_model_initialize(b->model, "pytorch-default", 3, NULL), LENET_OK);
    assert_int_equal(ln_engine_open(&b->engine, &(lenet_compute){threads, NULL}, NULL), LENET_OK);
    assert_int_equal(ln_executor_open(&b->executor, b->model, b->engine.kernels, b->engine.threads, IMAGES, 1, NULL), LENET_OK);
}

static void close_bench(bench *b)
{
    ln_executor_close(&b->executor);
    ln_engine_close(&b->engine);
    lenet_model_close(&b->model);
}

static ln_batch batch_of(const bench *b, size_t first, size_t count)
{
    return (ln_batch){b->images + first * PIXELS, b->labels + first, NULL, count};
}

static void leave(void *context, size_t first, size_t count, size_t row) { (void)context, (void)first, (void)count, (void)row; }
static const ln_update no_change = {.apply = leave};

static float *tensor(const bench *b, const char *name)
{
    for (size_t i = 0; i < b->model->tensor_count; i++)
        if (!strcmp(b->model->tensors[i].name, name))
            return b->model->weights + b->model->tensors[i].offset;
    fail_msg("no tensor %s", name);
    return NULL;
}

/* Mean and variance (over n) of a channel of the images, as the network sees them. */
static void statistics(const ln_batch *batch, int channel, double *mean, double *variance)
{
    const size_t area = SIDE * SIDE, n = batch->count * area;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += batch->images[i / area * PIXELS + (size_t)channel * area + i % area] / 255.0;
    *mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += pow(batch->images[i / area * PIXELS + (size_t)channel * area + i % area] / 255.0 - *mean, 2);
    *variance = squares / (double)n;
}

static void check_running(const char *architecture, double momentum, int unbiased, int threads)
{
    static bench b;
    open_bench(&b, architecture, threads);
    double mean[2] = {0, 0}, variance[2] = {1, 1};
    const size_t counts[] = {IMAGES, 17, 1, 16};
    for (size_t i = 0; i < 4; i++) {
        const ln_batch batch = batch_of(&b, i, counts[i] - (counts[i] == IMAGES ? i : 0));
        assert_true(ln_executor_step(b.executor, &batch, &no_change));
        for (int c = 0; c < 2; c++) {
            double m, v;
            const double n = (double)batch.count * SIDE * SIDE;
            statistics(&batch, c, &m, &v);
            mean[c] = momentum * mean[c] + (1 - momentum) * m;
            variance[c] = momentum * variance[c] + (1 - momentum) * (unbiased ? v * n / (n - 1) : v);
            assert_true(fabs((double)tensor(&b, "bn1.running_mean")[c] - mean[c]) < 1e-6);
            assert_true(fabs((double)tensor(&b, "bn1.running_var")[c] - variance[c]) < 1e-6);
        }
    }
    close_bench(&b);
}

static void test_running(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 3; threads++) {
        check_running("batchnorm,dense:3", 0.99, 0, threads);
        check_running("batchnorm:momentum=0.9:unbiased=1,dense:3", 0.9, 1, threads);
        check_running("batchnorm:momentum=0,dense:3", 0, 0, threads);
    }
}

/* A step that only measures the gradient, or that diverges, leaves what is remembered as it is. */
static void test_only_updates_remember(void **state)
{
    (void)state;
    static bench b;
    open_bench(&b, "batchnorm,dense:3", 2);
    const ln_batch batch = batch_of(&b, 0, IMAGES);
    assert_true(ln_executor_step(b.executor, &batch, NULL));
    assert_true(tensor(&b, "bn1.running_mean")[1] == 0 && tensor(&b, "bn1.running_var")[1] == 1);
    tensor(&b, "fc1.weight")[0] = INFINITY;
    assert_false(ln_executor_step(b.executor, &batch, &no_change));
    assert_true(tensor(&b, "bn1.running_mean")[1] == 0 && tensor(&b, "bn1.running_var")[1] == 1);
    close_bench(&b);
}

/* The logits of one image by hand, for "batchnorm:eps=0.01,dense:3". */
static double loss_by_hand(const bench *b, const uint8_t *image, int label)
{
    double logit[CLASSES], sum = 0;
    for (int k = 0; k < CLASSES; k++) {
        logit[k] = (double)tensor(b, "fc1.bias")[k];
        for (size_t i = 0; i < PIXELS; i++) {
            const size_t c = i / (SIDE * SIDE);
            const double sd = sqrt((double)tensor(b, "bn1.running_var")[c] + 0.01);
            const double x = (image[i] / 255.0 - (double)tensor(b, "bn1.running_mean")[c]) / sd;
            logit[k] += (double)tensor(b, "fc1.weight")[(size_t)k * PIXELS + i] *
                        (x * (double)tensor(b, "bn1.weight")[c] + (double)tensor(b, "bn1.bias")[c]);
        }
        sum += exp(logit[k]);
    }
    return log(sum) - logit[label];
}

/* By the running numbers, whatever else is in the batch, in the training executor and in one of its own. */
static void test_evaluation(void **state)
{
    (void)state;
    static bench b;
    float losses[IMAGES], alone[IMAGES], probabilities[IMAGES * CLASSES];
    uint8_t predicted[IMAGES];
    open_bench(&b, "batchnorm:eps=0.01,dense:3", 3);
    for (int c = 0; c < 2; c++) {
        tensor(&b, "bn1.weight")[c] = 1.5f - (float)c;
        tensor(&b, "bn1.bias")[c] = 0.25f;
    }
    const ln_batch all = batch_of(&b, 0, IMAGES), few = batch_of(&b, 5, 17);
    for (int i = 0; i < 3; i++)
        assert_true(ln_executor_step(b.executor, &few, &no_change));
    ln_executor_evaluate(b.executor, &all, losses, predicted);
    assert_int_equal(lenet_model_predict(b.model, IMAGES, b.images, probabilities, NULL, NULL), LENET_OK);
    for (size_t i = 0; i < IMAGES; i++) {
        const ln_batch one = batch_of(&b, i, 1);
        ln_executor_evaluate(b.executor, &one, &alone[i], predicted);
        assert_true(alone[i] == losses[i]);
        assert_true(fabs((double)losses[i] - loss_by_hand(&b, b.images + i * PIXELS, b.labels[i])) < 1e-5);
        assert_true(fabs(exp(-(double)losses[i]) - (double)probabilities[i * CLASSES + b.labels[i]]) < 1e-6);
    }
    close_bench(&b);
}

/* One image has no variance in a dense layer: the output is the shift, the gradient of what comes before it 0. */
static void test_one_image(void **state)
{
    (void)state;
    static bench b;
    open_bench(&b, "dense:5,batchnorm,dense:3", 2);
    const ln_batch one = batch_of(&b, 0, 1);
    assert_true(ln_executor_step(b.executor, &one, &no_change));
    const float *gradient = ln_executor_gradient(b.executor);
    for (size_t i = 0; i < 5 * PIXELS; i++)
        assert_true(gradient[b.model->layers[0].weight + i] == 0);
    for (size_t c = 0; c < 5; c++) {
        assert_true(fabs((double)tensor(&b, "bn1.running_var")[c] - 0.99) < 1e-6);
        assert_true(gradient[b.model->layers[1].weight + c] == 0);
    }
    close_bench(&b);
}

static void test_tensors_and_files(void **state)
{
    (void)state;
    static bench b;
    char path[] = "/tmp/lenet-norm-XXXXXX", before[65], after[65];
    lenet_model *loaded = NULL;
    lenet_layer layer;
    open_bench(&b, "conv:4@3x3,batchnorm:momentum=0.5,relu,dense:6,batchnorm,dense:3", 2);
    assert_int_equal(b.model->tensor_count, 6 + 8);
    assert_int_equal(lenet_model_parameters(b.model), 4 * 18 + 4 + 8 + 6 * 16 + 6 + 12 + 3 * 6 + 3);
    assert_int_equal(lenet_model_layer(b.model, 1, &layer, NULL), LENET_OK);
    assert_string_equal(layer.name, "bn1");
    assert_int_equal(layer.parameters, 8);
    for (size_t c = 0; c < 6; c++)
        assert_true(tensor(&b, "bn2.weight")[c] == 1 && tensor(&b, "bn2.bias")[c] == 0);
    const ln_batch batch = batch_of(&b, 0, 20);
    assert_true(ln_executor_step(b.executor, &batch, &no_change));
    lenet_model_sha256(b.model, before);
    const int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    assert_int_equal(lenet_model_save(b.model, path, NULL), LENET_OK);
    assert_int_equal(lenet_model_load(&loaded, path, NULL), LENET_OK);
    lenet_model_sha256(loaded, after);
    assert_string_equal(before, after);
    remove(path);
    lenet_model_close(&loaded);
    close_bench(&b);
}

/* Averages are of what is trained; what is remembered of batches is left as it is, in the kept model too. */
static void test_average_of_weights(void **state)
{
    (void)state;
    static bench b;
    lenet_dataset *dataset = NULL;
    lenet_settings settings;
    lenet_result result;
    open_bench(&b, "batchnorm:momentum=0.5,dense:3", 2);
    lenet_settings_default(&settings);
    settings.ema = 0.9;
    settings.keep = LENET_KEEP_LAST;
    settings.epochs = 4;
    settings.batch = 10;
    assert_int_equal(lenet_dataset_create(&dataset, shape, CLASSES, IMAGES, b.images, b.labels, NULL), LENET_OK);
    assert_int_equal(lenet_train(b.model, dataset, NULL, &settings, &result, NULL), LENET_OK);
    for (int c = 0; c < 2; c++) {
        double mean, variance;
        const ln_batch all = batch_of(&b, 0, IMAGES);
        statistics(&all, c, &mean, &variance);
        assert_true(fabs((double)tensor(&b, "bn1.running_mean")[c] - mean) < 0.02);
        assert_true(fabs((double)tensor(&b, "bn1.running_var")[c] - variance) < 0.01);
    }
    lenet_dataset_close(&dataset);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_running),    cmocka_unit_test(test_only_updates_remember), cmocka_unit_test(test_evaluation),
        cmocka_unit_test(test_one_image), cmocka_unit_test(test_tensors_and_files), cmocka_unit_test(test_average_of_weights),
    };
    return cmocka_run_group_tests_name("norm", tests, NULL, NULL);
}
