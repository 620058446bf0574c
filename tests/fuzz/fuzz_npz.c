/* SPDX-License-Identifier: MIT */
/*
 * fuzz_npz.c - any bytes into the readers of NumPy's files: a zip archive of arrays, or one array (libFuzzer's entry point).
 *
 * Besides what the sanitizers see: an archive unpacks to no more than was allowed; an accepted array lies in its file to the last byte; and
 * images and labels that are made of it have as many elements as it.
 */
#include "data/npy.h"
#include "util/memory.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 1 << 18 };

static void require(int condition)
{
    if (!condition)
        abort();
}

static void require_reason(lenet_status status, const lenet_error *error)
{
    require(status == LENET_INPUT && error->status == status && error->text[0] && !strchr(error->text, '\n'));
}

static void convert(const ln_array *array)
{
    lenet_error error = {LENET_OK, ""};
    lenet_shape shape = {0, 0, 0};
    uint8_t *images = NULL;
    int64_t *labels = NULL;
    size_t count = 0;
    lenet_status status = ln_array_images(array, 1, &shape, &count, &images, &error);
    if (status)
        require_reason(status, &error);
    else
        require(count * (size_t)shape.channels * (size_t)shape.height * (size_t)shape.width == array->count);
    ln_free(images);
    status = ln_array_labels(array, &count, &labels, &error);
    if (status)
        require_reason(status, &error);
    else
        require(count == array->dimensions[0]);
    ln_free(labels);
}

static void parse(const uint8_t *data, size_t size)
{
    ln_array array = {.rank = -1};
    lenet_error error = {LENET_OK, ""};
    const lenet_status status = ln_npy_parse("fuzz", data, size, &array, &error);
    if (status) {
        require_reason(status, &error);
        require(array.rank == -1);
        return;
    }
    require(array.rank >= 0 && array.rank <= LN_ARRAY_RANK && array.count > 0);
    require(array.data >= data && array.data + array.count * (size_t)array.bytes == data + size);
    convert(&array);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static ln_npz npz;
    lenet_error error = {LENET_OK, ""};
    parse(data, size);
    if (size < 2 || memcmp(data, "PK", 2) != 0)
        return 0;
    const lenet_status status = ln_npz_parse(&npz, "fuzz", data, size, LIMIT, &error);
    if (status) {
        require_reason(status, &error);
        return 0;
    }
    size_t sum = 0;
    for (size_t i = 0; i < npz.count; i++) {
        require(npz.array[i].name[0] && !npz.array[i].name[LN_NPZ_NAME - 1]);
        parse(npz.array[i].data, npz.array[i].size);
        sum += npz.array[i].size;
    }
    require(sum <= LIMIT);
    ln_npz_close(&npz);
    return 0;
}
