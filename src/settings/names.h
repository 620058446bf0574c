/* SPDX-License-Identifier: MIT */
/*
 * names.h - the names that settings choose from, each list ended by NULL. A list is defined where its things
 * are, above this folder: here it is only said that there is one, so that the table of settings needs nothing
 * of what the names mean.
 */
#ifndef LENET_SETTINGS_NAMES_H
#define LENET_SETTINGS_NAMES_H

extern const char *const ln_optimizer_names[];
extern const char *const ln_schedule_names[];
extern const char *const ln_loss_names[];
extern const char *const ln_activation_names[];
extern const char *const ln_initializer_names[];
extern const char *const ln_bias_initializer_names[];
extern const char *const ln_noise_kinds[]; /* "matrix" is followed by ":FILE" */

#endif
