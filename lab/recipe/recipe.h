/* SPDX-License-Identifier: MIT */
/*
 * recipe.h - everything that the weights of a run depend on, as one JSON object, and the hash that the run is
 * known by.
 *
 * The recipe is compact JSON with sorted keys: every setting that is not aside by its name ("val_split"),
 * `data` as it was asked for, `arch` in full, the hashes of the images and labels (`data_sha256`,
 * `test_data_sha256`) and `numerics`. A setting that names a file stands there with the hash of what is in
 * it.
 *
 * The identity is the SHA-256 of the recipe without what does not count: the name of the data and paths of
 * files, which have hashes, and settings that have their default. So a later version with more settings
 * finds the runs of an earlier one.
 */
#ifndef LENET_LAB_RECIPE_RECIPE_H
#define LENET_LAB_RECIPE_RECIPE_H

#include "lenet/lenet.h"

#include <jansson.h>
#include <stdbool.h>

/*
 * Goes up when a recipe means other bits than before: a new default, or a golden hash that changes
 * (docs/numerics.md).
 */
enum { LAB_NUMERICS = 1 };

/* What a recipe is of, and what a network needs to know of its images. */
typedef struct lab_subject {
    lenet_shape shape;
    int classes;
    char train_sha256[65], test_sha256[65];
} lab_subject;

lab_subject lab_subject_of(const lenet_dataset *train, const lenet_dataset *test);

typedef struct lab_recipe {
    char *text;
    char identity[65];
    char *measured; /* what is measured beside: a JSON list of the flags that are set and aside, sorted: ["diagnose"] */
} lab_recipe;

/*
 * The recipe of a run on `data`. The settings are completed first. LENET_USAGE: they contradict each other,
 * or the architecture does not fit. LENET_IO: a file that a setting names cannot be read.
 */
lenet_status lab_recipe_make(lab_recipe *recipe, const char *data, const lab_subject *subject, const char *architecture,
                             const lenet_settings *settings, lenet_error *error);
void lab_recipe_close(lab_recipe *recipe);

/*
 * Adds the settings that the weights depend on, or with `aside` the others, to `object`: "val-split" is
 * called val_split. False: out of memory.
 */
bool lab_add_settings(json_t *object, const lenet_settings *settings, bool aside);

/*
 * Adds for each setting that names a file the hash of what is in it: "noise-kind" as noise_kind_sha256.
 * LENET_IO: it cannot be read.
 */
lenet_status lab_add_file_hashes(json_t *object, const lenet_settings *settings, lenet_error *error);

/* The defaults, as complete as a recipe has them. */
void lab_default_settings(lenet_settings *settings);

/* Sets the flags that are aside and that `measured` (a JSON list, as in lab_recipe) names. */
void lab_measure_also(lenet_settings *settings, const char *measured);

/* SHA-256 in hexadecimal. */
bool lab_sha256(const void *bytes, size_t size, char hex[65]); /* false: out of memory, hex is "" */

/* That of a file of fewer than `most` bytes. LENET_IO: it cannot be read, or is larger. */
lenet_status lab_sha256_file(const char *path, size_t most, char hex[65], lenet_error *error);

#endif
