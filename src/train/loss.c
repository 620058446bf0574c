/* SPDX-License-Identifier: MIT */
/*
 * loss.c - the losses of kernels/losses.h by their names and numbers. docs/recipe.md has the formulas with
 * their sources.
 */
#include "train/loss.h"

#include "data/matrix.h"
#include "data/noise.h"
#include "settings/names.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/number.h"

#include <string.h>

typedef struct row {
    const char *name;
    ln_loss_kind kind;
    const ln_choice_number *numbers;
    const char *help;
} row;

#define NUMBERS(KIND, id, name, help, ...) \
    static const ln_choice_number numbers_of_##id[] = {__VA_ARGS__{NULL, 0, 0, 0}};
LN_LOSS_LIST(NUMBERS)
#undef NUMBERS

static const row table[] = {
#define ROW(KIND, id, name, help, ...) {name, LN_##KIND, numbers_of_##id, help},
    LN_LOSS_LIST(ROW)
#undef ROW
};

const char *const ln_loss_names[] = {
#define ROW(KIND, id, name, ...) name,
    LN_LOSS_LIST(ROW)
#undef ROW
        NULL};

static const row *find(const char *text)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (text && ln_choice_is(text, table[i].name))
            return &table[i];
    return NULL;
}

const char *ln_loss_help(const char *name)
{
    const row *found = find(name);
    return found ? found->help : NULL;
}

lenet_status ln_loss_check(const lenet_settings *settings, lenet_error *error)
{
    double numbers[LN_CHOICE_NUMBERS];
    char why[160];
    const row *found = find(settings->loss);
    if (!found)
        return ln_fail(error, LENET_USAGE, "loss: '%s' is unknown", settings->loss ? settings->loss : "");
    if (!ln_choice_read(settings->loss, found->numbers, numbers, why))
        return ln_fail(error, LENET_USAGE, "loss %s: %s", settings->loss, why);
    if (found->kind == LN_FORWARD && !settings->noise_matrix)
        return ln_fail(error, LENET_USAGE,
                       "loss forward: it corrects by a noise matrix, and none is given (noise-matrix)");
    if (found->kind != LN_FORWARD && settings->noise_matrix)
        return ln_fail(error, LENET_USAGE, "noise-matrix: only the loss forward uses it, not %s", found->name);
    return LENET_OK;
}

float *ln_loss_estimate(const ln_loss *loss, const lenet_settings *settings)
{
    return settings->noise_matrix && !strcmp(settings->noise_matrix, "estimate") ? (float *)(uintptr_t)loss->matrix
                                                                                 : NULL;
}

static lenet_status open_matrix(ln_loss *loss, const lenet_settings *settings, size_t classes, lenet_error *error)
{
    double *chances = ln_alloc(classes * classes, sizeof *chances);
    float *matrix = ln_alloc(classes * classes, sizeof *matrix);
    loss->matrix = matrix;
    lenet_status status = !chances || !matrix
                              ? ln_fail_memory(error, "the noise matrix", classes * classes * sizeof *chances)
                          : ln_loss_estimate(loss, settings) ? LENET_OK
                          : !strcmp(settings->noise_matrix, "known")
                              ? ln_noise_chances(settings, (int)classes, chances, error)
                              : ln_noise_matrix_read(settings->noise_matrix, (int)classes, chances, error);
    for (size_t i = 0; !status && i < classes * classes; i++)
        matrix[i] = (float)chances[i];
    ln_free(chances);
    return status;
}

lenet_status ln_loss_open(ln_loss *loss, const lenet_settings *settings, int classes, lenet_error *error)
{
    double numbers[LN_CHOICE_NUMBERS] = {0};
    char why[160];
    const row *found = find(settings->loss);
    ln_choice_read(settings->loss, found->numbers, numbers, why);
    *loss = (ln_loss){.kind = found->kind};
    for (int i = 0; found->numbers[i].key; i++)
        loss->numbers[i] = (float)numbers[i];
    if (!found->numbers->key)
        loss->numbers[0] = strstr(found->name, "-sum") ? 1 : 1.0f / (float)classes;
    if (found->kind != LN_FORWARD)
        return LENET_OK;
    return open_matrix(loss, settings, (size_t)classes, error);
}

void ln_loss_close(ln_loss *loss)
{
    ln_free((void *)(uintptr_t)loss->matrix);
    loss->matrix = NULL;
}
