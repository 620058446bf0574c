/* SPDX-License-Identifier: MIT */
/*
 * test_diagnose.c - what --diagnose counts, on a network whose dead units are made by hand, for several numbers of threads
 * and every instruction set; and that looking changes nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "train/diagnose.h"
#include "train/engine.h"

#include <math.h>
#include <string.h>

enum { COUNT = 77, SIDE = 8, PIXELS = SIDE * SIDE }; /* 77: the last block has 13 images */

static uint8_t images[COUNT * PIXELS], labels[COUNT];

/* Bright images, and one dark corner that only the last has. */
static void make_images(void)
{
    for (size_t i = 0; i < COUNT * PIXELS; i++)
        images[i] = (uint8_t)(100 + i * 7919 % 150);
    images[(COUNT - 1) * PIXELS + PIXELS - 1] = 0;
    for (size_t i = 0; i < COUNT; i++)
        labels[i] = (uint8_t)(i % 3 ? i % 10 : 4);
}

static lenet_tensor tensor_of(lenet_model *model, const char *name)
{
    lenet_tensor tensor;
    for (size_t i = 0; i < lenet_model_tensor_count(model); i++)
        if (!lenet_model_tensor(model, i, &tensor, NULL) && !strcmp(tensor.name, name))
            return tensor;
    fail_msg("no tensor %s", name);
    return tensor;
}

/*
 * conv1: channel 1 is dead by its bias; channel 2 would live where the image is all zeros, as lanes without an image are,
 * but is dead for each image. fc1: units 0 and 3 are dead by their biases.
 */
static lenet_model *make_model(const char *architecture)
{
    lenet_model *model = NULL;
    assert_int_equal(lenet_model_create(&model, architecture, (lenet_shape){1, SIDE, SIDE}, 10, NULL), LENET_OK);
    assert_int_equal(lenet_model_initialize(model, "glorot-uniform", 3, NULL), LENET_OK);
    return model;
}

static void set_all(lenet_tensor t, size_t first, size_t count, float value)
{
    for (size_t i = first; i < first + count; i++)
        t.data[i] = value;
}

typedef struct look {
    lenet_epoch epoch;
    lenet_diagnosis figures;
    lenet_layer_diagnosis layers[8];
} look;

static look look_at(lenet_model *model, const char *isa, int threads)
{
    const lenet_compute compute = {.threads = threads, .isa = isa};
    const ln_batch all = {images, labels, NULL, COUNT};
    const ln_batch some = {images, labels, NULL, 20};
    ln_engine engine = {0};
    ln_executor *executor = NULL;
    ln_diagnosis *diagnosis = NULL;
    float losses[COUNT];
    uint8_t predicted[COUNT];
    char before[65], after[65];
    look found = {.epoch = {0}};
    assert_int_equal(ln_engine_open(&engine, &compute, NULL), LENET_OK);
    assert_int_equal(ln_executor_open(&executor, model, engine.kernels, engine.threads, 20, 1, NULL), LENET_OK);
    assert_true(ln_executor_step(executor, &some, NULL));
    assert_int_equal(ln_diagnosis_open(&diagnosis, executor, model, threads, &all, NULL), LENET_OK);
    lenet_model_sha256(model, before);
    ln_diagnose(diagnosis, executor, &all, losses, predicted, &found.epoch);
    ln_diagnose(diagnosis, executor, &all, losses, predicted, &found.epoch); /* the second adds nothing to the first */
    found.figures = *found.epoch.diagnosis;
    lenet_model_sha256(model, after);
    assert_string_equal(before, after);
    memcpy(found.layers, found.figures.layers, found.figures.layer_count * sizeof found.layers[0]);
    const float *gradient = ln_executor_gradient(executor);
    const ln_layer *last = &model->layers[model->layer_count - 1];
    double sum = 0;
    for (size_t i = 0; i < (size_t)last->units * ln_features(last->in); i++)
        sum += pow(gradient[last->weight + i], 2);
    assert_true(fabs(found.layers[found.figures.layer_count - 1].gradient_norm - sqrt(sum)) < 1e-12);
    ln_diagnosis_close(&diagnosis);
    ln_executor_close(&executor);
    ln_engine_close(&engine);
    return found;
}

static lenet_model *make_half_dead(const char *architecture)
{
    lenet_model *model = make_model(architecture);
    set_all(tensor_of(model, "conv1.weight"), 0, 36, 0.1f);
    set_all(tensor_of(model, "conv1.bias"), 1, 1, -1000);
    set_all(tensor_of(model, "conv1.weight"), 18, 9, -1);
    set_all(tensor_of(model, "conv1.bias"), 2, 1, 0.5f);
    lenet_tensor dense = tensor_of(model, "fc1.weight");
    set_all(dense, 0, dense.size, 0.01f);
    set_all(tensor_of(model, "fc1.bias"), 0, 1, -1000);
    set_all(tensor_of(model, "fc1.bias"), 3, 1, -1000);
    return model;
}

/*
 * With an activation that goes below 0 the same units of conv1 are off, and what is below 0 there turns all of fc1
 * off. Tanh has no off side.
 */
static void test_off_side(void **state)
{
    (void)state;
    const struct {
        const char *architecture;
        size_t dead[2];
    } rows[] = {{"conv:4@3x3,leaky-relu,maxpool:2,dense:7,leaky-relu,dense:10", {2, 7}},
                {"conv:4@3x3,elu,maxpool:2,dense:7,elu,dense:10", {2, 7}},
                {"conv:4@3x3,tanh,maxpool:2,dense:7,tanh,dense:10", {0, 0}}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lenet_model *model = make_half_dead(rows[i].architecture);
        const look l = look_at(model, NULL, 2);
        assert_int_equal(l.layers[0].dead, rows[i].dead[0]);
        assert_int_equal(l.layers[1].dead, rows[i].dead[1]);
        lenet_model_close(&model);
    }
}

static void test_dead_units(void **state)
{
    (void)state;
    lenet_model *model = make_half_dead("conv:4@3x3,relu,maxpool:2,dense:7,relu,dense:10");
    for (const char *const *isa = lenet_isa_list(); *isa; isa++)
        for (int threads = 1; threads <= 4; threads++) {
            const look l = look_at(model, *isa, threads);
            assert_int_equal(l.figures.layer_count, 3);
            assert_string_equal(l.layers[0].name, "conv1");
            assert_string_equal(l.layers[1].name, "fc1");
            assert_string_equal(l.layers[2].name, "fc2");
            assert_int_equal(l.layers[0].units, 4);
            assert_int_equal(l.layers[0].dead, 2);
            assert_int_equal(l.layers[1].units, 7);
            assert_int_equal(l.layers[1].dead, 2);
            assert_true(l.layers[0].has_activation && l.layers[1].has_activation && !l.layers[2].has_activation);
            assert_int_equal(l.layers[2].dead, 0);
            assert_true(fabs(l.layers[0].weight_norm - sqrt(27 * 0.01 + 9)) < 1e-6);
        }
    lenet_model_close(&model);
}

/* A unit that speaks for one image only, whichever thread and lane that one falls to, is not dead. */
static void test_one_image_is_enough(void **state)
{
    (void)state;
    lenet_model *model = make_model("dense:5,relu,dense:10");
    lenet_tensor dense = tensor_of(model, "fc1.weight");
    set_all(dense, 0, dense.size, 0);
    dense.data[2 * PIXELS + PIXELS - 1] = -1; /* unit 2: 0.2 minus the corner, above 0 in the last image alone */
    set_all(tensor_of(model, "fc1.bias"), 2, 1, 0.2f);
    for (int threads = 1; threads <= 4; threads++)
        assert_int_equal(look_at(model, NULL, threads).layers[0].dead, 4);
    lenet_model_close(&model);
}

/* Other activations, and one between a convolution and a pooling that is no maximum. */
static void test_kinds(void **state)
{
    (void)state;
    const char *kinds[] = {"conv:4@3x3,tanh,maxpool:2,dense:7,sigmoid,dense:10", "conv:4@3x3,relu,avgpool:2,dense:7,elu,dense:10",
                           "conv:4@3x3,maxpool:2,leaky-relu,dense:10"};
    for (size_t i = 0; i < 3; i++) {
        lenet_model *model = make_model(kinds[i]);
        lenet_tensor filter = tensor_of(model, "conv1.weight");
        set_all(filter, 9, 9, 0); /* channel 1 is zero before and after */
        const look l = look_at(model, NULL, 2);
        assert_true(l.layers[0].has_activation);
        assert_true(l.layers[0].dead >= 1 && l.layers[0].dead < 4);
        lenet_model_close(&model);
    }
}

static void test_answers(void **state)
{
    (void)state;
    lenet_model *model = make_model("dense:10");
    lenet_tensor dense = tensor_of(model, "fc1.weight");
    set_all(dense, 0, dense.size, 0);
    set_all(tensor_of(model, "fc1.bias"), 4, 1, 5);
    const look l = look_at(model, NULL, 3);
    size_t fours = 0;
    for (size_t i = 0; i < COUNT; i++)
        fours += labels[i] == 4;
    assert_true(l.epoch.values[LENET_CLASSES_PREDICTED] == 1);
    assert_int_equal(l.figures.largest_class, 4);
    assert_int_equal(l.figures.count, COUNT);
    assert_true(l.figures.largest_class_share == (double)fours / COUNT && l.epoch.values[LENET_AFTER_ACCURACY] == l.figures.largest_class_share);
    const double sum = log(exp(5) + 9), expected = sum - 5 * (double)fours / COUNT;
    assert_true(fabs(l.epoch.values[LENET_AFTER_LOSS] - expected) < 1e-5);
    lenet_model_close(&model);
}

int main(void)
{
    make_images();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_dead_units), cmocka_unit_test(test_off_side), cmocka_unit_test(test_one_image_is_enough),
                                       cmocka_unit_test(test_kinds), cmocka_unit_test(test_answers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
