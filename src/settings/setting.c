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
    {"batch", "N", LN_OPTION_INT, FIELD(batch), .low = 1, .high = 65536, .help = "images in a step"},
    {"optimizer", "NAME", LN_OPTION_CHOICE, FIELD(optimizer), .names = ln_optimizer_names,
     .help = "rule that updates the weights from the gradient"},
    {"lr", "X", LN_OPTION_REAL, FIELD(learning_rate), ABOVE(0), .help = "learning rate",
     .fallback = "the optimizer's own"},
    {"schedule", "NAME", LN_OPTION_CHOICE, FIELD(schedule), .names = ln_schedule_names,
     .help = "how the learning rate changes over the epochs"},
    {"decay", "X", LN_OPTION_REAL, FIELD(decay), ABOVE(0),
     .help = "factor of the learning rate in each epoch, for the exponential schedules"},
    {"warmup", "X", LN_OPTION_REAL, FIELD(warmup), FROM(0),
     .help = "number of first epochs in which the learning rate rises from 0 to that of the schedule"},
    {"momentum", "X", LN_OPTION_REAL, FIELD(momentum), .low = 0, .high = 1, .open_high = 1,
     .help = "for momentum and nesterov"},
    {"weight-decay", "X", LN_OPTION_REAL, FIELD(weight_decay), ABOVE(0), .help = "strength of weight decay",
     .fallback = "none; adamw 0.004, adamw-pytorch 0.01"},
    {"weight-decay-kind", "KIND", LN_OPTION_ENUM, FIELD(weight_decay_kind), .names = decay_names,
     .help = "X times the sum of squared weights in the loss (l2, as Keras), X w in the gradient (l2-pytorch), "
             "not in the gradient (decoupled), or the default of the optimizer (usual): decoupled for adamw "
             "and adamw-pytorch, else l2"},
    {"max-norm", "X", LN_OPTION_REAL, FIELD(max_norm), ABOVE(0),
     .help = "largest norm of a unit's weights; longer ones are scaled to it after each step", .fallback = "no limit"},
    {"clip-norm", "X", LN_OPTION_REAL, FIELD(clip_norm), ABOVE(0),
     .help = "largest norm of the gradient of all weights; a longer one is scaled to it before each step",
     .fallback = "no limit"},
    {"ema", "X", LN_OPTION_REAL, FIELD(ema), .low = 0, .high = 1, .open_low = 1, .open_high = 1,
     .help = "evaluate and keep a moving average of the weights: after each step X * average + (1 - X) * weights",
     .fallback = "none"},
    {"patience", "N", LN_OPTION_INT, FIELD(patience), .low = 1, .high = 1000000,
     .help = "stop after N epochs without a better validation loss", .fallback = "never"},
    {"min-delta", "X", LN_OPTION_REAL, FIELD(min_delta), FROM(0),
     .help = "least decrease of the validation loss that counts as better"},
    {"loss", "NAME", LN_OPTION_CHOICE, FIELD(loss), .names = ln_loss_names, .help = "loss function"},
    {"noise-matrix", "FILE", LN_OPTION_TEXT, FIELD(noise_matrix), .file_after = "", .not_files = no_matrix_files,
     .help =
         "matrix of the loss forward; FILE: one row for each true class, with the probability of each label; known: "
         "the matrix of --noise; estimate: from a first training with cross-entropy",
     .fallback = "none"},
    {"activation", "NAME", LN_OPTION_CHOICE, FIELD(activation), .names = ln_activation_names, .group = "network",
     .help = "activation that replaces all others in the network", .fallback = "as the network has it"},
    {"dropout", "X", LN_OPTION_REAL, FIELD(dropout), .low = 0, .open_low = 1, .high = 0.99,
     .help = "share of values that dropout sets to 0: in the network's dropout layers; without such layers, after "
             "each hidden dense layer",
     .fallback = "as the network has it"},
    {"init", "NAME", LN_OPTION_CHOICE, FIELD(initializer), .names = ln_initializer_names,
     .help = "how the weights are initialised"},
    {"init-bias", "NAME", LN_OPTION_CHOICE, FIELD(bias_initializer), .names = ln_bias_initializer_names,
     .help = "how the biases are initialised", .fallback = "zero; pytorch-default with --init pytorch-default"},
    {"seed", "N", LN_OPTION_U64, FIELD(seed), .group = "training", .help = "seed of all random numbers"},
    {"val-split", "X", LN_OPTION_REAL, FIELD(validation_split), .low = 0, .high = 1, .open_high = 1,
     .group = "validation", .help = "share of the training images held out for validation"},
    {"val-kind", "KIND", LN_OPTION_ENUM, FIELD(validation_kind), .names = validation_names,
     .help = "hold out random images, the same share of each class (stratified), or the last ones as Keras (last)"},
    {"val-resample", NULL, LN_OPTION_FLAG, FIELD(validation_resample),
     .help = "draw other validation images for each epoch, so that all images are trained on"},
    {"folds", "K", LN_OPTION_INT, FIELD(folds), .low = 2, .high = 1000,
     .help = "K-fold cross-validation: hold out one of K equal parts, with the same share of each class",
     .fallback = "none"},
    {"fold", "I", LN_OPTION_INT, FIELD(fold), .low = 0, .high = 999,
     .help = "number of the part that is held out, from 0"},
    {"train-limit", "N", LN_OPTION_SIZE, FIELD(train_limit), FROM(1), .group = "data",
     .help = "train on N images only, drawn by the seed", .fallback = "all"},
    {"normalize", "HOW", LN_OPTION_TEXT, FIELD(normalize),
     .help = "none: pixel / 255; per-dataset: then subtract the data set's mean and divide by its standard "
             "deviation, for each channel; MEAN,STD: the same with these numbers",
     .fallback = "none"},
    {"augment", "LIST", LN_OPTION_TEXT, FIELD(augment),
     .help = "random changes of each training image in each epoch: operations, separated by commas",
     .fallback = "none"},
    {"balance", NULL, LN_OPTION_FLAG, FIELD(balance),
     .help = "train on each class equally often in an epoch, whatever its number of images"},
    {"noise", "EPS", LN_OPTION_REAL, FIELD(noise), .low = 0, .high = 1,
     .help = "label noise: share of the training and validation images that get a wrong label", .fallback = "none"},
    {"noise-kind", "KIND", LN_OPTION_CHOICE, FIELD(noise_kind), .names = ln_noise_kinds, .file_after = "matrix:",
     .help = "draw the wrong label from the other classes (symmetric), from all classes (symmetric-all), as the next "
             "class (pair), or with the probabilities in FILE (matrix:FILE)"},
    {"noise-draw", "HOW", LN_OPTION_ENUM, FIELD(noise_draw), .names = noise_draws,
     .help = "draw each label on its own (bernoulli), or fix the number of wrong labels of each class (exact)"},
    {"noise-seed", "N", LN_OPTION_U64, FIELD(noise_seed),
     .help = "seed of the wrong labels, so that runs with other seeds can share them",
     .fallback = "the value of --seed"},
    {"keep-best", "BY", LN_OPTION_ENUM, FIELD(keep), .names = keep_names, .group = "validation",
     .help = "accuracy by which the best epoch is chosen (none: the last epoch is kept)"},
    {"test-each-epoch", NULL, LN_OPTION_FLAG, FIELD(test_each_epoch), .is_observational = 1,
     .help = "measure the test set after every epoch"},
    {"diagnose", NULL, LN_OPTION_FLAG, FIELD(diagnose), .is_observational = 1, .group = "output",
     .help = "measure the network after every epoch: dead units, norms, and a text on what is wrong"},
    {"checkpoint-seconds", "X", LN_OPTION_REAL, FIELD(checkpoint_seconds), FROM(0), .is_observational = 1,
     .help = "write a checkpoint after each epoch, and every X seconds within an epoch; 0: after every step"},
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
