/* SPDX-License-Identifier: MIT */
/* test_split.c - which images train and which are held out: shares, folds, draws anew, and contradictions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/split.h"

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
    refuse(nothing_to_draw, "nothing to draw anew");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds_are_disjoint_stratified_and_cover_all),
        cmocka_unit_test(last_is_as_keras_has_it),
        cmocka_unit_test(a_draw_anew_holds_out_as_many_others),
        cmocka_unit_test(contradictions_say_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
