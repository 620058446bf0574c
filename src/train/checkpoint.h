/* SPDX-License-Identifier: MIT */
/*
 * checkpoint.h - a run that was put down, as one safetensors file: the pieces of memory that it goes on from
 * (util/state.h), and in the notes what run it is. docs/formats.md describes the file.
 *
 * Always: a file is written whole or not at all; memory is filled whole or not at all, and only from a file
 * whose hash is right, whose run is the same in every setting, in its data and in the version, and whose
 * pieces are the same. What it is not: it knows nothing of what the pieces mean.
 */
#ifndef LENET_TRAIN_CHECKPOINT_H
#define LENET_TRAIN_CHECKPOINT_H

#include "nn/safetensors.h"
#include "util/state.h"

/* What a run is, as notes; whoever goes on with it must have the same. */
typedef struct ln_identity {
    ln_note *notes; /* keys static, values owned */
    size_t count;
} ln_identity;

/* Of complete settings. `test` may be NULL. LENET_INPUT: a file that a setting names cannot be read. */
lenet_status ln_identity_open(ln_identity *identity, const lenet_settings *settings, const lenet_model *model,
                              const lenet_dataset *train, const lenet_dataset *test, lenet_error *error);
void ln_identity_close(ln_identity *identity);

/* LENET_IO: it could not be written, and an older one is as it was. */
lenet_status ln_checkpoint_write(const char *path, const ln_state *state, const ln_identity *identity,
                                 lenet_error *error);

/*
 * Reads the file at `path`; *file is NULL if there is none. LENET_INPUT: damaged. LENET_USAGE: it is of
 * another run; the error says in what they differ.
 */
lenet_status ln_checkpoint_open(ln_safetensors **file, const char *path, const ln_identity *identity,
                                lenet_error *error);

/* The same of bytes; `path` is what errors call them. */
lenet_status ln_checkpoint_parse(ln_safetensors **file, const void *data, size_t size, const char *path,
                                 const ln_identity *identity, lenet_error *error);

/* The first dimension of the piece `name`; 0 if there is none. */
size_t ln_checkpoint_rows(const ln_safetensors *file, const char *name);

/* Fills the pieces. LENET_INPUT: they are not those of the file, or its hash is wrong. */
lenet_status ln_checkpoint_fill(const ln_safetensors *file, const char *path, const ln_state *state,
                                lenet_error *error);

#endif
