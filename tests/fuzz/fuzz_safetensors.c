/* SPDX-License-Identifier: MIT */
/*
 * fuzz_safetensors.c - any bytes into the reader of model files (libFuzzer's entry point).
 *
 * Besides what the sanitizers see: whatever is accepted must survive being written and read again, to the bit, and writing
 * that again must give the same bytes.
 */
#include "util/memory.h"
#include "nn/safetensors.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static ln_safetensors *write_and_read(const ln_safetensors *file, unsigned char **data, size_t *size)
{
    require(ln_safetensors_write(file->tensors, file->tensor_count, file->notes, file->note_count, data, size, NULL) ==
            LENET_OK);
    ln_safetensors *again = NULL;
    require(ln_safetensors_parse(*data, *size, "again", &again, NULL) == LENET_OK);
    return again;
}

static void require_equal(const ln_safetensors *a, const ln_safetensors *b)
{
    require(a->tensor_count == b->tensor_count && a->note_count == b->note_count);
    for (size_t i = 0; i < a->note_count; i++)
        require(strcmp(a->notes[i].key, b->notes[i].key) == 0 && strcmp(a->notes[i].value, b->notes[i].value) == 0);
    for (size_t i = 0; i < a->tensor_count; i++) {
        const lenet_tensor *x = &a->tensors[i], *y = &b->tensors[i];
        require(strcmp(x->name, y->name) == 0 && x->rank == y->rank && x->size == y->size);
        require(memcmp(x->shape, y->shape, sizeof x->shape) == 0);
        require(memcmp(x->data, y->data, x->size * sizeof *x->data) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ln_safetensors *file = NULL;
    lenet_error error = {LENET_OK, ""};
    if (ln_safetensors_parse(data, size, "fuzz", &file, &error)) {
        require(error.status != LENET_OK && error.text[0] && !file);
        return 0;
    }
    (void)ln_safetensors_check_finite(file, "fuzz", &error);
    unsigned char *once = NULL, *twice = NULL;
    size_t once_size = 0, twice_size = 0;
    ln_safetensors *second = write_and_read(file, &once, &once_size);
    require_equal(file, second);
    ln_safetensors *third = write_and_read(second, &twice, &twice_size);
    require(once_size == twice_size && memcmp(once, twice, once_size) == 0);
    ln_safetensors_close(&file);
    ln_safetensors_close(&second);
    ln_safetensors_close(&third);
    ln_free(once);
    ln_free(twice);
    return 0;
}
