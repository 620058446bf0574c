/* SPDX-License-Identifier: MIT */
/* cifar.h - the parser of CIFAR-10's and CIFAR-100's binary batches, over memory. */
#ifndef LENET_DATA_CIFAR_H
#define LENET_DATA_CIFAR_H

#include "data/format.h"
#include "lenet/lenet.h"

enum { LN_CIFAR_RECORD = 1 + LN_CIFAR_IMAGE /* of CIFAR-10 */ };

/*
 * Parses a batch that must be exactly `count` records into images [count][3][32][32] and labels [count],
 * which have room for them. LENET_INPUT: another size, or a label that is not below `classes`; `path` is what
 * the error calls it.
 */
lenet_status ln_cifar_parse(const char *path, const unsigned char *data, size_t size, size_t count, int classes,
                            const ln_cifar_labels *kind, uint8_t *images, uint8_t *labels, lenet_error *error);

#endif
