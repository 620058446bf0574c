/* SPDX-License-Identifier: MIT */
/*
 * built-in.h - files of the source tree that the program carries (cmake/embed-files.cmake): a table of them
 * ends with a NULL name.
 */
#ifndef LENET_LAB_TEXT_BUILT_IN_H
#define LENET_LAB_TEXT_BUILT_IN_H

#include <stddef.h>

typedef struct lab_built_in {
    const char *name, *text; /* a zero byte follows the text */
    size_t size;
} lab_built_in;

#endif
