/* SPDX-License-Identifier: MIT */
/*
 * activation.c - the elementwise layers. Most work in place, in the buffers of the layer before, unless that
 * is one of them too: their backward pass needs their own output. A gelu has the same output for two inputs,
 * so its derivative needs the input, and it has buffers of its own.
 */
#include "nn/op.h"

#include <stddef.h>

static const ln_layer_option no_options[] = {{NULL, LN_REAL, 0, 0, 0, 0}};
static const ln_layer_option leaky_options[] = {
    {"slope", LN_REAL, offsetof(ln_layer, slope), 0, 1, 0.01},
    {NULL, LN_REAL, 0, 0, 0, 0},
};
static const ln_layer_option elu_options[] = {
    {"alpha", LN_REAL, offsetof(ln_layer, slope), 0, 100, 1},
    {NULL, LN_REAL, 0, 0, 0, 0},
};

static const char *parse(ln_layer *layer, const char *value)
{
    (void)layer;
    return value ? "takes no number" : NULL;
}

static const char *fit(ln_layer *layer)
{
    layer->out = layer->in;
    return NULL;
}

static void size(ln_op *op, ln_sizes *sizes) { (void)op, (void)sizes; }

static void forward(const ln_op *op, const ln_work *work)
{
    for (int i = 0; i < work->blocks; i++) {
        op->kernels->activation_forward(op->layer->kind->activation, (float)op->layer->slope, op->features,
                                        ln_at_block(work, &op->x, i), ln_at_block(work, &op->y, i));
    }
}

static void backward(const ln_op *op, const ln_work *work)
{
    for (int i = 0; op->dx.base && i < work->blocks; i++) {
        const ln_layer_kind *kind = op->layer->kind;
        op->kernels->activation_backward(kind->activation, (float)op->layer->slope, op->features,
                                         ln_at_block(work, kind->needs_input ? &op->x : &op->y, i),
                                         ln_at_block(work, &op->dy, i), ln_at_block(work, &op->dx, i));
    }
}

#define ACTIVATION(symbol, word, which, option_table, formula, ...) \
    const ln_layer_kind symbol = {.name = word,                     \
                                  .help = formula,                  \
                                  .options = option_table,          \
                                  .is_activation = 1,               \
                                  .activation = which,              \
                                  .parse = parse,                   \
                                  .fit = fit,                       \
                                  .size = size,                     \
                                  .forward = forward,               \
                                  .backward = backward,             \
                                  __VA_ARGS__};
ACTIVATION(ln_relu_kind, "relu", LN_RELU, no_options, "relu  max(0, x)", )
ACTIVATION(ln_leaky_relu_kind, "leaky-relu", LN_LEAKY_RELU, leaky_options,
           "leaky-relu[:slope=0.01]  x, or slope x below 0 (Keras's layer has slope 0.3)", .value_of = "slope")
ACTIVATION(ln_elu_kind, "elu", LN_ELU, elu_options, "elu[:alpha=1]  x, or alpha (exp(x) - 1) below 0",
           .value_of = "alpha")
ACTIVATION(ln_tanh_kind, "tanh", LN_TANH, no_options, "tanh  hyperbolic tangent", )
ACTIVATION(ln_sigmoid_kind, "sigmoid", LN_SIGMOID, no_options, "sigmoid  1 / (1 + exp(-x))", )
ACTIVATION(ln_selu_kind, "selu", LN_SELU, no_options, "selu  1.0507 x, or 1.0507 1.6733 (exp(x) - 1) below 0", )
ACTIVATION(ln_gelu_kind, "gelu", LN_GELU, no_options, "gelu  x (1 + erf(x / sqrt 2)) / 2", .needs_input = 1)
ACTIVATION(ln_gelu_tanh_kind, "gelu-tanh", LN_GELU_TANH, no_options,
           "gelu-tanh  x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2, which approximates gelu", .needs_input = 1)
