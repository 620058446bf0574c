/* SPDX-License-Identifier: MIT */
/* data.h - the parts of `lenet data`. */
#ifndef LENET_CLI_DATA_H
#define LENET_CLI_DATA_H

#include "cli/options.h"
#include "lenet/lenet.h"

int run_data_get(int argc, char **argv); /* argv[0] is "get" */

enum { MOST_SETS = 16 };

/*
 * The data sets named by `names`, each once, or all if there are none, into `sets`, ended by NULL. PARSED, or
 * LENET_USAGE after a complaint about an unknown name.
 */
int choose_sets(const command_line *line, int count, char **names, const lenet_source *sets[MOST_SETS + 1]);

/*
 * What is wrong with file `index` of `source`, as `check` found it: "missing", "is fashion-mnist's t10k-labels-
 * idx1-ubyte", ...
 */
char *describe_check(const lenet_source *source, size_t index, const lenet_file_check *check, char *text,
                     size_t capacity);

#endif
