/* SPDX-License-Identifier: MIT */
/*
 * options.h - the one parser of command lines, driven by a table that also makes the help.
 *
 * What lies in an option's field before parsing is the default, and the help prints it from there, so help
 * and program cannot disagree. Accepted are `--name VALUE`, `--name=VALUE`, flags without a value, `--` (all
 * that follows are arguments), and arguments between options. Every value is read to its last character and
 * held against the row's range; infinity and "not a number" are never accepted. `--name=false` takes a flag
 * back that a recipe (recipe.h) sets. Nothing here depends on the locale.
 */
#ifndef LENET_CLI_OPTIONS_H
#define LENET_CLI_OPTIONS_H

#include "cli/command-line.h"

/*
 * Reads argv[1..]: stores the values of options and moves the arguments that are none to argv[0..], their
 * number to *count. PARSED: go on. Otherwise the exit code: 0 after --help (printed to stdout), LENET_USAGE
 * after a mistake (named on stderr).
 */
int parse_command_line(const command_line *line, int argc, char **argv, int *count);

/* Prints the library's error about --arch, or a setting that changes it; returns the exit code. */
int refuse_architecture(const char *architecture, const lenet_error *error);

#endif
