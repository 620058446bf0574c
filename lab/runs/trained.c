/* SPDX-License-Identifier: MIT */
/* trained.c - see trained.h. */
#include "lab/runs/trained.h"

#include "util/error.h"
#include "lenet/tools.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

lenet_status lab_train(lenet_model *model, const lenet_dataset *train, const lenet_dataset *test, const lenet_settings *settings,
                       lenet_result *result, lenet_error *error)
{
    lenet_status status = lenet_train(model, train, test, settings, result, error);
    if ((status == LENET_USAGE || status == LENET_INPUT) && settings->checkpoint && !unlink(settings->checkpoint))
        status = lenet_train(model, train, test, settings, result, error);
    return status;
}

/* Classes of the test images, as predicted; to be freed. */
static lenet_status predict(const lenet_model *model, const lenet_dataset *test, const lenet_compute *compute, uint8_t **predicted,
                            lenet_error *error)
{
    const size_t count = lenet_dataset_count(test), classes = (size_t)lenet_dataset_classes(test);
    float *p = calloc(count * classes, sizeof *p);
    *predicted = calloc(count, 1);
    lenet_status status = p && *predicted ? LENET_OK : ln_fail(error, LENET_FAILURE, "out of memory for predictions");
    if (!status)
        status = lenet_model_predict(model, count, lenet_dataset_images(test), p, compute, error);
    for (size_t i = 0; i < count && !status; i++)
        for (size_t k = 1; k < classes; k++)
            if (p[i * classes + k] > p[i * classes + (*predicted)[i]])
                (*predicted)[i] = (uint8_t)k;
    free(p);
    return status;
}

/* The realised label noise, to be freed; NULL if there is none. */
static lenet_status measure_noise(const lab_trained *t, uint32_t **matrix, lenet_error *error)
{
    const size_t classes = (size_t)lenet_dataset_classes(t->train);
    bool is_noisy = false;
    *matrix = calloc(classes * classes, sizeof **matrix);
    if (!*matrix)
        return ln_fail(error, LENET_FAILURE, "out of memory for the noise");
    const lenet_status status = lenet_measure_noise(t->train, t->settings, *matrix, error);
    for (size_t i = 0; i < classes * classes; i++)
        is_noisy |= i % (classes + 1) && (*matrix)[i];
    if (status || !is_noisy) {
        free(*matrix);
        *matrix = NULL;
    }
    return status;
}

static lenet_status store_finished(const lab_trained *t, lab_store *store, const lab_claim *claim, lenet_error *error)
{
    char kept[65];
    uint8_t *predicted = NULL;
    uint32_t *noise = NULL;
    lenet_evaluation test = {.count = 0};
    lenet_status status = lenet_evaluate(t->model, t->test, &t->settings->compute, &test, error);
    if (!status)
        status = predict(t->model, t->test, &t->settings->compute, &predicted, error);
    if (!status)
        status = measure_noise(t, &noise, error);
    lenet_model_sha256(t->model, kept);
    const lab_outcome outcome = {LAB_FINISHED, NULL, t->result, kept, &test, predicted, noise,
                                 claim->measured, test.count};
    if (!status)
        status = lab_store_finish(store, claim->run, &outcome, error);
    lenet_evaluation_close(&test);
    free(predicted);
    free(noise);
    return status;
}

/* Weights were kept, and measured, only if an epoch was finished. */
static lenet_status store_diverged(const lab_trained *t, lab_store *store, const lab_claim *claim, lenet_error *error)
{
    char kept[65];
    const bool has_kept = t->result->best_epoch > 0, is_measured = !isnan(t->result->test_accuracy);
    lenet_model_sha256(t->model, kept);
    const lab_outcome ended = {.state = LAB_DIVERGED,
                               .message = t->message,
                               .result = t->result,
                               .measured = claim->measured,
                               .kept_sha256 = has_kept ? kept : NULL,
                               .test_count = is_measured ? lenet_dataset_count(t->test) : 0};
    return lab_store_finish(store, claim->run, &ended, error);
}

lenet_status lab_trained_store(const lab_trained *t, lab_store *store, const lab_claim *claim, lenet_error *error)
{
    if (!t->status)
        return store_finished(t, store, claim, error);
    if (t->status == LENET_DIVERGED)
        return store_diverged(t, store, claim, error);
    const lab_outcome failed = {.state = LAB_FAILED, .message = t->message, .measured = claim->measured};
    return lab_store_finish(store, claim->run, &failed, error);
}
