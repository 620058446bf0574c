/* SPDX-License-Identifier: MIT */
/* nearest.h - words in lists of names, which end with NULL; what a misspelled one was meant to be. */
#ifndef LENET_UTIL_NEAREST_H
#define LENET_UTIL_NEAREST_H

int ln_is_name(const char *word, const char *const *names);

/* The name of `names` that is a few slips of the fingers away from `word`; NULL: there is none. */
const char *ln_nearest_name(const char *word, const char *const *names);

#endif
