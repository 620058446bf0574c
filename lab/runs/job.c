/* SPDX-License-Identifier: MIT */
/* job.c - see job.h. */
#include "lab/runs/job.h"

#include "lenet/tools.h"
#include "util/clock.h"
#include "util/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A job on its way. */
typedef struct way {
    lab_job *job;
    lab_store *store;
    const lab_observer *observer;
    lab_guard *guard;
    char checkpoint[PATH_MAX]; /* beside the database */
    lenet_error error;         /* of the database or the observer, during training */
} way;

static void lock(lab_guard *guard)
{
    if (guard)
        pthread_mutex_lock(&guard->lock);
}

static void unlock(lab_guard *guard)
{
    if (guard)
        pthread_mutex_unlock(&guard->lock);
}

/* ------------------------------------------------------------------------------------------------------- training */

static bool is_stopped(const way *w)
{
    const lab_observer *o = w->observer;
    return w->error.status || (w->guard && atomic_load(&w->guard->is_stopping)) ||
           (o->is_stopped && o->is_stopped(o->context));
}

static int on_progress(void *context, const lenet_progress *now)
{
    way *w = context;
    const lab_observer *o = w->observer;
    lock(w->guard);
    w->job->now = *now;
    unlock(w->guard);
    if (o->progress)
        o->progress(o->context, now);
    return is_stopped(w);
}

static int on_epoch(void *context, const lenet_epoch *epoch)
{
    way *w = context;
    const lab_observer *o = w->observer;
    lab_job *job = w->job;
    lenet_status status = job->claim.is_ours ? lab_store_epoch(w->store, job->claim.run, epoch, &w->error) : LENET_OK;
    if (!status && o->epoch)
        status = o->epoch(o->context, job, epoch, &w->error);
    w->error.status = status;
    return is_stopped(w);
}

/* The folder of checkpoints is made after the claim: while a run is claimed, no process removes it. */
static lenet_status prepare(way *w, lenet_error *error)
{
    lab_job *job = w->job;
    const lab_observer *o = w->observer;
    lenet_settings *s = &job->settings;
    lab_measure_also(s, job->claim.measured);
    lenet_status status = o->begin ? o->begin(o->context, job, error) : LENET_OK;
    if (!status && !job->checkpoint)
        status = lab_store_checkpoint(w->store, job->recipe.identity, w->checkpoint, error);
    s->checkpoint = job->checkpoint ? job->checkpoint : *w->checkpoint ? w->checkpoint : NULL;
    s->on_progress = on_progress;
    s->on_epoch = on_epoch;
    s->context = w;
    return status;
}

/*
 * A checkpoint of the caller's that is of another run is refused. One beside the database (of another
 * version, say) is replaced.
 */
static void train(way *w)
{
    lab_job *job = w->job;
    const lenet_settings *s = &job->settings;
    const double before = ln_seconds();
    if (!job->model)
        job->status = lenet_model_create_with(&job->model, job->architecture, s, lenet_dataset_shape(job->train),
                                              lenet_dataset_classes(job->train), &job->error);
    if (!job->status)
        job->status = lenet_train(job->model, job->train, job->test, s, &job->result, &job->error);
    const bool is_refused = job->status == LENET_USAGE || job->status == LENET_INPUT;
    if (is_refused && !job->checkpoint && s->checkpoint && !unlink(s->checkpoint))
        job->status = lenet_train(job->model, job->train, job->test, s, &job->result, &job->error);
    if (job->result.best_epoch)
        lenet_model_sha256(job->model, job->kept_sha256);
    if (w->error.status && job->status == LENET_STOPPED)
        job->error = w->error;
    job->seconds = ln_seconds() - before;
}

/* -------------------------------------------------------------------------------------------------------- storing */

/* Classes of the test images, as predicted; to be freed. */
static lenet_status predict(const lab_job *job, uint8_t **predicted, lenet_error *error)
{
    const size_t count = lenet_dataset_count(job->test), classes = (size_t)lenet_dataset_classes(job->test);
    float *p = calloc(count * classes, sizeof *p);
    *predicted = calloc(count, 1);
    lenet_status status = p && *predicted ? LENET_OK : ln_fail(error, LENET_FAILURE, "out of memory for predictions");
    if (!status)
        status =
            lenet_model_predict(job->model, count, lenet_dataset_images(job->test), p, &job->settings.compute, error);
    for (size_t i = 0; i < count && !status; i++)
        for (size_t k = 1; k < classes; k++)
            if (p[i * classes + k] > p[i * classes + (*predicted)[i]])
                (*predicted)[i] = (uint8_t)k;
    free(p);
    return status;
}

/* The realised label noise, to be freed; NULL if there is none. */
static lenet_status measure_noise(const lab_job *job, uint32_t **matrix, lenet_error *error)
{
    const size_t classes = (size_t)lenet_dataset_classes(job->train);
    bool is_noisy = false;
    *matrix = calloc(classes * classes, sizeof **matrix);
    if (!*matrix)
        return ln_fail(error, LENET_FAILURE, "out of memory for the noise");
    const lenet_status status = lenet_measure_noise(job->train, &job->settings, *matrix, error);
    for (size_t i = 0; i < classes * classes; i++)
        is_noisy |= i % (classes + 1) && (*matrix)[i];
    if (status || !is_noisy) {
        free(*matrix);
        *matrix = NULL;
    }
    return status;
}

static lenet_status store_finished(lab_job *job, lab_store *store, lenet_error *error)
{
    uint8_t *predicted = NULL;
    uint32_t *noise = NULL;
    lenet_status status = LENET_OK;
    if (!lab_store_is_in_memory(store)) /* which is gone before predictions are compared */
        status = predict(job, &predicted, error);
    if (!status)
        status = measure_noise(job, &noise, error);
    const lab_outcome outcome = {LAB_FINISHED,
                                 NULL,
                                 &job->result,
                                 job->kept_sha256,
                                 job->tested.count ? &job->tested : NULL,
                                 predicted,
                                 noise,
                                 job->claim.measured,
                                 lenet_dataset_count(job->test)};
    if (!status)
        status = lab_store_finish(store, job->claim.run, &outcome, error);
    free(predicted);
    free(noise);
    return status;
}

/* Weights were kept, and measured, only if an epoch was finished. */
static lenet_status store_diverged(const lab_job *job, lab_store *store, lenet_error *error)
{
    const lab_outcome ended = {.state = LAB_DIVERGED,
                               .message = job->error.text,
                               .result = &job->result,
                               .measured = job->claim.measured,
                               .kept_sha256 = job->result.best_epoch ? job->kept_sha256 : NULL,
                               .test_count = isnan(job->result.test_accuracy) ? 0 : lenet_dataset_count(job->test)};
    return lab_store_finish(store, job->claim.run, &ended, error);
}

static lenet_status store_result(lab_job *job, lab_store *store, lenet_error *error)
{
    if (!job->status)
        return store_finished(job, store, error);
    if (job->status == LENET_DIVERGED)
        return store_diverged(job, store, error);
    const lab_outcome failed = {.state = LAB_FAILED, .message = job->error.text, .measured = job->claim.measured};
    return lab_store_finish(store, job->claim.run, &failed, error);
}

static bool has_ended(const lab_job *job) { return job->status == LENET_OK || job->status == LENET_DIVERGED; }

/* What came of training, into the database. Returns what must stop other jobs. */
static lenet_status store_outcome(way *w, lenet_error *error)
{
    lab_job *job = w->job;
    const lab_observer *o = w->observer;
    const bool is_over = job->status != LENET_STOPPED && job->status != LENET_IO;
    lenet_status status = w->error.status ? w->error.status : job->status == LENET_IO ? LENET_IO : LENET_OK;
    if (status)
        *error = w->error.status ? w->error : job->error;
    if (is_over && !status && !job->status && (job->wants_confusion || !lab_store_is_in_memory(w->store)))
        status = lenet_evaluate(job->model, job->test, &job->settings.compute, &job->tested, error);
    if (is_over && !status && job->claim.is_ours && o->keep)
        status = o->keep(o->context, job, error);
    if (is_over && !status && job->claim.is_ours)
        status = store_result(job, w->store, error);
    job->is_stored = is_over && !status;
    if (!job->is_stored && job->claim.is_ours)
        lab_store_release(w->store, job->claim.run, NULL);
    if (job->is_stored && has_ended(job) && !job->checkpoint &&
        *w->checkpoint) /* one that failed for want of memory, say, keeps it */
        unlink(w->checkpoint);
    return status;
}

/* --------------------------------------------------------------------------------------------------------- epochs */

/* A copy to be freed in one piece; NULL: out of memory, or nothing to copy. */
static lenet_diagnosis *copy_diagnosis(const lenet_diagnosis *seen)
{
    const size_t bytes = seen ? seen->layer_count * sizeof *seen->layers : 0;
    lenet_diagnosis *copy = seen ? malloc(sizeof *copy + bytes) : NULL;
    if (!copy)
        return NULL;
    *copy = *seen;
    memcpy(copy + 1, seen->layers, bytes);
    copy->layers = (const lenet_layer_diagnosis *)(copy + 1);
    return copy;
}

bool lab_job_add_epoch(lab_job *job, const lenet_epoch *epoch)
{
    if (job->epoch_count == job->epoch_capacity) {
        const size_t capacity = 2 * job->epoch_capacity + 16;
        lenet_epoch *epochs = realloc(job->epochs, capacity * sizeof *epochs);
        if (!epochs)
            return false;
        job->epochs = epochs;
        job->epoch_capacity = capacity;
    }
    lenet_epoch *added = &job->epochs[job->epoch_count++];
    *added = *epoch;
    added->diagnosis = copy_diagnosis(epoch->diagnosis);
    return added->diagnosis || !epoch->diagnosis;
}

void lab_job_curve(const lab_job *job, int metric, double *values)
{
    const char *unit = lenet_metric_list()[metric].unit;
    for (size_t i = 0; i < job->epoch_count; i++)
        values[i] = (unit && *unit == '%' ? 100 : 1) * job->epochs[i].values[metric];
}

const lenet_epoch *lab_job_kept_epoch(const lab_job *job)
{
    const int best = job->result.best_epoch;
    return best >= 1 && (size_t)best <= job->epoch_count ? &job->epochs[best - 1] : NULL;
}

void lab_job_forget(lab_job *job)
{
    lenet_model_close(&job->model);
    lenet_evaluation_close(&job->tested);
    job->tested = (lenet_evaluation){.count = 0};
}

static void forget_epochs(lab_job *job)
{
    for (size_t i = 0; i < job->epoch_count; i++)
        free((lenet_diagnosis *)job->epochs[i].diagnosis);
    free(job->epochs);
    job->epochs = NULL;
    job->epoch_count = job->epoch_capacity = 0;
}

void lab_job_close(lab_job *job)
{
    lab_job_forget(job);
    forget_epochs(job);
    lab_recipe_close(&job->recipe);
}

/* ------------------------------------------------------------------------------------------------------ recalling */

static const char *name_of_isa(const char *name)
{
    for (const char *const *isa = lenet_isa_list(); name && *isa; isa++)
        if (!strcmp(*isa, name))
            return *isa;
    return NULL;
}

static void copy_text(char *to, size_t capacity, const lab_value *value)
{
    snprintf(to, capacity, "%s", value->type == LAB_TEXT ? value->text : "");
}

static int take_run(void *context, int columns, const char *const *names, const lab_value *v)
{
    lab_job *job = context;
    (void)columns, (void)names;
    job->result = (lenet_result){.epochs = (int)v[0].integer,
                                 .best_epoch = (int)v[1].integer,
                                 .train_count = (size_t)v[2].integer,
                                 .val_count = (size_t)v[3].integer,
                                 .seconds = v[4].real,
                                 .images_per_second = v[0].integer ? (double)v[0].integer * v[2].real / v[4].real : NAN,
                                 .test_loss = v[5].real,
                                 .test_accuracy = v[6].real,
                                 .threads = (int)v[7].integer,
                                 .isa = name_of_isa(v[8].text)};
    job->result.stopped_early = job->result.epochs < job->settings.epochs;
    if (!job->result.best_epoch) /* older versions stored figures of untrained weights */
        job->result.test_loss = job->result.test_accuracy = NAN;
    copy_text(job->result.weights_sha256, sizeof job->result.weights_sha256, &v[9]);
    copy_text(job->kept_sha256, sizeof job->kept_sha256, &v[10]);
    copy_text(job->error.text, sizeof job->error.text, &v[11]);
    struct tm utc = {.tm_year = 70};
    if (v[12].type == LAB_TEXT && strptime(v[12].text, "%Y-%m-%dT%H:%M:%SZ", &utc))
        job->started = timegm(&utc);
    return 1;
}

static int take_epoch(void *context, const lenet_epoch *epoch) { return !lab_job_add_epoch(context, epoch); }

static lenet_status recall(lab_job *job, lab_store *store, lenet_error *error)
{
    char number[32];
    const char *const texts[] = {number, NULL};
    job->seconds = NAN;
    snprintf(number, sizeof number, "%jd", (intmax_t)job->claim.run);
    lenet_status status =
        lab_store_query(store,
                        "SELECT epochs, best_epoch, train_count, val_count, seconds, test_loss, test_accuracy, threads,"
                        " isa, weights_sha256, kept_weights_sha256, message, claimed FROM run WHERE id = ?1",
                        texts, take_run, job, error);
    if (!status)
        status = lab_store_epochs(store, job->claim.run, take_epoch, job, error);
    if (!status && job->status)
        job->error.status = job->status;
    return status;
}

/*
 * The weights that were kept beside the database. False: they are not there, or not those of the row; or
 * diagnoses are wanted, of which the rows have less than training gives.
 */
static bool recall_model(lab_job *job, lab_store *store)
{
    char path[PATH_MAX], sha256[65];
    lenet_model *model = NULL;
    if (job->settings.diagnose || lab_store_model(store, job->recipe.identity, 0, path, NULL) ||
        lenet_model_load(&model, path, NULL))
        return false;
    lenet_model_sha256(model, sha256);
    const bool is_it = !strcmp(sha256, job->kept_sha256);
    lenet_model_close(is_it ? &job->model : &model);
    job->model = is_it ? model : job->model;
    return is_it;
}

/* ------------------------------------------------------------------------------------------------------- the life */

static lenet_status end(way *w, lenet_error *error)
{
    return w->observer->ended ? w->observer->ended(w->observer->context, w->job, error) : LENET_OK;
}

static lenet_status train_claimed(way *w, lenet_error *error)
{
    lab_job *job = w->job;
    job->started = time(NULL);
    lenet_status status = prepare(w, error);
    if (status && job->claim.is_ours)
        lab_store_release(w->store, job->claim.run, NULL);
    if (!status) {
        train(w);
        status = store_outcome(w, error);
        const lenet_status ended = end(w, status ? NULL : error);
        status = status ? status : ended;
    }
    job->settings.checkpoint = NULL; /* it was of this call */
    lock(w->guard);
    job->state = status || job->status == LENET_STOPPED ? LAB_JOB_WAITING
                 : has_ended(job)                       ? LAB_JOB_DONE
                                                        : LAB_JOB_FAILED;
    unlock(w->guard);
    return status;
}

/* Its result is in the database, and stays as it is. */
static lenet_status take_stored(way *w, lenet_error *error)
{
    lab_job *job = w->job;
    job->status = job->claim.state == LAB_DIVERGED ? LENET_DIVERGED : LENET_OK;
    lenet_status status = job->wants_result ? recall(job, w->store, error) : LENET_OK;
    if (!status && job->wants_model && !recall_model(job, w->store)) {
        forget_epochs(job);
        job->status = LENET_OK;
        return train_claimed(w, error);
    }
    lock(w->guard);
    job->state = status ? LAB_JOB_WAITING : LAB_JOB_DONE;
    job->was_there = job->is_stored = !status;
    unlock(w->guard);
    return status ? status : end(w, error);
}

lenet_status lab_job_do(lab_job *job, lab_store *store, const lab_observer *observer, lab_guard *guard,
                        lenet_error *error)
{
    way w = {.job = job, .store = store, .observer = observer, .guard = guard};
    lab_claim claim = {.run = 0};
    const lenet_status status = lab_store_claim(store, &job->recipe, job->again, &claim, error);
    const bool is_elsewhere = !status && !claim.is_ours && claim.state == LAB_RUNNING;
    job->claim = claim;
    if (!status && !is_elsewhere)
        return claim.is_ours ? train_claimed(&w, error) : take_stored(&w, error);
    lock(guard);
    job->state = is_elsewhere ? LAB_JOB_ELSEWHERE : LAB_JOB_WAITING;
    unlock(guard);
    return status;
}

double lab_job_share(const lab_job *job)
{
    if (job->state == LAB_JOB_DONE || job->state == LAB_JOB_FAILED)
        return 1;
    const double in_epoch = job->now.epoch_images ? (double)job->now.images / (double)job->now.epoch_images : 0;
    return job->state == LAB_JOB_RUNNING && job->now.epoch ? (job->now.epoch - 1 + in_epoch) / job->now.epochs : 0;
}
