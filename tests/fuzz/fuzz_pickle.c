/* SPDX-License-Identifier: MIT */
/*
 * fuzz_pickle.c - any bytes as a pickle, and as a batch of CIFAR-10 and CIFAR-100 (libFuzzer's entry point).
 *
 * Besides what the sanitizers see: values lie in the file, names are those that are allowed, and an accepted batch is whole records.
 */
#include "data/pickle.h"
#include "data/python-batch.h"
#include "util/memory.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_WALKED = 4096 };

static void require(int condition)
{
    if (!condition)
        abort();
}

/* A value may hold itself, so the walk ends after so many. */
static void walk(const ln_value *value, const uint8_t *data, size_t size, int depth, size_t *walked)
{
    if (depth > 16 || ++*walked > MOST_WALKED)
        return;
    if (value->kind == LN_PICKLED_BYTES)
        require(value->bytes >= data && value->size <= size && value->bytes + value->size <= data + size);
    if (value->kind == LN_PICKLED_GLOBAL)
        require(!memcmp(value->bytes, "numpy", 5));
    size_t count = 0;
    for (const ln_item *item = value->first; item; item = item->next, count++)
        walk(item->value, data, size, depth + 1, walked);
    require(value->kind == LN_PICKLED_BYTES || value->kind == LN_PICKLED_GLOBAL || count == value->size);
}

static void unpickle(const uint8_t *data, size_t size, const ln_cifar_labels *kind)
{
    unsigned char *batch = NULL;
    size_t batch_size = 0;
    lenet_error error = {LENET_OK, ""};
    const lenet_status status = ln_cifar_unpickle("fuzz", data, size, kind, &batch, &batch_size, &error);
    require(status == LENET_OK || (status == LENET_INPUT && error.text[0] && !batch));
    require(status || (batch_size && batch_size % (size_t)(kind->count + LN_CIFAR_IMAGE) == 0));
    ln_free(batch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const ln_cifar_labels one = {1, 0, {"labels", NULL}}, two = {2, 1, {"coarse_labels", "fine_labels"}};
    ln_pickle pickle = {NULL, NULL};
    lenet_error error = {LENET_OK, ""};
    size_t walked = 0;
    const lenet_status status = ln_pickle_parse(&pickle, "fuzz", data, size, &error);
    require(status == LENET_OK || (status == LENET_INPUT && error.text[0] && !pickle.value));
    if (!status)
        walk(pickle.value, data, size, 0, &walked);
    ln_pickle_close(&pickle);
    unpickle(data, size, &one);
    unpickle(data, size, &two);
    return 0;
}
