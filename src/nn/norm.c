/* SPDX-License-Identifier: MIT */
/*
 * norm.c - batch normalisation (Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training
 * by Reducing Internal Covariate Shift", 2015): each channel of a convolution, or each unit of a dense layer,
 * less its mean and divided by its standard deviation, then scaled and shifted by numbers that are trained.
 * In training steps mean and variance are those of the batch over samples and places; otherwise running means
 * of them, which are tensors of the model but not trained.
 *
 * It is the one layer that needs the whole batch in the middle of a pass, so there is a barrier before it:
 * each block's sums are reduced, one thread finalises the statistics, in double and in the order of the
 * blocks, and then the pass goes on.
 *
 * Buffers: parts (two sums a channel for each block), norm (the statistics: ROWS numbers a channel).
 */
#include "nn/op.h"

#include <math.h>
#include <stddef.h>

/*
 * Rows of `norm`, each ln_pitch(channels) long. UPDATE_VARIANCE is what the running variance moves towards.
 */
enum { MEAN, INVERSE, DY_MEAN, PRODUCT_MEAN, UPDATE_VARIANCE, ROWS };

static const ln_layer_option options[] = {
    {"momentum", LN_REAL, offsetof(ln_layer, momentum), 0, 1, 0.99},
    {"eps", LN_REAL, offsetof(ln_layer, epsilon), 0.000000001, 1, 0.001},
    {"unbiased", LN_WHOLE, offsetof(ln_layer, unbiased), 0, 1, 0},
    {NULL, LN_REAL, 0, 0, 0, 0},
};

static const char *parse(ln_layer *layer, const char *value)
{
    (void)layer;
    return value ? "takes no value (its options are written KEY=VALUE)" : NULL;
}

static const char *fit(ln_layer *layer)
{
    layer->out = layer->in;
    layer->units = layer->in.channels;
    return NULL;
}

static int weight_shape(const ln_layer *layer, int shape[4])
{
    shape[0] = layer->units;
    return 1;
}

static size_t channels_of(const ln_op *op) { return (size_t)op->layer->units; }

static float *row_of(const ln_op *op, int row) { return op->norm + (size_t)row * ln_pitch(op->layer->units); }

static void size(ln_op *op, ln_sizes *sizes)
{
    sizes->parts = 2 * channels_of(op) * sizeof(float);
    sizes->norm = ROWS * ln_pitch(op->layer->units) * sizeof(float);
}

static ln_norm numbers_of(const ln_op *op)
{
    return (ln_norm){.channels = op->layer->units,
                     .area = (ptrdiff_t)op->layer->in.height * op->layer->in.width,
                     .mean = row_of(op, MEAN),
                     .inverse = row_of(op, INVERSE),
                     .scale = op->weights,
                     .shift = op->bias,
                     .dy_mean = row_of(op, DY_MEAN),
                     .product_mean = row_of(op, PRODUCT_MEAN)};
}

static float inverse_of(const ln_op *op, double variance) { return (float)(1 / sqrt(variance + op->layer->epsilon)); }

/* Samples in the `i`-th block of `work`. */
static int count_of(const ln_work *work, int i)
{
    const size_t left = work->images - (size_t)(work->first + i) * LN_BLOCK;
    return left < LN_BLOCK ? (int)left : LN_BLOCK;
}

static void reduce(const ln_op *op, const ln_work *work)
{
    const ln_norm n = numbers_of(op);
    for (int i = 0; i < work->blocks; i++) {
        float *part = ln_at_block(work, &op->parts, i);
        op->kernels->norm_reduce(&n, count_of(work, i), ln_at_block(work, &op->x, i), part, part + channels_of(op));
    }
}

static void reduce_back(const ln_op *op, const ln_work *work)
{
    const ln_norm n = numbers_of(op);
    for (int i = 0; i < work->blocks; i++) {
        float *part = ln_at_block(work, &op->parts, i);
        op->kernels->norm_reduce_back(&n, ln_at_block(work, &op->x, i), ln_at_block(work, &op->dy, i), part,
                                      part + channels_of(op));
    }
}

static const float *part_of(const ln_op *op, size_t block)
{
    return (const float *)(const void *)(op->parts.base + block * op->parts.block_bytes);
}

/* How many numbers of a channel block `block` has. */
static double numbers_in(const ln_op *op, size_t images, size_t block)
{
    const size_t left = images - block * LN_BLOCK;
    return (double)(left < LN_BLOCK ? left : LN_BLOCK) * op->layer->in.height * op->layer->in.width;
}

/* Mean and variance of the batch from those of its blocks: each block's squares are around its own mean. */
static void finalise(const ln_op *op, size_t images)
{
    const size_t blocks = (images + LN_BLOCK - 1) / LN_BLOCK, channels = channels_of(op);
    const double all = (double)images * op->layer->in.height * op->layer->in.width;
    for (size_t c = 0; c < channels; c++) {
        double sum = 0, squares = 0;
        for (size_t b = 0; b < blocks; b++)
            sum += (double)part_of(op, b)[c];
        const double mean = sum / all;
        for (size_t b = 0; b < blocks; b++) {
            const double numbers = numbers_in(op, images, b), apart = (double)part_of(op, b)[c] / numbers - mean;
            squares += (double)part_of(op, b)[channels + c] + numbers * (apart * apart);
        }
        const double variance = squares / all;
        row_of(op, MEAN)[c] = (float)mean;
        row_of(op, INVERSE)[c] = inverse_of(op, variance);
        row_of(op, UPDATE_VARIANCE)[c] = (float)(op->layer->unbiased && all > 1 ? squares / (all - 1) : variance);
    }
}

/* The gradients of scale and shift, and, as means, what they take from the gradient of the input. */
static void finalise_back(const ln_op *op, size_t images)
{
    const size_t blocks = (images + LN_BLOCK - 1) / LN_BLOCK, channels = channels_of(op);
    const double all = (double)images * op->layer->in.height * op->layer->in.width;
    for (size_t c = 0; c < channels; c++) {
        double sum = 0, product = 0;
        for (size_t b = 0; b < blocks; b++) {
            sum += (double)part_of(op, b)[c];
            product += (double)part_of(op, b)[channels + c];
        }
        op->dbias[c] = (float)sum;
        op->dweights[c] = (float)product;
        row_of(op, DY_MEAN)[c] = (float)(sum / all);
        row_of(op, PRODUCT_MEAN)[c] = (float)(product / all);
    }
}

static void load_running(const ln_op *op)
{
    for (size_t c = 0; c < channels_of(op); c++) {
        row_of(op, MEAN)[c] = op->running_mean[c];
        row_of(op, INVERSE)[c] = inverse_of(op, (double)op->running_variance[c]);
    }
}

static void update_running(const ln_op *op)
{
    const double keep = op->layer->momentum, take = 1 - keep;
    for (size_t c = 0; c < channels_of(op); c++) {
        op->running_mean[c] = (float)(keep * (double)op->running_mean[c] + take * (double)row_of(op, MEAN)[c]);
        op->running_variance[c] =
            (float)(keep * (double)op->running_variance[c] + take * (double)row_of(op, UPDATE_VARIANCE)[c]);
    }
}

static void forward(const ln_op *op, const ln_work *work)
{
    const ln_norm n = numbers_of(op);
    for (int i = 0; i < work->blocks; i++)
        op->kernels->norm_forward(&n, ln_at_block(work, &op->x, i), ln_at_block(work, &op->y, i));
}

static void backward(const ln_op *op, const ln_work *work)
{
    const ln_norm n = numbers_of(op);
    for (int i = 0; op->dx.base && i < work->blocks; i++)
        op->kernels->norm_backward(&n, count_of(work, i), ln_at_block(work, &op->x, i), ln_at_block(work, &op->dy, i),
                                   ln_at_block(work, &op->dx, i));
}

/* finalise_back has formed it. */
static void gradient(const ln_op *op, int first_unit, int last_unit, int blocks)
{
    (void)op, (void)first_unit, (void)last_unit, (void)blocks;
}

static const ln_batch_kind batch_kind = {
    .reduce = reduce,
    .finalise = finalise,
    .reduce_back = reduce_back,
    .finalise_back = finalise_back,
    .update_running = update_running,
    .load_running = load_running,
};

const ln_layer_kind ln_batchnorm_kind = {
    .name = "batchnorm",
    .help = "batchnorm[:momentum=0.99][:eps=0.001][:unbiased=0]  each channel to mean 0 and variance 1, then scaled "
            "and shifted",
    .prefix = "bn",
    .options = options,
    .batch = &batch_kind,
    .parse = parse,
    .fit = fit,
    .weight_shape = weight_shape,
    .size = size,
    .forward = forward,
    .backward = backward,
    .gradient = gradient,
};
