/* SPDX-License-Identifier: MIT */
/*
 * settings.h - the public door of training: settings that are in range and fit together, or a reason why not.
 */
#ifndef LENET_TRAIN_SETTINGS_H
#define LENET_TRAIN_SETTINGS_H

#include "lenet/lenet.h"

/*
 * Copies `settings` with every default filled in (the learning rate too). LENET_USAGE: names the setting, its
 * value and its range.
 */
lenet_status ln_settings_check(const lenet_settings *settings, const lenet_model *model, const lenet_dataset *train,
                               const lenet_dataset *test, lenet_settings *checked, lenet_error *error);

#endif
