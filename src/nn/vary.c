/* SPDX-License-Identifier: MIT */
/*
 * vary.c - the settings `activation` and `dropout`: other activations, and dropout, in a given architecture.
 *
 * They rewrite the specification's text, so the result is an architecture like any other: model files and
 * records have it in full, without these settings. Applying a setting twice changes nothing more.
 */
#include "nn/model.h"
#include "settings/names.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const ln_activation_names[] = {
#define ROW(id, name) name,
    LN_ACTIVATION_LIST(ROW)
#undef ROW
        "none",
    NULL};

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

/* A layer of a specification. */
typedef struct piece {
    const char *text;
    size_t length;
    const ln_layer_kind *kind;
} piece;

/* The layer at *at, which is moved past it; 0 if there is none. */
static int next_piece(const char **at, piece *layer)
{
    if (!**at)
        return 0;
    layer->text = *at;
    layer->length = strcspn(*at, ",");
    layer->kind = kind_of(*at, layer->length);
    *at += layer->length + ((*at)[layer->length] == ',');
    return 1;
}

static int is_activation(const piece *layer) { return layer->kind && layer->kind->is_activation; }

/* Writes `full` with `activation` for each of its activations. Returns how many there were. */
static int replace_activations(writer *w, const char *full, const char *activation)
{
    const int is_none = ln_choice_is(activation, "none");
    int count = 0;
    for (piece layer; next_piece(&full, &layer); count += is_activation(&layer))
        if (!is_activation(&layer))
            append(w, layer.text, layer.length);
        else if (!is_none)
            append(w, activation, strlen(activation));
    return count;
}

/* Writes `full` with `dropout` for each of its dropouts. Returns how many there were. */
static int replace_dropouts(writer *w, const char *full, const char *dropout)
{
    int count = 0;
    for (piece layer; next_piece(&full, &layer);) {
        const int replaces = layer.kind == &ln_dropout_kind;
        append(w, replaces ? dropout : layer.text, replaces ? strlen(dropout) : layer.length);
        count += replaces;
    }
    return count;
}

/*
 * Writes `full` with `dropout` after each dense layer but the last, or after its activation. Returns how many
 * there are.
 */
static int insert_dropouts(writer *w, const char *full, const char *dropout)
{
    int count = 0, is_due = 0;
    for (piece layer; next_piece(&full, &layer);) {
        if (is_due && !is_activation(&layer)) {
            append(w, dropout, strlen(dropout));
            is_due = 0;
            count++;
        }
        append(w, layer.text, layer.length);
        is_due |= layer.kind == &ln_dense_kind;
    }
    return count;
}

/* Puts a varied text in the place of *full. */
static lenet_status take(char **full, writer *w, lenet_error *error)
{
    ln_free(*full);
    *full = w->text;
    if (w->used < LN_ARCHITECTURE_LENGTH)
        return LENET_OK;
    return ln_fail(error, LENET_USAGE, "architecture: with activation and dropout it is longer than %d characters",
                   LN_ARCHITECTURE_LENGTH);
}

static lenet_status vary_activations(char **full, const char *activation, lenet_error *error)
{
    writer w = {ln_alloc(LN_ARCHITECTURE_LENGTH + 1, 1), 0};
    if (!w.text)
        return ln_fail_memory(error, "an architecture", LN_ARCHITECTURE_LENGTH);
    const int count = replace_activations(&w, *full, activation);
    const lenet_status status = take(full, &w, error);
    if (status || count || ln_choice_is(activation, "none"))
        return status;
    return ln_fail(error, LENET_USAGE, "activation %s: the architecture has no activation that it could replace",
                   activation);
}

/* "dropout:0.25", to nine decimal places, with a point in every locale. */
static void write_dropout(double rate, char text[32])
{
    int length = snprintf(text, 32, "dropout:0.%09.0f", floor(rate * 1e9 + 0.5));
    while (text[length - 1] == '0' && text[length - 2] != '.')
        text[--length] = '\0';
}

static lenet_status vary_dropouts(char **full, double rate, lenet_error *error)
{
    char dropout[32];
    writer w = {ln_alloc(LN_ARCHITECTURE_LENGTH + 1, 1), 0};
    if (!w.text)
        return ln_fail_memory(error, "an architecture", LN_ARCHITECTURE_LENGTH);
    write_dropout(rate, dropout);
    int count = replace_dropouts(&w, *full, dropout);
    if (!count) {
        w.used = 0;
        count = insert_dropouts(&w, *full, dropout);
    }
    const lenet_status status = take(full, &w, error);
    if (status || count)
        return status;
    return ln_fail(error, LENET_USAGE,
                   "dropout %s: the architecture has no hidden dense layer; put dropout:RATE where it is to be",
                   dropout + strlen("dropout:"));
}

lenet_status ln_architecture_vary(char **full, const lenet_settings *settings, lenet_error *error)
{
    lenet_status status = settings->activation ? vary_activations(full, settings->activation, error) : LENET_OK;
    if (!status && settings->dropout > 0)
        status = vary_dropouts(full, settings->dropout, error);
    return status;
}
