/* SPDX-License-Identifier: MIT */
/*
 * threads.h - a pool of threads that run one function together. A training step is a fraction of a millisecond, so
 * threads wait by spinning a while before they sleep; the caller is one of the workers. Beside it, what they do can be dealt out to them.
 */
#ifndef LENET_BASE_THREADS_H
#define LENET_BASE_THREADS_H

#include "base/memory.h"
#include "lenet/lenet.h"

#include <stdatomic.h>
#include <stdint.h>

typedef struct ln_threads ln_threads;

/* A pool of `workers` (1..256) including the caller. LENET_FAILURE: a thread could not be started. */
lenet_status ln_threads_open(ln_threads **pool, int workers, lenet_error *error);
void ln_threads_close(ln_threads **pool);
int ln_threads_workers(const ln_threads *pool);

/*
 * Runs work(argument, worker) for worker = 0 .. workers - 1 at the same time and returns when all are done. Everything
 * written before is seen by all of them, and everything they wrote is seen after.
 */
void ln_threads_run(ln_threads *pool, void (*work)(void *argument, int worker), void *argument);

/*
 * The part of `count` that belongs to `worker` of `workers`: *first .. *last - 1, in order, sizes differing by at most
 * one.
 */
void ln_share(size_t count, int worker, int workers, size_t *first, size_t *last);

/* Within a run: calls ready(argument) until it is not 0, but no longer than it is worth a processor to wait. Returns whether it was. */
int ln_threads_spin(const ln_threads *pool, int (*ready)(void *argument), void *argument);

/* What is left of a worker's share, which it takes from at the front; and others, once they have done theirs, at the back. */
typedef struct ln_deal {
    _Alignas(LN_ALIGNMENT) atomic_uint_least64_t rest; /* the first, and the one behind the last in the upper half */
} ln_deal;

/* Deals `count` < 2^32 things out as ln_share does; before a run. */
void ln_deal_out(ln_deal deals[], size_t count, int workers);

/* Takes at most `most` that lie side by side, *first and on. Returns how many, 0 if all are taken. */
size_t ln_deal_take(ln_deal deals[], int worker, int workers, size_t most, size_t *first);

#endif
