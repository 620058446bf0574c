/* SPDX-License-Identifier: MIT */
/*
 * conv.c - convolution (cross-correlation) with bias, zero padding and stride; a 2x2 max-pooling right after
 * it is fused, with or without a monotone activation between the two.
 *
 * Buffers: padded (the input with its border, if there is padding and the input is not the images, which
 * arrive padded), argmax (with pooling), dilated (the output gradient as backward wants it: dilated, or with
 * pooling as nonzeros), scratch (for the kernels), parts (weight and bias gradient of each block).
 */
#include "nn/op.h"

#include <stddef.h>

static const ln_layer_option options[] = {
    {"stride", LN_WHOLE, offsetof(ln_layer, stride), 1, 1024, 1},
    {"pad", LN_WHOLE, offsetof(ln_layer, pad), 0, 1023, 0},
    {NULL, LN_WHOLE, 0, 0, 0, 0},
};

static const char *parse(ln_layer *layer, const char *value)
{
    static const char *const wrong = "is written conv:CHANNELS@ROWSxCOLUMNS, for example conv:6@5x5";
    if (!value)
        return wrong;
    layer->units = ln_read_whole(&value);
    if (*value++ != '@')
        return wrong;
    layer->kernel_height = ln_read_whole(&value);
    if (*value++ != 'x')
        return wrong;
    layer->kernel_width = ln_read_whole(&value);
    if (*value || layer->units < 1 || layer->kernel_height < 1 || layer->kernel_width < 1)
        return wrong;
    return layer->units > 4096 ? "has more than 4096 channels" : NULL;
}

static const char *fit(ln_layer *layer)
{
    const int height = layer->in.height + 2 * layer->pad - layer->kernel_height;
    const int width = layer->in.width + 2 * layer->pad - layer->kernel_width;
    if (layer->pad >= layer->kernel_height || layer->pad >= layer->kernel_width)
        return "pads by as much as its kernel's size or more";
    if (height < 0 || width < 0)
        return "has a kernel larger than its padded input";
    layer->out = (lenet_shape){layer->units, height / layer->stride + 1, width / layer->stride + 1};
    return NULL;
}

static int weight_shape(const ln_layer *layer, int shape[4])
{
    shape[0] = layer->units;
    shape[1] = layer->in.channels;
    shape[2] = layer->kernel_height;
    shape[3] = layer->kernel_width;
    return 4;
}

static size_t nonzeros_bytes(const ln_conv *c)
{
    return LN_BLOCK * (2 * (size_t)ln_max_nonzeros(c) + (size_t)c->out_channels + 1) * sizeof(float);
}

static ln_nonzeros nonzeros_at(const ln_conv *c, float *d)
{
    const ptrdiff_t places = LN_BLOCK * ln_max_nonzeros(c);
    int32_t *numbers = (int32_t *)(void *)(d + places);
    return (ln_nonzeros){.d = d, .at = numbers, .first = numbers + places};
}

/*
 * Whether listing what has a gradient, for a first layer's weights alone, costs less than the zeros do: with
 * 75 weights a channel, as on colour images, the two take 0.7 to 0.8 times as long, with 49 already 1.2
 * times.
 */
static int is_wide(const ln_conv *c) { return c->pool && ln_filter(c) >= 64; }

static int is_pool2(const ln_layer *layer)
{
    return layer->kind == &ln_maxpool_kind && layer->kernel_height == 2 && layer->kernel_width == 2 &&
           layer->stride == 2;
}

/*
 * With a 2x2 max-pooling after it. An activation between the two is applied after the pooling, to a quarter
 * of the values: with a monotone function the maximum is the same. A ReLU is computed by the kernel too.
 */
static ln_fusion fuse(ln_op *op, const ln_layer *next, const ln_layer *end)
{
    const ln_layer *activation = next < end && ln_is_monotone(next) ? next : NULL, *pool = next + (activation != NULL);
    if (pool >= end || !is_pool2(pool))
        return (ln_fusion){0, NULL};
    op->conv.pool = 1;
    op->conv.relu = activation && activation->kind == &ln_relu_kind;
    op->features = ln_features(pool->out);
    return (ln_fusion){activation ? 2 : 1, op->conv.relu ? NULL : activation};
}

static void set_geometry(ln_conv *c, const ln_layer *layer)
{
    c->in_channels = layer->in.channels, c->in_height = layer->in.height, c->in_width = layer->in.width;
    c->out_channels = layer->out.channels, c->out_height = layer->out.height, c->out_width = layer->out.width;
    c->kernel_height = layer->kernel_height, c->kernel_width = layer->kernel_width;
    c->stride = layer->stride, c->pad = layer->pad;
}

static void size(ln_op *op, ln_sizes *sizes)
{
    ln_conv *c = &op->conv;
    set_geometry(c, op->layer);
    const size_t rows = (size_t)(c->in_height + 2 * c->pad), columns = (size_t)(c->in_width + 2 * c->pad),
                 channels = (size_t)c->out_channels;
    if (!op->index) {
        sizes->input_pad = c->pad;
        sizes->box = sizeof(ln_box);
    } else if (c->pad) {
        sizes->padded = (size_t)c->in_channels * rows * columns * LN_BLOCK * sizeof(float);
    }
    if (c->pool)
        sizes->argmax = channels * (size_t)(c->out_height / 2) * (size_t)(c->out_width / 2) * LN_BLOCK;
    if (op->index || is_wide(c)) {
        const size_t dilated =
            channels * (size_t)ln_dilated_rows(c) * (size_t)ln_dilated_columns(c) * LN_BLOCK * sizeof(float);
        sizes->dilated = c->pool ? nonzeros_bytes(c) : dilated;
    }
    const size_t first = ln_strip_features(c) * LN_BLOCK, sparse = c->pool && sizes->dilated ? ln_sparse_floats(c) : 0;
    /* a second op may be a first convolution, after a ReLU */
    sizes->scratch = (first > sparse ? first : sparse) * sizeof(float);
    sizes->parts = ((size_t)ln_filter(c) + 1) * channels * sizeof(float);
}

/* The images arrive padded; anything else is copied into a padded plane. */
static const float *padded_input(const ln_op *op, const ln_work *work, int block)
{
    return op->padded.base ? ln_at_block(work, &op->padded, block) : ln_at_block(work, &op->x, block);
}

static void forward(const ln_op *op, const ln_work *work)
{
    const ln_conv *c = &op->conv;
    for (int i = 0; i < work->blocks; i++) {
        if (op->padded.base)
            op->kernels->pad(c->in_channels, c->in_height, c->in_width, c->pad, ln_at_block(work, &op->x, i),
                             ln_at_block(work, &op->padded, i));
        op->kernels->conv_forward(c, padded_input(op, work, i), ln_at_block(work, &op->box, i), op->weights, op->bias,
                                  ln_at_block(work, &op->y, i), ln_at_block(work, &op->argmax, i));
    }
}

/* The input is the images, which need no gradient. */
static int is_first(const ln_op *op) { return !op->dx.base; }

static void backward_block(const ln_op *op, const ln_work *work, int i)
{
    const ln_conv *c = &op->conv;
    const float *dy = ln_at_block(work, &op->dy, i);
    const uint8_t *argmax = ln_at_block(work, &op->argmax, i);
    float *dilated = ln_at_block(work, &op->dilated, i), *scratch = ln_at(work, &op->scratch),
          *dx = ln_at_block(work, &op->dx, i);
    if (!c->pool) {
        op->kernels->conv_dilate(c, dy, argmax, dilated);
        ln_mark_op(work, op, LN_STAGE_PREPARE);
        op->kernels->conv_backward_data(c, dilated, op->weights, dx);
    } else { /* most of the gradient is 0 */
        const ln_nonzeros nonzeros = nonzeros_at(c, dilated);
        op->kernels->conv_list_nonzeros(c, dy, argmax, scratch, &nonzeros);
        ln_mark_op(work, op, LN_STAGE_PREPARE);
        op->kernels->conv_sparse_data(c, &nonzeros, op->weights, scratch, dx);
    }
    ln_mark_op(work, op, LN_STAGE_DATA);
}

static void backward(const ln_op *op, const ln_work *work)
{
    for (int i = 0; !is_first(op) && i < work->blocks; i++)
        backward_block(op, work, i);
}

static void form_part(const ln_op *op, const ln_work *work, int i)
{
    const ln_conv *c = &op->conv;
    const float *x = padded_input(op, work, i);
    float *dilated = ln_at_block(work, &op->dilated, i), *scratch = ln_at(work, &op->scratch);
    float *dw = ln_at_block(work, &op->parts, i), *db = dw + ln_filter(c) * c->out_channels;
    const uint8_t *argmax = ln_at_block(work, &op->argmax, i);
    const float *dy = ln_at_block(work, &op->dy, i);
    if (is_first(op) && !is_wide(c)) {
        op->kernels->conv_backward_first(c, x, ln_at_block(work, &op->box, i), dy, argmax, scratch, dw, db);
    } else if (c->pool) {
        const ln_nonzeros nonzeros = nonzeros_at(c, dilated);
        if (is_first(op)) /* backward had nothing to do */
            op->kernels->conv_list_nonzeros(c, dy, argmax, scratch, &nonzeros);
        op->kernels->conv_sparse_weights(c, x, &nonzeros, scratch, dw, db);
    } else {
        op->kernels->conv_backward_weights(c, x, dilated, dw, db);
    }
}

static void gradient(const ln_op *op, int first_unit, int last_unit, int blocks)
{
    const size_t filter = (size_t)ln_filter(&op->conv), stride = op->parts.block_bytes / sizeof(float);
    const size_t first = (size_t)first_unit, units = (size_t)(last_unit - first_unit);
    const float *part = (const float *)(const void *)op->parts.base;
    op->kernels->sum_parts(units * filter, blocks, stride, part + first * filter, op->dweights + first * filter);
    op->kernels->sum_parts(units, blocks, stride, part + filter * (size_t)op->conv.out_channels + first,
                           op->dbias + first);
}

const ln_layer_kind ln_conv_kind = {
    .name = "conv",
    .help = "conv:CHANNELS@ROWSxCOLUMNS[:stride=1][:pad=0]  convolution with bias; zero padding on all sides",
    .prefix = "conv",
    .options = options,
    .parse = parse,
    .fit = fit,
    .weight_shape = weight_shape,
    .fuse = fuse,
    .size = size,
    .forward = forward,
    .backward = backward,
    .form_part = form_part,
    .gradient = gradient,
};
