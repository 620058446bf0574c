/* SPDX-License-Identifier: MIT */
/* csv.c - see csv.h. Nothing is copied: fields lie where they were in the text, without their quotes. */
#include "lab/text/csv.h"

#include "util/error.h"
#include "util/printable.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_COLUMNS = 4 * 1024 * 1024 };

/* How often `wanted` separates fields in the first line. */
static size_t count_in_first_line(const char *text, char wanted)
{
    size_t count = 0;
    for (int quoted = 0; *text && (quoted || (*text != '\n' && *text != '\r')); text++) {
        quoted ^= *text == '"';
        count += !quoted && *text == wanted;
    }
    return count;
}

static lenet_status check_text(const char *path, const char *text, size_t size, lenet_error *error)
{
    if (size >= 2 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2)))
        return ln_fail(error, LENET_INPUT, "%s: UTF-16 text; save it as UTF-8", path);
    if (memchr(text, '\0', size))
        return ln_fail(error, LENET_INPUT, "%s: no CSV file: it has bytes that are no text", path);
    return LENET_OK;
}

lenet_status lab_csv_open(lab_csv *csv, const char *path, char *text, size_t size, lenet_error *error)
{
    static const char separators[] = ",;\t";
    lab_csv made = {.path = path, .text = text, .at = text, .end = text + size};
    lenet_status status = check_text(path, text, size, error);
    if (status)
        return status;
    made.at += size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;
    for (made.line = 1; *made.at == '\n' || *made.at == '\r'; made.at++)
        made.line += *made.at == '\n';
    if (made.at == made.end)
        return ln_fail(error, LENET_INPUT, "%s: empty", path);
    for (const char *s = separators; *s; s++) {
        const size_t count = count_in_first_line(made.at, *s);
        if (count + 1 > made.columns)
            made.columns = count + 1, made.separator = *s;
    }
    if (made.columns > MOST_COLUMNS)
        return ln_fail(error, LENET_INPUT, "%s: %zu columns, more than %d", path, made.columns, MOST_COLUMNS);
    made.field = calloc(made.columns, sizeof *made.field);
    if (!made.field)
        return ln_fail_memory(error, path, made.columns * sizeof *made.field);
    made.line--;
    *csv = made;
    return LENET_OK;
}

void lab_csv_close(lab_csv *csv)
{
    free(csv->field);
    *csv = (lab_csv){.field = NULL};
}

/* The field in quotes at csv->at, ended by NUL; csv->at is then at what follows. 0: the quotes do not end. */
static int take_quoted(lab_csv *csv, size_t *lines)
{
    char *to = csv->at, *from = csv->at + 1;
    for (; from < csv->end; from++) {
        if (*from == '"' && from[1] != '"') {
            csv->at = from + 1;
            *to = '\0'; /* at or before the closing quote */
            return 1;
        }
        from += *from == '"';
        *lines += *from == '\n';
        *to++ = *from;
    }
    return 0;
}

/*
 * What ends the field: the separator, '\n', or '\0' at the end of the text. The field is ended by NUL in its
 * place.
 */
static char end_field(lab_csv *csv)
{
    char *at = csv->at;
    const char found = *at;
    if (at < csv->end)
        csv->at++;
    *at = '\0';
    if (found == '\r' && csv->at < csv->end && *csv->at == '\n')
        csv->at++;
    return found == '\r' ? '\n' : found;
}

static void skip_empty_lines(lab_csv *csv)
{
    for (; csv->at < csv->end && (*csv->at == '\n' || *csv->at == '\r'); csv->at++)
        csv->line += *csv->at == '\n';
}

lenet_status lab_csv_next(lab_csv *csv, int *more, lenet_error *error)
{
    size_t count = 0, lines = 0;
    skip_empty_lines(csv);
    *more = csv->at < csv->end;
    csv->line += *more != 0;
    for (char last = csv->separator; *more && last == csv->separator;) {
        char *field = csv->at;
        if (*field == '"') {
            if (!take_quoted(csv, &lines))
                return ln_fail(error, LENET_INPUT, "%s: line %zu: quotes that do not end", csv->path, csv->line);
        } else {
            while (csv->at < csv->end && *csv->at != csv->separator && *csv->at != '\n' && *csv->at != '\r')
                csv->at++;
        }
        last = end_field(csv);
        if (last != csv->separator && last != '\n' && last != '\0')
            return ln_fail(error, LENET_INPUT, "%s: line %zu: text after the quotes of a field", csv->path, csv->line);
        if (count < csv->columns)
            csv->field[count] = field;
        count++;
    }
    if (*more && count != csv->columns)
        return ln_fail(error, LENET_INPUT, "%s: line %zu: %zu fields, where the first line has %zu", csv->path,
                       csv->line, count, csv->columns);
    csv->line += lines;
    return LENET_OK;
}

size_t lab_csv_find(const lab_csv *csv, const char *const *names)
{
    size_t at = 0;
    for (; at < csv->columns; at++)
        for (const char *const *name = names; *name; name++)
            if (!strcasecmp(csv->field[at], *name))
                return at;
    return at;
}

void lab_csv_write(const char *text, void (*put)(void *context, const char *bytes, size_t count), void *context)
{
    const size_t quotes = strpbrk(text, ",\"") ? 1 : 0;
    put(context, "\"", quotes);
    put(context, "'", ln_is_formula(text) ? 1 : 0);
    while (*text) {
        uint32_t hidden;
        const size_t length = ln_character(text, &hidden);
        put(context, "\"", *text == '"' ? 1 : 0);
        if (hidden)
            put(context, strchr("\t\n\v\f\r", *text) ? " " : "?", 1);
        else
            put(context, text, length);
        text += length;
    }
    put(context, "\"", quotes);
}
