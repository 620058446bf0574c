/* SPDX-License-Identifier: MIT */
/* loss.c - tests of softmax and its cross-entropy: 1 to 40 classes and 256, short blocks, equal logits, logits far apart, and NaN. */
#include "kernels/check.h"

#include <math.h>

#define LOSS_SHAPES {"10 classes"}

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

static void cross_entropy(trial *t)
{
    const int classes = draw_classes(t), count = t->shape >= 0 ? LN_BLOCK : trial_between(t, 1, LN_BLOCK);
    const float scale = 1.0f / (float)trial_between(t, 1, 128);
    const int wanted = t->shape >= 0 || trial_between(t, 0, 3) != 0;
    trial_describe(t, "%d classes, %d samples%s", classes, count, wanted ? "" : ", no gradient");
    float *logits = draw_logits(t, classes);
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
    trial_allow(t, dlogits, 1, distance(classes) * (double)scale);
    trial_allow(t, loss, 3, distance(classes));
    TRIAL_RUN(t, 0, t->kernels->cross_entropy(classes, logits, label, count, scale, dlogits, loss, predicted));
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
    {"cross_entropy", cross_entropy, LOSS_SHAPES},
    {"softmax", softmax, LOSS_SHAPES},
    {NULL, NULL, {NULL}},
};
