/* SPDX-License-Identifier: MIT */
/* files.c - see files.h. */
#include "lab/data/files.h"

#include "lab/data/classes.h"
#include "lab/data/pixels.h"
#include "util/error.h"
#include "util/sha256.h"

#include <stdlib.h>
#include <string.h>

static const double test_share = 0.2;

size_t lab_test_count(size_t count)
{
    const size_t rounded = (size_t)(test_share * (double)count + 0.5);
    return rounded ? rounded : 1;
}

/* An image by its class, then by the hash of its bytes. */
typedef struct ranked {
    char hash[LN_SHA256_HEX];
    int label;
    size_t place;
} ranked;

static int compare_ranked(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->label != y->label)
        return x->label - y->label;
    const int order = strcmp(x->hash, y->hash);
    return order ? order : x->place < y->place ? -1 : x->place > y->place;
}

static size_t image_size(const lenet_dataset *dataset)
{
    const lenet_shape shape = lenet_dataset_shape(dataset);
    return (size_t)shape.channels * (size_t)shape.height * (size_t)shape.width;
}

static lenet_status rank(const lenet_dataset *all, size_t count, ranked *images, lenet_error *error)
{
    const size_t size = image_size(all);
    for (size_t i = 0; i < count; i++) {
        images[i].label = lenet_dataset_labels(all)[i];
        images[i].place = i;
        ln_sha256_of(lenet_dataset_images(all) + i * size, size, images[i].hash);
        if (!*images[i].hash)
            return ln_fail_memory(error, lenet_dataset_name(all), size);
    }
    qsort(images, count, sizeof *images, compare_ranked);
    return LENET_OK;
}

/* Marks the images that test, of the `count` first. `some`: as of lab_files_open. */
static lenet_status mark_tests(const lenet_dataset *all, size_t count, bool some, bool *tests, lenet_error *error)
{
    ranked *images = calloc(count, sizeof *images);
    lenet_status status = images ? rank(all, count, images, error)
                                 : ln_fail_memory(error, lenet_dataset_name(all), count * sizeof *images);
    for (size_t first = 0, end; first < count && !status; first = end) {
        for (end = first; end < count && images[end].label == images[first].label; end++)
            ;
        if (end - first == 1 && !some)
            status = ln_fail(error, LENET_INPUT,
                             "%.300s: one image only of class '%.60s', and it takes one to train and one to test",
                             lenet_dataset_name(all), lenet_dataset_class_name(all, images[first].label));
        for (size_t i = 0; i < lab_test_count(end - first) && !status; i++)
            tests[images[first + i].place] = true;
    }
    free(images);
    return status;
}

/* The images that are, or are not, marked. NULL: there is none. */
static lenet_status take(lenet_dataset **taken, const lenet_dataset *all, const bool *tests, bool wanted,
                         lenet_error *error)
{
    const size_t size = image_size(all), most = lenet_dataset_count(all),
                 own = wanted ? 0 : lenet_dataset_validation(all);
    uint8_t *images = malloc(most * size), *labels = malloc(most);
    size_t count = 0;
    lenet_status status = images && labels ? LENET_OK : ln_fail_memory(error, lenet_dataset_name(all), most * size);
    for (size_t i = 0; i < most && !status; i++)
        if (tests[i] == wanted) {
            memcpy(images + count * size, lenet_dataset_images(all) + i * size, size);
            labels[count++] = lenet_dataset_labels(all)[i];
        }
    if (!status && count)
        status = lab_dataset_like(taken, all, count, images, labels, error);
    if (!status && count)
        status = lenet_dataset_set_validation(*taken, own, error);
    free(images);
    free(labels);
    return status;
}

/* Divides *train, of which nothing said what tests. Its own validation set stays. */
static lenet_status hold_out_tests(lenet_dataset **train, lenet_dataset **test, bool some, lenet_error *error)
{
    lenet_dataset *all = *train, *rest = NULL;
    const size_t count = lenet_dataset_count(all);
    bool *tests = calloc(count, sizeof *tests);
    lenet_status status = tests ? mark_tests(all, count - lenet_dataset_validation(all), some, tests, error)
                                : ln_fail_memory(error, lenet_dataset_name(all), count);
    if (!status)
        status = take(test, all, tests, true, error);
    if (!status)
        status = take(&rest, all, tests, false, error);
    free(tests);
    if (status)
        return status;
    lenet_dataset_close(train);
    *train = rest;
    return LENET_OK;
}

bool lab_is_image_file(const char *path) { return lenet_dataset_is_readable(path) || lab_is_pixel_table(path); }

lenet_status lab_files_open(lenet_dataset **train, lenet_dataset **test, const char *path, const char *name,
                            lenet_shape shape, bool some, lenet_error *error)
{
    lenet_dataset *made[2] = {NULL, NULL};
    lenet_status status;
    if (!lenet_dataset_is_readable(path))
        status = lab_pixels_open(&made[LENET_TRAIN], &made[LENET_TEST], path, name, shape, error);
    else if (shape.height)
        status = ln_fail(
            error, LENET_USAGE,
            "%.300s: these images have their size; @HEIGHTxWIDTH is for folders of pictures and rows of pixels", name);
    else
        status = lenet_dataset_read(&made[LENET_TRAIN], &made[LENET_TEST], path, error);
    if (!status && !made[LENET_TEST])
        status = hold_out_tests(&made[LENET_TRAIN], &made[LENET_TEST], some, error);
    if (status) {
        lenet_dataset_close(&made[LENET_TRAIN]);
        lenet_dataset_close(&made[LENET_TEST]);
        return status;
    }
    *train = made[LENET_TRAIN], *test = made[LENET_TEST];
    return LENET_OK;
}
