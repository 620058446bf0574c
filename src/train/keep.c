/* SPDX-License-Identifier: MIT */
/* keep.c - see keep.h. */
#include "train/keep.h"

#include <math.h>
#include <string.h>

static void measure(const ln_run *run, const ln_batch *batch, double *loss, double *accuracy)
{
    ln_tally sums = {0};
    ln_executor_evaluate(run->executor, batch, run->losses, run->predicted);
    ln_tally_add(&sums, run->losses, run->predicted, batch);
    *loss = ln_tally_loss(&sums);
    *accuracy = ln_tally_accuracy(&sums);
}

void ln_keep_measure_test(const ln_run *run, double *loss, double *accuracy)
{
    const ln_batch all = {lenet_dataset_images(run->test), lenet_dataset_labels(run->test), NULL,
                          lenet_dataset_count(run->test)};
    measure(run, &all, loss, accuracy);
}

static void set_noise_shares(const ln_tally *sums, lenet_epoch *epoch)
{
    epoch->noisy_memorised = ln_tally_share(sums->memorised, sums->noisy);
    epoch->noisy_corrected = ln_tally_share(sums->corrected, sums->noisy);
    epoch->noisy_other = ln_tally_share(sums->noisy - sums->memorised - sums->corrected, sums->noisy);
    epoch->clean_right = ln_tally_share(sums->correct - sums->memorised, sums->count - sums->noisy);
}

static int is_better(const ln_run *run, const lenet_epoch *epoch)
{
    if (!run->state.best || run->settings.keep == LENET_KEEP_LAST)
        return 1;
    const lenet_epoch best = ln_history_at(&run->history, run->state.best);
    if (run->settings.keep == LENET_KEEP_TEST)
        return epoch->test_accuracy > best.test_accuracy;
    if (!run->split.held_out_count)
        return 1;
    return epoch->val_accuracy > best.val_accuracy ||
           (epoch->val_accuracy == best.val_accuracy && epoch->val_loss < best.val_loss);
}

static lenet_epoch measure_epoch(const ln_run *run)
{
    const ln_run_state *state = &run->state;
    const ln_split *split = &run->split;
    const ln_batch held_out = {lenet_dataset_images(run->train), ln_run_labels(run), split->held_out,
                               split->held_out_count};
    lenet_epoch epoch = {.epoch = state->epoch,
                         .seconds = state->seconds,
                         .learning_rate = state->rate,
                         .train_loss = ln_tally_loss(&state->sums),
                         .train_accuracy = ln_tally_accuracy(&state->sums),
                         .val_loss = NAN,
                         .val_accuracy = NAN,
                         .test_loss = NAN,
                         .test_accuracy = NAN,
                         .noisy_memorised = NAN,
                         .noisy_corrected = NAN,
                         .noisy_other = NAN,
                         .clean_right = NAN};
    if (split->held_out_count)
        measure(run, &held_out, &epoch.val_loss, &epoch.val_accuracy);
    if (run->settings.test_each_epoch || run->settings.keep == LENET_KEEP_TEST)
        ln_keep_measure_test(run, &epoch.test_loss, &epoch.test_accuracy);
    if (run->noisy_labels)
        set_noise_shares(&state->sums, &epoch);
    epoch.is_best = is_better(run, &epoch);
    return epoch;
}

static const lenet_diagnosis *diagnose(const ln_run *run)
{
    const ln_batch all = ln_run_training_images(run);
    return run->diagnosis ? ln_diagnose(run->diagnosis, run->executor, &all, run->losses, run->predicted) : NULL;
}

lenet_epoch ln_keep_epoch(ln_run *run)
{
    ln_updater_swap(run->updater);
    lenet_epoch epoch = measure_epoch(run);
    epoch.diagnosis = diagnose(run);
    ln_history_put(&run->history, &epoch);
    if (epoch.is_best) {
        memcpy(run->best, run->model->weights, run->model->weight_count * sizeof *run->best);
        run->state.best = epoch.epoch;
    }
    ln_updater_swap(run->updater);
    return epoch;
}
