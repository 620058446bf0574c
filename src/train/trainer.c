/* SPDX-License-Identifier: MIT */
/*
 * trainer.c - training: epochs of steps, what is measured after each, and which weights are kept.
 *
 * train_epoch is the loop. Always: `best` holds the weights that the model will be left with, whatever happens next;
 * sums over images are taken in their order in the epoch, in double, by one thread; and what lasts from one step to the
 * next is in `at` or in memory added to `state` (add_state), so that between two steps a run can be put down and taken
 * up (save, load).
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/state.h"
#include "data/augment.h"
#include "data/balance.h"
#include "data/noise.h"
#include "data/normalize.h"
#include "data/split.h"
#include "nn/executor.h"
#include "train/checkpoint.h"
#include "train/diagnose.h"
#include "train/engine.h"
#include "train/estimate.h"
#include "train/history.h"
#include "train/loss.h"
#include "train/patience.h"
#include "train/schedule.h"
#include "train/settings.h"
#include "train/update.h"

#include <math.h>
#include <string.h>

/* Sums over images: their loss, and how many were right; with label noise, what became of those whose label is wrong. */
typedef struct tally {
    double loss;
    uint64_t correct, count;
    uint64_t noisy, memorised, corrected; /* memorised ones are among the correct */
} tally;

/* Where a run stands. */
typedef struct standing {
    int epoch;   /* at work, from 1 */
    double rate; /* the learning rate of the last step */
    tally sums;  /* over its images so far */
    double seconds, all_seconds; /* spent on them, and on the epochs before */
    int best;    /* epoch whose weights are kept; 0: none yet */
    ln_patience patience; /* with the validation loss, before training is stopped */
} standing;

typedef struct trainer {
    lenet_settings settings; /* complete */
    lenet_model *model;
    const lenet_dataset *train, *test;
    ln_engine engine;
    ln_loss loss;
    ln_executor *executor;
    ln_updater *updater;
    ln_schedule schedule;
    ln_split split;
    uint8_t *noisy_labels; /* what the training images are labelled as; NULL: as the data set says */
    ln_augment *augment;   /* NULL: none */
    uint32_t *order; /* [split.train_count]: the images in this epoch's order */
    float *losses;   /* scratch of an evaluation */
    uint8_t *predicted;
    float *best; /* weights, as the model's arena */
    ln_history history; /* of the at.epoch - 1 epochs that are finished */
    standing at;
    ln_state state;       /* what checkpoints save, */
    ln_identity identity; /* and of which run; empty without them */
    double saved, saving; /* when the last one was written, and what it took */
    int is_stopped;       /* by the caller, once the epoch at hand is finished */
    ln_diagnosis *diagnosis; /* NULL: not asked for */
    lenet_result *result;
} trainer;

static void add(tally *sums, const float *losses, const uint8_t *predicted, const ln_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        sums->loss += (double)losses[i];
        sums->correct += predicted[i] == batch->labels[batch->index ? batch->index[i] : i];
    }
    sums->count += batch->count;
}

/* Only of training images, and only with noise: `truth` has the labels before it. */
static void add_noisy(tally *sums, const uint8_t *predicted, const ln_batch *batch, const uint8_t *truth)
{
    for (size_t i = 0; i < batch->count; i++) {
        const uint8_t given = batch->labels[batch->index[i]], right = truth[batch->index[i]];
        sums->noisy += given != right;
        sums->memorised += given != right && predicted[i] == given;
        sums->corrected += given != right && predicted[i] == right;
    }
}

static double share(uint64_t part, uint64_t whole) { return whole ? (double)part / (double)whole : NAN; }
static double mean_loss(const tally *sums) { return sums->loss / (double)sums->count; }
static double accuracy(const tally *sums) { return (double)sums->correct / (double)sums->count; }

/* ------------------------------------------------------------------------------------------------- checkpoints */

/* Is it time to write one, `after` seconds after the last? Writing takes a hundredth of the time at most. */
static int is_due(const trainer *t, double after, double now)
{
    const lenet_settings *s = &t->settings;
    if (!s->checkpoint || s->checkpoint_seconds == 0)
        return s->checkpoint != NULL;
    return now - t->saved >= after && now - t->saved >= 100 * t->saving;
}

static lenet_status save(trainer *t, lenet_error *error)
{
    const double began = ln_seconds();
    const size_t lasting = t->state.count;
    ln_history_add_state(&t->history, (size_t)t->at.epoch - 1, &t->state);
    lenet_status status = ln_state_check(&t->state, error);
    if (!status)
        status = ln_checkpoint_write(t->settings.checkpoint, &t->state, &t->identity, error);
    ln_state_cut(&t->state, lasting);
    t->saved = ln_seconds();
    t->saving = t->saved - began;
    return status;
}

/* Can a run stand here? */
static int is_sound(const trainer *t, size_t finished)
{
    const standing *at = &t->at;
    const size_t count = (size_t)at->sums.count, all = t->split.train_count, batch = (size_t)t->settings.batch;
    return at->epoch >= 1 && (size_t)at->epoch - 1 == finished && at->epoch <= t->settings.epochs + 1 && at->best >= 0 &&
           at->best < at->epoch && count <= all && (count % batch == 0 || count == all);
}

static lenet_status fill(trainer *t, const ln_safetensors *file, lenet_error *error)
{
    const size_t finished = ln_checkpoint_rows(file, "history"), lasting = t->state.count;
    lenet_status status = finished <= (size_t)t->settings.epochs ? ln_history_reserve(&t->history, finished + 1, error) : LENET_OK;
    if (status)
        return status;
    if (finished <= (size_t)t->settings.epochs)
        ln_history_add_state(&t->history, finished, &t->state);
    status = ln_state_check(&t->state, error);
    if (!status)
        status = ln_checkpoint_fill(file, t->settings.checkpoint, &t->state, error);
    ln_state_cut(&t->state, lasting);
    if (!status && !is_sound(t, finished))
        status = ln_fail(error, LENET_INPUT, "%s: damaged: no run stands where it says", t->settings.checkpoint);
    return status;
}

/* Stands where the checkpoint says, if there is one. */
static lenet_status load(trainer *t, lenet_error *error)
{
    const lenet_settings *s = &t->settings;
    ln_safetensors *file = NULL;
    lenet_status status = ln_history_reserve(&t->history, 1, error);
    t->saved = ln_seconds();
    if (status || !s->checkpoint)
        return status;
    status = ln_identity_open(&t->identity, s, t->model, t->train, t->test, error);
    if (!status)
        status = ln_checkpoint_open(&file, s->checkpoint, &t->identity, error);
    if (!status && file)
        status = fill(t, file, error);
    ln_safetensors_close(&file);
    return status;
}

/* ---------------------------------------------------------------------------------------------------- an epoch */

static const uint8_t *labels_of(const trainer *t) { return t->noisy_labels ? t->noisy_labels : lenet_dataset_labels(t->train); }

static lenet_status diverged(const trainer *t, const ln_batch *batch, lenet_error *error)
{
    size_t image = 0; /* the first whose loss is not finite: its block shows where it began */
    while (image + 1 < batch->count && isfinite(ln_executor_losses(t->executor)[image]))
        image++;
    const size_t block = image / LN_BLOCK * LN_BLOCK,
                 step = (size_t)(batch->index - t->order) / (size_t)t->settings.batch + 1;
    const ln_batch bad = {batch->images, batch->labels, batch->index + block, batch->count - block};
    char name[32];
    const char *layer = ln_executor_find_nonfinite(t->executor, &bad, name);
    return ln_fail(error, LENET_DIVERGED,
                   "training diverged at epoch %d, step %zu: the loss is not a finite number, which began in layer %s; "
                   "a lower learning rate than %g may help",
                   t->at.epoch, step, layer ? layer : "loss", t->settings.learning_rate);
}

/* Tells the caller where the epoch stands, if it is time to. Non-zero: stop. */
static int report(const trainer *t, double *last_report)
{
    const standing *at = &t->at;
    const double now = ln_seconds();
    if (!t->settings.on_progress || now - *last_report < 0.1)
        return 0;
    *last_report = now;
    const lenet_progress progress = {at->epoch,   t->settings.epochs,  (size_t)at->sums.count, t->split.train_count,
                                     at->seconds, mean_loss(&at->sums), accuracy(&at->sums)};
    return t->settings.on_progress(t->settings.context, &progress);
}

/* The training images in the order of this epoch. */
static void draw_order(trainer *t)
{
    ln_random random = ln_random_open(t->settings.seed, LN_FOR_SHUFFLE, (uint32_t)t->at.epoch, 0);
    if (t->settings.validation_resample)
        ln_split_redraw(&t->split, t->train, &t->settings, t->at.epoch);
    if (t->settings.balance)
        ln_balance(t->split.train, t->split.train_count, labels_of(t), t->settings.seed, t->at.epoch, t->order);
    else
        memcpy(t->order, t->split.train, t->split.train_count * sizeof *t->order);
    ln_random_shuffle(&random, t->split.train_count, t->order);
}

/* Steps of an epoch, and those of the run that lie behind. */
static uint64_t epoch_steps(const trainer *t)
{
    return (t->split.train_count + (size_t)t->settings.batch - 1) / (size_t)t->settings.batch;
}

static uint64_t step_of(const trainer *t)
{
    return (uint64_t)(t->at.epoch - 1) * epoch_steps(t) + t->at.sums.count / (uint64_t)t->settings.batch;
}

/* One step, on the next images of the epoch's order. */
static lenet_status train_batch(trainer *t, lenet_error *error)
{
    const size_t first = (size_t)t->at.sums.count, left = t->split.train_count - first, most = (size_t)t->settings.batch;
    const ln_batch batch = {lenet_dataset_images(t->train), labels_of(t), t->order + first, left < most ? left : most};
    const ln_pace pace = ln_schedule_at(&t->schedule, step_of(t));
    t->at.rate = pace.rate;
    ln_executor_set_step(t->executor, &(ln_step_id){t->settings.seed, (uint32_t)t->at.epoch, (uint32_t)first});
    if (t->augment)
        ln_augment_begin(t->augment, t->at.epoch, first);
    if (!ln_executor_step(t->executor, &batch, ln_updater_begin(t->updater, &pace)))
        return diverged(t, &batch, error);
    add(&t->at.sums, ln_executor_losses(t->executor), ln_executor_predicted(t->executor), &batch);
    if (t->noisy_labels)
        add_noisy(&t->at.sums, ln_executor_predicted(t->executor), &batch, lenet_dataset_labels(t->train));
    return LENET_OK;
}

/* One pass over the training images in a new order, or what is left of it. Stopped within an epoch it fails; behind its last step it does not. */
static lenet_status train_epoch(trainer *t, lenet_error *error)
{
    double began = ln_seconds() - t->at.seconds, last_report = began + t->at.seconds;

    draw_order(t);
    while (t->at.sums.count < t->split.train_count) {
        lenet_status status = train_batch(t, error);
        if (status)
            return status;
        t->at.seconds = ln_seconds() - began;
        t->is_stopped = report(t, &last_report);
        if (t->at.sums.count == t->split.train_count)
            break;
        if (is_due(t, t->settings.checkpoint_seconds, began + t->at.seconds) || (t->is_stopped && t->settings.checkpoint)) {
            if ((status = save(t, error)))
                return status;
            began += t->saving; /* which is no training */
        }
        if (t->is_stopped)
            return ln_fail(error, LENET_STOPPED, "stopped in epoch %d", t->at.epoch);
    }
    return LENET_OK;
}

/* ------------------------------------------------------------------------------------------ measuring and keeping */

static void measure(const trainer *t, const ln_batch *batch, double *loss, double *share_right)
{
    tally sums = {0};
    ln_executor_evaluate(t->executor, batch, t->losses, t->predicted);
    add(&sums, t->losses, t->predicted, batch);
    *loss = mean_loss(&sums);
    *share_right = accuracy(&sums);
}

static void measure_test(const trainer *t, double *loss, double *share_right)
{
    const ln_batch all = {lenet_dataset_images(t->test), lenet_dataset_labels(t->test), NULL, lenet_dataset_count(t->test)};
    measure(t, &all, loss, share_right);
}

static void tell_of_noise(const tally *sums, lenet_epoch *epoch)
{
    epoch->noisy_memorised = share(sums->memorised, sums->noisy);
    epoch->noisy_corrected = share(sums->corrected, sums->noisy);
    epoch->noisy_other = share(sums->noisy - sums->memorised - sums->corrected, sums->noisy);
    epoch->clean_right = share(sums->correct - sums->memorised, sums->count - sums->noisy);
}

static int is_better(const trainer *t, const lenet_epoch *epoch)
{
    if (!t->at.best || t->settings.keep == LENET_KEEP_LAST)
        return 1;
    const lenet_epoch best = ln_history_at(&t->history, t->at.best);
    if (t->settings.keep == LENET_KEEP_TEST)
        return epoch->test_accuracy > best.test_accuracy;
    if (!t->split.held_out_count)
        return 1;
    return epoch->val_accuracy > best.val_accuracy ||
           (epoch->val_accuracy == best.val_accuracy && epoch->val_loss < best.val_loss);
}

static lenet_epoch measure_epoch(const trainer *t)
{
    const standing *at = &t->at;
    const ln_batch held_out = {lenet_dataset_images(t->train), labels_of(t), t->split.held_out, t->split.held_out_count};
    lenet_epoch epoch = {.epoch = at->epoch,
                         .seconds = at->seconds,
                         .learning_rate = at->rate,
                         .train_loss = mean_loss(&at->sums),
                         .train_accuracy = accuracy(&at->sums),
                         .val_loss = NAN,
                         .val_accuracy = NAN,
                         .test_loss = NAN,
                         .test_accuracy = NAN,
                         .noisy_memorised = NAN,
                         .noisy_corrected = NAN,
                         .noisy_other = NAN,
                         .clean_right = NAN};
    if (t->split.held_out_count)
        measure(t, &held_out, &epoch.val_loss, &epoch.val_accuracy);
    if (t->settings.test_each_epoch || t->settings.keep == LENET_KEEP_TEST)
        measure_test(t, &epoch.test_loss, &epoch.test_accuracy);
    if (t->noisy_labels)
        tell_of_noise(&at->sums, &epoch);
    epoch.is_best = is_better(t, &epoch);
    return epoch;
}

static ln_batch training_images(const trainer *t)
{
    return (ln_batch){lenet_dataset_images(t->train), labels_of(t), t->split.train, t->split.train_count};
}

static const lenet_diagnosis *diagnose(const trainer *t)
{
    const ln_batch all = training_images(t);
    return t->diagnosis ? ln_diagnose(t->diagnosis, t->executor, &all, t->losses, t->predicted) : NULL;
}

/* Non-zero: stop. */
static int tell(const trainer *t, const lenet_epoch *epoch)
{
    return t->settings.on_epoch && t->settings.on_epoch(t->settings.context, epoch);
}

static int lost_patience(const trainer *t) { return t->settings.patience && t->at.patience.wait >= t->settings.patience; }

/*
 * Measures and notes the epoch that has gone by, and stands at the beginning of the next. What is measured and kept is the average
 * of the weights, if there is one.
 */
static lenet_status finish_epoch(trainer *t, lenet_error *error)
{
    standing *at = &t->at;
    lenet_status status = ln_history_reserve(&t->history, (size_t)at->epoch, error);
    if (status)
        return status;
    ln_updater_swap(t->updater);
    lenet_epoch epoch = measure_epoch(t);
    epoch.diagnosis = diagnose(t);
    ln_history_put(&t->history, &epoch);
    if (epoch.is_best) {
        memcpy(t->best, t->model->weights, t->model->weight_count * sizeof *t->best);
        at->best = epoch.epoch;
    }
    ln_updater_swap(t->updater);
    ln_schedule_update(&t->schedule, epoch.val_loss);
    ln_patience_update(&at->patience, epoch.val_loss, t->settings.min_delta);
    at->epoch++;
    at->sums = (tally){0};
    at->all_seconds += at->seconds;
    at->seconds = 0;
    t->is_stopped |= tell(t, &epoch);
    if (t->settings.checkpoint && (t->is_stopped || at->epoch > t->settings.epochs || lost_patience(t) || is_due(t, 0, ln_seconds())))
        status = save(t, error);
    if (!status && t->is_stopped)
        status = ln_fail(error, LENET_STOPPED, "stopped after epoch %d", epoch.epoch);
    return status;
}

/* The epochs that a checkpoint told of. */
static lenet_status tell_finished(const trainer *t, lenet_error *error)
{
    for (int i = 1; i < t->at.epoch; i++) {
        const lenet_epoch epoch = ln_history_at(&t->history, i);
        if (tell(t, &epoch))
            return ln_fail(error, LENET_STOPPED, "stopped after epoch %d", t->at.epoch - 1);
    }
    return LENET_OK;
}

/* ------------------------------------------------------------------------------------------ the estimated noise matrix */

/* The recipe of the first training: the same but for the loss, unseen but for its progress, and without a look at test images. */
static lenet_settings first_recipe(const trainer *t)
{
    lenet_settings s = t->settings;
    s.loss = "cross-entropy";
    s.noise_matrix = s.checkpoint = NULL;
    s.on_epoch = NULL;
    s.diagnose = s.test_each_epoch = 0;
    s.keep = s.keep == LENET_KEEP_TEST ? LENET_KEEP_VALIDATION : s.keep;
    return s;
}

static lenet_status estimate_by(const trainer *t, const lenet_model *first, float *matrix, lenet_error *error)
{
    const ln_batch all = training_images(t);
    const size_t classes = (size_t)lenet_model_classes(first);
    float *probabilities = ln_alloc(all.count * classes, sizeof *probabilities);
    ln_executor *executor = NULL;
    lenet_status status = probabilities ? ln_executor_open(&executor, first, t->engine.kernels, t->engine.threads, LN_BLOCK, 0, error)
                                        : ln_fail_memory(error, "an estimate of label noise", all.count * classes * sizeof *probabilities);
    if (!status) {
        ln_executor_predict(executor, &all, probabilities);
        status = ln_estimate_noise(probabilities, all.count, (int)classes, matrix, error);
    }
    ln_executor_close(&executor);
    ln_free(probabilities);
    return status;
}

static lenet_status train_first(const trainer *t, float *matrix, lenet_error *error)
{
    const lenet_settings recipe = first_recipe(t);
    lenet_model *first = NULL;
    lenet_result result;
    lenet_error why = {LENET_OK, ""};
    lenet_status status =
        lenet_model_create(&first, lenet_model_architecture(t->model), lenet_model_shape(t->model), lenet_model_classes(t->model), error);
    if (status)
        return status;
    status = lenet_train(first, t->train, NULL, &recipe, &result, &why);
    status = status ? ln_fail(error, status, "in the first training, for noise-matrix estimate: %s", why.text)
                    : estimate_by(t, first, matrix, error);
    lenet_model_close(&first);
    return status;
}

/* Makes the noise matrix if it is to be estimated and no checkpoint had it; then the first checkpoint has it. */
static lenet_status estimate_noise(trainer *t, lenet_error *error)
{
    float *matrix = ln_loss_estimate(&t->loss, &t->settings);
    lenet_status status = LENET_OK;
    if (matrix && !ln_estimate_is_made(matrix, lenet_model_classes(t->model))) {
        status = train_first(t, matrix, error);
        if (!status && t->settings.checkpoint)
            status = save(t, error);
    }
    return status ? status : ln_estimate_note(matrix, t->model, error);
}

static lenet_status train_all(trainer *t, lenet_error *error)
{
    lenet_status status = tell_finished(t, error);
    if (!status)
        status = estimate_noise(t, error);
    while (t->at.epoch <= t->settings.epochs && !status && !lost_patience(t)) {
        status = train_epoch(t, error);
        if (!status)
            status = finish_epoch(t, error);
    }
    return status;
}

/* --------------------------------------------------------------------------------------------- opening and closing */

/* All that the bits of a run depend on from here on and that its settings and data do not say; the history is apart. */
static void add_state(trainer *t)
{
    standing *at = &t->at;
    ln_state_add(&t->state, "epoch", &at->epoch, 1);
    ln_state_add(&t->state, "learning_rate", &at->rate, 1);
    ln_state_add(&t->state, "epoch.loss", &at->sums.loss, 1);
    ln_state_add(&t->state, "epoch.correct", &at->sums.correct, 1);
    ln_state_add(&t->state, "epoch.images", &at->sums.count, 1);
    ln_state_add(&t->state, "epoch.noisy", &at->sums.noisy, 1);
    ln_state_add(&t->state, "epoch.memorised", &at->sums.memorised, 1);
    ln_state_add(&t->state, "epoch.corrected", &at->sums.corrected, 1);
    ln_state_add(&t->state, "epoch.seconds", &at->seconds, 1);
    ln_state_add(&t->state, "seconds", &at->all_seconds, 1);
    ln_state_add(&t->state, "best.epoch", &at->best, 1);
    ln_state_add(&t->state, "patience.best", &at->patience.best, 1);
    ln_state_add(&t->state, "patience.wait", &at->patience.wait, 1);
    ln_model_add_state(t->model, &t->state, "weights", t->model->weights);
    ln_model_add_state(t->model, &t->state, "best", t->best);
    ln_updater_add_state(t->updater, &t->state);
    ln_schedule_add_state(&t->schedule, &t->state);
    float *matrix = ln_loss_estimate(&t->loss, &t->settings);
    const int classes = lenet_model_classes(t->model), shape[] = {classes, classes};
    if (matrix)
        ln_state_add_tensor(&t->state, "noise_matrix_estimated", LN_F32, matrix, 2, shape);
}

static lenet_status draw_noise(trainer *t, lenet_error *error)
{
    t->noisy_labels = ln_alloc(lenet_dataset_count(t->train), 1);
    return t->noisy_labels ? ln_noise_draw(t->train, &t->settings, t->split.mark, t->noisy_labels, error)
                           : ln_fail_memory(error, "label noise", lenet_dataset_count(t->train));
}

/* By the images that are trained on: all that are used, if others are held out in each epoch. */
static lenet_status normalize(const trainer *t, lenet_error *error)
{
    const size_t channels = (size_t)lenet_dataset_shape(t->train).channels;
    const ln_split *split = &t->split;
    double *numbers = ln_alloc(2 * channels, sizeof *numbers);
    uint32_t *index = ln_alloc(split->train_count + split->held_out_count, sizeof *index);
    lenet_status status = numbers && index ? LENET_OK : ln_fail_memory(error, "normalization", channels * sizeof *numbers);
    if (!status) {
        const size_t more = t->settings.validation_resample ? split->held_out_count : 0;
        memcpy(index, split->train, split->train_count * sizeof *index);
        memcpy(index + split->train_count, split->held_out, more * sizeof *index);
        status = ln_normalize_by(t->settings.normalize ? t->settings.normalize : "none", t->train, index, split->train_count + more, numbers,
                                 numbers + channels, error);
    }
    if (!status)
        status = lenet_model_set_normalization(t->model, numbers, numbers + channels, error);
    ln_free(index);
    ln_free(numbers);
    return status;
}

static lenet_status augment(trainer *t, lenet_error *error)
{
    const lenet_status status = ln_augment_open(&t->augment, t->settings.augment, lenet_dataset_shape(t->train), t->settings.seed,
                                                ln_threads_workers(t->engine.threads), LN_BLOCK, error);
    const ln_transform transform = {ln_augment_apply, t->augment};
    if (!status)
        ln_executor_set_transform(t->executor, &transform);
    return status;
}

static lenet_status open_trainer(trainer *t, lenet_error *error)
{
    const lenet_settings *s = &t->settings;
    const size_t test_count = t->test ? lenet_dataset_count(t->test) : 0, train_count = lenet_dataset_count(t->train);
    const size_t most = test_count > train_count ? test_count : train_count;
    lenet_status status = ln_engine_open(&t->engine, &s->compute, error);
    if (!status)
        status = lenet_model_initialize(t->model, s->initializer, s->seed, error);
    if (!status && s->bias_initializer)
        status = lenet_model_initialize_biases(t->model, s->bias_initializer, s->seed, error);
    if (!status)
        status = ln_split_open(&t->split, t->train, s, error);
    if (!status && ln_noise_is_on(s))
        status = draw_noise(t, error);
    if (!status)
        status = ln_executor_open(&t->executor, t->model, t->engine.kernels, t->engine.threads, (size_t)s->batch, 1, error);
    if (!status)
        status = normalize(t, error);
    if (!status && s->augment)
        status = augment(t, error);
    if (!status)
        status = ln_loss_open(&t->loss, s, lenet_model_classes(t->model), error);
    if (!status)
        status = ln_updater_open(&t->updater, s, t->model, t->executor, t->engine.kernels, error);
    if (status)
        return status;
    ln_schedule_open(&t->schedule, s, epoch_steps(t));
    ln_executor_set_loss(t->executor, &t->loss);
    t->order = ln_alloc(t->split.train_count, sizeof *t->order);
    t->losses = ln_alloc(most, sizeof *t->losses);
    t->predicted = ln_alloc(most, 1);
    t->best = ln_alloc(t->model->weight_count, sizeof *t->best);
    if (!t->order || !t->losses || !t->predicted || !t->best)
        return ln_fail_memory(error, "training", (most + t->split.train_count) * sizeof(float));
    memcpy(t->best, t->model->weights, t->model->weight_count * sizeof *t->best);
    t->at = (standing){.epoch = 1, .patience = {.best = INFINITY}};
    add_state(t);
    status = ln_state_check(&t->state, error);
    const ln_batch all = training_images(t);
    if (!status && s->diagnose)
        status = ln_diagnosis_open(&t->diagnosis, t->executor, t->model, ln_threads_workers(t->engine.threads), &all, error);
    t->history.diagnosis = t->diagnosis;
    return status ? status : load(t, error);
}

/* Fills the result and leaves the kept weights in the model. */
static void settle(trainer *t)
{
    lenet_result *r = t->result;
    r->epochs = t->at.epoch - 1;
    r->best_epoch = t->at.best;
    r->seconds = t->at.all_seconds;
    r->train_count = t->split.train_count;
    r->val_count = t->split.held_out_count;
    r->images_per_second = r->seconds > 0 ? (double)r->train_count * r->epochs / r->seconds : 0;
    r->threads = ln_threads_workers(t->engine.threads);
    r->isa = t->engine.kernels->isa;
    r->test_loss = r->test_accuracy = NAN;
    r->stopped_early = lost_patience(t);
    ln_updater_swap(t->updater);
    lenet_model_sha256(t->model, r->weights_sha256);
    memcpy(t->model->weights, t->best, t->model->weight_count * sizeof *t->best);
    if (t->test)
        measure_test(t, &r->test_loss, &r->test_accuracy);
}

static void close_trainer(trainer *t)
{
    ln_identity_close(&t->identity);
    ln_state_close(&t->state);
    ln_history_close(&t->history);
    ln_diagnosis_close(&t->diagnosis);
    ln_free(t->best);
    ln_free(t->predicted);
    ln_free(t->losses);
    ln_free(t->order);
    ln_free(t->noisy_labels);
    ln_augment_close(&t->augment);
    ln_updater_close(&t->updater);
    ln_executor_close(&t->executor);
    ln_loss_close(&t->loss);
    ln_split_close(&t->split);
    ln_engine_close(&t->engine);
}

lenet_status lenet_train(lenet_model *model, const lenet_dataset *train, const lenet_dataset *test,
                         const lenet_settings *settings, lenet_result *result, lenet_error *error)
{
    trainer t = {.model = model, .train = train, .test = test, .result = result};
    lenet_status status = ln_settings_check(settings, model, train, test, &t.settings, error);
    if (status)
        return status;
    status = open_trainer(&t, error);
    if (!status) {
        memset(result, 0, sizeof *result);
        status = train_all(&t, error);
        settle(&t);
    }
    close_trainer(&t);
    return status;
}
