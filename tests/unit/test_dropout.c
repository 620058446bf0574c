/* SPDX-License-Identifier: MIT */
/*
 * test_dropout.c - what dropout drops: the share that it should, anew for each seed, epoch, layer and image; and nothing outside
 * training. The gradient is checked by test_gradients.c, the bits by tests/kernels and tests/golden.
 *
 * Shares may be 4.9 standard errors off: a right generator is refused once in a million seeds for each comparison, and the seeds
 * are fixed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nn/executor.h"
#include "train/engine.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FEATURES = 400, IMAGES = 256, NUMBERS = FEATURES * IMAGES };

static const double rate = 0.3;
static const float scale = (float)(1 / (1 - 0.3));

typedef uint8_t pattern[IMAGES][FEATURES];

/* A network that begins with two dropouts. */
typedef struct bench {
    lenet_model *model;
    ln_engine engine;
    ln_executor *executor;
} bench;

static void open_bench(bench *b)
{
    *b = (bench){.model = NULL};
    assert_int_equal(lenet_model_create(&b->model, "dropout:0.3,dropout:0.3,dense:10", (lenet_shape){1, 20, 20}, 10, NULL), LENET_OK);
    assert_int_equal(ln_engine_open(&b->engine, NULL, NULL), LENET_OK);
    assert_int_equal(ln_executor_open(&b->executor, b->model, b->engine.kernels, b->engine.threads, IMAGES, 1, NULL), LENET_OK);
}

static void close_bench(bench *b)
{
    ln_executor_close(&b->executor);
    ln_engine_close(&b->engine);
    lenet_model_close(&b->model);
}

/* What one of the dropouts makes of numbers that are all 1, in one block. */
static void forward(const bench *b, int layer, const ln_step_id *step, int block, float y[LN_BLOCK][FEATURES])
{
    int count;
    const ln_op *op = &ln_executor_ops(b->executor, &count)[layer];
    const ln_work work = {.first = block, .blocks = 1, .step = step};
    const size_t width = (size_t)b->engine.kernels->width;
    float *x = ln_at(&work, &op->x);
    for (size_t i = 0; i < (size_t)FEATURES * LN_BLOCK; i++)
        x[i] = 1;
    op->layer->kind->forward(op, &work);
    const float *out = ln_at(&work, &op->y);
    for (size_t lane = 0; lane < LN_BLOCK; lane++)
        for (size_t f = 0; f < FEATURES; f++)
            y[lane][f] = out[(lane / width * FEATURES + f) * width + lane % width];
}

/* What is kept of a batch; a number is 0 or scaled, nothing else. */
static void keep(const bench *b, int layer, ln_step_id step, pattern kept)
{
    static float y[LN_BLOCK][FEATURES];
    for (int block = 0; block < IMAGES / LN_BLOCK; block++) {
        forward(b, layer, &step, block, y);
        for (int lane = 0; lane < LN_BLOCK; lane++)
            for (int f = 0; f < FEATURES; f++) {
                assert_true(y[lane][f] == 0 || y[lane][f] == scale);
                kept[block * LN_BLOCK + lane][f] = y[lane][f] > 0;
            }
    }
}

static void expect_share(const char *what, double share, double expected, double count)
{
    const double error = sqrt(expected * (1 - expected) / count);
    if (!(fabs(share - expected) <= 4.9 * error))
        fail_msg("%s: %.5f, not %.5f +- %.5f", what, share, expected, error);
}

/* How many of `count` numbers are alike. */
static double alike(const uint8_t *a, const uint8_t *b, size_t count)
{
    double same = 0;
    for (size_t i = 0; i < count; i++)
        same += a[i] == b[i];
    return same / (double)count;
}

static void test_share(void **state)
{
    (void)state;
    static pattern kept;
    bench b;
    open_bench(&b);
    keep(&b, 0, (ln_step_id){7, 1, 0}, kept);
    double sum[4] = {0}; /* the four words of the generator */
    for (size_t i = 0; i < IMAGES; i++)
        for (size_t f = 0; f < FEATURES; f++)
            sum[f % 4] += kept[i][f];
    for (int word = 0; word < 4; word++)
        expect_share("kept", sum[word] / (NUMBERS / 4), 1 - rate, NUMBERS / 4);
    close_bench(&b);
}

/* Two patterns agree by chance alone: both keep or both drop. */
static void expect_unlike(const char *what, pattern a, pattern b)
{
    expect_share(what, alike(a[0], b[0], NUMBERS), rate * rate + (1 - rate) * (1 - rate), NUMBERS);
}

static void test_anew(void **state)
{
    (void)state;
    static pattern first, other;
    bench b;
    open_bench(&b);
    keep(&b, 0, (ln_step_id){7, 1, 0}, first);
    keep(&b, 0, (ln_step_id){8, 1, 0}, other);
    expect_unlike("seeds", first, other);
    keep(&b, 0, (ln_step_id){7ull + (1ull << 32), 1, 0}, other);
    expect_unlike("seeds of 64 bits", first, other);
    keep(&b, 0, (ln_step_id){7, 2, 0}, other);
    expect_unlike("epochs", first, other);
    keep(&b, 1, (ln_step_id){7, 1, 0}, other);
    expect_unlike("layers", first, other);
    keep(&b, 0, (ln_step_id){7, 1, IMAGES}, other);
    expect_unlike("batches", first, other);
    memcpy(other, first[1], NUMBERS - FEATURES); /* an image and the next one */
    expect_share("images", alike(first[0], other[0], NUMBERS - FEATURES), rate * rate + (1 - rate) * (1 - rate), NUMBERS - FEATURES);
    memcpy(other, first[0] + 1, NUMBERS - 1); /* a feature and the next one */
    expect_share("features", alike(first[0], other[0], NUMBERS - 1), rate * rate + (1 - rate) * (1 - rate), NUMBERS - 1);
    close_bench(&b);
}

/* An image's pattern follows its place in the epoch, however that is cut into batches. */
static void test_place(void **state)
{
    (void)state;
    static pattern first, other;
    bench b;
    open_bench(&b);
    keep(&b, 0, (ln_step_id){7, 1, 0}, first);
    keep(&b, 0, (ln_step_id){7, 1, 37}, other);
    assert_memory_equal(first[37], other[0], (IMAGES - 37) * FEATURES);
    close_bench(&b);
}

static void test_evaluation(void **state)
{
    (void)state;
    static float y[LN_BLOCK][FEATURES];
    bench b;
    open_bench(&b);
    forward(&b, 0, NULL, 3, y);
    for (int lane = 0; lane < LN_BLOCK; lane++)
        for (int f = 0; f < FEATURES; f++)
            assert_true(y[lane][f] == 1);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_share),
        cmocka_unit_test(test_anew),
        cmocka_unit_test(test_place),
        cmocka_unit_test(test_evaluation),
    };
    return cmocka_run_group_tests_name("dropout", tests, NULL, NULL);
}
