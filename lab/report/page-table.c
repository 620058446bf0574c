/* SPDX-License-Identifier: MIT */
/*
 * page-table.c - a table in report.html: its details (p-values, intervals) in a second, folded table with the
 * same rows; a table of commands as a list. On narrow screens a row becomes a list, for which each cell names
 * its column.
 */
#include "lab/report/layout.h"
#include "lab/report/markup.h"
#include "lab/report/page-parts.h"

#include <string.h>

enum {
    MANY = 11,
    ONE_LINE = 16
}; /* columns that are set smaller and scroll on narrow screens; letters that are not broken */

/* A command may break between its words, not at the hyphens of its options. */
static void write_command(lab_text *out, const char *command)
{
    lab_append(out, "<code>");
    for (const char *word = command; *word;) {
        const size_t length = strcspn(word, " ");
        lab_append(out, "<span class=\"w\">");
        lab_append_html(out, lab_format(out->pool, "%.*s", (int)length, word));
        lab_append(out, "</span>%s", word[length] ? " " : "");
        word += length + (word[length] != '\0');
    }
    lab_append(out, "</code>");
}

/* Of the main table or of that of the details; the first column is in both. */
static bool is_shown(const lab_table *table, size_t column, bool is_detail)
{
    return !column || table->is_detail[column] == is_detail;
}

static size_t width_of(const lab_table *table, bool is_detail)
{
    size_t count = 0;
    for (size_t c = 0; c < table->columns; c++)
        count += is_shown(table, c, is_detail);
    return count;
}

static void write_head(lab_text *out, const lab_table *table, bool is_detail)
{
    lab_append(out, "<thead><tr>");
    for (size_t c = 0; c < table->columns; c++) {
        if (!is_shown(table, c, is_detail))
            continue;
        const bool is_named = *table->heads[c].title;
        lab_append(out, is_named ? "<th scope=\"col\"%s>" : "<td%s>", table->heads[c].is_text ? " class=\"t\"" : "");
        lab_append_html(out, table->heads[c].title);
        lab_append(out, is_named ? "</th>" : "</td>");
    }
    lab_append(out, "</tr></thead>\n");
}

static void write_cell(lab_text *out, const lab_table *table, size_t index, bool is_detail)
{
    const size_t column = index % table->columns;
    const lab_cell_text *cell = &table->cells[index];
    const bool is_head = !column && *cell->text; /* a row that goes on with the one above has no name */
    const char *class = !table->heads[column].is_text         ? ""
                        : lab_letters(cell->text) <= ONE_LINE ? " class=\"t one\""
                                                              : " class=\"t\"";
    lab_append(out, is_head ? "<th scope=\"row\"%s" : "<td%s", class);
    if (column && *table->heads[column].title) {
        lab_append(out, " data-label=\"");
        lab_append_html(out, table->heads[column].title);
        lab_append(out, "\"");
    }
    lab_append(out, ">");
    if (cell->is_code)
        write_command(out, cell->text);
    else
        lab_append_html(out, cell->text);
    if (!column && !is_detail && table->best == index / table->columns + 1)
        lab_append(out, "<span class=\"tag\">best</span>");
    lab_append(out, is_head ? "</th>" : "</td>");
}

static void write_rows(lab_text *out, const lab_table *table, bool is_detail)
{
    for (size_t i = 0; i < table->count; i++) {
        const size_t column = i % table->columns;
        const bool is_best = !is_detail && table->best == i / table->columns + 1;
        if (!column)
            lab_append(out, is_best ? "<tr class=\"best\">" : "<tr>");
        if (is_shown(table, column, is_detail))
            write_cell(out, table, i, is_detail);
        lab_append(out, column + 1 < table->columns ? "" : "</tr>\n");
    }
}

static void write_grid(lab_text *out, const lab_part *part, bool is_detail)
{
    const bool is_many = width_of(part->table, is_detail) >= MANY;
    lab_append(out,
               "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Table %d%s\"><table class=\"%s\">\n",
               part->number, is_detail ? ", details" : "", is_many ? "many" : "stack");
    write_head(out, part->table, is_detail);
    lab_append(out, "<tbody>\n");
    write_rows(out, part->table, is_detail);
    lab_append(out, "</tbody></table></div>\n");
}

static bool has_commands(const lab_table *table) { return table->count && table->cells[table->columns - 1].is_code; }

/* Label and command; what is between is a note. */
static void write_commands(lab_text *out, const lab_table *table)
{
    lab_append(out, "<dl class=\"commands\">\n");
    for (size_t i = 0; i < table->count; i += table->columns) {
        lab_append(out, "<dt>");
        lab_append_html(out, table->cells[i].text);
        for (size_t c = 1; c + 1 < table->columns; c++)
            lab_append(out, " (%s = %s)", table->heads[c].title, table->cells[i + c].text);
        lab_append(out, "</dt><dd>");
        write_command(out, table->cells[i + table->columns - 1].text);
        lab_append(out, "</dd>\n");
    }
    lab_append(out, "</dl>\n");
}

void lab_write_table(lab_text *out, const lab_part *part)
{
    const lab_table *table = part->table;
    lab_append(out, "<div class=\"table\" id=\"%s\"><p class=\"caption\"><b>Table %d.</b> ", part->id, part->number);
    lab_append_html_prose(out, part->text);
    lab_append(out, " <span class=\"files\"><a href=\"%s.tex\">LaTeX</a></span></p>\n", part->id);
    if (has_commands(table))
        write_commands(out, table);
    else
        write_grid(out, part, false);
    if (width_of(table, true) > 1 && !has_commands(table)) {
        lab_append(out, "<details><summary>Details of table %d</summary>\n", part->number);
        write_grid(out, part, true);
        lab_append(out, "</details>\n");
    }
    lab_append(out, "</div>\n");
}
