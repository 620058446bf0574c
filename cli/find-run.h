/* SPDX-License-Identifier: MIT */
/*
 * find-run.h - finds a run of a database by its name:
 *
 *  - digits alone are its number;
 *  - 6 to 64 hexadecimal digits, among them a letter, that begin the identity of a run are that run;
 *  - all else is the description of the run in `lenet runs list`: "lr 0.002", or of several such runs "lr 0.002, seed
 *    3".
 *
 * A name of several runs is refused with their numbers.
 */
#ifndef LENET_CLI_FIND_RUN_H
#define LENET_CLI_FIND_RUN_H

#include "lab/runs/store.h"

#include <jansson.h>
#include <stdbool.h>

/*
 * "lr 0.003, loss gce": what of a recipe is not the default, the seed left out. `is_28` is what LAB_RUN_IS_28
 * (lab/runs/store.h) gives of the run: for images of 28 x 28 lenet5 and lenet5-valid are two networks, for
 * others one. NULL: out of memory.
 */
json_t *describe_recipe(const json_t *recipe, bool is_28);

typedef struct named_run {
    int64_t number;
    char identity[65];
} named_run;

/* The one run of the database `db` that is called `name`. LENET_OK, or having complained LENET_INPUT. */
int find_named_run(lab_store *store, const char *db, const char *name, named_run *found);

/*
 * Where the model `name` is: a file, the folder that `lenet train --out` filled, or with `db` the weights of
 * a run in it. Returns an exit code, having complained.
 */
int find_model(const char *name, const char *db, char path[PATH_MAX]);

#endif
