/* SPDX-License-Identifier: MIT */
/*
 * proof.h - what a model file carries to prove itself: the note "sha256" over all other notes and all
 * tensors, and the note "proof", which says that the first must be there, so that damage to the name of one
 * does not go unseen. It is over what the file says, not over how it is laid out: another tool may write the
 * same notes and tensors in another order.
 */
#ifndef LENET_NN_PROOF_H
#define LENET_NN_PROOF_H

#include "nn/safetensors.h"
#include "util/sha256.h"

#define LN_PROOF_NOTE "proof"
#define LN_PROOF_KIND "sha256"
#define LN_PROOF_HASH "sha256" /* the note's name */

/*
 * The hash, in hexadecimal: of each note but the hash itself, by key, "KEY\0VALUE\0"; then of each tensor, by
 * name, "NAME\0SHAPE\0" (SHAPE as in "6x1x5x5") and its values. LENET_FAILURE: no memory.
 */
lenet_status ln_proof_make(const lenet_tensor *tensors, size_t tensor_count, const ln_note *notes, size_t note_count,
                           char hex[LN_SHA256_HEX], lenet_error *error);

/*
 * LENET_INPUT: the file is not what it was when it was written. A file of before proofs has neither note and
 * passes.
 */
lenet_status ln_proof_check(const ln_safetensors *file, const char *path, lenet_error *error);

#endif
