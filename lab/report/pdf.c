/* SPDX-License-Identifier: MIT */
/*
 * pdf.c - see pdf.h. The end of a file of cairo 1.18, which is all that changes:
 *
 *     10 0 obj << /Type /ObjStm /Length 18 0 R ... /Filter /FlateDecode >> stream ... endstream endobj      (has the date)
 *     18 0 obj 274 endobj                                                                           (the length of object 10)
 *     19 0 obj << /Type /XRef /Length 79 ... /W [1 2 2] /Filter /FlateDecode >> stream ... endstream endobj
 *     startxref 7599 %%EOF
 */
#include "lab/report/pdf.h"

#include "lab/text/pool.h"
#include "util/file.h"

#include <libdeflate.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 28, MOST_INFLATED = 1 << 20, DATE_DIGITS = 14 };

static const char date_key[] = "/CreationDate (D:", filter[] = "/Filter /FlateDecode", fixed_date[] = "20000101000000";

/* A compressed stream: its dictionary and bytes in the file, and its content. */
typedef struct stream {
    size_t head, data, end; /* of the dictionary, of the bytes, of what follows them */
    uint8_t *content;
    size_t size;
} stream;

static size_t find(const char *bytes, size_t from, size_t size, const char *text)
{
    const char *found = from < size ? memmem(bytes + from, size - from, text, strlen(text)) : NULL;
    return found ? (size_t)(found - bytes) : SIZE_MAX;
}

/* The last place of `text`; SIZE_MAX: none. */
static size_t find_last(const char *bytes, size_t size, const char *text)
{
    size_t last = SIZE_MAX;
    for (size_t at = 0; (at = find(bytes, at, size, text)) != SIZE_MAX; at++)
        last = at;
    return last;
}

static bool inflate_stream(lab_pool *pool, const char *bytes, size_t size, const char *type, stream *s)
{
    size_t used = 0;
    s->head = find_last(bytes, size, type);
    s->data = s->head == SIZE_MAX ? SIZE_MAX : find(bytes, s->head, size, "stream\n");
    if (s->data == SIZE_MAX || find(bytes, s->head, s->data, filter) == SIZE_MAX)
        return false;
    s->data += strlen("stream\n");
    s->content = lab_alloc(pool, MOST_INFLATED, 1);
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    if (!decompressor)
        return false;
    const enum libdeflate_result result = libdeflate_zlib_decompress_ex(decompressor, bytes + s->data, size - s->data,
                                                                        s->content, MOST_INFLATED, &used, &s->size);
    libdeflate_free_decompressor(decompressor);
    s->end = s->data + used;
    return result == LIBDEFLATE_SUCCESS;
}

static bool fix_date(char *bytes, size_t size)
{
    const size_t at = find(bytes, 0, size, date_key);
    if (at == SIZE_MAX || at + strlen(date_key) + DATE_DIGITS > size)
        return false;
    memcpy(bytes + at + strlen(date_key), fixed_date, DATE_DIGITS);
    return true;
}

/* From `from` to `end`, without the name of the compression. */
static void copy_dictionary(lab_text *out, const char *bytes, size_t from, size_t end)
{
    const size_t at = find(bytes, from, end, filter);
    lab_append_bytes(out, bytes + from, at - from);
    lab_append_bytes(out, bytes + at + strlen(filter), end - at - strlen(filter));
}

/* The number of object `object`, of which "\nN 0 obj" is the beginning; its place is that of N. */
static size_t place_of_object(const char *bytes, size_t size, size_t object)
{
    char text[40];
    snprintf(text, sizeof text, "\n%zu 0 obj", object);
    const size_t at = find_last(bytes, size, text);
    return at == SIZE_MAX ? SIZE_MAX : at + 1;
}

/*
 * Entries of kind 1 of the cross-references, {kind, offset, generation} in 1, w and g bytes: offsets from the
 * new text.
 */
static bool renew_offsets(stream *s, const lab_text *out, size_t w, size_t g)
{
    const size_t row = 1 + w + g;
    for (size_t i = 0; i + row <= s->size; i += row) {
        if (s->content[i] != 1)
            continue;
        size_t place = place_of_object(out->data, out->used, i / row);
        if (place == SIZE_MAX || (w < sizeof place && place >> (8 * w)))
            return false;
        for (size_t k = w; k > 0; k--, place >>= 8)
            s->content[i + k] = (uint8_t)place;
    }
    return true;
}

/* "/Length 79" of the cross-references, the new length in its place. */
static bool copy_references(lab_text *out, const char *bytes, size_t from, stream *s)
{
    static const char key[] = "/Length ";
    const size_t begin = out->used, length = find(bytes, from, s->data, key),
                 widths = find(bytes, from, s->data, "/W [1 ");
    size_t w = 0, g = 0;
    if (length == SIZE_MAX || widths == SIZE_MAX || sscanf(bytes + widths, "/W [1 %zu %zu]", &w, &g) != 2 || w > 8 ||
        g > 8)
        return false;
    lab_append_bytes(out, bytes + from, length - from);
    lab_append(out, "%s%zu", key, s->size);
    copy_dictionary(out, bytes, length + strlen(key) + strspn(bytes + length + strlen(key), "0123456789"), s->data);
    if (!renew_offsets(s, out, w, g))
        return false;
    lab_append_bytes(out, (const char *)s->content, s->size);
    lab_append(out, "\nendstream\nendobj\nstartxref\n%zu\n%%%%EOF\n", begin);
    return true;
}

/* The file again from the stream with the date on. False: it is not of the form above. */
static bool rewrite(lab_pool *pool, lab_text *out, const char *bytes, size_t size)
{
    stream dated, references;
    size_t object = 0, old_length = 0;
    int used = 0;
    if (!inflate_stream(pool, bytes, size, "<< /Type /ObjStm", &dated) ||
        !inflate_stream(pool, bytes, size, "<< /Type /XRef", &references) ||
        !fix_date((char *)dated.content, dated.size) ||
        sscanf(bytes + dated.end, "\nendstream\nendobj\n%zu 0 obj\n%zu\nendobj\n%n", &object, &old_length, &used) !=
            2 ||
        !used || old_length != dated.end - dated.data || references.head < dated.end + (size_t)used)
        return false;
    lab_append_bytes(out, bytes, dated.head);
    copy_dictionary(out, bytes, dated.head, dated.data);
    lab_append_bytes(out, (const char *)dated.content, dated.size);
    lab_append(out, "\nendstream\nendobj\n%zu 0 obj\n   %zu\nendobj\n", object, dated.size);
    return copy_references(out, bytes, dated.end + (size_t)used, &references);
}

lenet_status lab_pdf_clear_date(const char *path, lenet_error *error)
{
    lab_pool pool = {.blocks = NULL};
    if (setjmp(pool.on_failure) == 0) {
        size_t size = 0;
        lab_text out = {.pool = &pool};
        char *bytes = lab_pool_read(&pool, path, MOST_BYTES, &size);
        if (fix_date(bytes, size))
            lab_append_bytes(&out, bytes, size);
        else if (!rewrite(&pool, &out, bytes, size))
            out.used = 0;
        if (out.used)
            lab_check(&pool, ln_write_file(path, out.data, out.used, &pool.error));
    }
    if (error)
        *error = pool.error;
    lab_pool_close(&pool);
    return pool.error.status;
}
