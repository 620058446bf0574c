/* SPDX-License-Identifier: MIT */
/* jobs.c - see jobs.h. */
#include "lab/study/jobs.h"

#include "lab/text/json.h"
#include "lenet/tools.h"
#include "util/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------------------------------------------------- listing */

/* Jobs by identity: open addressing, a power of two of places, at most half of them used. */
typedef struct places {
    size_t mask;
    lab_study_job **at;
} places;

static lab_study_job **place_of(const places *p, const char *identity)
{
    size_t at = (size_t)strtoull((char[]){identity[0], identity[1], identity[2], identity[3], identity[4], identity[5],
                                          identity[6], identity[7], '\0'},
                                 NULL, 16);
    while (p->at[at & p->mask] && strcmp(p->at[at & p->mask]->job.recipe.identity, identity) != 0)
        at++;
    return &p->at[at & p->mask];
}

/* The names in either list. NULL: out of memory. */
static char *join_measured(const char *a, const char *b)
{
    json_t *names = json_loads(a, 0, NULL), *others = json_loads(b, 0, NULL), *name, *other;
    size_t i, j;
    json_array_foreach(others, i, name)
    {
        bool is_new = true;
        json_array_foreach(names, j, other) is_new &= !json_equal(name, other);
        if (is_new)
            json_array_append(names, name);
    }
    char *text = json_line(names);
    json_decref(names);
    json_decref(others);
    return text;
}

static lenet_status merge(lab_job *job, const lab_recipe *recipe, lenet_error *error)
{
    if (!strcmp(job->recipe.measured, recipe->measured))
        return LENET_OK;
    char *both = join_measured(job->recipe.measured, recipe->measured);
    if (!both)
        return ln_fail(error, LENET_FAILURE, "out of memory for the list of runs");
    free(job->recipe.measured);
    job->recipe.measured = both;
    return LENET_OK;
}

static lenet_status add_job(lab_jobs *all, lab_study_job **place, const lab_study_job *like, lab_datasets *datasets,
                            lenet_error *error)
{
    const lab_recipe *recipe = &like->run->recipe;
    const lab_point *point = like->point;
    lab_study_job *added = &all->jobs[all->count];
    lab_job *job = &added->job;
    *added = *like;
    *job = (lab_job){
        .data = point->data, .architecture = point->architecture, .settings = point->settings, .recipe = *recipe};
    job->recipe.text = strdup(recipe->text);
    job->recipe.measured = strdup(recipe->measured);
    job->settings.seed = like->run->seed;
    job->settings.fold = like->run->fold;
    job->settings.compute.threads = 1;
    all->list[all->count++] = job;
    *place = added;
    if (!job->recipe.text || !job->recipe.measured)
        return ln_fail(error, LENET_FAILURE, "out of memory for the list of runs");
    return lab_datasets_open(datasets, point->data, point->folder, &job->train, &job->test, error);
}

static lenet_status add_point(lab_jobs *all, const places *p, const lab_experiment *e, const lab_point *point,
                              lab_datasets *datasets, lenet_error *error)
{
    lenet_status status = LENET_OK;
    if (!lab_datasets_has(datasets, point->data, point->folder))
        return LENET_OK;
    for (size_t i = 0; i < point->run_count && !status; i++) {
        const lab_recipe *recipe = &point->runs[i].recipe;
        lab_study_job **place = place_of(p, recipe->identity);
        const lab_study_job like = {.experiment = e, .point = point, .run = &point->runs[i]};
        status = *place ? merge(&(*place)->job, recipe, error) : add_job(all, place, &like, datasets, error);
    }
    return status;
}

static size_t count_runs(const lab_study *study)
{
    size_t count = 0;
    for (size_t i = 0; i < study->experiment_count; i++)
        for (size_t j = 0; j < study->experiments[i].point_count; j++)
            count += study->experiments[i].points[j].run_count;
    return count;
}

/* What the database has of each. */
static lenet_status look_up(lab_jobs *all, lab_store *store, lenet_error *error)
{
    lenet_status status = LENET_OK;
    for (size_t i = 0; i < all->count && !status; i++) {
        lab_job *job = all->list[i];
        lab_claim seen;
        status = lab_store_lookup(store, &job->recipe, &seen, error);
        if (status || seen.is_ours)
            continue;
        job->state = seen.state == LAB_RUNNING ? LAB_JOB_ELSEWHERE : LAB_JOB_DONE;
        job->was_there = job->state == LAB_JOB_DONE;
        job->status = seen.state == LAB_DIVERGED ? LENET_DIVERGED : LENET_OK;
    }
    return status;
}

lenet_status lab_jobs_list(lab_jobs *jobs, const lab_study *study, lab_datasets *datasets, lab_store *store,
                           lenet_error *error)
{
    const size_t most = count_runs(study);
    places p = {.mask = 1};
    while (p.mask < 2 * most)
        p.mask = 2 * p.mask + 1;
    lab_jobs all = {.study = study, .jobs = calloc(most, sizeof *all.jobs), .list = calloc(most, sizeof *all.list)};
    p.at = calloc(p.mask + 1, sizeof(lab_study_job *));
    lenet_status status =
        all.jobs && all.list && p.at ? LENET_OK : ln_fail(error, LENET_FAILURE, "out of memory for the list of runs");
    for (size_t i = 0; i < study->experiment_count; i++)
        for (size_t j = 0; j < study->experiments[i].point_count && !status; j++)
            status = add_point(&all, &p, &study->experiments[i], &study->experiments[i].points[j], datasets, error);
    free(p.at);
    if (!status && store)
        status = look_up(&all, store, error);
    if (status)
        lab_jobs_close(&all);
    else
        *jobs = all;
    return status;
}

void lab_jobs_close(lab_jobs *all)
{
    for (size_t i = 0; i < all->count; i++)
        lab_job_close(all->list[i]);
    free(all->jobs);
    free(all->list);
    *all = (lab_jobs){0};
}

/* -------------------------------------------------------------------------------------------------------- forecast */

enum { TRIES = 4, STEPS = 5, MOST_STAGES = 256 };
static const double forward_share = 0.35; /* of what training takes for an image, measuring does */

/* Runs with the same cost for each image. */
static bool is_alike(const lab_job *a, const lab_job *b)
{
    return a->train == b->train && a->settings.batch == b->settings.batch &&
           !strcmp(a->settings.optimizer, b->settings.optimizer) && !strcmp(a->architecture, b->architecture);
}

/*
 * Seconds that training takes for an image: the best of several tries, for other work only makes them slower.
 */
static lenet_status measure(const lab_job *job, double *seconds, lenet_error *error)
{
    lenet_model *model = NULL;
    lenet_stage stages[MOST_STAGES];
    size_t count = 0;
    lenet_settings settings = job->settings;
    settings.test_each_epoch = 0; /* there is no test set here */
    settings.keep = LENET_KEEP_LAST;
    lenet_status status = lenet_model_create_with(&model, job->architecture, &settings, lenet_dataset_shape(job->train),
                                                  lenet_dataset_classes(job->train), error);
    *seconds = INFINITY;
    for (int t = 0; t < TRIES && !status; t++) {
        double sum = 0;
        status = lenet_measure_stages(model, job->train, &settings, STEPS, stages, MOST_STAGES, &count, error);
        for (size_t i = 0; i < count && i < MOST_STAGES; i++)
            sum += stages[i].seconds / settings.batch;
        *seconds = fmin(*seconds, sum);
    }
    lenet_model_close(&model);
    return status;
}

/* Images that a job looks at, as many as training would cost the same for. */
static double images_of(const lab_job *job)
{
    const lenet_settings *s = &job->settings;
    const double all = s->train_limit ? (double)s->train_limit : (double)lenet_dataset_count(job->train);
    const double held_out = s->validation_split * all, test = (double)lenet_dataset_count(job->test);
    const double measured = held_out + (s->test_each_epoch ? test : 0) + (s->diagnose ? all - held_out : 0);
    return s->epochs * (all - held_out + forward_share * measured) + 2 * forward_share * test;
}

lenet_status lab_jobs_forecast(lab_jobs *all, lenet_error *error)
{
    lenet_status status = LENET_OK;
    for (size_t i = 0; i < all->count && !status; i++) {
        double seconds = 0; /* of an image */
        if (all->jobs[i].forecast > 0 || all->list[i]->state == LAB_JOB_DONE)
            continue;
        status = measure(all->list[i], &seconds, error);
        for (size_t j = i; j < all->count; j++)
            if (all->list[j]->state != LAB_JOB_DONE && is_alike(all->list[i], all->list[j]))
                all->jobs[j].forecast = seconds * images_of(all->list[j]);
    }
    return status;
}

lenet_status lab_jobs_save_subjects(const lab_study *study, lab_datasets *datasets, lab_store *store,
                                    lenet_error *error)
{
    const char *last = NULL;
    lenet_status status = LENET_OK;
    for (size_t i = 0; i < study->experiment_count; i++)
        for (size_t j = 0; j < study->experiments[i].point_count && !status; j++) {
            const lab_point *point = &study->experiments[i].points[j];
            const lenet_dataset *train, *test;
            if ((last && !strcmp(last, point->data)) || !lab_datasets_has(datasets, point->data, point->folder))
                continue;
            last = point->data;
            status = lab_datasets_open(datasets, point->data, point->folder, &train, &test, error);
            if (!status)
                status = lab_store_save_subject(store, point->data, train, test, error);
        }
    return status;
}
