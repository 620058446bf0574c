/* SPDX-License-Identifier: MIT */
/* memory.c - see memory.h. */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * From calloc, which has large zeroed memory without touching it; what calloc gave is remembered just below the aligned
 * address.
 */
void *ln_alloc(size_t count, size_t size)
{
    const size_t extra = LN_ALIGNMENT + sizeof(void *);
    if (size && count > (SIZE_MAX - extra) / size)
        return NULL;
    char *raw = calloc(count * size + extra, 1);
    if (!raw)
        return NULL;
    const size_t past = (uintptr_t)(raw + sizeof(void *)) % LN_ALIGNMENT;
    void **memory = (void **)(void *)(raw + sizeof(void *) + (past ? LN_ALIGNMENT - past : 0));
    memory[-1] = raw;
    return memory;
}

void ln_free(void *memory)
{
    if (memory)
        free(((void **)memory)[-1]);
}

char *ln_copy_string(const char *text)
{
    const size_t size = strlen(text) + 1;
    char *copy = ln_alloc(size, 1);
    return copy ? memcpy(copy, text, size) : NULL;
}
