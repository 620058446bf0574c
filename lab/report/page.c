/* SPDX-License-Identifier: MIT */
/*
 * page.c - a document as report.html: one file that asks for nothing else, has no script, reads on light and dark paper, on narrow
 * screens and in print; see document.h.
 */
#include "lab/report/page.h"

#include "lab/report/markup.h"

#include <stdio.h>
#include <string.h>

/* In two, as a compiler need not take longer texts: what the page looks like, and how it adapts. */
static const char style[] =
    ":root{--paper:#fff;--ink:#1b1d20;--soft:#5b626b;--line:#d9dde2;--tint:#f5f6f8;--link:#0a5a9c;--good:#00684c;--bad:"
    "#a63d00;--open:#5b626b;"
    "color-scheme:light dark}\n"
    "@media "
    "(prefers-color-scheme:dark){:root{--paper:#14171a;--ink:#e4e6e9;--soft:#9aa3ad;--line:#343a41;--tint:#1c2024;--"
    "link:#7db8ea;"
    "--good:#4cc9a0;--bad:#f0925a;--open:#9aa3ad}}\n"
    "*{box-sizing:border-box}\n"
    "html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.6 Charter,'Bitstream Charter','Iowan Old "
    "Style','Source Serif 4',Georgia,serif}\n"
    "h1,h2,h3,h4,nav,table,figcaption,caption,.ruling,.note,footer{font-family:system-ui,-apple-system,'Segoe "
    "UI',Roboto,'Liberation Sans',Arial,sans-serif}\n"
    "a{color:var(--link);text-underline-offset:.15em}\n"
    "main,header{max-width:58rem;margin:0 auto;padding:0 1.25rem}\n"
    "header{padding-top:3rem}\n"
    "h1{font-size:2rem;line-height:1.2;margin:0 0 .5rem;letter-spacing:-.01em}\n"
    "h2{font-size:1.45rem;line-height:1.25;margin:4rem 0 1rem;padding-top:1rem;border-top:2px solid var(--ink)}\n"
    "h3{font-size:1.15rem;margin:2.75rem 0 .75rem}\n"
    "h4{font-size:1rem;margin:2rem 0 .6rem}\n"
    "p{margin:0 0 1rem;max-width:44rem}\n"
    "code{font:.86em/1.5 ui-monospace,'SFMono-Regular',Menlo,Consolas,'Liberation "
    "Mono',monospace;overflow-wrap:anywhere}\n"
    "pre{margin:0 0 1.5rem;padding:.75rem 1rem;overflow-x:auto;background:var(--tint);border:1px solid "
    "var(--line);border-radius:4px}\n"
    "pre code{overflow-wrap:normal}\n"
    "nav{margin:2rem 0;font-size:.9rem;line-height:1.5}\n"
    "nav h2{all:unset;display:block;font-weight:600;margin-bottom:.4rem}\n"
    "nav ol{list-style:none;margin:0;padding:0}\n"
    "nav ol ol{padding-left:1.1rem}\n"
    "nav a{text-decoration:none;display:block;padding:.12rem 0}\n"
    "nav a:hover{text-decoration:underline}\n"
    ".note{margin:0 0 1.5rem;padding:.6rem .9rem;border-left:4px solid "
    "#e69f00;background:var(--tint);font-size:.88rem;max-width:44rem}\n"
    ".note p{margin:0}\n"
    "figure{margin:1.75rem 0 2rem}\n"
    "figure svg{display:block;width:100%;height:auto;color:var(--ink)}\n"
    ".drawing{overflow-x:auto}\n"
    "@media screen and (max-width:46rem){figure svg{min-width:36rem}}\n"
    "figcaption,caption{font-size:.86rem;line-height:1.45;color:var(--soft);text-align:left;max-width:46rem}\n"
    "figcaption{margin-top:.5rem}\n"
    "caption{caption-side:top;margin-bottom:.5rem}\n"
    "figcaption b,caption b{color:var(--ink)}\n"
    ".pictures{display:flex;flex-wrap:wrap;gap:.4rem}\n"
    ".pictures img{display:block;image-rendering:pixelated;border:1px solid var(--line);max-width:100%}\n"
    ".wide{overflow-x:auto;margin:1.5rem 0 2rem}\n"
    "table{border-collapse:collapse;font-size:.86rem;line-height:1.4;font-variant-numeric:tabular-nums}\n"
    "caption span{display:block;max-width:min(46rem,calc(100vw - 2.5rem));min-width:16rem;position:sticky;left:0}\n"
    "th,td{padding:.32rem .8rem .32rem 0;text-align:right;vertical-align:top;border-bottom:1px solid var(--line)}\n"
    "thead th{border-bottom:1.5px solid var(--ink);vertical-align:bottom;font-weight:600}\n"
    "tbody tr:last-child>*{border-bottom:1.5px solid var(--ink)}\n"
    "td{white-space:nowrap}\n"
    ".t{text-align:left;white-space:normal}\n"
    ".w{white-space:nowrap}\n"
    "tbody th{font-weight:500;min-width:8.5rem}\n";

static const char style_more[] =
    ".verdict{margin:1.25rem 0 1.75rem;padding:.9rem 1.1rem;border:1px solid var(--line);border-left:5px solid "
    "var(--open);border-radius:4px;"
    "background:var(--tint)}\n"
    ".verdict p{margin:.45rem 0 0;max-width:48rem}\n"
    ".verdict .claim{font-weight:600;margin:0}\n"
    ".verdict .test{font-size:.88rem;color:var(--soft)}\n"
    ".ruling{font-size:.74rem;font-weight:700;letter-spacing:.06em;text-transform:uppercase;color:var(--open)}\n"
    ".supported{border-left-color:var(--good)}.supported .ruling{color:var(--good)}\n"
    ".contradicted{border-left-color:var(--bad);border-left-style:double}.contradicted .ruling{color:var(--bad)}\n"
    ".undecided{border-left-style:dashed}\n"
    "footer{max-width:58rem;margin:4rem auto 3rem;padding:1rem 1.25rem 0;border-top:1px solid "
    "var(--line);font-size:.82rem;color:var(--soft)}\n"
    "@media (min-width:84rem){body{display:grid;grid-template-columns:17rem minmax(0,1fr);grid-template-areas:'n h' 'n "
    "m' 'n f'}"
    "header{grid-area:h;width:100%}main{grid-area:m;width:100%}footer{grid-area:f;width:100%}"
    "nav{grid-area:n;position:sticky;top:0;height:100vh;overflow-y:auto;margin:0;padding:3rem 1rem 2rem "
    "1.5rem;border-right:1px solid var(--line);"
    "font-size:.82rem}}\n"
    "@media (max-width:83.99rem){nav{max-width:58rem;margin:2rem auto;padding:0 1.25rem}}\n"
    "@media "
    "print{:root{--paper:#fff;--ink:#000;--soft:#444;--line:#bbb;--tint:#f6f6f6;--link:#000;--good:#00684c;--bad:#"
    "a63d00;color-scheme:light}"
    "@page{margin:18mm 16mm}body{display:block;font-size:10pt}nav{position:static;height:auto;border:0;padding:0 "
    "1.25rem}main,header,footer{max-width:none}"
    "h2{break-before:page;margin-top:0;border:0}h2,h3{break-after:avoid}figure,.verdict,tr{break-inside:avoid}.wide{"
    "overflow:visible}"
    "pre{white-space:pre-wrap}a{text-decoration:none}}\n";

/* ---------------------------------------------------------------------------------------------------------- parts */

static void say_paragraphs(lab_text *out, const char *prose)
{
    while (*prose) {
        const char *end = strstr(prose, "\n\n");
        const size_t size = end ? (size_t)(end - prose) : strlen(prose);
        char *paragraph = lab_take(out->pool, size + 1, 1);
        memcpy(paragraph, prose, size);
        lab_say(out, "<p>");
        lab_say_html_prose(out, paragraph);
        lab_say(out, "</p>\n");
        prose += size + strspn(prose + size, "\n");
    }
}

/* A command may break between its words, not at the hyphens of its options. */
static void say_command(lab_text *out, const char *command)
{
    lab_say(out, "<code>");
    for (const char *word = command; *word;) {
        const size_t length = strcspn(word, " ");
        lab_say(out, "<span class=\"w\">");
        lab_say_html(out, lab_print(out->pool, "%.*s", (int)length, word));
        lab_say(out, "</span>%s", word[length] ? " " : "");
        word += length + (word[length] != '\0');
    }
    lab_say(out, "</code>");
}

static void say_cell(lab_text *out, const lab_table *table, size_t index)
{
    const size_t column = index % table->columns;
    const lab_cell_text *cell = &table->cells[index];
    const char *tag = column ? "td" : "th scope=\"row\"";
    lab_say(out, "<%s%s>", tag, table->heads[column].is_text ? " class=\"t\"" : "");
    if (cell->is_code)
        say_command(out, cell->text);
    else
        lab_say_html(out, cell->text);
    lab_say(out, "</%s>", column ? "td" : "th");
}

static void say_table(lab_text *out, const lab_part *part)
{
    const lab_table *table = part->table;
    lab_say(out,
            "<div class=\"wide\" id=\"%s\" role=\"region\" tabindex=\"0\" aria-label=\"Table "
            "%d\"><table>\n<caption><span><b>Table %d.</b> ",
            part->id, part->number, part->number);
    lab_say_html_prose(out, part->text);
    lab_say(out, "</span></caption>\n<thead><tr>");
    for (size_t i = 0; i < table->columns; i++) {
        lab_say(out, "<th scope=\"col\"%s>", table->heads[i].is_text ? " class=\"t\"" : "");
        lab_say_html(out, table->heads[i].title);
        lab_say(out, "</th>");
    }
    lab_say(out, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < table->count; i++) {
        lab_say(out, "%s", i % table->columns ? "" : "<tr>");
        say_cell(out, table, i);
        lab_say(out, "%s", (i + 1) % table->columns ? "" : "</tr>\n");
    }
    lab_say(out, "</tbody></table></div>\n");
}

static void say_figure(lab_text *out, const lab_document *document, const lab_part *part)
{
    lab_say(out, "<figure id=\"%s\">\n", part->id);
    if (document->is_drawn) {
        const char *path = lab_print(out->pool, "%s/%s.svg", document->folder, part->name);
        lab_say(out, "<div class=\"drawing\">%s</div>", lab_figure_inline(out->pool, path, part->name, part->label));
    }
    lab_say(out, "<figcaption><b>Figure %d.</b> ", part->number);
    lab_say_html_prose(out, part->text);
    if (!document->is_drawn)
        lab_say(out,
                " <em>Not drawn, as gnuplot is missing (Debian: gnuplot-nox): the data are in %s.tsv, the script is "
                "%s.gp.</em>",
                part->name, part->name);
    lab_say(out, "</figcaption></figure>\n");
}

static void say_picture(lab_text *out, const lab_document *document, const lab_picture *picture)
{
    enum { MOST_BYTES = 1 << 20 };
    size_t size = 0;
    const char *path = lab_print(out->pool, "%s/%s", document->folder, picture->file);
    const char *bytes = lab_take_file(out->pool, path, MOST_BYTES, &size);
    lab_say(out, "<img alt=\"");
    lab_say_html(out, picture->label);
    lab_say(out, "\" src=\"");
    lab_say_data_uri(out, "image/png", bytes, size);
    lab_say(out, "\">\n");
}

static void say_pictures(lab_text *out, const lab_document *document, const lab_part *part)
{
    lab_say(out, "<figure id=\"%s\"><div class=\"pictures\">\n", part->id);
    for (size_t i = 0; i < part->picture_count; i++)
        say_picture(out, document, &part->pictures[i]);
    lab_say(out, "</div><figcaption><b>Figure %d.</b> ", part->number);
    lab_say_html_prose(out, part->text);
    lab_say(out, "</figcaption></figure>\n");
}

static void say_verdict(lab_text *out, const lab_verdict *verdict)
{
    const char *name = lab_ruling_name(verdict->ruling);
    lab_say(out, "<section class=\"verdict %s\"><span class=\"ruling\">%s</span><p class=\"claim\">", name, name);
    lab_say_html(out, verdict->claim);
    lab_say(out, "</p>\n");
    say_paragraphs(out, verdict->evidence);
    lab_say(out, "<p class=\"test\">");
    lab_say_html_prose(out, verdict->test);
    lab_say(out, "</p></section>\n");
}

static void say_note(lab_text *out, const char *note)
{
    lab_say(out, "<aside class=\"note\">");
    say_paragraphs(out, note);
    lab_say(out, "</aside>\n");
}

static void say_part(lab_text *out, const lab_document *document, const lab_part *part)
{
    switch (part->kind) {
    case LAB_PART_HEADING:
        lab_say(out, "<h%d id=\"%s\">", part->level, part->id);
        lab_say_html(out, part->text);
        lab_say(out, "</h%d>\n", part->level);
        break;
    case LAB_PART_NOTE: say_note(out, part->text); break;
    case LAB_PART_PROSE: say_paragraphs(out, part->text); break;
    case LAB_PART_CODE:
        lab_say(out, "<pre><code>");
        lab_say_html(out, part->text);
        lab_say(out, "</code></pre>\n");
        break;
    case LAB_PART_TABLE: say_table(out, part); break;
    case LAB_PART_FIGURE: say_figure(out, document, part); break;
    case LAB_PART_PICTURES: say_pictures(out, document, part); break;
    case LAB_PART_VERDICT: say_verdict(out, part->verdict); break;
    }
}

/* ----------------------------------------------------------------------------------------------------------- page */

/* Sections, and in each its parts. */
static void say_contents(lab_text *out, const lab_document *document)
{
    int level = 1;
    lab_say(out, "<nav aria-label=\"Contents\"><h2>Contents</h2>\n");
    for (size_t i = 0; i < document->count; i++) {
        const lab_part *part = &document->parts[i];
        if (part->kind != LAB_PART_HEADING || part->level > 3)
            continue;
        for (; level < part->level; level++)
            lab_say(out, level + 1 < part->level ? "<ol><li>" : "<ol>");
        for (; level > part->level; level--)
            lab_say(out, "</li></ol>");
        lab_say(out, "%s<li><a href=\"#%s\">", i && strcmp(out->data + out->used - 4, "<ol>") ? "</li>\n" : "",
                part->id);
        lab_say_html(out, part->text);
        lab_say(out, "</a>");
    }
    for (; level > 1; level--)
        lab_say(out, "</li></ol>");
    lab_say(out, "</nav>\n");
}

char *lab_page(const lab_document *document)
{
    lab_text out = {.pool = document->pool};
    lab_say(&out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    lab_say_html(&out, document->title);
    lab_say(&out,
            "</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>\n%s%s</style>\n</head>\n<body>\n<header>\n<h1>",
            style, style_more);
    lab_say_html(&out, document->title);
    lab_say(&out, "</h1>\n");
    size_t first = 0; /* what is before the first section stands before the contents */
    while (first < document->count && document->parts[first].kind != LAB_PART_HEADING)
        say_part(&out, document, &document->parts[first++]);
    lab_say(&out, "</header>\n");
    say_contents(&out, document);
    lab_say(&out, "<main>\n");
    for (size_t i = first; i < document->count; i++)
        say_part(&out, document, &document->parts[i]);
    lab_say(&out, "</main>\n<footer>Made by lenet %s from its database of runs alone.</footer>\n</body>\n</html>\n",
            lenet_version());
    return out.data;
}
