/* SPDX-License-Identifier: MIT */
/* markdown.c - a document as report.md, which shows in any viewer of GitHub's Markdown; see document.h. */
#include "lab/report/markdown.h"

#include "lab/report/markup.h"

#include <string.h>

/* Paragraphs are parted by empty lines. */
static void write_paragraphs(lab_text *out, const char *prose, const char *lead)
{
    while (*prose) {
        const char *end = strstr(prose, "\n\n");
        const size_t size = end ? (size_t)(end - prose) : strlen(prose);
        char *paragraph = lab_alloc(out->pool, size + 1, 1);
        memcpy(paragraph, prose, size);
        lab_append(out, "%s", lead);
        lab_append_markdown_prose(out, paragraph);
        prose += size + strspn(prose + size, "\n");
        lab_append(out, *prose && *lead ? "\n>\n" : "\n\n"); /* a quotation goes on */
    }
}

/* Between fences of more backticks than stand in it. */
static void write_code(lab_text *out, const char *lines)
{
    size_t fence = 3;
    for (const char *c = lines; (c = strchr(c, '`')) != NULL; c += strspn(c, "`"))
        fence = strspn(c, "`") >= fence ? strspn(c, "`") + 1 : fence;
    for (int i = 0; i < 2; i++) {
        for (size_t k = 0; k < fence; k++)
            lab_append(out, "`");
        lab_append(out, "\n%s%s", i ? "" : lines, i || (*lines && lines[strlen(lines) - 1] == '\n') ? "" : "\n");
    }
    lab_append(out, "\n");
}

static void write_cell(lab_text *out, const lab_cell_text *cell)
{
    if (!cell->is_code || strpbrk(cell->text, "|`\n"))
        lab_append_markdown(out, cell->text);
    else
        lab_append(out, "`%s`", cell->text);
}

static void write_table(lab_text *out, const lab_part *part)
{
    const lab_table *table = part->table;
    lab_append(out, "*Table %d.* ", part->number);
    lab_append_markdown_prose(out, part->text);
    lab_append(out, " ([LaTeX](%s.tex))\n\n|", part->id);
    for (size_t i = 0; i < table->columns; i++) {
        lab_append(out, " ");
        lab_append_markdown(out, table->heads[i].title);
        lab_append(out, " |");
    }
    lab_append(out, "\n|");
    for (size_t i = 0; i < table->columns; i++)
        lab_append(out, table->heads[i].is_text ? ":--|" : "--:|");
    for (size_t i = 0; i < table->count; i++) {
        lab_append(out, i % table->columns ? " " : "\n| ");
        write_cell(out, &table->cells[i]);
        lab_append(out, table->best == i / table->columns + 1 && !(i % table->columns) ? " **best**" : "");
        lab_append(out, " |");
    }
    lab_append(out, "\n\n");
}

/* The files that lie beside the report: "[PNG](x.png), [PDF](x.pdf), ..." */
static void write_files(lab_text *out, const lab_document *document, const char *name)
{
    if (document->is_drawn)
        lab_append(out, "[PNG](%s.png), [PDF](%s.pdf), ", name, name);
    lab_append(out, "[TSV](%s.tsv), [LaTeX](%s.tex), [script](%s.gp)", name, name, name);
}

static void write_figure(lab_text *out, const lab_document *document, const lab_part *part)
{
    lab_append(out, "![");
    lab_append_markdown(out, part->label);
    lab_append(out, "](%s.svg)\n\n", part->figure->name);
    if (part->number)
        lab_append(out, "*Figure %d.* ", part->number);
    lab_append_markdown_prose(out, part->text);
    lab_append(out, " (");
    write_files(out, document, part->figure->name);
    lab_append(out, ")\n\n");
}

static void write_pictures(lab_text *out, const lab_part *part)
{
    for (size_t i = 0; i < part->picture_count; i++) {
        lab_append(out, "![");
        lab_append_markdown(out, part->pictures[i].label);
        lab_append(out, "](%s) ", part->pictures[i].file);
    }
    lab_append(out, "\n\n*Figure %d.* ", part->number);
    lab_append_markdown_prose(out, part->text);
    lab_append(out, "\n\n");
}

static void write_verdict(lab_text *out, const lab_verdict *verdict)
{
    lab_append(out, "> **");
    lab_append_markdown(out, verdict->claim);
    lab_append(out, "**: **%s**\n>\n", lab_ruling_name(verdict->ruling));
    write_paragraphs(out, lab_format(out->pool, "%s\n\n%s", verdict->evidence, verdict->test), "> ");
}

static void write_contents(lab_text *out, const lab_document *document)
{
    for (size_t i = 0; i < document->count; i++) {
        const lab_part *part = &document->parts[i];
        if (part->kind != LAB_PART_HEADING || part->level > 3)
            continue;
        lab_append(out, "%s- [", part->level == 3 ? "  " : "");
        lab_append_markdown(out, part->text);
        lab_append(out, "](#%s)\n", part->id);
    }
    lab_append(out, "\n");
}

static void write_part(lab_text *out, const lab_document *document, const lab_part *part)
{
    switch (part->kind) {
    case LAB_PART_HEADING:
        lab_append(out, "<a id=\"%s\"></a>\n\n%.*s ", part->id, part->level, "######");
        lab_append_markdown(out, part->text);
        lab_append(out, "\n\n");
        if (part->finding) {
            write_paragraphs(out, part->finding, "");
        }
        break;
    case LAB_PART_NOTE: write_paragraphs(out, part->text, "> "); break;
    case LAB_PART_PROSE: write_paragraphs(out, part->text, ""); break;
    case LAB_PART_CODE: write_code(out, part->text); break;
    case LAB_PART_TABLE:
        if (part->fold)
            lab_append(out, "<details><summary>%s</summary>\n\n", part->fold);
        write_table(out, part);
        lab_append(out, part->fold ? "</details>\n\n" : "");
        break;
    case LAB_PART_FIGURE: write_figure(out, document, part); break;
    case LAB_PART_PICTURES: write_pictures(out, part); break;
    case LAB_PART_VERDICT:
        lab_append(out, "<a id=\"%s\"></a>\n\n", part->id);
        write_verdict(out, part->verdict);
        break;
    }
}

static void write_summary(lab_text *out, const lab_document *document)
{
    if (document->headline) {
        lab_append_markdown_prose(out, document->headline);
        lab_append(out, "\n\n");
    }
    for (size_t i = 0; i < document->card_count; i++) {
        const lab_card *card = &document->cards[i];
        lab_append(out, "%s| [", i ? "" : "| data | accuracy | of |\n|:--|--:|:--|\n");
        lab_append_markdown(out, card->title);
        lab_append(out, "](#%s) | **%s** %s | ", card->anchor, card->mean, card->spread);
        lab_append_markdown(out, card->about);
        lab_append(out, " |\n%s", i + 1 < document->card_count ? "" : "\n");
    }
    for (size_t i = 0; i < document->count; i++)
        if (document->parts[i].kind == LAB_PART_VERDICT) {
            lab_append(out, "- *%s*: [", lab_ruling_name(document->parts[i].verdict->ruling));
            lab_append_markdown(out, document->parts[i].verdict->claim);
            lab_append(out, "](#%s)\n", document->parts[i].id);
        }
    lab_append(out, "\n");
    if (document->lead)
        write_figure(out, document, document->lead);
}

char *lab_markdown(const lab_document *document)
{
    lab_text out = {.pool = document->pool};
    lab_append(&out, "# ");
    lab_append_markdown(&out, document->title);
    lab_append(&out, "\n\n");
    size_t first = 0; /* what is before the first section stands before the contents */
    while (first < document->count && document->parts[first].kind == LAB_PART_NOTE)
        write_part(&out, document, &document->parts[first++]);
    write_summary(&out, document);
    while (first < document->count && document->parts[first].kind != LAB_PART_HEADING)
        write_part(&out, document, &document->parts[first++]);
    write_contents(&out, document);
    for (size_t i = first; i < document->count; i++)
        write_part(&out, document, &document->parts[i]);
    return out.data;
}
