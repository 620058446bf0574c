/* SPDX-License-Identifier: MIT */
/*
 * setting.c - the table of settings, and how the text of one becomes its value. A new setting is a field of
 * lenet_settings, its default in settings.c, and a row here.
 */
#include "util/error.h"
#include "util/number.h"
#include "data/augment.h"
#include "data/noise.h"
#include "nn/model.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/schedule.h"
#include "train/settings.h"
#include "util/nearest.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const keep_names[] = {"val", "test", "none", NULL}; /* in the order of lenet_keep */

static const char *const noise_draws[] = {"bernoulli", "exact", NULL}; /* in the order of lenet_noise_draw */

static const char *const validation_names[] = {"stratified", "last", NULL}; /* in the order of lenet_validation */

static const char *const decay_names[] = {"usual", "l2", "l2-pytorch", "decoupled", NULL}; /* in the order of lenet_decay */

#define FIELD(field) .offset = offsetof(lenet_settings, field)
#define FROM(least) .low = (least), .high = INFINITY
#define ABOVE(bound) .low = (bound), .open_low = 1, .high = INFINITY

static const lenet_setting table[] = {
    {"epochs", "N", "passes over the training images", .kind = LENET_SETTING_INT, FIELD(epochs), .low = 1, .high = 1000000, .group = "training"},
    {"batch", "N", "images a step", .kind = LENET_SETTING_INT, FIELD(batch), .low = 1, .high = 65536},
    {"optimizer", "NAME", "how a gradient becomes a step", .kind = LENET_SETTING_CHOICE, FIELD(optimizer), .names = ln_optimizer_names},
    {"lr", "X", "learning rate", "the optimizer's own", .kind = LENET_SETTING_REAL, FIELD(learning_rate), ABOVE(0)},
    {"schedule", "NAME", "the learning rate in its course", .kind = LENET_SETTING_CHOICE, FIELD(schedule), .names = ln_schedule_names},
    {"decay", "X", "of the exponential schedules: multiply the learning rate by it in each epoch", .kind = LENET_SETTING_REAL, FIELD(decay),
     ABOVE(0)},
    {"warmup", "X", "epochs in which the learning rate rises from 0 to what the schedule says", .kind = LENET_SETTING_REAL, FIELD(warmup), FROM(0)},
    {"momentum", "X", "of momentum, nesterov", .kind = LENET_SETTING_REAL, FIELD(momentum), .low = 0, .high = 1,
     .open_high = 1},
    {"weight-decay", "X", "how strongly weights are drawn to 0", "none; adamw 0.004, adamw-pytorch 0.01",
     .kind = LENET_SETTING_REAL, FIELD(weight_decay), ABOVE(0)},
    {"weight-decay-kind", "KIND", "X times the sum of squared weights in the loss (l2, as Keras), X w in the gradient (l2-pytorch), or decoupled, "
     "which is usual for adamw and adamw-pytorch; else l2 is", .kind = LENET_SETTING_ENUM, FIELD(weight_decay_kind), .names = decay_names},
    {"max-norm", "X", "after each step, shorten the weights of a unit to this norm", "any", .kind = LENET_SETTING_REAL, FIELD(max_norm), ABOVE(0)},
    {"clip-norm", "X", "before each step, shorten the gradient of all weights to this norm", "any", .kind = LENET_SETTING_REAL, FIELD(clip_norm),
     ABOVE(0)},
    {"ema", "X", "evaluate and keep a moving average of the weights: X of it and 1 - X of them after each step", "none",
     .kind = LENET_SETTING_REAL, FIELD(ema), .low = 0, .high = 1, .open_low = 1, .open_high = 1},
    {"patience", "N", "stop after N epochs without a better validation loss", "never", .kind = LENET_SETTING_INT, FIELD(patience), .low = 1,
     .high = 1000000},
    {"min-delta", "X", "by how much a validation loss must be below the best to be better", .kind = LENET_SETTING_REAL, FIELD(min_delta), FROM(0)},
    {"loss", "NAME", "what an image costs", .kind = LENET_SETTING_CHOICE, FIELD(loss), .names = ln_loss_names},
    {"noise-matrix", "FILE", "for the loss forward: a row for each true class, how often it is labelled as each; or known: that of --noise; or estimate: by a "
     "first training with cross-entropy", "none",
     .kind = LENET_SETTING_TEXT, FIELD(noise_matrix)},
    {"activation", "NAME", "take this for each activation of the network", "as the network has it", .kind = LENET_SETTING_CHOICE,
     FIELD(activation), .names = ln_activation_names, .group = "network"},
    {"dropout", "X", "drop out this share: in the network's dropout layers, or behind each hidden dense layer if it has none", "as the network has it",
     .kind = LENET_SETTING_REAL, FIELD(dropout), .low = 0, .open_low = 1, .high = 0.99},
    {"init", "NAME", "how the weights begin", .kind = LENET_SETTING_CHOICE, FIELD(initializer), .names = ln_initializer_names},
    {"init-bias", "NAME", "how the biases begin", "zero; with --init pytorch-default that", .kind = LENET_SETTING_CHOICE,
     FIELD(bias_initializer), .names = ln_bias_initializer_names},
    {"seed", "N", "of everything random", .kind = LENET_SETTING_U64, FIELD(seed), .group = "training"},
    {"val-split", "X", "share of the training images held out for validation",
     .kind = LENET_SETTING_REAL, FIELD(validation_split), .low = 0, .high = 1, .open_high = 1, .group = "validation"},
    {"val-kind", "KIND", "which are held out: drawn, the same share of each class; or the last ones, as Keras", .kind = LENET_SETTING_ENUM,
     FIELD(validation_kind), .names = validation_names},
    {"val-resample", NULL, "hold out other images in each epoch, so that all are trained on", .kind = LENET_SETTING_FLAG,
     FIELD(validation_resample)},
    {"folds", "K", "K-fold: hold out one of K equal parts, the same share of each class", "none", .kind = LENET_SETTING_INT, FIELD(folds),
     .low = 2, .high = 1000},
    {"fold", "I", "which of the parts is held out, from 0", .kind = LENET_SETTING_INT, FIELD(fold), .low = 0, .high = 999},
    {"train-limit", "N", "use only N training images, drawn by the seed", "all", .kind = LENET_SETTING_SIZE, FIELD(train_limit), FROM(1), .group = "data"},
    {"normalize", "HOW", "none: pixel / 255; per-dataset, or MEAN,STD: then minus the mean, over the standard deviation, of each channel",
     "none", .kind = LENET_SETTING_TEXT, FIELD(normalize)},
    {"augment", "LIST", "change training images each time that they are seen: operations with commas between them", "none",
     .kind = LENET_SETTING_TEXT, FIELD(augment)},
    {"balance", NULL, "show each class equally often in an epoch, however many images it has", .kind = LENET_SETTING_FLAG, FIELD(balance)},
    {"noise", "EPS", "label noise: give so many of the training and validation images a wrong label", "none", .kind = LENET_SETTING_REAL,
     FIELD(noise), .low = 0, .high = 1},
    {"noise-kind", "KIND", "symmetric: one of the other classes; symmetric-all: one of all; pair: the next; matrix:FILE: as its rows say",
     .kind = LENET_SETTING_CHOICE, FIELD(noise_kind), .names = ln_noise_kinds},
    {"noise-draw", "HOW", "each label by chance, or the expected number of each class to the image", .kind = LENET_SETTING_ENUM,
     FIELD(noise_draw), .names = noise_draws},
    {"noise-seed", "N", "draw the wrong labels by this seed, so that runs of different seeds share them", "that of --seed",
     .kind = LENET_SETTING_U64, FIELD(noise_seed)},
    {"keep-best", "BY", "keep the epoch that is best by this accuracy; none keeps the last", .kind = LENET_SETTING_ENUM,
     FIELD(keep), .names = keep_names, .group = "validation"},
    {"test-each-epoch", NULL, "measure the test set after every epoch", .kind = LENET_SETTING_FLAG, FIELD(test_each_epoch), .observational = 1},
    {"diagnose", NULL, "look into the network after every epoch: dead units, norms, and what is wrong in plain words",
     .kind = LENET_SETTING_FLAG, FIELD(diagnose), .observational = 1, .group = "output"},
    {"checkpoint-seconds", "X", "note where the run stands after each epoch, and so often within one; 0: after every step",
     .kind = LENET_SETTING_REAL, FIELD(checkpoint_seconds), FROM(0), .observational = 1},
    {.name = NULL},
};

const lenet_setting *lenet_setting_list(void) { return table; }

const lenet_setting *lenet_setting_find(const char *name)
{
    for (const lenet_setting *row = table; row->name; row++)
        if (name && !strcmp(row->name, name))
            return row;
    return NULL;
}

const char *lenet_setting_file(const lenet_setting *s, const char *value)
{
    if (value && s->offset == offsetof(lenet_settings, noise_kind))
        return ln_noise_file(value);
    const int is_word = value && s->offset == offsetof(lenet_settings, noise_matrix) && (!strcmp(value, "known") || !strcmp(value, "estimate"));
    return s->kind == LENET_SETTING_TEXT && !is_word && !strcmp(s->metavar, "FILE") ? value : NULL;
}

/* ---------------------------------------------------------------------------------------------------- from text */

static lenet_status refuse(const lenet_setting *s, const char *text, const char *why, lenet_error *error)
{
    return ln_fail(error, LENET_USAGE, "%s %s: %s", s->name, *text ? text : "''", why);
}

static int is_in_range(const lenet_setting *s, double value)
{
    if (s->low == 0 && s->high == 0)
        return isfinite(value);
    return (s->open_low ? value > s->low : value >= s->low) && (s->open_high ? value < s->high : value <= s->high) && isfinite(value);
}

static void describe_range(const lenet_setting *s, char *text, size_t capacity)
{
    if (s->low == 0 && s->high == 0)
        snprintf(text, capacity, "what %s bits hold", s->kind == LENET_SETTING_U64 ? "64" : "its");
    else if (isinf(s->high))
        snprintf(text, capacity, "%s %s %.15g", s->metavar, s->open_low ? ">" : ">=", s->low);
    else if (s->kind == LENET_SETTING_REAL)
        snprintf(text, capacity, "%.15g %s %s %s %.15g", s->low, s->open_low ? "<" : "<=", s->metavar, s->open_high ? "<" : "<=", s->high);
    else
        snprintf(text, capacity, "%.15g..%.15g", s->low, s->high);
}

static lenet_status refuse_range(const lenet_setting *s, const char *text, lenet_error *error)
{
    char range[96], why[128];
    describe_range(s, range, sizeof range);
    snprintf(why, sizeof why, "out of range, must be %s", range);
    return refuse(s, text, why, error);
}

static lenet_status read_whole(const lenet_setting *s, const char *text, void *field, lenet_error *error)
{
    const uint64_t most = s->kind == LENET_SETTING_INT ? INT_MAX : s->kind == LENET_SETTING_SIZE ? SIZE_MAX : UINT64_MAX;
    uint64_t value = 0;
    const ln_reading read = ln_read_natural(text, &value);
    if (read == LN_READ_NOT_A_NUMBER)
        return refuse(s, text, "not a whole number", error);
    if (read || value > most || !is_in_range(s, (double)value))
        return refuse_range(s, text, error);
    if (s->kind == LENET_SETTING_INT)
        *(int *)field = (int)value;
    else if (s->kind == LENET_SETTING_SIZE)
        *(size_t *)field = (size_t)value;
    else
        *(uint64_t *)field = value;
    return LENET_OK;
}

static lenet_status read_real(const lenet_setting *s, const char *text, double *field, lenet_error *error)
{
    double value = 0;
    const ln_reading read = ln_read_real(text, &value);
    if (read == LN_READ_NOT_A_NUMBER)
        return refuse(s, text, "not a number", error);
    if (read)
        return refuse(s, text, "more than a number can hold", error);
    if (!is_in_range(s, value))
        return refuse_range(s, text, error);
    *field = value;
    return LENET_OK;
}

/* The place of the name, which a choice may follow by numbers. */
static lenet_status find_name(const lenet_setting *s, const char *text, size_t *place, lenet_error *error)
{
    char why[512] = "unknown; ", name[48];
    for (*place = 0; s->names[*place]; ++*place)
        if (s->kind == LENET_SETTING_CHOICE ? ln_choice_is(text, s->names[*place]) : !strcmp(text, s->names[*place]))
            return LENET_OK;
    snprintf(name, sizeof name, "%.*s", (int)ln_choice_length(text), text);
    const char *near = ln_nearest_name(name, s->names);
    size_t used = strlen(why);
    if (near)
        used += (size_t)snprintf(why + used, sizeof why - used, "did you mean %s? ", near);
    used += (size_t)snprintf(why + used, sizeof why - used, "it can be");
    for (size_t i = 0; s->names[i] && used < sizeof why; i++)
        used += (size_t)snprintf(why + used, sizeof why - used, "%s %s", i ? "," : "", s->names[i]);
    return refuse(s, text, why, error);
}

lenet_status lenet_setting_read(const lenet_setting *s, const char *text, void *field, lenet_error *error)
{
    size_t place = 0;
    lenet_status status = LENET_OK;
    switch (s->kind) {
    case LENET_SETTING_FLAG:
        if (strcmp(text, "true") && strcmp(text, "false"))
            return refuse(s, text, "neither true nor false", error);
        *(int *)field = !strcmp(text, "true");
        return LENET_OK;
    case LENET_SETTING_INT:
    case LENET_SETTING_SIZE:
    case LENET_SETTING_U64: return read_whole(s, text, field, error);
    case LENET_SETTING_REAL: return read_real(s, text, field, error);
    case LENET_SETTING_TEXT:
        if (!*text)
            return refuse(s, text, "empty", error);
        *(const char **)field = text;
        return LENET_OK;
    case LENET_SETTING_ENUM:
    case LENET_SETTING_CHOICE: status = find_name(s, text, &place, error); break;
    }
    if (!status && s->kind == LENET_SETTING_ENUM)
        *(int *)field = (int)place;
    else if (!status)
        *(const char **)field = text[ln_choice_length(text)] ? text : s->names[place];
    return status;
}

/* ------------------------------------------------------------------------------------------------ as they are held */

static double number_of(const lenet_setting *s, const lenet_settings *settings)
{
    const void *field = (const char *)settings + s->offset;
    switch (s->kind) {
    case LENET_SETTING_FLAG:
    case LENET_SETTING_ENUM:
    case LENET_SETTING_INT: return *(const int *)field;
    case LENET_SETTING_SIZE: return (double)*(const size_t *)field;
    case LENET_SETTING_U64: return (double)*(const uint64_t *)field;
    case LENET_SETTING_REAL: return *(const double *)field;
    case LENET_SETTING_CHOICE:
    case LENET_SETTING_TEXT: break;
    }
    return 0;
}

const char *ln_setting_text(const lenet_setting *s, const lenet_settings *settings, char *text, size_t capacity)
{
    const void *field = (const char *)settings + s->offset;
    switch (s->kind) {
    case LENET_SETTING_FLAG: snprintf(text, capacity, "%s", *(const int *)field ? "true" : "false"); break;
    case LENET_SETTING_ENUM: snprintf(text, capacity, "%s", s->names[*(const int *)field]); break;
    case LENET_SETTING_INT: snprintf(text, capacity, "%d", *(const int *)field); break;
    case LENET_SETTING_SIZE: snprintf(text, capacity, "%zu", *(const size_t *)field); break;
    case LENET_SETTING_U64: snprintf(text, capacity, "%ju", (uintmax_t) * (const uint64_t *)field); break;
    case LENET_SETTING_REAL: {
        const double value = *(const double *)field;
        snprintf(text, capacity, "%.15g", value);
        if (strtod(text, NULL) != value)
            snprintf(text, capacity, "%.17g", value);
        char *comma = strchr(text, ',');
        if (comma)
            *comma = '.';
        break;
    }
    case LENET_SETTING_CHOICE:
    case LENET_SETTING_TEXT: snprintf(text, capacity, "%s", *(const char *const *)field); break;
    }
    return text;
}

/* A number with a default in words is 0 if not given, or NaN where 0 is a value. */
static int is_left_out(const lenet_setting *s, double value) { return s->fallback && (value == 0 || isnan(value)); }

lenet_status ln_settings_in_range(const lenet_settings *settings, lenet_error *error)
{
    for (const lenet_setting *s = table; s->name; s++) {
        char text[64];
        size_t place;
        if (s->kind == LENET_SETTING_TEXT)
            continue;
        if (s->kind == LENET_SETTING_CHOICE) {
            const char *choice = *(const char *const *)(const void *)((const char *)settings + s->offset);
            const lenet_status status = choice || !s->fallback ? find_name(s, choice ? choice : "", &place, error) : LENET_OK;
            if (status)
                return status;
            continue;
        }
        const double value = number_of(s, settings);
        snprintf(text, sizeof text, "%.15g", value);
        if (s->kind == LENET_SETTING_ENUM) {
            for (place = 0; s->names[place]; place++)
                ;
            if (value < 0 || value >= (double)place)
                return refuse(s, text, "not one of its values", error);
        } else if (s->kind != LENET_SETTING_FLAG && !is_left_out(s, value) && !is_in_range(s, value)) {
            return refuse_range(s, text, error);
        }
    }
    return LENET_OK;
}
