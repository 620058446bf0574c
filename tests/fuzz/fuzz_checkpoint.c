/* SPDX-License-Identifier: MIT */
/*
 * fuzz_checkpoint.c - any bytes into the reader of checkpoints (libFuzzer's entry point). Memory is filled whole or not at all. Since no
 * fuzzer guesses a SHA-256, a second pass gives the bytes the hash that they need.
 */
#include "util/memory.h"
#include "util/sha256.h"
#include "train/checkpoint.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct memory {
    int epoch;
    float weights[6];
    double history[4];
} memory;

static const ln_identity identity = {(ln_note[]){{"format", "lenet checkpoint 1"}, {"seed", "1"}}, 2};

static void require(int condition)
{
    if (!condition)
        abort();
}

/* Returns whether the memory was filled. */
static int take(const uint8_t *data, size_t size, memory *m)
{
    lenet_error error = {LENET_OK, ""};
    ln_safetensors *file = NULL;
    ln_state state = {0};
    lenet_status status = ln_checkpoint_parse(&file, data, size, "fuzz", &identity, &error);
    require(!status == (file != NULL));
    if (!status) {
        const size_t rows = ln_checkpoint_rows(file, "history");
        ln_state_add(&state, "epoch", &m->epoch, 1);
        ln_state_add_tensor(&state, "weights", LN_F32, m->weights, 2, (int[]){2, 3});
        if (rows <= 2)
            ln_state_add_tensor(&state, "history", LN_F64, m->history, 2, (int[]){(int)rows, 2});
        status = ln_checkpoint_fill(file, "fuzz", &state, &error);
    }
    require(status == error.status && !status == !error.text[0]);
    ln_safetensors_close(&file);
    ln_state_close(&state);
    return !status;
}

/* Gives the note of the hash the hash that is right. */
static void mend(uint8_t *data, size_t size)
{
    static const char key[] = "\"sha256\":\"";
    uint8_t *note = memmem(data, size, key, strlen(key));
    ln_safetensors *file = NULL;
    if (!note || (size_t)(data + size - note) < strlen(key) + 64 || ln_safetensors_parse_parts(data, size, "fuzz", &file, NULL))
        return;
    static const char *const order[] = {"epoch", "weights", "history"};
    char hash[LN_SHA256_HEX];
    ln_sha256 *sum = ln_sha256_open();
    for (size_t k = 0; k < sizeof order / sizeof *order; k++)
        for (size_t i = 0; i < file->tensor_count; i++)
            if (!strcmp(file->parts[i].name, order[k]))
                ln_sha256_add(sum, file->parts[i].data, file->parts[i].bytes);
    ln_sha256_close(sum, hash);
    memcpy(note + strlen(key), hash, 64);
    ln_safetensors_close(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const memory nothing;
    memory m = nothing;
    if (!take(data, size, &m))
        require(!memcmp(&m, &nothing, sizeof m));
    uint8_t *copy = malloc(size + 1);
    require(copy != NULL);
    if (size)
        memcpy(copy, data, size);
    mend(copy, size);
    m = nothing;
    if (!take(copy, size, &m))
        require(!memcmp(&m, &nothing, sizeof m));
    free(copy);
    return 0;
}
