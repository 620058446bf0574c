/* SPDX-License-Identifier: MIT */
/* document.c - see document.h. */
#include "lab/report/part.h"

#include "lab/text/json.h"
#include "lab/report/markup.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Room for one more of `size` bytes in an array that grows by doubling. */
static void *grow(lab_pool *pool, void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return items;
    const size_t wanted = *room ? 2 * *room : 16;
    void *larger = lab_take(pool, wanted, size);
    if (count)
        memcpy(larger, items, count * size);
    *room = wanted;
    return larger;
}

lab_document *lab_document_create(lab_pool *pool, const char *title)
{
    lab_document *document = lab_take(pool, 1, sizeof *document);
    document->pool = pool;
    document->title = title;
    document->root =
        json_pack("{s:s, s:o, s:[]}", "version", lenet_version(), "title", value_of_text(title), "sections");
    if (!document->root)
        lab_give_up(pool, LENET_FAILURE, "out of memory");
    return document;
}

void lab_document_close(lab_document *document)
{
    json_decref(document->root);
    document->root = NULL;
}

lab_pool *lab_document_pool(lab_document *document) { return document->pool; }
void lab_document_set_folder(lab_document *document, const char *folder) { document->folder = folder; }
const char *lab_document_folder(const lab_document *document) { return document->folder; }

static lab_part *add(lab_document *document, lab_part_kind kind, const char *text)
{
    document->parts = grow(document->pool, document->parts, document->count, &document->room, sizeof *document->parts);
    lab_part *part = &document->parts[document->count++];
    *part = (lab_part){.kind = kind, .text = text};
    return part;
}

bool lab_document_take_name(lab_document *document, const char *name)
{
    for (size_t i = 0; i < document->name_count; i++)
        if (!strcasecmp(document->names[i], name))
            return false;
    document->names =
        grow(document->pool, document->names, document->name_count, &document->name_room, sizeof *document->names);
    document->names[document->name_count++] = name;
    return true;
}

char *lab_document_name(lab_document *document, const char *wanted)
{
    const char *slug = lab_slug(document->pool, wanted);
    char *name = lab_print(document->pool, "%s", slug);
    for (size_t next = 2; !lab_document_take_name(document, name); next++)
        name = lab_print(document->pool, "%s-%zu", slug, next);
    return name;
}

/* "2 ", "2.3 ": of sections and their parts. */
static const char *number_section(lab_document *document, int level)
{
    if (level > 3)
        return "";
    if (level == 2) {
        document->part = 0;
        return lab_print(document->pool, "%d ", ++document->chapter);
    }
    return lab_print(document->pool, "%d.%d ", document->chapter, ++document->part);
}

const char *lab_add_section(lab_document *document, int level, const char *title)
{
    const char *number = number_section(document, level);
    lab_part *part = add(document, LAB_PART_HEADING, lab_print(document->pool, "%s%s", number, title));
    part->level = level;
    const char *id = part->id = lab_document_name(document, title);
    json_t *section =
        json_pack("{s:s, s:o, s:i, s:[]}", "id", id, "title", value_of_text(title), "level", level, "items");
    if (json_array_append_new(json_object_get(document->root, "sections"), section))
        lab_give_up(document->pool, LENET_FAILURE, "out of memory");
    document->section = section;
    return id;
}

void lab_add_prose(lab_document *document, const char *prose) { add(document, LAB_PART_PROSE, prose); }
void lab_add_note(lab_document *document, const char *prose) { add(document, LAB_PART_NOTE, prose); }
void lab_add_code(lab_document *document, const char *lines) { add(document, LAB_PART_CODE, lines); }

/* -------------------------------------------------------------------------------------------------------- tables */

lab_table *lab_add_table(lab_document *document, const lab_column *columns, size_t count, const char *caption)
{
    lab_table *table = lab_take(document->pool, 1, sizeof *table);
    lab_column *heads = lab_take(document->pool, count, sizeof *heads);
    memcpy(heads, columns, count * sizeof *heads);
    *table = (lab_table){.pool = document->pool, .columns = count, .heads = heads};
    lab_part *part = add(document, LAB_PART_TABLE, caption);
    part->table = table;
    part->number = ++document->tables;
    part->id = lab_print(document->pool, "table-%d", part->number);
    return table;
}

static lab_cell_text *add_cell(lab_table *table)
{
    table->cells = grow(table->pool, table->cells, table->count, &table->room, sizeof *table->cells);
    return &table->cells[table->count++];
}

void lab_cell(lab_table *table, const char *format, ...)
{
    char *text = NULL;
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    text = lab_take(table->pool, (size_t)(length > 0 ? length : 0) + 1, 1);
    vsnprintf(text, (size_t)(length > 0 ? length : 0) + 1, format, arguments);
    va_end(arguments);
    add_cell(table)->text = text;
}

void lab_cell_code(lab_table *table, const char *text) { *add_cell(table) = (lab_cell_text){text, true}; }

/* ------------------------------------------------------------------------------------------- figures and verdicts */

void lab_add_figure(lab_document *document, const lab_figure *figure, const char *caption, const char *label)
{
    if (document->folder)
        lab_figure_write(document->pool, figure, document->folder);
    lab_part *part = add(document, LAB_PART_FIGURE, caption);
    part->number = ++document->figures;
    part->id = lab_print(document->pool, "figure-%d", part->number);
    part->name = figure->name;
    part->label = label;
}

void lab_add_pictures(lab_document *document, const lab_picture *pictures, size_t count, const char *caption)
{
    lab_picture *copies = lab_take(document->pool, count, sizeof *copies);
    memcpy(copies, pictures, count * sizeof *copies);
    lab_part *part = add(document, LAB_PART_PICTURES, caption);
    part->pictures = copies;
    part->picture_count = count;
    part->number = ++document->figures;
    part->id = lab_print(document->pool, "figure-%d", part->number);
}

const char *lab_ruling_name(lab_ruling ruling)
{
    static const char *const names[] = {"supported", "contradicted", "undecided"};
    return names[ruling];
}

lab_verdict *lab_add_verdict(lab_document *document, const lab_verdict *verdict)
{
    lab_verdict *copy = lab_take(document->pool, 1, sizeof *copy);
    *copy = *verdict;
    add(document, LAB_PART_VERDICT, verdict->claim)->verdict = copy;
    return copy;
}

const lab_verdict *lab_document_verdict(const lab_document *document, size_t at)
{
    for (size_t i = 0; i < document->count; i++)
        if (document->parts[i].kind == LAB_PART_VERDICT && !at--)
            return document->parts[i].verdict;
    return NULL;
}

/* ------------------------------------------------------------------------------------------------------- results */

void lab_add_result(lab_document *document, const char *kind, json_t *value)
{
    json_t *item = json_pack("{s:s, s:o}", "kind", kind, "result", value);
    if (!document->section || json_array_append_new(json_object_get(document->section, "items"), item))
        lab_give_up(document->pool, LENET_FAILURE, "out of memory");
}

void lab_set_result(lab_document *document, const char *key, json_t *value)
{
    if (json_object_set_new(document->root, key, value))
        lab_give_up(document->pool, LENET_FAILURE, "out of memory");
}

/* ------------------------------------------------------------------------------------------------------- writing */

static void write_text(lab_document *document, const char *name, char *text)
{
    lab_put_file(document->pool, lab_print(document->pool, "%s/%s", document->folder, name), text);
}

static void draw(lab_document *document)
{
    const char **names = lab_take(document->pool, document->count + 1, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < document->count; i++)
        if (document->parts[i].kind == LAB_PART_FIGURE)
            names[count++] = document->parts[i].name;
    document->is_drawn = lab_figure_can_draw();
    if (document->is_drawn)
        lab_insist(document->pool, lab_figure_draw(names, count, document->folder, &document->pool->error));
}

void lab_document_write(lab_document *document)
{
    draw(document);
    write_text(document, "report.html", lab_page(document));
    write_text(document, "report.md", lab_markdown(document));
    char *text = document_text(document->root);
    char *copy = text ? lab_print(document->pool, "%s", text) : NULL;
    free(text);
    if (!copy)
        lab_give_up(document->pool, LENET_FAILURE, "out of memory");
    write_text(document, "results.json", copy);
}
