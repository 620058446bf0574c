/* SPDX-License-Identifier: MIT */
/* help.h - the help of a subcommand, made from the table that also reads its command line. */
#ifndef LENET_CLI_HELP_H
#define LENET_CLI_HELP_H

#include "cli/command-line.h"

/* On stdout: usage, examples, options with their ranges and defaults. `all`: also what is not in line->basic. */
void print_help(const command_line *line, bool all);

/*
 * The text about an option: help, names or range, default. `on_any_machine`: without the names that depend on the
 * machine, which are those of instruction sets.
 */
void describe_option(const ln_option *option, bool on_any_machine, char *text, size_t capacity);

/* A name and what it means, in the columns of the options. */
void print_help_entry(const char *name, const char *text);

#endif
