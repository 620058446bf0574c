/* SPDX-License-Identifier: MIT */
/*
 * test_augment.c - training images changed: against the same draws carried out in double precision with libm, one operation after the
 * other; what is drawn how often; and that it depends on nothing but seed, epoch and place.
 *
 * Shares are compared within four standard errors, for fixed seeds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/random.h"
#include "data/augment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 28, PIXELS = SIDE * SIDE, TRIES = 4000 };

static const lenet_shape grey = {1, SIDE, SIDE};

/* Smooth enough that a hundredth of a pixel does not show, no symmetry, nowhere black. */
static void draw_picture(uint8_t *image, int side)
{
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
            image[y * side + x] = (uint8_t)(120 + 60 * sin(0.31 * x + 0.1) + 50 * cos(0.23 * y + 0.05 * x));
}

static ln_augment *open_list(const char *list, lenet_shape shape)
{
    ln_augment *augment = NULL;
    lenet_error error = {LENET_OK, ""};
    ln_augment_open(&augment, list, shape, 7, 1, 16, &error);
    assert_string_equal(error.text, "");
    return augment;
}

static const uint8_t *change(ln_augment *augment, const uint8_t *image, size_t place)
{
    const uint32_t index = 0;
    ln_augment_begin(augment, 3, place);
    return ln_augment_apply(augment, 0, image, &index, 0, 1);
}

/* ------------------------------------------------------------------------------------------------- against a truth */

static double pixel(const uint8_t *image, int x, int y) { return x < 0 || x >= SIDE || y < 0 || y >= SIDE ? 0 : image[y * SIDE + x]; }

static double between_pixels(const uint8_t *image, double x, double y)
{
    const int left = (int)floor(x), top = (int)floor(y);
    const double right = x - left, down = y - top;
    return (1 - down) * ((1 - right) * pixel(image, left, top) + right * pixel(image, left + 1, top)) +
           down * ((1 - right) * pixel(image, left, top + 1) + right * pixel(image, left + 1, top + 1));
}

/* Where the pixel (x, y) of the new image comes from, after "scale, rotate, flip, shift" of the old: undone from the last to the first. */
typedef struct drawn {
    double scale, angle;
    int flips, right, down;
} drawn;

static drawn draw(size_t place)
{
    ln_random random = ln_random_open(7, LN_FOR_AUGMENT, 3, (uint32_t)place);
    drawn d;
    d.scale = 0.7 + 0.6 * ln_random_unit(&random);
    d.angle = (-40 + 80 * ln_random_unit(&random)) * 3.14159265358979323846 / 180;
    d.flips = ln_random_unit(&random) < 0.5;
    d.right = (int)ln_random_below(&random, 7) - 3;
    d.down = (int)ln_random_below(&random, 7) - 3;
    return d;
}

static void operations_are_what_they_say(void **state)
{
    (void)state;
    uint8_t image[PIXELS];
    ln_augment *augment = open_list("scale:0.3,rotate:40,flip,shift:3", grey);
    const double middle = (SIDE - 1) / 2.0;
    draw_picture(image, SIDE);
    for (size_t place = 0; place < 200; place++) {
        const uint8_t *changed = change(augment, image, place);
        const drawn d = draw(place);
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++) {
                const double moved_x = x + d.right - middle, moved_y = y + d.down - middle, mirrored_x = d.flips ? -moved_x : moved_x;
                const double turned_x = cos(d.angle) * mirrored_x - sin(d.angle) * moved_y, turned_y = sin(d.angle) * mirrored_x + cos(d.angle) * moved_y;
                const double from_x = turned_x / d.scale + middle, from_y = turned_y / d.scale + middle;
                /* Weights are of 1/256, so that a border of 190 is off by 0.8 in each direction; and it is rounded. */
                if (fabs(between_pixels(image, from_x, from_y) - changed[y * SIDE + x]) > 2.2)
                    fail_msg("place %zu, (%d, %d): %d, should be %g", place, x, y, changed[y * SIDE + x], between_pixels(image, from_x, from_y));
            }
    }
    ln_augment_close(&augment);
}

static void nothing_drawn_changes_nothing(void **state)
{
    (void)state;
    const char *const lists[] = {"none", "shift:0", "flip:0", "crop:0", "rotate:0", "scale:0", "elastic:0", "erase:0", "invert:0"};
    uint8_t image[PIXELS];
    draw_picture(image, SIDE);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        ln_augment *augment = open_list(lists[i], grey);
        for (size_t place = 0; place < 5; place++)
            assert_memory_equal(change(augment, image, place), image, PIXELS);
        ln_augment_close(&augment);
    }
}

/* -------------------------------------------------------------------------------------------------------- shares */

static void expect_share(int count, int all, double p) { assert_true(fabs(count - all * p) <= 4 * sqrt(all * p * (1 - p))); }

static void moves_are_even(void **state)
{
    (void)state;
    uint8_t image[PIXELS];
    int counts[5][5] = {{0}};
    ln_augment *augment = open_list("shift:2", grey);
    draw_picture(image, SIDE);
    for (size_t place = 0; place < TRIES; place++) {
        const uint8_t *changed = change(augment, image, place);
        int found = 0;
        for (int down = -2; down <= 2; down++)
            for (int right = -2; right <= 2; right++) {
                int same = 1;
                for (int i = 0; i < PIXELS && same; i++)
                    same = changed[i] == pixel(image, i % SIDE + right, i / SIDE + down);
                counts[down + 2][right + 2] += same;
                found += same;
            }
        assert_int_equal(found, 1);
    }
    for (int i = 0; i < 25; i++)
        expect_share(counts[i / 5][i % 5], TRIES, 1 / 25.0);
    ln_augment_close(&augment);
}

static void half_are_mirrored(void **state)
{
    (void)state;
    uint8_t image[3 * PIXELS], mirror[3 * PIXELS];
    int mirrored = 0;
    ln_augment *augment = open_list("flip", (lenet_shape){3, SIDE, SIDE});
    for (int c = 0; c < 3; c++)
        draw_picture(image + c * PIXELS, SIDE);
    image[5] = 1, image[PIXELS + 7] = 2, image[2 * PIXELS + 9] = 3;
    for (int i = 0; i < 3 * PIXELS; i++)
        mirror[i] = image[i / SIDE * SIDE + SIDE - 1 - i % SIDE];
    for (size_t place = 0; place < TRIES; place++) {
        const uint8_t *changed = change(augment, image, place);
        const int is_mirrored = !memcmp(changed, mirror, sizeof mirror);
        assert_true(is_mirrored || !memcmp(changed, image, sizeof image));
        mirrored += is_mirrored;
    }
    expect_share(mirrored, TRIES, 0.5);
    ln_augment_close(&augment);
}

static void half_are_negatives(void **state)
{
    (void)state;
    uint8_t image[PIXELS], negative[PIXELS];
    int inverted = 0;
    ln_augment *augment = open_list("invert", grey);
    draw_picture(image, SIDE);
    for (int i = 0; i < PIXELS; i++)
        negative[i] = (uint8_t)(255 - image[i]);
    for (size_t place = 0; place < TRIES; place++) {
        const uint8_t *changed = change(augment, image, place);
        const int is_inverted = !memcmp(changed, negative, sizeof negative);
        assert_true(is_inverted || !memcmp(changed, image, sizeof image));
        inverted += is_inverted;
    }
    expect_share(inverted, TRIES, 0.5);
    ln_augment_close(&augment);
}

static void rectangles_are_erased(void **state)
{
    (void)state;
    uint8_t image[PIXELS];
    int erased = 0;
    ln_augment *augment = open_list("erase", grey);
    memset(image, 200, sizeof image);
    for (size_t place = 0; place < TRIES; place++) {
        const uint8_t *changed = change(augment, image, place);
        int black = 0, left = SIDE, right = -1, top = SIDE, bottom = -1;
        for (int i = 0; i < PIXELS; i++) {
            assert_true(changed[i] == 0 || changed[i] == 200);
            if (changed[i])
                continue;
            black++;
            left = i % SIDE < left ? i % SIDE : left, right = i % SIDE > right ? i % SIDE : right;
            top = i / SIDE < top ? i / SIDE : top, bottom = i / SIDE;
        }
        if (!black)
            continue;
        erased++;
        assert_int_equal(black, (right - left + 1) * (bottom - top + 1));
        /* Sides are rounded to whole pixels: of the smallest areas, 15.7 pixels, one may be off by half of 2.2. */
        assert_true(black >= 0.02 * PIXELS * 0.7 && black <= 0.33 * PIXELS * 1.15);
    }
    expect_share(erased, TRIES, 0.5);
    ln_augment_close(&augment);
}

/* On a ramp, brightness tells where a pixel comes from. */
static void bends_are_as_large_as_asked_for(void **state)
{
    (void)state;
    enum { WIDE = 64, SLOPE = 4, IMAGES = 60 };
    uint8_t ramp[WIDE * WIDE];
    double squares = 0, sum = 0;
    int count = 0;
    ln_augment *augment = open_list("elastic:2:4", (lenet_shape){1, WIDE, WIDE});
    for (int i = 0; i < WIDE * WIDE; i++)
        ramp[i] = (uint8_t)(SLOPE * (i % WIDE));
    for (size_t place = 0; place < IMAGES; place++) {
        const uint8_t *changed = change(augment, ramp, place);
        for (int y = 10; y < WIDE - 10; y++)
            for (int x = 10; x < WIDE - 10; x++, count++) {
                const double moved = (changed[y * WIDE + x] - SLOPE * x) / (double)SLOPE;
                sum += moved;
                squares += moved * moved;
            }
    }
    /* Places closer than 9 pixels move together: some 25 an image are independent, so the share of 1500 is known to 1 / sqrt(3000). */
    assert_true(fabs(sqrt(squares / count) / 2 - 1) < 0.1);
    assert_true(fabs(sum / count) < 0.25);
    ln_augment_close(&augment);
}

/* ------------------------------------------------------------------------------------------------ what it depends on */

static void only_seed_epoch_and_place_count(void **state)
{
    (void)state;
    static const char list[] = "crop:4,flip,rotate:15,scale:0.2,elastic,erase";
    static uint8_t images[40 * PIXELS], together[16 * PIXELS];
    ln_augment *one = open_list(list, grey), *many = NULL;
    for (int i = 0; i < 40; i++)
        draw_picture(images + i * PIXELS, SIDE), images[i * PIXELS + i] = 255;
    const uint32_t index[16] = {3, 9, 3, 39, 0, 1, 2, 4, 5, 6, 7, 8, 10, 11, 12, 13};
    assert_int_equal(ln_augment_open(&many, list, grey, 7, 3, 16, NULL), LENET_OK);
    ln_augment_begin(many, 3, 100);
    memcpy(together, ln_augment_apply(many, 2, images, index, 32, 16), sizeof together);
    for (int i = 0; i < 16; i++) {
        ln_augment_begin(one, 3, 130 + (size_t)i);
        assert_memory_equal(ln_augment_apply(one, 0, images, &index[i], 2, 1), together + i * PIXELS, PIXELS);
    }
    assert_memory_not_equal(together, together + 2 * PIXELS, PIXELS); /* the same image at another place */
    ln_augment_begin(many, 4, 100);
    assert_memory_not_equal(ln_augment_apply(many, 0, images, index, 32, 1), together, PIXELS);
    ln_augment_close(&many);
    ln_augment_close(&one);
}

/* Sizes at which something could be out of bounds, for the sanitizers. */
static void any_size_will_do(void **state)
{
    (void)state;
    const lenet_shape shapes[] = {{1, 1, 1}, {2, 1, 9}, {1, 9, 1}, {3, 2, 2}, {1, 40, 3}};
    uint8_t images[400];
    memset(images, 77, sizeof images);
    for (int i = 0; i < 5; i++) {
        ln_augment *augment = open_list("shift:50,flip,crop:1,rotate:180,scale:0.9,elastic:100:26,erase:1", shapes[i]);
        ln_augment *moved = open_list("shift:50,flip", shapes[i]);
        for (size_t place = 0; place < 300; place++)
            change(augment, images, place), change(moved, images, place);
        ln_augment_close(&moved);
        ln_augment_close(&augment);
    }
}

static void refuse(const char *list, const char *reason)
{
    lenet_settings settings;
    lenet_error error = {LENET_OK, ""};
    lenet_settings_default(&settings);
    settings.augment = list;
    assert_int_equal(lenet_settings_complete(&settings, &settings, &error), LENET_USAGE);
    if (!strstr(error.text, reason))
        fail_msg("the error is '%s', and should hold '%s'", error.text, reason);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    refuse("shfit:2", "did you mean shift");
    refuse("shift:2,shift:3", "shift comes twice");
    refuse("shift:2,", "unknown");
    refuse("shift:1.5", "pixels are whole");
    refuse("rotate:200", "not between 0 and 180");
    refuse("flip:0.5:3", "one number too many");
    refuse("elastic:2:2.5", "the radius is whole");
    refuse("none,flip", "augment none: unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_are_what_they_say),
        cmocka_unit_test(nothing_drawn_changes_nothing),
        cmocka_unit_test(moves_are_even),
        cmocka_unit_test(half_are_mirrored),
        cmocka_unit_test(half_are_negatives),
        cmocka_unit_test(rectangles_are_erased),
        cmocka_unit_test(bends_are_as_large_as_asked_for),
        cmocka_unit_test(only_seed_epoch_and_place_count),
        cmocka_unit_test(any_size_will_do),
        cmocka_unit_test(nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
