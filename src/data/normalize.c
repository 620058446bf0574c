/* SPDX-License-Identifier: MIT */
/*
 * normalize.c - see normalize.h. Pixels are counted by value, so that sums are over 256 numbers in a fixed
 * order, whatever the images'.
 */
#include "data/normalize.h"

#include "util/error.h"
#include "util/memory.h"
#include "util/number.h"

#include <math.h>
#include <string.h>

static const char none[] = "none", per_dataset[] = "per-dataset";
enum { MOST_NUMBERS = 2048 }; /* two for each of 1024 channels */

static int is_list(const char *setting) { return strcmp(setting, none) && strcmp(setting, per_dataset); }

lenet_status ln_normalize_check(const char *setting, lenet_error *error)
{
    double *numbers = ln_alloc(MOST_NUMBERS, sizeof *numbers);
    lenet_status status = numbers ? LENET_OK : ln_fail_memory(error, "normalize", MOST_NUMBERS * sizeof *numbers);
    const size_t count = numbers && is_list(setting) ? ln_read_reals(setting, numbers, MOST_NUMBERS) : 0;
    if (!status && is_list(setting) && (!count || count % 2 || count > MOST_NUMBERS))
        status = ln_fail(error, LENET_USAGE,
                         "normalize %.80s: it is none, per-dataset, or MEAN,STD: all means, then all standard "
                         "deviations, of pixels from 0 to 1",
                         setting);
    for (size_t i = count / 2; i < count && !status; i++)
        if (!(numbers[i] > 0))
            status = ln_fail(error, LENET_USAGE, "normalize %.80s: the standard deviation %g must be above 0", setting,
                             numbers[i]);
    ln_free(numbers);
    return status;
}

static lenet_status read_list(const char *setting, size_t channels, double *mean, double *std, lenet_error *error)
{
    double numbers[MOST_NUMBERS];
    const size_t pairs = ln_read_reals(setting, numbers, MOST_NUMBERS) / 2;
    if (pairs != 1 && pairs != channels)
        return ln_fail(error, LENET_USAGE, "normalize %.80s: means and deviations of %zu channels, the images have %zu",
                       setting, pairs, channels);
    for (size_t c = 0; c < channels; c++) {
        mean[c] = numbers[pairs == 1 ? 0 : c];
        std[c] = numbers[pairs == 1 ? 1 : channels + c];
    }
    return LENET_OK;
}

static lenet_status measure(const lenet_dataset *dataset, int channel, const uint32_t *index, size_t count,
                            double *mean, double *std, lenet_error *error)
{
    const lenet_shape shape = lenet_dataset_shape(dataset);
    const size_t plane = (size_t)shape.height * (size_t)shape.width, size = plane * (size_t)shape.channels;
    const uint8_t *first = lenet_dataset_images(dataset) + (size_t)channel * plane;
    uint64_t having[256] = {0}, sum = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t p = 0; p < plane; p++)
            having[first[index[i] * size + p]]++;
    for (unsigned value = 0; value < 256; value++)
        sum += having[value] * value;
    const double pixels = (double)(count * plane), middle = (double)sum / pixels;
    double squares = 0;
    for (int value = 0; value < 256; value++)
        squares += (double)having[value] * ((value - middle) * (value - middle));
    if (!(squares > 0))
        return ln_fail(error, LENET_USAGE, "normalize per-dataset: channel %d is %g everywhere in the training images",
                       channel, middle);
    *mean = middle / 255;
    *std = sqrt(squares / pixels) / 255;
    return LENET_OK;
}

lenet_status ln_normalize_by(const char *setting, const lenet_dataset *dataset, const uint32_t *index, size_t count,
                             double *mean, double *std, lenet_error *error)
{
    const int channels = lenet_dataset_shape(dataset).channels;
    lenet_status status = LENET_OK;
    if (is_list(setting))
        return read_list(setting, (size_t)channels, mean, std, error);
    for (int c = 0; c < channels && !status; c++) {
        mean[c] = 0, std[c] = 1;
        if (!strcmp(setting, per_dataset))
            status = measure(dataset, c, index, count, &mean[c], &std[c], error);
    }
    return status;
}
