/* SPDX-License-Identifier: MIT */
/* idx.h - the parser of IDX files, over memory. */
#ifndef LENET_DATA_IDX_H
#define LENET_DATA_IDX_H

#include "data/array.h"
#include "lenet/lenet.h"

enum { LN_IDX_RANK = 3 }; /* the highest that is read */

/* An array of bytes, row-major; `elements` points into the parsed data. No dimension is zero. */
typedef struct ln_idx {
    int rank;
    size_t dimensions[LN_IDX_RANK];
    const unsigned char *elements;
    size_t size; /* product of the dimensions */
} ln_idx;

/*
 * Parses a whole file of `rank` 1 (labels) or 3 (images). LENET_INPUT: it is not exactly that; `path` is what
 * the error calls it.
 */
lenet_status ln_idx_parse(const char *path, const unsigned char *data, size_t size, int rank, ln_idx *idx,
                          lenet_error *error);

/*
 * Parses a whole file of any type and of rank 1..LN_ARRAY_RANK; the elements stay in `data`. LENET_INPUT: it
 * is not exactly that.
 */
lenet_status ln_idx_array(const char *path, const unsigned char *data, size_t size, ln_array *array,
                          lenet_error *error);

#endif
