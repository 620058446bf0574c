/* SPDX-License-Identifier: MIT */
/*
 * evaluate.c - a model on a data set or on some images, weights unchanged: loss, accuracy, confusion matrix,
 * probabilities.
 */
#include "lenet/tools.h"
#include "nn/executor.h"
#include "train/engine.h"
#include "util/error.h"
#include "util/memory.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------ on a data set */

lenet_status lenet_model_fits(const lenet_model *model, const lenet_dataset *dataset, lenet_error *error)
{
    const lenet_shape have = lenet_dataset_shape(dataset), want = lenet_model_shape(model);
    if (have.channels != want.channels || have.height != want.height || have.width != want.width)
        return ln_fail(error, LENET_USAGE,
                       "the model takes images of %dx%dx%d (channels, height, width), those of %s are %dx%dx%d",
                       want.channels, want.height, want.width, lenet_dataset_name(dataset), have.channels, have.height,
                       have.width);
    if (lenet_dataset_classes(dataset) != lenet_model_classes(model))
        return ln_fail(error, LENET_USAGE, "the model has %d classes, %s has %d", lenet_model_classes(model),
                       lenet_dataset_name(dataset), lenet_dataset_classes(dataset));
    return LENET_OK;
}

/* What evaluation needs besides the executor; all owned here. */
typedef struct scratch {
    float *losses;
    uint8_t *predicted;
    uint32_t *confusion;
    const char **names;
} scratch;

static void fill(lenet_evaluation *e, const scratch *s, const lenet_dataset *dataset)
{
    const uint8_t *labels = lenet_dataset_labels(dataset);
    *e = (lenet_evaluation){.count = lenet_dataset_count(dataset), .classes = lenet_dataset_classes(dataset)};
    for (size_t i = 0; i < e->count; i++) {
        e->loss += (double)s->losses[i];
        e->correct += s->predicted[i] == labels[i];
        s->confusion[labels[i] * e->classes + s->predicted[i]]++;
    }
    for (int k = 0; k < e->classes; k++)
        s->names[k] = lenet_dataset_class_name(dataset, k);
    e->loss /= (double)e->count;
    e->accuracy = (double)e->correct / (double)e->count;
    e->class_names = s->names;
    e->confusion = s->confusion;
}

lenet_status lenet_evaluate(const lenet_model *model, const lenet_dataset *dataset, const lenet_compute *compute,
                            lenet_evaluation *evaluation, lenet_error *error)
{
    lenet_status status = lenet_model_fits(model, dataset, error);
    if (status)
        return status;
    const size_t count = lenet_dataset_count(dataset), classes = (size_t)lenet_dataset_classes(dataset);
    ln_engine engine;
    ln_executor *executor = NULL;
    scratch s = {ln_alloc(count, sizeof(float)), ln_alloc(count, 1), ln_alloc(classes * classes, sizeof(uint32_t)),
                 ln_alloc(classes, sizeof(char *))};
    if (!s.losses || !s.predicted || !s.confusion || !s.names)
        status = ln_fail_memory(error, "an evaluation", count * sizeof(float));
    if (!status && !(status = ln_engine_open(&engine, compute, error))) {
        status = ln_executor_open(&executor, model, engine.kernels, engine.threads, LN_BLOCK, 0, error);
        if (!status) {
            const ln_batch all = {lenet_dataset_images(dataset), lenet_dataset_labels(dataset), NULL, count};
            ln_executor_evaluate(executor, &all, s.losses, s.predicted);
            fill(evaluation, &s, dataset);
        }
        ln_executor_close(&executor);
        ln_engine_close(&engine);
    }
    ln_free(s.losses);
    ln_free(s.predicted);
    if (status) {
        ln_free(s.confusion);
        ln_free((void *)s.names);
    }
    return status;
}

void lenet_evaluation_close(lenet_evaluation *evaluation)
{
    ln_free(evaluation->confusion);
    ln_free((void *)(uintptr_t)evaluation->class_names);
    memset(evaluation, 0, sizeof *evaluation);
}

/* The largest count first, then by truth, then by prediction. */
static int compare_pairs(const void *left, const void *right)
{
    const lenet_confused_pair *a = left, *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return a->truth != b->truth ? a->truth - b->truth : a->predicted - b->predicted;
}

size_t lenet_confused_pairs(const lenet_evaluation *e, lenet_confused_pair *pairs, size_t count)
{
    /* Keeps the best `count` by insertion: the list is short, the matrix small. */
    size_t used = 0;
    for (int t = 0; t < e->classes; t++)
        for (int p = 0; p < e->classes; p++) {
            const lenet_confused_pair pair = {t, p, e->confusion[t * e->classes + p]};
            if (t == p || !pair.count || !count)
                continue;
            if (used == count && compare_pairs(&pair, &pairs[used - 1]) > 0)
                continue;
            size_t at = used < count ? used++ : used - 1;
            for (; at && compare_pairs(&pair, &pairs[at - 1]) < 0; at--)
                pairs[at] = pairs[at - 1];
            pairs[at] = pair;
        }
    return used;
}

/* ------------------------------------------------------------------------------------------------ on some images */

lenet_status lenet_model_predict(const lenet_model *model, size_t count, const uint8_t *images, float *probabilities,
                                 const lenet_compute *compute, lenet_error *error)
{
    ln_engine engine;
    ln_executor *executor = NULL;
    lenet_status status = ln_engine_open(&engine, compute, error);
    if (status)
        return status;
    status = ln_executor_open(&executor, model, engine.kernels, engine.threads, LN_BLOCK, 0, error);
    if (!status) {
        const ln_batch all = {images, NULL, NULL, count};
        ln_executor_predict(executor, &all, probabilities);
    }
    ln_executor_close(&executor);
    ln_engine_close(&engine);
    return status;
}
