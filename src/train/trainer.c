/* SPDX-License-Identifier: MIT */
/* trainer.c - lenet_train: opens a run (run.h), trains it, and leaves the result and the kept weights. */
#include "data/noise.h"
#include "data/normalize.h"
#include "train/keep.h"
#include "train/loop.h"
#include "train/loss.h"
#include "train/resume.h"
#include "train/settings.h"
#include "train/two-stage.h"
#include "util/error.h"
#include "util/memory.h"

#include <math.h>
#include <string.h>

/* --------------------------------------------------------------------------------------------------------- opening */

static lenet_status initialize(const ln_run *run, lenet_error *error)
{
    const lenet_settings *s = &run->settings;
    lenet_status status = lenet_model_initialize(run->model, s->initializer, s->seed, error);
    if (!status && s->bias_initializer)
        status = lenet_model_initialize_biases(run->model, s->bias_initializer, s->seed, error);
    return status;
}

static lenet_status draw_noise(ln_run *run, lenet_error *error)
{
    run->noisy_labels = ln_alloc(lenet_dataset_count(run->train), 1);
    return run->noisy_labels ? ln_noise_draw(run->train, &run->settings, run->split.mark, run->noisy_labels, error)
                             : ln_fail_memory(error, "label noise", lenet_dataset_count(run->train));
}

/* By the images that are trained on: all that are used, if others are held out in each epoch. */
static lenet_status normalize(const ln_run *run, lenet_error *error)
{
    const size_t channels = (size_t)lenet_dataset_shape(run->train).channels;
    const ln_split *split = &run->split;
    double *numbers = ln_alloc(2 * channels, sizeof *numbers);
    uint32_t *index = ln_alloc(split->train_count + split->held_out_count, sizeof *index);
    lenet_status status =
        numbers && index ? LENET_OK : ln_fail_memory(error, "normalization", channels * sizeof *numbers);
    if (!status) {
        const size_t more = run->settings.validation_resample ? split->held_out_count : 0;
        memcpy(index, split->train, split->train_count * sizeof *index);
        memcpy(index + split->train_count, split->held_out, more * sizeof *index);
        status = ln_normalize_by(run->settings.normalize ? run->settings.normalize : "none", run->train, index,
                                 split->train_count + more, numbers, numbers + channels, error);
    }
    if (!status)
        status = lenet_model_set_normalization(run->model, numbers, numbers + channels, error);
    ln_free(index);
    ln_free(numbers);
    return status;
}

static lenet_status augment(ln_run *run, lenet_error *error)
{
    const lenet_status status =
        ln_augment_open(&run->augment, run->settings.augment, lenet_dataset_shape(run->train), run->settings.seed,
                        ln_threads_workers(run->engine.threads), LN_BLOCK, error);
    const ln_transform transform = {ln_augment_apply, run->augment};
    if (!status)
        ln_executor_set_transform(run->executor, &transform);
    return status;
}

/* What happens to images before the network gets them. */
static lenet_status open_images(ln_run *run, lenet_error *error)
{
    lenet_status status = normalize(run, error);
    if (!status && run->settings.augment)
        status = augment(run, error);
    return status;
}

static lenet_status open_arithmetic(ln_run *run, lenet_error *error)
{
    const lenet_settings *s = &run->settings;
    lenet_status status = ln_engine_open(&run->engine, &s->compute, error);
    if (!status)
        status = initialize(run, error);
    if (!status)
        status = ln_split_open(&run->split, run->train, s, error);
    if (!status && ln_noise_is_on(s))
        status = draw_noise(run, error);
    if (!status)
        status = ln_executor_open(&run->executor, run->model, run->engine.kernels, run->engine.threads,
                                  (size_t)s->batch, 1, error);
    return status;
}

static lenet_status open_loss_and_update(ln_run *run, lenet_error *error)
{
    const lenet_settings *s = &run->settings;
    lenet_status status = ln_loss_open(&run->loss, s, lenet_model_classes(run->model), error);
    if (!status)
        status = ln_updater_open(&run->updater, s, run->model, run->executor, run->engine.kernels, error);
    if (status)
        return status;
    ln_executor_set_loss(run->executor, &run->loss);
    ln_schedule_open(&run->schedule, s, ln_run_epoch_steps(run));
    return LENET_OK;
}

static lenet_status allocate(ln_run *run, lenet_error *error)
{
    const size_t test_count = run->test ? lenet_dataset_count(run->test) : 0,
                 train_count = lenet_dataset_count(run->train);
    const size_t most = test_count > train_count ? test_count : train_count;
    run->order = ln_alloc(run->split.train_count, sizeof *run->order);
    run->losses = ln_alloc(most, sizeof *run->losses);
    run->predicted = ln_alloc(most, 1);
    run->best = ln_alloc(run->model->weight_count, sizeof *run->best);
    if (!run->order || !run->losses || !run->predicted || !run->best)
        return ln_fail_memory(error, "training", (most + run->split.train_count) * sizeof(float));
    memcpy(run->best, run->model->weights, run->model->weight_count * sizeof *run->best);
    return LENET_OK;
}

static lenet_status open_diagnosis(ln_run *run, lenet_error *error)
{
    const ln_batch all = ln_run_training_images(run);
    lenet_status status = LENET_OK;
    if (run->settings.diagnose)
        status = ln_diagnosis_open(&run->diagnosis, run->executor, run->model, ln_threads_workers(run->engine.threads),
                                   &all, error);
    run->history.diagnosis = run->diagnosis;
    return status;
}

static lenet_status open_run(ln_run *run, lenet_error *error)
{
    run->state = (ln_run_state){.epoch = 1, .patience = {.best = INFINITY}};
    lenet_status status = open_arithmetic(run, error);
    if (!status)
        status = open_images(run, error);
    if (!status)
        status = open_loss_and_update(run, error);
    if (!status)
        status = allocate(run, error);
    if (!status)
        status = ln_resume_register(run, error);
    if (!status)
        status = open_diagnosis(run, error);
    return status ? status : ln_resume_load(run, error);
}

static void close_run(ln_run *run)
{
    ln_identity_close(&run->identity);
    ln_state_close(&run->saved);
    ln_history_close(&run->history);
    ln_diagnosis_close(&run->diagnosis);
    ln_free(run->best);
    ln_free(run->predicted);
    ln_free(run->losses);
    ln_free(run->order);
    ln_free(run->noisy_labels);
    ln_augment_close(&run->augment);
    ln_updater_close(&run->updater);
    ln_executor_close(&run->executor);
    ln_loss_close(&run->loss);
    ln_split_close(&run->split);
    ln_engine_close(&run->engine);
}

/* ----------------------------------------------------------------------------------------------------- training */

/*
 * Fills the result and leaves the kept weights in the model. Without a finished epoch they are untrained, and nothing
 * is measured. LENET_DIVERGED: the test images show it first.
 */
static lenet_status finish_run(ln_run *run, lenet_result *result, lenet_error *error)
{
    const double finished = run->state.all_seconds;
    *result = (lenet_result){.epochs = run->state.epoch - 1,
                             .best_epoch = run->state.best,
                             .seconds = finished + run->state.seconds,
                             .images_per_second = NAN,
                             .train_count = run->split.train_count,
                             .val_count = run->split.held_out_count,
                             .threads = ln_threads_workers(run->engine.threads),
                             .isa = run->engine.kernels->isa,
                             .test_loss = NAN,
                             .test_accuracy = NAN,
                             .stopped_early = ln_run_stops_early(run)};
    if (finished > 0)
        result->images_per_second = (double)result->train_count * result->epochs / finished;
    ln_updater_swap(run->updater);
    lenet_model_sha256(run->model, result->weights_sha256);
    memcpy(run->model->weights, run->best, run->model->weight_count * sizeof *run->best);
    if (!run->test || !result->best_epoch)
        return LENET_OK;
    return ln_keep_measure_test(run, result->best_epoch, &result->test_loss, &result->test_accuracy, error);
}

lenet_status lenet_train(lenet_model *model, const lenet_dataset *train, const lenet_dataset *test,
                         const lenet_settings *settings, lenet_result *result, lenet_error *error)
{
    ln_run run = {.model = model, .train = train, .test = test};
    lenet_status status = ln_settings_check(settings, model, train, test, &run.settings, error);
    if (status)
        return status;
    status = open_run(&run, error);
    if (!status) {
        status = ln_loop_replay(&run, error);
        if (!status)
            status = ln_two_stage_estimate(&run, error);
        if (!status)
            status = ln_loop_train(&run, error);
        const lenet_status measured = finish_run(&run, result, status ? NULL : error);
        status = status ? status : measured;
    }
    close_run(&run);
    return status;
}
