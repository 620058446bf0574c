/* SPDX-License-Identifier: MIT */
/* output.c - writes a document's files; see output.h. */
#include "lab/report/output.h"

#include "lab/report/document.h"
#include "lab/report/drawing.h"
#include "lab/report/markdown.h"
#include "lab/report/page.h"
#include "lab/report/tex.h"
#include "lab/text/json.h"

#include <stdlib.h>
#include <string.h>

static void write_text(lab_document *document, const char *name, char *text)
{
    lab_pool_write(document->pool, lab_format(document->pool, "%s/%s", document->folder, name), text);
}

static void draw(lab_document *document)
{
    const char **names = lab_alloc(document->pool, document->count + 1, sizeof *names);
    size_t count = 0;
    if (document->lead)
        names[count++] = document->lead->figure->name;
    for (size_t i = 0; i < document->count; i++)
        if (document->parts[i].kind == LAB_PART_FIGURE)
            names[count++] = document->parts[i].figure->name;
    document->is_drawn = lab_figure_can_draw();
    if (document->is_drawn)
        lab_check(document->pool, lab_figure_draw(names, count, document->folder, &document->pool->error));
}

static void write_tables(lab_document *document)
{
    for (size_t i = 0; i < document->count; i++)
        if (document->parts[i].kind == LAB_PART_TABLE)
            write_text(document, lab_format(document->pool, "%s.tex", document->parts[i].id),
                       lab_tex_table(document->pool, &document->parts[i]));
}

void lab_document_write(lab_document *document)
{
    lab_document_finish(document);
    draw(document);
    write_tables(document);
    write_text(document, "report.html", lab_page(document));
    write_text(document, "report.md", lab_markdown(document));
    char *text = document_text(document->root);
    char *copy = text ? lab_format(document->pool, "%s", text) : NULL;
    free(text);
    if (!copy)
        lab_fail(document->pool, LENET_FAILURE, "out of memory");
    write_text(document, "results.json", copy);
}
