/* SPDX-License-Identifier: MIT */
/* names.h - lists of names that options choose from; like all such lists, they end with NULL. */
#ifndef LENET_CLI_NAMES_H
#define LENET_CLI_NAMES_H

#include <stddef.h>

extern const char *const split_names[]; /* of a data set: "all", "train", "val", "test" */

/* The name that `text` is in capital or small letters; NULL: none. */
const char *find_name(const char *const *names, const char *text);

/* Writes "a, b, c" (cut short if it does not fit) and returns `text`. */
char *join_names(const char *const *names, char *text, size_t capacity);

#endif
