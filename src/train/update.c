/* SPDX-License-Identifier: MIT */
/* update.c - see update.h. docs/recipe.md has the formulas, docs/numerics.md the order of the sums. */
#include "train/update.h"

#include "util/error.h"
#include "util/memory.h"

#include <math.h>
#include <string.h>

struct ln_updater {
    lenet_settings settings;
    lenet_model *model;
    const ln_kernels *kernels;
    ln_optimizer *optimizer;
    float *gradient;
    float *average; /* of the weights; NULL: none */
    ln_update update;
    /* Of this step: */
    float scale;         /* of the gradient, to clip it; 1: its norm is small enough */
    float shrink;        /* of decoupled weight decay */
    float average_share; /* of the weights in their average */
};

/*
 * A penalty on the sum of squares of weights, biases left out, is part of the loss, and so of its gradient.
 */
static void add_penalty(void *updater, size_t first, size_t count, size_t row)
{
    const ln_updater *u = updater;
    if (row)
        u->kernels->sgd(count, (float)(-2 * u->settings.weight_decay), u->model->weights + first, u->gradient + first);
}

static void clip(void *updater)
{
    ln_updater *u = updater;
    const double norm = sqrt(u->kernels->sum_of_squares(u->model->weight_count, u->gradient));
    u->scale = norm > u->settings.clip_norm ? (float)(u->settings.clip_norm / norm) : 1;
}

/* Scales each unit's weights to at most the largest norm. */
static void limit_norms(const ln_updater *u, size_t first, size_t count, size_t row)
{
    for (float *unit = u->model->weights + first; unit < u->model->weights + first + count; unit += row) {
        const double norm = sqrt(u->kernels->sum_of_squares(row, unit));
        if (norm > u->settings.max_norm)
            u->kernels->scale(row, (float)(u->settings.max_norm / norm), unit);
    }
}

static void apply(void *updater, size_t first, size_t count, size_t row)
{
    const ln_updater *u = updater;
    float *weights = u->model->weights + first, *gradient = u->gradient + first;
    const double decay = u->settings.weight_decay;
    if (u->scale < 1)
        u->kernels->scale(count, u->scale, gradient);
    if (decay > 0 && u->settings.weight_decay_kind == LENET_DECAY_L2_PYTORCH)
        u->kernels->sgd(count, (float)-decay, weights, gradient);
    if (u->shrink > 0)
        u->kernels->sgd(count, u->shrink, weights, weights);
    ln_optimizer_apply(u->optimizer, first, count);
    if (u->settings.max_norm > 0 && row)
        limit_norms(u, first, count, row);
    if (u->average)
        u->kernels->approach(count, u->average_share, weights, u->average + first);
}

void ln_updater_complete(lenet_settings *s)
{
    const double fallback = ln_optimizer_default_decay(s->optimizer);
    if (s->weight_decay == 0)
        s->weight_decay = fallback;
    if (s->weight_decay > 0 && s->weight_decay_kind == LENET_DECAY_DEFAULT)
        s->weight_decay_kind = fallback > 0 ? LENET_DECAY_DECOUPLED : LENET_DECAY_L2;
}

lenet_status ln_updater_check(const lenet_settings *s, lenet_error *error)
{
    if (s->weight_decay == 0 && s->weight_decay_kind != LENET_DECAY_DEFAULT)
        return ln_fail(error, LENET_USAGE, "weight-decay-kind: there is no weight decay; weight-decay says how much");
    if (ln_optimizer_default_decay(s->optimizer) > 0 && s->weight_decay_kind != LENET_DECAY_DECOUPLED)
        return ln_fail(error, LENET_USAGE,
                       "weight-decay-kind: %s is decoupled, that is what it is for; take adam for the other kinds",
                       s->optimizer);
    return LENET_OK;
}

lenet_status ln_updater_open(ln_updater **out, const lenet_settings *settings, lenet_model *model,
                             ln_executor *executor, const ln_kernels *kernels, lenet_error *error)
{
    ln_updater *u = *out = ln_alloc(1, sizeof *u);
    if (!u)
        return ln_fail_memory(error, "the update of weights", sizeof *u);
    *u = (ln_updater){.settings = *settings,
                      .model = model,
                      .kernels = kernels,
                      .gradient = ln_executor_gradient(executor),
                      .scale = 1};
    u->update = (ln_update){.apply = apply,
                            .prepare = settings->weight_decay_kind == LENET_DECAY_L2 ? add_penalty : NULL,
                            .whole = settings->clip_norm > 0 ? clip : NULL,
                            .context = u};
    lenet_status status = ln_optimizer_open(&u->optimizer, settings, model, kernels, error);
    if (!status && settings->ema > 0 && !(u->average = ln_alloc(model->weight_count, sizeof *u->average)))
        status = ln_fail_memory(error, "the average of the weights", model->weight_count * sizeof *u->average);
    if (status)
        ln_updater_close(out);
    else if (u->average)
        memcpy(u->average, model->weights, model->weight_count * sizeof *u->average);
    return status;
}

void ln_updater_close(ln_updater **handle)
{
    ln_updater *u = *handle;
    *handle = NULL;
    if (!u)
        return;
    ln_free(u->average);
    ln_optimizer_close(&u->optimizer);
    ln_free(u);
}

void ln_updater_add_state(ln_updater *u, ln_state *state)
{
    ln_optimizer_add_state(u->optimizer, u->model, state);
    if (u->average)
        ln_model_add_state(u->model, state, "average", u->average);
}

/* The average begins as the weights after the first step, as Keras has it. */
const ln_update *ln_updater_begin(ln_updater *u, const ln_pace *pace)
{
    u->shrink =
        u->settings.weight_decay_kind == LENET_DECAY_DECOUPLED ? (float)(pace->rate * u->settings.weight_decay) : 0;
    u->average_share = pace->step ? (float)(1 - u->settings.ema) : 1;
    ln_optimizer_begin(u->optimizer, pace, u->gradient);
    return &u->update;
}

/* Running statistics of batches are averages already; Keras does not average them again either. */
void ln_updater_swap(ln_updater *u)
{
    for (const ln_tensor_row *t = u->model->tensors; u->average && t < u->model->tensors + u->model->tensor_count; t++)
        for (size_t i = t->offset; t->is_trained && i < t->offset + t->size; i++) {
            const float weight = u->model->weights[i];
            u->model->weights[i] = u->average[i];
            u->average[i] = weight;
        }
}
