/* SPDX-License-Identifier: MIT */
/*
 * printable.h - foreign text made safe to show. Names of files and classes, studies and databases may hold
 * what a terminal or a browser obeys instead of showing: control characters (U+0000 to U+001F, U+007F to
 * U+009F), what turns the direction of writing (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069),
 * line and paragraph separators (U+2028, U+2029), bytes that are not UTF-8. These are called hidden here. All
 * text of others that is shown or written into a document goes through this file.
 */
#ifndef LENET_UTIL_PRINTABLE_H
#define LENET_UTIL_PRINTABLE_H

#include <stddef.h>
#include <stdint.h>

/*
 * The character at `text`, which is not its end: its length in bytes. *hidden: its code if it is hidden,
 * UINT32_MAX if it is not UTF-8; else 0.
 */
size_t ln_character(const char *text, uint32_t *hidden);

/*
 * Replaces hidden characters but those of the string `keep`: tabs and line ends by a blank, others by a '?'.
 * In place, for the text gets no longer. Returns `text`.
 */
char *ln_make_printable(char *text, const char *keep);

/* Would a spreadsheet take the text for a formula? An apostrophe before it says that it is none. */
int ln_is_formula(const char *text);

#endif
