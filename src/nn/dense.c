/* SPDX-License-Identifier: MIT */
/*
 * dense.c - a dense layer: y = W x + b over all features of its input, in the order channel, row, column.
 *
 * Buffers: rows (the inputs transposed, one sample a row) and dy belong to the batch: phase 2 makes the
 * weight gradient from them.
 */
#include "nn/op.h"

static const ln_layer_option options[] = {{NULL, LN_WHOLE, 0, 0, 0, 0}};

static const char *parse(ln_layer *layer, const char *value)
{
    static const char *const wrong = "is written dense:UNITS, for example dense:120";
    if (!value)
        return wrong;
    layer->units = ln_read_whole(&value);
    if (*value || layer->units < 1)
        return wrong;
    return layer->units > 65536 ? "has more than 65536 units" : NULL;
}

static const char *fit(ln_layer *layer)
{
    layer->out = (lenet_shape){layer->units, 1, 1};
    return ln_features(layer->in) > 1 << 20 ? "has more than 1048576 inputs" : NULL;
}

static int weight_shape(const ln_layer *layer, int shape[4])
{
    shape[0] = layer->units;
    shape[1] = (int)ln_features(layer->in);
    return 2;
}

static int inputs_of(const ln_op *op) { return (int)ln_features(op->layer->in); }

static void size(ln_op *op, ln_sizes *sizes)
{
    sizes->rows = ln_pitch(inputs_of(op)) * LN_BLOCK * sizeof(float);
    sizes->dy_of_batch = 1;
}

static void forward(const ln_op *op, const ln_work *work)
{
    op->kernels->dense_forward(inputs_of(op), op->layer->units, work->blocks, ln_at(work, &op->x), op->weights,
                               op->bias, ln_at(work, &op->y));
}

static void backward(const ln_op *op, const ln_work *work)
{
    for (int i = 0; i < work->blocks; i++)
        op->kernels->transpose(inputs_of(op), ln_at_block(work, &op->x, i), ln_at_block(work, &op->rows, i));
    ln_mark_op(work, op, LN_STAGE_PREPARE);
    if (op->dx.base)
        op->kernels->dense_backward_data(inputs_of(op), op->layer->units, work->blocks, ln_at(work, &op->dy),
                                         op->weights, ln_at(work, &op->dx));
}

static void gradient(const ln_op *op, int first_unit, int last_unit, int blocks)
{
    op->kernels->dense_backward_weights(
        inputs_of(op), op->layer->units, first_unit, last_unit, blocks, (const float *)(const void *)op->rows.base,
        (const float *)(const void *)op->dy.base, op->is_shared ? op->weights : NULL, op->dweights, op->dbias);
}

const ln_layer_kind ln_dense_kind = {
    .name = "dense",
    .help = "dense:UNITS  fully connected layer with bias",
    .prefix = "fc",
    .options = options,
    .parse = parse,
    .fit = fit,
    .weight_shape = weight_shape,
    .size = size,
    .forward = forward,
    .backward = backward,
    .gradient = gradient,
};
