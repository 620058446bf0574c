/* SPDX-License-Identifier: MIT */
/* balance.h - as many images of each class in an epoch. */
#ifndef LENET_DATA_BALANCE_H
#define LENET_DATA_BALANCE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Fills order[0..count - 1] with images from index[0..count - 1] so that each class that is there comes
 * equally often (but for one), and within a class each image equally often (but for one); which ones come
 * once more is drawn for this epoch. Labels are below 256.
 */
void ln_balance(const uint32_t *index, size_t count, const uint8_t *labels, uint64_t seed, int epoch, uint32_t *order);

#endif
