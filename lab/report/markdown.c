/* SPDX-License-Identifier: MIT */
/* markdown.c - a document as report.md, which shows in any viewer of GitHub's Markdown; see document.h. */
#include "lab/report/markdown.h"

#include "lab/report/markup.h"

#include <string.h>

/* Paragraphs are parted by empty lines. */
static void say_paragraphs(lab_text *out, const char *prose, const char *lead)
{
    while (*prose) {
        const char *end = strstr(prose, "\n\n");
        const size_t size = end ? (size_t)(end - prose) : strlen(prose);
        char *paragraph = lab_take(out->pool, size + 1, 1);
        memcpy(paragraph, prose, size);
        lab_say(out, "%s", lead);
        lab_say_markdown_prose(out, paragraph);
        prose += size + strspn(prose + size, "\n");
        lab_say(out, *prose && *lead ? "\n>\n" : "\n\n"); /* a quotation goes on */
    }
}

/* Between fences of more backticks than stand in it. */
static void say_code(lab_text *out, const char *lines)
{
    size_t fence = 3;
    for (const char *c = lines; (c = strchr(c, '`')) != NULL; c += strspn(c, "`"))
        fence = strspn(c, "`") >= fence ? strspn(c, "`") + 1 : fence;
    for (int i = 0; i < 2; i++) {
        for (size_t k = 0; k < fence; k++)
            lab_say(out, "`");
        lab_say(out, "\n%s%s", i ? "" : lines, i || (*lines && lines[strlen(lines) - 1] == '\n') ? "" : "\n");
    }
    lab_say(out, "\n");
}

static void say_cell(lab_text *out, const lab_cell_text *cell)
{
    if (!cell->is_code || strpbrk(cell->text, "|`\n"))
        lab_say_markdown(out, cell->text);
    else
        lab_say(out, "`%s`", cell->text);
}

static void say_table(lab_text *out, const lab_part *part)
{
    const lab_table *table = part->table;
    lab_say(out, "*Table %d.* ", part->number);
    lab_say_markdown_prose(out, part->text);
    lab_say(out, "\n\n|");
    for (size_t i = 0; i < table->columns; i++) {
        lab_say(out, " ");
        lab_say_markdown(out, table->heads[i].title);
        lab_say(out, " |");
    }
    lab_say(out, "\n|");
    for (size_t i = 0; i < table->columns; i++)
        lab_say(out, table->heads[i].is_text ? ":--|" : "--:|");
    for (size_t i = 0; i < table->count; i++) {
        lab_say(out, i % table->columns ? " " : "\n| ");
        say_cell(out, &table->cells[i]);
        lab_say(out, " |");
    }
    lab_say(out, "\n\n");
}

static void say_figure(lab_text *out, const lab_document *document, const lab_part *part)
{
    if (document->is_drawn) {
        lab_say(out, "![");
        lab_say_markdown(out, part->label);
        lab_say(out, "](%s.svg)\n\n", part->name);
    }
    lab_say(out, "*Figure %d.* ", part->number);
    lab_say_markdown_prose(out, part->text);
    lab_say(out, " (%s[data](%s.tsv), [script](%s.gp))\n\n",
            document->is_drawn ? "" : "not drawn: gnuplot is missing; ", part->name, part->name);
}

static void say_pictures(lab_text *out, const lab_part *part)
{
    for (size_t i = 0; i < part->picture_count; i++) {
        lab_say(out, "![");
        lab_say_markdown(out, part->pictures[i].label);
        lab_say(out, "](%s) ", part->pictures[i].file);
    }
    lab_say(out, "\n\n*Figure %d.* ", part->number);
    lab_say_markdown_prose(out, part->text);
    lab_say(out, "\n\n");
}

static void say_verdict(lab_text *out, const lab_verdict *verdict)
{
    lab_say(out, "> **");
    lab_say_markdown(out, verdict->claim);
    lab_say(out, "**: **%s**\n>\n", lab_ruling_name(verdict->ruling));
    say_paragraphs(out, lab_print(out->pool, "%s\n\n%s", verdict->evidence, verdict->test), "> ");
}

static void say_contents(lab_text *out, const lab_document *document)
{
    for (size_t i = 0; i < document->count; i++) {
        const lab_part *part = &document->parts[i];
        if (part->kind != LAB_PART_HEADING || part->level > 3)
            continue;
        lab_say(out, "%s- [", part->level == 3 ? "  " : "");
        lab_say_markdown(out, part->text);
        lab_say(out, "](#%s)\n", part->id);
    }
    lab_say(out, "\n");
}

static void say_part(lab_text *out, const lab_document *document, const lab_part *part)
{
    switch (part->kind) {
    case LAB_PART_HEADING:
        lab_say(out, "<a id=\"%s\"></a>\n\n%.*s ", part->id, part->level, "######");
        lab_say_markdown(out, part->text);
        lab_say(out, "\n\n");
        break;
    case LAB_PART_NOTE: say_paragraphs(out, part->text, "> "); break;
    case LAB_PART_PROSE: say_paragraphs(out, part->text, ""); break;
    case LAB_PART_CODE: say_code(out, part->text); break;
    case LAB_PART_TABLE: say_table(out, part); break;
    case LAB_PART_FIGURE: say_figure(out, document, part); break;
    case LAB_PART_PICTURES: say_pictures(out, part); break;
    case LAB_PART_VERDICT: say_verdict(out, part->verdict); break;
    }
}

char *lab_markdown(const lab_document *document)
{
    lab_text out = {.pool = document->pool};
    lab_say(&out, "# ");
    lab_say_markdown(&out, document->title);
    lab_say(&out, "\n\n");
    size_t first = 0; /* what is before the first section stands before the contents */
    while (first < document->count && document->parts[first].kind != LAB_PART_HEADING)
        say_part(&out, document, &document->parts[first++]);
    say_contents(&out, document);
    for (size_t i = first; i < document->count; i++)
        say_part(&out, document, &document->parts[i]);
    return out.data;
}
