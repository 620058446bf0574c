/* SPDX-License-Identifier: MIT */
/*
 * json.h - JSON as we write it, on top of jansson: what is not finite becomes null, text that is not UTF-8 is
 * repaired, and a number has as few digits as bring back the same double. Build documents with json_pack: it
 * fails (NULL) if any part of it failed, and "o" takes over the value it is given.
 */
#ifndef LENET_LAB_TEXT_JSON_H
#define LENET_LAB_TEXT_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Once called, at the start of a program: where memory has run out, jansson, which stops the program by an
 * assertion when it lacks some while it reads (2.14), gets it from a reserve. When that is used up too, no
 * document is complete: document_text and json_line give NULL, and json_lacked_memory is true. What builds
 * documents need not check each part.
 */
void json_watch_memory(void);
bool json_lacked_memory(void);

json_t *value_of_number(double number); /* null for infinity and NaN */
/* above 2^63-1, which readers would round, its digits as a string */
json_t *value_of_unsigned(uint64_t number);
json_t *value_of_text(const char *text); /* null for NULL; a byte that is not UTF-8 becomes U+FFFD */

/*
 * Adds to a list or an object that is being built, and takes the value over. If that fails, for want of
 * memory or because the value or what is built is NULL, what is built is closed and becomes NULL; so a result
 * is looked at once, at its end.
 */
void add_to_list(json_t **list, json_t *value);
void add_to_object(json_t **object, const char *key, json_t *value);
void add_all_to_object(json_t **object, json_t *others); /* the members of another object */

/* The text as JSON; NULL: it is no JSON, or, with *lacks_memory, there was no memory. */
json_t *json_read(const char *text, bool *lacks_memory);

/*
 * json_dumps, whose text would be from the reserve; this one is to be freed by free. NULL: out of memory, or
 * no value.
 */
char *json_text(const json_t *value, size_t flags);

/*
 * The document as indented text with a newline at the end, to be freed by the caller; NULL if there is no
 * memory or no document.
 */
char *document_text(const json_t *document);

/* The same on one line without a blank or a newline, keys sorted: one spelling of what is equal. */
char *json_line(const json_t *document);

#endif
