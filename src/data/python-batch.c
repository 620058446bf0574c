/* SPDX-License-Identifier: MIT */
/* python-batch.c - see python-batch.h. */
#include "data/python-batch.h"

#include "data/pickle.h"
#include "util/error.h"
#include "util/memory.h"

#include <string.h>

/*
 * The bytes of an array of bytes in the order of C, and its shape: numpy's _reconstruct, or _frombuffer of
 * newer pickles. NULL: another.
 */
static const ln_value *bytes_of_array(const ln_value *array, const ln_value **shape)
{
    const ln_value *name = ln_pickle_item(array, 0), *arguments = ln_pickle_item(array, 1),
                   *state = ln_pickle_item(array, 2), *type, *bytes;
    int is_plain = 0;
    if (ln_pickle_is(name, "numpy.core.multiarray _reconstruct") ||
        ln_pickle_is(name, "numpy._core.multiarray _reconstruct")) {
        const ln_value *order = ln_pickle_item(state, 3);
        *shape = ln_pickle_item(state, 1), type = ln_pickle_item(state, 2), bytes = ln_pickle_item(state, 4);
        is_plain = order && order->kind == LN_PICKLED_WHOLE && !order->whole;
    } else if (ln_pickle_is(name, "numpy.core.numeric _frombuffer") ||
               ln_pickle_is(name, "numpy._core.numeric _frombuffer")) {
        bytes = ln_pickle_item(arguments, 0), type = ln_pickle_item(arguments, 1),
        *shape = ln_pickle_item(arguments, 2);
        is_plain = ln_pickle_is(ln_pickle_item(arguments, 3), "C");
    } else {
        return NULL;
    }
    is_plain &= ln_pickle_is(ln_pickle_item(type, 0), "numpy dtype") &&
                ln_pickle_is(ln_pickle_item(ln_pickle_item(type, 1), 0), "u1");
    return is_plain && bytes && bytes->kind == LN_PICKLED_BYTES ? bytes : NULL;
}

/* Labels of `key` into place `at` of each record. */
static lenet_status put_labels(const char *path, const ln_value *batch, const char *key, size_t count,
                               unsigned char *records, size_t record, lenet_error *error)
{
    const ln_value *list = ln_pickle_find(batch, key);
    if (!list || list->kind != LN_PICKLED_LIST || list->size != count)
        return ln_fail(error, LENET_INPUT, "%s: no batch of CIFAR: its '%s' is no list of %zu labels", path, key,
                       count);
    for (const ln_item *item = list->first; item; item = item->next, records += record) {
        if (item->value->kind != LN_PICKLED_WHOLE || item->value->whole < 0 || item->value->whole > 255)
            return ln_fail(error, LENET_INPUT, "%s: a label of '%s' is no number of 0..255", path, key);
        *records = (unsigned char)item->value->whole;
    }
    return LENET_OK;
}

static lenet_status make_batch(const char *path, const ln_value *batch, const ln_cifar_labels *kind,
                               unsigned char **made, size_t *size, lenet_error *error)
{
    const ln_value *shape = NULL, *bytes = bytes_of_array(ln_pickle_find(batch, "data"), &shape);
    const ln_value *rows = ln_pickle_item(shape, 0), *columns = ln_pickle_item(shape, 1);
    if (!bytes || !rows || !columns || shape->size != 2 || columns->whole != LN_CIFAR_IMAGE || rows->whole < 1 ||
        bytes->size % LN_CIFAR_IMAGE || bytes->size / LN_CIFAR_IMAGE != (uint64_t)rows->whole)
        return ln_fail(error, LENET_INPUT, "%s: no batch of CIFAR: its 'data' is no array of bytes of [count, %d]",
                       path, LN_CIFAR_IMAGE);
    const size_t count = (size_t)rows->whole, record = (size_t)kind->count + LN_CIFAR_IMAGE;
    unsigned char *records = ln_alloc(count, record);
    if (!records)
        return ln_fail_memory(error, path, count * record);
    lenet_status status = LENET_OK;
    for (int i = 0; i < kind->count && !status; i++)
        status = put_labels(path, batch, kind->keys[i], count, records + i, record, error);
    for (size_t i = 0; i < count && !status; i++)
        memcpy(records + i * record + kind->count, bytes->bytes + i * LN_CIFAR_IMAGE, LN_CIFAR_IMAGE);
    if (status)
        ln_free(records);
    else
        *made = records, *size = count * record;
    return status;
}

lenet_status ln_cifar_unpickle(const char *path, const unsigned char *data, size_t size, const ln_cifar_labels *kind,
                               unsigned char **batch, size_t *batch_size, lenet_error *error)
{
    ln_pickle pickle;
    lenet_status status = ln_pickle_parse(&pickle, path, data, size, error);
    if (status)
        return status;
    status = make_batch(path, pickle.value, kind, batch, batch_size, error);
    ln_pickle_close(&pickle);
    return status;
}
