/* SPDX-License-Identifier: MIT */
/*
 * test_threads.c - work that is dealt out: everything is taken once, whoever takes it; one's own in order, another's from its end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/threads.h"

#include <stdatomic.h>

enum { WORKERS = 3, THINGS = 1000, ROUNDS = 50 };

static void own_in_order_then_from_the_end_of_others(void **state)
{
    (void)state;
    ln_queue queues[2];
    size_t first;
    ln_queues_fill(queues, 9, 2); /* 0..4 and 5..8 */
    assert_int_equal(ln_queue_take(queues, 1, 2, 3, &first), 3);
    assert_int_equal(first, 5);
    assert_int_equal(ln_queue_take(queues, 1, 2, 3, &first), 1);
    assert_int_equal(first, 8);
    assert_int_equal(ln_queue_take(queues, 1, 2, 2, &first), 2);
    assert_int_equal(first, 3);
    assert_int_equal(ln_queue_take(queues, 0, 2, 2, &first), 2);
    assert_int_equal(first, 0);
    assert_int_equal(ln_queue_take(queues, 1, 2, 2, &first), 1);
    assert_int_equal(first, 2);
    assert_int_equal(ln_queue_take(queues, 0, 2, 2, &first), 0);
    assert_int_equal(ln_queue_take(queues, 1, 2, 2, &first), 0);
}

static void fewer_things_than_workers(void **state)
{
    (void)state;
    ln_queue queues[WORKERS];
    size_t first;
    ln_queues_fill(queues, 1, WORKERS);
    assert_int_equal(ln_queue_take(queues, 2, WORKERS, 4, &first), 1);
    assert_int_equal(first, 0);
    for (int worker = 0; worker < WORKERS; worker++)
        assert_int_equal(ln_queue_take(queues, worker, WORKERS, 4, &first), 0);
}

typedef struct table {
    ln_queue queues[WORKERS];
    atomic_int taken[THINGS];
    atomic_int done;
    const ln_threads *pool;
} table;

static int all_done(void *argument)
{
    table *t = argument;
    return atomic_load(&t->done) == WORKERS;
}

/* One is slow, so that the others take from it. */
static void take_all(void *argument, int worker)
{
    table *t = argument;
    size_t first, count;
    while ((count = ln_queue_take(t->queues, worker, WORKERS, 1 + (size_t)worker, &first))) {
        for (size_t i = first; i < first + count; i++)
            atomic_fetch_add(&t->taken[i], 1);
        for (volatile int wait = 0; wait < 1000 && worker == 0; wait++)
            ;
    }
    atomic_fetch_add(&t->done, 1);
    ln_threads_spin(t->pool, all_done, t);
}

static void everything_is_taken_once(void **state)
{
    (void)state;
    static table t;
    ln_threads *pool;
    assert_int_equal(ln_threads_open(&pool, WORKERS, NULL), LENET_OK);
    t.pool = pool;
    for (int round = 1; round <= ROUNDS; round++) {
        ln_queues_fill(t.queues, THINGS, WORKERS);
        atomic_store(&t.done, 0);
        ln_threads_run(pool, take_all, &t);
        for (size_t i = 0; i < THINGS; i++)
            assert_int_equal(atomic_load(&t.taken[i]), round);
    }
    ln_threads_close(&pool);
}

static int count_to_three(void *argument) { return ++*(int *)argument == 3; }

static void a_spin_ends_when_it_is_ready(void **state)
{
    (void)state;
    ln_threads *pool;
    int calls = 0;
    assert_int_equal(ln_threads_open(&pool, 1, NULL), LENET_OK);
    ln_threads_spin(pool, count_to_three, &calls);
    assert_int_equal(calls, 3);
    ln_threads_close(&pool);
}

/* More threads than processors: to wait would take the processor from the one waited for. */
static void a_crowd_does_not_spin(void **state)
{
    (void)state;
    ln_threads *pool;
    int calls = 0;
    if (lenet_processor_count() >= 256)
        skip();
    assert_int_equal(ln_threads_open(&pool, lenet_processor_count() + 1, NULL), LENET_OK);
    ln_threads_spin(pool, count_to_three, &calls);
    assert_int_equal(calls, 1);
    ln_threads_close(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_in_order_then_from_the_end_of_others), cmocka_unit_test(fewer_things_than_workers),
        cmocka_unit_test(everything_is_taken_once),                 cmocka_unit_test(a_spin_ends_when_it_is_ready),
        cmocka_unit_test(a_crowd_does_not_spin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
