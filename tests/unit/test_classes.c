/* SPDX-License-Identifier: MIT */
/* test_classes.c - classes of a model and of a data set, paired by name: order, parts, other names, faulty notes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lab/data/classes.h"

#include <string.h>

static lenet_model *make_model(const char *note)
{
    lenet_model *model = NULL;
    assert_int_equal(lenet_model_create(&model, "dense:3", (lenet_shape){1, 2, 2}, 3, NULL), LENET_OK);
    if (note)
        assert_int_equal(lenet_model_set_note(model, "class_names", note, NULL), LENET_OK);
    return model;
}

static lab_classes open_classes(const char *note)
{
    lab_classes classes;
    lenet_model *model = make_model(note);
    assert_int_equal(lab_classes_open(&classes, model, NULL), LENET_OK);
    lenet_model_close(&model);
    return classes;
}

/* Six images of 2x2, of the classes 0, 1, 2, 0, 1, 2 with these names. */
static lenet_dataset *make_data(const char *const names[3])
{
    uint8_t images[24];
    const uint8_t labels[] = {0, 1, 2, 0, 1, 2};
    lenet_dataset *dataset = NULL;
    for (uint8_t i = 0; i < sizeof images; i++)
        images[i] = i;
    const lenet_shape shape = {1, 2, 2};
    assert_int_equal(lenet_dataset_create_named(&dataset, "photos", names, shape, 3, 6, images, labels, NULL), LENET_OK);
    return dataset;
}

static void another_order_becomes_that_of_the_model(void **state)
{
    (void)state;
    static const char *const names[] = {"trouser", "bag", "shirt"};
    static const uint8_t expected[] = {2, 0, 1, 2, 0, 1};
    lab_classes classes = open_classes("[\"bag\",\"shirt\",\"trouser\"]");
    lenet_dataset *dataset = make_data(names);
    assert_int_equal(lab_classes_apply(&classes, &dataset, NULL), LENET_OK);
    assert_memory_equal(lenet_dataset_labels(dataset), expected, sizeof expected);
    assert_string_equal(lenet_dataset_class_name(dataset, 0), "bag");
    assert_string_equal(lenet_dataset_name(dataset), "photos");
    for (uint8_t i = 0; i < 24; i++)
        assert_int_equal(lenet_dataset_images(dataset)[i], i);
    const lenet_dataset *before = dataset;
    assert_int_equal(lab_classes_apply(&classes, &dataset, NULL), LENET_OK);
    assert_ptr_equal(dataset, before); /* there was nothing to do */
    lenet_dataset_close(&dataset);
    lab_classes_close(&classes);
}

static void some_of_the_classes_have_their_places(void **state)
{
    (void)state;
    static const char *const names[] = {"trouser", "bag"};
    uint8_t place[2];
    lab_classes classes = open_classes("[\"bag\",\"shirt\",\"trouser\"]");
    assert_int_equal(lab_classes_match(&classes, "photos", names, 2, place, NULL), LENET_OK);
    assert_int_equal(place[0], 2);
    assert_int_equal(place[1], 0);
    lab_classes_close(&classes);
}

static void refuse(const lab_classes *classes, const char *const *names, int count, const char *words,
                   const char *not_words)
{
    uint8_t place[LENET_MAX_CLASSES];
    lenet_error error = {LENET_OK, ""};
    assert_int_equal(lab_classes_match(classes, "photos", names, count, place, &error), LENET_USAGE);
    if (!strstr(error.text, words) || strstr(error.text, not_words))
        fail_msg("the error is '%s', and should hold '%s', not '%s'", error.text, words, not_words);
}

static void other_names_are_refused_with_the_nearest(void **state)
{
    (void)state;
    lab_classes classes = open_classes("[\"bag\",\"shirt\",\"trouser\"]");
    static const char *const typo[] = {"bag", "shrit", "trouser"}, *const capital[] = {"BAG", "shirt", "trouser"},
                            *const far[] = {"1", "2", "3"}, *const fewer[] = {"bag", "cap"};
    refuse(&classes, typo, 3,
           "photos: class 'shrit': not among the model's classes (did you mean 'shirt'?); rename it, or", " more");
    refuse(&classes, capital, 3, "class 'BAG': not among the model's classes (did you mean 'bag'?)", " more");
    refuse(&classes, far, 3, "class '1' and 2 more: not among the model's classes ('bag', 'shirt', 'trouser')", "mean");
    refuse(&classes, fewer, 2, "rename or remove it", "--by-order"); /* there are not as many */
    lenet_dataset *dataset = make_data(typo);
    const lenet_dataset *before = dataset;
    assert_int_equal(lab_classes_apply(&classes, &dataset, NULL), LENET_USAGE);
    assert_ptr_equal(dataset, before);
    lenet_dataset_close(&dataset);
    lab_classes_close(&classes);
}

/* A model file has no bytes that are not UTF-8, the name of a folder may. */
static void names_that_are_not_text_are_found(void **state)
{
    (void)state;
    static const char *const names[] = {"caf\xe9"};
    uint8_t place[1];
    lab_classes classes = open_classes("[\"bag\",\"caf\xef\xbf\xbd\",\"trouser\"]");
    assert_int_equal(lab_classes_match(&classes, "photos", names, 1, place, NULL), LENET_OK);
    assert_int_equal(place[0], 1);
    lab_classes_close(&classes);
}

static void faulty_notes_name_no_classes(void **state)
{
    (void)state;
    static const char *const notes[] = {NULL, "", "bag", "[]", "[\"bag\",\"shirt\"]", "[\"a\",\"b\",\"c\",\"d\"]",
                                        "[\"bag\",3,\"shirt\"]", "[\"bag\",\"bag\",\"shirt\"]", "{\"a\":1}"};
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
        lab_classes classes = open_classes(notes[i]);
        assert_int_equal(classes.count, 0);
        lab_classes_close(&classes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_order_becomes_that_of_the_model),
        cmocka_unit_test(some_of_the_classes_have_their_places),
        cmocka_unit_test(other_names_are_refused_with_the_nearest),
        cmocka_unit_test(names_that_are_not_text_are_found),
        cmocka_unit_test(faulty_notes_name_no_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
