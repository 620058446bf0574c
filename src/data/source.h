/* SPDX-License-Identifier: MIT */
/*
 * source.h - the table of known data sets, and what only the library needs to know of them. A new one is a
 * file in sets/, and a row of LN_SOURCE_LIST.
 */
#ifndef LENET_DATA_SOURCE_H
#define LENET_DATA_SOURCE_H

#include "data/format.h"
#include "lenet/tools.h"

/* A data set as others distribute it: the same content, file by file, in another packing. */
typedef struct ln_packing {
    const char *archive;      /* an .npz that holds all files as arrays; NULL: each is a pickle of its own */
    const char *const *names; /* [files] of the arrays or the pickles */
} ln_packing;

typedef struct ln_known {
    lenet_source source;
    const ln_format *format;
    const char *const
        /* below a data folder, where its files may lie; the first is source.folder; ended by NULL */
        *folders;
    const ln_packing *packing;     /* NULL: there is no other */
    const ln_cifar_labels *labels; /* of the format ln_cifar_format */
    /* lenet_dataset_sha256 of the published [LENET_TRAIN], [LENET_TEST]; NULL: unknown */
    const char *sha256[2];
} ln_known;

/* X(id, name): a file of sets/ defines ln_source_ID. */
#define LN_SOURCE_LIST(X)                 \
    X(mnist, "mnist")                     \
    X(fashion_mnist, "fashion-mnist")     \
    X(cifar10, "cifar10")                 \
    X(cifar100, "cifar100")               \
    X(cifar100_coarse, "cifar100-coarse") \
    X(kmnist, "kmnist")

#define LN_SOURCE_DECLARE(id, name) extern const ln_known ln_source_##id;
LN_SOURCE_LIST(LN_SOURCE_DECLARE)
#undef LN_SOURCE_DECLARE

/* For the files of sets/: sizes of IDX files of 28x28 images, and of their labels. */
#define LN_IDX_IMAGES(count) (16 + (count)*28 * 28)
#define LN_IDX_LABELS(count) (8 + (count))
#define LN_CIFAR_LICENSE \
    "none stated; its authors ask to cite Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009"
#define LN_COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

/* The row of `source`, which must come from lenet_source_list; NULL if it does not. */
const ln_known *ln_source_known(const lenet_source *source);

/* Their names, ended by NULL. */
extern const char *const ln_source_names[];

/* lenet_source_find, but LENET_USAGE with the nearest known name if there is none. */
lenet_status ln_source_require(const char *name, const ln_known **known, lenet_error *error);

/*
 * The file whose content (or, with `packed`, whose published .gz) has this SHA-256: its source and *index;
 * NULL if none has.
 */
const lenet_source *ln_source_of_content(const char *sha256, int packed, size_t *index);

#endif
