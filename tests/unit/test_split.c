/* SPDX-License-Identifier: MIT */
/* test_split.c - which images train and which are held out: shares, folds, few images, other draws, contradictions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/split.h"
#include "lenet/tools.h"

#include <string.h>

enum { COUNT = 1003, CLASSES = 10 };

/* Classes of different sizes: i * i mod 10 knows six of ten digits. */
static lenet_dataset *make(uint8_t labels[COUNT])
{
    uint8_t images[COUNT] = {0};
    lenet_dataset *dataset = NULL;
    for (int i = 0; i < COUNT; i++)
        labels[i] = (uint8_t)(i * i % CLASSES);
    assert_int_equal(lenet_dataset_create(&dataset, (lenet_shape){1, 1, 1}, CLASSES, COUNT, images, labels, NULL), LENET_OK);
    return dataset;
}

static void count_classes(const uint8_t *labels, const uint32_t *index, size_t count, size_t sizes[CLASSES])
{
    memset(sizes, 0, CLASSES * sizeof *sizes);
    for (size_t i = 0; i < count; i++)
        sizes[labels[index[i]]]++;
}

/* Ascending, each image once, none in both parts. */
static void expect_disjoint(const ln_split *split)
{
    uint8_t seen[COUNT] = {0};
    for (size_t i = 0; i < split->train_count; i++) {
        assert_true(!i || split->train[i] > split->train[i - 1]);
        seen[split->train[i]]++;
    }
    for (size_t i = 0; i < split->held_out_count; i++) {
        assert_true(!i || split->held_out[i] > split->held_out[i - 1]);
        seen[split->held_out[i]]++;
    }
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(seen[i], split->mark[i] != 0);
}

static void folds_are_disjoint_stratified_and_cover_all(void **state)
{
    (void)state;
    uint8_t labels[COUNT], held[COUNT] = {0};
    lenet_dataset *dataset = make(labels);
    uint32_t all[COUNT];
    size_t total[CLASSES];
    for (uint32_t i = 0; i < COUNT; i++)
        all[i] = i;
    count_classes(labels, all, COUNT, total);
    for (int folds = 2; folds <= 7; folds++) {
        memset(held, 0, sizeof held);
        for (int fold = 0; fold < folds; fold++) {
            lenet_settings settings;
            ln_split split;
            size_t sizes[CLASSES];
            lenet_settings_default(&settings);
            settings.folds = folds, settings.fold = fold, settings.seed = 3;
            assert_int_equal(lenet_settings_complete(&settings, &settings, NULL), LENET_OK);
            assert_true(settings.validation_split == 1.0 / folds);
            assert_int_equal(lenet_settings_complete(&settings, &settings, NULL), LENET_OK);
            assert_int_equal(ln_split_open(&split, dataset, &settings, NULL), LENET_OK);
            expect_disjoint(&split);
            assert_int_equal(split.train_count + split.held_out_count, COUNT);
            assert_in_range(split.held_out_count, COUNT / folds, COUNT / folds + 1);
            count_classes(labels, split.held_out, split.held_out_count, sizes);
            for (int k = 0; k < CLASSES; k++)
                assert_in_range(sizes[k], total[k] / (size_t)folds, total[k] / (size_t)folds + 1);
            for (size_t i = 0; i < split.held_out_count; i++)
                held[split.held_out[i]]++;
            ln_split_close(&split);
        }
        for (int i = 0; i < COUNT; i++)
            assert_int_equal(held[i], 1);
    }
    lenet_dataset_close(&dataset);
}

static void last_is_as_keras_has_it(void **state)
{
    (void)state;
    uint8_t labels[COUNT];
    lenet_dataset *dataset = make(labels);
    lenet_settings settings;
    ln_split split;
    lenet_settings_default(&settings);
    settings.validation_kind = LENET_VALIDATION_LAST;
    assert_int_equal(ln_split_open(&split, dataset, &settings, NULL), LENET_OK);
    assert_int_equal(split.train_count, 902); /* floor(1003 * 0.9) */
    assert_int_equal(split.train[901], 901);
    assert_int_equal(split.held_out[0], 902);
    expect_disjoint(&split);
    ln_split_close(&split);
    lenet_dataset_close(&dataset);
}

static void a_draw_anew_holds_out_as_many_others(void **state)
{
    (void)state;
    uint8_t labels[COUNT], ever[COUNT] = {0};
    lenet_dataset *dataset = make(labels);
    lenet_settings settings;
    ln_split split;
    size_t first[CLASSES], sizes[CLASSES], different = 0;
    uint32_t before[COUNT];
    lenet_settings_default(&settings);
    settings.validation_resample = 1, settings.train_limit = 900;
    assert_int_equal(ln_split_open(&split, dataset, &settings, NULL), LENET_OK);
    count_classes(labels, split.held_out, split.held_out_count, first);
    for (int epoch = 1; epoch <= 50; epoch++) {
        memcpy(before, split.held_out, split.held_out_count * sizeof *before);
        ln_split_redraw(&split, dataset, &settings, epoch);
        expect_disjoint(&split);
        assert_int_equal(split.train_count + split.held_out_count, 900);
        count_classes(labels, split.held_out, split.held_out_count, sizes);
        assert_memory_equal(sizes, first, sizeof sizes);
        different += memcmp(before, split.held_out, split.held_out_count * sizeof *before) != 0;
        for (size_t i = 0; i < split.held_out_count; i++)
            ever[split.held_out[i]] = 1;
    }
    assert_int_equal(different, 50);
    size_t reached = 0;
    for (int i = 0; i < COUNT; i++)
        reached += ever[i];
    assert_true(reached > 850 && reached <= 900); /* 900 (1 - 0.9^50) = 895 are expected, with a deviation of 2 */
    ln_split_close(&split);
    lenet_dataset_close(&dataset);
}

/* ---------------------------------------------------------------------------------------------- known data sets */

/* Images of each class in the training set; their order does not matter here. */
static const size_t mnist[CLASSES] = {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949};
static const size_t fashion[CLASSES] = {6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000}; /* KMNIST too */
static const size_t cifar[CLASSES] = {5000, 5000, 5000, 5000, 5000, 5000, 5000, 5000, 5000, 5000};

/* `sizes` images of each class; the classes take turns. */
static lenet_dataset *make_sized(const size_t *sizes, int classes)
{
    static uint8_t labels[60000], images[60000];
    size_t left[CLASSES], count = 0;
    lenet_dataset *dataset = NULL;
    memcpy(left, sizes, (size_t)classes * sizeof *left);
    for (size_t before = 1; before != 0;) {
        before = count;
        for (int k = 0; k < classes; k++)
            if (left[k] && left[k]--)
                labels[count++] = (uint8_t)k;
        before = count - before;
    }
    assert_int_equal(
        lenet_dataset_create(&dataset, (lenet_shape){1, 1, 1}, classes, count, images, labels, NULL), LENET_OK);
    return dataset;
}

static uint64_t mix(uint64_t hash, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash;
}

/* Each class loses its share, rounded by itself; the hash of the marks is that of the first version that had them. */
static void expect_splits(const size_t *sizes, uint64_t expected)
{
    static const double shares[] = {0.0001, 0.001,   0.005, 0.01, 0.02,    0.05, 0.1,  0.15,
                                    1.0 / 6, 0.2, 0.25, 1.0 / 3, 0.5, 0.75, 0.9, 0.99};
    uint64_t hash = 0xcbf29ce484222325u;
    lenet_dataset *dataset = make_sized(sizes, CLASSES);
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        lenet_settings settings;
        ln_split split;
        size_t held[CLASSES];
        lenet_settings_default(&settings);
        settings.validation_split = shares[i], settings.seed = i;
        assert_int_equal(ln_split_open(&split, dataset, &settings, NULL), LENET_OK);
        count_classes(lenet_dataset_labels(dataset), split.held_out, split.held_out_count, held);
        for (int k = 0; k < CLASSES; k++)
            assert_int_equal(held[k], (size_t)(shares[i] * (double)sizes[k] + 0.5));
        hash = mix(hash, split.mark, lenet_dataset_count(dataset));
        ln_split_close(&split);
    }
    lenet_dataset_close(&dataset);
    if (hash != expected)
        fail_msg("the hash of the splits is %#llx", (unsigned long long)hash);
}

static void splits_of_known_data_sets_stay_what_they_are(void **state)
{
    (void)state;
    expect_splits(mnist, 0x4d9a27f11f3fe921u);
    expect_splits(fashion, 0x1886ecbcc7ec7a63u);
    expect_splits(cifar, 0x31f15c3e00427237u);
}

/* ---------------------------------------------------------------------------------------------- few images a class */

/* Opens the split of a dataset with `sizes` images of each class and expects `held` held out of each. */
static void expect_held_out(const size_t *sizes, int classes, double share, const size_t *held)
{
    lenet_dataset *dataset = make_sized(sizes, classes);
    lenet_settings settings;
    ln_split split;
    size_t found[CLASSES];
    lenet_settings_default(&settings);
    settings.validation_split = share;
    assert_int_equal(ln_split_open(&split, dataset, &settings, NULL), LENET_OK);
    count_classes(lenet_dataset_labels(dataset), split.held_out, split.held_out_count, found);
    assert_memory_equal(found, held, (size_t)classes * sizeof *held);
    for (int epoch = 1; epoch <= 5; epoch++) { /* each draw takes as many of each */
        ln_split_redraw(&split, dataset, &settings, epoch);
        count_classes(lenet_dataset_labels(dataset), split.held_out, split.held_out_count, found);
        assert_memory_equal(found, held, (size_t)classes * sizeof *held);
    }
    ln_split_close(&split);
    lenet_dataset_close(&dataset);
}

static void a_share_of_few_images_goes_by_the_largest_remainder(void **state)
{
    (void)state;
    const size_t four[] = {4, 4, 4, 4, 4, 4, 4, 4, 4, 4}, first_four[] = {1, 1, 1, 1, 0, 0, 0, 0, 0, 0};
    expect_held_out(four, 10, 0.1, first_four); /* 0.1 of 40 images is 4 */
    const size_t ragged[] = {1, 4, 2, 4, 3}, largest[] = {0, 1, 0, 0, 0};
    expect_held_out(ragged, 5, 0.1, largest); /* 0.1 of 14 images rounds to 1 */
    const size_t single[] = {1, 1, 1, 1, 2, 1}, only_pair[] = {0, 0, 0, 0, 1, 0};
    expect_held_out(single, 6, 0.24, only_pair); /* 0.24 of 7 images rounds to 2, and one class can spare one */
    const size_t five[] = {5, 4, 4, 4}, by_class[] = {1, 0, 0, 0};
    expect_held_out(five, 4, 0.1, by_class); /* one class rounds to 1 by itself, so each class is rounded by itself */
}

static void expect_none_held_out(const size_t *sizes, int classes, lenet_validation kind, double share)
{
    lenet_dataset *dataset = make_sized(sizes, classes);
    lenet_settings settings;
    lenet_error error = {LENET_OK, ""};
    ln_split split;
    lenet_settings_default(&settings);
    settings.validation_split = share, settings.validation_kind = kind;
    assert_int_equal(ln_split_open(&split, dataset, &settings, &error), LENET_USAGE);
    if (!strstr(error.text, "not one of"))
        fail_msg("the error is '%s'", error.text);
    settings.validation_split = 0;
    assert_int_equal(ln_split_open(&split, dataset, &settings, &error), LENET_OK);
    ln_split_close(&split);
    lenet_dataset_close(&dataset);
}

static void a_share_that_holds_out_nothing_is_refused(void **state)
{
    (void)state;
    const size_t two[] = {2, 2}, singles[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    expect_none_held_out(two, 2, LENET_VALIDATION_STRATIFIED, 0.1); /* 0.1 of 4 images rounds to 0 */
    expect_none_held_out(singles, 10, LENET_VALIDATION_STRATIFIED, 0.1); /* it would be all images of a class */
    expect_none_held_out(two, 2, LENET_VALIDATION_LAST, 1e-17);
}

/* The public door says the same of each image as the split itself. */
static void the_use_of_each_image_is_told(void **state)
{
    (void)state;
    uint8_t labels[COUNT], use[COUNT];
    lenet_dataset *dataset = make(labels);
    lenet_settings settings;
    lenet_error error;
    ln_split split;
    lenet_settings_default(&settings);
    settings.train_limit = 700, settings.seed = 9, settings.folds = 4, settings.fold = 2;
    assert_int_equal(lenet_measure_split(dataset, &settings, use, NULL), LENET_OK);
    assert_int_equal(lenet_settings_complete(&settings, &settings, NULL), LENET_OK);
    assert_int_equal(ln_split_open(&split, dataset, &settings, NULL), LENET_OK);
    size_t count[3] = {0};
    for (int i = 0; i < COUNT; i++)
        count[use[i]]++;
    assert_int_equal(count[LENET_USE_NONE], COUNT - 700);
    assert_int_equal(count[LENET_USE_TRAIN], split.train_count);
    assert_int_equal(count[LENET_USE_HOLD_OUT], split.held_out_count);
    for (size_t i = 0; i < split.held_out_count; i++)
        assert_int_equal(use[split.held_out[i]], LENET_USE_HOLD_OUT);
    ln_split_close(&split);
    settings.fold = 4;
    assert_int_equal(lenet_measure_split(dataset, &settings, use, &error), LENET_USAGE);
    lenet_dataset_close(&dataset);
}

static void refuse(void (*spoil)(lenet_settings *), const char *reason)
{
    lenet_settings settings;
    lenet_error error = {LENET_OK, ""};
    lenet_settings_default(&settings);
    spoil(&settings);
    assert_int_equal(lenet_settings_complete(&settings, &settings, &error), LENET_USAGE);
    if (!strstr(error.text, reason))
        fail_msg("the error is '%s', and should hold '%s'", error.text, reason);
}

static void split_and_folds(lenet_settings *s) { s->folds = 5, s->validation_split = 0.3; }
static void test_and_folds(lenet_settings *s) { s->folds = 5, s->keep = LENET_KEEP_TEST; }
static void resampled_folds(lenet_settings *s) { s->folds = 5, s->validation_resample = 1; }
static void fold_alone(lenet_settings *s) { s->fold = 1; }
static void fold_too_high(lenet_settings *s) { s->folds = 5, s->fold = 5; }
static void one_fold(lenet_settings *s) { s->folds = 1; }
static void nothing_to_draw(lenet_settings *s) { s->validation_split = 0, s->validation_resample = 1; }

static void contradictions_say_why(void **state)
{
    (void)state;
    refuse(split_and_folds, "folds and val-split 0.3");
    refuse(test_and_folds, "folds and keep-best test");
    refuse(resampled_folds, "folds and val-resample");
    refuse(fold_alone, "there are no folds");
    refuse(fold_too_high, "counted from 0");
    refuse(one_fold, "2..1000");
    refuse(nothing_to_draw, "no other images can be drawn");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds_are_disjoint_stratified_and_cover_all),
        cmocka_unit_test(last_is_as_keras_has_it),
        cmocka_unit_test(a_draw_anew_holds_out_as_many_others),
        cmocka_unit_test(splits_of_known_data_sets_stay_what_they_are),
        cmocka_unit_test(a_share_of_few_images_goes_by_the_largest_remainder),
        cmocka_unit_test(a_share_that_holds_out_nothing_is_refused),
        cmocka_unit_test(the_use_of_each_image_is_told),
        cmocka_unit_test(contradictions_say_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
