/* SPDX-License-Identifier: MIT */
/*
 * augment.h - training images, changed a little each time that they are seen: moved, mirrored, turned,
 * scaled, bent, covered.
 *
 * Always: what an image becomes is a function of seed, epoch and its place in the epoch's order, made with
 * whole numbers and exact operations: the same whatever the threads and the machine. Nothing is allocated
 * once open. Where an image is moved away, it is black.
 */
#ifndef LENET_DATA_AUGMENT_H
#define LENET_DATA_AUGMENT_H

#include "lenet/lenet.h"

typedef struct ln_augment ln_augment;

/* The operations, ended by NULL, and what one does (NULL: unknown). */
extern const char *const ln_augment_names[];
const char *ln_augment_help(const char *name);

/*
 * Of a list "shift:2,flip". LENET_USAGE: an operation that is unknown or comes twice, or a number that it
 * does not take.
 */
lenet_status ln_augment_check(const char *list, lenet_error *error);

/* For at most `most` images at a time by each of `workers`. */
lenet_status ln_augment_open(ln_augment **augment, const char *list, lenet_shape shape, uint64_t seed, int workers,
                             size_t most, lenet_error *error);
void ln_augment_close(ln_augment **augment);

/* The batches from now on begin at this place of this epoch's order. */
void ln_augment_begin(ln_augment *augment, int epoch, size_t place);

/*
 * Images index[0..count - 1] of `images`, at places first, first + 1, ... of the batch, changed:
 * [count][pixels], valid until the worker's next call.
 */
const uint8_t *ln_augment_apply(void *augment, int worker, const uint8_t *images, const uint32_t *index, size_t first,
                                int count);

#endif
