/* SPDX-License-Identifier: MIT */
/*
 * noise.c - see noise.h. What an image's label becomes takes two draws, whether it changes and into which. So
 * with the same seed the images that a rate changes are among those that a higher one changes, and, by chance
 * alone, into the same labels: runs that differ in their rate can be compared in pairs.
 */
#include "data/noise.h"

#include "data/matrix.h"
#include "settings/names.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/number.h"
#include "util/random.h"

#include <math.h>
#include <string.h>

const char *const ln_noise_kinds[] = {"symmetric", "symmetric-all", "pair", "matrix", NULL};

/* FILE of "matrix:FILE"; NULL: another kind. */
static const char *matrix_file(const char *kind)
{
    static const char prefix[] = "matrix:";
    return strncmp(kind, prefix, strlen(prefix)) ? NULL : kind + strlen(prefix);
}

lenet_status ln_noise_complete(lenet_settings *s, lenet_error *error)
{
    const char *file = matrix_file(s->noise_kind);
    if (!strcmp(s->noise_kind, "matrix") || (file && !*file))
        return ln_fail(error, LENET_USAGE, "noise-kind matrix: the file is missing; write matrix:FILE");
    if (!file && s->noise_kind[ln_choice_length(s->noise_kind)])
        return ln_fail(error, LENET_USAGE, "noise-kind %s: of the kinds only matrix is followed by something, its file",
                       s->noise_kind);
    if (file && !isnan(s->noise) && s->noise != 0)
        return ln_fail(error, LENET_USAGE,
                       "noise %g and noise-kind %s: the matrix says how much noise there is; leave noise out", s->noise,
                       s->noise_kind);
    if (!file && isnan(s->noise) && strcmp(s->noise_kind, "symmetric"))
        return ln_fail(error, LENET_USAGE, "noise-kind %s: how much is missing; noise EPS says it", s->noise_kind);
    if (isnan(s->noise))
        s->noise = 0;
    if (!ln_noise_is_on(s))
        s->noise_seed = 0;
    return LENET_OK;
}

int ln_noise_is_on(const lenet_settings *settings) { return settings->noise > 0 || matrix_file(settings->noise_kind); }

/* ------------------------------------------------------------------------------------------------------- chances */

lenet_status ln_noise_chances(const lenet_settings *settings, int classes, double *matrix, lenet_error *error)
{
    const double rate = settings->noise;
    const char *file = matrix_file(settings->noise_kind);
    if (file)
        return ln_noise_matrix_read(file, classes, matrix, error);
    for (int i = 0; i < classes; i++)
        for (int j = 0; j < classes; j++) {
            double *chance = &matrix[i * classes + j];
            if (!strcmp(settings->noise_kind, "pair"))
                *chance = i == j ? 1 - rate : j == (i + 1) % classes ? rate : 0;
            else if (!strcmp(settings->noise_kind, "symmetric-all"))
                *chance = (i == j ? 1 - rate : 0) + rate / classes;
            else
                *chance = i == j ? 1 - rate : rate / (classes - 1);
        }
    return LENET_OK;
}

/* ------------------------------------------------------------------------------------------------------- drawing */

/* Another label than `label`, by its chances among the others, of which there is one above 0. */
static uint8_t another(const double *row, int classes, int label, double where)
{
    double others = 0, sum = 0;
    int last = label;
    for (int j = 0; j < classes; j++)
        others += j == label ? 0 : row[j];
    for (int j = 0; j < classes; j++) {
        if (j == label || row[j] <= 0)
            continue;
        last = j;
        sum += row[j];
        if (where * others < sum)
            break;
    }
    return (uint8_t)last;
}

static void draw_each(const lenet_dataset *dataset, const double *matrix, uint64_t seed, uint8_t *given)
{
    const uint8_t *labels = lenet_dataset_labels(dataset);
    const int classes = lenet_dataset_classes(dataset);
    ln_random random = ln_random_open(seed, LN_FOR_NOISE, 0, 0);
    for (size_t i = 0; i < lenet_dataset_count(dataset); i++) {
        const double whether = ln_random_unit(&random), where = ln_random_unit(&random);
        const double *row = matrix + (size_t)labels[i] * (size_t)classes;
        given[i] = whether < row[labels[i]] ? labels[i] : another(row, classes, labels[i], where);
    }
}

/*
 * Whole numbers in the ratio of `row` that sum to `members`: by the largest remainder, of equal ones the
 * lower class first.
 */
static void apportion(const double *row, int classes, size_t members, size_t *parts)
{
    double rest[LENET_MAX_CLASSES];
    size_t dealt = 0;
    for (int j = 0; j < classes; j++) {
        const double quota = row[j] * (double)members;
        parts[j] = (size_t)(quota + 1e-9); /* 0.6 * 5 is 3, whatever its last bit */
        rest[j] = row[j] > 0 ? quota - (double)parts[j] : -1;
        dealt += parts[j];
    }
    for (; dealt < members; dealt++) {
        int most = 0;
        for (int j = 1; j < classes; j++)
            most = rest[j] > rest[most] + 1e-9 ? j : most;
        parts[most]++;
        rest[most] = -1;
    }
}

static void draw_counts(const lenet_dataset *dataset, const double *matrix, uint64_t seed, const uint8_t *mark,
                        uint32_t *members, uint8_t *given)
{
    const uint8_t *labels = lenet_dataset_labels(dataset);
    const int classes = lenet_dataset_classes(dataset);
    memcpy(given, labels, lenet_dataset_count(dataset));
    for (int label = 0; label < classes; label++) {
        size_t count = 0, at = 0, parts[LENET_MAX_CLASSES];
        for (size_t i = 0; i < lenet_dataset_count(dataset); i++)
            if (mark[i] && labels[i] == label)
                members[count++] = (uint32_t)i;
        ln_random random = ln_random_open(seed, LN_FOR_NOISE, 1, (uint32_t)label);
        ln_random_shuffle(&random, count, members);
        apportion(matrix + (size_t)label * (size_t)classes, classes, count, parts);
        for (int other = 0; other < classes; other++)
            for (size_t k = 0; other != label && k < parts[other]; k++)
                given[members[at++]] = (uint8_t)other;
    }
}

static uint64_t seed_of_noise(const lenet_settings *settings)
{
    return settings->noise_seed ? settings->noise_seed : settings->seed;
}

lenet_status ln_noise_draw(const lenet_dataset *dataset, const lenet_settings *settings, const uint8_t *mark,
                           uint8_t *given, lenet_error *error)
{
    const size_t classes = (size_t)lenet_dataset_classes(dataset), count = lenet_dataset_count(dataset);
    double *matrix = ln_alloc(classes * classes, sizeof *matrix);
    uint32_t *members = ln_alloc(count, sizeof *members);
    lenet_status status = matrix && members ? ln_noise_chances(settings, (int)classes, matrix, error)
                                            : ln_fail_memory(error, "label noise", count * sizeof *members);
    if (!status && settings->noise_draw == LENET_NOISE_EXACT)
        draw_counts(dataset, matrix, seed_of_noise(settings), mark, members, given);
    else if (!status)
        draw_each(dataset, matrix, seed_of_noise(settings), given);
    ln_free(members);
    ln_free(matrix);
    return status;
}
