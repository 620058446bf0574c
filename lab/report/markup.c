/* SPDX-License-Identifier: MIT */
/* markup.c - see markup.h. */
#include "lab/report/markup.h"

#include "lab/text/base64.h"

#include <stdbool.h>
#include <string.h>

void lab_append_html(lab_text *out, const char *text)
{
    for (const char *c = text; *c; c++)
        switch (*c) {
        case '<': lab_append_bytes(out, "&lt;", 4); break;
        case '>': lab_append_bytes(out, "&gt;", 4); break;
        case '&': lab_append_bytes(out, "&amp;", 5); break;
        case '"': lab_append_bytes(out, "&quot;", 6); break;
        case '\'': lab_append_bytes(out, "&#39;", 5); break;
        default: lab_append_bytes(out, c, 1);
        }
}

/* Would the text begin an item of a numbered list, with the mark of its number here? */
static bool is_item_mark(const char *text, const char *here)
{
    return here > text && strspn(text, "0123456789") == (size_t)(here - text) && strchr(".)", *here) &&
           (here[1] == ' ' || !here[1]);
}

/*
 * Every character that Markdown may interpret is escaped by a backslash, the two that HTML reads are entities, and line
 * ends are blanks. A sign that means something at the beginning of a line alone ("1.", "+", "-") is among
 * them where such a line may begin.
 */
void lab_append_markdown(lab_text *out, const char *text)
{
    for (const char *c = text; *c; c++)
        if (*c == '<' || *c == '>' || *c == '&')
            lab_append(out, "%s", *c == '<' ? "&lt;" : *c == '>' ? "&gt;" : "&amp;");
        else if (strchr("\\`*_{}[]#|~$!", *c) || (c == text && strchr("+-=", *c)) || is_item_mark(text, c))
            lab_append(out, "\\%c", *c);
        else
            lab_append_bytes(out, *c == '\n' || *c == '\r' ? " " : c, 1);
}

/* ---------------------------------------------------------------------------------------------------------- prose */

static bool is_marker(char c) { return c == '`' || c == '*' || c == '\\'; }

/* The next `sign` that no backslash stands before. */
static const char *find_bare(const char *from, const char *signs)
{
    for (; *from; from++)
        if (*from == '\\' && is_marker(from[1]))
            from++;
        else if (strchr(signs, *from))
            return from;
    return NULL;
}

/* The next pair of markers at or after `from`; NULL: there is none. *end is the second one. */
static const char *find_span(const char *from, const char **end)
{
    for (const char *c = from; (c = find_bare(c, "`*")) != NULL; c++) {
        *end = find_bare(c + 1, (char[]){*c, '\0'});
        if (*end && *end > c + 1 && !(*c == '*' && (c[1] == ' ' || (*end)[-1] == ' ')))
            return c;
    }
    return NULL;
}

/* A part of prose, without the backslashes that have done their duty. */
static void write_part(lab_text *out, const char *from, size_t size, lab_write_text *write)
{
    char *part = lab_alloc(out->pool, size + 1, 1), *to = part;
    for (const char *c = from; c < from + size; c++) {
        c += *c == '\\' && c + 1 < from + size && is_marker(c[1]);
        *to++ = *c;
    }
    write(out, part);
}

static void write_as_it_is(lab_text *out, const char *text) { lab_append_bytes(out, text, strlen(text)); }

void lab_append_marked(lab_text *out, const char *prose, lab_write_text *write, const char *const *marks)
{
    const char *end = NULL, *span;
    for (; (span = find_span(prose, &end)) != NULL; prose = end + 1) {
        const int kind = *span == '`' ? 0 : 1;
        write_part(out, prose, (size_t)(span - prose), write);
        lab_append(out, "%s", marks[kind]);
        write_part(out, span + 1, (size_t)(end - span - 1), write);
        lab_append(out, "%s", marks[kind + 2]);
    }
    write_part(out, prose, strlen(prose), write);
}

void lab_append_html_prose(lab_text *out, const char *prose)
{
    lab_append_marked(out, prose, lab_append_html, (const char *const[]){"<code>", "<em>", "</code>", "</em>"});
}

void lab_append_markdown_prose(lab_text *out, const char *prose)
{
    const char *end = NULL, *span;
    for (; (span = find_span(prose, &end)) != NULL; prose = end + 1) {
        /* no code within code */
        const char sign = memchr(span + 1, '`', (size_t)(end - span - 1)) ? '*' : *span;
        write_part(out, prose, (size_t)(span - prose), lab_append_markdown);
        lab_append(out, "%c", sign);
        write_part(out, span + 1, (size_t)(end - span - 1), sign == '`' ? write_as_it_is : lab_append_markdown);
        lab_append(out, "%c", sign);
    }
    write_part(out, prose, strlen(prose), lab_append_markdown);
}

void lab_append_prose(lab_text *out, const char *text)
{
    for (; *text; text++)
        lab_append(out, is_marker(*text) ? "\\%c" : "%c", *text);
}

/* ---------------------------------------------------------------------------------------------------------- bytes */

void lab_append_data_uri(lab_text *out, const char *type, const void *bytes, size_t size)
{
    lab_append(out, "data:%s;base64,", type);
    lab_append_base64(out, bytes, size);
}

char *lab_slug(lab_pool *pool, const char *text)
{
    char *slug = lab_alloc(pool, strlen(text) + 2, 1), *to = slug;
    for (const char *c = text; *c; c++) {
        const char low = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
        if ((low >= 'a' && low <= 'z') || (low >= '0' && low <= '9'))
            *to++ = low;
        else if (to > slug && to[-1] != '-')
            *to++ = '-';
    }
    while (to > slug && to[-1] == '-')
        *--to = '\0';
    return *slug ? slug : strcpy(slug, "x");
}
