/* SPDX-License-Identifier: MIT */
/*
 * cifar.c - CIFAR's binary version: batches of records without a header, so only its size tells whether a
 * batch is complete.
 *
 *     OFFSET    SIZE   MEANING
 *     0         1      label; CIFAR-100 has two: the coarse, the fine one, and all that follows a byte later
 *     1         1024   red, row-major, 32x32
 *     1025      1024   green
 *     2049      1024   blue
 *     3073      -      the next record
 */
#include "data/cifar.h"

#include "data/content.h"
#include "data/format.h"
#include "data/source.h"
#include "lenet/tools.h"
#include "util/error.h"
#include "util/memory.h"

#include <string.h>

static size_t record_size(const ln_cifar_labels *kind) { return (size_t)kind->count + LN_CIFAR_IMAGE; }

lenet_status ln_cifar_parse(const char *path, const unsigned char *data, size_t size, size_t count, int classes,
                            const ln_cifar_labels *kind, uint8_t *images, uint8_t *labels, lenet_error *error)
{
    const size_t record = record_size(kind);
    if (size / record != count || size % record)
        return ln_fail(error, LENET_INPUT, "%s: %zu bytes, and %zu records of %zu bytes belong there: %s", path, size,
                       count, record, size / record < count ? "truncated" : "too long");
    for (size_t i = 0; i < count; i++) {
        labels[i] = data[i * record + (size_t)kind->used];
        memcpy(images + i * LN_CIFAR_IMAGE, data + i * record + (size_t)kind->count, LN_CIFAR_IMAGE);
    }
    return ln_check_labels(path, labels, count, classes, error);
}

/* ---------------------------------------------------------------------------------------------------------- a split */

typedef struct batches {
    const lenet_source *source;
    size_t first; /* file of this split */
    uint8_t *images, *labels;
} batches;

static size_t records_of(const lenet_source *source, size_t index)
{
    return source->files[index].bytes / record_size(ln_source_known(source)->labels);
}

/*
 * Files come in any order: each knows its place, for all batches of a split have the same number of records.
 */
static lenet_status take(void *context, size_t index, const char *path, unsigned char *data, size_t size,
                         lenet_error *error)
{
    const batches *b = context;
    const size_t count = records_of(b->source, index);
    const size_t before = (index - b->first) * count;
    const lenet_status status =
        ln_cifar_parse(path, data, size, count, b->source->classes, ln_source_known(b->source)->labels,
                       b->images + before * LN_CIFAR_IMAGE, b->labels + before, error);
    ln_free(data);
    return status;
}

/* The files of a source of this format are the batches of the training set, and last that of the test set. */
static lenet_status open_split(const lenet_source *source, const ln_place *place, lenet_split split, ln_images *images,
                               lenet_error *error)
{
    const size_t last_train = source->file_count - 1;
    const size_t first = split == LENET_TRAIN ? 0 : last_train,
                 last = split == LENET_TRAIN ? last_train : source->file_count;
    const size_t count = (last - first) * records_of(source, first);
    batches b = {source, first, ln_alloc(count, LN_CIFAR_IMAGE), ln_alloc(count, 1)};
    *images = (ln_images){source->shape, count, b.images, b.labels, {b.images, b.labels}};
    if (!b.images || !b.labels)
        return ln_fail_memory(error, source->name, count * (1 + LN_CIFAR_IMAGE));
    return ln_read_files(source, place, first, last, take, &b, error);
}

static lenet_status judge(const lenet_source *source, size_t index, const char *path, const unsigned char *data,
                          size_t size, lenet_error *error)
{
    const size_t count = records_of(source, index);
    uint8_t *images = ln_alloc(count, LN_CIFAR_IMAGE), *labels = ln_alloc(count, 1);
    lenet_status status = LENET_OK;
    if (!images || !labels)
        status = ln_fail_memory(error, path, count * (1 + LN_CIFAR_IMAGE));
    else
        status = ln_cifar_parse(path, data, size, count, source->classes, ln_source_known(source)->labels, images,
                                labels, error);
    ln_free(images);
    ln_free(labels);
    return status;
}

const ln_format ln_cifar_format = {"CIFAR binary", open_split, judge};
