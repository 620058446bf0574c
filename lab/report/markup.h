/* SPDX-License-Identifier: MIT */
/*
 * markup.h - text put into HTML, Markdown and prose so that it stays text: whatever stands in it is shown,
 * and nothing of it is obeyed.
 */
#ifndef LENET_LAB_REPORT_MARKUP_H
#define LENET_LAB_REPORT_MARKUP_H

#include "lab/text/pool.h"

/* In an element or a quoted attribute. */
void lab_append_html(lab_text *out, const char *text);

/* In a paragraph, a heading or a cell of a table: one line. */
void lab_append_markdown(lab_text *out, const char *text);

/*
 * The same for prose, in which `...` is code, *...* is stressed, a backslash takes the meaning from these
 * three signs, and nothing else is special. Markers without their other half are themselves. lab_append_prose
 * puts a foreign text into prose.
 */
void lab_append_html_prose(lab_text *out, const char *prose);
void lab_append_markdown_prose(lab_text *out, const char *prose);
void lab_append_prose(lab_text *out, const char *text);

/*
 * Prose in another form: `write` for its texts, and marks before code, before stress, after code, after
 * stress.
 */
typedef void lab_write_text(lab_text *out, const char *text);
void lab_append_marked(lab_text *out, const char *prose, lab_write_text *write, const char *const *marks);

/* A file as data URI: "data:image/png;base64,..." */
void lab_append_data_uri(lab_text *out, const char *type, const void *bytes, size_t size);

/* `text` as a name for files and anchors: small letters, digits and single '-'; "x" if nothing is left. */
char *lab_slug(lab_pool *pool, const char *text);

#endif
