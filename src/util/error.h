/* SPDX-License-Identifier: MIT */
/* error.h - how a function inside the library fails: `return ln_fail(error, LENET_INPUT, "%s: ...", path);` */
#ifndef LENET_UTIL_ERROR_H
#define LENET_UTIL_ERROR_H

#include "lenet/lenet.h"

/*
 * Writes status and one formatted line into `error` (which may be NULL; a newline inside becomes a space) and returns
 * status.
 */
lenet_status ln_fail(lenet_error *error, lenet_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ln_fail for memory that could not be had: `what` it was for. */
lenet_status ln_fail_memory(lenet_error *error, const char *what, size_t bytes);

#endif
