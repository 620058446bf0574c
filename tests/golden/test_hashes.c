/* SPDX-License-Identifier: MIT */
/*
 * test_hashes.c - the proof of the bits: trainings on made images end in weights whose SHA-256 stands in a table here,
 * on every instruction set of this machine, with 1, 2 and 3 threads, whatever compiler and options built this program.
 * A change of the arithmetic changes the table in the same commit and says why in docs/numerics.md; a failing row
 * prints what it should be then.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lenet/lenet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct row {
    const char *architecture, *optimizer, *initializer;
    lenet_shape shape;
    int batch, epochs;
    unsigned seed;
    const char *sha256;
} row;

static const row table[] = {
    {"lenet5", "adam", "glorot-uniform", {1, 28, 28}, 32, 2, 1,
     "514e651fcb6c74cdd09ae16497995da80a0d094683e7883dabbaa88696baa7fa"},
    {"lenet5", "sgd", "truncated-normal", {3, 32, 32}, 17, 1, 2,
     "c6927cb169c788fbf6935d23535921583eb4fdca562b3e91ec1ff3494e59555a"},
    {"lenet5-valid", "momentum", "he-normal", {1, 28, 28}, 100, 2, 3,
     "05a68b447b65927c495bfc225476f2b553e92eaac0b70e950bfeeccc4dd66a54"},
    {"conv:5@3x2:stride=2:pad=1,elu,avgpool:2,conv:7@2x2,tanh,maxpool:3:stride=2,dense:19,sigmoid,dense:10", "adam", "uniform", {3, 21, 19}, 1,
     1, 4, "fcaf49bd6100737ca8ae96f699abf7f425bc2e8d2f970d05f9104727232d127c"},
    {"conv:8@3x3:pad=1,leaky-relu:slope=0.1,maxpool:2,conv:20@7x7:pad=3,relu,dense:33,dense:10", "adam", "normal", {2, 16, 18}, 48, 2, 5,
     "4d62c750c096baf6141608669f9a45a44d1dabf25f08d410ec72e3acf1fce8f8"},
};

enum { IMAGES = 150 };

/*
 * Images with something to learn: a class lights a corner of its own, over noise from a linear congruential generator.
 */
static lenet_dataset *make_images(lenet_shape shape)
{
    const size_t pixels = (size_t)(shape.channels * shape.height * shape.width);
    uint8_t *images = malloc(IMAGES * pixels), labels[IMAGES];
    uint32_t state = 12345;
    assert_non_null(images);
    for (size_t i = 0; i < IMAGES; i++) {
        labels[i] = (uint8_t)(i * 7 % 10);
        for (size_t p = 0; p < pixels; p++) {
            state = state * 1664525u + 1013904223u;
            images[i * pixels + p] = (uint8_t)((state >> 24) / 2 + (p * 10 / pixels == labels[i] ? 128 : 0));
        }
    }
    lenet_dataset *dataset = NULL;
    assert_int_equal(lenet_dataset_create(&dataset, shape, 10, IMAGES, images, labels, NULL), LENET_OK);
    free(images);
    return dataset;
}

static void check_row(const row *r, const char *isa, int threads)
{
    lenet_dataset *dataset = make_images(r->shape);
    lenet_model *model = NULL;
    lenet_settings settings;
    lenet_result result;
    lenet_error error = {LENET_OK, ""};
    lenet_settings_default(&settings);
    settings.optimizer = r->optimizer;
    settings.initializer = r->initializer;
    settings.batch = r->batch;
    settings.epochs = r->epochs;
    settings.seed = r->seed;
    settings.decay = 0.9;
    settings.compute = (lenet_compute){threads, isa};
    lenet_model_create(&model, r->architecture, r->shape, 10, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(lenet_train(model, dataset, NULL, &settings, &result, &error), LENET_OK);
    if (strcmp(result.weights_sha256, r->sha256))
        fail_msg("%s, %s, batch %d, isa %s, %d threads: the weights' hash is\n     \"%s\"", r->architecture, r->optimizer, r->batch, isa, threads,
                 result.weights_sha256);
    lenet_model_close(&model);
    lenet_dataset_close(&dataset);
}

static void test_row(void **state)
{
    const row *r = *state;
    for (const char *const *isa = lenet_isa_list(); *isa; isa++)
        for (int threads = 1; threads <= 3; threads++)
            check_row(r, *isa, threads);
}

int main(void)
{
    enum { ROWS = sizeof table / sizeof *table };
    struct CMUnitTest tests[ROWS];
    char names[ROWS][16];
    for (int i = 0; i < ROWS; i++) {
        snprintf(names[i], sizeof names[i], "row %d", i + 1);
        tests[i] = (struct CMUnitTest){names[i], test_row, NULL, NULL, (void *)(uintptr_t)&table[i]};
    }
    return _cmocka_run_group_tests("hashes", tests, ROWS, NULL, NULL);
}
