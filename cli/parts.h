/* SPDX-License-Identifier: MIT */
/*
 * parts.h - what the program was made by and of: its compiler, its commit, and the libraries of others in it.
 */
#ifndef LENET_CLI_PARTS_H
#define LENET_CLI_PARTS_H

#include <stddef.h>

typedef struct part {
    const char *name;
    const char *version; /* of the library in use if it has a function for it, else of its headers */
} part;

/* Part `index` from 0, sorted by name; the name is NULL past the end. */
part part_at(size_t index);

/* "gcc 12.2.0" */
const char *compiler_name(void);

/* The commit that the sources are based on; NULL if they were not in git. Uncommitted changes are not shown. */
const char *source_commit(void);

#endif
