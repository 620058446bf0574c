/* SPDX-License-Identifier: MIT */
/* memory.h - checked allocation: sizes cannot overflow, memory is zeroed and aligned to a cache line. */
#ifndef LENET_UTIL_MEMORY_H
#define LENET_UTIL_MEMORY_H

#include <stddef.h>

enum { LN_ALIGNMENT = 64 };

/* `count` times `size` zeroed bytes, aligned to LN_ALIGNMENT; NULL on overflow or lack of memory. Freed by ln_free. */
void *ln_alloc(size_t count, size_t size);

/* Accepts NULL. */
void ln_free(void *memory);

/* A copy of a string, or NULL; freed by ln_free. */
char *ln_copy_string(const char *text);

#endif
