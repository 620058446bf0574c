/* SPDX-License-Identifier: MIT */
/*
 * pool.c - see pool.h. Every piece is a block of its own in one list, so that an address sanitizer sees where
 * each one ends.
 */
#include "lab/text/pool.h"

#include "lab/text/json.h"
#include "util/file.h"
#include "util/memory.h"
#include "util/printable.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lab_block {
    struct lab_block *next;
    max_align_t bytes[];
};

void *lab_try_alloc(lab_pool *pool, size_t count, size_t size)
{
    if (size && count > (SIZE_MAX / 2 - sizeof(struct lab_block)) / size)
        return NULL;
    struct lab_block *block = calloc(1, sizeof *block + (count && size ? count * size : 1));
    if (!block)
        return NULL;
    block->next = pool->blocks;
    pool->blocks = block;
    return block->bytes;
}

void *lab_alloc(lab_pool *pool, size_t count, size_t size)
{
    void *bytes = lab_try_alloc(pool, count, size);
    if (!bytes)
        lab_fail(pool, LENET_FAILURE, "out of memory");
    return bytes;
}

void lab_pool_close(lab_pool *pool)
{
    while (pool->blocks) {
        struct lab_block *block = pool->blocks;
        pool->blocks = block->next;
        free(block);
    }
}

void lab_fail(lab_pool *pool, lenet_status status, const char *format, ...)
{
    va_list arguments;
    pool->error.status = status;
    va_start(arguments, format);
    vsnprintf(pool->error.text, sizeof pool->error.text, format, arguments);
    va_end(arguments);
    longjmp(pool->on_failure, 1);
}

void lab_check(lab_pool *pool, lenet_status status)
{
    if (!status)
        return;
    pool->error.status = status;
    longjmp(pool->on_failure, 1);
}

char *lab_pool_read(lab_pool *pool, const char *path, size_t most, size_t *size)
{
    unsigned char *bytes = NULL;
    size_t count = 0;
    lab_check(pool, ln_read_file(path, most, &bytes, &count, &pool->error));
    char *copy = lab_try_alloc(pool, count + 1, 1);
    if (copy)
        memcpy(copy, bytes, count);
    ln_free(bytes);
    if (!copy)
        lab_fail(pool, LENET_FAILURE, "%s: out of memory", path);
    if (size)
        *size = count;
    return copy;
}

void lab_pool_write(lab_pool *pool, const char *path, char *text)
{
    ln_make_printable(text, "\t\n");
    lab_check(pool, ln_write_file(path, text, strlen(text), &pool->error));
}

/* ---------------------------------------------------------------------------------------------------------- text */

static void make_room(lab_text *text, size_t more)
{
    if (text->data && text->room - text->used > more)
        return;
    const size_t room = 2 * (text->used + more) + 64;
    char *data = lab_alloc(text->pool, room, 1);
    if (text->used)
        memcpy(data, text->data, text->used);
    text->data = data;
    text->room = room;
}

void lab_append_bytes(lab_text *text, const char *bytes, size_t count)
{
    make_room(text, count);
    memcpy(text->data + text->used, bytes, count);
    text->used += count;
    text->data[text->used] = '\0';
}

static void append(lab_text *text, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    const int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0)
        lab_fail(text->pool, LENET_FAILURE, "a text could not be formatted");
    make_room(text, (size_t)length);
    vsnprintf(text->data + text->used, text->room - text->used, format, arguments);
    text->used += (size_t)length;
}

void lab_append(lab_text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    append(text, format, arguments);
    va_end(arguments);
}

char *lab_format(lab_pool *pool, const char *format, ...)
{
    lab_text text = {.pool = pool};
    va_list arguments;
    va_start(arguments, format);
    append(&text, format, arguments);
    va_end(arguments);
    return text.data;
}

char *lab_printable(lab_pool *pool, const char *text)
{
    json_t *sound = value_of_text(text ? text : "");
    const char *known = json_string_value(sound);
    char *plain = known ? lab_try_alloc(pool, strlen(known) + 1, 1) : NULL;
    if (plain)
        strcpy(plain, known);
    json_decref(sound);
    if (!plain)
        lab_fail(pool, LENET_FAILURE, "out of memory");
    return ln_make_printable(plain, "");
}
