/* SPDX-License-Identifier: MIT */
/* proof.c - see proof.h. */
#include "nn/proof.h"

#include "util/error.h"
#include "util/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare_notes(const void *a, const void *b)
{
    const ln_note *const *x = a, *const *y = b;
    return strcmp((*x)->key, (*y)->key);
}

static int compare_tensors(const void *a, const void *b)
{
    const lenet_tensor *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

static void add_text(ln_sha256 *hash, const char *text) { ln_sha256_add(hash, text, strlen(text) + 1); }

static void add_notes(ln_sha256 *hash, const ln_note **sorted, const ln_note *notes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sorted[i] = &notes[i];
    qsort(sorted, count, sizeof *sorted, compare_notes);
    for (size_t i = 0; i < count; i++)
        if (strcmp(sorted[i]->key, LN_PROOF_HASH) != 0) {
            add_text(hash, sorted[i]->key);
            add_text(hash, sorted[i]->value);
        }
}

static void add_tensors(ln_sha256 *hash, const lenet_tensor **sorted, const lenet_tensor *tensors, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sorted[i] = &tensors[i];
    qsort(sorted, count, sizeof *sorted, compare_tensors);
    for (size_t i = 0; i < count; i++) {
        const lenet_tensor *tensor = sorted[i];
        char shape[64] = "";
        for (int k = 0, used = 0; k < tensor->rank; k++)
            used += snprintf(shape + used, sizeof shape - (size_t)used, "%s%d", k ? "x" : "", tensor->shape[k]);
        add_text(hash, tensor->name);
        add_text(hash, shape);
        ln_sha256_add(hash, tensor->data, tensor->size * sizeof *tensor->data);
    }
}

lenet_status ln_proof_make(const lenet_tensor *tensors, size_t tensor_count, const ln_note *notes, size_t note_count,
                           char hex[LN_SHA256_HEX], lenet_error *error)
{
    ln_sha256 *hash = ln_sha256_open();
    const ln_note **by_key = ln_alloc(note_count, sizeof *by_key);
    const lenet_tensor **by_name = ln_alloc(tensor_count, sizeof *by_name);
    const int is_ready = hash && by_key && by_name;
    if (is_ready) {
        add_notes(hash, by_key, notes, note_count);
        add_tensors(hash, by_name, tensors, tensor_count);
    }
    ln_sha256_close(hash, hex);
    ln_free(by_key);
    ln_free(by_name);
    return is_ready && *hex ? LENET_OK : ln_fail_memory(error, "the hash of a model", note_count + tensor_count);
}

lenet_status ln_proof_check(const ln_safetensors *file, const char *path, lenet_error *error)
{
    const char *kind = ln_safetensors_note(file, LN_PROOF_NOTE), *said = ln_safetensors_note(file, LN_PROOF_HASH);
    char hex[LN_SHA256_HEX];
    if (!kind && !said)
        return LENET_OK;
    const lenet_status status =
        ln_proof_make(file->tensors, file->tensor_count, file->notes, file->note_count, hex, error);
    if (status)
        return status;
    if (kind && said && !strcmp(kind, LN_PROOF_KIND) && !strcmp(said, hex))
        return LENET_OK;
    return ln_fail(error, LENET_INPUT,
                   "%s: damaged: its content does not have the SHA-256 that it names; take it from a copy, or, if it "
                   "was changed on purpose, remove its notes '" LN_PROOF_NOTE "' and '" LN_PROOF_HASH "'",
                   path);
}
