/* SPDX-License-Identifier: MIT */
/*
 * threads.h - a pool of threads that run one function together. A training step is a fraction of a
 * millisecond, so threads wait by spinning a while before they sleep; the caller is one of the workers. Work
 * queues share out blocks among them.
 */
#ifndef LENET_UTIL_THREADS_H
#define LENET_UTIL_THREADS_H

#include "lenet/lenet.h"
#include "util/memory.h"

#include <stdatomic.h>
#include <stdint.h>

typedef struct ln_threads ln_threads;

/* A pool of `workers` (1..256) including the caller. LENET_FAILURE: a thread could not be started. */
lenet_status ln_threads_open(ln_threads **pool, int workers, lenet_error *error);
void ln_threads_close(ln_threads **pool);
int ln_threads_workers(const ln_threads *pool);

/*
 * Runs work(argument, worker) for worker = 0 .. workers - 1 at the same time and returns when all are done.
 * Everything written before is seen by all of them, and everything they wrote is seen after.
 */
void ln_threads_run(ln_threads *pool, void (*work)(void *argument, int worker), void *argument);

/*
 * The part of `count` that belongs to `worker` of `workers`: *first .. *last - 1, in order, sizes differing
 * by at most one.
 */
void ln_share(size_t count, int worker, int workers, size_t *first, size_t *last);

/*
 * Within a run: calls ready(argument) until it is not 0, or until spinning costs more than it gains. Returns
 * whether it was not 0.
 */
int ln_threads_spin(const ln_threads *pool, int (*ready)(void *argument), void *argument);

/*
 * A worker's part of the work. It takes from the front; other workers steal from the back after their own
 * part is done.
 */
typedef struct ln_queue {
    /* the first, and in the upper half the one after the last */
    _Alignas(LN_ALIGNMENT) atomic_uint_least64_t rest;
} ln_queue;

/* Distributes `count` < 2^32 items as ln_share does; before a run. */
void ln_queues_fill(ln_queue queues[], size_t count, int workers);

/* Takes at most `most` consecutive items, from *first on. Returns how many, 0 if none is left. */
size_t ln_queue_take(ln_queue queues[], int worker, int workers, size_t most, size_t *first);

#endif
