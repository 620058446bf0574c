/* SPDX-License-Identifier: MIT */
/*
 * option.c - see option.h. A kind is a row of `kinds`, and the cases of the functions that differ between
 * kinds.
 */
#include "util/option.h"

#include "util/error.h"
#include "util/nearest.h"
#include "util/number.h"

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

typedef enum type { WHOLE, REAL, TEXT } type;

/* How a field is held; of whole numbers, the largest. */
static const struct {
    type type;
    size_t size;
    uint64_t most;
} kinds[] = {
    [LN_OPTION_BOOL] = {WHOLE, sizeof(bool), 1},
    [LN_OPTION_FLAG] = {WHOLE, sizeof(int), 1},
    [LN_OPTION_INT] = {WHOLE, sizeof(int), INT_MAX},
    [LN_OPTION_SIZE] = {WHOLE, sizeof(size_t), SIZE_MAX},
    [LN_OPTION_U64] = {WHOLE, sizeof(uint64_t), UINT64_MAX},
    [LN_OPTION_REAL] = {REAL, sizeof(double), 0},
    [LN_OPTION_ENUM] = {WHOLE, sizeof(int), INT_MAX},
    [LN_OPTION_CHOICE] = {TEXT, sizeof(char *), 0},
    [LN_OPTION_TEXT] = {TEXT, sizeof(char *), 0},
};

int ln_option_is_flag(const ln_option *o) { return o->kind == LN_OPTION_BOOL || o->kind == LN_OPTION_FLAG; }
int ln_option_is_whole(const ln_option *o)
{
    return kinds[o->kind].type == WHOLE && !ln_option_is_flag(o) && o->kind != LN_OPTION_ENUM;
}

/* --------------------------------------------------------------------------------------------------------- fields */

uint64_t ln_option_whole(const ln_option *o, const void *field)
{
    switch (o->kind) {
    case LN_OPTION_BOOL: return *(const bool *)field;
    case LN_OPTION_SIZE: return *(const size_t *)field;
    case LN_OPTION_U64: return *(const uint64_t *)field;
    default: return (uint64_t) * (const int *)field; /* below 0: more than `most` */
    }
}

static void set_whole(const ln_option *o, uint64_t value, void *field)
{
    switch (o->kind) {
    case LN_OPTION_BOOL: *(bool *)field = value != 0; break;
    case LN_OPTION_SIZE: *(size_t *)field = (size_t)value; break;
    case LN_OPTION_U64: *(uint64_t *)field = value; break;
    default: *(int *)field = (int)value;
    }
}

static double real_of(const void *field) { return *(const double *)field; }

static double number_of(const ln_option *o, const void *field)
{
    if (o->kind == LN_OPTION_REAL)
        return real_of(field);
    return kinds[o->kind].most == INT_MAX ? *(const int *)field : (double)ln_option_whole(o, field);
}

static const char *text_of(const void *field) { return *(const char *const *)field; }

/* ---------------------------------------------------------------------------------------------------------- names */

static int is_called(const ln_option *o, const char *name)
{
    const char *own = o->name;
    while (*own && (*own == *name || (*own == '-' && *name == '_')))
        own++, name++;
    return *own == *name;
}

const ln_option *ln_option_find(const ln_option *table, const char *name)
{
    for (; name && table->name; table++)
        if (is_called(table, name))
            return table;
    return NULL;
}

const char *ln_option_nearest(const ln_option *table, const char *name)
{
    enum { MOST = 120 };
    const char *names[MOST + 1] = {NULL};
    for (size_t i = 0; i < MOST && table[i].name; i++)
        names[i] = table[i].name;
    return ln_nearest_name(name, names);
}

const char *ln_option_key(const ln_option *o, const char *more, char key[LN_OPTION_KEY])
{
    snprintf(key, LN_OPTION_KEY, "%s%s", o->name, more);
    for (char *c = key; *c; c++)
        *c = *c == '-' ? '_' : *c;
    return key;
}

const char *ln_option_file(const ln_option *o, const char *value)
{
    const size_t length = o->file_after ? strlen(o->file_after) : 0;
    if (!o->file_after || !value || strncmp(value, o->file_after, length) != 0)
        return NULL;
    for (const char *const *word = o->not_files; word && *word; word++)
        if (!strcmp(*word, value))
            return NULL;
    return value + length;
}

/* ---------------------------------------------------------------------------------------------------------- range */

static lenet_status refuse(const ln_option *o, const char *text, const char *why, lenet_error *error)
{
    return ln_fail(error, LENET_USAGE, "%s %s: %s", o->name, *text ? text : "''", why);
}

static int has_bounds(const ln_option *o) { return o->low != 0 || o->high != 0; }

static int is_in_range(const ln_option *o, double value)
{
    if (!has_bounds(o))
        return isfinite(value);
    return (o->open_low ? value > o->low : value >= o->low) && (o->open_high ? value < o->high : value <= o->high) &&
           isfinite(value);
}

const char *ln_option_range(const ln_option *o, char *text, size_t capacity)
{
    if (!has_bounds(o))
        snprintf(text, capacity, "%s", "");
    else if (isinf(o->high))
        snprintf(text, capacity, "%s %s %.15g", o->metavar, o->open_low ? ">" : ">=", o->low);
    else if (o->kind == LN_OPTION_REAL)
        snprintf(text, capacity, "%.15g %s %s %s %.15g", o->low, o->open_low ? "<" : "<=", o->metavar,
                 o->open_high ? "<" : "<=", o->high);
    else
        snprintf(text, capacity, "%.15g..%.15g", o->low, o->high);
    return text;
}

static lenet_status refuse_range(const ln_option *o, const char *text, lenet_error *error)
{
    char range[96], why[128];
    ln_option_range(o, range, sizeof range);
    if (*range)
        snprintf(why, sizeof why, "out of range, must be %s", range);
    else
        snprintf(why, sizeof why, "out of range, must be 0..%ju", (uintmax_t)kinds[o->kind].most);
    return refuse(o, text, why, error);
}

/* ------------------------------------------------------------------------------------------------------- from text */

static lenet_status parse_flag(const ln_option *o, const char *text, void *field, lenet_error *error)
{
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return refuse(o, text, "it takes no value, or true or false", error);
    set_whole(o, !strcmp(text, "true"), field);
    return LENET_OK;
}

static lenet_status parse_whole(const ln_option *o, const char *text, void *field, lenet_error *error)
{
    uint64_t value = 0;
    const ln_reading read = ln_read_natural(text, &value);
    if (read == LN_READ_NOT_A_NUMBER)
        return refuse(o, text, "not a whole number", error);
    if (read || value > kinds[o->kind].most || !is_in_range(o, (double)value))
        return refuse_range(o, text, error);
    set_whole(o, value, field);
    return LENET_OK;
}

static lenet_status parse_real(const ln_option *o, const char *text, double *field, lenet_error *error)
{
    double value = 0;
    const ln_reading read = ln_read_real(text, &value);
    if (read == LN_READ_NOT_A_NUMBER)
        return refuse(o, text, "not a number", error);
    if (read)
        return refuse(o, text, "more than a number can hold", error);
    if (!is_in_range(o, value))
        return refuse_range(o, text, error);
    *field = value;
    return LENET_OK;
}

static void append(char *text, size_t capacity, const char *more, const char *word)
{
    const size_t used = strlen(text);
    snprintf(text + used, capacity - used, "%s%s", more, word);
}

static lenet_status refuse_name(const ln_option *o, const char *text, lenet_error *error)
{
    char why[512] = "", name[48];
    const char *refusal = o->refusal ? o->refusal(text) : NULL, *near;
    snprintf(name, sizeof name, "%.*s", (int)ln_choice_length(text), text);
    append(why, sizeof why, refusal ? refusal : "unknown", "; ");
    if (!refusal && (near = ln_nearest_name(name, o->names)) != NULL)
        append(why, sizeof why, "did you mean ", near), append(why, sizeof why, "? ", "");
    append(why, sizeof why, "it can be", "");
    for (size_t i = 0; o->names[i]; i++)
        append(why, sizeof why, i ? ", " : " ", o->names[i]);
    return refuse(o, text, why, error);
}

/* The place of the name, which a choice may follow by numbers, and a writer have in capitals. */
static lenet_status find_name(const ln_option *o, const char *text, size_t *place, lenet_error *error)
{
    for (*place = 0; o->names[*place]; ++*place)
        if (o->kind == LN_OPTION_CHOICE ? ln_choice_is(text, o->names[*place]) : !strcmp(text, o->names[*place]))
            return LENET_OK;
    for (*place = 0; o->names[*place]; ++*place)
        if (!strcasecmp(text, o->names[*place]))
            return LENET_OK;
    return refuse_name(o, text, error);
}

lenet_status ln_option_parse(const ln_option *o, const char *text, void *field, lenet_error *error)
{
    size_t place = 0;
    lenet_status status = LENET_OK;
    if (ln_option_is_flag(o))
        return parse_flag(o, text, field, error);
    if (ln_option_is_whole(o))
        return parse_whole(o, text, field, error);
    if (o->kind == LN_OPTION_REAL)
        return parse_real(o, text, field, error);
    if (o->kind == LN_OPTION_TEXT && !*text)
        return refuse(o, text, "must not be empty", error);
    if (o->kind == LN_OPTION_TEXT)
        status = o->check ? o->check(text, error) : LENET_OK;
    else
        status = find_name(o, text, &place, error);
    if (status)
        return status;
    if (o->kind == LN_OPTION_ENUM)
        *(int *)field = (int)place;
    else
        *(const char **)field = o->kind == LN_OPTION_TEXT || text[ln_choice_length(text)] ? text : o->names[place];
    return LENET_OK;
}

/* ------------------------------------------------------------------------------------------------ as they are held */

int ln_option_is_default(const ln_option *o, const void *field)
{
    if (kinds[o->kind].type == TEXT)
        return o->fallback && !text_of(field);
    if (!o->fallback || ln_option_is_flag(o) || o->kind == LN_OPTION_ENUM)
        return 0;
    if (o->kind == LN_OPTION_REAL)
        return o->low == 0 && !o->open_low ? isnan(real_of(field)) : real_of(field) == 0;
    return !ln_option_whole(o, field);
}

int ln_option_is_equal(const ln_option *o, const void *a, const void *b)
{
    if (kinds[o->kind].type == WHOLE)
        return ln_option_whole(o, a) == ln_option_whole(o, b);
    if (kinds[o->kind].type == REAL)
        return real_of(a) == real_of(b) || (isnan(real_of(a)) && isnan(real_of(b)));
    const char *x = text_of(a), *y = text_of(b);
    return x == y || (x && y && !strcmp(x, y));
}

const char *ln_option_format(const ln_option *o, const void *field, char text[LN_OPTION_LENGTH])
{
    if (ln_option_is_flag(o))
        return ln_option_whole(o, field) ? "true" : "false";
    if (o->kind == LN_OPTION_ENUM)
        return o->names[*(const int *)field];
    if (kinds[o->kind].type == TEXT)
        return text_of(field);
    if (kinds[o->kind].type == REAL)
        return ln_shortest_number(real_of(field), text);
    snprintf(text, LN_OPTION_LENGTH, "%ju", (uintmax_t)ln_option_whole(o, field));
    return text;
}

lenet_status ln_option_check(const ln_option *o, const void *field, lenet_error *error)
{
    char text[LN_OPTION_LENGTH];
    size_t place = 0;
    if (o->kind == LN_OPTION_TEXT || ln_option_is_flag(o) || ln_option_is_default(o, field))
        return LENET_OK;
    if (o->kind == LN_OPTION_CHOICE)
        return find_name(o, text_of(field) ? text_of(field) : "", &place, error);
    const double value = number_of(o, field);
    snprintf(text, sizeof text, "%.15g", value);
    if (o->kind == LN_OPTION_ENUM) {
        while (o->names[place])
            place++;
        return value < 0 || value >= (double)place ? refuse(o, text, "not one of its values", error) : LENET_OK;
    }
    return is_in_range(o, value) ? LENET_OK : refuse_range(o, text, error);
}
