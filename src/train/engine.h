/* SPDX-License-Identifier: MIT */
/* engine.h - opens a lenet_compute: the kernels, and threads to run them. */
#ifndef LENET_TRAIN_ENGINE_H
#define LENET_TRAIN_ENGINE_H

#include "kernels/kernels.h"
#include "util/threads.h"

typedef struct ln_engine {
    const ln_kernels *kernels;
    ln_threads *threads;
} ln_engine;

/*
 * `compute` may be NULL: the best instruction set, all processors. LENET_USAGE: one of the two is not available.
 */
lenet_status ln_engine_open(ln_engine *engine, const lenet_compute *compute, lenet_error *error);
void ln_engine_close(ln_engine *engine);

#endif
