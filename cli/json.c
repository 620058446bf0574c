/* SPDX-License-Identifier: MIT */
/* json.c - values and documents; jansson does the writing, and numbers are shortened afterwards. */
#include "cli/json.h"

#include "cli/terminal.h"
#include "lenet/lenet.h"

#include <math.h>
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

/* Length of the sound UTF-8 sequence that `text` begins with, 0 if it is not one. jansson is asked, so that both agree. */
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

/* Copies the number at *from to *to with the fewest digits that read back as the same double; a whole number stays as it is. */
static void copy_number(const char **from, char **to)
{
    const size_t length = strspn(*from, "+-.0123456789eE");
    if (memchr(*from, '.', length) || memchr(*from, 'e', length)) {
        const double value = strtod(*from, NULL);
        char digits[40];
        int precision = 15;
        do
            snprintf(digits, sizeof digits, "%.*g", precision, value);
        while (precision++ < 17 && strtod(digits, NULL) != value);
        const char *end = strpbrk(digits, ".e") ? "" : ".0"; /* or readers take it for an integer */
        *to += sprintf(*to, "%s%s", digits, end);
    } else {
        memcpy(*to, *from, length);
        *to += length;
    }
    *from += length;
}

/* Shortens numbers in place: what jansson wrote has 17 digits, so nothing becomes longer. Strings are left alone. */
static void shorten_numbers(char *text)
{
    const char *from = text;
    bool is_string = false;
    while (*from) {
        if (!is_string && (*from == '-' || (*from >= '0' && *from <= '9'))) {
            copy_number(&from, &text);
            continue;
        }
        if (is_string && *from == '\\')
            *text++ = *from++;
        else if (*from == '"')
            is_string = !is_string;
        *text++ = *from++;
    }
    strcpy(text, "\n");
}

char *document_text(const json_t *document)
{
    const size_t flags = JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(17);
    const size_t size = document ? json_dumpb(document, NULL, 0, flags) : 0;
    char *text = size ? malloc(size + 2) : NULL;
    if (!text)
        return NULL;
    text[json_dumpb(document, text, size, flags)] = '\0';
    shorten_numbers(text);
    return text;
}

int print_document(json_t *document)
{
    char *text = document_text(document);
    json_decref(document);
    if (!text)
        return report_no_memory();
    fputs(text, stdout);
    free(text);
    return LENET_OK;
}
