/* SPDX-License-Identifier: MIT */
/*
 * page.c - a document as report.html; see page.h and page-parts.h. What came out is first. A policy in the
 * page itself lets a browser load nothing and run nothing but the one script, which the page does not need.
 */
#include "lab/report/page.h"

#include "lab/report/markup.h"
#include "lab/report/page-parts.h"
#include "lab/report/svg.h"
#include "lab/text/base64.h"
#include "util/sha256.h"

#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------------------------------------------------- parts */

static void write_paragraphs(lab_text *out, const char *prose)
{
    while (*prose) {
        const char *end = strstr(prose, "\n\n");
        const size_t size = end ? (size_t)(end - prose) : strlen(prose);
        char *paragraph = lab_alloc(out->pool, size + 1, 1);
        memcpy(paragraph, prose, size);
        lab_append(out, "<p>");
        lab_append_html_prose(out, paragraph);
        lab_append(out, "</p>\n");
        prose += size + strspn(prose + size, "\n");
    }
}

static void write_heading(lab_text *out, const lab_part *part)
{
    lab_append(out, "<h%d id=\"%s\">", part->level, part->id);
    lab_append_html(out, part->text);
    lab_append(out, "</h%d>\n", part->level);
    if (!part->finding)
        return;
    lab_append(out, "<div class=\"finding\">");
    write_paragraphs(out, part->finding);
    lab_append(out, "</div>\n");
}

/* The files that lie beside the page. */
static void write_files(lab_text *out, const char *name, bool is_drawn)
{
    static const struct {
        const char *ending, *title;
        bool is_drawn;
    } files[] = {{"png", "PNG", true},
                 {"pdf", "PDF", true},
                 {"svg", "SVG", false},
                 {"tsv", "TSV", false},
                 {"tex", "LaTeX", false}};
    lab_append(out, " <span class=\"files\">");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (is_drawn || !files[i].is_drawn)
            lab_append(out, "<a href=\"%s.%s\">%s</a>", name, files[i].ending, files[i].title);
    lab_append(out, "</span>");
}

static void write_figure(lab_text *out, const lab_document *document, const lab_part *part)
{
    lab_append(out, "<figure id=\"%s\">\n", part->id);
    lab_write_panels(out, part->figure, part->label);
    lab_append(out, "<figcaption>");
    if (part->number)
        lab_append(out, "<b>Figure %d.</b> ", part->number);
    lab_append_html_prose(out, part->text);
    write_files(out, part->figure->name, document->is_drawn);
    lab_append(out, "</figcaption></figure>\n");
}

static void write_picture(lab_text *out, const lab_document *document, const lab_picture *picture)
{
    enum { MOST_BYTES = 1 << 20 };
    size_t size = 0;
    const char *path = lab_format(out->pool, "%s/%s", document->folder, picture->file);
    const char *bytes = lab_pool_read(out->pool, path, MOST_BYTES, &size);
    lab_append(out, "<img alt=\"");
    lab_append_html(out, picture->label);
    lab_append(out, "\" src=\"");
    lab_append_data_uri(out, "image/png", bytes, size);
    lab_append(out, "\">\n");
}

static void write_pictures(lab_text *out, const lab_document *document, const lab_part *part)
{
    lab_append(out, "<figure id=\"%s\"><div class=\"pictures\">\n", part->id);
    for (size_t i = 0; i < part->picture_count; i++)
        write_picture(out, document, &part->pictures[i]);
    lab_append(out, "</div><figcaption><b>Figure %d.</b> ", part->number);
    lab_append_html_prose(out, part->text);
    lab_append(out, "</figcaption></figure>\n");
}

static void write_verdict(lab_text *out, const lab_part *part)
{
    const lab_verdict *verdict = part->verdict;
    const char *name = lab_ruling_name(verdict->ruling);
    lab_append(out, "<div class=\"verdict %s\" id=\"%s\"><p class=\"claim\"><span class=\"ruling\">%s:</span> ", name,
               part->id, name);
    lab_append_html(out, verdict->claim);
    lab_append(out, "</p>\n");
    if (verdict->estimate)
        write_paragraphs(out, verdict->estimate);
    lab_append(out, "<details><summary>Evidence and test</summary>\n");
    write_paragraphs(out, verdict->evidence);
    lab_append(out, "<p class=\"test\">");
    lab_append_html_prose(out, verdict->test);
    lab_append(out, "</p></details></div>\n");
}

static void write_note(lab_text *out, const char *note)
{
    lab_append(out, "<div class=\"note\" role=\"note\">");
    write_paragraphs(out, note);
    lab_append(out, "</div>\n");
}

static void write_code(lab_text *out, const char *lines)
{
    lab_append(out, "<pre><code>");
    lab_append_html(out, lines);
    lab_append(out, "</code></pre>\n");
}

static void write_part(lab_text *out, const lab_document *document, const lab_part *part)
{
    if (part->fold) {
        lab_append(out, "<details><summary>");
        lab_append_html(out, part->fold);
        lab_append(out, "</summary>\n");
    }
    switch (part->kind) {
    case LAB_PART_HEADING: write_heading(out, part); break;
    case LAB_PART_NOTE: write_note(out, part->text); break;
    case LAB_PART_PROSE: write_paragraphs(out, part->text); break;
    case LAB_PART_CODE: write_code(out, part->text); break;
    case LAB_PART_TABLE: lab_write_table(out, part); break;
    case LAB_PART_FIGURE: write_figure(out, document, part); break;
    case LAB_PART_PICTURES: write_pictures(out, document, part); break;
    case LAB_PART_VERDICT: write_verdict(out, part); break;
    }
    lab_append(out, part->fold ? "</details>\n" : "");
}

/* ----------------------------------------------------------------------------------------------------------- page */

/* 'sha256-...', as a content security policy names a script. */
static const char *script_hash(lab_pool *pool)
{
    char hex[LN_SHA256_HEX], two[3] = "";
    unsigned char bytes[LN_SHA256_HEX / 2];
    lab_text out = {.pool = pool};
    ln_sha256_of(lab_page_script, strlen(lab_page_script), hex);
    for (size_t i = 0; i < sizeof bytes; i++) {
        memcpy(two, hex + 2 * i, 2);
        bytes[i] = (unsigned char)strtoul(two, NULL, 16);
    }
    lab_append_base64(&out, bytes, sizeof bytes);
    return out.data;
}

static void write_head(lab_text *out, const lab_document *document)
{
    lab_append(out,
               "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
               "'unsafe-inline'; "
               "script-src 'sha256-%s'\">\n"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
               script_hash(out->pool));
    lab_append_html(out, document->title);
    lab_append(out, "</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>\n");
    for (const char *const *piece = lab_page_style; *piece; piece++)
        lab_append(out, "%s", *piece);
    lab_append(out, "%s</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#results\">Skip to the results</a>\n",
               lab_svg_style);
}

/* Notes, then what came out, then what the study says of itself. Returns the place of the first section. */
static size_t write_opening(lab_text *out, const lab_document *document)
{
    size_t at = 0;
    lab_append(out, "<header>\n<h1>");
    lab_append_html(out, document->title);
    lab_append(out, "</h1>\n");
    for (; at < document->count && document->parts[at].kind == LAB_PART_NOTE; at++)
        write_part(out, document, &document->parts[at]);
    lab_write_summary(out, document);
    lab_append(out, "</header>\n");
    lab_write_folded_contents(out, document);
    lab_append(out, "<main id=\"results\">\n");
    if (document->lead)
        write_figure(out, document, document->lead);
    for (; at < document->count && document->parts[at].kind != LAB_PART_HEADING; at++)
        write_part(out, document, &document->parts[at]);
    return at;
}

char *lab_page(const lab_document *document)
{
    lab_text out = {.pool = document->pool};
    write_head(&out, document);
    lab_write_side_contents(&out, document);
    lab_append(&out, "<div class=\"column\">\n");
    for (size_t i = write_opening(&out, document); i < document->count; i++)
        write_part(&out, document, &document->parts[i]);
    lab_append(&out,
               "</main>\n<footer>Made by lenet %s from its database of runs "
               "alone.</footer>\n</div>\n<script>%s</script>\n</body>\n</html>\n",
               lenet_version(), lab_page_script);
    return out.data;
}
