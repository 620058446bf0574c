/* SPDX-License-Identifier: MIT */
/*
 * noise.c - the label noise of a training, measured: a function of its data and settings, no training needed.
 */
#include "data/noise.h"

#include "data/split.h"
#include "lenet/tools.h"
#include "util/error.h"
#include "util/memory.h"

#include <string.h>

static void count_pairs(const lenet_dataset *dataset, const uint8_t *mark, const uint8_t *given, uint32_t *matrix)
{
    const size_t classes = (size_t)lenet_dataset_classes(dataset);
    const uint8_t *labels = lenet_dataset_labels(dataset);
    memset(matrix, 0, classes * classes * sizeof *matrix);
    for (size_t i = 0; i < lenet_dataset_count(dataset); i++)
        if (mark[i])
            matrix[labels[i] * classes + given[i]]++;
}

lenet_status lenet_measure_noise(const lenet_dataset *train, const lenet_settings *settings, uint32_t *matrix,
                                 lenet_error *error)
{
    lenet_settings complete;
    ln_split split = {0};
    lenet_status status = lenet_settings_complete(settings, &complete, error);
    if (!status)
        status = ln_split_open(&split, train, &complete, error);
    if (status)
        return status;
    uint8_t *given = ln_alloc(lenet_dataset_count(train), 1);
    status = given ? ln_noise_draw(train, &complete, split.mark, given, error)
                   : ln_fail_memory(error, "label noise", lenet_dataset_count(train));
    if (!status)
        count_pairs(train, split.mark, given, matrix);
    ln_free(given);
    ln_split_close(&split);
    return status;
}
