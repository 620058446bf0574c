/* SPDX-License-Identifier: MIT */
/*
 * fuzz_cifar.c - any bytes into the reader of CIFAR-10's batches (libFuzzer's entry point). The first byte says how many records (0..3) the
 * batch should have, and the rest is the batch.
 *
 * Besides what the sanitizers see: what is accepted has that many records, labels below the number of classes, and every pixel in its place.
 */
#include "data/cifar.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CLASSES = 10, MOST = 3 };

static void require(int condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    const size_t count = data[0] % (MOST + 1);
    uint8_t *images = malloc(count * LN_CIFAR_IMAGE + 1),
            *labels = malloc(count + 1); /* to the byte, and never zero bytes */
    require(images && labels);
    images[count * LN_CIFAR_IMAGE] = labels[count] = 0xa5;
    static const ln_cifar_labels one = {1, 0, {"labels", NULL}};
    lenet_error error = {LENET_OK, ""};
    const lenet_status status = ln_cifar_parse("fuzz", data + 1, size - 1, count, CLASSES, &one, images, labels, &error);
    require(images[count * LN_CIFAR_IMAGE] == 0xa5 && labels[count] == 0xa5);
    require(status == LENET_OK || (status == LENET_INPUT && error.status == status && error.text[0]));
    require(status || size - 1 == count * LN_CIFAR_RECORD);
    for (size_t i = 0; !status && i < count; i++) {
        const uint8_t *record = data + 1 + i * LN_CIFAR_RECORD;
        require(labels[i] < CLASSES && labels[i] == record[0]);
        require(memcmp(images + i * LN_CIFAR_IMAGE, record + 1, LN_CIFAR_IMAGE) == 0);
    }
    free(images);
    free(labels);
    return 0;
}
