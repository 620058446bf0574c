/* SPDX-License-Identifier: MIT */
/* layers.c - the table of layer kinds, made from LN_LAYER_LIST. */
#include "nn/layer.h"

#include <string.h>

const ln_layer_kind *const ln_layer_kinds[] = {
#define ROW(id, name) &ln_##id##_kind,
    LN_LAYER_LIST(ROW)
#undef ROW
        NULL};

const char *const ln_layer_kind_names[] = {
#define ROW(id, name) name,
    LN_LAYER_LIST(ROW)
#undef ROW
        NULL};

const ln_layer_kind *ln_layer_kind_find(const char *name)
{
    for (const ln_layer_kind *const *kind = ln_layer_kinds; *kind; kind++)
        if (!strcmp((*kind)->name, name))
            return *kind;
    return NULL;
}

int ln_read_whole(const char **text)
{
    int value = 0, digits = 0;
    for (; **text >= '0' && **text <= '9'; ++*text, digits++) {
        value = 10 * value + (**text - '0');
        if (value > 1000000)
            return -1;
    }
    return digits ? value : -1;
}
