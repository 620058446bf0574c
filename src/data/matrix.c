/* SPDX-License-Identifier: MIT */
/* matrix.c - see matrix.h. */
#include "data/matrix.h"

#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"
#include "util/number.h"

#include <string.h>

/* 65536 numbers of 20 characters fit. */
static const size_t largest_file = (size_t)1 << 21;

static lenet_status read_numbers(const char *path, char *text, int classes, double *numbers, lenet_error *error)
{
    const size_t wanted = (size_t)classes * (size_t)classes;
    size_t count = 0;
    for (char *line = strsep(&text, "\n"); line; line = strsep(&text, "\n"))
        for (char *word = *line == '#' ? NULL : strsep(&line, " \t\r,"); word; word = strsep(&line, " \t\r,")) {
            double number;
            if (!*word)
                continue;
            if (ln_read_real(word, &number) || number < 0)
                return ln_fail(error, LENET_INPUT, "%s: number %zu, '%.40s', is no share or count", path, count + 1,
                               word);
            if (count < wanted)
                numbers[count] = number;
            count++;
        }
    return count == wanted ? LENET_OK
                           : ln_fail(error, LENET_INPUT, "%s: %zu numbers, but %d classes need %d rows of %d", path,
                                     count, classes, classes, classes);
}

static lenet_status scale_rows(const char *path, const double *numbers, int classes, double *matrix, lenet_error *error)
{
    for (int row = 0; row < classes; row++) {
        double sum = 0;
        for (int k = 0; k < classes; k++)
            sum += numbers[row * classes + k];
        if (!(sum > 0 && sum < 1e300))
            return ln_fail(error, LENET_INPUT, "%s: the sum of row %d is %g, and must be above 0", path, row + 1, sum);
        for (int k = 0; k < classes; k++)
            matrix[row * classes + k] = numbers[row * classes + k] / sum;
    }
    return LENET_OK;
}

lenet_status ln_noise_matrix_read(const char *path, int classes, double *matrix, lenet_error *error)
{
    unsigned char *data = NULL;
    size_t size = 0;
    lenet_status status = ln_read_file(path, largest_file, &data, &size, error);
    if (status)
        return status;
    double *numbers = ln_alloc((size_t)classes * (size_t)classes, sizeof *numbers);
    status = numbers ? read_numbers(path, (char *)data, classes, numbers, error)
                     : ln_fail_memory(error, path, (size_t)classes * (size_t)classes * sizeof *numbers);
    if (!status)
        status = scale_rows(path, numbers, classes, matrix, error);
    ln_free(numbers);
    ln_free(data);
    return status;
}
