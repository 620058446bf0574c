/* SPDX-License-Identifier: MIT */
/* error.h - how a function of lab/ fails: `return lab_fail(error, LENET_INPUT, "%s: ...", path);` */
#ifndef LENET_LAB_ERROR_H
#define LENET_LAB_ERROR_H

#include "lenet/lenet.h"

/*
 * Writes status and one formatted line into `error` (which may be NULL; control characters become spaces), returns
 * status.
 */
lenet_status lab_fail(lenet_error *error, lenet_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
