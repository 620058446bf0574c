/* SPDX-License-Identifier: MIT */
/* document.c - see document.h. */
#include "lab/report/document.h"

#include "lab/report/drawing.h"
#include "lab/report/markup.h"
#include "lab/text/json.h"

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
    void *larger = lab_alloc(pool, wanted, size);
    if (count)
        memcpy(larger, items, count * size);
    *room = wanted;
    return larger;
}

lab_document *lab_document_create(lab_pool *pool, const char *title)
{
    lab_document *document = lab_alloc(pool, 1, sizeof *document);
    document->pool = pool;
    document->title = title;
    document->root =
        json_pack("{s:s, s:o, s:[]}", "version", lenet_version(), "title", value_of_text(title), "sections");
    if (!document->root)
        lab_fail(pool, LENET_FAILURE, "out of memory");
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
    char *name = lab_format(document->pool, "%s", slug);
    for (size_t next = 2; !lab_document_take_name(document, name); next++)
        name = lab_format(document->pool, "%s-%zu", slug, next);
    return name;
}

/* "2 ", "2.3 ": of sections and their parts. */
static const char *number_section(lab_document *document, int level)
{
    if (level > 3)
        return "";
    if (level == 2) {
        document->part = 0;
        return lab_format(document->pool, "%d ", ++document->chapter);
    }
    return lab_format(document->pool, "%d.%d ", document->chapter, ++document->part);
}

const char *lab_add_section(lab_document *document, int level, const char *title)
{
    const char *number = number_section(document, level);
    lab_part *part = add(document, LAB_PART_HEADING, lab_format(document->pool, "%s%s", number, title));
    part->level = level;
    part->rank = LAB_RANK_NONE;
    const char *id = part->id = lab_document_name(document, title);
    json_t *section =
        json_pack("{s:s, s:o, s:i, s:[]}", "id", id, "title", value_of_text(title), "level", level, "items");
    if (json_array_append_new(json_object_get(document->root, "sections"), section))
        lab_fail(document->pool, LENET_FAILURE, "out of memory");
    document->section = part->section = section;
    return id;
}

void lab_add_prose(lab_document *document, const char *prose) { add(document, LAB_PART_PROSE, prose); }
void lab_add_note(lab_document *document, const char *prose) { add(document, LAB_PART_NOTE, prose); }
void lab_add_code(lab_document *document, const char *lines) { add(document, LAB_PART_CODE, lines); }

/* -------------------------------------------------------------------------------------------------------- tables */

lab_table *lab_add_table(lab_document *document, const lab_column *columns, size_t count, const char *caption)
{
    lab_table *table = lab_alloc(document->pool, 1, sizeof *table);
    lab_column *heads = lab_alloc(document->pool, count, sizeof *heads);
    memcpy(heads, columns, count * sizeof *heads);
    *table = (lab_table){.pool = document->pool, .columns = count, .heads = heads};
    table->is_detail = lab_alloc(document->pool, count, sizeof *table->is_detail);
    lab_part *part = add(document, LAB_PART_TABLE, caption);
    part->table = table;
    part->number = ++document->tables;
    part->id = lab_format(document->pool, "table-%d", part->number);
    return table;
}

void lab_set_detail(lab_table *table, size_t column) { table->is_detail[column] = true; }
void lab_mark_best(lab_table *table, size_t row) { table->best = row; }

static bool is_empty_column(const lab_table *table, size_t column)
{
    for (size_t i = column; i < table->count; i += table->columns)
        if (*table->cells[i].text && strcmp(table->cells[i].text, "-") != 0)
            return false;
    return table->count > 0;
}

/* A column that is empty in every row is left out; the first one names the rows. */
static void drop_empty_columns(lab_table *table)
{
    const size_t columns = table->columns;
    size_t kept = 0, cells = 0;
    bool *is_kept = lab_alloc(table->pool, columns, sizeof *is_kept);
    for (size_t c = 0; c < columns; c++) {
        is_kept[c] = !c || !is_empty_column(table, c);
        if (!is_kept[c])
            continue;
        table->heads[kept] = table->heads[c];
        table->is_detail[kept++] = table->is_detail[c];
    }
    for (size_t i = 0; i < table->count; i++)
        if (is_kept[i % columns])
            table->cells[cells++] = table->cells[i];
    table->columns = kept;
    table->count = cells;
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
    text = lab_alloc(table->pool, (size_t)(length > 0 ? length : 0) + 1, 1);
    vsnprintf(text, (size_t)(length > 0 ? length : 0) + 1, format, arguments);
    va_end(arguments);
    add_cell(table)->text = text;
}

void lab_cell_code(lab_table *table, const char *text) { *add_cell(table) = (lab_cell_text){text, true}; }

/* ------------------------------------------------------------------------------------------- figures and verdicts */

static lab_part figure_part(lab_document *document, lab_figure *figure, const char *caption, const char *label)
{
    if (document->folder)
        lab_figure_write(document->pool, figure, caption, document->folder);
    return (lab_part){.kind = LAB_PART_FIGURE, .text = caption, .figure = figure, .label = label};
}

void lab_add_figure(lab_document *document, lab_figure *figure, const char *caption, const char *label)
{
    lab_part *part = add(document, LAB_PART_FIGURE, caption);
    *part = figure_part(document, figure, caption, label);
    part->number = ++document->figures;
    part->id = lab_format(document->pool, "figure-%d", part->number);
}

void lab_fold(lab_document *document, const char *summary) { document->parts[document->count - 1].fold = summary; }

void lab_add_pictures(lab_document *document, const lab_picture *pictures, size_t count, const char *caption)
{
    lab_picture *copies = lab_alloc(document->pool, count, sizeof *copies);
    memcpy(copies, pictures, count * sizeof *copies);
    lab_part *part = add(document, LAB_PART_PICTURES, caption);
    part->pictures = copies;
    part->picture_count = count;
    part->number = ++document->figures;
    part->id = lab_format(document->pool, "figure-%d", part->number);
}

lab_verdict *lab_add_verdict(lab_document *document, const lab_verdict *verdict)
{
    lab_verdict *copy = lab_alloc(document->pool, 1, sizeof *copy);
    *copy = *verdict;
    lab_part *part = add(document, LAB_PART_VERDICT, verdict->claim);
    part->verdict = copy;
    part->id = lab_format(document->pool, "verdict-%d", ++document->verdicts);
    return copy;
}

const lab_verdict *lab_document_verdict(const lab_document *document, size_t at)
{
    for (size_t i = 0; i < document->count; i++)
        if (document->parts[i].kind == LAB_PART_VERDICT && !at--)
            return document->parts[i].verdict;
    return NULL;
}

/* ------------------------------------------------------------------------------------------------- what came out */

void lab_set_headline(lab_document *document, const char *prose) { document->headline = prose; }

void lab_add_card(lab_document *document, const lab_card *card)
{
    document->cards = grow(document->pool, document->cards, document->card_count, &document->card_room, sizeof *card);
    document->cards[document->card_count++] = *card;
}

void lab_set_lead(lab_document *document, lab_figure *figure, const char *caption, const char *label)
{
    document->lead = lab_alloc(document->pool, 1, sizeof *document->lead);
    *document->lead = figure_part(document, figure, caption, label);
    document->lead->id = "figure-lead";
}

static void set_finding(lab_document *document, lab_part *heading, int rank, const char *prose)
{
    if (heading->finding && rank >= heading->rank)
        return;
    heading->finding = prose;
    heading->rank = rank;
    if (json_object_set_new(heading->section, "finding", value_of_text(prose)))
        lab_fail(document->pool, LENET_FAILURE, "out of memory");
}

/* Of the last heading. */
void lab_set_finding(lab_document *document, int rank, const char *prose)
{
    for (size_t i = document->count; i-- > 0;)
        if (document->parts[i].kind == LAB_PART_HEADING) {
            set_finding(document, &document->parts[i], rank, prose);
            return;
        }
}

void lab_add_rule(lab_document *document, const char *prose)
{
    for (size_t i = 0; i < document->rule_count; i++)
        if (!strcmp(document->rules[i], prose))
            return;
    document->rules =
        grow(document->pool, document->rules, document->rule_count, &document->rule_room, sizeof *document->rules);
    document->rules[document->rule_count++] = prose;
}

void lab_add_rules(lab_document *document)
{
    for (size_t i = 0; i < document->rule_count; i++)
        lab_add_prose(document, document->rules[i]);
}

/*
 * "Of 3 claims, 2 are supported and 1 is undecided." Of the section that begins at `from`; NULL: it has none.
 */
static const char *words_of_verdicts(const lab_document *document, size_t from)
{
    size_t counts[LAB_UNDECIDED + 1] = {0}, all = 0;
    lab_text out = {.pool = document->pool};
    for (size_t i = from + 1; i < document->count; i++) {
        const lab_part *part = &document->parts[i];
        if (part->kind == LAB_PART_HEADING && part->level <= document->parts[from].level)
            break;
        if (part->kind == LAB_PART_VERDICT)
            counts[part->verdict->ruling]++, all++;
    }
    if (!all)
        return NULL;
    lab_append(&out, "%s",
               all == 1 ? "The claim tested here" : lab_format(document->pool, "Of %zu claims tested here", all));
    for (int r = LAB_SUPPORTED; r <= LAB_UNDECIDED; r++)
        if (counts[r] && all == 1)
            lab_append(&out, " is %s", lab_ruling_name((lab_ruling)r));
        else if (counts[r])
            lab_append(&out, ", %zu %s %s", counts[r], counts[r] == 1 ? "is" : "are", lab_ruling_name((lab_ruling)r));
    lab_append(&out, ".");
    return out.data;
}

/*
 * Those of the parts of a section, each after its title; NULL: none has one. Parts that are not in the list
 * of contents do not repeat the words.
 */
static const char *findings_within(lab_document *document, size_t from)
{
    const int level = document->parts[from].level;
    lab_text out = {.pool = document->pool};
    for (size_t i = from + 1; i < document->count; i++) {
        lab_part *part = &document->parts[i];
        if (part->kind == LAB_PART_HEADING && part->level <= level)
            break;
        if (part->kind != LAB_PART_HEADING || part->level != level + 1 || !part->finding)
            continue;
        lab_append(&out, "%s", out.used ? "\n\n*" : "*");
        lab_append_prose(&out, level < 3 ? part->text + strcspn(part->text, " ") + 1 : part->text);
        lab_append(&out, ":* %s", part->finding);
        part->finding = level < 3 ? part->finding : NULL;
    }
    return out.data;
}

void lab_document_finish(lab_document *document)
{
    for (size_t i = 0; i < document->count; i++) {
        lab_part *part = &document->parts[i];
        if (part->kind == LAB_PART_TABLE)
            drop_empty_columns(part->table);
        if (part->kind != LAB_PART_HEADING || part->finding)
            continue;
        const char *words = words_of_verdicts(document, i);
        words = words ? words : findings_within(document, i);
        if (words)
            set_finding(document, part, LAB_RANK_NONE, words);
    }
}

/* ------------------------------------------------------------------------------------------------------- results */

void lab_add_result(lab_document *document, const char *kind, json_t *value)
{
    json_t *item = json_pack("{s:s, s:o}", "kind", kind, "result", value);
    if (!document->section || json_array_append_new(json_object_get(document->section, "items"), item))
        lab_fail(document->pool, LENET_FAILURE, "out of memory");
}

void lab_set_result(lab_document *document, const char *key, json_t *value)
{
    if (json_object_set_new(document->root, key, value))
        lab_fail(document->pool, LENET_FAILURE, "out of memory");
}
