/* SPDX-License-Identifier: MIT */
/* keep.c - see keep.h. */
#include "train/keep.h"

#include "util/error.h"

#include <math.h>
#include <string.h>

const char *ln_keep_find_nonfinite(const ln_run *run, const ln_batch *batch, const float *losses, char name[32])
{
    uint32_t index[LN_BLOCK];
    size_t image = 0;
    while (image + 1 < batch->count && isfinite(losses[image]))
        image++;
    const size_t first = image / LN_BLOCK * LN_BLOCK, left = batch->count - first;
    const size_t count = left < LN_BLOCK ? left : LN_BLOCK;
    for (size_t i = 0; i < count; i++)
        index[i] = batch->index ? batch->index[first + i] : (uint32_t)(first + i);
    return ln_executor_find_nonfinite(run->executor, &(ln_batch){batch->images, batch->labels, index, count}, name);
}

/*
 * No loss follows the last step of an epoch. If that step spoiled the weights, they are neither measured nor
 * kept.
 */
static lenet_status check_weights(const ln_run *run, lenet_error *error)
{
    const lenet_model *model = run->model;
    for (const ln_tensor_row *row = model->tensors; row < model->tensors + model->tensor_count; row++)
        for (size_t i = row->offset; i < row->offset + row->size; i++)
            if (!isfinite(model->weights[i]))
                return ln_fail(error, LENET_DIVERGED,
                               "training diverged at epoch %d, step %ju, its last: a value of %s is not a finite "
                               "number; a lower learning rate than %g may help",
                               run->state.epoch, (uintmax_t)ln_run_epoch_steps(run), row->name,
                               run->settings.learning_rate);
    return LENET_OK;
}

/*
 * Loss and accuracy of the weights of `epoch`, on images that `what` names. LENET_DIVERGED, and both are NaN:
 * the outputs are not finite, so the class that they point to means nothing.
 */
static lenet_status measure(const ln_run *run, const ln_batch *batch, int epoch, const char *what, double *loss,
                            double *accuracy, lenet_error *error)
{
    ln_tally sums = {0};
    char name[32];
    ln_executor_evaluate(run->executor, batch, run->losses, run->predicted);
    ln_tally_add(&sums, run->losses, run->predicted, batch);
    const char *layer = isfinite(sums.loss) ? NULL : ln_keep_find_nonfinite(run, batch, run->losses, name);
    *loss = layer ? NAN : ln_tally_loss(&sums);
    *accuracy = layer ? NAN : ln_tally_accuracy(&sums);
    return !layer ? LENET_OK
                  : ln_fail(error, LENET_DIVERGED,
                            "training diverged: after epoch %d layer %s gives values for %s images that are not finite "
                            "numbers; a lower learning rate than %g may help",
                            epoch, layer, what, run->settings.learning_rate);
}

lenet_status ln_keep_measure_test(const ln_run *run, int epoch, double *loss, double *accuracy, lenet_error *error)
{
    const ln_batch all = {lenet_dataset_images(run->test), lenet_dataset_labels(run->test), NULL,
                          lenet_dataset_count(run->test)};
    return measure(run, &all, epoch, "test", loss, accuracy, error);
}

static void set_noise_shares(const ln_tally *sums, double *values)
{
    values[LENET_NOISY_MEMORISED] = ln_tally_share(sums->memorised, sums->noisy);
    values[LENET_NOISY_CORRECTED] = ln_tally_share(sums->corrected, sums->noisy);
    values[LENET_NOISY_OTHER] = ln_tally_share(sums->noisy - sums->memorised - sums->corrected, sums->noisy);
    values[LENET_CLEAN_RIGHT] = ln_tally_share(sums->correct - sums->memorised, sums->count - sums->noisy);
}

static int is_better(const ln_run *run, const double *values)
{
    if (!run->state.best || run->settings.keep == LENET_KEEP_LAST)
        return 1;
    const lenet_epoch kept = ln_history_at(&run->history, run->state.best);
    const double *best = kept.values;
    if (run->settings.keep == LENET_KEEP_TEST)
        return values[LENET_TEST_ACCURACY] > best[LENET_TEST_ACCURACY];
    if (!run->split.held_out_count)
        return 1;
    return values[LENET_VAL_ACCURACY] > best[LENET_VAL_ACCURACY] ||
           (values[LENET_VAL_ACCURACY] == best[LENET_VAL_ACCURACY] && values[LENET_VAL_LOSS] < best[LENET_VAL_LOSS]);
}

static lenet_status measure_epoch(const ln_run *run, lenet_epoch *measured, lenet_error *error)
{
    lenet_status status = LENET_OK;
    const ln_run_state *state = &run->state;
    const ln_split *split = &run->split;
    const ln_batch held_out = {lenet_dataset_images(run->train), ln_run_labels(run), split->held_out,
                               split->held_out_count};
    lenet_epoch epoch = {.epoch = state->epoch};
    double *values = epoch.values;
    for (int i = 0; i < LENET_METRICS; i++)
        values[i] = NAN;
    values[LENET_SECONDS] = state->seconds;
    values[LENET_LEARNING_RATE] = state->rate;
    values[LENET_TRAIN_LOSS] = ln_tally_loss(&state->sums);
    values[LENET_TRAIN_ACCURACY] = ln_tally_accuracy(&state->sums);
    if (split->held_out_count)
        status = measure(run, &held_out, state->epoch, "validation", &values[LENET_VAL_LOSS],
                         &values[LENET_VAL_ACCURACY], error);
    if (!status && (run->settings.test_each_epoch || run->settings.keep == LENET_KEEP_TEST))
        status = ln_keep_measure_test(run, state->epoch, &values[LENET_TEST_LOSS], &values[LENET_TEST_ACCURACY], error);
    if (run->noisy_labels)
        set_noise_shares(&state->sums, values);
    values[LENET_IS_BEST] = is_better(run, values);
    *measured = epoch;
    return status;
}

/* Adds the epoch to the history, with its diagnosis, and keeps the weights if they are the best. */
static void keep_epoch(ln_run *run, lenet_epoch *epoch)
{
    const ln_batch all = ln_run_training_images(run);
    if (run->diagnosis)
        ln_diagnose(run->diagnosis, run->executor, &all, run->losses, run->predicted, epoch);
    ln_history_put(&run->history, epoch);
    if (epoch->values[LENET_IS_BEST] == 0)
        return;
    memcpy(run->best, run->model->weights, run->model->weight_count * sizeof *run->best);
    run->state.best = epoch->epoch;
}

lenet_status ln_keep_epoch(ln_run *run, lenet_epoch *epoch, lenet_error *error)
{
    lenet_status status = check_weights(run, error);
    if (status)
        return status;
    ln_updater_swap(run->updater);
    status = measure_epoch(run, epoch, error);
    if (!status)
        keep_epoch(run, epoch);
    ln_updater_swap(run->updater);
    return status;
}
