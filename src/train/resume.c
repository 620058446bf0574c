/* SPDX-License-Identifier: MIT */
/*
 * resume.c - see resume.h. What a run's bits depend on, and what its settings and data do not say, is registered here,
 * once.
 */
#include "train/resume.h"

#include "train/loss.h"
#include "util/clock.h"
#include "util/error.h"

static void register_state(ln_run_state *state, ln_state *saved)
{
    ln_state_add(saved, "epoch", &state->epoch, 1);
    ln_state_add(saved, "learning_rate", &state->rate, 1);
    ln_state_add(saved, "epoch.loss", &state->sums.loss, 1);
    ln_state_add(saved, "epoch.correct", &state->sums.correct, 1);
    ln_state_add(saved, "epoch.images", &state->sums.count, 1);
    ln_state_add(saved, "epoch.noisy", &state->sums.noisy, 1);
    ln_state_add(saved, "epoch.memorised", &state->sums.memorised, 1);
    ln_state_add(saved, "epoch.corrected", &state->sums.corrected, 1);
    ln_state_add(saved, "epoch.seconds", &state->seconds, 1);
    ln_state_add(saved, "seconds", &state->all_seconds, 1);
    ln_state_add(saved, "best.epoch", &state->best, 1);
    ln_state_add(saved, "patience.best", &state->patience.best, 1);
    ln_state_add(saved, "patience.wait", &state->patience.wait, 1);
}

lenet_status ln_resume_register(ln_run *run, lenet_error *error)
{
    ln_state *saved = &run->saved;
    register_state(&run->state, saved);
    ln_model_add_state(run->model, saved, "weights", run->model->weights);
    ln_model_add_state(run->model, saved, "best", run->best);
    ln_updater_add_state(run->updater, saved);
    ln_schedule_add_state(&run->schedule, saved);
    float *matrix = ln_loss_estimate(&run->loss, &run->settings);
    const int classes = lenet_model_classes(run->model), shape[] = {classes, classes};
    if (matrix)
        ln_state_add_tensor(saved, "noise_matrix_estimated", LN_F32, matrix, 2, shape);
    return ln_state_check(saved, error);
}

int ln_resume_is_due(const ln_run *run, double after, double now)
{
    const lenet_settings *s = &run->settings;
    if (!s->checkpoint || s->checkpoint_seconds == 0)
        return s->checkpoint != NULL;
    return now - run->saved_at >= after && now - run->saved_at >= 100 * run->saving;
}

lenet_status ln_resume_save(ln_run *run, lenet_error *error)
{
    const double began = ln_seconds();
    const size_t lasting = run->saved.count;
    ln_history_add_state(&run->history, (size_t)run->state.epoch - 1, &run->saved);
    lenet_status status = ln_state_check(&run->saved, error);
    if (!status)
        status = ln_checkpoint_write(run->settings.checkpoint, &run->saved, &run->identity, error);
    ln_state_cut(&run->saved, lasting);
    run->saved_at = ln_seconds();
    run->saving = run->saved_at - began;
    return status;
}

/* Can a run be in this state? */
static int is_sound(const ln_run *run, size_t finished)
{
    const ln_run_state *state = &run->state;
    const size_t count = (size_t)state->sums.count, all = run->split.train_count, batch = (size_t)run->settings.batch;
    return state->epoch >= 1 && (size_t)state->epoch - 1 == finished && state->epoch <= run->settings.epochs + 1 &&
           state->best >= 0 && state->best < state->epoch && count <= all && (count % batch == 0 || count == all);
}

static lenet_status fill(ln_run *run, const ln_safetensors *file, lenet_error *error)
{
    const size_t finished = ln_checkpoint_rows(file, "history"), lasting = run->saved.count;
    const int fits = finished <= (size_t)run->settings.epochs;
    lenet_status status = fits ? ln_history_reserve(&run->history, finished + 1, error) : LENET_OK;
    if (status)
        return status;
    if (fits)
        ln_history_add_state(&run->history, finished, &run->saved);
    status = ln_state_check(&run->saved, error);
    if (!status)
        status = ln_checkpoint_fill(file, run->settings.checkpoint, &run->saved, error);
    ln_state_cut(&run->saved, lasting);
    if (!status && !is_sound(run, finished))
        status = ln_fail(error, LENET_INPUT, "%s: damaged: this run cannot be in the state that it holds",
                         run->settings.checkpoint);
    return status;
}

lenet_status ln_resume_load(ln_run *run, lenet_error *error)
{
    const lenet_settings *s = &run->settings;
    ln_safetensors *file = NULL;
    lenet_status status = ln_history_reserve(&run->history, 1, error);
    run->saved_at = ln_seconds();
    if (status || !s->checkpoint)
        return status;
    status = ln_identity_open(&run->identity, s, run->model, run->train, run->test, error);
    if (!status)
        status = ln_checkpoint_open(&file, s->checkpoint, &run->identity, error);
    if (!status && file)
        status = fill(run, file, error);
    ln_safetensors_close(&file);
    return status;
}
