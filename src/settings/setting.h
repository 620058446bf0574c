/* SPDX-License-Identifier: MIT */
/*
 * setting.h - the settings of a run by their names: command lines, recipes, studies, records and checkpoints
 * all spell them so, and know them from this table. Which go together is no matter of it:
 * lenet_settings_complete.
 */
#ifndef LENET_SETTINGS_SETTING_H
#define LENET_SETTINGS_SETTING_H

#include "util/option.h"

extern const ln_option ln_settings[]; /* ended by a NULL name */

const ln_option *ln_setting_find(const char *name); /* NULL: unknown */

/* The field of a setting. */
static inline void *ln_setting_field(const ln_option *setting, lenet_settings *settings)
{
    return (char *)settings + setting->offset;
}
static inline const void *ln_setting_value(const ln_option *setting, const lenet_settings *settings)
{
    return (const char *)settings + setting->offset;
}

/* The file by whose content the setting counts; NULL: none. */
const char *ln_setting_file(const ln_option *setting, const lenet_settings *settings);

/* Non-zero: neither the weights nor what is measured depend on it. */
int ln_setting_is_of_the_call(const ln_option *setting);

/* LENET_USAGE: the first setting whose value its row does not allow. */
lenet_status ln_settings_check_range(const lenet_settings *settings, lenet_error *error);

#endif
