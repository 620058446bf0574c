/* SPDX-License-Identifier: MIT */
/* help.h - the help of a subcommand, made from the table that also reads its command line. */
#ifndef LENET_CLI_HELP_H
#define LENET_CLI_HELP_H

#include "cli/options.h"

/* On stdout: usage, examples, options with their ranges and defaults. */
void print_help(const command_line *line);

/* A name and what it means, in the columns of the options. */
void print_help_entry(const char *name, const char *text);

#endif
