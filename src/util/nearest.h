/* SPDX-License-Identifier: MIT */
/* nearest.h - what a misspelled word was meant to be. */
#ifndef LENET_UTIL_NEAREST_H
#define LENET_UTIL_NEAREST_H

/* The name of `names` (ended by NULL) that is a few slips of the fingers away from `word`; NULL: there is none. */
const char *ln_nearest_name(const char *word, const char *const *names);

#endif
