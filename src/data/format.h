/* SPDX-License-Identifier: MIT */
/*
 * format.h - what a file format of data sets is: one struct of functions. A new format is one file that
 * defines such a struct, and a row of the table in source.c that names it.
 *
 * A format sees decompressed content only: where files lie, and that they may be gzipped or inside an
 * archive, is the business of locate.c and content.c.
 */
#ifndef LENET_DATA_FORMAT_H
#define LENET_DATA_FORMAT_H

#include "data/place.h"
#include "lenet/lenet.h"
#include "lenet/tools.h"

/* One split, read. `images` and `labels` lie in `memory`, which is the receiver's (ln_images_free). */
typedef struct ln_images {
    lenet_shape shape;
    size_t count;
    const uint8_t *images; /* [count][channels][height][width] */
    const uint8_t *labels; /* [count] */
    void *memory[2];
} ln_images;

void ln_images_free(ln_images *images);

typedef struct ln_format {
    const char *name; /* for people */

    /*
     * Reads one split of `source` from `place`. On failure `images` may hold memory too; the caller frees it
     * either way.
     */
    lenet_status (*open)(const lenet_source *source, const ln_place *place, lenet_split split, ln_images *images,
                         lenet_error *error);

    /*
     * Is `data` a well-formed file `index` of `source`? LENET_INPUT: no, and why; `path` is what the error
     * calls it.
     */
    lenet_status (*judge)(const lenet_source *source, size_t index, const char *path, const unsigned char *data,
                          size_t size, lenet_error *error);
} ln_format;

enum { LN_CIFAR_IMAGE = 3 * 32 * 32, LN_CIFAR_LABELS = 2 };

/* The labels of a record: CIFAR-10 has one, CIFAR-100 a coarse and a fine one. */
typedef struct ln_cifar_labels {
    int count, used;                   /* how many there are; which of them counts, from 0 */
    const char *keys[LN_CIFAR_LABELS]; /* what they are called in Python's batches */
} ln_cifar_labels;

extern const ln_format ln_idx_format;
extern const ln_format ln_cifar_format;

/* LENET_INPUT: a label is not below `classes`; says which, and calls the labels `path`. */
lenet_status ln_check_labels(const char *path, const uint8_t *labels, size_t count, int classes, lenet_error *error);

#endif
