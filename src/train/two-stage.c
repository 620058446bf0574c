/* SPDX-License-Identifier: MIT */
/* two-stage.c - see two-stage.h. The first stage is an ordinary lenet_train. */
#include "train/two-stage.h"

#include "train/estimate.h"
#include "train/loss.h"
#include "train/resume.h"
#include "util/error.h"
#include "util/memory.h"

/*
 * The recipe of the first stage: the same but for the loss. It does not report epochs, writes no checkpoint, and does
 * not use test images.
 */
static lenet_settings first_recipe(const ln_run *run)
{
    lenet_settings s = run->settings;
    s.loss = "cross-entropy";
    s.noise_matrix = s.checkpoint = NULL;
    s.on_epoch = NULL;
    s.diagnose = s.test_each_epoch = 0;
    s.keep = s.keep == LENET_KEEP_TEST ? LENET_KEEP_VALIDATION : s.keep;
    return s;
}

static lenet_status estimate_by(const ln_run *run, const lenet_model *first, float *matrix, lenet_error *error)
{
    const ln_batch all = ln_run_training_images(run);
    const size_t classes = (size_t)lenet_model_classes(first);
    float *probabilities = ln_alloc(all.count * classes, sizeof *probabilities);
    ln_executor *executor = NULL;
    if (!probabilities)
        return ln_fail_memory(error, "an estimate of label noise", all.count * classes * sizeof *probabilities);
    lenet_status status =
        ln_executor_open(&executor, first, run->engine.kernels, run->engine.threads, LN_BLOCK, 0, error);
    if (!status) {
        ln_executor_predict(executor, &all, probabilities);
        status = ln_estimate_noise(probabilities, all.count, (int)classes, matrix, error);
    }
    ln_executor_close(&executor);
    ln_free(probabilities);
    return status;
}

static lenet_status train_first(const ln_run *run, float *matrix, lenet_error *error)
{
    const lenet_settings recipe = first_recipe(run);
    const lenet_model *second = run->model;
    lenet_model *first = NULL;
    lenet_result result;
    lenet_error why = {LENET_OK, ""};
    lenet_status status = lenet_model_create(&first, lenet_model_architecture(second), lenet_model_shape(second),
                                             lenet_model_classes(second), error);
    if (status)
        return status;
    status = lenet_train(first, run->train, NULL, &recipe, &result, &why);
    status = status ? ln_fail(error, status, "in the first training, for noise-matrix estimate: %s", why.text)
                    : estimate_by(run, first, matrix, error);
    lenet_model_close(&first);
    return status;
}

lenet_status ln_two_stage_estimate(ln_run *run, lenet_error *error)
{
    float *matrix = ln_loss_estimate(&run->loss, &run->settings);
    lenet_status status = LENET_OK;
    if (matrix && !ln_estimate_is_made(matrix, lenet_model_classes(run->model))) {
        status = train_first(run, matrix, error);
        if (!status && run->settings.checkpoint)
            status = ln_resume_save(run, error);
    }
    return status ? status : ln_estimate_note(matrix, run->model, error);
}
