/* SPDX-License-Identifier: MIT */
/* file.h - whole files in. The way out is lenet_write_file. */
#ifndef LENET_LAB_FILE_H
#define LENET_LAB_FILE_H

#include "lenet/lenet.h"

/* What a failed system call says of whom: LENET_FAILURE no memory, LENET_INPUT the path is wrong or may not be read, LENET_IO the rest. */
lenet_status lab_status_of(int reason);

/*
 * Reads the regular file `path` into *bytes (for free(); a NUL follows the content) and its length into *size. LENET_INPUT: it is
 * missing, no regular file (a FIFO would block), or larger than `most` bytes. LENET_IO: reading failed. LENET_FAILURE: no memory.
 */
lenet_status lab_read_file(const char *path, size_t most, char **bytes, size_t *size, lenet_error *error);

#endif
