/* SPDX-License-Identifier: MIT */
/* place.h - where files of a known data set are: what locate.c finds and formats (format.h) read from. */
#ifndef LENET_DATA_PLACE_H
#define LENET_DATA_PLACE_H

enum { LN_PATH = 4096 }; /* longer paths are not found */

/* A folder that holds files of a source, or its archive. */
typedef struct ln_place {
    char folder[LN_PATH];
} ln_place;

#endif
