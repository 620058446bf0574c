/* SPDX-License-Identifier: MIT */
/* number.c - see number.h. */
#include "util/number.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* strtod and strtoull forgive blanks, signs and hexadecimal; a setting does not mean them. */
static int is_made_of(const char *text, const char *characters) { return *text && !text[strspn(text, characters)]; }

ln_reading ln_read_real(const char *text, double *number)
{
    if (!is_made_of(text, "0123456789.eE+-"))
        return LN_READ_NOT_A_NUMBER;
    char *end = NULL;
    const locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0),
                   before = plain ? uselocale(plain) : (locale_t)0;
    errno = 0;
    const double value = strtod(text, &end);
    const int failed = errno;
    if (plain) {
        uselocale(before);
        freelocale(plain);
    }
    if (end == text || *end)
        return LN_READ_NOT_A_NUMBER;
    if (failed)
        return LN_READ_TOO_LARGE;
    *number = value;
    return LN_READ;
}

ln_reading ln_read_natural(const char *text, uint64_t *number)
{
    if (!is_made_of(text + (*text == '-' || *text == '+'), "0123456789"))
        return LN_READ_NOT_A_NUMBER;
    errno = 0;
    const unsigned long long value = strtoull(text, NULL, 10);
    if (errno || (*text == '-' && value))
        return LN_READ_TOO_LARGE;
    *number = value;
    return LN_READ;
}

size_t ln_read_reals(const char *text, double *numbers, size_t capacity)
{
    size_t count = 0;
    for (int is_last = 0; !is_last; count++) {
        char word[64];
        const size_t length = strcspn(text, ",");
        double number;
        is_last = !text[length];
        if (length >= sizeof word)
            return 0;
        memcpy(word, text, length);
        word[length] = '\0';
        if (ln_read_real(word, &number))
            return 0;
        if (count < capacity)
            numbers[count] = number;
        text += length + 1;
    }
    return count;
}

size_t ln_choice_length(const char *text) { return strcspn(text, ":"); }

int ln_choice_is(const char *text, const char *name)
{
    return strlen(name) == ln_choice_length(text) && !strncmp(text, name, strlen(name));
}

/* One "VALUE" or "KEY=VALUE" of `length` characters; `place` counts the values without a key. */
static int read_piece(const char *piece, size_t length, const ln_choice_number *numbers, double *values, int *place,
                      char why[160])
{
    char text[64];
    if (length >= sizeof text)
        return snprintf(why, 160, "'%.40s...' is too long", piece), 0;
    snprintf(text, sizeof text, "%.*s", (int)length, piece);
    char *equals = strchr(text, '='), *value = equals ? equals + 1 : text;
    int at = 0;
    if (equals) {
        *equals = '\0';
        while (numbers[at].key && strcmp(numbers[at].key, text))
            at++;
        if (!numbers[at].key)
            return snprintf(why, 160, "it has no number '%s'", text), 0;
    } else {
        while (at < *place && numbers[at].key)
            at++;
        (*place)++;
        if (!numbers[at].key)
            return snprintf(why, 160, "'%s' is one number too many", text), 0;
    }
    const ln_choice_number *number = &numbers[at];
    if (ln_read_real(value, &values[at]))
        return snprintf(why, 160, "%s: '%s' is not a number", number->key, value), 0;
    if (!(values[at] >= number->least && values[at] <= number->most))
        return snprintf(why, 160, "%s: %s is not between %g and %g", number->key, value, number->least, number->most),
               0;
    return 1;
}

int ln_choice_read(const char *text, const ln_choice_number *numbers, double *values, char why[160])
{
    int place = 0;
    for (int i = 0; numbers[i].key; i++)
        values[i] = numbers[i].fallback;
    for (text += ln_choice_length(text); *text; text += ln_choice_length(text))
        if (!read_piece(text + 1, ln_choice_length(text + 1), numbers, values, &place, why))
            return 0;
        else
            text++;
    for (int i = 0; numbers[i].key; i++)
        if (isnan(values[i]))
            return snprintf(why, 160, "it needs its number '%s'", numbers[i].key), 0;
    return 1;
}

char *ln_shortest_number(double number, char text[LN_NUMBER_LENGTH])
{
    int precision = 15;
    text[0] = '\0';
    if (!isfinite(number))
        return text;
    do
        snprintf(text, LN_NUMBER_LENGTH, "%.*g", precision, number);
    while (precision++ < 17 && strtod(text, NULL) != number);
    char *comma = strchr(text, ',');
    if (comma)
        *comma = '.';
    return text;
}
