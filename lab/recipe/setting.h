/* SPDX-License-Identifier: MIT */
/* setting.h - the value of one setting: as text, whether it is given, and whether two are the same. */
#ifndef LENET_LAB_RECIPE_SETTING_H
#define LENET_LAB_RECIPE_SETTING_H

#include "lab/text/pool.h"

#include <stdbool.h>

/* 0, or NaN where 0 is a value: it stands for a default in words, "all". */
bool lab_setting_is_left_out(const lenet_setting *setting, const lenet_settings *settings);

/* Whether both have the same value of it. */
bool lab_setting_is_same(const lenet_setting *setting, const lenet_settings *a, const lenet_settings *b);

/* As `lenet train` takes it; of a flag "true" or "false"; "" for a text that is not given. */
const char *lab_setting_text(lab_pool *pool, const lenet_setting *setting, const lenet_settings *settings);

#endif
