/* SPDX-License-Identifier: MIT */
/*
 * normalize.c - how pixels become a network's inputs: (pixel / 255 - mean) / std, with a mean and std for
 * each channel, kept with the model so that every evaluation uses those of its training.
 *
 * Always: where it is not 0 and 1, the note "normalize" has the same numbers as text, to the last bit.
 */
#include "nn/model.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char note[] = "normalize";

static int is_plain(double mean, double std) { return mean == 0 && std == 1; }

/* A pixel p becomes p * scale + offset, in one multiply-add. */
static void derive(lenet_model *model)
{
    for (int c = 0; c < model->shape.channels; c++) {
        const double mean = model->mean[c], std = model->std[c];
        model->scale[c] = is_plain(mean, std) ? 1.0f / 255.0f : (float)(1 / (255 * std));
        model->offset[c] = is_plain(mean, std) ? 0 : (float)(-mean / std);
    }
}

lenet_status ln_normalize_open(lenet_model *model, lenet_error *error)
{
    const size_t channels = (size_t)model->shape.channels;
    model->mean = ln_alloc(2 * channels, sizeof *model->mean);
    model->scale = ln_alloc(2 * channels, sizeof *model->scale);
    if (!model->mean || !model->scale)
        return ln_fail_memory(error, "a model", 2 * channels * sizeof *model->mean);
    model->std = model->mean + channels;
    model->offset = model->scale + channels;
    for (size_t c = 0; c < channels; c++)
        model->std[c] = 1;
    derive(model);
    return LENET_OK;
}

void ln_normalize_close(lenet_model *model)
{
    ln_free(model->mean);
    ln_free(model->scale);
}

/*
 * All means, then all deviations, as numbers that are read back to the same bits; "" where they are 0 and 1.
 * NULL: out of memory.
 */
static char *describe(const lenet_model *model)
{
    enum { NUMBER = 32 };
    const size_t count = 2 * (size_t)model->shape.channels;
    char *text = ln_alloc(count, NUMBER);
    int plain = 1;
    for (size_t i = 0, used = 0; text && i < count; i++) {
        char *at = text + used;
        used += (size_t)snprintf(at, NUMBER, "%s%.17g", i ? "," : "", model->mean[i]);
        for (at += i > 0; *at; at++)
            *at = *at == ',' ? '.' : *at; /* whatever the locale */
        plain &= model->mean[i] == (i < count / 2 ? 0 : 1);
    }
    if (text && plain)
        *text = '\0';
    return text;
}

lenet_status lenet_model_set_normalization(lenet_model *model, const double *mean, const double *std,
                                           lenet_error *error)
{
    for (int c = 0; c < model->shape.channels; c++) {
        const float scale = (float)(1 / (255 * std[c])), offset = (float)(-mean[c] / std[c]);
        if (!(std[c] > 0) || !isfinite(scale) || !isfinite(offset))
            return ln_fail(error, LENET_USAGE,
                           "normalization by mean %g and standard deviation %g: numbers become infinite", mean[c],
                           std[c]);
    }
    memcpy(model->mean, mean, (size_t)model->shape.channels * sizeof *mean);
    memcpy(model->std, std, (size_t)model->shape.channels * sizeof *std);
    derive(model);
    char *text = describe(model);
    lenet_status status = text ? LENET_OK : ln_fail_memory(error, "a note", 1);
    if (text && *text)
        status = lenet_model_set_note(model, note, text, error);
    else if (text)
        ln_model_drop_note(model, note);
    ln_free(text);
    return status;
}

void lenet_model_normalization(const lenet_model *model, double *mean, double *std)
{
    memcpy(mean, model->mean, (size_t)model->shape.channels * sizeof *mean);
    memcpy(std, model->std, (size_t)model->shape.channels * sizeof *std);
}

lenet_status ln_normalize_load(lenet_model *model, const char *path, lenet_error *error)
{
    const char *text = lenet_model_note(model, note);
    if (!text || !*text)
        return LENET_OK;
    const size_t channels = (size_t)model->shape.channels;
    double *numbers = ln_alloc(2 * channels, sizeof *numbers);
    lenet_error reason;
    if (!numbers)
        return ln_fail_memory(error, path, 2 * channels * sizeof *numbers);
    lenet_status status = LENET_OK;
    if (ln_read_reals(text, numbers, 2 * channels) != 2 * channels)
        status = ln_fail(error, LENET_INPUT,
                         "%s: the note 'normalize' is no list of a mean and a deviation for each of %zu channels", path,
                         channels);
    else if (lenet_model_set_normalization(model, numbers, numbers + channels, &reason))
        status = ln_fail(error, LENET_INPUT, "%s: %s", path, reason.text);
    ln_free(numbers);
    return status;
}
