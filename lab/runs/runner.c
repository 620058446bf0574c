/* SPDX-License-Identifier: MIT */
/* runner.c - see runner.h. */
#include "lab/runs/runner.h"

#include "util/error.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

struct lab_runner {
    const lab_work *work;
    lab_guard guard; /* of the jobs, and of what follows */
    pthread_cond_t changed;
    pthread_t *threads;
    size_t thread_count, ended; /* ended: threads that have no more to do */
    size_t last_elsewhere;      /* the job of another process that was asked for last */
    lenet_error error;          /* what stopped it */
};

/*
 * The next job that is free; else, each in its turn, one that another process had, for it may be over. NULL:
 * there are no more.
 */
static lab_job *next_job(lab_runner *r)
{
    const size_t count = r->work->count;
    for (size_t i = 0; i < count; i++)
        if (r->work->jobs[i]->state == LAB_JOB_WAITING)
            return r->work->jobs[i];
    for (size_t i = 0; i < count; i++) {
        const size_t at = (r->last_elsewhere + 1 + i) % count;
        if (r->work->jobs[at]->state == LAB_JOB_ELSEWHERE) {
            r->last_elsewhere = at;
            return r->work->jobs[at];
        }
    }
    return NULL;
}

/* Half a second, before a job of another process is asked for again. */
static void pause_a_little(lab_runner *r)
{
    for (int i = 0; i < 5 && !atomic_load(&r->guard.is_stopping); i++)
        nanosleep(&(struct timespec){.tv_nsec = 100 * 1000 * 1000}, NULL);
}

/* Called and returns with the lock held. */
static void do_job(lab_runner *r, lab_job *job)
{
    lenet_error error = {LENET_OK, ""};
    const bool was_elsewhere = job->state == LAB_JOB_ELSEWHERE;
    job->state = LAB_JOB_RUNNING;
    job->now = (lenet_progress){.epochs = job->settings.epochs};
    pthread_mutex_unlock(&r->guard.lock);
    if (was_elsewhere)
        pause_a_little(r);
    const lenet_status status = lab_job_do(job, r->work->store, &r->work->observer, &r->guard, &error);
    lab_job_forget(job);
    pthread_mutex_lock(&r->guard.lock);
    if (status && !r->error.status) {
        r->error = error;
        r->error.status = status;
        atomic_store(&r->guard.is_stopping, true);
    }
}

static void *work(void *context)
{
    lab_runner *r = context;
    lab_job *job;
    pthread_mutex_lock(&r->guard.lock);
    while (!atomic_load(&r->guard.is_stopping) && (job = next_job(r)) != NULL) {
        do_job(r, job);
        pthread_cond_signal(&r->changed);
    }
    r->ended++;
    pthread_cond_signal(&r->changed);
    pthread_mutex_unlock(&r->guard.lock);
    return NULL;
}

/* Signals are for the caller's thread. Fewer threads than wanted will do. */
static void start_threads(lab_runner *r)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (r->thread_count < (size_t)r->work->workers && !pthread_create(&r->threads[r->thread_count], NULL, work, r))
        r->thread_count++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

lenet_status lab_runner_start(lab_runner **out, const lab_work *todo, lenet_error *error)
{
    lab_runner *r = calloc(1, sizeof *r);
    pthread_t *threads = calloc((size_t)todo->workers, sizeof *threads);
    if (!r || !threads) {
        free(r);
        free(threads);
        return ln_fail(error, LENET_FAILURE, "out of memory for the runs");
    }
    r->work = todo;
    r->threads = threads;
    pthread_mutex_init(&r->guard.lock, NULL);
    pthread_cond_init(&r->changed, NULL);
    start_threads(r);
    *out = r;
    if (r->thread_count)
        return LENET_OK;
    r->error = (lenet_error){LENET_FAILURE, "a thread could not be started"};
    return lab_runner_finish(out, error);
}

bool lab_runner_wait(lab_runner *r)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 100 * 1000 * 1000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&r->guard.lock);
    if (r->ended < r->thread_count)
        pthread_cond_timedwait(&r->changed, &r->guard.lock, &until);
    const bool is_going_on = r->ended < r->thread_count;
    pthread_mutex_unlock(&r->guard.lock);
    return is_going_on;
}

void lab_runner_lock(lab_runner *r) { pthread_mutex_lock(&r->guard.lock); }
void lab_runner_unlock(lab_runner *r) { pthread_mutex_unlock(&r->guard.lock); }
void lab_runner_stop(lab_runner *r) { atomic_store(&r->guard.is_stopping, true); }

lenet_status lab_runner_finish(lab_runner **handle, lenet_error *error)
{
    lab_runner *r = *handle;
    *handle = NULL;
    for (size_t i = 0; i < r->thread_count; i++)
        pthread_join(r->threads[i], NULL);
    lab_store_tidy(r->work->store);
    const lenet_error ended = r->error;
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->guard.lock);
    free(r->threads);
    free(r);
    if (ended.status && error)
        *error = ended;
    return ended.status;
}
