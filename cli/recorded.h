/* SPDX-License-Identifier: MIT */
/*
 * recorded.h - the files that a run depends on, by their content: in its record, and against the record that
 * it is trained from. So a recipe that names its files does not train other weights without a word.
 */
#ifndef LENET_CLI_RECORDED_H
#define LENET_CLI_RECORDED_H

#include "cli/training.h"

/*
 * Looks at the files once, before training: the data sets must be open. LENET_IO: a file that a setting names
 * cannot be read.
 */
lenet_status find_files_of_run(training *t, lenet_error *error);

/*
 * `data_sha256` and `test_data_sha256`, and for a setting that names a file its `KEY_sha256`
 * (docs/formats.md); a new object. NULL: out of memory.
 */
json_t *value_of_files_used(const training *t);

/*
 * Holds them against the record that the recipe comes from, if it has hashes. What the command line names
 * again is not compared. Returns an exit code: LENET_INPUT, after a complaint, where a file has changed and
 * --changed-data is not given.
 */
int check_recorded_files(const training *t);

#endif
