/* SPDX-License-Identifier: MIT */
/*
 * filter.h - which runs of a database are wanted and in which order, in the words of settings, made into SQL.
 */
#ifndef LENET_CLI_FILTER_H
#define LENET_CLI_FILTER_H

#include "cli/options.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The condition of --where as SQL. "lr=0.01", "data = mnist and test_accuracy > 0.9": settings as options
 * spell them and columns of `runs list`, each compared with one word. All else is SQL already, and stays.
 * NULL `where`: all. False: it does not fit.
 */
bool filter_sql(const char *where, char *sql, size_t capacity);

/*
 * What --sort KEY, or -KEY for the largest first, orders by; "id" for NULL. PARSED, or LENET_USAGE after a
 * complaint.
 */
int sort_sql(const command_line *line, const char *key, char *sql, size_t capacity);

#endif
