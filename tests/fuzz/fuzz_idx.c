/* SPDX-License-Identifier: MIT */
/*
 * fuzz_idx.c - any bytes into the reader of IDX files, plain and as gzip (libFuzzer's entry point).
 *
 * Besides what the sanitizers see: what is accepted is exactly header and elements, with dimensions that multiply to their number; what
 * is refused has a reason; and inflating never gives more than was allowed.
 */
#include "util/memory.h"
#include "data/idx.h"
#include "data/inflate.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 1 << 16 };

static void require(int condition)
{
    if (!condition)
        abort();
}

/* Returns whether it was accepted. */
static int parse(const uint8_t *data, size_t size, int rank)
{
    ln_idx idx = {.rank = -1};
    lenet_error error = {LENET_OK, ""};
    const lenet_status status = ln_idx_parse("fuzz", data, size, rank, &idx, &error);
    if (status) {
        require(status == LENET_INPUT && error.status == status && error.text[0] && idx.rank == -1);
        return 0;
    }
    size_t product = 1, sum = 0;
    for (int i = 0; i < rank; i++)
        product *= idx.dimensions[i];
    require(idx.rank == rank && product == idx.size && idx.size > 0);
    require(idx.elements == data + 4 + 4 * rank && idx.elements + idx.size == data + size);
    for (size_t i = 0; i < idx.size; i++)
        sum += idx.elements[i];
    require(sum <= 255 * idx.size);
    return 1;
}

static void parse_both(const uint8_t *data, size_t size) { require(parse(data, size, 1) + parse(data, size, 3) <= 1); }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned char *content = NULL;
    size_t content_size = 0;
    lenet_error error = {LENET_OK, ""};
    parse_both(data, size);
    if (!ln_is_gzip(data, size))
        return 0;
    if (ln_inflate("fuzz", data, size, LIMIT, &content, &content_size, &error)) {
        require(error.status == LENET_INPUT && error.text[0] && !content);
        return 0;
    }
    require(content && content_size <= LIMIT);
    parse_both(content, content_size);
    ln_free(content);
    return 0;
}
