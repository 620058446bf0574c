/* SPDX-License-Identifier: MIT */
/*
 * layer.h - what a kind of layer is. A kind is one file and one row of the table in layers.c: how it is
 * written in a specification, what shape it makes of what shape, which tensors it has, and what it does in a
 * step.
 */
#ifndef LENET_NN_LAYER_H
#define LENET_NN_LAYER_H

#include "kernels/kernels.h"
#include "lenet/lenet.h"

typedef struct ln_layer_kind ln_layer_kind;
struct ln_op;    /* op.h: a layer at its place in a network, with its buffers */
struct ln_work;  /* op.h: the blocks that a worker works on */
struct ln_sizes; /* op.h: what buffers an op asks for */

/* One layer of a model. Fields that a kind does not use are zero. */
typedef struct ln_layer {
    const ln_layer_kind *kind;
    lenet_shape in, out;                          /* dense: {units, 1, 1} */
    int units;                                    /* output channels or units */
    int kernel_height, kernel_width, stride, pad; /* a pooling window is both kernel sides */
    double slope;                                 /* of an activation */
    double rate;                                  /* of a dropout */
    double momentum, epsilon;                     /* of a batch normalisation */
    int unbiased;
    int ordinal;                           /* 1 for the first of its kind: "conv1" */
    size_t weight, bias;                   /* places in the weights' arena, in floats; for kinds with tensors */
    size_t running_mean, running_variance; /* the same; for kinds with statistics of the batch */
} ln_layer;

/* "KEY=VALUE" that may follow a layer's value. */
typedef struct ln_layer_option {
    const char *key;
    enum { LN_WHOLE, LN_REAL } type; /* of the field: int or double */
    size_t field;                    /* offsetof in ln_layer */
    double least, most, fallback;    /* fallback: its value when not written */
} ln_layer_option;

/*
 * What a kind does that needs statistics of the whole batch in the middle of a pass. In a training step:
 * before forward, reduce on all blocks, then finalise once by one thread; before backward, the same with
 * reduce_back and finalise_back, which forms the gradient of its tensors too; update_running after the
 * weights are updated. Before an evaluation: load_running.
 */
typedef struct ln_batch_kind {
    void (*reduce)(const struct ln_op *op, const struct ln_work *work);
    void (*finalise)(const struct ln_op *op, size_t images);
    void (*reduce_back)(const struct ln_op *op, const struct ln_work *work);
    void (*finalise_back)(const struct ln_op *op, size_t images);
    void (*update_running)(const struct ln_op *op);
    void (*load_running)(const struct ln_op *op);
} ln_batch_kind;

/*
 * What an op takes over: `layers` of the layers that follow its own. `activation` is one of them that becomes
 * the next op; NULL: none.
 */
typedef struct ln_fusion {
    int layers;
    const ln_layer *activation;
} ln_fusion;

struct ln_layer_kind {
    const char *name;               /* "conv" */
    const char *help;               /* syntax and meaning in a line */
    const char *prefix;             /* of its tensors' names ("conv", "fc"); NULL: it has none */
    const ln_layer_option *options; /* ended by a NULL key */
    const char *value_of; /* the option that a value without a key sets: "leaky-relu:0.2"; NULL: parse reads it */
    int is_activation;    /* one number in, one number out; if so: */
    ln_activation activation;
    /* its derivative is a function of x, not of y: it cannot work in place, and is not monotone */
    int needs_input;

    /* NULL: samples are independent. Else it has running_mean and running_var, which are not trained */
    const ln_batch_kind *batch;

    /*
     * Reads the value after the first colon ("6@5x5", NULL if there is none) and completes the options.
     * Returns what is wrong, or NULL.
     */
    const char *(*parse)(ln_layer *layer, const char *value);
    /* Sets `out` from `in`. Returns why it does not fit, or NULL. */
    const char *(*fit)(ln_layer *layer);
    /*
     * The shape of its weight tensor; rank 4, 2, or 1 (the scale of a batch normalisation). Only with a
     * prefix.
     */
    int (*weight_shape)(const ln_layer *layer, int shape[4]);

    /*
     * What of the layers next .. end - 1 the op computes too, as compile.c asks when it lists the ops; sets
     * op->features to what is left. NULL: nothing.
     */
    ln_fusion (*fuse)(struct ln_op *op, const ln_layer *next, const ln_layer *end);
    /* Asks for buffers. */
    void (*size)(struct ln_op *op, struct ln_sizes *sizes);

    /*
     * A step (see executor.h): forward and backward on the blocks of `work`; later, on any thread, form_part:
     * what the i-th of these blocks adds to the gradient (NULL: backward did it); after all blocks have
     * passed the layer backward, the gradient of some units.
     */
    void (*forward)(const struct ln_op *op, const struct ln_work *work);
    void (*backward)(const struct ln_op *op, const struct ln_work *work);
    void (*form_part)(const struct ln_op *op, const struct ln_work *work, int i);
    void (*gradient)(const struct ln_op *op, int first_unit, int last_unit, int blocks);
};

/* The table and its names, ended by NULL; ln_layer_kind_find returns NULL for an unknown name. */
extern const ln_layer_kind *const ln_layer_kinds[];
extern const char *const ln_layer_kind_names[];
const ln_layer_kind *ln_layer_kind_find(const char *name);

/*
 * X(id, name): ln_ID_kind, which a file of this folder defines, and its name in architectures. A new kind is
 * a file and a row; one of the activations is a row in activation.c, and a kernel.
 */
#define LN_ACTIVATION_LIST(X)   \
    X(relu, "relu")             \
    X(leaky_relu, "leaky-relu") \
    X(elu, "elu")               \
    X(tanh, "tanh")             \
    X(sigmoid, "sigmoid")       \
    X(selu, "selu")             \
    X(gelu, "gelu")             \
    X(gelu_tanh, "gelu-tanh")
#define LN_LAYER_LIST(X)  \
    X(conv, "conv")       \
    X(dense, "dense")     \
    X(maxpool, "maxpool") \
    X(avgpool, "avgpool") \
    LN_ACTIVATION_LIST(X) \
    X(dropout, "dropout") \
    X(batchnorm, "batchnorm")

#define LN_LAYER_DECLARE(id, name) extern const ln_layer_kind ln_##id##_kind;
LN_LAYER_LIST(LN_LAYER_DECLARE)
#undef LN_LAYER_DECLARE

/*
 * A whole number at the start of *text, which is moved past it; -1 if there is none or it exceeds a million.
 */
int ln_read_whole(const char **text);

/*
 * Weights of one unit, all but the first dimension of its tensor; *rank that of the tensor, unless NULL. Only
 * with a prefix.
 */
static inline size_t ln_unit_weights(const ln_layer *layer, int *rank)
{
    int shape[4];
    const int dimensions = layer->kind->weight_shape(layer, shape);
    size_t count = 1;
    for (int i = 1; i < dimensions; i++)
        count *= (size_t)shape[i];
    if (rank)
        *rank = dimensions;
    return count;
}

static inline int ln_is_activation(const ln_layer *layer) { return layer->kind->is_activation; }

/* An activation whose derivative is a function of its output: all but the gelus, which are not monotone. */
static inline int ln_is_monotone(const ln_layer *layer) { return ln_is_activation(layer) && !layer->kind->needs_input; }

static inline size_t ln_features(lenet_shape shape)
{
    return (size_t)shape.channels * (size_t)shape.height * (size_t)shape.width;
}

#endif
