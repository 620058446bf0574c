/* SPDX-License-Identifier: MIT */
/*
 * threads.c - the pool. A round begins when the caller raises `round` and ends when `pending` is back at
 * zero. Workers look at `round` and the caller at `pending`, first spinning, then (so that an idle or crowded
 * machine is not burnt) asleep on a condition.
 *
 * Invariants: `work` and `argument` are written before `round` is raised and read after that is seen; results
 * likewise through `pending`. All atomics are sequentially consistent: a thread that goes to sleep announces
 * it and checks once more, a thread that changes something checks for sleepers afterwards.
 */
#include "util/threads.h"

#include "util/error.h"
#include "util/memory.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

enum { SPINS = 20000 }; /* about 0.1 ms at 5 ns a pause: longer than the gap between two steps */

struct ln_threads {
    _Alignas(LN_ALIGNMENT) atomic_uint round;
    _Alignas(LN_ALIGNMENT) atomic_int pending;
    _Alignas(LN_ALIGNMENT) atomic_int sleepers;
    void (*work)(void *, int);
    void *argument;
    int closing, spins, workers, started;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct worker {
        ln_threads *pool;
        int index;
        pthread_t thread;
    } worker[];
};

static inline void spin_pause(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* The condition of a wait: a round after the `seen`-th, or the end of this one. */
typedef struct condition {
    ln_threads *pool;
    unsigned seen;
} condition;

static int round_began(void *argument)
{
    const condition *c = argument;
    return atomic_load(&c->pool->round) != c->seen;
}

static int all_done(void *argument)
{
    const condition *c = argument;
    return atomic_load(&c->pool->pending) == 0;
}

int ln_threads_spin(const ln_threads *pool, int (*ready)(void *argument), void *argument)
{
    for (int i = 0; i < pool->spins; i++) {
        if (ready(argument))
            return 1;
        spin_pause();
    }
    return ready(argument);
}

/* Waits until ready: spins, then sleeps. */
static void wait_until(ln_threads *pool, int (*ready)(void *argument), unsigned seen)
{
    condition c = {pool, seen};
    if (ln_threads_spin(pool, ready, &c))
        return;
    pthread_mutex_lock(&pool->lock);
    atomic_fetch_add(&pool->sleepers, 1);
    while (!ready(&c))
        pthread_cond_wait(&pool->wake, &pool->lock);
    atomic_fetch_sub(&pool->sleepers, 1);
    pthread_mutex_unlock(&pool->lock);
}

/* After each change that a thread may wait for. */
static void wake_sleepers(ln_threads *pool)
{
    if (!atomic_load(&pool->sleepers))
        return;
    pthread_mutex_lock(&pool->lock);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
}

static void *worker_main(void *argument)
{
    const struct worker *self = argument;
    ln_threads *pool = self->pool;
    for (unsigned seen = 0;; seen++) {
        wait_until(pool, round_began, seen);
        if (pool->closing)
            return NULL;
        pool->work(pool->argument, self->index);
        if (atomic_fetch_sub(&pool->pending, 1) == 1)
            wake_sleepers(pool);
    }
}

static void begin_round(ln_threads *pool)
{
    atomic_store(&pool->pending, pool->started);
    atomic_fetch_add(&pool->round, 1);
    wake_sleepers(pool);
}

/* The caller handles signals: worker threads block them all. */
static int start_worker(ln_threads *pool, int index)
{
    struct worker *worker = &pool->worker[index];
    worker->pool = pool;
    worker->index = index;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed = pthread_create(&worker->thread, NULL, worker_main, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

lenet_status ln_threads_open(ln_threads **out, int workers, lenet_error *error)
{
    const size_t bytes = sizeof(ln_threads) + (size_t)workers * sizeof(struct worker);
    ln_threads *pool = ln_alloc(bytes, 1);
    if (!pool)
        return ln_fail_memory(error, "threads", bytes);
    pool->workers = workers;
    pool->spins = workers <= lenet_processor_count()
                      ? SPINS
                      : 0; /* spinning would take the processor from the thread that is waited for */
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    for (int i = 1; i < workers; i++) {
        const int reason = start_worker(pool, i);
        if (reason) {
            ln_threads_close(&pool);
            return ln_fail(error, LENET_FAILURE, "thread %d of %d could not be started: %s", i + 1, workers,
                           strerror(reason));
        }
        pool->started++;
    }
    *out = pool;
    return LENET_OK;
}

void ln_threads_close(ln_threads **handle)
{
    ln_threads *pool = *handle;
    *handle = NULL;
    if (!pool)
        return;
    pool->closing = 1;
    begin_round(pool);
    for (int i = 1; i <= pool->started; i++)
        pthread_join(pool->worker[i].thread, NULL);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
    ln_free(pool);
}

int ln_threads_workers(const ln_threads *pool) { return pool->workers; }

void ln_threads_run(ln_threads *pool, void (*work)(void *argument, int worker), void *argument)
{
    pool->work = work;
    pool->argument = argument;
    begin_round(pool);
    work(argument, 0);
    wait_until(pool, all_done, 0);
}

void ln_share(size_t count, int worker, int workers, size_t *first, size_t *last)
{
    const size_t each = count / (size_t)workers, more = count % (size_t)workers, w = (size_t)worker;
    *first = each * w + (w < more ? w : more);
    *last = *first + each + (w < more);
}

void ln_queues_fill(ln_queue queues[], size_t count, int workers)
{
    for (int worker = 0; worker < workers; worker++) {
        size_t first, last;
        ln_share(count, worker, workers, &first, &last);
        atomic_store(&queues[worker].rest, (uint64_t)last << 32 | first);
    }
}

/* Takes at most `most` from one queue, from its front or its back. */
static size_t take_from(ln_queue *queue, size_t most, int back, size_t *first)
{
    uint64_t rest = atomic_load(&queue->rest), left;
    size_t count;
    do {
        const uint64_t low = rest & UINT32_MAX, end = rest >> 32;
        count = end - low < most ? (size_t)(end - low) : most;
        *first = (size_t)(back ? end - count : low);
        left = back ? (end - count) << 32 | low : end << 32 | (low + count);
    } while (count && !atomic_compare_exchange_weak(&queue->rest, &rest, left));
    return count;
}

size_t ln_queue_take(ln_queue queues[], int worker, int workers, size_t most, size_t *first)
{
    size_t count = take_from(&queues[worker], most, 0, first);
    for (int i = 1; i < workers && !count; i++)
        count = take_from(&queues[(worker + i) % workers], most, 1, first);
    return count;
}

int lenet_processor_count(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set))
        return 1;
    const int count = CPU_COUNT(&set);
    return count > 0 ? count : 1;
}
