/* SPDX-License-Identifier: MIT */
/* test_duplicates.c - pictures that are there twice: what is counted as what, and which are named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lab/data/duplicates.h"

#include <stdlib.h>
#include <string.h>

enum { PIXELS = 4 };

/* A letter is a picture: 2x2 pixels that differ from those of other letters in the last. A digit after it is its label. */
static lenet_dataset *make(const char *text)
{
    const size_t count = strlen(text) / 2;
    uint8_t images[64 * PIXELS] = {0}, labels[64];
    lenet_dataset *dataset = NULL;
    for (size_t i = 0; i < count; i++) {
        images[i * PIXELS + PIXELS - 1] = (uint8_t)text[2 * i];
        labels[i] = (uint8_t)(text[2 * i + 1] - '0');
    }
    assert_int_equal(lenet_dataset_create(&dataset, (lenet_shape){1, 2, 2}, 10, count, images, labels, NULL), LENET_OK);
    return dataset;
}

static lab_duplicates find(const char *trained, const char *tested)
{
    lab_duplicates found;
    lenet_dataset *train = make(trained), *test = make(tested);
    assert_int_equal(lab_duplicates_find(&found, train, test, NULL), LENET_OK);
    lenet_dataset_close(&train);
    lenet_dataset_close(&test);
    return found;
}

static void expect_example(const lab_duplicates *found, lab_duplicate_kind kind, size_t i, size_t first, size_t again)
{
    assert_int_equal(found->examples[kind][i].first, first);
    assert_int_equal(found->examples[kind][i].again, again);
}

static void counts_each_repetition_once(void **state)
{
    (void)state;
    const lab_duplicates found = find("A0B1A0C2A1", "A0D3D4C2");
    assert_int_equal(found.train_count, 5);
    assert_int_equal(found.test_count, 4);
    assert_int_equal(found.count[LAB_TWICE_IN_TRAINING], 2);
    assert_int_equal(found.count[LAB_IN_TRAINING_AND_TEST], 2);
    assert_int_equal(found.count[LAB_TWICE_IN_TEST], 1);
    assert_int_equal(found.count[LAB_WITH_TWO_LABELS], 2);
    expect_example(&found, LAB_TWICE_IN_TRAINING, 0, 0, 2);
    expect_example(&found, LAB_TWICE_IN_TRAINING, 1, 0, 4);
    expect_example(&found, LAB_IN_TRAINING_AND_TEST, 0, 0, 5);
    expect_example(&found, LAB_IN_TRAINING_AND_TEST, 1, 3, 8);
    expect_example(&found, LAB_TWICE_IN_TEST, 0, 6, 7);
    expect_example(&found, LAB_WITH_TWO_LABELS, 0, 0, 4);
    expect_example(&found, LAB_WITH_TWO_LABELS, 1, 6, 7);
}

static void finds_nothing_where_nothing_is(void **state)
{
    (void)state;
    const lab_duplicates found = find("A0B0C1D1", "E0F1");
    for (int kind = 0; kind < LAB_DUPLICATE_KINDS; kind++)
        assert_int_equal(found.count[kind], 0);
}

/* All pairs of so many would take minutes. */
static void takes_many(void **state)
{
    (void)state;
    enum { MANY = 200000 };
    uint8_t *bytes = calloc(MANY, 1);
    lenet_dataset *dataset = NULL;
    lab_duplicates found;
    assert_non_null(bytes);
    assert_int_equal(lenet_dataset_create(&dataset, (lenet_shape){1, 1, 1}, 2, MANY, bytes, bytes, NULL), LENET_OK);
    assert_int_equal(lab_duplicates_find(&found, dataset, dataset, NULL), LENET_OK);
    assert_int_equal(found.count[LAB_TWICE_IN_TRAINING], MANY - 1);
    assert_int_equal(found.count[LAB_IN_TRAINING_AND_TEST], MANY);
    expect_example(&found, LAB_TWICE_IN_TRAINING, LAB_DUPLICATE_EXAMPLES - 1, 0, LAB_DUPLICATE_EXAMPLES);
    lenet_dataset_close(&dataset);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_each_repetition_once),
        cmocka_unit_test(finds_nothing_where_nothing_is),
        cmocka_unit_test(takes_many),
    };
    return cmocka_run_group_tests_name("duplicates", tests, NULL, NULL);
}
