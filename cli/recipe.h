/* SPDX-License-Identifier: MIT */
/*
 * recipe.h - the options of a command as a file: a mapping from their long names to what they are given on a command
 * line, in YAML or JSON. A record of a run (run.json) is a recipe too: its `options` are.
 *
 *     data: fashion-mnist
 *     epochs: 20
 *     val_split: 0.2        # - and _ are alike in names
 *     quiet: true
 *
 * Values are read by the rows that read the command line. null leaves an option as it is. Of a record the options that
 * name the folder of results (ln_option.is_of_the_call) are not taken: it holds what was computed, not what to do with it.
 */
#ifndef LENET_CLI_RECIPE_H
#define LENET_CLI_RECIPE_H

#include "cli/command-line.h"
#include "lab/text/yaml.h"

/*
 * Reads the file at `path` into the options of `line`; where given[i] is true, option i is only checked. *file gets the
 * tree, which strings point into: close it when they are used no more. PARSED, or the exit code after a complaint,
 * which names file and line.
 */
int read_recipe(const command_line *line, const char *path, const bool *given, lab_yaml **file);

#endif
