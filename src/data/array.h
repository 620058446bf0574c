/* SPDX-License-Identifier: MIT */
/*
 * array.h - arrays of numbers as files have them (IDX, npy), and what they mean: images, labels.
 *
 * Numbers of every type and order of bytes are read where they lie. Nothing is guessed: values that are
 * neither bytes nor shares of 255 are refused, and so are shapes that could be two things.
 */
#ifndef LENET_DATA_ARRAY_H
#define LENET_DATA_ARRAY_H

#include "lenet/lenet.h"

enum { LN_ARRAY_RANK = 4 };

typedef enum ln_element { LN_BOOL, LN_UNSIGNED, LN_SIGNED, LN_REAL } ln_element;

typedef struct ln_array {
    const char *path; /* for errors */
    ln_element element;
    int bytes; /* of an element: 1, 2, 4, 8; of LN_REAL 4 or 8 */
    int is_big_endian;
    int is_fortran; /* the first index changes fastest; else the last */
    int rank;       /* 0..LN_ARRAY_RANK */
    size_t dimensions[LN_ARRAY_RANK];
    size_t count;              /* product of the dimensions */
    const unsigned char *data; /* [count][bytes], at any address */
} ln_array;

/*
 * The product of the dimensions; LENET_INPUT: it does not fit `size` bytes of data, which must hold exactly
 * all elements.
 */
lenet_status ln_array_measure(ln_array *array, size_t size, lenet_error *error);

/*
 * Images [count][channels][height][width] as bytes, in *images (ln_free), from [count][height][width],
 * [count][height][width][channels] or [count][channels][height][width] with 1 or 3 channels, or
 * [count][height * width] of a square. Values are 0..255, or true and false, or real numbers that are bytes
 * divided by 255. `transposed`: rows and columns are exchanged. LENET_INPUT: the array is no such thing.
 */
lenet_status ln_array_images(const ln_array *array, int transposed, lenet_shape *shape, size_t *count, uint8_t **images,
                             lenet_error *error);

/*
 * Labels, whole numbers, in *labels (ln_free), from [count], [count][1], [count][8] of QMNIST (the first of
 * them), or [count][classes] where one element of each row is 1 and the others are 0. LENET_INPUT: the array
 * is no such thing.
 */
lenet_status ln_array_labels(const ln_array *array, size_t *count, int64_t **labels, lenet_error *error);

#endif
