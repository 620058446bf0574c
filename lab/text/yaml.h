/* SPDX-License-Identifier: MIT */
/*
 * yaml.h - files that people write: recipes and studies. YAML as libyaml reads it, as a tree that knows its
 * lines.
 *
 * Every scalar is its text, never guessed at: what "0x10", "no" or "1e-3" means is decided by whoever reads
 * it. JSON is YAML too. Refused, with the line: a key that comes twice in a mapping, a key that is no scalar,
 * anchors and aliases (a file of ten lines could mean a billion), a second document, more than 64 levels.
 */
#ifndef LENET_LAB_TEXT_YAML_H
#define LENET_LAB_TEXT_YAML_H

#include "lenet/lenet.h"

#include <stdbool.h>

typedef enum lab_yaml_kind { LAB_YAML_SCALAR, LAB_YAML_LIST, LAB_YAML_MAP } lab_yaml_kind;

typedef struct lab_yaml {
    lab_yaml_kind kind;
    int line;     /* from 1: of its key, if it has one, or of its beginning */
    char *key;    /* in a mapping; else NULL */
    char *text;   /* of a scalar, never NULL then; without NUL inside */
    bool is_null; /* a scalar without quotes that is empty, ~ or null */
    size_t count;
    struct lab_yaml *items; /* [count] of a list or a mapping, in their order */
} lab_yaml;

/*
 * Reads a file, or `size` bytes that errors call `name`. LENET_INPUT: it cannot be read or is not YAML; the
 * error is "NAME:LINE: why". LENET_FAILURE: no memory.
 */
lenet_status lab_yaml_read(lab_yaml **root, const char *path, lenet_error *error);
lenet_status lab_yaml_parse(lab_yaml **root, const char *name, const char *text, size_t size, lenet_error *error);
void lab_yaml_close(lab_yaml **root);

/* What a mapping has under `key`; NULL if it has nothing, or is no mapping. */
const lab_yaml *lab_yaml_find(const lab_yaml *map, const char *key);

#endif
