/* SPDX-License-Identifier: MIT */
/* sha256.h - SHA-256 over pieces; the only file that knows which library computes it. */
#ifndef LENET_UTIL_SHA256_H
#define LENET_UTIL_SHA256_H

#include <stddef.h>

enum { LN_SHA256_HEX = 65 }; /* 64 hexadecimal characters and a zero */

typedef struct ln_sha256 ln_sha256;

ln_sha256 *ln_sha256_open(void);                                    /* NULL: out of memory */
void ln_sha256_add(ln_sha256 *hash, const void *data, size_t size); /* accepts NULL hash: then nothing happens */
void ln_sha256_close(ln_sha256 *hash, char hex[LN_SHA256_HEX]);     /* frees; NULL hash gives an empty string */

/* All at once. */
void ln_sha256_of(const void *data, size_t size, char hex[LN_SHA256_HEX]);

#endif
