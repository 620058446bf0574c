/* SPDX-License-Identifier: MIT */
/* test_normalize.c - what pixels are scaled by: measured, given, kept with the model; and classes shown equally often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/balance.h"
#include "data/normalize.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COUNT = 200, PLANE = 64, PIXELS = 2 * PLANE, CLASSES = 4 };

static uint8_t images[COUNT][PIXELS], labels[COUNT];

/* Two channels; later images are brighter, so that it matters which are used; classes of different sizes. */
static lenet_dataset *make(void)
{
    lenet_dataset *dataset = NULL;
    uint32_t scatter = 1;
    for (int i = 0; i < COUNT; i++) {
        labels[i] = (uint8_t)(i % 10 < 6 ? 0 : i % 10 < 8 ? 1 : i % 10 < 9 ? 2 : 3);
        for (int p = 0; p < PIXELS; p++) {
            scatter = scatter * 1664525u + 1013904223u;
            images[i][p] = (uint8_t)((scatter >> 26) + (p < PLANE ? 0u : 90u) + (unsigned)i / 4 + (p % PLANE / 16 == labels[i] ? 40u : 0u));
        }
    }
    assert_int_equal(lenet_dataset_create(&dataset, (lenet_shape){2, 8, 8}, CLASSES, COUNT, &images[0][0], labels, NULL), LENET_OK);
    return dataset;
}

static lenet_model *make_model(void)
{
    lenet_model *model = NULL;
    assert_int_equal(lenet_model_create(&model, "conv:3@3x3:pad=1,relu,dense:4", (lenet_shape){2, 8, 8}, CLASSES, NULL), LENET_OK);
    return model;
}

static lenet_result train(lenet_model *model, const lenet_dataset *dataset, lenet_settings *settings)
{
    lenet_result result;
    lenet_error error = {LENET_OK, ""};
    settings->epochs = 3, settings->batch = 16, settings->compute.threads = 1;
    lenet_train(model, dataset, dataset, settings, &result, &error);
    assert_string_equal(error.text, "");
    return result;
}

static void statistics_are_those_of_the_images(void **state)
{
    (void)state;
    lenet_dataset *dataset = make();
    uint32_t index[50];
    double mean[2], std[2];
    for (uint32_t i = 0; i < 50; i++)
        index[i] = 3 * i + 7;
    assert_int_equal(ln_normalize_by("per-dataset", dataset, index, 50, mean, std, NULL), LENET_OK);
    for (int c = 0; c < 2; c++) {
        double sum = 0, squares = 0;
        for (int i = 0; i < 50 * PLANE; i++)
            sum += images[index[i / PLANE]][c * PLANE + i % PLANE] / 255.0;
        const double middle = sum / (50 * PLANE);
        for (int i = 0; i < 50 * PLANE; i++)
            squares += pow(images[index[i / PLANE]][c * PLANE + i % PLANE] / 255.0 - middle, 2);
        assert_true(fabs(mean[c] - middle) < 1e-12 && fabs(std[c] - sqrt(squares / (50 * PLANE))) < 1e-12);
    }
    lenet_dataset_close(&dataset);
}

/* Of the images that are trained on: what is held out has no say. */
static void held_out_images_do_not_count(void **state)
{
    (void)state;
    lenet_dataset *dataset = make();
    lenet_model *model = make_model();
    lenet_settings settings;
    uint32_t first[100];
    double mean[2], std[2], found_mean[2], found_std[2];
    for (uint32_t i = 0; i < 100; i++)
        first[i] = i;
    assert_int_equal(ln_normalize_by("per-dataset", dataset, first, 100, mean, std, NULL), LENET_OK);
    lenet_settings_default(&settings);
    settings.normalize = "per-dataset", settings.validation_split = 0.5, settings.validation_kind = LENET_VALIDATION_LAST;
    train(model, dataset, &settings);
    lenet_model_normalization(model, found_mean, found_std);
    assert_memory_equal(found_mean, mean, sizeof mean);
    assert_memory_equal(found_std, std, sizeof std);
    lenet_model_close(&model);
    lenet_dataset_close(&dataset);
}

static void it_travels_with_the_model(void **state)
{
    (void)state;
    char path[] = "/tmp/lenet-normalize-XXXXXX", list[128];
    lenet_dataset *dataset = make();
    lenet_model *model = make_model(), *loaded = NULL;
    lenet_settings settings;
    lenet_evaluation before, after;
    double mean[2], std[2];
    close(mkstemp(path));
    lenet_settings_default(&settings);
    settings.normalize = "per-dataset";
    const lenet_result measured = train(model, dataset, &settings);
    assert_int_equal(lenet_model_save(model, path, NULL), LENET_OK);
    assert_int_equal(lenet_model_load(&loaded, path, NULL), LENET_OK);
    assert_int_equal(lenet_evaluate(model, dataset, NULL, &before, NULL), LENET_OK);
    assert_int_equal(lenet_evaluate(loaded, dataset, NULL, &after, NULL), LENET_OK);
    assert_true(before.loss == after.loss && before.accuracy == measured.test_accuracy);
    lenet_model_normalization(loaded, mean, std);
    snprintf(list, sizeof list, "%.17g,%.17g,%.17g,%.17g", mean[0], mean[1], std[0], std[1]);
    settings.normalize = list;
    assert_string_equal(train(loaded, dataset, &settings).weights_sha256, measured.weights_sha256);
    settings.normalize = "none"; /* takes it off the model again */
    const lenet_result plain = train(loaded, dataset, &settings);
    assert_string_not_equal(plain.weights_sha256, measured.weights_sha256);
    assert_null(lenet_model_note(loaded, "normalize"));
    settings.normalize = NULL;
    assert_string_equal(train(loaded, dataset, &settings).weights_sha256, plain.weights_sha256);
    unlink(path);
    lenet_evaluation_close(&before);
    lenet_evaluation_close(&after);
    lenet_model_close(&loaded);
    lenet_model_close(&model);
    lenet_dataset_close(&dataset);
}

static void a_damaged_note_is_refused(void **state)
{
    (void)state;
    const char *const damaged[] = {"0.1,0.2,0.3", "0.1,0.2,0.3,0", "0.1,0.2,0.3,x", "0,0,1e-320,1"};
    char path[] = "/tmp/lenet-normalize-XXXXXX";
    lenet_error error;
    close(mkstemp(path));
    for (int i = 0; i < 4; i++) {
        lenet_model *model = make_model(), *loaded = NULL;
        assert_int_equal(lenet_model_set_note(model, "normalize", damaged[i], NULL), LENET_OK);
        assert_int_equal(lenet_model_save(model, path, NULL), LENET_OK);
        assert_int_equal(lenet_model_load(&loaded, path, &error), LENET_INPUT);
        assert_non_null(strstr(error.text, path));
        lenet_model_close(&model);
    }
    unlink(path);
}

static void refuse(const char *normalize, const char *reason)
{
    lenet_dataset *dataset = make();
    lenet_model *model = make_model();
    lenet_settings settings;
    lenet_result result;
    lenet_error error = {LENET_OK, ""};
    lenet_settings_default(&settings);
    settings.normalize = normalize;
    assert_int_equal(lenet_train(model, dataset, NULL, &settings, &result, &error), LENET_USAGE);
    if (!strstr(error.text, reason))
        fail_msg("the error is '%s', and should hold '%s'", error.text, reason);
    lenet_model_close(&model);
    lenet_dataset_close(&dataset);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    refuse("per-data", "MEAN,STD");
    refuse("0.5", "MEAN,STD");
    refuse("0.5,0.5,0.5", "MEAN,STD");
    refuse("0.5,0", "must be above 0");
    refuse("1,1,1,1,1,1", "of 3 channels, the images have 2");
}

static void each_class_comes_equally_often(void **state)
{
    (void)state;
    lenet_dataset *dataset = make();
    lenet_dataset_close(&dataset);
    uint32_t index[150], order[150], other[150];
    for (uint32_t i = 0; i < 150; i++)
        index[i] = i + 20;
    ln_balance(index, 150, labels, 1, 1, order);
    int per_class[CLASSES] = {0}, per_image[COUNT] = {0}, members[CLASSES] = {0};
    for (int i = 0; i < 150; i++) {
        per_class[labels[order[i]]]++;
        per_image[order[i]]++;
        members[labels[index[i]]]++;
    }
    for (int k = 0; k < CLASSES; k++)
        assert_in_range(per_class[k], 37, 38);
    for (int i = 0; i < COUNT; i++) {
        const int even = per_class[labels[i]] / members[labels[i]];
        if (i >= 20 && i < 170)
            assert_in_range(per_image[i], even, even + 1);
        else
            assert_int_equal(per_image[i], 0);
    }
    ln_balance(index, 150, labels, 1, 1, other);
    assert_memory_equal(order, other, sizeof order);
    ln_balance(index, 150, labels, 1, 2, other);
    assert_memory_not_equal(order, other, sizeof order);
}

/* Everything at once, and twice the same; more threads are for the golden hashes. */
static void all_go_together(void **state)
{
    (void)state;
    lenet_dataset *dataset = make();
    char sha256[65];
    for (int i = 0; i < 2; i++) {
        lenet_model *model = make_model();
        lenet_settings settings;
        lenet_settings_default(&settings);
        settings.normalize = "per-dataset", settings.balance = 1, settings.augment = "crop:1,rotate,elastic:1:2,erase";
        settings.noise = 0.2, settings.folds = 4, settings.fold = 2, settings.train_limit = 180;
        const lenet_result result = train(model, dataset, &settings);
        assert_int_equal(result.train_count + result.val_count, 180);
        if (i)
            assert_string_equal(result.weights_sha256, sha256);
        memcpy(sha256, result.weights_sha256, sizeof sha256);
        lenet_model_close(&model);
    }
    lenet_dataset_close(&dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statistics_are_those_of_the_images),
        cmocka_unit_test(held_out_images_do_not_count),
        cmocka_unit_test(it_travels_with_the_model),
        cmocka_unit_test(a_damaged_note_is_refused),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(each_class_comes_equally_often),
        cmocka_unit_test(all_go_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
