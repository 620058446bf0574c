/* SPDX-License-Identifier: MIT */
/*
 * setting.c - see setting.h. A new setting is a field of lenet_settings, its default in train/settings.c, and
 * a row here.
 */
#include "settings/setting.h"

#include "settings/names.h"
#include "util/error.h"

#include <math.h>

static const char *const keep_names[] = {"val", "test", "none", NULL}; /* in the order of lenet_keep */

static const char *const noise_draws[] = {"bernoulli", "exact", NULL}; /* in the order of lenet_noise_draw */

/* in the order of lenet_validation */
static const char *const validation_names[] = {"stratified", "last", NULL};

/* in the order of lenet_decay */
static const char *const decay_names[] = {"usual", "l2", "l2-pytorch", "decoupled", NULL};

static const char *const no_matrix_files[] = {"known", "estimate", NULL};

#define FIELD(field) .offset = offsetof(lenet_settings, field)
#define FROM(least)  .low = (least), .high = INFINITY
#define ABOVE(bound) .low = (bound), .open_low = 1, .high = INFINITY

const ln_option ln_settings[] = {
    {"epochs", "N", LN_OPTION_INT, FIELD(epochs), .low = 1, .high = 1000000, .group = "training",
     .help = "passes over the training images"},
    {"batch", "N", LN_OPTION_INT, FIELD(batch), .low = 1, .high = 65536, .help = "images a step"},
    {"optimizer", "NAME", LN_OPTION_CHOICE, FIELD(optimizer), .names = ln_optimizer_names,
     .help = "how a gradient becomes a step"},
    {"lr", "X", LN_OPTION_REAL, FIELD(learning_rate), ABOVE(0), .help = "learning rate",
     .fallback = "the optimizer's own"},
    {"schedule", "NAME", LN_OPTION_CHOICE, FIELD(schedule), .names = ln_schedule_names,
     .help = "the learning rate in its course"},
    {"decay", "X", LN_OPTION_REAL, FIELD(decay), ABOVE(0),
     .help = "of the exponential schedules: multiply the learning rate by it in each epoch"},
    {"warmup", "X", LN_OPTION_REAL, FIELD(warmup), FROM(0),
     .help = "epochs in which the learning rate rises from 0 to what the schedule says"},
    {"momentum", "X", LN_OPTION_REAL, FIELD(momentum), .low = 0, .high = 1, .open_high = 1,
     .help = "of momentum, nesterov"},
    {"weight-decay", "X", LN_OPTION_REAL, FIELD(weight_decay), ABOVE(0), .help = "how strongly weights are drawn to 0",
     .fallback = "none; adamw 0.004, adamw-pytorch 0.01"},
    {"weight-decay-kind", "KIND", LN_OPTION_ENUM, FIELD(weight_decay_kind), .names = decay_names,
     .help = "X times the sum of squared weights in the loss (l2, as Keras), X w in the gradient (l2-pytorch), or "
             "decoupled, which is usual for adamw and adamw-pytorch; else l2 is"},
    {"max-norm", "X", LN_OPTION_REAL, FIELD(max_norm), ABOVE(0),
     .help = "after each step, shorten the weights of a unit to this norm", .fallback = "any"},
    {"clip-norm", "X", LN_OPTION_REAL, FIELD(clip_norm), ABOVE(0),
     .help = "before each step, shorten the gradient of all weights to this norm", .fallback = "any"},
    {"ema", "X", LN_OPTION_REAL, FIELD(ema), .low = 0, .high = 1, .open_low = 1, .open_high = 1,
     .help = "evaluate and keep a moving average of the weights: X of it and 1 - X of them after each step",
     .fallback = "none"},
    {"patience", "N", LN_OPTION_INT, FIELD(patience), .low = 1, .high = 1000000,
     .help = "stop after N epochs without a better validation loss", .fallback = "never"},
    {"min-delta", "X", LN_OPTION_REAL, FIELD(min_delta), FROM(0),
     .help = "by how much a validation loss must be below the best to be better"},
    {"loss", "NAME", LN_OPTION_CHOICE, FIELD(loss), .names = ln_loss_names, .help = "what an image costs"},
    {"noise-matrix", "FILE", LN_OPTION_TEXT, FIELD(noise_matrix), .file_after = "", .not_files = no_matrix_files,
     .help = "for the loss forward: a row for each true class, how often it is labelled as each; or known: that of "
             "--noise; or estimate: by a first training with cross-entropy",
     .fallback = "none"},
    {"activation", "NAME", LN_OPTION_CHOICE, FIELD(activation), .names = ln_activation_names, .group = "network",
     .help = "take this for each activation of the network", .fallback = "as the network has it"},
    {"dropout", "X", LN_OPTION_REAL, FIELD(dropout), .low = 0, .open_low = 1, .high = 0.99,
     .help = "drop out this share: in the network's dropout layers, or behind each hidden dense layer if it has "
             "none",
     .fallback = "as the network has it"},
    {"init", "NAME", LN_OPTION_CHOICE, FIELD(initializer), .names = ln_initializer_names,
     .help = "how the weights begin"},
    {"init-bias", "NAME", LN_OPTION_CHOICE, FIELD(bias_initializer), .names = ln_bias_initializer_names,
     .help = "how the biases begin", .fallback = "zero; with --init pytorch-default that"},
    {"seed", "N", LN_OPTION_U64, FIELD(seed), .group = "training", .help = "of everything random"},
    {"val-split", "X", LN_OPTION_REAL, FIELD(validation_split), .low = 0, .high = 1, .open_high = 1,
     .group = "validation", .help = "share of the training images held out for validation"},
    {"val-kind", "KIND", LN_OPTION_ENUM, FIELD(validation_kind), .names = validation_names,
     .help = "which are held out: drawn, the same share of each class; or the last ones, as Keras"},
    {"val-resample", NULL, LN_OPTION_FLAG, FIELD(validation_resample),
     .help = "hold out other images in each epoch, so that all are trained on"},
    {"folds", "K", LN_OPTION_INT, FIELD(folds), .low = 2, .high = 1000,
     .help = "K-fold: hold out one of K equal parts, the same share of each class", .fallback = "none"},
    {"fold", "I", LN_OPTION_INT, FIELD(fold), .low = 0, .high = 999, .help = "which of the parts is held out, from 0"},
    {"train-limit", "N", LN_OPTION_SIZE, FIELD(train_limit), FROM(1), .group = "data",
     .help = "use only N training images, drawn by the seed", .fallback = "all"},
    {"normalize", "HOW", LN_OPTION_TEXT, FIELD(normalize),
     .help = "none: pixel / 255; per-dataset, or MEAN,STD: then minus the mean, over the standard deviation, of "
             "each channel",
     .fallback = "none"},
    {"augment", "LIST", LN_OPTION_TEXT, FIELD(augment),
     .help = "change training images each time that they are seen: operations with commas between them",
     .fallback = "none"},
    {"balance", NULL, LN_OPTION_FLAG, FIELD(balance),
     .help = "show each class equally often in an epoch, however many images it has"},
    {"noise", "EPS", LN_OPTION_REAL, FIELD(noise), .low = 0, .high = 1,
     .help = "label noise: give so many of the training and validation images a wrong label", .fallback = "none"},
    {"noise-kind", "KIND", LN_OPTION_CHOICE, FIELD(noise_kind), .names = ln_noise_kinds, .file_after = "matrix:",
     .help = "symmetric: one of the other classes; symmetric-all: one of all; pair: the next; matrix:FILE: as its "
             "rows say"},
    {"noise-draw", "HOW", LN_OPTION_ENUM, FIELD(noise_draw), .names = noise_draws,
     .help = "each label by chance, or the expected number of each class to the image"},
    {"noise-seed", "N", LN_OPTION_U64, FIELD(noise_seed),
     .help = "draw the wrong labels by this seed, so that runs of different seeds share them",
     .fallback = "that of --seed"},
    {"keep-best", "BY", LN_OPTION_ENUM, FIELD(keep), .names = keep_names, .group = "validation",
     .help = "keep the epoch that is best by this accuracy; none keeps the last"},
    {"test-each-epoch", NULL, LN_OPTION_FLAG, FIELD(test_each_epoch), .is_observational = 1,
     .help = "measure the test set after every epoch"},
    {"diagnose", NULL, LN_OPTION_FLAG, FIELD(diagnose), .is_observational = 1, .group = "output",
     .help = "look into the network after every epoch: dead units, norms, and what is wrong in plain words"},
    {"checkpoint-seconds", "X", LN_OPTION_REAL, FIELD(checkpoint_seconds), FROM(0), .is_observational = 1,
     .help = "note where the run stands after each epoch, and so often within one; 0: after every step"},
    {.name = NULL},
};

const ln_option *ln_setting_find(const char *name) { return ln_option_find(ln_settings, name); }

const char *ln_setting_file(const ln_option *s, const lenet_settings *settings)
{
    return s->file_after ? ln_option_file(s, *(const char *const *)ln_setting_value(s, settings)) : NULL;
}

int ln_setting_is_of_the_call(const ln_option *s) { return s->is_observational && !ln_option_is_flag(s); }

lenet_status ln_settings_check_range(const lenet_settings *settings, lenet_error *error)
{
    lenet_status status = LENET_OK;
    for (const ln_option *s = ln_settings; s->name && !status; s++)
        status = ln_option_check(s, ln_setting_value(s, settings), error);
    return status;
}

/* ----------------------------------------------------------------------------------------------------- by its name */

lenet_status lenet_settings_set(lenet_settings *settings, const char *name, const char *text, lenet_error *error)
{
    const ln_option *setting = ln_setting_find(name);
    if (setting)
        return ln_option_parse(setting, text, ln_setting_field(setting, settings), error);
    const char *near = ln_option_nearest(ln_settings, name);
    return ln_fail(error, LENET_USAGE, "%.60s: no setting%s%s%s", name, near ? "; did you mean " : "", near ? near : "",
                   near ? "?" : "");
}

const char *lenet_settings_name(size_t index, const char **help)
{
    if (index >= sizeof ln_settings / sizeof *ln_settings)
        return NULL;
    if (help)
        *help = ln_settings[index].help;
    return ln_settings[index].name;
}
