/* SPDX-License-Identifier: MIT */
/* json.c - values and documents; jansson does the writing, and numbers are shortened afterwards. */
#include "lab/text/json.h"

#include "util/number.h"
#include "util/printable.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *value_of_number(double number) { return isfinite(number) ? json_real(number) : json_null(); }

json_t *value_of_unsigned(uint64_t number)
{
    char digits[32];
    if (number <= INT64_MAX)
        return json_integer((json_int_t)number);
    snprintf(digits, sizeof digits, "%ju", (uintmax_t)number);
    return json_string(digits);
}

/*
 * Length of the sound UTF-8 sequence that `text` begins with, 0 if it is not one. jansson decides, so that
 * both agree.
 */
static size_t sequence_length(const char *text)
{
    for (size_t length = 1; length <= 4; length++) {
        json_t *value = json_stringn(text, length);
        json_decref(value);
        if (value)
            return length;
        if (!text[length])
            break;
    }
    return 0;
}

static json_t *repaired_text(const char *text)
{
    char *sound = malloc(3 * strlen(text) + 1);
    if (!sound)
        return NULL;
    size_t used = 0;
    while (*text) {
        const size_t length = sequence_length(text);
        memcpy(sound + used, length ? text : "\xef\xbf\xbd", length ? length : 3);
        used += length ? length : 3;
        text += length ? length : 1;
    }
    json_t *value = json_stringn(sound, used);
    free(sound);
    return value;
}

json_t *value_of_text(const char *text)
{
    if (!text)
        return json_null();
    json_t *value = json_string(text);
    return value ? value : repaired_text(text);
}

/*
 * Copies the number at `from` to `to` with the fewest digits that read back as the same double; returns what
 * was read and written.
 */
static size_t copy_number(const char *from, char *to, size_t *written)
{
    const size_t length = strspn(from, "+-.0123456789eE");
    char digits[LN_NUMBER_LENGTH];
    if (!memchr(from, '.', length) && !memchr(from, 'e', length)) { /* whole numbers stay as they are */
        memcpy(to, from, length);
        *written = length;
        return length;
    }
    ln_shortest_number(strtod(from, NULL), digits);
    strcpy(to, digits);
    if (!strpbrk(digits, ".e")) /* or readers take it for a whole number */
        strcat(to, ".0");
    *written = strlen(to);
    return length;
}

/* What a terminal would obey is escaped, as jansson does with what is below U+0020. */
static size_t copy_character(const char *from, char **to)
{
    uint32_t hidden;
    const size_t length = ln_character(from, &hidden);
    if (hidden > 0x7e && hidden <= 0xffff) {
        *to += sprintf(*to, "\\u%04x", (unsigned)hidden);
    } else {
        memcpy(*to, from, length);
        *to += length;
    }
    return length;
}

/*
 * Copies a document with its numbers shortened; strings are left alone. `to` has room for three times the
 * text.
 */
static char *copy_shortened(const char *from, char *to)
{
    bool is_string = false;
    while (*from) {
        if (!is_string && (*from == '-' || (*from >= '0' && *from <= '9'))) {
            size_t written = 0;
            from += copy_number(from, to, &written);
            to += written;
            continue;
        }
        if (is_string && *from == '\\')
            *to++ = *from++;
        else if (*from == '"')
            is_string = !is_string;
        from += copy_character(from, &to);
    }
    return to;
}

static atomic_bool lacked_memory;

enum { RESERVE = 1 << 20 };
static _Alignas(max_align_t) char reserve[RESERVE]; /* used from its beginning, and not given back */
static atomic_size_t reserve_used;

static void *allocate(size_t size)
{
    void *memory = malloc(size);
    if (memory)
        return memory;
    const size_t part = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    const size_t at = size < RESERVE ? atomic_fetch_add(&reserve_used, part) : RESERVE;
    if (at < RESERVE && part <= RESERVE - at)
        return reserve + at;
    atomic_store(&lacked_memory, true);
    return NULL;
}

static void give_back(void *memory)
{
    const uintptr_t at = (uintptr_t)memory, first = (uintptr_t)reserve;
    if (at < first || at >= first + RESERVE)
        free(memory);
}

void json_watch_memory(void) { json_set_alloc_funcs(allocate, give_back); }

bool json_lacked_memory(void) { return atomic_load(&lacked_memory); }

char *json_text(const json_t *value, size_t flags)
{
    const size_t size = json_dumpb(value, NULL, 0, flags);
    char *text = size ? malloc(size + 1) : NULL;
    if (text && json_dumpb(value, text, size, flags) != size) {
        free(text);
        return NULL;
    }
    if (text)
        text[size] = '\0';
    return text;
}

static char *write_shortened(const json_t *document, size_t flags, const char *end)
{
    char *whole = document && !json_lacked_memory() ? json_text(document, flags | JSON_REAL_PRECISION(17)) : NULL;
    char *text = whole ? malloc(3 * strlen(whole) + LN_NUMBER_LENGTH) : NULL; /* for the caller to free */
    if (text)
        strcpy(copy_shortened(whole, text), end);
    free(whole);
    return text;
}

static void keep_if(json_t **built, bool is_whole)
{
    if (is_whole)
        return;
    json_decref(*built);
    *built = NULL;
}

void add_to_list(json_t **list, json_t *value) { keep_if(list, !json_array_append_new(*list, value)); }

void add_to_object(json_t **object, const char *key, json_t *value)
{
    keep_if(object, !json_object_set_new(*object, key, value));
}

void add_all_to_object(json_t **object, json_t *others)
{
    keep_if(object, others && *object && !json_object_update(*object, others));
    json_decref(others);
}

json_t *json_read(const char *text, bool *lacks_memory)
{
    errno = 0;
    json_t *value = json_loads(text, 0, NULL);
    /* Jansson takes a token that it had no memory for as one that does not fit, or as a shorter one */
    *lacks_memory = errno == ENOMEM;
    if (!*lacks_memory)
        return value;
    json_decref(value);
    return NULL;
}

char *document_text(const json_t *document)
{
    return write_shortened(document, JSON_INDENT(2) | JSON_PRESERVE_ORDER, "\n");
}

char *json_line(const json_t *document) { return write_shortened(document, JSON_COMPACT | JSON_SORT_KEYS, ""); }
