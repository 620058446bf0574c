/* SPDX-License-Identifier: MIT */
/*
 * test_job.c - the life of a run: it is stored once, what is there is not trained again, what fails on the way leaves a run that
 * can be resumed to the same bits, and side by side runs are what they are alone.
 */
#include "data_files.h"
#include "lab/runs/models.h"
#include "lab/runs/runner.h"
#include "util/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { IMAGES = 96, SIDE = 6, CLASSES = 3, EPOCHS = 4 };

static lenet_dataset *train, *test;
static char *folder, path[256];
static const lab_observer nothing = {.context = NULL};

static lenet_dataset *make_images(uint32_t seed)
{
    uint8_t images[IMAGES][SIDE * SIDE], labels[IMAGES];
    lenet_dataset *made = NULL;
    for (int i = 0; i < IMAGES; i++) {
        labels[i] = (uint8_t)(i % CLASSES);
        for (int k = 0; k < SIDE * SIDE; k++) {
            seed = seed * 1664525u + 1013904223u;
            images[i][k] = (uint8_t)(k % CLASSES == labels[i] ? 128 + (seed >> 25) : seed >> 25);
        }
    }
    assert_int_equal(lenet_dataset_create(&made, (lenet_shape){1, SIDE, SIDE}, CLASSES, IMAGES, images[0], labels, NULL), LENET_OK);
    return made;
}

static int make_place(void **state)
{
    (void)state;
    train = make_images(1);
    test = make_images(2);
    folder = make_folder();
    snprintf(path, sizeof path, "%s/lenet.db", folder);
    return 0;
}

static int remove_place(void **state)
{
    (void)state;
    lenet_dataset_close(&train);
    lenet_dataset_close(&test);
    remove_folder(folder);
    return 0;
}

static lab_store *open_store(const char *name)
{
    lab_store *store = NULL;
    assert_int_equal(lab_store_open(&store, name, 1, NULL), LENET_OK);
    return store;
}

static lab_job make_job(uint64_t seed)
{
    lab_job job = {.data = "made", .architecture = "dense:8,relu,dense:3", .train = train, .test = test};
    const lab_subject subject = lab_subject_of(train, test);
    lenet_settings_default(&job.settings);
    job.settings.seed = seed;
    job.settings.epochs = EPOCHS;
    job.settings.compute.threads = 1;
    job.settings.checkpoint_seconds = 0;
    assert_int_equal(lenet_settings_complete(&job.settings, &job.settings, NULL), LENET_OK);
    assert_int_equal(lab_recipe_make(&job.recipe, "made", &subject, job.architecture, &job.settings, NULL), LENET_OK);
    return job;
}

static int take_number(void *context, int columns, const char *const *names, const lab_value *values)
{
    (void)columns, (void)names;
    *(int64_t *)context = values[0].integer;
    return 1;
}

static int64_t number(lab_store *store, const char *sql)
{
    int64_t found = -1;
    assert_int_equal(lab_store_query(store, sql, NULL, take_number, &found, NULL), LENET_OK);
    return found;
}

/* The hash of the weights of an undisturbed run. */
static void train_alone(uint64_t seed, char sha256[65])
{
    lab_store *store = open_store(NULL);
    lab_job job = make_job(seed);
    job.wants_confusion = seed == 2; /* in memory no other job wants it */
    assert_int_equal(lab_job_do(&job, store, &nothing, NULL, NULL), LENET_OK);
    assert_int_equal(job.state, LAB_JOB_DONE);
    assert_true(job.is_stored && !job.was_there);
    assert_int_equal(job.tested.count, seed == 2 ? IMAGES : 0);
    assert_int_equal(number(store, "SELECT count(*) FROM run WHERE state = 'finished' AND owner IS NULL"), 1);
    assert_int_equal(number(store, "SELECT count(*) FROM epoch"), EPOCHS);
    assert_null(lab_store_checkpoints(store));
    strcpy(sha256, job.result.weights_sha256);
    lab_job_close(&job);
    lab_store_close(&store);
}

static void a_run_in_memory_has_rows(void **state)
{
    char once[65], again[65], other[65];
    (void)state;
    train_alone(1, once);
    train_alone(1, again);
    train_alone(2, other);
    assert_string_equal(once, again);
    assert_string_not_equal(once, other);
}

/* ------------------------------------------------------------------------------------------------ what is there */

static lenet_status keep_model(void *context, lab_job *job, lenet_error *error) { return lab_model_keep(context, job, error); }

static lenet_status add_epoch(void *context, lab_job *job, const lenet_epoch *epoch, lenet_error *error)
{
    (void)context, (void)error;
    return lab_job_add_epoch(job, epoch) ? LENET_OK : LENET_FAILURE;
}

static void expect_same_result(const lab_job *a, const lab_job *b)
{
    assert_string_equal(a->result.weights_sha256, b->result.weights_sha256);
    assert_string_equal(a->kept_sha256, b->kept_sha256);
    assert_int_equal(a->result.best_epoch, b->result.best_epoch);
    assert_int_equal(a->epoch_count, EPOCHS);
    assert_int_equal(b->epoch_count, EPOCHS);
    for (size_t i = 0; i < EPOCHS; i++)
        assert_true(a->epochs[i].values[LENET_TRAIN_LOSS] == b->epochs[i].values[LENET_TRAIN_LOSS]);
}

/* Does a job of the same recipe that wants the weights too; whether they were there. */
static void do_again(lab_store *store, const lab_job *first, bool is_there)
{
    const lab_observer observer = {.context = store, .epoch = add_epoch, .keep = keep_model};
    char kept[65];
    lab_job job = make_job(1);
    job.wants_result = job.wants_model = true;
    assert_int_equal(lab_job_do(&job, store, &observer, NULL, NULL), LENET_OK);
    assert_int_equal(job.state, LAB_JOB_DONE);
    assert_int_equal(job.was_there, is_there);
    expect_same_result(&job, first);
    lenet_model_sha256(job.model, kept);
    assert_string_equal(kept, first->kept_sha256);
    lab_job_close(&job);
}

static void what_is_there_is_not_trained_again(void **state)
{
    (void)state;
    lab_store *store = open_store(path);
    const lab_observer observer = {.context = store, .epoch = add_epoch, .keep = keep_model};
    char model[PATH_MAX];
    lab_job first = make_job(1);
    assert_int_equal(lab_job_do(&first, store, &observer, NULL, NULL), LENET_OK);
    assert_int_equal(lab_store_model(store, first.recipe.identity, 0, model, NULL), LENET_OK);
    do_again(store, &first, true);
    assert_int_equal(unlink(model), 0);
    do_again(store, &first, false); /* for its weights alone */
    assert_int_equal(access(model, F_OK), -1); /* and the row is as it was */
    lab_job other = make_job(2);
    assert_int_equal(lab_job_do(&other, store, &observer, NULL, NULL), LENET_OK);
    char wrong[PATH_MAX];
    assert_int_equal(lab_store_model(store, other.recipe.identity, 0, wrong, NULL), LENET_OK);
    assert_int_equal(rename(wrong, model), 0);
    do_again(store, &first, false); /* weights of another run are not taken for its own */
    assert_int_equal(number(store, "SELECT count(*) FROM run"), 2);
    lab_job_close(&first);
    lab_job_close(&other);
    lab_store_close(&store);
}

/* --------------------------------------------------------------------------------------------------- what fails */

static lenet_status fail_to_begin(void *context, lab_job *job, lenet_error *error)
{
    (void)context, (void)job;
    return ln_fail(error, LENET_IO, "begin");
}

static lenet_status fail_in_epoch_2(void *context, lab_job *job, const lenet_epoch *epoch, lenet_error *error)
{
    (void)context, (void)job;
    return epoch->epoch == 2 ? ln_fail(error, LENET_FAILURE, "epoch") : LENET_OK;
}

static lenet_status fail_to_keep(void *context, lab_job *job, lenet_error *error)
{
    (void)context, (void)job;
    return ln_fail(error, LENET_IO, "keep");
}

static bool stop_at_once(void *context)
{
    (void)context;
    return true;
}

/* The run is not stored, nobody owns it, and it is resumed to the same bits. */
static void expect_resumable(const lab_observer *observer, lenet_status expected, const char *text)
{
    char alone[65];
    lenet_error error = {LENET_OK, ""};
    lab_store *store = open_store(path);
    lab_job job = make_job(1), again = make_job(1);
    train_alone(1, alone);
    assert_int_equal(lab_job_do(&job, store, observer, NULL, &error), expected);
    assert_string_equal(error.text, text);
    assert_int_equal(job.state, LAB_JOB_WAITING);
    assert_false(job.is_stored);
    assert_int_equal(number(store, "SELECT count(*) FROM run WHERE state = 'running' AND owner IS NULL"), 1);
    assert_int_equal(lab_job_do(&again, store, &nothing, NULL, NULL), LENET_OK);
    assert_string_equal(again.result.weights_sha256, alone);
    assert_int_equal(number(store, "SELECT count(*) FROM epoch"), EPOCHS);
    lab_store_tidy(store);
    assert_int_equal(access(lab_store_checkpoints(store), F_OK), -1);
    lab_job_close(&job);
    lab_job_close(&again);
    lab_store_close(&store);
}

static void a_run_that_fails_can_be_resumed(void **state)
{
    (void)state;
    expect_resumable(&(lab_observer){.begin = fail_to_begin}, LENET_IO, "begin");
}

static void a_run_that_fails_in_an_epoch_can_be_resumed(void **state)
{
    (void)state;
    expect_resumable(&(lab_observer){.epoch = fail_in_epoch_2}, LENET_FAILURE, "epoch");
}

static void a_run_without_its_model_is_not_finished(void **state)
{
    (void)state;
    expect_resumable(&(lab_observer){.keep = fail_to_keep}, LENET_IO, "keep");
}

static void a_run_that_is_stopped_can_be_resumed(void **state)
{
    (void)state;
    expect_resumable(&(lab_observer){.is_stopped = stop_at_once}, LENET_OK, "");
}

/* -------------------------------------------------------------------------------------------------- side by side */

static void runs_side_by_side_are_what_they_are_alone(void **state)
{
    enum { JOBS = 6, WRONG = 2 };
    lab_job jobs[JOBS], *list[JOBS];
    char alone[65];
    lab_runner *runner = NULL;
    lab_store *store = open_store(path);
    (void)state;
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = make_job((uint64_t)i + 1);
        list[i] = &jobs[i];
    }
    jobs[WRONG].architecture = "dense:2"; /* for three classes */
    const lab_work work = {list, JOBS, store, nothing, 3};
    assert_int_equal(lab_runner_start(&runner, &work, NULL), LENET_OK);
    while (lab_runner_wait(runner))
        ;
    assert_int_equal(lab_runner_finish(&runner, NULL), LENET_OK);
    for (int i = 0; i < JOBS; i++) {
        assert_int_equal(jobs[i].state, i == WRONG ? LAB_JOB_FAILED : LAB_JOB_DONE);
        if (i == WRONG)
            continue;
        train_alone((uint64_t)i + 1, alone);
        assert_string_equal(jobs[i].result.weights_sha256, alone);
        assert_null(jobs[i].model); /* closed as soon as the run is over */
    }
    assert_int_equal(number(store, "SELECT count(*) FROM run WHERE state = 'failed' AND owner IS NULL"), 1);
    for (int i = 0; i < JOBS; i++)
        lab_job_close(&jobs[i]);
    lab_store_close(&store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_run_in_memory_has_rows),
        TEST(what_is_there_is_not_trained_again),
        TEST(a_run_that_fails_can_be_resumed),
        TEST(a_run_that_fails_in_an_epoch_can_be_resumed),
        TEST(a_run_without_its_model_is_not_finished),
        TEST(a_run_that_is_stopped_can_be_resumed),
        TEST(runs_side_by_side_are_what_they_are_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
