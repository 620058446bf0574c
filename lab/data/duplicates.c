/* SPDX-License-Identifier: MIT */
/*
 * duplicates.c - see duplicates.h. Images are sorted by the SHA-256 of their pixels, which brings equal ones
 * together.
 */
#include "lab/data/duplicates.h"

#include "lab/recipe/recipe.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>

typedef struct print {
    char sha256[65];
    size_t image;
} print;

static int compare_prints(const void *a, const void *b)
{
    const print *x = a, *y = b;
    const int order = strcmp(x->sha256, y->sha256);
    return order ? order : x->image < y->image ? -1 : x->image > y->image;
}

static void take_prints(print *prints, size_t first, const lenet_dataset *dataset)
{
    const lenet_shape shape = lenet_dataset_shape(dataset);
    const size_t size = (size_t)shape.channels * (size_t)shape.height * (size_t)shape.width;
    for (size_t i = 0; i < lenet_dataset_count(dataset); i++) {
        prints[first + i].image = first + i;
        lab_sha256(lenet_dataset_images(dataset) + i * size, size, prints[first + i].sha256);
    }
}

/* For each image the first one with its pixels, which may be itself. */
static void find_first(print *prints, size_t count, size_t *first)
{
    qsort(prints, count, sizeof *prints, compare_prints);
    for (size_t i = 0, begin = 0; i < count; i++) {
        begin = strcmp(prints[i].sha256, prints[begin].sha256) != 0 ? i : begin;
        first[prints[i].image] = prints[begin].image;
    }
}

static void add(lab_duplicates *found, lab_duplicate_kind kind, size_t first, size_t again)
{
    if (found->count[kind] < LAB_DUPLICATE_EXAMPLES)
        found->examples[kind][found->count[kind]] = (lab_duplicate){first, again};
    found->count[kind]++;
}

static int label_of(const lenet_dataset *train, const lenet_dataset *test, size_t image)
{
    const size_t count = lenet_dataset_count(train);
    return image < count ? lenet_dataset_labels(train)[image] : lenet_dataset_labels(test)[image - count];
}

lenet_status lab_duplicates_find(lab_duplicates *found, const lenet_dataset *train, const lenet_dataset *test,
                                 lenet_error *error)
{
    lab_duplicates all = {.train_count = lenet_dataset_count(train), .test_count = lenet_dataset_count(test)};
    const size_t count = all.train_count + all.test_count;
    print *prints = calloc(count, sizeof *prints);
    size_t *first = calloc(count, sizeof *first);
    const lenet_status status =
        prints && first ? LENET_OK : ln_fail(error, LENET_FAILURE, "out of memory for %zu images", count);
    if (!status) {
        take_prints(prints, 0, train);
        take_prints(prints, all.train_count, test);
        find_first(prints, count, first);
        for (size_t i = 0; i < count; i++) {
            if (first[i] == i)
                continue;
            add(&all,
                i < all.train_count          ? LAB_TWICE_IN_TRAINING
                : first[i] < all.train_count ? LAB_IN_TRAINING_AND_TEST
                                             : LAB_TWICE_IN_TEST,
                first[i], i);
            if (label_of(train, test, i) != label_of(train, test, first[i]))
                add(&all, LAB_WITH_TWO_LABELS, first[i], i);
        }
        *found = all;
    }
    free(prints);
    free(first);
    return status;
}
