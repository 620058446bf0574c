/* SPDX-License-Identifier: MIT */
/*
 * names.h - the lists of names that options choose from, and the name nearest to one that was mistyped.
 *
 * A name_list gives name `index` (from 0), and NULL past the end; ask for indices in order and stop at NULL.
 */
#ifndef LENET_CLI_NAMES_H
#define LENET_CLI_NAMES_H

#include <stdbool.h>
#include <stddef.h>

typedef const char *(*name_list)(size_t index);

const char *data_name(size_t index);
const char *isa_name(size_t index);
const char *architecture_name(size_t index);
const char *optimizer_name(size_t index);
const char *initializer_name(size_t index);
const char *split_name(size_t index); /* "test", "train" */
const char *keep_name(size_t index);  /* "val", "test", "none" */

bool is_in_list(name_list list, const char *name);

/* Writes "a, b, c" (cut short if it does not fit) and returns `text`. */
char *join_names(name_list list, char *text, size_t capacity);

/* Search for the name nearest to `word`: zero-initialise with the word, offer names, then ask. */
typedef struct nearest {
    const char *word;
    const char *name;
    size_t distance;
} nearest;
void nearest_offer(nearest *search, const char *name);
const char *nearest_found(const nearest *search); /* NULL: nothing that a slip of the fingers explains */

/* The same for a whole list. */
const char *nearest_in_list(name_list list, const char *word);

#endif
