/* SPDX-License-Identifier: MIT */
/*
 * vary.c - one architecture, other activations: what the settings `activation` and `dropout` make of a specification.
 *
 * They work on the text, so that what is trained is an architecture in full like any other: it stands in model files and
 * records, and needs no settings to be made again. Varying what was varied changes nothing.
 */
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "nn/model.h"

#include <stdio.h>
#include <string.h>

const char *const ln_activation_names[] = {"relu", "leaky-relu", "elu", "tanh",      "sigmoid",
                                           "selu", "gelu",       "gelu-tanh", "none", NULL};

/* A specification in the making. */
typedef struct writer {
    char *text; /* [LN_ARCHITECTURE_LENGTH + 1] */
    size_t used;
} writer;

static void append(writer *w, const char *layer, size_t length)
{
    const size_t left = LN_ARCHITECTURE_LENGTH - w->used;
    const int wrote = snprintf(w->text + w->used, left, "%s%.*s", w->used ? "," : "", (int)length, layer);
    w->used += wrote > 0 && (size_t)wrote < left ? (size_t)wrote : left;
}

/* The kind of a layer that is `length` characters long; NULL: unknown, which the parser will say. */
static const ln_layer_kind *kind_of(const char *layer, size_t length)
{
    char name[32];
    const size_t colon = strcspn(layer, ":"), end = colon < length ? colon : length;
    if (end >= sizeof name)
        return NULL;
    snprintf(name, sizeof name, "%.*s", (int)end, layer);
    return ln_layer_kind_find(name);
}

/* Writes `full` with `activation` for each of its activations. Returns how many there were. */
static int replace_activations(writer *w, const char *full, const char *activation)
{
    const int is_none = ln_choice_is(activation, "none");
    int count = 0;
    for (const char *layer = full; *layer;) {
        const size_t length = strcspn(layer, ",");
        const ln_layer_kind *kind = kind_of(layer, length);
        const int replaces = kind && kind->is_activation;
        if (!replaces)
            append(w, layer, length);
        else if (!is_none)
            append(w, activation, strlen(activation));
        count += replaces;
        layer += length + (layer[length] == ',');
    }
    return count;
}

static lenet_status vary_activations(char **full, const char *activation, lenet_error *error)
{
    writer w = {ln_alloc(LN_ARCHITECTURE_LENGTH + 1, 1), 0};
    if (!w.text)
        return ln_fail_memory(error, "an architecture", LN_ARCHITECTURE_LENGTH);
    const int count = replace_activations(&w, *full, activation);
    ln_free(*full);
    *full = w.text;
    if (!count && !ln_choice_is(activation, "none"))
        return ln_fail(error, LENET_USAGE, "activation %s: the architecture has no activation that it could replace", activation);
    if (w.used == LN_ARCHITECTURE_LENGTH)
        return ln_fail(error, LENET_USAGE, "activation %s: the architecture becomes longer than %d characters", activation,
                       LN_ARCHITECTURE_LENGTH);
    return LENET_OK;
}

lenet_status ln_architecture_vary(char **full, const lenet_settings *settings, lenet_error *error)
{
    return settings->activation ? vary_activations(full, settings->activation, error) : LENET_OK;
}
