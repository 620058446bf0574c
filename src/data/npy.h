/* SPDX-License-Identifier: MIT */
/*
 * npy.h - NumPy's files: one array (.npy), or several in a zip archive (.npz). Objects, which are pickled,
 * are refused.
 */
#ifndef LENET_DATA_NPY_H
#define LENET_DATA_NPY_H

#include "data/array.h"

/*
 * Parses a whole .npy of version 1, 2 or 3 over memory; the elements stay in `data`. Types are bool, whole
 * numbers and real numbers of 4 or 8 bytes, in either order of bytes and indices. LENET_INPUT: it is not
 * exactly that; `path` is what the error calls it.
 */
lenet_status ln_npy_parse(const char *path, const unsigned char *data, size_t size, ln_array *array,
                          lenet_error *error);

enum { LN_NPZ_ARRAYS = 32, LN_NPZ_NAME = 64 };

/* The arrays of an archive, as .npy in memory. */
typedef struct ln_npz {
    char path[4096];
    size_t count;
    struct {
        char name[LN_NPZ_NAME]; /* without ".npy" */
        unsigned char *data;
        size_t size;
    } array[LN_NPZ_ARRAYS];
} ln_npz;

/*
 * Opens an archive over memory, `path` being what errors call it; members may be stored or deflated. No more
 * is taken than the largest that it can unpack to, and `limit` bytes in all. LENET_INPUT: damaged, too large,
 * or a member twice.
 */
lenet_status ln_npz_parse(ln_npz *npz, const char *path, const unsigned char *data, size_t size, size_t limit,
                          lenet_error *error);
void ln_npz_close(ln_npz *npz);

/* The array `name`, in whatever letters; NULL: there is none. */
const char *ln_npz_find(const ln_npz *npz, const char *name);

/*
 * Parses the array called exactly `name`, as "PATH:NAME". `path` [4200] holds that, and must live as long as
 * the array.
 */
lenet_status ln_npz_array(const ln_npz *npz, const char *name, char *path, size_t capacity, ln_array *array,
                          lenet_error *error);

#endif
