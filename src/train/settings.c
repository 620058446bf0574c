/* SPDX-License-Identifier: MIT */
/* settings.c - see settings.h. */
#include "train/settings.h"

#include "base/error.h"
#include "train/optimizer.h"

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
        .decay = 1,
        .momentum = 0.9,
        .seed = 1,
        .validation_split = 0.1,
        .keep = LENET_KEEP_VALIDATION,
    };
}

static lenet_status check_whole(const char *name, long value, long least, long most, lenet_error *error)
{
    if (value >= least && value <= most)
        return LENET_OK;
    return ln_fail(error, LENET_USAGE, "%s: %ld is not between %ld and %ld", name, value, least, most);
}

/* Written so that NaN fails. */
static lenet_status check_real(const char *name, int good, double value, const char *range, lenet_error *error)
{
    return good ? LENET_OK : ln_fail(error, LENET_USAGE, "%s: %g is not %s", name, value, range);
}

static lenet_status check_numbers(const lenet_settings *s, lenet_error *error)
{
    lenet_status status = check_whole("epochs", s->epochs, 1, 1000000, error);
    if (!status)
        status = check_whole("batch", s->batch, 1, 65536, error);
    if (!status)
        status = check_real("learning rate", s->learning_rate >= 0 && isfinite(s->learning_rate), s->learning_rate,
                            "a number of 0 or more", error);
    if (!status)
        status = check_real("decay", s->decay > 0 && isfinite(s->decay), s->decay, "a number above 0", error);
    if (!status)
        status = check_real("momentum", s->momentum >= 0 && s->momentum < 1, s->momentum, "between 0 and 1", error);
    if (!status)
        status = check_real("validation split", s->validation_split >= 0 && s->validation_split < 1,
                            s->validation_split, "between 0 and 1 (1 excluded)", error);
    return status;
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

lenet_status ln_settings_check(const lenet_settings *settings, const lenet_model *model, const lenet_dataset *train,
                               const lenet_dataset *test, lenet_settings *checked, lenet_error *error)
{
    if (settings->struct_size != sizeof *settings)
        return ln_fail(error, LENET_USAGE, "settings: not made by lenet_settings_default of this version");
    lenet_status status = check_numbers(settings, error);
    if (!status)
        status = check_dataset("training", model, train, error);
    if (!status && test)
        status = check_dataset("test", model, test, error);
    if (!status && (settings->keep == LENET_KEEP_TEST || settings->test_each_epoch) && !test)
        status = ln_fail(error, LENET_USAGE, "keep: choosing by the test set needs a test set");
    if (status)
        return status;
    *checked = *settings;
    if (checked->learning_rate == 0) /* 0 asks for the optimiser's own */
        checked->learning_rate = ln_optimizer_usual_rate(settings->optimizer);
    return LENET_OK;
}
