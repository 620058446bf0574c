/* SPDX-License-Identifier: MIT */
/* memory.c - see memory.h. */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *ln_alloc(size_t count, size_t size)
{
    if (size && count > (SIZE_MAX - LN_ALIGNMENT) / size)
        return NULL;
    const size_t rounded = (count * size + LN_ALIGNMENT - 1) / LN_ALIGNMENT * LN_ALIGNMENT;
    void *memory = aligned_alloc(LN_ALIGNMENT, rounded ? rounded : LN_ALIGNMENT);
    if (memory)
        memset(memory, 0, rounded);
    return memory;
}

void ln_free(void *memory) { free(memory); }

char *ln_copy_string(const char *text)
{
    const size_t size = strlen(text) + 1;
    char *copy = ln_alloc(size, 1);
    return copy ? memcpy(copy, text, size) : NULL;
}
