/* SPDX-License-Identifier: MIT */
/*
 * dataset.c - images and labels of one split in memory, from files or from the caller.
 *
 * What always holds: count is at least 1, every label is below `classes`, and nothing changes once made, but
 * for the hash, which is computed when first asked for (by one thread, others wait), since not every use
 * needs it.
 *
 * A known data set may be a part of the published one (fewer images, as many labels), never more than it, and
 * CIFAR-10's batches, which do not say how many they are, always all of it. Whether files are the published
 * ones is for lenet_source_check to say.
 */
#include "data/dataset.h"

#include "data/locate.h"
#include "data/source.h"
#include "lenet/tools.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/sha256.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

struct lenet_dataset {
    ln_images split;
    size_t validation; /* of its last images; they are its own validation set */
    int classes;
    const char *name;
    const char *const *class_names;
    void *own_names;            /* what both of them point into; NULL: not owned */
    pthread_mutex_t lock;       /* of hash and sha256 */
    ln_sha256 *hash;            /* ready to be used; NULL once it is */
    char sha256[LN_SHA256_HEX]; /* "" until it is asked for */
    const char *published;      /* what it should be; NULL: that cannot be said */
    char doubt[256];            /* what to say if it is not */
};

#define TEN(tens) tens "0", tens "1", tens "2", tens "3", tens "4", tens "5", tens "6", tens "7", tens "8", tens "9"
#define HUNDRED(hundreds)                                                                                             \
    TEN(hundreds "0"), TEN(hundreds "1"), TEN(hundreds "2"), TEN(hundreds "3"), TEN(hundreds "4"), TEN(hundreds "5"), \
        TEN(hundreds "6"), TEN(hundreds "7"), TEN(hundreds "8"), TEN(hundreds "9")
static const char *const numbers[] = {TEN(""),   TEN("1"),  TEN("2"),  TEN("3"),  TEN("4"),     TEN("5"),
                                      TEN("6"),  TEN("7"),  TEN("8"),  TEN("9"),  HUNDRED("1"), TEN("20"),
                                      TEN("21"), TEN("22"), TEN("23"), TEN("24"), "250",        "251",
                                      "252",     "253",     "254",     "255"};
_Static_assert(sizeof numbers / sizeof *numbers == LENET_MAX_CLASSES, "a name for each class that there can be");

void ln_images_free(ln_images *images)
{
    ln_free(images->memory[0]);
    ln_free(images->memory[1]);
    *images = (ln_images){0};
}

lenet_status ln_check_labels(const char *path, const uint8_t *labels, size_t count, int classes, lenet_error *error)
{
    for (size_t i = 0; i < count; i++)
        if (labels[i] >= classes)
            return ln_fail(error, LENET_INPUT,
                           "%s: label %d of image %zu (from 0) is out of range: there are %d classes", path, labels[i],
                           i, classes);
    return LENET_OK;
}

/* ----------------------------------------------------------------------------------------------------------- making */

/* Moves `split` into a new dataset. On failure it stays the caller's. */
static lenet_status make(lenet_dataset **dataset, const ln_images *split, int classes, const char *name,
                         const char *const *class_names, lenet_error *error)
{
    lenet_dataset *made = ln_alloc(1, sizeof *made);
    if (!made)
        return ln_fail_memory(error, "a dataset", sizeof *made);
    made->hash = ln_sha256_open(); /* now, where it may fail */
    if (!made->hash || pthread_mutex_init(&made->lock, NULL)) {
        char unused[LN_SHA256_HEX];
        ln_sha256_close(made->hash, unused);
        ln_free(made);
        return ln_fail(error, LENET_FAILURE, "out of memory for a dataset");
    }
    made->split = *split;
    made->classes = classes;
    made->name = name;
    made->class_names = class_names;
    *dataset = made;
    return LENET_OK;
}

/* Another number of images is another data set on purpose; as many, of which some differ, may be damage. */
static void expect(lenet_dataset *dataset, const ln_known *known, lenet_split split)
{
    if (dataset->split.count != known->source.count[split])
        return;
    dataset->published = known->sha256[split];
    snprintf(dataset->doubt, sizeof dataset->doubt,
             "%s: its %zu %s images or their labels are not the published ones: damaged, or changed on purpose; 'lenet "
             "data check %s' says "
             "which file",
             known->source.name, dataset->split.count, split == LENET_TRAIN ? "training" : "test", known->source.name);
}

lenet_status lenet_dataset_open(lenet_dataset **dataset, const char *name, lenet_split split, const char *folder,
                                lenet_error *error)
{
    const ln_known *known = NULL;
    ln_place place;
    ln_images images = {0};
    if (split != LENET_TRAIN && split != LENET_TEST)
        return ln_fail(error, LENET_USAGE, "split %d is neither LENET_TRAIN nor LENET_TEST", (int)split);
    lenet_status status = ln_source_require(name, &known, error);
    if (!status)
        status = ln_locate(&known->source, folder, &place, error);
    if (!status)
        status = known->format->open(&known->source, &place, split, &images, error);
    if (!status)
        status = make(dataset, &images, known->source.classes, known->source.name, known->source.class_names, error);
    if (status)
        ln_images_free(&images);
    else
        expect(*dataset, known, split);
    return status;
}

const char *lenet_dataset_doubt(const lenet_dataset *dataset)
{
    return dataset->published && strcmp(lenet_dataset_sha256(dataset), dataset->published) ? dataset->doubt : NULL;
}

static lenet_status check_arguments(lenet_shape shape, int classes, size_t count, const uint8_t *images,
                                    const uint8_t *labels, lenet_error *error)
{
    enum { LARGEST = 1024 };
    if (shape.channels < 1 || shape.channels > LARGEST || shape.height < 1 || shape.height > LARGEST ||
        shape.width < 1 || shape.width > LARGEST)
        return ln_fail(error, LENET_USAGE, "images of %dx%dx%d: channels, height and width must be 1..%d",
                       shape.channels, shape.height, shape.width, LARGEST);
    if (classes < 2 || classes > LENET_MAX_CLASSES)
        return ln_fail(error, LENET_USAGE, "%d classes: there must be 2..%d", classes, LENET_MAX_CLASSES);
    if (!count || !images || !labels)
        return ln_fail(error, LENET_USAGE, "a dataset needs at least one image and its label");
    return ln_check_labels("labels", labels, count, classes, error);
}

static size_t image_size(lenet_shape shape)
{
    return (size_t)shape.channels * (size_t)shape.height * (size_t)shape.width;
}

lenet_status lenet_dataset_create(lenet_dataset **dataset, lenet_shape shape, int classes, size_t count,
                                  const uint8_t *images, const uint8_t *labels, lenet_error *error)
{
    lenet_status status = check_arguments(shape, classes, count, images, labels, error);
    if (status)
        return status;
    const size_t size = image_size(shape);
    uint8_t *own_images = ln_alloc(count, size), *own_labels = ln_alloc(count, 1);
    ln_images split = {shape, count, own_images, own_labels, {own_images, own_labels}};
    if (own_images && own_labels) {
        memcpy(own_images, images, count * size);
        memcpy(own_labels, labels, count);
        status = make(dataset, &split, classes, "custom", numbers, error);
    } else {
        status = ln_fail(error, LENET_FAILURE, "out of memory: %zu images of %zu bytes", count, size);
    }
    if (status)
        ln_images_free(&split);
    return status;
}

/*
 * One piece of memory: pointers to the class names, their characters, those of the name. NULL: out of memory.
 */
static const char **copy_names(const char *name, const char *const *class_names, int classes, const char **own_name)
{
    size_t size = strlen(name) + 1;
    for (int i = 0; i < classes; i++)
        size += strlen(class_names[i]) + 1;
    const char **names = ln_alloc((size_t)classes * sizeof *names + size, 1);
    char *at = names ? (char *)(names + classes) : NULL;
    for (int i = 0; names && i <= classes; i++) {
        const char *text = i < classes ? class_names[i] : name;
        *(i < classes ? &names[i] : own_name) = at;
        at = stpcpy(at, text) + 1;
    }
    return names;
}

lenet_status lenet_dataset_create_named(lenet_dataset **dataset, const char *name, const char *const *class_names,
                                        lenet_shape shape, int classes, size_t count, const uint8_t *images,
                                        const uint8_t *labels, lenet_error *error)
{
    lenet_dataset *made = NULL;
    const char *own_name = NULL;
    if (!name || !class_names)
        return ln_fail(error, LENET_USAGE, "a dataset with names needs its own and those of its classes");
    lenet_status status = lenet_dataset_create(&made, shape, classes, count, images, labels, error);
    if (status)
        return status;
    made->own_names = copy_names(name, class_names, classes, &own_name);
    if (!made->own_names) {
        lenet_dataset_close(&made);
        return ln_fail_memory(error, "the names of classes", (size_t)classes * sizeof own_name);
    }
    made->name = own_name;
    made->class_names = made->own_names;
    *dataset = made;
    return LENET_OK;
}

lenet_status lenet_dataset_set_validation(lenet_dataset *dataset, size_t count, lenet_error *error)
{
    if (count >= dataset->split.count)
        return ln_fail(error, LENET_USAGE, "%s: %zu images for validation leave none of %zu to train on", dataset->name,
                       count, dataset->split.count);
    dataset->validation = count;
    return LENET_OK;
}

size_t lenet_dataset_validation(const lenet_dataset *dataset) { return dataset->validation; }

void lenet_dataset_close(lenet_dataset **dataset)
{
    if (!dataset || !*dataset)
        return;
    ln_images_free(&(*dataset)->split);
    ln_free((*dataset)->own_names);
    char unused[LN_SHA256_HEX];
    ln_sha256_close((*dataset)->hash, unused);
    pthread_mutex_destroy(&(*dataset)->lock);
    ln_free(*dataset);
    *dataset = NULL;
}

/* ------------------------------------------------------------------------------------------------------------ asking */

lenet_shape lenet_dataset_shape(const lenet_dataset *dataset) { return dataset->split.shape; }

size_t lenet_dataset_count(const lenet_dataset *dataset) { return dataset->split.count; }

int lenet_dataset_classes(const lenet_dataset *dataset) { return dataset->classes; }

const char *lenet_dataset_name(const lenet_dataset *dataset) { return dataset->name; }

const char *lenet_dataset_class_name(const lenet_dataset *dataset, int label)
{
    return label >= 0 && label < dataset->classes ? dataset->class_names[label] : "?";
}

lenet_status ln_dataset_check_names(const lenet_dataset *train, const lenet_dataset *test, lenet_error *error)
{
    if (train->class_names == numbers || test->class_names == numbers)
        return LENET_OK;
    for (int i = 0; i < train->classes; i++)
        if (strcmp(train->class_names[i], test->class_names[i]))
            return ln_fail(error, LENET_USAGE,
                           "class %d is '%.60s' in the training set %.100s and '%.60s' in the test set %.100s", i,
                           train->class_names[i], train->name, test->class_names[i], test->name);
    return LENET_OK;
}

const uint8_t *lenet_dataset_images(const lenet_dataset *dataset) { return dataset->split.images; }

const uint8_t *lenet_dataset_labels(const lenet_dataset *dataset) { return dataset->split.labels; }

/*
 *     OFFSET    SIZE   MEANING (what is hashed)
 *     0         40     channels, height, width, classes, count: little-endian, 8 bytes each
 *     40        -      images, then labels
 *     -         8      images of its own validation set, little-endian; nothing where there is none
 */
static void hash(lenet_dataset *dataset)
{
    const ln_images *split = &dataset->split;
    const uint64_t fields[] = {(uint64_t)split->shape.channels,
                               (uint64_t)split->shape.height,
                               (uint64_t)split->shape.width,
                               (uint64_t)dataset->classes,
                               split->count,
                               dataset->validation};
    unsigned char bytes[48];
    for (int i = 0; i < 48; i++)
        bytes[i] = (unsigned char)(fields[i / 8] >> 8 * (i % 8) & 0xff);
    ln_sha256_add(dataset->hash, bytes, 40);
    ln_sha256_add(dataset->hash, split->images, split->count * image_size(split->shape));
    ln_sha256_add(dataset->hash, split->labels, split->count);
    if (dataset->validation)
        ln_sha256_add(dataset->hash, bytes + 40, 8);
    ln_sha256_close(dataset->hash, dataset->sha256);
    dataset->hash = NULL;
}

const char *lenet_dataset_sha256(const lenet_dataset *dataset)
{
    /* every dataset was made by make(), so none is really const */
    lenet_dataset *mine = (lenet_dataset *)dataset;
    pthread_mutex_lock(&mine->lock);
    if (!mine->sha256[0])
        hash(mine);
    pthread_mutex_unlock(&mine->lock);
    return mine->sha256;
}
