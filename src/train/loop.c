/* SPDX-License-Identifier: MIT */
/* loop.c - see loop.h: epochs of steps, with progress, checkpoints and stopping. train_epoch is the loop. */
#include "train/loop.h"

#include "data/balance.h"
#include "train/keep.h"
#include "train/resume.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/random.h"

#include <math.h>
#include <string.h>

static lenet_status diverged(const ln_run *run, const ln_batch *batch, lenet_error *error)
{
    const size_t step = (size_t)(batch->index - run->order) / (size_t)run->settings.batch + 1;
    char name[32];
    const char *layer = ln_keep_find_nonfinite(run, batch, ln_executor_losses(run->executor), name);
    return ln_fail(error, LENET_DIVERGED,
                   "training diverged at epoch %d, step %zu: the loss is not a finite number, which began in layer %s; "
                   "a lower learning rate than %g may help",
                   run->state.epoch, step, layer ? layer : "loss", run->settings.learning_rate);
}

/* Notifies the caller of the progress within the epoch, at most ten times a second. Non-zero: stop. */
static int notify_progress(const ln_run *run, double *last_notified)
{
    const ln_run_state *state = &run->state;
    const double now = ln_seconds();
    if (!run->settings.on_progress || now - *last_notified < 0.1)
        return 0;
    *last_notified = now;
    const lenet_progress progress = {
        state->epoch,   run->settings.epochs,        (size_t)state->sums.count,      run->split.train_count,
        state->seconds, ln_tally_loss(&state->sums), ln_tally_accuracy(&state->sums)};
    return run->settings.on_progress(run->settings.context, &progress);
}

/* Non-zero: stop. */
static int notify_epoch(const ln_run *run, const lenet_epoch *epoch)
{
    return run->settings.on_epoch && run->settings.on_epoch(run->settings.context, epoch);
}

/* The training images in the order of this epoch. */
static void draw_order(ln_run *run)
{
    const lenet_settings *s = &run->settings;
    ln_random random = ln_random_open(s->seed, LN_FOR_SHUFFLE, (uint32_t)run->state.epoch, 0);
    if (s->validation_resample)
        ln_split_redraw(&run->split, run->train, s, run->state.epoch);
    if (s->balance)
        ln_balance(run->split.train, run->split.train_count, ln_run_labels(run), s->seed, run->state.epoch, run->order);
    else
        memcpy(run->order, run->split.train, run->split.train_count * sizeof *run->order);
    ln_random_shuffle(&random, run->split.train_count, run->order);
}

/* Steps of the run before the next one. */
static uint64_t steps_before(const ln_run *run)
{
    return (uint64_t)(run->state.epoch - 1) * ln_run_epoch_steps(run) +
           run->state.sums.count / (uint64_t)run->settings.batch;
}

/* One step, on the next images of the epoch's order. */
static lenet_status train_batch(ln_run *run, lenet_error *error)
{
    ln_run_state *state = &run->state;
    const size_t first = (size_t)state->sums.count, left = run->split.train_count - first,
                 most = (size_t)run->settings.batch;
    const ln_batch batch = {lenet_dataset_images(run->train), ln_run_labels(run), run->order + first,
                            left < most ? left : most};
    const ln_pace pace = ln_schedule_at(&run->schedule, steps_before(run));
    state->rate = pace.rate;
    ln_executor_set_step(run->executor, &(ln_step_id){run->settings.seed, (uint32_t)state->epoch, (uint32_t)first});
    if (run->augment)
        ln_augment_begin(run->augment, state->epoch, first);
    if (!ln_executor_step(run->executor, &batch, ln_updater_begin(run->updater, &pace)))
        return diverged(run, &batch, error);
    ln_tally_add(&state->sums, ln_executor_losses(run->executor), ln_executor_predicted(run->executor), &batch);
    if (run->noisy_labels)
        ln_tally_add_noisy(&state->sums, ln_executor_predicted(run->executor), &batch,
                           lenet_dataset_labels(run->train));
    return LENET_OK;
}

/*
 * One pass over the training images in a new order, or what is left of it. If the caller stops it before its last step,
 * it fails; after the last step it does not.
 */
static lenet_status train_epoch(ln_run *run, lenet_error *error)
{
    ln_run_state *state = &run->state;
    double began = ln_seconds() - state->seconds, last_notified = began + state->seconds;

    draw_order(run);
    while (state->sums.count < run->split.train_count) {
        lenet_status status = train_batch(run, error);
        if (status)
            return status;
        state->seconds = ln_seconds() - began;
        run->is_stopped = notify_progress(run, &last_notified);
        if (state->sums.count == run->split.train_count)
            break;
        if (ln_resume_is_due(run, run->settings.checkpoint_seconds, began + state->seconds) ||
            (run->is_stopped && run->settings.checkpoint)) {
            if ((status = ln_resume_save(run, error)))
                return status;
            began += run->saving; /* which is no training */
        }
        if (run->is_stopped)
            return ln_fail(error, LENET_STOPPED, "stopped in epoch %d", state->epoch);
    }
    return LENET_OK;
}

static void begin_next_epoch(ln_run *run, double val_loss)
{
    ln_run_state *state = &run->state;
    ln_schedule_update(&run->schedule, val_loss);
    ln_patience_update(&state->patience, val_loss, run->settings.min_delta);
    state->epoch++;
    state->sums = (ln_tally){0};
    state->all_seconds += state->seconds;
    state->seconds = 0;
}

static int is_last(const ln_run *run)
{
    return run->is_stopped || run->state.epoch > run->settings.epochs || ln_run_stops_early(run);
}

static lenet_status finish_epoch(ln_run *run, lenet_error *error)
{
    lenet_epoch epoch;
    lenet_status status = ln_history_reserve(&run->history, (size_t)run->state.epoch, error);
    if (!status)
        status = ln_keep_epoch(run, &epoch, error);
    if (status)
        return status;
    begin_next_epoch(run, epoch.values[LENET_VAL_LOSS]);
    run->is_stopped |= notify_epoch(run, &epoch);
    if (run->settings.checkpoint && (is_last(run) || ln_resume_is_due(run, 0, ln_seconds())))
        status = ln_resume_save(run, error);
    if (!status && run->is_stopped)
        status = ln_fail(error, LENET_STOPPED, "stopped after epoch %d", epoch.epoch);
    return status;
}

lenet_status ln_loop_replay(const ln_run *run, lenet_error *error)
{
    for (int i = 1; i < run->state.epoch; i++) {
        const lenet_epoch epoch = ln_history_at(&run->history, i);
        if (notify_epoch(run, &epoch))
            return ln_fail(error, LENET_STOPPED, "stopped after epoch %d", run->state.epoch - 1);
    }
    return LENET_OK;
}

lenet_status ln_loop_train(ln_run *run, lenet_error *error)
{
    lenet_status status = LENET_OK;
    while (run->state.epoch <= run->settings.epochs && !status && !ln_run_stops_early(run)) {
        status = train_epoch(run, error);
        if (!status)
            status = finish_epoch(run, error);
    }
    return status;
}
