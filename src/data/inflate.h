/* SPDX-License-Identifier: MIT */
/* inflate.h - files that may be gzipped, whole into memory and never larger than they are allowed to be. */
#ifndef LENET_DATA_INFLATE_H
#define LENET_DATA_INFLATE_H

#include "lenet/lenet.h"

/* Does it start as gzip does? The name of a file says nothing: browsers unpack and rename. */
int ln_is_gzip(const unsigned char *data, size_t size);

/*
 * Inflates one gzip member, which must be all there is, into *data (freed by ln_free) and its length into
 * *size. LENET_INPUT: damaged, truncated, more than one member, bytes after it, or more than `limit` bytes of
 * content.
 */
lenet_status ln_inflate(const char *path, const unsigned char *packed, size_t packed_size, size_t limit,
                        unsigned char **data, size_t *size, lenet_error *error);

/*
 * The content of the file `path`, inflated if it is gzip, at most `limit` bytes (one that is not gzip may be
 * a little longer).
 */
lenet_status ln_load(const char *path, size_t limit, unsigned char **data, size_t *size, lenet_error *error);

/* The file as it lies there, gzip or not, if its content could be `limit` bytes. */
lenet_status ln_load_packed(const char *path, size_t limit, unsigned char **data, size_t *size, lenet_error *error);

#endif
