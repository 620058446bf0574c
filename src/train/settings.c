/* SPDX-License-Identifier: MIT */
/* settings.c - see settings.h. */
#include "train/settings.h"

#include "data/augment.h"
#include "data/dataset.h"
#include "data/noise.h"
#include "data/normalize.h"
#include "nn/model.h"
#include "settings/setting.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/schedule.h"
#include "train/update.h"
#include "util/error.h"
#include "util/memory.h"

#include <math.h>
#include <string.h>

void lenet_settings_default(lenet_settings *settings)
{
    *settings = (lenet_settings){
        .struct_size = sizeof *settings,
        .epochs = 10,
        .batch = 32,
        .optimizer = "adam",
        .initializer = "glorot-uniform",
        .loss = "cross-entropy",
        .schedule = "exponential",
        .decay = 1,
        .momentum = 0.9,
        .seed = 1,
        .validation_split = 0.1,
        .keep = LENET_KEEP_VALIDATION,
        .checkpoint_seconds = 30,
        .noise = NAN,
        .noise_kind = "symmetric",
    };
}

/* The settings of the data: which contradict each other, and what follows from others. */
static lenet_status complete_data(lenet_settings *s, lenet_error *error)
{
    const char *other = s->validation_kind != LENET_VALIDATION_STRATIFIED ? "val-kind last"
                        : s->validation_resample                          ? "val-resample"
                        : s->keep == LENET_KEEP_TEST                      ? "keep-best test"
                                                                          : NULL;
    lenet_settings defaults;
    lenet_settings_default(&defaults);
    if (s->folds && other)
        return ln_fail(error, LENET_USAGE, "folds and %s: what is held out, and what epochs are chosen by, is the fold",
                       other);
    if (s->folds && s->validation_split != defaults.validation_split && s->validation_split != 1.0 / s->folds)
        return ln_fail(error, LENET_USAGE,
                       "folds and val-split %g: of %d folds one is held out, which is the split; leave val-split out",
                       s->validation_split, s->folds);
    if (s->fold >= (s->folds ? s->folds : 1))
        return ln_fail(error, LENET_USAGE, "fold %d: there %s", s->fold,
                       s->folds ? "are fewer folds, counted from 0" : "are no folds; folds K makes them");
    if (s->validation_resample && (s->validation_kind == LENET_VALIDATION_LAST || s->validation_split == 0))
        return ln_fail(error, LENET_USAGE, "val-resample and %s: no other images can be drawn",
                       s->validation_split == 0 ? "val-split 0" : "val-kind last");
    if (s->folds)
        s->validation_split = 1.0 / s->folds;
    return LENET_OK;
}

/* The settings of the course of training, in the same way. */
static lenet_status complete_course(lenet_settings *s, lenet_error *error)
{
    const int nothing_held_out = s->validation_split == 0 && !s->folds;
    lenet_status status = ln_optimizer_check(s, error);
    if (status)
        return status;
    if (s->learning_rate == 0) /* 0: the optimiser's own */
        s->learning_rate = ln_optimizer_default_rate(s->optimizer);
    ln_updater_complete(s);
    status = ln_updater_check(s, error);
    if (!status)
        status = ln_schedule_check(s, error);
    if (!status && s->patience && nothing_held_out)
        status =
            ln_fail(error, LENET_USAGE,
                    "patience %d: it goes by the validation loss, and nothing is held out (val-split)", s->patience);
    if (!status && s->min_delta > 0 && !s->patience)
        status =
            ln_fail(error, LENET_USAGE,
                    "min-delta %g: it is by how much a loss must be better to keep the patience, and none is given",
                    s->min_delta);
    return status;
}

lenet_status lenet_settings_complete(const lenet_settings *settings, lenet_settings *complete, lenet_error *error)
{
    if (settings->struct_size != sizeof *settings)
        return ln_fail(error, LENET_USAGE, "settings: not made by lenet_settings_default of this version");
    lenet_status status = ln_settings_check_range(settings, error);
    if (!status)
        status = ln_loss_check(settings, error);
    if (!status)
        status = ln_initializers_check(settings, error);
    if (status)
        return status;
    *complete = *settings;
    status = ln_noise_complete(complete, error);
    if (!status && complete->normalize)
        status = ln_normalize_check(complete->normalize, error);
    if (!status && complete->augment)
        status = ln_augment_check(complete->augment, error);
    if (!status)
        status = complete_course(complete, error);
    return status ? status : complete_data(complete, error);
}

static lenet_status check_dataset(const char *which, const lenet_model *model, const lenet_dataset *dataset,
                                  lenet_error *error)
{
    const lenet_shape a = lenet_model_shape(model), b = lenet_dataset_shape(dataset);
    if (a.channels != b.channels || a.height != b.height || a.width != b.width)
        return ln_fail(error, LENET_USAGE,
                       "the model takes images of %dx%dx%d (channels, height, width), the %s set has %dx%dx%d",
                       a.channels, a.height, a.width, which, b.channels, b.height, b.width);
    if (lenet_model_classes(model) != lenet_dataset_classes(dataset))
        return ln_fail(error, LENET_USAGE, "the model has %d classes, the %s set %d", lenet_model_classes(model), which,
                       lenet_dataset_classes(dataset));
    return LENET_OK;
}

/* The network must be what the settings make of it. */
static lenet_status check_network(const lenet_settings *settings, const lenet_model *model, lenet_error *error)
{
    char *varied = ln_copy_string(model->architecture);
    if (!varied)
        return ln_fail_memory(error, "an architecture", strlen(model->architecture));
    lenet_status status = ln_architecture_vary(&varied, settings, error);
    if (!status && strcmp(varied, model->architecture))
        status = ln_fail(error, LENET_USAGE, "%s: the model was made without it; lenet_model_create_with makes it so",
                         settings->activation ? "activation" : "dropout");
    ln_free(varied);
    return status;
}

lenet_status ln_settings_check(const lenet_settings *settings, const lenet_model *model, const lenet_dataset *train,
                               const lenet_dataset *test, lenet_settings *checked, lenet_error *error)
{
    lenet_settings complete;
    lenet_status status = lenet_settings_complete(settings, &complete, error);
    if (!status)
        status = check_network(settings, model, error);
    if (!status)
        status = check_dataset("training", model, train, error);
    if (!status && test)
        status = check_dataset("test", model, test, error);
    if (!status && test)
        status = ln_dataset_check_names(train, test, error);
    if (!status && (settings->keep == LENET_KEEP_TEST || settings->test_each_epoch) && !test)
        status = ln_fail(error, LENET_USAGE, "keep-best: choosing by the test set needs a test set");
    if (!status)
        *checked = complete;
    return status;
}
