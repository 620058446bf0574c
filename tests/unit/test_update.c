/* SPDX-License-Identifier: MIT */
/*
 * test_update.c - what happens to weights beside the optimiser, against what the definitions say: clipping, norms of units, weight
 * decay, averages, patience; and which settings are refused, with the reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nn/executor.h"
#include "train/update.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGES = 40, SIDE = 8, PIXELS = SIDE * SIDE, MOST_WEIGHTS = 2000 };
#define ARCHITECTURE "conv:4@3x3,relu,maxpool:2,dense:10"

static uint8_t images[IMAGES * PIXELS], labels[IMAGES];

/* A class lights a stripe of its own, over noise. */
static int make_images(void **state)
{
    (void)state;
    uint32_t noise = 1;
    for (int i = 0; i < IMAGES; i++) {
        labels[i] = (uint8_t)(i * 7 % 10);
        for (int p = 0; p < PIXELS; p++) {
            noise = noise * 1664525u + 1013904223u;
            images[i * PIXELS + p] = (uint8_t)((noise >> 25) + (p * 10 / PIXELS == labels[i] ? 120u : 0u));
        }
    }
    return 0;
}

/* Default settings and those of "NAME=VALUE ..."; values point into `kept`. */
static lenet_settings settings_of(const char *text, char kept[256])
{
    lenet_settings settings;
    char *rest = NULL;
    lenet_settings_default(&settings);
    snprintf(kept, 256, "%s", text);
    for (char *word = strtok_r(kept, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(word, '=');
        *value++ = '\0';
        assert_int_equal(lenet_settings_set(&settings, word, value, NULL), LENET_OK);
    }
    return settings;
}

/* Weights before and after `steps` steps, the gradient of the last as the executor formed it, and the average. */
typedef struct outcome {
    size_t count;
    float before[MOST_WEIGHTS], after[MOST_WEIGHTS], average[MOST_WEIGHTS], path[3][MOST_WEIGHTS];
    ln_tensor_row tensors[4];
} outcome;

/* A network with all that a step needs. */
typedef struct rig {
    char kept[256];
    lenet_settings settings;
    lenet_model *model;
    ln_threads *workers;
    ln_executor *executor;
    ln_updater *updater;
} rig;

static void open_rig(rig *r, const char *text, int threads)
{
    lenet_error error;
    const ln_kernels *kernels = ln_kernels_find(NULL);
    *r = (rig){.model = NULL};
    r->settings = settings_of(text, r->kept);
    if (lenet_settings_complete(&r->settings, &r->settings, &error) ||
        lenet_model_create(&r->model, ARCHITECTURE, (lenet_shape){1, SIDE, SIDE}, 10, &error) ||
        lenet_model_initialize(r->model, "glorot-uniform", 1, &error) || ln_threads_open(&r->workers, threads, &error) ||
        ln_executor_open(&r->executor, r->model, kernels, r->workers, IMAGES, 1, &error) ||
        ln_updater_open(&r->updater, &r->settings, r->model, r->executor, kernels, &error))
        fail_msg("%s", error.text);
    assert_true(r->model->weight_count <= MOST_WEIGHTS);
}

static void close_rig(rig *r)
{
    ln_updater_close(&r->updater);
    ln_executor_close(&r->executor);
    ln_threads_close(&r->workers);
    lenet_model_close(&r->model);
}

static int take_step(const rig *r, int step)
{
    const ln_batch batch = {images, labels, NULL, IMAGES};
    const ln_pace pace = {(uint64_t)step, r->settings.learning_rate, NAN};
    return ln_executor_step(r->executor, &batch, ln_updater_begin(r->updater, &pace));
}

static void take_steps(const char *text, int steps, int threads, outcome *o)
{
    rig r;
    open_rig(&r, text, threads);
    const lenet_model *model = r.model;
    o->count = model->weight_count;
    assert_int_equal(model->tensor_count, 4);
    memcpy(o->tensors, model->tensors, sizeof o->tensors);
    memcpy(o->before, model->weights, o->count * sizeof(float));
    for (int step = 0; step < steps; step++) {
        assert_int_equal(take_step(&r, step), 1);
        memcpy(o->path[step], model->weights, o->count * sizeof(float));
    }
    memcpy(o->after, model->weights, o->count * sizeof(float));
    ln_updater_swap(r.updater);
    memcpy(o->average, model->weights, o->count * sizeof(float));
    ln_updater_swap(r.updater);
    assert_memory_equal(o->after, model->weights, o->count * sizeof(float));
    close_rig(&r);
}

static double distance(const float *a, const float *b, size_t count)
{
    double square = 0;
    for (size_t i = 0; i < count; i++)
        square += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    return sqrt(square);
}

static void expect_near(double got, double truth, double tolerance)
{
    if (!(fabs(got - truth) <= tolerance))
        fail_msg("%.9g, but it is to be %.9g within %.2g", got, truth, tolerance);
}

/* At a learning rate of 1 the step of sgd is the gradient; the weights' own rounding is 1e-7 of them. */
static void test_clip(void **state)
{
    (void)state;
    static outcome free_of_it, clipped, unclipped, threads;
    take_steps("optimizer=sgd lr=1", 1, 1, &free_of_it);
    const double norm = distance(free_of_it.after, free_of_it.before, free_of_it.count);
    char text[96];
    snprintf(text, sizeof text, "optimizer=sgd lr=1 clip-norm=%.17g", norm / 4);
    take_steps(text, 1, 1, &clipped);
    take_steps(text, 1, 3, &threads);
    assert_memory_equal(clipped.after, threads.after, clipped.count * sizeof(float));
    expect_near(distance(clipped.after, clipped.before, clipped.count) / norm, 0.25, 1e-5);
    for (size_t i = 0; i < clipped.count; i++)
        expect_near((double)clipped.after[i] - (double)clipped.before[i], ((double)free_of_it.after[i] - (double)free_of_it.before[i]) / 4, 3e-7);
    snprintf(text, sizeof text, "optimizer=sgd lr=1 clip-norm=%.17g", norm * 1.001);
    take_steps(text, 1, 1, &unclipped);
    assert_memory_equal(unclipped.after, free_of_it.after, free_of_it.count * sizeof(float));
}

/* Units beyond the limit come to it and keep their direction; others, and all biases, keep their bits. */
static void test_max_norm(void **state)
{
    (void)state;
    static outcome free_of_it, limited;
    static const float zeros[MOST_WEIGHTS];
    const double limit = 0.9;
    int cut = 0, left = 0;
    take_steps("optimizer=sgd lr=1", 1, 1, &free_of_it);
    take_steps("optimizer=sgd lr=1 max-norm=0.9", 1, 2, &limited);
    for (const ln_tensor_row *row = limited.tensors; row < limited.tensors + 4; row++) {
        const size_t units = (size_t)row->shape[0], length = row->rank == 1 ? 1 : row->size / units;
        for (size_t u = 0; u < units; u++) {
            const float *is = limited.after + row->offset + u * length, *was = free_of_it.after + row->offset + u * length;
            const double norm = distance(was, zeros, length);
            if (row->rank == 1 || norm <= limit) {
                assert_memory_equal(is, was, length * sizeof(float));
                left += row->rank != 1;
                continue;
            }
            cut++;
            expect_near(distance(is, zeros, length), limit, 1e-6);
            for (size_t i = 0; i < length; i++)
                expect_near((double)is[i], (double)was[i] * limit / norm, 1e-7);
        }
    }
    assert_true(cut > 0 && left > 0);
}

/* w - rate (g + share w), the share by kind; g comes from a step without decay. */
static void expect_decay(const char *text, double share_of_weights, double share_of_biases)
{
    static outcome without, with;
    take_steps("optimizer=sgd lr=0.5", 1, 1, &without);
    take_steps(text, 1, 2, &with);
    for (const ln_tensor_row *row = with.tensors; row < with.tensors + 4; row++)
        for (size_t i = row->offset; i < row->offset + row->size; i++) {
            const double w = (double)with.before[i], share = row->rank == 1 ? share_of_biases : share_of_weights;
            expect_near((double)with.after[i], (double)without.after[i] - 0.5 * share * w, 1e-7);
        }
}

static void test_decay(void **state)
{
    (void)state;
    expect_decay("optimizer=sgd lr=0.5 weight-decay=0.05", 0.1, 0);
    expect_decay("optimizer=sgd lr=0.5 weight-decay=0.05 weight-decay-kind=l2-pytorch", 0.05, 0.05);
    expect_decay("optimizer=sgd lr=0.5 weight-decay=0.05 weight-decay-kind=decoupled", 0.05, 0.05);
}

static void test_average(void **state)
{
    (void)state;
    static outcome o, plain;
    take_steps("optimizer=adam ema=0.7", 3, 2, &o);
    take_steps("optimizer=adam", 3, 1, &plain);
    assert_memory_equal(o.after, plain.after, o.count * sizeof(float)); /* training does not see it */
    for (size_t i = 0; i < o.count; i++) {
        const double average = 0.7 * (0.7 * (double)o.path[0][i] + 0.3 * (double)o.path[1][i]) + 0.3 * (double)o.path[2][i];
        expect_near((double)o.average[i], average, 1e-7);
    }
}

/* ------------------------------------------------------------------------------------------------- whole trainings */

/* Trains on the images; with `is_tested` they are the test images too. The status of lenet_train, and its error. */
static lenet_status try_training(const char *text, int is_tested, lenet_result *result, char kept_sha256[65],
                                 lenet_error *error)
{
    char kept[256];
    const lenet_settings settings = settings_of(text, kept);
    lenet_dataset *dataset = NULL;
    lenet_model *model = NULL;
    if (lenet_dataset_create(&dataset, (lenet_shape){1, SIDE, SIDE}, 10, IMAGES, images, labels, error) ||
        lenet_model_create_with(&model, ARCHITECTURE, &settings, (lenet_shape){1, SIDE, SIDE}, 10, error))
        fail_msg("%s", error->text);
    const lenet_status status = lenet_train(model, dataset, is_tested ? dataset : NULL, &settings, result, error);
    lenet_model_sha256(model, kept_sha256);
    lenet_model_close(&model);
    lenet_dataset_close(&dataset);
    return status;
}

static lenet_result train(const char *text, char kept_sha256[65])
{
    lenet_result result;
    lenet_error error;
    if (try_training(text, 0, &result, kept_sha256, &error))
        fail_msg("%s", error.text);
    return result;
}

/* A training that diverges, and says so with `why`, after so many finished epochs. */
static lenet_result diverge(const char *text, int epochs, const char *why)
{
    char sha256[65];
    lenet_result result = {.epochs = -1};
    lenet_error error = {LENET_OK, ""};
    const lenet_status status = try_training(text, 1, &result, sha256, &error);
    if (status != LENET_DIVERGED || !strstr(error.text, why))
        fail_msg("%s: '%s' should say '%s'", text, error.text, why);
    assert_int_equal(result.epochs, epochs);
    assert_int_equal(result.best_epoch, epochs);
    return result;
}

/* Only weights that a finished epoch gave are measured, and only where outputs are finite. 40 images: one step. */
static void test_not_measured(void **state)
{
#define ONE "optimizer=sgd batch=64 "
    (void)state;
    static const struct { const char *settings; int epochs; const char *why; } rows[] = {
        {"optimizer=sgd lr=1e20 batch=8", 0, "epoch 1, step "},
        {ONE "lr=1e300 val-split=0 epochs=1", 0, "step 1, its last: a value of conv1.weight is not"},
        {ONE "lr=1e30 activation=none val-split=0.25 epochs=1", 0, "fc1 gives values for validation images that"},
        {ONE "lr=1e30 activation=none val-split=0 test-each-epoch=true", 0, "fc1 gives values for test images that"},
        {ONE "lr=1e30 activation=none val-split=0 epochs=1", 1, "after epoch 1 layer fc1 gives values for test images"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const lenet_result r = diverge(rows[i].settings, rows[i].epochs, rows[i].why);
        assert_true(isnan(r.test_accuracy) && isnan(r.test_loss));
        assert_int_equal(isnan(r.images_per_second), !rows[i].epochs);
        assert_true(r.seconds > 0);
    }
    const lenet_result r = diverge(ONE "decay=1e300 val-split=0 epochs=5", 1, "at epoch 2, step 1, its last");
    assert_true(r.test_accuracy >= 0 && isfinite(r.test_loss));
#undef ONE
}

/* At a learning rate that no weight notices, the first epoch is the best for ever. */
static void test_patience(void **state)
{
    (void)state;
    char sha256[65];
    lenet_result r = train("optimizer=sgd lr=1e-30 val-split=0.25 epochs=9 patience=3", sha256);
    assert_int_equal(r.epochs, 4);
    assert_int_equal(r.stopped_early, 1);
    r = train("optimizer=sgd lr=1e-30 val-split=0.25 epochs=4 patience=4", sha256);
    assert_int_equal(r.epochs, 4);
    assert_int_equal(r.stopped_early, 0);
    r = train("val-split=0.25 epochs=9 patience=2 min-delta=1000", sha256); /* infinitely better, then never so much */
    assert_int_equal(r.epochs, 3);
    r = train("val-split=0.25 epochs=9 patience=2", sha256);
    assert_int_equal(r.epochs, 9);
}

/* What is kept, and named by the hash, is the average; without one, the last weights. */
static void test_average_is_kept(void **state)
{
    (void)state;
    char with[65], without[65];
    lenet_result r = train("epochs=3 keep-best=none ema=0.9", with);
    assert_string_equal(r.weights_sha256, with);
    r = train("epochs=3 keep-best=none", without);
    assert_string_equal(r.weights_sha256, without);
    assert_string_not_equal(with, without);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct { const char *settings, *why; } rows[] = {
        {"optimizer=sgd momentum=0.5", "only the optimizers momentum and nesterov use it"},
        {"optimizer=adam momentum=0.5", "adam:beta1=X"},
        {"optimizer=adam:beta1=1", "is not between"},
        {"optimizer=adam:rho=0.5", "it has no number 'rho'"},
        {"optimizer=sgd:1", "one number too many"},
        {"schedule=step", "it needs its number 'every'"},
        {"schedule=inverse-time", "it needs its number 'decay'"},
        {"schedule=cosine decay=0.9", "the schedule cosine does not use it"},
        {"schedule=constant decay=0.9", "the schedule constant does not use it"},
        {"schedule=exponential-step", "none is given"},
        {"schedule=one-cycle warmup=1", "rises by itself"},
        {"schedule=cosine warmup=10", "the run ends before"},
        {"schedule=plateau val-split=0", "nothing is held out"},
        {"schedule=polynomial:end=0.1", "would rise"},
        {"schedule=one-cycle-momentum optimizer=sgd", "no momentum that it could set"},
        {"schedule=one-cycle-momentum optimizer=nadam", "no momentum that it could set"},
        {"patience=3 val-split=0", "nothing is held out"},
        {"min-delta=0.1", "none is given"},
        {"weight-decay-kind=l2", "there is no weight decay"},
        {"optimizer=adamw weight-decay-kind=l2", "is decoupled"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char kept[256];
        lenet_settings settings = settings_of(rows[i].settings, kept);
        lenet_error error = {LENET_OK, ""};
        assert_int_equal(lenet_settings_complete(&settings, &settings, &error), LENET_USAGE);
        if (!strstr(error.text, rows[i].why))
            fail_msg("%s: '%s' should say '%s'", rows[i].settings, error.text, rows[i].why);
    }
}

/* Completing twice is completing once; adamw brings its decay. */
static void test_complete(void **state)
{
    (void)state;
    char kept[256];
    lenet_settings s = settings_of("optimizer=adamw", kept);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lenet_settings_complete(&s, &s, NULL), LENET_OK);
        assert_true(s.weight_decay == 0.004 && s.weight_decay_kind == LENET_DECAY_DECOUPLED && s.learning_rate == 0.001);
    }
    s = settings_of("optimizer=sgd weight-decay=0.1", kept);
    assert_int_equal(lenet_settings_complete(&s, &s, NULL), LENET_OK);
    assert_int_equal(s.weight_decay_kind, LENET_DECAY_L2);
}

/* One loss that is no number keeps all weights as they are, whoever would have updated them and when. */
static void check_diverged(const char *text, int threads)
{
    static float before[MOST_WEIGHTS];
    rig r;
    open_rig(&r, text, threads);
    const size_t bytes = r.model->weight_count * sizeof *before;
    r.model->weights[r.model->weight_count / 2] = INFINITY;
    memcpy(before, r.model->weights, bytes);
    for (int step = 0; step < 3; step++)
        assert_false(take_step(&r, step));
    assert_memory_equal(before, r.model->weights, bytes);
    close_rig(&r);
}

static void test_diverged(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads++) {
        check_diverged("", threads);
        check_diverged("clip-norm=1 optimizer=momentum", threads);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clip),     cmocka_unit_test(test_max_norm),        cmocka_unit_test(test_decay),    cmocka_unit_test(test_average),
        cmocka_unit_test(test_patience), cmocka_unit_test(test_average_is_kept), cmocka_unit_test(test_refusals), cmocka_unit_test(test_complete),
        cmocka_unit_test(test_diverged), cmocka_unit_test(test_not_measured),
    };
    return cmocka_run_group_tests_name("update", tests, make_images, NULL);
}
