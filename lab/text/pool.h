/* SPDX-License-Identifier: MIT */
/*
 * pool.h - memory that is given back all at once, and a way out of deep work: what a report is made of lives
 * in a pool, and whoever makes it either gets what it asks for or the whole report ends where it was begun.
 *
 *     lab_pool pool = {0};
 *     if (setjmp(pool.on_failure) == 0)
 *         work(&pool);               (calls lab_alloc, lab_fail)
 *     lab_pool_close(&pool);         (pool.error.status has the result)
 *
 * Always: nothing in a pool is freed alone. Between setjmp and the end nothing else may be held (a lock, an
 * open file) where lab_alloc or lab_fail is called.
 */
#ifndef LENET_LAB_TEXT_POOL_H
#define LENET_LAB_TEXT_POOL_H

#include "lenet/lenet.h"

#include <setjmp.h>

typedef struct lab_pool {
    struct lab_block *blocks;
    lenet_error error;
    jmp_buf on_failure;
} lab_pool;

/*
 * `count` times `size` bytes of zeros, never NULL. lab_try_alloc gives NULL where there is no memory: for
 * callbacks, which may not leave.
 */
void *lab_alloc(lab_pool *pool, size_t count, size_t size);
void *lab_try_alloc(lab_pool *pool, size_t count, size_t size);
void lab_pool_close(lab_pool *pool);

/*
 * Ends the work with an error for people. lab_check does if `status`, whose reason is in pool->error, is one.
 */
_Noreturn void lab_fail(lab_pool *pool, lenet_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void lab_check(lab_pool *pool, lenet_status status);

/* What is in a regular file of at most `most` bytes, with a NUL after it; *size may be NULL. */
char *lab_pool_read(lab_pool *pool, const char *path, size_t most, size_t *size);

/*
 * Replaces the text file `path`. In it all hidden characters (util/printable.h) but tabs and line ends have
 * become '?', in `text` too.
 */
void lab_pool_write(lab_pool *pool, const char *path, char *text);

/* Text that grows; `data` always ends in NUL, and is never NULL once something was said. */
typedef struct lab_text {
    lab_pool *pool;
    char *data;
    size_t used, room;
} lab_text;
void lab_append(lab_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void lab_append_bytes(lab_text *text, const char *bytes, size_t count);

/* A text of its own. lab_printable: what came from outside as one line of sound UTF-8 ("" for NULL). */
char *lab_format(lab_pool *pool, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *lab_printable(lab_pool *pool, const char *text);

#endif
