/* SPDX-License-Identifier: MIT */
/* names.c - what settings that are names may be: the tables of the library, laid open. */
#include "settings/names.h"
#include "data/augment.h"
#include "data/source.h"
#include "lenet/tools.h"
#include "nn/model.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/schedule.h"

#include <string.h>

static const char *const architectures[] = {"lenet5", "lenet5-valid", NULL};

const char *const *lenet_option_names(lenet_option option)
{
    switch (option) {
    case LENET_DATASETS: return ln_source_names;
    case LENET_ARCHITECTURES: return architectures;
    case LENET_LAYERS: return ln_layer_kind_names;
    case LENET_OPTIMIZERS: return ln_optimizer_names;
    case LENET_INITIALIZERS: return ln_initializer_names;
    case LENET_LOSSES: return ln_loss_names;
    case LENET_AUGMENTATIONS: return ln_augment_names;
    case LENET_ACTIVATIONS: return ln_activation_names;
    case LENET_BIAS_INITIALIZERS: return ln_bias_initializer_names;
    case LENET_SCHEDULES: return ln_schedule_names;
    }
    static const char *const none[] = {NULL};
    return none;
}

static const char *architecture_help(const char *name)
{
    if (!strcmp(name, "lenet5"))
        return "conv 6@5x5, max-pool 2, conv 16@5x5, max-pool 2, dense 120, 84, classes; ReLU; 28x28 images padded to "
               "32x32";
    return strcmp(name, "lenet5-valid") ? NULL : "lenet5 without padding";
}

const char *lenet_option_help(lenet_option option, const char *name)
{
    const ln_layer_kind *kind;
    switch (option) {
    case LENET_DATASETS: return lenet_source_find(name) ? lenet_source_find(name)->title : NULL;
    case LENET_ARCHITECTURES: return architecture_help(name);
    case LENET_ACTIVATIONS:
        if (!strcmp(name, "none"))
            return "none  x";
        kind = ln_layer_kind_find(name);
        return kind && kind->is_activation ? kind->help : NULL;
    case LENET_LAYERS: return (kind = ln_layer_kind_find(name)) ? kind->help : NULL;
    case LENET_BIAS_INITIALIZERS: return ln_bias_initializer_help(name);
    case LENET_OPTIMIZERS: return ln_optimizer_help(name);
    case LENET_INITIALIZERS: return ln_initializer_help(name);
    case LENET_LOSSES: return ln_loss_help(name);
    case LENET_SCHEDULES: return ln_schedule_help(name);
    case LENET_AUGMENTATIONS: return ln_augment_help(name);
    }
    return NULL;
}
