/* SPDX-License-Identifier: MIT */
/* print-json.h - prints a JSON document on stdout. */
#ifndef LENET_CLI_PRINT_JSON_H
#define LENET_CLI_PRINT_JSON_H

#include <jansson.h>

/*
 * Prints the document on stdout and gives it back (json_decref). Returns the exit code, having complained if there
 * was no memory.
 */
int print_document(json_t *document);

#endif
