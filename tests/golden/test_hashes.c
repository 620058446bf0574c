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
    uint64_t seed;
    const char *sha256;
    const char *also; /* one more setting, "NAME=VALUE"; or NULL */
} row;

#define SMALL "conv:4@3x3,relu,maxpool:2,dense:10", "adam", "glorot-uniform" /* for what a whole LeNet-5 would show no better */

static const row table[] = {
    {"lenet5", "adam", "glorot-uniform", {1, 28, 28}, 32, 2, 1,
     "514e651fcb6c74cdd09ae16497995da80a0d094683e7883dabbaa88696baa7fa", NULL},
    {"lenet5", "sgd", "truncated-normal", {3, 32, 32}, 17, 1, 2,
     "c6927cb169c788fbf6935d23535921583eb4fdca562b3e91ec1ff3494e59555a", NULL},
    {"lenet5-valid", "momentum", "he-normal", {1, 28, 28}, 100, 2, 3,
     "05a68b447b65927c495bfc225476f2b553e92eaac0b70e950bfeeccc4dd66a54", NULL},
    {"conv:5@3x2:stride=2:pad=1,elu,avgpool:2,conv:7@2x2,tanh,maxpool:3:stride=2,dense:19,sigmoid,dense:10", "adam", "uniform", {3, 21, 19}, 1,
     1, 4, "fcaf49bd6100737ca8ae96f699abf7f425bc2e8d2f970d05f9104727232d127c", NULL},
    {"conv:8@3x3:pad=1,leaky-relu:slope=0.1,maxpool:2,conv:20@7x7:pad=3,relu,dense:33,dense:10", "adam", "normal", {2, 16, 18}, 48, 2, 5,
     "4d62c750c096baf6141608669f9a45a44d1dabf25f08d410ec72e3acf1fce8f8", NULL},
    {"lenet5", "momentum", "glorot-normal", {1, 28, 28}, 17, 1, 0xfedcba9876543210,
     "5510e6d70b06881ab3774fc0c8a91c969d2daa89151dc1c17a7353075212fb45", NULL},
    {"lenet5", "adam", "lecun-normal", {1, 28, 28}, 64, 2, 1,
     "854c475507adddc58c9e5324233409c9b291506932a16a5cd1614678c9b15ebb", NULL},
    {"conv:4@5x5:stride=2,tanh,avgpool:2,dense:20,elu:alpha=0.5,dense:10", "sgd", "he-uniform", {1, 28, 28}, 64, 2, 7,
     "83844a7d8bb0cfa3ccfb663f1b424e599e99dae07eb984691e0e013b1d57b8bd", NULL},
    {"avgpool:2,conv:50@3x3,relu,maxpool:2,dense:10", "momentum", "he-normal", {1, 20, 20}, 256, 2, 7,
     "39f4e5c79a79e834482a923e3b325374318be23999635ee2ef9a0262dcd6c6b6", NULL},
    {SMALL, {1, 12, 12}, 20, 2, 6, "6bb0abcbc3648fad74febbd9275c98de6f8a9e9f8ce00f982d2c2b5ea164e74a",
     "loss=label-smoothing"},
    {SMALL, {1, 12, 12}, 20, 2, 7, "40b6de8d7637e7ff1b707b3be2c4e48e6bf59aebe463434e78cb58b526d0bab6",
     "loss=bce"},
    {SMALL, {1, 12, 12}, 20, 2, 8, "9dc4aed6380856062796f2e75c8207319c15738df47f81c55537ae2890276db7",
     "loss=bce-sigmoid"},
    {SMALL, {1, 12, 12}, 20, 2, 9, "cb5e7d9bffb8b9460ea693104be50408948ea4a31e1020db4ffb0de035f13971",
     "loss=mse-sum"},
    {SMALL, {1, 12, 12}, 20, 2, 10, "2bb263573aceb4fd6b0b764aaec14fab3df4200e8664560c691d1abeb80ec751",
     "loss=l1"},
    {SMALL, {1, 12, 12}, 20, 2, 11, "a91deb5ddf9ff56960add0b48e042a6e9b42f8bef14d12492783c662c3a65bdf",
     "loss=focal"},
    {SMALL, {1, 12, 12}, 20, 2, 12, "a260c2090901a6bda8918a54c9cb3d759339f278bf5e8a2a059c3ca86015f8cc",
     "loss=gce:0.6"},
    {SMALL, {1, 12, 12}, 20, 2, 13, "48242601d3a11c4d457bbfbd4ba98afc428c374d4a8c4a5c9ac3c46bc76f4518",
     "loss=symmetric-cross-entropy"},
    {SMALL, {1, 12, 12}, 20, 2, 14, "80e5a7d516ed07b5b980169ebcef45260abe4729107facf6a64406ee72913065",
     "loss=bootstrap"},
    {SMALL, {1, 12, 12}, 20, 2, 15, "2fc19967e8519a8f69e374cd4ef7982847db511df1f3b8d144684d6225c1ec3f",
     "loss=bootstrap-hard"},
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

static void set(lenet_settings *settings, const char *also, lenet_error *error)
{
    char name[32];
    if (!also)
        return;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(also, "="), also);
    const lenet_setting *setting = lenet_setting_find(name);
    assert_non_null(setting);
    lenet_setting_read(setting, also + strlen(name) + 1, (char *)settings + setting->offset, error);
    assert_string_equal(error->text, "");
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
    set(&settings, r->also, &error);
    settings.batch = r->batch;
    settings.epochs = r->epochs;
    settings.seed = r->seed;
    settings.decay = 0.9;
    settings.compute = (lenet_compute){threads, isa};
    lenet_model_create(&model, r->architecture, r->shape, 10, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(lenet_train(model, dataset, NULL, &settings, &result, &error), LENET_OK);
    if (strcmp(result.weights_sha256, r->sha256))
        fail_msg("%s, %s, %s, batch %d, isa %s, %d threads: the weights' hash is\n     \"%s\"", r->architecture, r->optimizer, r->also ? r->also : "",
                 r->batch, isa, threads, result.weights_sha256);
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
