/* SPDX-License-Identifier: MIT */
/* source.h - the table of known data sets, and what only the library needs to know of them. */
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
        *folders; /* below a data folder, where its files may lie; the first is source.folder; ended by NULL */
    const ln_packing *packing;     /* NULL: there is no other */
    const ln_cifar_labels *labels; /* of the format ln_cifar_format */
    const char *sha256[2]; /* lenet_dataset_sha256 of the published [LENET_TRAIN], [LENET_TEST]; NULL: unknown */
} ln_known;

/* The row of `source`, which must come from lenet_source_list; NULL if it does not. */
const ln_known *ln_source_known(const lenet_source *source);

/* Their names, ended by NULL. */
extern const char *const ln_source_names[];

/* lenet_source_find, but LENET_USAGE with the nearest known name if there is none. */
lenet_status ln_source_require(const char *name, const ln_known **known, lenet_error *error);

/* The file whose content (or, with `packed`, whose published .gz) has this SHA-256: its source and *index; NULL if none has. */
const lenet_source *ln_source_of_content(const char *sha256, int packed, size_t *index);

#endif
