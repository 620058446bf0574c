/* SPDX-License-Identifier: MIT */
/* keep.c - see keep.h. */
#include "lab/study/keep.h"

#include "lab/runs/models.h"
#include "lab/text/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct best {
    char identity[65];
    double score;
    int64_t place; /* among the runs of its point */
} best;

static int take_best(void *context, int columns, const char *const *names, const lab_value *v)
{
    best *found = context;
    (void)columns, (void)names;
    snprintf(found->identity, sizeof found->identity, "%s", v[0].text);
    found->score = v[1].real;
    found->place = v[2].integer;
    return 1;
}

/*
 * The best finished run of a point; its score is NaN if there is none. False: the database could not be
 * read.
 */
static bool find_best(lab_store *store, const lab_point *point, best *found)
{
    *found = (best){.score = NAN};
    json_t *identities = json_array();
    for (size_t i = 0; i < point->run_count; i++)
        json_array_append_new(identities, json_string(point->runs[i].recipe.identity));
    char *list = json_line(identities);
    json_decref(identities);
    const bool is_asked =
        list &&
        !lab_store_query(
            store,
            "SELECT r.identity, coalesce((SELECT val_accuracy FROM epoch WHERE run = r.id AND epoch = r.best_epoch),"
            " r.test_accuracy) AS score, p.key FROM json_each(?1) AS p JOIN run AS r ON r.identity = p.value"
            " WHERE r.state = 'finished' AND r.best_epoch > 0 ORDER BY score DESC, p.key LIMIT 1",
            (const char *const[]){list, NULL}, take_best, found, NULL);
    free(list);
    return is_asked;
}

static int take_score(void *context, int columns, const char *const *names, const lab_value *v)
{
    (void)columns, (void)names;
    *(double *)context = v[0].real;
    return 1;
}

/* Of a run whose epochs are stored, but not its results. */
static double score_of(lab_store *store, int64_t run, const lenet_result *result)
{
    char id[32], epoch[32];
    double score = NAN;
    snprintf(id, sizeof id, "%jd", (intmax_t)run);
    snprintf(epoch, sizeof epoch, "%d", result->best_epoch);
    lab_store_query(store, "SELECT val_accuracy FROM epoch WHERE run = ?1 AND epoch = ?2",
                    (const char *const[]){id, epoch, NULL}, take_score, &score, NULL);
    return isnan(score) ? result->test_accuracy : score;
}

/* True if the database cannot be read: a model too many is no loss. */
static bool is_best_of(lab_store *store, const lab_point *point, size_t place, const double *score)
{
    best found;
    if (!find_best(store, point, &found))
        return true;
    if (!score)
        return !strcmp(found.identity, point->runs[place].recipe.identity);
    return isnan(found.score) || *score > found.score || (*score == found.score && (int64_t)place <= found.place);
}

/*
 * Is the run `identity` the best that has finished in some point of the study? Its results are in the
 * database, or they are `result`, and its epochs alone are there.
 */
static bool is_best(const lab_keeper *k, const char *identity, int64_t run, const lenet_result *result)
{
    const lab_study *study = k->jobs->study;
    const double score = result ? score_of(k->store, run, result) : NAN;
    for (size_t i = 0; i < study->experiment_count; i++)
        for (size_t j = 0; j < study->experiments[i].point_count; j++) {
            const lab_point *point = &study->experiments[i].points[j];
            for (size_t n = 0; n < point->run_count; n++)
                if (!strcmp(point->runs[n].recipe.identity, identity) &&
                    is_best_of(k->store, point, n, result ? &score : NULL))
                    return true;
        }
    return false;
}

/* ----------------------------------------------------------------------------------------------------- the observer */

static lenet_status keep_model(void *context, lab_job *job, lenet_error *error)
{
    const lab_keeper *k = context;
    const bool has_weights = !job->status && job->result.best_epoch;
    const bool is_kept = has_weights && k->keep != LAB_KEEP_NONE &&
                         (k->keep == LAB_KEEP_ALL || is_best(k, job->recipe.identity, job->claim.run, &job->result));
    ((lab_study_job *)job)->is_kept = is_kept;
    return is_kept ? lab_model_keep(k->store, job, error) : LENET_OK;
}

/* Removes the weights of the run `identity` if they were kept here and are not the best of any point. */
static void remove_if_beaten(lab_keeper *k, const char *identity)
{
    for (lab_study_job *j = k->jobs->jobs; j < k->jobs->jobs + k->jobs->count; j++)
        if (j->has_model && !strcmp(j->job.recipe.identity, identity) && !is_best(k, identity, 0, NULL)) {
            lab_model_remove(k->store, identity);
            j->has_model = false;
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
 * What the run is better than is removed if this process kept it. What another one kept stays: it may keep
 * all.
 */
static lenet_status remove_beaten(void *context, lab_job *job, lenet_error *error)
{
    lab_keeper *k = context;
    const lab_study *study = k->jobs->study;
    lab_study_job *stored = (lab_study_job *)job;
    (void)error;
    if (k->keep != LAB_KEEP_BEST || !stored->is_kept || !job->is_stored)
        return LENET_OK;
    pthread_mutex_lock(&k->lock);
    stored->has_model = true;
    for (size_t i = 0; i < study->experiment_count; i++)
        for (size_t j = 0; j < study->experiments[i].point_count; j++) {
            const lab_point *point = &study->experiments[i].points[j];
            for (size_t n = 0; n < point->run_count && has_run(point, job->recipe.identity); n++)
                remove_if_beaten(k, point->runs[n].recipe.identity);
        }
    pthread_mutex_unlock(&k->lock);
    return LENET_OK;
}

lab_observer lab_keep_models(lab_keeper *keeper)
{
    return (lab_observer){.context = keeper, .keep = keep_model, .ended = remove_beaten};
}
