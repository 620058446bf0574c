/* SPDX-License-Identifier: MIT */
/* loss.c - tests of softmax and all kinds of losses: 1 to 40 classes and 256, short blocks, equal logits, logits far apart, and NaN. */
#include "kernels/check.h"

#include <math.h>

#define LOSS_SHAPES {"cross-entropy", "smoothing", "gce", "bce", "forward"}

static int draw_classes(trial *t)
{
    const int classes = trial_between(t, 0, 15) ? trial_between(t, 1, 40) : 256;
    return t->shape >= 0 ? 10 : classes;
}

/*
 * How far apart a float computation and the truth may be, of a result of size 1: one rounding for each class's place in
 * the sum, and a few for exp, log and division.
 */
static double distance(int classes) { return (8 + classes) * 0x1p-24; }

static float *draw_logits(trial *t, int classes)
{
    float *logits = trial_lanes(t, "logits", INPUT, 1, (size_t)classes);
    const float stretch = trial_uniform(t, 0, trial_between(t, 0, 1) ? 4 : 40);
    for (size_t i = 0; i < (size_t)classes * LN_BLOCK; i++)
        logits[i] = fmaxf(-120, fminf(120, logits[i])) * stretch;
    return logits;
}

/* What the test draws of a kind: the first number's range, and the others. */
static const struct {
    const char *name;
    float low, high, second, third;
} kinds[] = {
    [LN_CROSS_ENTROPY] = {"cross-entropy", 0, 0, 0, 0}, [LN_SMOOTHING] = {"smoothing", 0, 1, 0, 0},
    [LN_BCE] = {"bce", 0, 0, 0, 0},                     [LN_BCE_SIGMOID] = {"bce-sigmoid", 0, 0, 0, 0},
    [LN_MSE] = {"mse", 0.1f, 1, 0, 0},                  [LN_L1] = {"l1", 0.1f, 1, 0, 0},
    [LN_FOCAL] = {"focal", 0, 5, 0.25f, 0},             [LN_GCE] = {"gce", 0.1f, 1, 0, 0},
    [LN_SYMMETRIC] = {"symmetric", 0, 2, 0.7f, -4},     [LN_BOOTSTRAP] = {"bootstrap", 0, 1, 0, 0},
    [LN_BOOTSTRAP_HARD] = {"bootstrap-hard", 0, 1, 0, 0}, [LN_FORWARD] = {"forward", 0, 0, 0, 0},
};
static const ln_loss_kind timed_kinds[] = {LN_CROSS_ENTROPY, LN_SMOOTHING, LN_GCE, LN_BCE, LN_FORWARD};

static ln_loss draw_loss(trial *t, int classes)
{
    const ln_loss_kind kind = t->shape >= 0                  ? timed_kinds[t->shape]
                              : trial_between(t, 0, 3) == 0 ? LN_CROSS_ENTROPY
                                                            : (ln_loss_kind)trial_between(t, LN_SMOOTHING, LN_FORWARD);
    ln_loss loss = {.kind = kind, .numbers = {trial_uniform(t, kinds[kind].low, kinds[kind].high), kinds[kind].second, kinds[kind].third}};
    if (kind == LN_FORWARD) { /* rows of any positive numbers will do */
        float *matrix = trial_floats(t, "matrix", INPUT, (size_t)(classes * classes));
        for (int i = 0; i < classes * classes; i++)
            matrix[i] = trial_uniform(t, 0.01f, 1);
        loss.matrix = matrix;
    }
    return loss;
}

/*
 * 1 - p and what depends on it alone: where logits are 80 apart, their difference is rounded by 80 units of 2^-24, and its
 * exponential by so many units in its last place.
 */
static double slack(ln_loss_kind kind) { return kind == LN_BCE || kind == LN_FORWARD ? 200 * 0x1p-24 : 0; }

static void lose(trial *t)
{
    const int classes = draw_classes(t), count = t->shape >= 0 ? LN_BLOCK : trial_between(t, 1, LN_BLOCK);
    const float scale = 1.0f / (float)trial_between(t, 1, 128);
    const int wanted = t->shape >= 0 || trial_between(t, 0, 3) != 0;
    const ln_loss by = draw_loss(t, classes);
    trial_describe(t, "%s %g, %d classes, %d samples%s", kinds[by.kind].name, (double)by.numbers[0], classes, count,
                   wanted ? "" : ", no gradient");
    float *logits = draw_logits(t, classes);
    for (int i = 0; by.kind != LN_CROSS_ENTROPY && i < classes * LN_BLOCK; i++) /* beyond, exponentials are cut to 0 */
        logits[i] = fmaxf(-40, fminf(40, logits[i]));
    int lost = -1; /* a network that diverges must show it in the loss, whichever class is NaN */
    if (t->shape < 0 && trial_between(t, 0, 7) == 0) {
        const int place = trial_between(t, 0, classes * LN_BLOCK - 1);
        logits[place] = NAN;
        lost = place % LN_BLOCK;
    }
    uint8_t *label = trial_bytes(t, "label", INPUT, LN_BLOCK); /* those past count may be anything */
    for (int i = 0; i < count; i++)
        label[i] = (uint8_t)(label[i] % classes);
    float *dlogits = wanted ? trial_lanes(t, "dlogits", OUTPUT, 1, (size_t)classes) : NULL;
    float *loss = trial_floats(t, "loss", OUTPUT, LN_BLOCK);
    uint8_t *predicted = trial_bytes(t, "predicted", OUTPUT, LN_BLOCK);
    const double size = by.kind == LN_SYMMETRIC || by.kind == LN_FOCAL ? 6 : 2;
    const double unit = by.kind == LN_CROSS_ENTROPY ? distance(classes) : size * distance(classes) + slack(by.kind);
    trial_allow(t, dlogits, by.kind == LN_CROSS_ENTROPY ? 1 : 4, unit * (double)scale);
    trial_allow(t, loss, by.kind == LN_CROSS_ENTROPY ? 3 : 6 + classes / 4, by.kind == LN_GCE ? unit / (double)by.numbers[0] : unit);
    TRIAL_RUN(t, 0, t->kernels->loss(&by, classes, logits, label, count, scale, dlogits, loss, predicted));
    for (int i = 0; i < LN_BLOCK; i++) { /* the contract says nothing of the rest */
        loss[i] = i < count ? loss[i] : 0;
        predicted[i] = i < count && i != lost ? predicted[i] : 0;
    }
}

static void softmax(trial *t)
{
    const int classes = draw_classes(t);
    trial_describe(t, "%d classes", classes);
    const float *logits = draw_logits(t, classes);
    float *probabilities = trial_floats(t, "probabilities", OUTPUT, (size_t)classes * LN_BLOCK);
    /* exp(-d) carries the rounding of d = largest logit - logit: d exp(-d) <= 0.37 */
    trial_allow(t, probabilities, 8 + classes, 0.5 * 0x1p-24);
    TRIAL_RUN(t, 0, t->kernels->softmax(classes, logits, probabilities));
}

const entry loss_entries[] = {
    {"loss", lose, LOSS_SHAPES},
    {"softmax", softmax, {"10 classes"}},
    {NULL, NULL, {NULL}},
};
