/* SPDX-License-Identifier: MIT */
/* clock.h - seconds on a clock that never jumps; only differences mean anything. */
#ifndef LENET_UTIL_CLOCK_H
#define LENET_UTIL_CLOCK_H

double ln_seconds(void);

#endif
