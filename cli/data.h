/* SPDX-License-Identifier: MIT */
/* data.h - the parts of `lenet data`. */
#ifndef LENET_CLI_DATA_H
#define LENET_CLI_DATA_H

#include "cli/options.h"
#include "lenet/lenet.h"
#include "lenet/tools.h"

#include <stdbool.h>
#include <stdio.h>

int run_data_get(int argc, char **argv); /* argv[0] is "get" */

enum { MOST_SETS = 16 };

/* What `lenet data get` is asked for, but for the names. */
typedef struct data_order {
    const char *data_dir; /* the folder that files go to; NULL: the user's own */
    const char *mirrors;  /* URLs separated by commas, tried first, or NULL */
    bool only_mirrors;    /* ask no other */
    bool has_folders;     /* each mirror has a folder NAME for each data set; else it is the folder of one */
    int stall_seconds;
    bool quiet, json;
    FILE *output; /* the result for each set, if not as JSON */
} data_order;

/* Mistakes in it that a table of options cannot see: PARSED, or LENET_USAGE after a complaint. */
int check_data_order(const command_line *line, const data_order *order);

/*
 * Gets the data sets, ended by NULL, unless they are there. Returns the exit code, which is that of the first
 * failure; the others are got nevertheless. A signal ends the program.
 */
int get_data(const data_order *order, const lenet_source *const *sets);

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
