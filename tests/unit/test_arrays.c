/* SPDX-License-Identifier: MIT */
/*
 * test_arrays.c - NumPy's files, Python's batches and CSV: every input of tests/fuzz/corpus called good-... is accepted, every one called
 * bad-... is refused with a reason; and what arrays of each type, order and shape become.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/npy.h"
#include "data/python-batch.h"
#include "lab/text/csv.h"
#include "util/file.h"
#include "util/memory.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Non-zero: it is images or labels. */
static int is_useful(const char *path, const unsigned char *data, size_t size, lenet_error *error)
{
    ln_array array;
    lenet_shape shape;
    size_t count;
    uint8_t *images = NULL;
    int64_t *labels = NULL;
    if (ln_npy_parse(path, data, size, &array, error))
        return 0;
    const int useful = !ln_array_images(&array, 0, &shape, &count, &images, error) || !ln_array_labels(&array, &count, &labels, error);
    ln_free(images);
    ln_free(labels);
    return useful;
}

static int reads_npz(const char *path, const unsigned char *data, size_t size, lenet_error *error)
{
    static ln_npz npz;
    if (size < 2 || memcmp(data, "PK", 2) != 0)
        return is_useful(path, data, size, error);
    if (ln_npz_parse(&npz, path, data, size, 1 << 16, error))
        return 0;
    int useful = npz.count > 0;
    for (size_t i = 0; i < npz.count; i++)
        useful &= is_useful(path, npz.array[i].data, npz.array[i].size, error);
    ln_npz_close(&npz);
    return useful;
}

static int reads_pickle(const char *path, const unsigned char *data, size_t size, lenet_error *error)
{
    static const ln_cifar_labels one = {1, 0, {"labels", NULL}}, two = {2, 1, {"coarse_labels", "fine_labels"}};
    unsigned char *batch = NULL;
    size_t batch_size = 0;
    const ln_cifar_labels *kind = strstr(path, "-100") ? &two : &one;
    if (ln_cifar_unpickle(path, data, size, kind, &batch, &batch_size, error))
        return 0;
    assert_int_equal(batch_size % (size_t)(kind->count + LN_CIFAR_IMAGE), 0);
    assert_int_equal(batch[0], kind == &two ? 4 : 7);
    for (int i = 0; i < LN_CIFAR_IMAGE; i++)
        assert_int_equal(batch[kind->count + i], i % 256);
    if (kind == &two)
        assert_int_equal(batch[1], 31);
    ln_free(batch);
    return 1;
}

static int reads_csv(const char *path, const unsigned char *data, size_t size, lenet_error *error)
{
    lab_csv csv = {.field = NULL};
    int more = 1;
    lenet_status status = lab_csv_open(&csv, path, (char *)data, size, error);
    while (!status && more)
        status = lab_csv_next(&csv, &more, error);
    lab_csv_close(&csv);
    return !status;
}

static void try_corpus(const char *subject, int (*reads)(const char *, const unsigned char *, size_t, lenet_error *))
{
    char folder[256], path[600];
    int good = 0, bad = 0;
    snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s", getenv("LENET_SOURCE") ? getenv("LENET_SOURCE") : ".", subject);
    DIR *inputs = opendir(folder);
    assert_non_null(inputs);
    for (struct dirent *entry; (entry = readdir(inputs));) {
        unsigned char *data = NULL;
        size_t size = 0;
        lenet_error error = {LENET_OK, ""};
        const int is_good = !strncmp(entry->d_name, "good", 4);
        if (!is_good && strncmp(entry->d_name, "bad", 3) != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        assert_int_equal(ln_read_file(path, 1 << 20, &data, &size, &error), LENET_OK);
        if (reads(path, data, size, &error) != is_good)
            fail_msg("%s is %s: %s", path, is_good ? "refused" : "accepted", error.text);
        assert_true(is_good || (error.status == LENET_INPUT && strstr(error.text, entry->d_name)));
        ln_free(data);
        good += is_good, bad += !is_good;
    }
    closedir(inputs);
    assert_true(good > 2 && bad > 4);
}

static void reads_what_is_good_and_refuses_what_is_bad(void **state)
{
    (void)state;
    try_corpus("npz", reads_npz);
    try_corpus("pickle", reads_pickle);
    try_corpus("csv", reads_csv);
}

/* ----------------------------------------------------------------------------------------------------- what they become */

static lenet_error why;

/* Images of the array, or NULL. */
static uint8_t *images_of(const ln_array *array, int transposed, lenet_shape *shape)
{
    uint8_t *images = NULL;
    size_t count = 0;
    if (ln_array_images(array, transposed, shape, &count, &images, &why))
        return NULL;
    assert_int_equal(count, array->dimensions[0]);
    return images;
}

static ln_array array_of(ln_element element, int bytes, const void *data, int rank, const size_t *dimensions)
{
    ln_array a = {.path = "array", .element = element, .bytes = bytes, .rank = rank, .data = data};
    size_t size = (size_t)bytes;
    for (int i = 0; i < rank; i++)
        size *= a.dimensions[i] = dimensions[i];
    assert_int_equal(ln_array_measure(&a, size, &why), LENET_OK);
    return a;
}

static void expect_images(const ln_array *array, int transposed, const uint8_t *right, size_t size)
{
    lenet_shape shape;
    uint8_t *images = images_of(array, transposed, &shape);
    if (!images)
        fail_msg("%s", why.text);
    assert_memory_equal(images, right, size);
    ln_free(images);
}

/* One image of 2 x 2 in every type: 0, 1, 128, 255. */
static void numbers_of_every_type_are_pixels(void **state)
{
    (void)state;
    static const uint8_t right[] = {0, 1, 128, 255}, black_and_white[] = {0, 255, 255, 0};
    static const size_t square[] = {1, 2, 2};
    const uint16_t u16[] = {0, 1, 128, 255};
    const int32_t i32[] = {0, 1, 128, 255};
    const float f32[] = {0, 1, 128, 255};
    const double shares[] = {0, 1 / 255., 128 / 255., 1};
    const uint8_t big[] = {0, 0, 0, 1, 0, 128, 0, 255}, truth[] = {0, 1, 1, 0};
    ln_array a = array_of(LN_UNSIGNED, 2, u16, 3, square);
    expect_images(&a, 0, right, 4);
    a = array_of(LN_SIGNED, 4, i32, 3, square);
    expect_images(&a, 0, right, 4);
    a = array_of(LN_REAL, 4, f32, 3, square);
    expect_images(&a, 0, right, 4);
    a = array_of(LN_REAL, 8, shares, 3, square);
    expect_images(&a, 0, right, 4);
    a = array_of(LN_UNSIGNED, 2, big, 3, square);
    a.is_big_endian = 1;
    expect_images(&a, 0, right, 4);
    a = array_of(LN_BOOL, 1, truth, 3, square);
    expect_images(&a, 0, black_and_white, 4);
}

static void other_numbers_are_refused(void **state)
{
    (void)state;
    static const size_t square[] = {1, 2, 2};
    const int16_t negative[] = {0, 1, -1, 255}, large[] = {0, 1, 2, 256};
    const float parts[] = {0, 0.5f, 1, 0.25f}, too_large[] = {0, 1, 2, 300}, mixed[] = {0, 128, 1, 1 / 255.f};
    const double nothing[] = {0, 1, 0.0 / (double)(parts[0] + 0), 1};
    const struct {
        ln_element element;
        int bytes;
        const void *data;
        const char *reason;
    } bad[] = {{LN_SIGNED, 2, negative, "the value -1"}, {LN_SIGNED, 2, large, "the value 256"}, {LN_REAL, 4, parts, "the value 0.5"},
               {LN_REAL, 4, too_large, "the value 300"}, {LN_REAL, 4, mixed, "the value 0.00392"}, {LN_REAL, 8, nothing, "nan"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        lenet_shape shape;
        const ln_array a = array_of(bad[i].element, bad[i].bytes, bad[i].data, 3, square);
        assert_null(images_of(&a, 0, &shape));
        if (!strstr(why.text, bad[i].reason))
            fail_msg("the error is '%s', and should hold '%s'", why.text, bad[i].reason);
    }
}

/* Channels first or last, the order of Fortran, columns for rows: the same pixels. */
static void shapes_say_where_pixels_lie(void **state)
{
    (void)state;
    uint8_t first[24], last[24], fortran[24], turned[24];
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < 4; y++)
            for (int x = 0; x < 2; x++) {
                const uint8_t value = (uint8_t)(100 * c + 10 * y + x);
                first[(c * 4 + y) * 2 + x] = value;
                last[(y * 2 + x) * 3 + c] = value;
                fortran[(x * 4 + y) * 3 + c] = value; /* [1][3][4][2]: the first index changes fastest */
                turned[(c * 2 + x) * 4 + y] = value;
            }
    lenet_shape shape;
    ln_array a = array_of(LN_UNSIGNED, 1, last, 4, (const size_t[]){1, 4, 2, 3});
    expect_images(&a, 0, first, 24);
    expect_images(&a, 1, turned, 24);
    a = array_of(LN_UNSIGNED, 1, first, 4, (const size_t[]){1, 3, 4, 2});
    expect_images(&a, 0, first, 24);
    a = array_of(LN_UNSIGNED, 1, fortran, 4, (const size_t[]){1, 3, 4, 2});
    a.is_fortran = 1;
    expect_images(&a, 0, first, 24);
    a = array_of(LN_UNSIGNED, 1, first, 2, (const size_t[]){2, 9});
    uint8_t *images = images_of(&a, 0, &shape);
    assert_true(images && shape.channels == 1 && shape.height == 3 && shape.width == 3);
    ln_free(images);
    const size_t odd[][4] = {{1, 1, 6, 3}, {1, 6, 1, 3}, {3, 6, 0, 0}, {1, 2, 9, 1}};
    a = array_of(LN_UNSIGNED, 1, first, 4, odd[0]);
    assert_null(images_of(&a, 0, &shape));
    assert_non_null(strstr(why.text, "second or the last"));
    a = array_of(LN_UNSIGNED, 1, first, 2, odd[2]);
    assert_null(images_of(&a, 0, &shape));
    assert_non_null(strstr(why.text, "no square"));
    a = array_of(LN_UNSIGNED, 1, first, 1, (const size_t[]){18});
    assert_null(images_of(&a, 0, &shape));
}

static void expect_labels(const ln_array *array, const int64_t *right)
{
    int64_t *labels = NULL;
    size_t count = 0;
    if (ln_array_labels(array, &count, &labels, &why))
        fail_msg("%s", why.text);
    assert_int_equal(count, array->dimensions[0]);
    assert_memory_equal(labels, right, count * sizeof *right);
    ln_free(labels);
}

static void labels_are_whole_numbers(void **state)
{
    (void)state;
    static const int64_t right[] = {2, -1}, hot[] = {2, 0};
    const int8_t small[] = {2, -1};
    const double real[] = {2, -1}, half[] = {2, 0.5};
    const uint8_t rows[] = {0, 0, 1, 1, 0, 0}, two[] = {0, 1, 1, 1, 0, 0};
    uint8_t qmnist[64] = {0};
    int64_t *labels = NULL;
    size_t count;
    ln_array a = array_of(LN_SIGNED, 1, small, 1, (const size_t[]){2});
    expect_labels(&a, right);
    a = array_of(LN_REAL, 8, real, 2, (const size_t[]){2, 1});
    expect_labels(&a, right);
    a = array_of(LN_BOOL, 1, rows, 2, (const size_t[]){2, 3});
    expect_labels(&a, hot);
    qmnist[3] = 2, memset(qmnist + 32, 0xff, 4), qmnist[7] = qmnist[63] = 9; /* [2][8], big-endian */
    a = array_of(LN_SIGNED, 4, qmnist, 2, (const size_t[]){2, 8});
    a.is_big_endian = 1;
    expect_labels(&a, right);
    a = array_of(LN_UNSIGNED, 1, two, 2, (const size_t[]){2, 3});
    assert_int_equal(ln_array_labels(&a, &count, &labels, &why), LENET_INPUT);
    a = array_of(LN_REAL, 8, half, 1, (const size_t[]){2});
    assert_int_equal(ln_array_labels(&a, &count, &labels, &why), LENET_INPUT);
    assert_non_null(strstr(why.text, "label 0.5 of image 1"));
}

static void append_bytes(void *context, const char *bytes, size_t count)
{
    char *text = context;
    const size_t used = strlen(text);
    memcpy(text + used, bytes, count);
    text[used + count] = '\0';
}

/* What is written is read back as what is shown of it. */
static void fields_are_written_as_they_are_read(void **state)
{
    static const struct {
        const char *text, *written, *read;
    } of[] = {
        {"plain", "plain", "plain"},        {"a,b", "\"a,b\"", "a,b"},
        {"a\"b", "\"a\"\"b\"", "a\"b"},     {"=1", "'=1", "'=1"},
        {"a\nb\033[1m", "a b?[1m", "a b?[1m"}, {"\xff|\xe2\x80\xae", "?|?", "?|?"},
        {"@,\"", "\"'@,\"\"\"", "'@,\""},   {"", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        char text[64] = "1,", *field = text + 2;
        lab_csv csv;
        lenet_error error;
        int more = 0;
        lab_csv_write(of[i].text, append_bytes, field);
        assert_string_equal(field, of[i].written);
        assert_int_equal(lab_csv_open(&csv, "text", text, strlen(text), &error), LENET_OK);
        assert_int_equal(lab_csv_next(&csv, &more, &error), LENET_OK);
        assert_string_equal(csv.field[1], of[i].read);
        lab_csv_close(&csv);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_is_good_and_refuses_what_is_bad),
        cmocka_unit_test(numbers_of_every_type_are_pixels),
        cmocka_unit_test(other_numbers_are_refused),
        cmocka_unit_test(shapes_say_where_pixels_lie),
        cmocka_unit_test(labels_are_whole_numbers),
        cmocka_unit_test(fields_are_written_as_they_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
