/* SPDX-License-Identifier: MIT */
/*
 * test_few_formats.c - lab/pictures/image.c as it is in a build without the libraries that are optional: a file of such a format
 * is named as one that this build cannot read, and not as a damaged one.
 *
 * ctest: single
 */
#undef LENET_GIF
#undef LENET_TIFF
#undef LENET_WEBP
#define LENET_GIF  0
#define LENET_TIFF 0
#define LENET_WEBP 0
#include "lab/pictures/decode.c" /* in place of the one in the library */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void says_what_to_install(const char *data, size_t size, const char *said)
{
    lab_image image = {0, 0, 0, NULL};
    lenet_error error;
    assert_int_equal(lab_image_decode(&image, (const uint8_t *)data, size, "photo", &error), LENET_FAILURE);
    assert_string_equal(error.text, said);
    assert_null(image.pixels);
}

static void what_the_build_lacks_is_said(void **state)
{
    (void)state;
    says_what_to_install("RIFF\0\0\0\0WEBPVP8 ", 16,
                         "photo: this build of lenet cannot read WebP; install libwebp-dev and build again");
    says_what_to_install("GIF89a", 6, "photo: this build of lenet cannot read GIF; install libgif-dev and build again");
    says_what_to_install("MM\0*", 4,
                         "photo: this build of lenet cannot read TIFF; install libtiff-dev and build again");
}

static void formats_are_listed(void **state)
{
    (void)state;
    static const char *const names[] = {"PNG", "JPEG", "BMP", "GIF", "TIFF", "WebP"};
    bool is_readable;
    for (size_t i = 0; i < 6; i++) {
        assert_string_equal(lab_image_format(i, &is_readable), names[i]);
        assert_int_equal(is_readable, i < 3);
    }
    assert_null(lab_image_format(6, &is_readable));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_build_lacks_is_said),
        cmocka_unit_test(formats_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
