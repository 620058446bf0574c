/* SPDX-License-Identifier: MIT */
/* content.h - the decompressed content of a source's files, from wherever locate.h found them. */
#ifndef LENET_DATA_CONTENT_H
#define LENET_DATA_CONTENT_H

#include "data/locate.h"
#include "lenet/tools.h"

enum { LN_MOST_FILES = 32 }; /* of a source in the table */

/*
 * Is given the content of file `index`, which it owns from then on (ln_free). `path` is "FILE" or
 * "ARCHIVE:MEMBER".
 */
typedef lenet_status ln_take(void *context, size_t index, const char *path, unsigned char *data, size_t size,
                             lenet_error *error);

/*
 * Reads the files first .. last - 1 of `source` in `place` and gives each to `take`, in the order in which
 * they lie. Stops at the first failure, its own or that of `take`. LENET_INPUT: one is missing or damaged.
 */
lenet_status ln_read_files(const lenet_source *source, const ln_place *place, size_t first, size_t last, ln_take *take,
                           void *context, lenet_error *error);

/*
 * From the tar or tar.gz `archive`, in one pass, without writing a file: the members that are wanted[index]
 * of the source's files, first .. last - 1. Only a regular file called NAME or FOLDER/NAME, and of the
 * published size, is such a member.
 */
lenet_status ln_read_archive(const lenet_source *source, const char *archive, size_t first, size_t last,
                             const unsigned char *wanted, ln_take *take, void *context, lenet_error *error);

#endif
