/* SPDX-License-Identifier: MIT */
/*
 * dropout.c - inverted dropout (Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from
 * Overfitting", 2014): in a training step each number is 0 with probability `rate`, else divided by 1 - rate;
 * otherwise nothing happens.
 *
 * Which numbers are kept depends on the seed, the epoch, the layer, and the image's place in the epoch, and
 * on nothing else: not on threads, lanes, or where a run was resumed.
 *
 * Buffers: kept (1 where a number was kept, else 0).
 */
#include "nn/op.h"

#include "util/random.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const ln_layer_option options[] = {
    {"rate", LN_REAL, offsetof(ln_layer, rate), 0, 0.99, -1},
    {NULL, LN_REAL, 0, 0, 0, 0},
};

static const char *parse(ln_layer *layer, const char *value)
{
    (void)value;
    return layer->rate < 0 ? "needs its rate, for example dropout:0.5" : NULL;
}

static const char *fit(ln_layer *layer)
{
    layer->out = layer->in;
    return NULL;
}

static void size(ln_op *op, ln_sizes *sizes) { sizes->kept = ln_features(op->layer->in) * LN_BLOCK; }

static float scale_of(const ln_op *op) { return (float)(1 / (1 - op->layer->rate)); }

/* The numbers of an op for the `i`-th block of `work`. */
static ln_dropout draw_of(const ln_op *op, const ln_work *work, int i)
{
    const ln_step_id *step = work->step;
    return (ln_dropout){.key = {(uint32_t)step->seed, (uint32_t)(step->seed >> 32)},
                        .place = step->image + (uint32_t)(work->first + i) * LN_BLOCK,
                        .epoch = step->epoch,
                        .stream = (uint32_t)LN_FOR_DROPOUT << 24 | (uint32_t)op->layer->ordinal,
                        .threshold = (uint32_t)floor(op->layer->rate * 0x1p32),
                        .scale = scale_of(op)};
}

static void forward(const ln_op *op, const ln_work *work)
{
    for (int i = 0; i < work->blocks; i++) {
        const float *x = ln_at_block(work, &op->x, i);
        float *y = ln_at_block(work, &op->y, i);
        if (work->step) {
            const ln_dropout draw = draw_of(op, work, i);
            op->kernels->dropout_forward(&draw, op->features, x, y, ln_at_block(work, &op->kept, i));
        } else {
            memcpy(y, x, op->features * LN_BLOCK * sizeof *y);
        }
    }
}

static void backward(const ln_op *op, const ln_work *work)
{
    for (int i = 0; op->dx.base && i < work->blocks; i++)
        op->kernels->dropout_backward(scale_of(op), op->features, ln_at_block(work, &op->kept, i),
                                      ln_at_block(work, &op->dy, i), ln_at_block(work, &op->dx, i));
}

const ln_layer_kind ln_dropout_kind = {
    .name = "dropout",
    .help = "dropout:RATE  in training, 0 with probability RATE, else x / (1 - RATE)",
    .options = options,
    .value_of = "rate",
    .parse = parse,
    .fit = fit,
    .size = size,
    .forward = forward,
    .backward = backward,
};
