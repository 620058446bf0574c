/* SPDX-License-Identifier: MIT */
/* estimate.c - see estimate.h. Images are ranked by a total order, so which sort does it does not matter. */
#include "train/estimate.h"

#include "util/error.h"
#include "util/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * With ten classes the 97 % quantile of the authors; a share of the class, so that it stays within a class
 * when there are more.
 */
static const double outliers = 0.3;

static const char key[] = "noise_matrix_estimated";

typedef struct ranked {
    float probability;
    uint32_t image;
} ranked;

static int compare(const void *left, const void *right)
{
    const ranked *a = left, *b = right;
    if (a->probability != b->probability)
        return a->probability > b->probability ? -1 : 1;
    return a->image < b->image ? -1 : 1;
}

/* Returns 0 if the probabilities are not numbers. */
static int fill_row(const float *predicted, int classes, float *row)
{
    double sum = 0;
    for (int j = 0; j < classes; j++)
        sum += (double)predicted[j];
    for (int j = 0; j < classes; j++)
        row[j] = (float)((double)predicted[j] / sum);
    return sum > 0.5 && sum < 1.5;
}

static size_t find_typical(const float *probabilities, size_t count, int classes, int class, ranked *images)
{
    for (size_t i = 0; i < count; i++)
        images[i] = (ranked){probabilities[i * (size_t)classes + (size_t) class], (uint32_t)i};
    qsort(images, count, sizeof *images, compare);
    return images[(size_t)(outliers * (double)count / classes)].image;
}

lenet_status ln_estimate_noise(const float *probabilities, size_t count, int classes, float *matrix, lenet_error *error)
{
    ranked *images = ln_alloc(count, sizeof *images);
    if (!images)
        return ln_fail_memory(error, "an estimate of label noise", count * sizeof *images);
    lenet_status status = LENET_OK;
    for (int i = 0; i < classes && !status; i++) {
        const size_t typical = find_typical(probabilities, count, classes, i, images);
        if (!fill_row(probabilities + typical * (size_t)classes, classes, matrix + i * classes))
            status = ln_fail(
                error, LENET_DIVERGED,
                "noise-matrix estimate: the first training ended in a network whose outputs are not finite numbers");
    }
    ln_free(images);
    return status;
}

int ln_estimate_is_made(const float *matrix, int classes)
{
    int is_made = 0;
    for (int i = 0; i < classes * classes; i++)
        is_made |= matrix[i] != 0;
    return is_made;
}

lenet_status ln_estimate_note(const float *matrix, lenet_model *model, lenet_error *error)
{
    enum { NUMBER = 32 };
    const int classes = model->classes;
    if (!matrix) {
        ln_model_drop_note(model, key);
        return LENET_OK;
    }
    char *text = ln_alloc((size_t)classes * (size_t)classes + 1, NUMBER);
    if (!text)
        return ln_fail_memory(error, "the estimated noise matrix", (size_t)classes * (size_t)classes * NUMBER);
    for (int i = 0, used = 0; i < classes * classes; i++) {
        char number[NUMBER];
        snprintf(number, sizeof number, "%.9g", (double)matrix[i]);
        char *comma = strchr(number, ','); /* of the locale */
        if (comma)
            *comma = '.';
        const char *before = i == 0 ? "[[" : i % classes ? "," : "],[";
        used += snprintf(text + used, NUMBER, "%s%s", before, number);
    }
    strcat(text, "]]");
    const lenet_status status = lenet_model_set_note(model, key, text, error);
    ln_free(text);
    return status;
}
