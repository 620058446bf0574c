/* SPDX-License-Identifier: MIT */
/* locate.h - where on this machine the files of a known data set are. Looks only, and reads no content. */
#ifndef LENET_DATA_LOCATE_H
#define LENET_DATA_LOCATE_H

#include "data/place.h"
#include "lenet/lenet.h"
#include "lenet/tools.h"

typedef enum ln_found {
    LN_ABSENT,
    LN_FILE,   /* `path` is the file, plain or gzipped */
    LN_MEMBER, /* `path` is the archive that should have it */
    LN_PICKLE, /* `path` is Python's version of it */
    LN_ARRAY,  /* `path` is the .npz that should have it */
} ln_found;

/*
 * The first place in the search order (locate.c) that holds every file of `source`, else the first that holds any.
 * LENET_INPUT: there is none, and where was searched.
 */
lenet_status ln_locate(const lenet_source *source, const char *folder, ln_place *place, lenet_error *error);

/* Where file `index` of `source` is in `folder`. */
ln_found ln_find_file(const lenet_source *source, size_t index, const char *folder, char path[LN_PATH]);

#endif
