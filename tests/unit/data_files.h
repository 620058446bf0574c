/* SPDX-License-Identifier: MIT */
/*
 * data_files.h - files as data sets have them, good and bad, made by tests in a temporary folder. Everything here fails the
 * running test if the machine does not play along.
 */
#ifndef TESTS_UNIT_DATA_FILES_H
#define TESTS_UNIT_DATA_FILES_H

#include <stddef.h>
#include <stdint.h>

typedef struct bytes {
    unsigned char
        *data; /* exactly `size` long, so that the address sanitizer sees a read past the end; freed by free */
    size_t size;
} bytes;

bytes bytes_new(size_t size); /* zeros */
bytes bytes_copy(const void *data, size_t size);
bytes bytes_append(bytes a, bytes b); /* frees both */

/* An IDX file of u8: `rank` dimensions, and elements 0, 1, 2... modulo `modulus`. */
bytes make_idx(int rank, const uint32_t *dimensions, unsigned modulus);

/* Frees `content`. */
bytes gzip(bytes content);

/* A tar member. `claimed` is the size in its header; the content follows padded, if there is any. Frees `content`. */
bytes tar_member(const char *path, char type, const char *link, uint64_t claimed, bytes content);
bytes tar_end(void);

/* A new empty folder, whose name the caller frees by remove_folder. */
char *make_folder(void);
void remove_folder(char *folder);

/* FOLDER/NAME; making the folders between. Frees `content`. */
void put(const char *folder, const char *name, bytes content);

/* Writes a file of `size` zeros that takes no space. */
void put_zeros(const char *folder, const char *name, size_t size);

/* Overwrites one byte of a file. */
void poke(const char *folder, const char *name, size_t offset, unsigned char value);

#endif
