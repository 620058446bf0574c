/* SPDX-License-Identifier: MIT */
/* runner.c - workers that take one job after the other. What they share is behind one lock. */
#include "lab/study/runner.h"

#include "util/clock.h"
#include "util/error.h"
#include "lab/runs/trained.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct lab_runner {
    lab_jobs *jobs;
    lab_store *store;
    lab_keep keep;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t *workers;
    size_t worker_count, gone;
    size_t asked_last; /* the job of another process that was looked at last */
    atomic_bool is_stopping;
    lenet_error error; /* what stopped it */
};

/* A run on its way. */
typedef struct seat {
    lab_runner *runner;
    lab_job *job;
    lab_claim claim;
    char checkpoint[PATH_MAX];
    lenet_error error; /* of the database, in the middle of training */
} seat;

/* -------------------------------------------------------------------------------------------------------- training */

static int on_progress(void *context, const lenet_progress *now)
{
    seat *s = context;
    pthread_mutex_lock(&s->runner->lock);
    s->job->now = *now;
    pthread_mutex_unlock(&s->runner->lock);
    return s->error.status || atomic_load(&s->runner->is_stopping);
}

static int on_epoch(void *context, const lenet_epoch *epoch)
{
    seat *s = context;
    return lab_store_epoch(s->runner->store, s->claim.run, epoch, &s->error) || atomic_load(&s->runner->is_stopping);
}

static void prepare(seat *s, lenet_settings *settings)
{
    *settings = s->job->point->settings;
    settings->seed = s->job->run->seed;
    settings->fold = s->job->run->fold;
    settings->compute.threads = 1;
    settings->checkpoint = s->checkpoint;
    settings->on_progress = on_progress;
    settings->on_epoch = on_epoch;
    settings->context = s;
    lab_measure_also(settings, s->claim.measured);
}

/* --------------------------------------------------------------------------------------------------------- outcome */

/* Before the run counts as finished: what is the best so far is on the disk. */
static lenet_status keep_model(seat *s, lenet_model *model, const lab_trained *trained, bool *is_kept, lenet_error *error)
{
    const lab_runner *r = s->runner;
    const lab_job *job = s->job;
    *is_kept = !trained->status && trained->result->best_epoch && r->keep != LAB_KEEP_NONE &&
               (r->keep == LAB_KEEP_ALL || lab_is_best(r->store, r->jobs->study, job->recipe.identity, s->claim.run, trained->result));
    if (!*is_kept)
        return LENET_OK;
    const lenet_status status = lab_note_run(model, job->point->data, job->point->architecture, trained, error);
    return status ? status : lab_model_keep(r->store, job->recipe.identity, model, error);
}

/* Removes the weights of the run `identity` if they were kept here and are not the best of any point. */
static void remove_if_beaten(lab_runner *r, const char *identity)
{
    for (lab_job *job = r->jobs->jobs; job < r->jobs->jobs + r->jobs->count; job++)
        if (job->has_model && !strcmp(job->recipe.identity, identity) && !lab_is_best(r->store, r->jobs->study, identity, 0, NULL)) {
            lab_model_remove(r->store, identity);
            job->has_model = false;
        }
}

static bool has_run(const lab_point *point, const char *identity)
{
    for (size_t i = 0; i < point->run_count; i++)
        if (!strcmp(point->runs[i].recipe.identity, identity))
            return true;
    return false;
}

/*
 * The run has finished: what it is better than goes, if it was kept by this process. What another one kept stays, for it may have
 * been told to keep all.
 */
static void remove_beaten(seat *s)
{
    lab_runner *r = s->runner;
    const lab_study *study = r->jobs->study;
    pthread_mutex_lock(&r->lock);
    s->job->has_model = true;
    for (size_t i = 0; i < study->experiment_count && r->keep == LAB_KEEP_BEST; i++)
        for (size_t j = 0; j < study->experiments[i].point_count; j++) {
            const lab_point *point = &study->experiments[i].points[j];
            for (size_t k = 0; k < point->run_count && has_run(point, s->job->recipe.identity); k++)
                remove_if_beaten(r, point->runs[k].recipe.identity);
        }
    pthread_mutex_unlock(&r->lock);
}

/* What came of training, into the database. Returns what must stop everything. */
static lenet_status store_outcome(seat *s, lenet_model *model, const lab_trained *trained, lenet_error *error)
{
    bool is_kept = false;
    lab_store *store = s->runner->store;
    lenet_status stored = LENET_OK;
    const bool is_over = !s->error.status && trained->status != LENET_STOPPED && trained->status != LENET_IO;
    if (s->error.status)
        *error = s->error;
    if (is_over)
        stored = keep_model(s, model, trained, &is_kept, error);
    if (is_over && !stored)
        stored = lab_trained_store(trained, store, &s->claim, error);
    if (is_kept && !stored)
        remove_beaten(s);
    if (!is_over || stored)
        lab_store_release(store, s->claim.run, NULL);
    else if (!trained->status || trained->status == LENET_DIVERGED) /* one that failed for want of memory, say, goes on from there */
        unlink(s->checkpoint);
    return s->error.status ? s->error.status : trained->status == LENET_IO ? LENET_IO : stored;
}

/* Trains the claimed job. Returns what must stop everything; what became of the job is in it. */
static lenet_status train_job(seat *s, lenet_error *error)
{
    lab_job *job = s->job;
    lenet_model *model = NULL;
    lenet_settings settings;
    lenet_result result = {.epochs = 0};
    lenet_error why = {LENET_OK, ""};
    const double before = ln_seconds();
    prepare(s, &settings);
    lenet_status status = lenet_model_create_with(&model, job->point->architecture, &settings, lenet_dataset_shape(job->train),
                                                  lenet_dataset_classes(job->train), &why);
    if (!status)
        status = lab_train(model, job->train, job->test, &settings, &result, &why);
    const lab_trained trained = {model, job->train, job->test, &settings, &result, status, why.text};
    *error = why;
    status = store_outcome(s, model, &trained, error);
    lenet_model_close(&model);
    pthread_mutex_lock(&s->runner->lock);
    job->seconds = ln_seconds() - before;
    job->test_accuracy = result.test_accuracy;
    job->has_diverged = trained.status == LENET_DIVERGED;
    job->error = why;
    job->state = status || trained.status == LENET_STOPPED ? LAB_JOB_WAITING
                 : trained.status && !job->has_diverged    ? LAB_JOB_FAILED : LAB_JOB_DONE;
    pthread_mutex_unlock(&s->runner->lock);
    return status;
}

/* ---------------------------------------------------------------------------------------------------------- workers */

/* The next job that nobody is at; else, each in its turn, one that another process had, for it may be over. NULL: there are no more. */
static lab_job *next_job(lab_runner *r)
{
    const size_t count = r->jobs->count;
    for (lab_job *job = r->jobs->jobs; job < r->jobs->jobs + count; job++)
        if (job->state == LAB_JOB_WAITING)
            return job;
    for (size_t i = 0; i < count; i++) {
        lab_job *job = &r->jobs->jobs[(r->asked_last + 1 + i) % count];
        if (job->state == LAB_JOB_ELSEWHERE) {
            r->asked_last = (size_t)(job - r->jobs->jobs);
            return job;
        }
    }
    return NULL;
}

/* Of what another process has been at: waits a little before asking again. */
static void pause_a_little(lab_runner *r)
{
    for (int i = 0; i < 5 && !atomic_load(&r->is_stopping); i++)
        nanosleep(&(struct timespec){.tv_nsec = 100 * 1000 * 1000}, NULL);
}

/* Claims the job and trains it, if it is ours. Called and returns with the lock held. */
static lenet_status do_job(lab_runner *r, lab_job *job, lenet_error *error)
{
    seat s = {.runner = r, .job = job};
    const bool was_elsewhere = job->state == LAB_JOB_ELSEWHERE;
    job->state = LAB_JOB_RUNNING;
    job->now = (lenet_progress){.epochs = job->point->settings.epochs};
    pthread_mutex_unlock(&r->lock);
    if (was_elsewhere)
        pause_a_little(r);
    lenet_status status = lab_store_claim(r->store, &job->recipe, 0, &s.claim, error);
    if (!status && s.claim.is_ours) {
        status = lab_store_checkpoint(r->store, job->recipe.identity, s.checkpoint, error); /* after the claim: from now on nobody takes it away */
        if (status)
            lab_store_release(r->store, s.claim.run, NULL);
        else
            status = train_job(&s, error);
    }
    pthread_mutex_lock(&r->lock);
    if (status) {
        job->state = LAB_JOB_WAITING;
    } else if (!s.claim.is_ours) {
        job->state = s.claim.state == LAB_RUNNING ? LAB_JOB_ELSEWHERE : LAB_JOB_DONE;
        job->has_diverged = s.claim.state == LAB_DIVERGED;
        job->was_there = job->state == LAB_JOB_DONE;
    }
    return status;
}

static void *work(void *context)
{
    lab_runner *r = context;
    lab_job *job;
    pthread_mutex_lock(&r->lock);
    while (!atomic_load(&r->is_stopping) && (job = next_job(r)) != NULL) {
        lenet_error error = {LENET_OK, ""};
        const lenet_status status = do_job(r, job, &error);
        if (status && !r->error.status) {
            r->error = error;
            r->error.status = status;
            atomic_store(&r->is_stopping, true);
        }
        pthread_cond_signal(&r->changed);
    }
    r->gone++;
    pthread_cond_signal(&r->changed);
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

/* --------------------------------------------------------------------------------------------------- from outside */

lenet_status lab_runner_start(lab_runner **out, lab_jobs *jobs, lab_store *store, lab_keep keep, int side_by_side, lenet_error *error)
{
    lab_runner *r = calloc(1, sizeof *r);
    pthread_t *workers = calloc((size_t)side_by_side, sizeof *workers);
    if (!r || !workers) {
        free(r);
        free(workers);
        return ln_fail(error, LENET_FAILURE, "out of memory for the runs");
    }
    r->jobs = jobs;
    r->store = store;
    r->keep = keep;
    r->workers = workers;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->changed, NULL);
    sigset_t all, before; /* signals are for the caller's thread */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (r->worker_count < (size_t)side_by_side && !pthread_create(&workers[r->worker_count], NULL, work, r))
        r->worker_count++; /* fewer than wanted will do */
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    *out = r;
    if (!r->worker_count) {
        r->error = (lenet_error){LENET_FAILURE, "a thread could not be started"};
        return lab_runner_finish(out, error);
    }
    return LENET_OK;
}

bool lab_runner_wait(lab_runner *r)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 100 * 1000 * 1000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&r->lock);
    if (r->gone < r->worker_count)
        pthread_cond_timedwait(&r->changed, &r->lock, &until);
    const bool is_going_on = r->gone < r->worker_count;
    pthread_mutex_unlock(&r->lock);
    return is_going_on;
}

void lab_runner_lock(lab_runner *r) { pthread_mutex_lock(&r->lock); }
void lab_runner_unlock(lab_runner *r) { pthread_mutex_unlock(&r->lock); }
void lab_runner_stop(lab_runner *r) { atomic_store(&r->is_stopping, true); }

lenet_status lab_runner_finish(lab_runner **handle, lenet_error *error)
{
    lab_runner *r = *handle;
    *handle = NULL;
    for (size_t i = 0; i < r->worker_count; i++)
        pthread_join(r->workers[i], NULL);
    lab_store_tidy(r->store);
    const lenet_error ended = r->error;
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->lock);
    free(r->workers);
    free(r);
    if (ended.status && error)
        *error = ended;
    return ended.status;
}
