/* SPDX-License-Identifier: MIT */
/* memory.c - see memory.h. */
#include "util/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 2 << 20 }; /* a large page of x86-64 and of most aarch64 systems */

/* Where memory at `raw` begins that has an address below it. */
static char *place_in(char *raw, size_t alignment)
{
    char *least = raw + sizeof(void *);
    const size_t past = (uintptr_t)least % alignment;
    return least + (past ? alignment - past : 0);
}

/*
 * Asks for large pages, before any of it is touched: images drawn at random from a data set, and the many
 * arrays of a step, would else miss the processor's table of pages over and over. A last page that would be
 * less than half full is left small.
 */
static void advise(char *memory, size_t bytes)
{
#ifdef MADV_HUGEPAGE
    madvise(memory, (bytes + PAGE / 2) / PAGE * PAGE, MADV_HUGEPAGE);
#else
    (void)memory, (void)bytes;
#endif
}

/*
 * From calloc, which has large zeroed memory without touching it; what calloc gave is remembered just below
 * the aligned address.
 */
void *ln_alloc(size_t count, size_t size)
{
    const int is_large = size && count >= PAGE / 2 / size;
    const size_t alignment = is_large ? PAGE : LN_ALIGNMENT,
                 extra = alignment + sizeof(void *) + (is_large ? PAGE / 2 : 0);
    if (size && count > (SIZE_MAX - extra) / size)
        return NULL;
    char *raw = calloc(count * size + extra, 1);
    if (!raw)
        return NULL;
    char *memory = place_in(raw, alignment);
    ((void **)(void *)memory)[-1] = raw;
    if (is_large)
        advise(memory, count * size);
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
