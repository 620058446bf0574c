/* SPDX-License-Identifier: MIT */
/*
 * curve.c - activations and losses as functions of one number, by the kernels that training uses: what is
 * drawn is what is computed.
 */
#include "lenet/tools.h"
#include "nn/model.h"
#include "train/loss.h"
#include "util/error.h"
#include "util/memory.h"

#include <stdio.h>
#include <string.h>

/* The kernels work on blocks of 16 numbers from aligned buffers. */
typedef struct block {
    float x[LN_BLOCK], y[LN_BLOCK], dy[LN_BLOCK], dx[LN_BLOCK];
} block;

static void draw_activation(const ln_layer *layer, size_t count, const float *x, float *y, float *gradient)
{
    const ln_kernels *kernels = ln_kernels_find(NULL);
    const ln_layer_kind *kind = layer->kind;
    _Alignas(64) block b;
    for (size_t at = 0; at < count; at += LN_BLOCK) {
        const size_t size = count - at < LN_BLOCK ? count - at : LN_BLOCK;
        memset(&b, 0, sizeof b);
        memcpy(b.x, x + at, size * sizeof *x);
        for (size_t i = 0; i < LN_BLOCK; i++)
            b.dy[i] = 1;
        kernels->activation_forward(kind->activation, (float)layer->slope, 1, b.x, b.y);
        kernels->activation_backward(kind->activation, (float)layer->slope, 1, kind->needs_input ? b.x : b.y, b.dy,
                                     b.dx);
        memcpy(y + at, b.y, size * sizeof *y);
        memcpy(gradient + at, b.dx, size * sizeof *gradient);
    }
}

lenet_status lenet_activation_curve(const char *activation, size_t count, const float *x, float *y, float *gradient,
                                    lenet_error *error)
{
    char architecture[160];
    ln_layer *layers = NULL;
    char *full = NULL;
    size_t layer_count = 0;
    if (strlen(activation) > 120 || strchr(activation, ','))
        return ln_fail(error, LENET_USAGE, "activation: '%.60s' is none", activation);
    snprintf(architecture, sizeof architecture, "%s,dense:2", activation);
    lenet_status status =
        ln_architecture_parse(architecture, (lenet_shape){1, 1, 1}, 2, &layers, &layer_count, &full, error);
    if (status)
        return status;
    if (layer_count == 2 && ln_is_activation(&layers[0]))
        draw_activation(&layers[0], count, x, y, gradient);
    else
        status = ln_fail(error, LENET_USAGE, "activation: '%.60s' is none", activation);
    ln_free(layers);
    ln_free(full);
    return status;
}

/*
 * Logit of class 0 by sample, others 0, in a block's layout [16 / W][classes][W]; place_of: the index of a
 * sample's logit.
 */
static size_t place_of(const ln_kernels *kernels, int classes, size_t sample)
{
    const size_t width = (size_t)kernels->width;
    return sample / width * (size_t)classes * width + sample % width;
}

static void draw_loss(const ln_loss *loss, int classes, size_t count, const float *logit, float *logits, float *dlogits,
                      float *value, float *gradient)
{
    const ln_kernels *kernels = ln_kernels_find(NULL);
    const uint8_t labels[LN_BLOCK] = {0};
    _Alignas(64) float losses[LN_BLOCK];
    _Alignas(64) uint8_t predicted[LN_BLOCK];
    for (size_t at = 0; at < count; at += LN_BLOCK) {
        const size_t size = count - at < LN_BLOCK ? count - at : LN_BLOCK;
        for (size_t i = 0; i < size; i++)
            logits[place_of(kernels, classes, i)] = logit[at + i];
        kernels->loss(loss, classes, logits, labels, (int)size, 1, dlogits, losses, predicted);
        for (size_t i = 0; i < size; i++) {
            value[at + i] = losses[i];
            gradient[at + i] = dlogits[place_of(kernels, classes, i)];
        }
    }
}

lenet_status lenet_loss_curve(const char *loss, int classes, size_t count, const float *logit, float *value,
                              float *gradient, lenet_error *error)
{
    lenet_settings settings;
    ln_loss made;
    lenet_settings_default(&settings);
    if (classes < 2 || classes > LENET_MAX_CLASSES)
        return ln_fail(error, LENET_USAGE, "classes %d: must be 2..%d", classes, LENET_MAX_CLASSES);
    lenet_status status = lenet_settings_set(&settings, "loss", loss, error);
    if (!status)
        status = ln_loss_check(&settings, error);
    if (!status)
        status = ln_loss_open(&made, &settings, classes, error);
    if (status)
        return status;
    const size_t size = (size_t)classes * LN_BLOCK;
    float *logits = ln_alloc(size, sizeof *logits), *dlogits = ln_alloc(size, sizeof *dlogits);
    if (logits && dlogits)
        draw_loss(&made, classes, count, logit, logits, dlogits, value, gradient);
    else
        status = ln_fail_memory(error, "a loss", 2 * size * sizeof *logits);
    ln_free(logits);
    ln_free(dlogits);
    ln_loss_close(&made);
    return status;
}
