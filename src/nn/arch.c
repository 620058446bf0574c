/* SPDX-License-Identifier: MIT */
/*
 * arch.c - architectures: from a name or a specification to a list of layers that fit one another.
 *
 *     specification = layer {"," layer}
 *     layer         = KIND [":" VALUE] {":" KEY "=" VALUE}
 *
 * Spaces are ignored. The kinds and their values are rows of layers.c. Errors name the layer, its place and
 * the shape it met.
 */
#include "nn/model.h"
#include "util/error.h"
#include "util/memory.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LAYERS = 200, MAX_TEXT = LN_ARCHITECTURE_LENGTH, MAX_FEATURES = 1 << 22 };

/* What is being read: for errors and for the rest of the text. */
typedef struct reader {
    const char *written; /* the layer as written */
    size_t place;        /* from 1 */
    lenet_shape in, image;
    int classes;
    lenet_error *error;
} reader;

static lenet_status refuse(const reader *r, const char *reason)
{
    return ln_fail(r->error, LENET_USAGE, "architecture: layer %zu, '%s', on %dx%dx%d (channels, height, width): %s",
                   r->place, r->written, r->in.channels, r->in.height, r->in.width, reason);
}

/* A layer that does not fit there; with an architecture that fits images of this size. */
static lenet_status refuse_fit(const reader *r, const char *why)
{
    char reason[320];
    const int smaller = r->image.height < r->image.width ? r->image.height : r->image.width;
    snprintf(reason, sizeof reason, "%s; images of %dx%d (height, width) fit %s%sdense:64,relu,dense:%d", why,
             r->image.height, r->image.width, smaller >= 2 ? "conv:8@3x3:pad=1,relu,maxpool:2," : "",
             smaller >= 4 ? "conv:16@3x3:pad=1,relu,maxpool:2," : "", r->classes);
    return refuse(r, reason);
}

/* A number in the C locale's form, all of `text`, between least and most. Returns 0 if it is not that. */
static int read_number(const char *text, double least, double most, double *number)
{
    double value = 0, unit = 1;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++)
        value = 10 * value + (*at - '0');
    if (*at == '.')
        for (at++; *at >= '0' && *at <= '9'; at++)
            value += (*at - '0') * (unit /= 10);
    *number = value;
    return at != text && !*at && value >= least && value <= most;
}

static lenet_status read_option(const reader *r, ln_layer *layer, const char *key, const char *value)
{
    char reason[160];
    for (const ln_layer_option *option = layer->kind->options; option->key; option++) {
        if (strcmp(option->key, key))
            continue;
        double number;
        if (!read_number(value, option->least, option->most, &number) ||
            (option->type == LN_WHOLE && number != floor(number))) {
            snprintf(reason, sizeof reason, "%s must be a %s from %g to %g, not '%.40s'", key,
                     option->type == LN_WHOLE ? "whole number" : "number", option->least, option->most, value);
            return refuse(r, reason);
        }
        if (option->type == LN_WHOLE)
            *(int *)(void *)((char *)layer + option->field) = (int)number;
        else
            *(double *)(void *)((char *)layer + option->field) = number;
        return LENET_OK;
    }
    snprintf(reason, sizeof reason, "%s has no option '%.40s'", layer->kind->name, key);
    return refuse(r, reason);
}

static void set_defaults(ln_layer *layer)
{
    for (const ln_layer_option *option = layer->kind->options; option->key; option++)
        if (option->type == LN_WHOLE)
            *(int *)(void *)((char *)layer + option->field) = (int)option->fallback;
        else
            *(double *)(void *)((char *)layer + option->field) = option->fallback;
}

static lenet_status refuse_kind(const reader *r, const char *kind)
{
    char reason[320];
    int used = snprintf(reason, sizeof reason, "'%.40s' is no layer; there are", kind);
    for (size_t i = 0; ln_layer_kinds[i]; i++)
        used += snprintf(reason + used, sizeof reason - (size_t)used, "%s %s", i ? "," : "", ln_layer_kinds[i]->name);
    return refuse(r, reason);
}

/* One layer; `text` is cut to pieces. */
static lenet_status read_layer(const reader *r, char *text, ln_layer *layer)
{
    char *rest = text, *kind = strsep(&rest, ":"), *value = NULL;
    layer->kind = ln_layer_kind_find(kind);
    if (!layer->kind)
        return refuse_kind(r, kind);
    set_defaults(layer);
    for (char *piece = strsep(&rest, ":"); piece; piece = strsep(&rest, ":")) {
        char *equals = strchr(piece, '=');
        if (!equals && (value || !*piece))
            return refuse(r, "an option is written KEY=VALUE");
        if (equals)
            *equals = '\0';
        else
            value = piece;
        const char *key = equals ? piece : layer->kind->value_of;
        const lenet_status status = key ? read_option(r, layer, key, equals ? equals + 1 : piece) : LENET_OK;
        if (status)
            return status;
    }
    const char *wrong = layer->kind->parse(layer, layer->kind->value_of ? NULL : value);
    if (wrong)
        return refuse(r, wrong);
    layer->in = r->in;
    wrong = layer->kind->fit(layer);
    if (wrong)
        return refuse_fit(r, wrong);
    return ln_features(layer->out) > MAX_FEATURES ? refuse(r, "makes more than 4194304 features") : LENET_OK;
}

static void set_ordinal(ln_layer *layers, size_t last)
{
    layers[last].ordinal = 1;
    for (size_t i = 0; i < last; i++)
        layers[last].ordinal += layers[i].kind == layers[last].kind;
}

static lenet_status read_layers(char *text, lenet_shape shape, int classes, ln_layer *layers, size_t *count,
                                lenet_error *error)
{
    char written[64] = "";
    reader r = {.written = written, .in = shape, .image = shape, .classes = classes, .error = error};
    for (char *piece = strsep(&text, ","); piece; piece = strsep(&text, ",")) {
        snprintf(written, sizeof written, "%s", piece);
        if (r.place++ == MAX_LAYERS)
            return refuse(&r, "there are more than 200 layers");
        const lenet_status status = read_layer(&r, piece, &layers[r.place - 1]);
        if (status)
            return status;
        set_ordinal(layers, r.place - 1);
        r.in = layers[r.place - 1].out;
    }
    const ln_layer *last = &layers[r.place - 1];
    *count = r.place;
    if (last->kind != &ln_dense_kind || last->units != classes)
        return ln_fail(error, LENET_USAGE,
                       "architecture: the last layer must be dense:%d, one logit for each class, not '%s'", classes,
                       r.written);
    return LENET_OK;
}

char *ln_architecture_expand(const char *architecture, lenet_shape shape, int classes)
{
    char *full = ln_alloc(MAX_TEXT + 1, 1);
    if (!full)
        return NULL;
    const int valid = !strcmp(architecture, "lenet5-valid");
    if (valid || !strcmp(architecture, "lenet5")) {
        const int small = shape.height == 28 && shape.width == 28;
        snprintf(full, MAX_TEXT,
                 "conv:6@5x5%s,relu,maxpool:2,conv:16@5x5,relu,maxpool:2,dense:120,relu,dense:84,relu,dense:%d",
                 !valid && small ? ":pad=2" : "", classes);
        return full;
    }
    size_t length = 0;
    for (const char *c = architecture; *c && length < MAX_TEXT; c++)
        if (*c != ' ' && *c != '\t' && *c != '\n')
            full[length++] = *c;
    return full;
}

static lenet_status check_door(const char *architecture, lenet_shape shape, int classes, lenet_error *error)
{
    if (!architecture || strlen(architecture) >= MAX_TEXT)
        return ln_fail(error, LENET_USAGE, "architecture: missing, or longer than %d characters", MAX_TEXT);
    if (classes < 2 || classes > LENET_MAX_CLASSES)
        return ln_fail(error, LENET_USAGE, "classes: %d is not between 2 and %d", classes, LENET_MAX_CLASSES);
    if (shape.channels < 1 || shape.channels > 1024 || shape.height < 1 || shape.height > 1024 || shape.width < 1 ||
        shape.width > 1024 || ln_features(shape) > MAX_FEATURES)
        return ln_fail(error, LENET_USAGE, "images of %dx%dx%d (channels, height, width) are out of range",
                       shape.channels, shape.height, shape.width);
    return LENET_OK;
}

lenet_status ln_architecture_parse(const char *architecture, lenet_shape shape, int classes, ln_layer **layers,
                                   size_t *count, char **full, lenet_error *error)
{
    lenet_status status = check_door(architecture, shape, classes, error);
    if (status)
        return status;
    char *spec = ln_architecture_expand(architecture, shape, classes), *pieces = spec ? ln_copy_string(spec) : NULL;
    ln_layer *list = ln_alloc(MAX_LAYERS, sizeof *list);
    status = pieces && list ? read_layers(pieces, shape, classes, list, count, error)
                            : ln_fail_memory(error, "the layers", MAX_LAYERS * sizeof *list);
    ln_free(pieces);
    if (status) {
        ln_free(list);
        ln_free(spec);
        return status;
    }
    *layers = list;
    *full = spec;
    return LENET_OK;
}

const char *ln_layer_name(const ln_layer *layer, char buffer[32])
{
    if (!layer->kind->prefix)
        return layer->kind->name;
    snprintf(buffer, 32, "%s%d", layer->kind->prefix, layer->ordinal);
    return buffer;
}
