/* SPDX-License-Identifier: MIT */
/*
 * test_inside.c - a session against PyTorch: outputs of every layer, losses, and gradients by images and by an
 * inner layer, for each golden network, instruction set and number of threads. Tolerances are shares of the
 * largest value of the same tensor.
 */
#include "lab/inside/maps.h"
#include "lenet/tools.h"
#include "nn/model.h"
#include "nn/safetensors.h"
#include "util/file.h"
#include "util/memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { IMAGES = 20, GOLDEN = 2, LOGIT = 4, UNIT = 2 };

static const int golden_images[GOLDEN] = {3, 19};
static const double tolerance = 1e-5;
static const char *const networks[] = {"lenet5", "smooth", "ragged", "bare", "curved", "normed", NULL};

static ln_safetensors *load(const char *name)
{
    const char *const root = getenv("LENET_SOURCE");
    char path[1024];
    unsigned char *data = NULL;
    size_t size = 0;
    lenet_error error;
    ln_safetensors *file = NULL;
    snprintf(path, sizeof path, "%s/tests/golden/%s.safetensors", root ? root : ".", name);
    if (ln_read_file(path, 1 << 22, &data, &size, &error) || ln_safetensors_parse(data, size, path, &file, &error))
        fail_msg("%s", error.text);
    ln_free(data);
    return file;
}

static const lenet_tensor *find(const ln_safetensors *file, const char *network, const char *name)
{
    char full[128];
    snprintf(full, sizeof full, "%s%s%s", network, *network ? "." : "", name);
    const lenet_tensor *tensor = ln_safetensors_find(file, full);
    if (!tensor)
        fail_msg("no tensor %s", full);
    return tensor;
}

/* A network with the weights, images and labels of its golden file. */
typedef struct subject {
    lenet_model *model;
    uint8_t *bytes, labels[IMAGES];
    float *values;
    size_t pixels;
} subject;

static subject open_subject(const char *network)
{
    ln_safetensors *file = load(network);
    const lenet_tensor *images = find(file, "", "images"), *labels = find(file, "", "labels");
    subject s = {.pixels = images->size / IMAGES,
                 .bytes = ln_alloc(images->size, 1),
                 .values = ln_alloc(images->size, sizeof(float))};
    lenet_error error;
    if (lenet_model_create(&s.model, ln_safetensors_note(file, "architecture"),
                           (lenet_shape){images->shape[1], images->shape[2], images->shape[3]}, 10, &error))
        fail_msg("%s", error.text);
    for (size_t i = 0; i < lenet_model_tensor_count(s.model); i++) {
        lenet_tensor tensor;
        char name[64];
        assert_int_equal(lenet_model_tensor(s.model, i, &tensor, NULL), LENET_OK);
        snprintf(name, sizeof name, "weight.%s", tensor.name);
        memcpy(tensor.data, find(file, "", name)->data, tensor.size * sizeof(float));
    }
    for (size_t i = 0; i < images->size; i++) {
        s.bytes[i] = (uint8_t)images->data[i];
        s.values[i] = images->data[i] / 255;
    }
    for (int i = 0; i < IMAGES; i++)
        s.labels[i] = (uint8_t)labels->data[i];
    ln_safetensors_close(&file);
    return s;
}

static void close_subject(subject *s)
{
    lenet_model_close(&s->model);
    ln_free(s->bytes);
    ln_free(s->values);
}

/* The golden images' rows of found[IMAGES][...] against the truth. */
static void compare(const ln_safetensors *golden, const char *network, const char *name, const float *found)
{
    const lenet_tensor *truth = find(golden, network, name);
    const size_t row = truth->size / GOLDEN;
    double largest = 0, off = 0;
    for (size_t i = 0; i < truth->size; i++) {
        const double have = (double)found[(size_t)golden_images[i / row] * row + i % row];
        largest = fmax(largest, fabs((double)truth->data[i]));
        off = isfinite(have) ? fmax(off, fabs(have - (double)truth->data[i])) : INFINITY;
    }
    assert_true(largest > 0);
    if (off > tolerance * largest)
        fail_msg("%s %s: off by %.2g of the largest, more than %.2g", network, name, off / largest, tolerance);
}

static size_t largest_output(const lenet_model *model)
{
    size_t most = 0;
    for (size_t i = 0; i < lenet_model_layer_count(model); i++) {
        lenet_layer layer;
        assert_int_equal(lenet_model_layer(model, i, &layer, NULL), LENET_OK);
        const size_t size = (size_t)layer.out.channels * (size_t)layer.out.height * (size_t)layer.out.width;
        most = size > most ? size : most;
    }
    return most;
}

static void check_gradients(lenet_session *session, const subject *s, const ln_safetensors *golden, const char *network,
                            const lenet_images *images, float *room)
{
    const size_t last = lenet_model_layer_count(s->model) - 1;
    const lenet_objective loss = {.labels = s->labels}, logit = {.layer = last, .unit = LOGIT},
                          unit = {.layer = 0, .unit = UNIT};
    float values[IMAGES];
    assert_int_equal(lenet_session_gradient(session, images, &loss, 0, values, room, NULL), LENET_OK);
    compare(golden, network, "losses", values);
    compare(golden, network, "loss_gradient", room);
    assert_int_equal(lenet_session_gradient(session, images, &logit, 0, NULL, room, NULL), LENET_OK);
    compare(golden, network, "logit_gradient", room);
    assert_int_equal(lenet_session_gradient(session, images, &logit, 1, NULL, room, NULL), LENET_OK);
    compare(golden, network, "inner_gradient", room);
    assert_int_equal(lenet_session_gradient(session, images, &unit, 0, NULL, room, NULL), LENET_OK);
    compare(golden, network, "unit_gradient", room);
}

/* Of all images one by one, for this is about maps of one image. */
static void check_grad_cam(const subject *s, const ln_safetensors *golden, const char *network, lenet_session *session,
                           float *room)
{
    lab_pool pool = {.blocks = NULL};
    if (setjmp(pool.on_failure)) {
        lab_pool_close(&pool);
        fail_msg("%s", pool.error.text);
    }
    const size_t layer = lab_cam_layer(&pool, s->model);
    const lenet_shape shape = lab_layer_of(&pool, s->model, layer).out;
    const size_t area = (size_t)shape.height * (size_t)shape.width;
    for (size_t i = 0; i < IMAGES; i++)
        lab_grad_cam(&pool, session, s->model, s->values + i * s->pixels, LOGIT, layer, room + i * area);
    compare(golden, network, "grad_cam", room);
    lab_pool_close(&pool);
}

static void check_network(const subject *s, const ln_safetensors *golden, const char *network,
                          const lenet_compute *compute)
{
    lenet_session *session = NULL;
    lenet_error error;
    if (lenet_session_open(&session, s->model, compute, &error))
        fail_msg("%s", error.text);
    const lenet_images forms[] = {{IMAGES, s->bytes, NULL}, {IMAGES, NULL, s->values}};
    const size_t most = largest_output(s->model);
    float *room = ln_alloc(IMAGES * (most > s->pixels ? most : s->pixels), sizeof *room);
    for (int form = 0; form < 2; form++) {
        for (size_t layer = 0; layer < lenet_model_layer_count(s->model); layer++) {
            char name[32];
            snprintf(name, sizeof name, "output.%zu", layer);
            assert_int_equal(lenet_session_outputs(session, &forms[form], layer, room, NULL), LENET_OK);
            compare(golden, network, name, room);
        }
        check_gradients(session, s, golden, network, &forms[form], room);
    }
    check_grad_cam(s, golden, network, session, room);
    ln_free(room);
    lenet_session_close(&session);
}

static void agrees_with_pytorch(void **state)
{
    (void)state;
    ln_safetensors *golden = load("inside");
    for (const char *const *network = networks; *network; network++) {
        subject s = open_subject(*network);
        for (const char *const *isa = lenet_isa_list(); *isa; isa++)
            check_network(&s, golden, *network, &(lenet_compute){1, *isa});
        check_network(&s, golden, *network, &(lenet_compute){3, NULL});
        close_subject(&s);
    }
    ln_safetensors_close(&golden);
}

/* Probabilities of bytes are those of lenet_model_predict; the logits of a session give the same, bit for bit. */
static void has_the_bits_of_predictions(void **state)
{
    (void)state;
    for (const char *const *network = networks; *network; network++) {
        subject s = open_subject(*network);
        lenet_session *session = NULL;
        float by_model[IMAGES * 10], by_session[IMAGES * 10], by_values[IMAGES * 10];
        assert_int_equal(lenet_model_predict(s.model, IMAGES, s.bytes, by_model, NULL, NULL), LENET_OK);
        assert_int_equal(lenet_session_open(&session, s.model, NULL, NULL), LENET_OK);
        lenet_session_probabilities(session, &(lenet_images){IMAGES, s.bytes, NULL}, by_session);
        assert_memory_equal(by_model, by_session, sizeof by_model);
        for (size_t i = 0; i < IMAGES * s.pixels; i++)
            s.values[i] = fmaf((float)s.bytes[i], 1.0f / 255, 0);
        lenet_session_probabilities(session, &(lenet_images){IMAGES, NULL, s.values}, by_values);
        for (int i = 0; i < IMAGES * 10; i++)
            assert_true(fabsf(by_values[i] - by_model[i]) < 1e-6f);
        lenet_session_close(&session);
        close_subject(&s);
    }
}

/* In an evaluation a dropout changes nothing, neither outputs nor gradients. */
static void dropout_passes_everything(void **state)
{
    (void)state;
    const char *const with_and_without[] = {"conv:3@3x3,dropout:0.3,relu,dense:10", "conv:3@3x3,relu,dense:10"};
    subject s = open_subject("lenet5");
    float gradient[2][IMAGES * 28 * 28], values[2][IMAGES];
    for (int i = 0; i < 2; i++) {
        lenet_model *model = NULL;
        lenet_session *session = NULL;
        assert_int_equal(lenet_model_create(&model, with_and_without[i], (lenet_shape){1, 28, 28}, 10, NULL), LENET_OK);
        assert_int_equal(lenet_model_initialize(model, "he-normal", 1, NULL), LENET_OK);
        assert_int_equal(lenet_session_open(&session, model, NULL, NULL), LENET_OK);
        assert_int_equal(lenet_session_gradient(session, &(lenet_images){IMAGES, s.bytes, NULL},
                                                &(lenet_objective){.labels = s.labels}, 0, values[i], gradient[i],
                                                NULL),
                         LENET_OK);
        lenet_session_close(&session);
        lenet_model_close(&model);
    }
    assert_memory_equal(values[0], values[1], sizeof values[0]);
    assert_memory_equal(gradient[0], gradient[1], sizeof gradient[0]);
    close_subject(&s);
}

static void refuses_what_is_not_there(void **state)
{
    (void)state;
    subject s = open_subject("lenet5");
    lenet_session *session = NULL;
    lenet_error error;
    const lenet_images images = {IMAGES, s.bytes, NULL};
    const size_t layers = lenet_model_layer_count(s.model);
    float value[IMAGES];
    uint8_t wrong[IMAGES] = {0, 10};
    assert_int_equal(lenet_session_open(&session, s.model, &(lenet_compute){1, "abacus"}, &error), LENET_USAGE);
    assert_null(session);
    assert_int_equal(lenet_session_open(&session, s.model, NULL, NULL), LENET_OK);
    assert_int_equal(lenet_session_outputs(session, &images, layers, value, &error), LENET_USAGE);
    assert_int_equal(
        lenet_session_gradient(session, &images, &(lenet_objective){.labels = wrong}, 0, value, NULL, &error),
        LENET_USAGE);
    assert_non_null(strstr(error.text, "label 10 of image 1"));
    assert_int_equal(lenet_session_gradient(session, &images, &(lenet_objective){.layer = layers - 1, .unit = 10}, 0,
                                            value, NULL, &error),
                     LENET_USAGE);
    assert_int_equal(
        lenet_session_gradient(session, &images, &(lenet_objective){.layer = layers}, 0, value, NULL, &error),
        LENET_USAGE);
    assert_int_equal(
        lenet_session_gradient(session, &images, &(lenet_objective){.layer = 0, .unit = 1}, 2, value, NULL, &error),
        LENET_USAGE);
    assert_int_equal(
        lenet_session_gradient(session, &images, &(lenet_objective){.layer = 0, .unit = 1}, 1, value, NULL, &error),
        LENET_OK);
    lenet_session_close(&session);
    close_subject(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_pytorch),
        cmocka_unit_test(has_the_bits_of_predictions),
        cmocka_unit_test(dropout_passes_everything),
        cmocka_unit_test(refuses_what_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
