/* SPDX-License-Identifier: MIT */
/* file.h - files are read whole, and written whole or not at all. */
#ifndef LENET_UTIL_FILE_H
#define LENET_UTIL_FILE_H

#include "lenet/lenet.h"

#include <stdio.h>

/*
 * What a failed system call says of whom: LENET_FAILURE no memory, LENET_INPUT the path is wrong or may not
 * be read, LENET_IO the rest.
 */
lenet_status ln_status_of(int reason);

/*
 * Reads the regular file `path` into *data (freed by ln_free; a zero byte follows the content) and its length
 * into *size. LENET_INPUT: missing, not a regular file, or larger than `limit` bytes. LENET_IO: reading
 * failed.
 */
lenet_status ln_read_file(const char *path, size_t limit, unsigned char **data, size_t *size, lenet_error *error);

/*
 * A process that was killed while it wrote `path` has left a part of it under another name: removes that.
 * ln_write_file does so itself.
 */
void ln_remove_leftovers(const char *path);

/*
 * Writes `size` bytes to `path`, whole or not at all: a temporary file in its folder, fsync, rename, fsync of
 * the folder. LENET_IO: what failed; a file that was there before is untouched.
 */
lenet_status ln_write_file(const char *path, const void *data, size_t size, lenet_error *error);

/*
 * Closes a stream of open_memstream on *text and returns the text, for free(). NULL: `file` is NULL or memory was lacking at
 * any moment, which glibc may show by a NULL text alone.
 */
char *ln_close_text(FILE *file, char **text);

#endif
