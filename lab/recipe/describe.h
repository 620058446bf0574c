/* SPDX-License-Identifier: MIT */
/* describe.h - a recipe in a few words: what of it is not the default. */
#ifndef LENET_LAB_RECIPE_DESCRIBE_H
#define LENET_LAB_RECIPE_DESCRIBE_H

#include <jansson.h>
#include <stdbool.h>

/* What describing needs to know, found once for any number of recipes. Not for several threads. */
typedef struct lab_describer lab_describer;
lab_describer *lab_describer_open(void); /* NULL: out of memory */
void lab_describer_close(lab_describer **describer);

/*
 * "lr 0.003, loss gce": what of a recipe is not the default, the seed left out. `is_28`: its images have 28 x
 * 28 pixels, which decides whether an architecture is lenet5 or lenet5-valid. NULL: out of memory.
 */
json_t *lab_recipe_words(lab_describer *describer, const json_t *recipe, bool is_28);

#endif
