/* SPDX-License-Identifier: MIT */
/*
 * test_transform.c - images changed before a measurement: each operation against what its words say, and lists
 * that are refused.
 */
#include "lab/data/transform.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { SIDE = 9, PIXELS = SIDE * SIDE, COUNT = 300 };

static uint8_t images[COUNT][PIXELS];

/* Bytes of all kinds, nothing symmetric. */
static lenet_dataset *make(void)
{
    static uint8_t labels[COUNT];
    lenet_dataset *dataset = NULL;
    for (int i = 0; i < COUNT; i++) {
        labels[i] = (uint8_t)(i % 3);
        for (int p = 0; p < PIXELS; p++)
            images[i][p] = (uint8_t)((i * 31 + p * p * 7 + p * 13) % 256);
    }
    assert_int_equal(
        lenet_dataset_create(&dataset, (lenet_shape){1, SIDE, SIDE}, 3, COUNT, &images[0][0], labels, NULL), LENET_OK);
    return dataset;
}

static const uint8_t *changed_by(const char *list, lenet_dataset **dataset)
{
    lenet_error error;
    *dataset = make();
    if (lab_transform_apply(list, dataset, &error))
        fail_msg("%s", error.text);
    assert_int_equal(lenet_dataset_labels(*dataset)[4], 1);
    return lenet_dataset_images(*dataset);
}

static void expect_same(const char *list)
{
    lenet_dataset *dataset;
    assert_memory_equal(changed_by(list, &dataset), images, sizeof images);
    lenet_dataset_close(&dataset);
}

static void nothing_stays_the_same(void **state)
{
    (void)state;
    expect_same("rotate:0");
    expect_same("scale:1");
    expect_same("shift:0:0");
    expect_same("noise:0");
    expect_same("brightness:0");
    expect_same("contrast:1");
    expect_same("invert,invert");
    expect_same("rotate:90,rotate:90,rotate:180");
}

static void expect_pixels(const char *list, double (*wanted)(const uint8_t *image, int row, int column))
{
    lenet_dataset *dataset;
    const uint8_t *found = changed_by(list, &dataset);
    for (int i = 0; i < PIXELS; i++)
        if (fabs(found[PIXELS + i] - wanted(images[1], i / SIDE, i % SIDE)) > 0.5)
            fail_msg("%s: (%d, %d) is %d", list, i / SIDE, i % SIDE, found[PIXELS + i]);
    lenet_dataset_close(&dataset);
}

static double negative(const uint8_t *image, int row, int column) { return 255 - image[row * SIDE + column]; }
static double turned(const uint8_t *image, int row, int column) { return image[column * SIDE + SIDE - 1 - row]; }
static double moved(const uint8_t *image, int row, int column)
{
    return column < 2 || row > SIDE - 2 ? 0 : image[(row + 1) * SIDE + column - 2];
}
static double brighter(const uint8_t *image, int row, int column) { return fmin(255, image[row * SIDE + column] + 51); }
static double flatter(const uint8_t *image, int row, int column)
{
    return 127.5 + (image[row * SIDE + column] - 127.5) / 2;
}

static double between(const uint8_t *image, int row, int column)
{
    return column ? (image[row * SIDE + column] + image[row * SIDE + column - 1]) / 2.0 : image[row * SIDE] / 2.0;
}

static void operations_do_what_they_say(void **state)
{
    (void)state;
    expect_pixels("invert", negative);
    expect_pixels("rotate:90", turned); /* counter-clockwise: the right edge becomes the upper one */
    expect_pixels("shift:2:-1", moved);
    expect_pixels("shift:0.5:0", between);
    expect_pixels("brightness:0.2", brighter);
    expect_pixels("contrast:0.5", flatter);
}

static void noise_is_normal_and_the_same_again(void **state)
{
    (void)state;
    lenet_dataset *first, *second;
    const uint8_t *one = changed_by("noise:0.05", &first), *other = changed_by("noise:0.05", &second);
    double sum = 0, squares = 0, count = 0;
    assert_memory_equal(one, other, sizeof images);
    for (int i = 0; i < COUNT * PIXELS; i++) {
        const int before = (&images[0][0])[i];
        if (before < 90 || before > 165) /* where no noise is cut off */
            continue;
        sum += one[i] - before;
        squares += (one[i] - before) * (one[i] - before);
        count++;
    }
    assert_true(count > 1000 && fabs(sum / count) < 4 * 12.75 / sqrt(count) &&
                fabs(sqrt(squares / count) / 12.75 - 1) < 0.05);
    lenet_dataset_close(&first);
    lenet_dataset_close(&second);
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    const char *const lists[] = {"",
                                 "inverted",
                                 "invert:1",
                                 "rotate",
                                 "rotate:",
                                 "rotate:x",
                                 "rotate:15:3",
                                 "rotate:1e9",
                                 "shift:1",
                                 "scale:0",
                                 "noise:-1",
                                 "noise:nan",
                                 "invert,",
                                 "invert,,invert",
                                 "rotate:15 ",
                                 "invert,invert,invert,invert,invert,invert,invert,invert,invert,invert,invert,invert,"
                                 "invert,invert,invert,invert,invert"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        lenet_error error = {LENET_OK, ""};
        assert_int_equal(lab_transform_check(lists[i], &error), LENET_USAGE);
        assert_true(strstr(error.text, "transform") && !strchr(error.text, '\n'));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_stays_the_same),
        cmocka_unit_test(operations_do_what_they_say),
        cmocka_unit_test(noise_is_normal_and_the_same_again),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
