/* SPDX-License-Identifier: MIT */
/*
 * pool.c - max and average pooling over windows that lie inside the input and may overlap; rows and columns
 * that no window reaches are dropped.
 */
#include "nn/op.h"

#include <stddef.h>

static const ln_layer_option options[] = {
    {"stride", LN_WHOLE, offsetof(ln_layer, stride), 1, 1024, 0}, /* 0: the window's side */
    {NULL, LN_WHOLE, 0, 0, 0, 0},
};

static const char *parse(ln_layer *layer, const char *value)
{
    static const char *const wrong = "needs its window, sides 1 to 16, for example maxpool:2 or maxpool:3x2";
    if (!value)
        return wrong;
    const int rows = ln_read_whole(&value);
    const int columns = *value == 'x' ? (value++, ln_read_whole(&value)) : rows;
    if (*value || rows < 1 || rows > 16 || columns < 1 || columns > 16)
        return wrong;
    layer->kernel_height = rows;
    layer->kernel_width = columns;
    if (!layer->stride && rows != columns)
        return "has a window that is no square, and so needs its stride, for example maxpool:3x2:stride=2";
    if (!layer->stride)
        layer->stride = rows;
    return NULL;
}

static const char *fit(ln_layer *layer)
{
    const int height = layer->in.height - layer->kernel_height, width = layer->in.width - layer->kernel_width;
    if (height < 0 || width < 0)
        return "has a window larger than its input";
    layer->out = (lenet_shape){layer->in.channels, height / layer->stride + 1, width / layer->stride + 1};
    return NULL;
}

static void size(ln_op *op, ln_sizes *sizes)
{
    const ln_layer *layer = op->layer;
    op->pool = (ln_pool){.channels = layer->in.channels,
                         .in_height = layer->in.height,
                         .in_width = layer->in.width,
                         .out_height = layer->out.height,
                         .out_width = layer->out.width,
                         .rows = layer->kernel_height,
                         .columns = layer->kernel_width,
                         .stride = layer->stride};
    if (layer->kind == &ln_maxpool_kind)
        sizes->argmax = ln_features(layer->out) * LN_BLOCK;
}

static void max_forward(const ln_op *op, const ln_work *work)
{
    for (int i = 0; i < work->blocks; i++)
        op->kernels->max_pool_forward(&op->pool, ln_at_block(work, &op->x, i), ln_at_block(work, &op->y, i),
                                      ln_at_block(work, &op->argmax, i));
}

static void max_backward(const ln_op *op, const ln_work *work)
{
    for (int i = 0; op->dx.base && i < work->blocks; i++)
        op->kernels->max_pool_backward(&op->pool, ln_at_block(work, &op->dy, i), ln_at_block(work, &op->argmax, i),
                                       ln_at_block(work, &op->dx, i));
}

static void average_forward(const ln_op *op, const ln_work *work)
{
    for (int i = 0; i < work->blocks; i++)
        op->kernels->average_pool_forward(&op->pool, ln_at_block(work, &op->x, i), ln_at_block(work, &op->y, i));
}

static void average_backward(const ln_op *op, const ln_work *work)
{
    for (int i = 0; op->dx.base && i < work->blocks; i++)
        op->kernels->average_pool_backward(&op->pool, ln_at_block(work, &op->dy, i), ln_at_block(work, &op->dx, i));
}

const ln_layer_kind ln_maxpool_kind = {
    .name = "maxpool",
    .help =
        "maxpool:SIDE[:stride=SIDE], or maxpool:ROWSxCOLUMNS:stride=N  the largest of each window; windows may overlap",
    .options = options,
    .parse = parse,
    .fit = fit,
    .size = size,
    .forward = max_forward,
    .backward = max_backward,
};

const ln_layer_kind ln_avgpool_kind = {
    .name = "avgpool",
    .help =
        "avgpool:SIDE[:stride=SIDE], or avgpool:ROWSxCOLUMNS:stride=N  the mean of each window; windows may overlap",
    .options = options,
    .parse = parse,
    .fit = fit,
    .size = size,
    .forward = average_forward,
    .backward = average_backward,
};
