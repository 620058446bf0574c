/* SPDX-License-Identifier: MIT */
/*
 * job.h - one life of a run: claim its row of the database, train with a checkpoint, store its epochs and its
 * result, finish the row. Whatever trains in lenet does it here: `lenet train`, its --runs and --folds, and
 * studies (lab/runs/runner.h).
 *
 * Always: a run that another process trains, or whose result is in the database, is not trained. Whatever
 * ends the process, what was stored stays, and the run continues from the checkpoint.
 */
#ifndef LENET_LAB_RUNS_JOB_H
#define LENET_LAB_RUNS_JOB_H

#include "lab/recipe/recipe.h"
#include "lab/runs/store.h"
#include "lenet/lenet.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

typedef enum lab_job_state {
    LAB_JOB_WAITING,
    LAB_JOB_RUNNING,   /* here */
    LAB_JOB_ELSEWHERE, /* in another process, which may train it or be dead */
    LAB_JOB_DONE,      /* finished or diverged */
    LAB_JOB_FAILED,    /* `error` */
} lab_job_state;

typedef struct lab_job {
    /* What to train. Of the caller, and constant. */
    const char *data, *architecture;
    const lenet_dataset *train, *test;
    lenet_settings settings; /* complete; its callbacks and its checkpoint are set by lab_job_do */
    lab_recipe recipe;       /* of all these; closed by the caller */
    const char
        *checkpoint; /* the file to go on from and to leave, which the caller removes. NULL: a file beside the database,
                                removed once the result is stored; a database in memory has none */
    bool again;      /* train it although its result is in the database, which is replaced */
    /* where its result is in the database, read it; diagnoses of epochs are left out */
    bool wants_result;
    /* and its weights: those kept beside the database, or else train it, and the result stays */
    bool wants_model;
    /* measure `tested` although the database is in memory, where no later reader wants it */
    bool wants_confusion;

    /* Where it is: guarded by the lock of the runner, if it has one. */
    lab_job_state state;
    lenet_progress now;
    bool was_there; /* its result was in the database before this process came to it */

    /* What came of it: constant once the state is LAB_JOB_DONE or LAB_JOB_FAILED. */
    lab_claim claim;
    time_t started;
    double seconds; /* of training, from the untrained network on */
    bool is_stored; /* in the database, by this process or before */
    /* as lenet_train left it; if it is given, it is the untrained network. Closed by lab_job_forget */
    lenet_model *model;
    lenet_status status; /* of lenet_train, and its error */
    lenet_error error;
    lenet_result result;
    char kept_sha256[65];    /* of the weights that were kept; "" if none were */
    lenet_evaluation tested; /* the kept weights on the test images; count 0: not measured */
    lenet_epoch *epochs;     /* with copies of their diagnoses, if an observer calls lab_job_add_epoch */
    size_t epoch_count, epoch_capacity;
} lab_job;

/* Jobs side by side share one: it guards their states, and stops them. */
typedef struct lab_guard {
    pthread_mutex_t lock;
    atomic_bool is_stopping;
} lab_guard;

/*
 * What a caller adds to the life of a run; each may be NULL. All are called by the thread that trains,
 * without the lock. Where `begin` or `epoch` fails the run stops, and can be resumed. Where `keep` fails it
 * is not stored. `error` may be NULL.
 */
typedef struct lab_observer {
    void *context;
    /* claimed, trained next; may set job->checkpoint */
    lenet_status (*begin)(void *context, lab_job *job, lenet_error *error);
    void (*progress)(void *context, const lenet_progress *now);
    bool (*is_stopped)(void *context); /* called while training goes on, and after each epoch */
    /* it is stored */
    lenet_status (*epoch)(void *context, lab_job *job, const lenet_epoch *epoch, lenet_error *error);
    /* training is over: its row is finished next */
    lenet_status (*keep)(void *context, lab_job *job, lenet_error *error);
    /* last, however it ended, also if it was_there */
    lenet_status (*ended)(void *context, lab_job *job, lenet_error *error);
} lab_observer;

/*
 * Claims the job and trains it, if it is free. Returns what must stop other jobs too: the database or the
 * checkpoint cannot be written, or what the observer returned. What became of the run is in the job: its
 * state, and its status.
 */
lenet_status lab_job_do(lab_job *job, lab_store *store, const lab_observer *observer, lab_guard *guard,
                        lenet_error *error);

/* Notes an epoch. False: out of memory. */
bool lab_job_add_epoch(lab_job *job, const lenet_epoch *epoch);

/* A metric of each epoch into values[epoch_count], as it is displayed: shares in percent. */
void lab_job_curve(const lab_job *job, int metric, double *values);

/* The epoch whose weights were kept; NULL if there is none. */
const lenet_epoch *lab_job_kept_epoch(const lab_job *job);

/* Closes the model and what was tested; lab_job_close also the epochs and the recipe. */
void lab_job_forget(lab_job *job);
void lab_job_close(lab_job *job);

/* The share of its training that is done, in 0..1. */
double lab_job_share(const lab_job *job);

#endif
