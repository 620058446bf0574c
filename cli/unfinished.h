/* SPDX-License-Identifier: MIT */
/*
 * unfinished.h - what a run leaves in its folder until it is finished, so that `lenet train --resume DIR` can
 * go on with it: recipe.json, the options and the hashes of the data that it was started with, and
 * checkpoint.safetensors, its state (docs/formats.md).
 *
 * Always: both are there until the results are, so that at no moment a run can be lost; neither is there once
 * the run is finished, which is how a finished run is known.
 */
#ifndef LENET_CLI_UNFINISHED_H
#define LENET_CLI_UNFINISHED_H

#include "cli/training.h"

/* The names of the two; ended by NULL. */
const char *const *unfinished_file_names(void);

/* The name of the file in `folder` that has the recipe of its run, or runs; NULL: there is none. */
const char *find_record(const char *folder);

/* The name of the record of a run that came to an end (0), or of several (1). */
const char *finished_record_name(int are_several);

/*
 * A file of a folder as JSON. NULL: there is none that could be read; *error says why it could not, or
 * nothing.
 */
json_t *read_record(const char *folder, const char *name, lenet_error *error);

/* "DIR: the run is finished, and DIR/run.json is its record" */
void print_finished(const char *folder, const char *name, const json_t *record);

/*
 * Of the folder t->resume: t->config gets the path of its recipe (of `path`), t->out the folder; PARSED.
 * Otherwise the exit code: the run there is finished, which is said (with t->json as its record), or there is
 * none. A finished run is not put into t->db: LENET_USAGE.
 */
int find_unfinished(training *t, char *path, size_t capacity);

/*
 * The folder t->out is there: from now on its run can be taken up. The recipe is written unless there is a
 * checkpoint, which is of the same run or will be refused.
 */
lenet_status begin_unfinished(const training *t, lenet_error *error);

/* "checkpoint.safetensors" */
const char *checkpoint_file_name(void);

/* Is there one in the folder? NULL: no. */
bool has_checkpoint(const char *out);

/* Has the folder the record and the model of a run that came to its end? */
bool has_finished_run(const char *out);

/*
 * Removes the checkpoint and the recipe of a finished run, or of several in folders of their own: a process may
 * have been killed before it did so.
 */
void tidy_up(const char *folder, bool is_of_several);

/* There is nothing to take up any more in the folder `out`. */
void end_unfinished(const char *out);

#endif
