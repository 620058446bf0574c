/* SPDX-License-Identifier: MIT */
/*
 * npy.c - see npy.h. A .npy:
 *
 *     OFFSET    SIZE   MEANING
 *     0         6      93 "NUMPY"
 *     6         2      version: 1, 2 or 3; minor 0
 *     8         2      length of the header, little-endian; from version 2 on 4 bytes
 *     10 or 12  -      the header: a literal of Python, {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
 *     -         -      the elements, to the end of the file
 */
#include "data/npy.h"

#include "util/error.h"
#include "util/memory.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ----------------------------------------------------------------------------------------------------- the header */

typedef struct cursor {
    const char *at, *end;
} cursor;

static void skip_blanks(cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\t'))
        c->at++;
}

static int take(cursor *c, char wanted)
{
    skip_blanks(c);
    const int is_there = c->at < c->end && *c->at == wanted;
    c->at += is_there;
    return is_there;
}

static int take_word(cursor *c, const char *word)
{
    const size_t length = strlen(word);
    skip_blanks(c);
    const int is_there = (size_t)(c->end - c->at) >= length && !memcmp(c->at, word, length);
    c->at += is_there ? length : 0;
    return is_there;
}

/* 'text' in either quotes, at most capacity - 1 characters. */
static int take_text(cursor *c, char *text, size_t capacity)
{
    skip_blanks(c);
    const char quote = c->at < c->end ? *c->at : 0;
    size_t used = 0;
    if (quote != '\'' && quote != '"')
        return 0;
    for (c->at++; c->at < c->end && *c->at != quote; c->at++) {
        if (used + 1 == capacity || *c->at == '\\')
            return 0;
        text[used++] = *c->at;
    }
    text[used] = '\0';
    return take(c, quote);
}

static int take_number(cursor *c, size_t *number)
{
    size_t value = 0;
    skip_blanks(c);
    const char *begin = c->at;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
        if (value > (SIZE_MAX - 9) / 10)
            return 0;
        value = 10 * value + (size_t)(*c->at - '0');
    }
    c->at += c->at < c->end && *c->at == 'L'; /* Python 2 */
    *number = value;
    return c->at > begin;
}

/* (), (3,), (2, 3). 0: something else, or more dimensions than are read. */
static int take_shape(cursor *c, ln_array *a)
{
    if (!take(c, '('))
        return 0;
    for (a->rank = 0; !take(c, ')'); a->rank++)
        if (a->rank == LN_ARRAY_RANK || !take_number(c, &a->dimensions[a->rank]) ||
            (!take(c, ',') && (!a->rank || c->at == c->end || *c->at != ')')))
            return 0;
    return 1;
}

/* "<f4", "|u1", ">i8", "|b1". 0: a type that is not read. */
static int read_type(const char *text, ln_array *a)
{
    static const char kinds[] = "buif"; /* in the order of ln_element */
    const char *kind = strlen(text) == 3 && text[1] ? strchr(kinds, text[1]) : NULL;
    const int bytes = kind ? text[2] - '0' : 0;
    if (!kind || !strchr("<>|=", text[0]) || (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8))
        return 0;
    a->element = (ln_element)(kind - kinds);
    a->bytes = bytes;
    a->is_big_endian = text[0] == '>';
    const int is_wrong =
        (a->element == LN_BOOL && bytes > 1) || (a->element == LN_REAL && bytes < 4) || (bytes > 1 && text[0] == '|');
    return !is_wrong;
}

static lenet_status parse_header(ln_array *a, const char *text, size_t length, lenet_error *error)
{
    cursor c = {text, text + length};
    char key[32], type[32] = "";
    int has_order = 0, has_shape = 0, is_sound = take(&c, '{');
    while (is_sound && !take(&c, '}')) {
        is_sound = take_text(&c, key, sizeof key) && take(&c, ':');
        if (is_sound && !strcmp(key, "descr")) {
            if (!take_text(&c, type, sizeof type))
                return ln_fail(error, LENET_INPUT, "%s: records of several fields, where numbers are needed", a->path);
        } else if (is_sound && !strcmp(key, "fortran_order")) {
            a->is_fortran = take_word(&c, "True");
            is_sound = has_order = a->is_fortran || take_word(&c, "False");
        } else if (is_sound && !strcmp(key, "shape")) {
            is_sound = has_shape = take_shape(&c, a);
        } else {
            is_sound = 0;
        }
        if (is_sound && !take(&c, ',')) {
            is_sound = take(&c, '}');
            break;
        }
    }
    skip_blanks(&c);
    if (!is_sound || !*type || !has_order || !has_shape || c.at != c.end)
        return ln_fail(error, LENET_INPUT, "%s: damaged npy header, or an array of more than %d dimensions", a->path,
                       LN_ARRAY_RANK);
    if (type[1] == 'O')
        return ln_fail(error, LENET_INPUT,
                       "%s: an array of Python objects; save it as numbers, for what is pickled is not executed",
                       a->path);
    if (!read_type(type, a))
        return ln_fail(error, LENET_INPUT,
                       "%s: elements of type '%s'; read are bool, whole numbers, float32 and float64", a->path, type);
    return LENET_OK;
}

lenet_status ln_npy_parse(const char *path, const unsigned char *data, size_t size, ln_array *array, lenet_error *error)
{
    ln_array a = {.path = path};
    if (size < 10 || memcmp(data, "\x93NUMPY", 6) != 0)
        return ln_fail(error, LENET_INPUT, "%s: not a npy file: it does not begin as one", path);
    const int version = data[6];
    if (version < 1 || version > 3 || data[7] || (version > 1 && size < 12))
        return ln_fail(error, LENET_INPUT, "%s: npy version %d.%d, or truncated; read are 1.0 to 3.0", path, version,
                       data[7]);
    const size_t begin = version == 1 ? 10 : 12;
    size_t length = data[8] | (size_t)data[9] << 8;
    length |= version == 1 ? 0 : (size_t)data[10] << 16 | (size_t)data[11] << 24;
    if (length > size - begin)
        return ln_fail(error, LENET_INPUT, "%s: truncated: its header has %zu bytes, and the file %zu", path, length,
                       size);
    lenet_status status = parse_header(&a, (const char *)data + begin, length, error);
    a.data = data + begin + length;
    if (!status)
        status = ln_array_measure(&a, size - begin - length, error);
    if (!status)
        *array = a;
    return status;
}

/* ---------------------------------------------------------------------------------------------------- the archive */

enum { BEST_RATIO = 1032 /* of deflate */, MOST_MEMBERS = 256, FIRST_ROOM = 1 << 16 };

typedef struct reader {
    struct archive *archive;
    const char *path;
    size_t left; /* bytes that may still be unpacked */
    lenet_error *error;
} reader;

static lenet_status fail_reading(const reader *r)
{
    const char *words = archive_error_string(r->archive);
    if (archive_errno(r->archive) == ENOMEM)
        return ln_fail(r->error, LENET_FAILURE, "%s: out of memory", r->path);
    return ln_fail(r->error, LENET_INPUT, "%s: damaged zip archive: %s", r->path, words ? words : "it cannot be read");
}

/* Doubles the room of *data. */
static lenet_status grow(const reader *r, unsigned char **data, size_t used, size_t *room)
{
    const size_t wanted = *room ? (*room > SIZE_MAX / 2 ? SIZE_MAX : 2 * *room) : FIRST_ROOM,
                 more = wanted < r->left + 1 ? wanted : r->left + 1;
    unsigned char *made = ln_alloc(more, 1);
    if (!made)
        return ln_fail_memory(r->error, r->path, more);
    if (used)
        memcpy(made, *data, used);
    ln_free(*data);
    *data = made, *room = more;
    return LENET_OK;
}

/* To the end, where libarchive compares the checksum. What is read is *data even where it fails. */
static lenet_status read_member(reader *r, unsigned char **data, size_t *size)
{
    size_t room = 0;
    for (;;) {
        lenet_status status = *size == room ? grow(r, data, *size, &room) : LENET_OK;
        if (status)
            return status;
        const la_ssize_t got = archive_read_data(r->archive, *data + *size, room - *size);
        if (got < 0)
            return fail_reading(r);
        if (!got)
            break;
        *size += (size_t)got;
        if (*size > r->left)
            return ln_fail(r->error, LENET_INPUT, "%s: unpacks to more than such a file can hold", r->path);
    }
    r->left -= *size;
    return LENET_OK;
}

/* NAME.npy, into the next place. What is no array is passed over. */
static lenet_status visit_member(reader *r, ln_npz *npz, struct archive_entry *entry)
{
    const char *name = archive_entry_pathname(entry);
    const size_t length = name ? strlen(name) : 0;
    if (length < 5 || strcmp(name + length - 4, ".npy") != 0 || length - 4 >= LN_NPZ_NAME)
        return LENET_OK;
    for (size_t i = 0; i < npz->count; i++)
        if (strlen(npz->array[i].name) == length - 4 && !memcmp(npz->array[i].name, name, length - 4))
            return ln_fail(r->error, LENET_INPUT, "%s: the member %s is there twice", r->path, name);
    if (npz->count == LN_NPZ_ARRAYS)
        return ln_fail(r->error, LENET_INPUT, "%s: more than %d arrays", r->path, LN_NPZ_ARRAYS);
    const size_t at = npz->count++;
    memcpy(npz->array[at].name, name, length - 4);
    return read_member(r, &npz->array[at].data, &npz->array[at].size);
}

static lenet_status read_members(reader *r, ln_npz *npz)
{
    for (int members = 0;; members++) {
        struct archive_entry *entry = NULL;
        const int got = archive_read_next_header(r->archive, &entry);
        if (got == ARCHIVE_EOF)
            return LENET_OK;
        if (got != ARCHIVE_OK)
            return fail_reading(r);
        if (members == MOST_MEMBERS)
            return ln_fail(r->error, LENET_INPUT, "%s: more than %d members", r->path, MOST_MEMBERS);
        const lenet_status status = visit_member(r, npz, entry);
        if (status)
            return status;
    }
}

lenet_status ln_npz_parse(ln_npz *npz, const char *path, const unsigned char *data, size_t size, size_t limit,
                          lenet_error *error)
{
    const size_t most = size > SIZE_MAX / BEST_RATIO ? SIZE_MAX - 1 : size * BEST_RATIO;
    reader r = {archive_read_new(), path, most < limit ? most : limit, error};
    memset(npz, 0, sizeof *npz);
    snprintf(npz->path, sizeof npz->path, "%s", path);
    lenet_status status = LENET_OK;
    if (!r.archive || archive_read_support_format_zip(r.archive) != ARCHIVE_OK)
        status = ln_fail(error, LENET_FAILURE, "%s: libarchive cannot be started", path);
    else if (archive_read_open_memory(r.archive, data, size) != ARCHIVE_OK)
        status = fail_reading(&r);
    else
        status = read_members(&r, npz);
    archive_read_free(r.archive);
    if (status)
        ln_npz_close(npz);
    return status;
}

void ln_npz_close(ln_npz *npz)
{
    for (size_t i = 0; i < npz->count; i++)
        ln_free(npz->array[i].data);
    npz->count = 0;
}

const char *ln_npz_find(const ln_npz *npz, const char *name)
{
    for (size_t i = 0; i < npz->count; i++)
        if (!strcasecmp(npz->array[i].name, name))
            return npz->array[i].name;
    return NULL;
}

lenet_status ln_npz_array(const ln_npz *npz, const char *name, char *path, size_t capacity, ln_array *array,
                          lenet_error *error)
{
    size_t i = 0;
    while (i < npz->count && strcmp(npz->array[i].name, name) != 0)
        i++;
    if (i == npz->count)
        return ln_fail(error, LENET_INPUT, "%s: has no array %s", npz->path, name);
    snprintf(path, capacity, "%s:%s", npz->path, name);
    return ln_npy_parse(path, npz->array[i].data, npz->array[i].size, array, error);
}
