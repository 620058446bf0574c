/* SPDX-License-Identifier: MIT */
/* split.c - what a training does with each of its images: a function of its data and settings, no training needed. */
#include "data/split.h"
#include "lenet/tools.h"

#include <string.h>

lenet_status lenet_measure_split(const lenet_dataset *train, const lenet_settings *settings, uint8_t *use,
                                 lenet_error *error)
{
    lenet_settings complete;
    ln_split split = {0};
    lenet_status status = lenet_settings_complete(settings, &complete, error);
    if (!status)
        status = ln_split_open(&split, train, &complete, error);
    if (status)
        return status;
    memcpy(use, split.mark, lenet_dataset_count(train));
    ln_split_close(&split);
    return LENET_OK;
}
