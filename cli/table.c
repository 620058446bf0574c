/* SPDX-License-Identifier: MIT */
/* table.c - see table.h. */
#include "cli/table.h"

#include "cli/terminal.h"
#include "lab/text/csv.h"
#include "lab/text/json.h"
#include "util/number.h"
#include "util/printable.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = 512, MOST_COLUMNS = 64, INDENT = 5 };

/* ---------------------------------------------------------------------------------------------------------- aligned */

/* A list as JSON. */
static void write_list(const json_t *list, char text[CELL])
{
    char *whole = json_text(list, 0);
    snprintf(text, CELL, "%s", whole ? whole : "...");
    free(whole);
}

static void write_cell(const json_t *row, const column *c, char text[CELL])
{
    const json_t *value = json_object_get(row, c->key);
    const double number = json_number_value(value);
    if (!value || json_is_null(value))
        snprintf(text, CELL, "-");
    else if (json_is_string(value))
        snprintf(text, CELL, "%s", json_string_value(value));
    else if (c->kind == COLUMN_PERCENT)
        snprintf(text, CELL, "%.2f", 100 * number);
    else if (c->kind == COLUMN_SECONDS)
        snprintf(text, CELL, "%.1f", number);
    else if (c->kind == COLUMN_LOSS)
        snprintf(text, CELL, "%.4f", number);
    else if (json_is_integer(value))
        snprintf(text, CELL, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        snprintf(text, CELL, "%.6g", number);
    else if (json_is_array(value))
        write_list(value, text);
    else
        snprintf(text, CELL, "%s", json_is_true(value) ? "yes" : json_is_false(value) ? "no" : "...");
    make_printable(text);
    if (c->most)
        shorten(text, CELL, c->most);
}

static void print_cell(const char *text, int width, const column *c, bool is_last)
{
    const int blanks = width - text_width(text);
    if (c->kind != COLUMN_TEXT && c->kind != COLUMN_REST)
        printf("%*s%s", blanks, "", text);
    else
        printf("%s%*s", text, is_last ? 0 : blanks, "");
    fputs(is_last ? "\n" : "  ", stdout);
}

/* A text in the last column has lines of its own where the row would be too long. */
static bool is_apart(const column *columns, const int *widths, size_t count)
{
    int width = 0;
    for (size_t k = 0; k < count; k++)
        width += widths[k] + (k ? 2 : 0);
    return count > 1 && columns[count - 1].kind == COLUMN_REST && width > terminal_width(stdout);
}

/* `row` NULL: the titles. */
static void print_row(const json_t *row, const column *columns, const int *widths, size_t count)
{
    char text[CELL];
    const size_t beside = count - is_apart(columns, widths, count);
    for (size_t k = 0; k < count; k++) {
        if (row)
            write_cell(row, &columns[k], text);
        else
            snprintf(text, sizeof text, "%s", columns[k].title);
        if (k < beside)
            print_cell(text, widths[k], &columns[k], k + 1 == beside);
    }
    if (beside < count) {
        printf("%*s", INDENT, "");
        print_wrapped(stdout, text, INDENT);
    }
}

void print_columns(const json_t *rows, const column *columns)
{
    const style look = style_of(stdout);
    int widths[MOST_COLUMNS];
    size_t count = 0, i;
    char text[CELL];
    json_t *row;
    for (; columns[count].key && count < MOST_COLUMNS; count++) {
        widths[count] = text_width(columns[count].title);
        json_array_foreach(rows, i, row)
        {
            write_cell(row, &columns[count], text);
            widths[count] = text_width(text) > widths[count] ? text_width(text) : widths[count];
        }
    }
    fputs(look.bold, stdout);
    print_row(NULL, columns, widths, count);
    fputs(look.reset, stdout);
    json_array_foreach(rows, i, row) print_row(row, columns, widths, count);
}

/* -------------------------------------------------------------------------------------------------------------- CSV */

static void put_bytes(void *file, const char *bytes, size_t count) { fwrite(bytes, 1, count, file); }

static void print_field(const char *text) { lab_csv_write(text, put_bytes, stdout); }

static void print_value(const json_t *value)
{
    char digits[LN_NUMBER_LENGTH];
    if (json_is_string(value)) {
        print_field(json_string_value(value));
    } else if (json_is_real(value)) {
        fputs(ln_shortest_number(json_real_value(value), digits), stdout);
    } else if (json_is_integer(value)) {
        printf("%lld", (long long)json_integer_value(value));
    } else if (value && !json_is_null(value)) {
        char *text = json_is_boolean(value) ? NULL : json_line(value);
        print_field(text ? text : json_is_true(value) ? "true" : "false");
        free(text);
    }
}

/* The columns: not every row has every key. */
static json_t *print_titles(const json_t *rows)
{
    size_t i;
    json_t *row, *value, *all = json_object();
    const char *key, *between = "";
    json_array_foreach(rows, i, row) json_object_update_missing(all, row);
    json_object_foreach(all, key, value)
    {
        fputs(between, stdout);
        print_field(key);
        between = ",";
    }
    if (json_object_size(all))
        putchar('\n');
    return all;
}

void print_csv_titles(const json_t *rows) { json_decref(print_titles(rows)); }

void print_csv(const json_t *rows)
{
    size_t i;
    json_t *row, *value;
    const char *key, *between = "";
    json_t *all = print_titles(rows);
    json_array_foreach(rows, i, row)
    {
        between = "";
        json_object_foreach(all, key, value)
        {
            fputs(between, stdout);
            print_value(json_object_get(row, key));
            between = ",";
        }
        putchar('\n');
    }
    json_decref(all);
}
