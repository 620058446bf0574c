/* SPDX-License-Identifier: MIT */
/*
 * datasets.h - the data sets of a study, each read once and shared by all of its runs. Not for several
 * threads, but what it gave may be read by any.
 */
#ifndef LENET_LAB_DATA_DATASETS_H
#define LENET_LAB_DATA_DATASETS_H

#include "lab/recipe/recipe.h"
#include "lenet/lenet.h"
#include "lenet/tools.h"

#include <stdbool.h>

typedef struct lab_datasets lab_datasets;

/* `folder`: folder to search for all of them, whatever the study names; NULL: the folder of the study. */
lenet_status lab_datasets_create(lab_datasets **datasets, const char *folder, lenet_error *error);
void lab_datasets_close(lab_datasets **datasets);

/* Both splits of `data` in `folder`, as lenet_dataset_open takes them; they belong to `datasets`. */
lenet_status lab_datasets_open(lab_datasets *datasets, const char *data, const char *folder,
                               const lenet_dataset **train, const lenet_dataset **test, lenet_error *error);

/*
 * The one that was opened as number `index`, from 0: its name, and its splits. False: there are not so many.
 */
bool lab_datasets_at(const lab_datasets *datasets, size_t index, const char **data, const lenet_dataset **train,
                     const lenet_dataset **test);
/* The folder that data of a study is looked for in, which asks for `folder`. */
const char *lab_datasets_folder(const lab_datasets *datasets, const char *folder);

/* Whether lab_datasets_open has given it before. */
bool lab_datasets_has(const lab_datasets *datasets, const char *data, const char *folder);
/*
 * The next of those that were opened of which lenet_dataset_doubt has something to say, and what; *at begins
 * at 0. NULL: no more.
 */
const char *lab_datasets_doubt(const lab_datasets *datasets, size_t *at);

/* What it is: a lab_find_subject (study.h), `datasets` is a lab_datasets. */
lenet_status lab_datasets_subject(void *datasets, const char *data, const char *folder, lab_subject *subject,
                                  lenet_error *error);

#endif
