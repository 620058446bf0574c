/* SPDX-License-Identifier: MIT */
/*
 * loss.c - the table of losses: names, numbers, and where each comes from. A new one is a kind in kernels.h with its
 * arithmetic in kernels/tmpl/loss.h, and a row here. docs/recipe.md has the formulas with their sources.
 */
#include "train/loss.h"

#include "settings/names.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/number.h"
#include "data/matrix.h"
#include "data/noise.h"

#include <string.h>

static const ln_choice_number no_numbers[] = {{NULL, 0, 0, 0}}, share[] = {{"share", 0, 1, 0.1}, {NULL, 0, 0, 0}},
                              focal[] = {{"gamma", 0, 10, 2}, {"alpha", 0.001, 1000, 0.25}, {NULL, 0, 0, 0}},
                              gce[] = {{"q", 0.01, 1, 0.7}, {NULL, 0, 0, 0}},
                              symmetric[] = {{"alpha", 0, 100, 0.1}, {"beta", 0, 100, 1}, {"log-zero", -100, 0, -4}, {NULL, 0, 0, 0}},
                              soft[] = {{"beta", 0, 1, 0.95}, {NULL, 0, 0, 0}}, hard[] = {{"beta", 0, 1, 0.8}, {NULL, 0, 0, 0}};

/* p is the softmax of the network's outputs z, t the label as one-hot vector, y its class, K the number of classes. */
#define ROWS(ROW)                                                                                                                  \
    ROW("cross-entropy", LN_CROSS_ENTROPY, no_numbers, "-log p[y]")                                                                \
    ROW("label-smoothing", LN_SMOOTHING, share,                                                                                    \
        "label-smoothing[:share=0.1]  cross-entropy with t (1 - share) + share / K for t")                                         \
    ROW("bce", LN_BCE, no_numbers, "mean over the classes of -t log p - (1-t) log(1-p), as Keras takes it of a softmax")           \
    ROW("bce-sigmoid", LN_BCE_SIGMOID, no_numbers, "the same of sigmoid(z) for p, as PyTorch's BCEWithLogitsLoss")                 \
    ROW("mse", LN_MSE, no_numbers, "mean over the classes of (p - t)^2")                                                           \
    ROW("mse-sum", LN_MSE, no_numbers, "sum over the classes of (p - t)^2")                                                        \
    ROW("l1", LN_L1, no_numbers, "mean over the classes of |p - t|")                                                               \
    ROW("l1-sum", LN_L1, no_numbers, "sum over the classes of |p - t|")                                                            \
    ROW("focal", LN_FOCAL, focal, "focal[:gamma=2][:alpha=0.25]  -alpha (1-p[y])^gamma log p[y]")                                  \
    ROW("gce", LN_GCE, gce, "gce[:q=0.7]  (1 - p[y]^q) / q, generalised cross-entropy for noisy labels")                           \
    ROW("symmetric-cross-entropy", LN_SYMMETRIC, symmetric,                                                                        \
        "symmetric-cross-entropy[:alpha=0.1][:beta=1][:log-zero=-4]  -alpha log p[y] - beta log-zero (1-p[y])")                    \
    ROW("bootstrap", LN_BOOTSTRAP, soft, "bootstrap[:beta=0.95]  cross-entropy with beta t + (1-beta) p for t")                    \
    ROW("bootstrap-hard", LN_BOOTSTRAP_HARD, hard,                                                                                 \
        "bootstrap-hard[:beta=0.8]  the same with 1 at the largest p and 0 elsewhere for p in t")                                  \
    ROW("forward", LN_FORWARD, no_numbers, "-log of the sum of p[k] T[k][y], T the matrix of --noise-matrix (forward correction)")

typedef struct row {
    const char *name;
    ln_loss_kind kind;
    const ln_choice_number *numbers;
    const char *help;
} row;

static const row table[] = {
#define ROW(name, kind, numbers, help) {name, kind, numbers, help},
    ROWS(ROW)
#undef ROW
};

const char *const ln_loss_names[] = {
#define ROW(name, kind, numbers, help) name,
    ROWS(ROW)
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
        return ln_fail(error, LENET_USAGE, "loss forward: it corrects by a noise matrix, and none is given (noise-matrix)");
    if (found->kind != LN_FORWARD && settings->noise_matrix)
        return ln_fail(error, LENET_USAGE, "noise-matrix: only the loss forward uses it, not %s", found->name);
    return LENET_OK;
}

float *ln_loss_estimate(const ln_loss *loss, const lenet_settings *settings)
{
    return settings->noise_matrix && !strcmp(settings->noise_matrix, "estimate") ? (float *)(uintptr_t)loss->matrix : NULL;
}

static lenet_status open_matrix(ln_loss *loss, const lenet_settings *settings, size_t classes, lenet_error *error)
{
    double *chances = ln_alloc(classes * classes, sizeof *chances);
    float *matrix = ln_alloc(classes * classes, sizeof *matrix);
    loss->matrix = matrix;
    lenet_status status = !chances || !matrix ? ln_fail_memory(error, "the noise matrix", classes * classes * sizeof *chances)
                          : ln_loss_estimate(loss, settings)         ? LENET_OK
                          : !strcmp(settings->noise_matrix, "known") ? ln_noise_chances(settings, (int)classes, chances, error)
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
    if (found->kind == LN_MSE || found->kind == LN_L1)
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
