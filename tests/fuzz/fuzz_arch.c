/* SPDX-License-Identifier: MIT */
/*
 * fuzz_arch.c - any text as an architecture, on images of any small shape (libFuzzer's entry point). The first four bytes are channels, height, width and
 * classes, the rest is the specification.
 *
 * Besides what the sanitizers see: what is accepted is a chain of layers, each with an output, that ends in the classes, and its full
 * specification is accepted again and means the same; what is refused has a reason.
 */
#include "util/memory.h"
#include "nn/model.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static int same(lenet_shape a, lenet_shape b) { return a.channels == b.channels && a.height == b.height && a.width == b.width; }

static void check_chain(const ln_layer *layers, size_t count, lenet_shape shape, int classes)
{
    for (size_t i = 0; i < count; i++) {
        require(same(layers[i].in, shape));
        shape = layers[i].out;
        require(shape.channels > 0 && shape.height > 0 && shape.width > 0);
    }
    require(same(shape, (lenet_shape){classes, 1, 1}));
}

static void check_again(const char *full, const ln_layer *layers, size_t count, lenet_shape shape, int classes)
{
    ln_layer *again = NULL;
    char *fuller = NULL;
    size_t again_count = 0;
    require(!ln_architecture_parse(full, shape, classes, &again, &again_count, &fuller, NULL));
    require(again_count == count && !strcmp(full, fuller));
    require(!memcmp(again, layers, count * sizeof *layers));
    ln_free(again);
    ln_free(fuller);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4)
        return 0;
    const lenet_shape shape = {1 + data[0] % 8, 1 + data[1] % 64, 1 + data[2] % 64};
    const int classes = 2 + data[3] % 20;
    char *text = ln_alloc(size - 3, 1), *full = NULL;
    ln_layer *layers = NULL;
    size_t count = 0;
    lenet_error error = {LENET_OK, ""};
    require(text != NULL);
    memcpy(text, data + 4, size - 4);
    const lenet_status status = ln_architecture_parse(text, shape, classes, &layers, &count, &full, &error);
    if (status) {
        require(status == LENET_USAGE && error.status == status && error.text[0] && !layers && !full);
    } else {
        check_chain(layers, count, shape, classes);
        check_again(full, layers, count, shape, classes);
    }
    ln_free(layers);
    ln_free(full);
    ln_free(text);
    return 0;
}
