/* SPDX-License-Identifier: MIT */
/* settings.h - the public door of training: settings that are in range and fit together, or a reason why not. */
#ifndef LENET_TRAIN_SETTINGS_H
#define LENET_TRAIN_SETTINGS_H

#include "lenet/lenet.h"

/*
 * Copies `settings` with every default filled in (the learning rate too). LENET_USAGE: names the setting, its value and
 * its range.
 */
lenet_status ln_settings_check(const lenet_settings *settings, const lenet_model *model, const lenet_dataset *train, const lenet_dataset *test,
                               lenet_settings *checked, lenet_error *error);

/* LENET_USAGE: the first setting whose value its row of the table does not allow. */
lenet_status ln_settings_in_range(const lenet_settings *settings, lenet_error *error);

/* The value of a number, flag or name as text that reads back as it, whatever the locale; returns `text`. */
const char *ln_setting_text(const lenet_setting *setting, const lenet_settings *settings, char *text, size_t capacity);

#endif
