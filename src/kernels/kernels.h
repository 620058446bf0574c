/* SPDX-License-Identifier: MIT */
/*
 * kernels.h - the contract of everything that touches an instruction set: one table of functions per instruction set.
 *
 * Layout. Samples travel in blocks of LN_BLOCK = 16. A kernel table has a width W (4, 8 or 16 lanes) and a block is 16
 * / W groups of W samples, sample innermost: activations of one block are [16 / W][features][W], where features is
 * [channels][rows][columns] or a dense layer's units. One vector so holds one feature of W samples: every layer is
 * vectorised whatever its shape, nothing has a tail. Lanes without a sample hold zeros (images) and get a zero gradient
 * from the loss.
 *
 * Exactness. Every table computes the same bits: each lane does the same IEEE operations in the same order,
 * multiply-add is always fused, and sums over samples have one order: the 16 lanes of a block by the tree 8-4-2-1 (lane
 * i with lane i + 8, then i + 4, ...), blocks in index order. Each entry states the order of its sums; reference.c is
 * the same contract in plain loops.
 *
 * No kernel allocates, fails, or looks at anything but its arguments. Buffers are aligned to 64 bytes.
 */
#ifndef LENET_KERNELS_KERNELS_H
#define LENET_KERNELS_KERNELS_H

#include "kernels/losses.h"

#include <stddef.h>
#include <stdint.h>

enum { LN_BLOCK = 16 };

/* Floats in a row of `inputs` numbers that a kernel of any width may read to its end. */
static inline size_t ln_pitch(int inputs) { return ((size_t)inputs + LN_BLOCK - 1) / LN_BLOCK * LN_BLOCK; }

/*
 * A convolution (cross-correlation, square stride, zero padding), optionally with ReLU and 2x2 max-pooling at its end.
 * Its input arrives padded: [in_channels][in_height + 2 pad][in_width + 2 pad].
 */
typedef struct ln_conv {
    int in_channels, in_height, in_width;
    int out_channels, out_height, out_width; /* before pooling */
    int kernel_height, kernel_width, stride, pad; /* pad < both kernel sides */
    int relu;                                 /* only with pool: y = max(0, .) at the end */
    int pool;                                 /* 2x2 max-pooling, stride 2, a last odd row or column dropped */
} ln_conv;

enum { LN_CUT_OFF = 4 }; /* instead of a place in a pooling window: nothing passes */

/* Weights of one output channel, [in_channels][kernel rows][kernel columns]. */
static inline ptrdiff_t ln_filter(const ln_conv *c) { return (ptrdiff_t)c->in_channels * c->kernel_height * c->kernel_width; }

/*
 * The gradient of a convolution's output, dilated for its backward pass: [out_channels][rows][columns] where
 * neighbours are `stride` apart with zeros between.
 */
static inline int ln_dilated_rows(const ln_conv *c) { return (c->out_height - 1) * c->stride + 1; }
static inline int ln_dilated_columns(const ln_conv *c) { return (c->out_width - 1) * c->stride + 1; }

/* Output rows that conv_backward_first takes at once: whole pooling windows, and a few dozen outputs, to be worth the loading of sums. */
static inline int ln_strip_rows(const ln_conv *c)
{
    int rows = 2;
    while (rows * c->out_width < 48 && rows < c->out_height)
        rows += 2;
    return rows;
}

/* Its scratch memory, in features: the gradient of a strip, and the sums of weights and biases. */
static inline size_t ln_strip_features(const ln_conv *c)
{
    return (size_t)c->out_channels * ((size_t)ln_strip_rows(c) * (size_t)c->out_width + (size_t)ln_filter(c) + 1);
}

/*
 * The non-zero gradients of a convolution's outputs before pooling: a list for each sample, in the order of channels, rows and columns. Each
 * has its value d and a place `at`: where the output's window begins in the padded input's plane (row * stride * columns +
 * column * stride).
 */
typedef struct ln_nonzeros {
    int32_t *first; /* [16 samples][out_channels + 1]: where a channel's part of a sample's list begins, and last its end */
    float *d;       /* [16 samples][ln_max_nonzeros] */
    int32_t *at;
} ln_nonzeros;

/* Length of a sample's list: one for each window, and 16 that may be overwritten. */
static inline ptrdiff_t ln_max_nonzeros(const ln_conv *c)
{
    return (ptrdiff_t)c->out_channels * (c->out_height / 2) * (c->out_width / 2) + LN_BLOCK;
}

/*
 * Floats from sample to sample where its padded input is [rows][columns][channels]. After it there is room for a kernel row that begins with
 * the last number, and is rounded up to 16 twice: at its beginning and at its end.
 */
static inline size_t ln_sparse_pitch(const ln_conv *c, int channels)
{
    return ((size_t)(c->in_height + 2 * c->pad) * (size_t)(c->in_width + 2 * c->pad) * (size_t)channels + 32 + 15) / 16 * 16;
}

/* Floats of a kernel row of [columns][in_channels]. */
static inline size_t ln_sparse_row(const ln_conv *c) { return ln_pitch(c->kernel_width * c->in_channels); }

/* Floats of a pixel where its channels are rounded up to a multiple of 8. */
static inline int ln_eights(const ln_conv *c) { return (c->in_channels + 7) / 8 * 8; }

/* Output channels whose weights' sums fit the caches together. */
static inline int ln_sparse_panel(const ln_conv *c)
{
    const size_t fit = 3200 / ((size_t)c->kernel_height * ln_sparse_row(c));
    return fit < 1 ? 1 : fit < (size_t)c->out_channels ? (int)fit : c->out_channels;
}

/* Scratch memory of the functions on non-zero gradients, in floats, a multiple of 16. */
static inline size_t ln_sparse_floats(const ln_conv *c)
{
    const size_t outs = (size_t)c->out_channels, rows = (size_t)c->kernel_height;
    const size_t listing = 5 * ln_pitch(c->out_height * c->out_width);
    const size_t data = 16 * ln_sparse_pitch(c, ln_eights(c)) + 2 * outs * rows * ln_pitch(c->kernel_width * ln_eights(c) + 8);
    const size_t weights = 16 * ln_sparse_pitch(c, c->in_channels) + 5 * (size_t)ln_sparse_panel(c) * rows * ln_sparse_row(c) + 16 * outs;
    return listing > data && listing > weights ? listing : data > weights ? data : weights;
}

/*
 * A part of a block's padded input, [top, bottom) x [left, right) of rows and columns, outside of which every number is 0: images are
 * often black at their borders.
 */
typedef struct ln_box {
    int top, bottom, left, right;
} ln_box;

/* Pooling over windows inside the input, of rows x columns; the stride is the same both ways. */
typedef struct ln_pool {
    int channels, in_height, in_width, out_height, out_width;
    int rows, columns, stride; /* rows * columns <= 256 */
} ln_pool;

typedef enum ln_activation { LN_RELU, LN_LEAKY_RELU, LN_ELU, LN_TANH, LN_SIGMOID, LN_SELU, LN_GELU, LN_GELU_TANH } ln_activation;

/* What a sample costs: losses.h. Each file of tmpl/losses/ has its formula; there a, b, c are numbers[0..2]. */
typedef enum ln_loss_kind {
#define LN_LOSS_ENUM(KIND, ...) LN_##KIND,
    LN_LOSS_LIST(LN_LOSS_ENUM)
#undef LN_LOSS_ENUM
} ln_loss_kind;

typedef struct ln_loss {
    ln_loss_kind kind;
    float numbers[4];
    const float *matrix; /* of forward: [K][K], row the true class, column the label that it gets */
} ln_loss;

/*
 * Gradients of logits below it are 0, but for those of cross-entropy: mse, l1 and similar losses give images that are learned, or hopeless, a slope
 * that goes to zero, whose products with weights would be subnormal numbers, for which processors take a hundred times as long.
 */
#define LN_LEAST_SLOPE 0x1p-66f

/*
 * What a dropout draws in a block: feature f of the sample in lane l is kept if word f % 4 of Philox4x32-10 with this key and the
 * counter {f / 4, place + l, epoch, stream} is `threshold` or more.
 */
typedef struct ln_dropout {
    uint32_t key[2], place, epoch, stream, threshold;
    float scale; /* of what is kept */
} ln_dropout;

/* A batch normalisation: `channels` of `area` places each, and numbers for each channel, some of which a function does not read. */
typedef struct ln_norm {
    ptrdiff_t channels, area;
    const float *mean, *inverse;          /* of x; 1 / its standard deviation */
    const float *scale, *shift;           /* trained */
    const float *dy_mean, *product_mean;  /* means of dy, and of dy times the normalised x */
} ln_norm;

typedef struct ln_kernels {
    const char *isa; /* "avx2" */
    int width;       /* W */

    /*
     * Fills one block's input [channels][height + 2 pad][width + 2 pad] with images[index[i]] * scale[channel] + offset[channel] in one
     * multiply-add, i < count <= 16; other lanes are black images. Images are u8 [][channels][height][width]. The padding is not
     * written: it must be zero before.
     */
    void (*gather)(int channels, int height, int width, int pad, const uint8_t *images, const uint32_t *index, int count,
                   const float *scale, const float *offset, float *x);

    /* The smallest box of one block's [channels][rows][columns]; an empty one is at 0. */
    void (*find_box)(int channels, int rows, int columns, const float *x, ln_box *box);

    /*
     * Copies one block's [channels][height][width] into the middle of [channels][height + 2 pad][width + 2 pad];
     * padding as in gather.
     */
    void (*pad)(int channels, int height, int width, int pad, const float *x, float *padded);

    /*
     * One block of convolution; weights [out_channels][in_channels][kernel rows][kernel columns] as they are stored. y:
     * [out_channels][out_height][out_width], or with pool [out_channels][out_height / 2][out_width / 2] and then
     * argmax, u8 of the same shape, names the first maximum of each window (0..3, row-major), or is LN_CUT_OFF where with
     * relu the maximum is not above 0. Order: bias, then channel, row, column, each a fused multiply-add; those outside the
     * box of x may be left out (NULL: none).
     */
    void (*conv_forward)(const ln_conv *conv, const float *x, const ln_box *box, const float *weights, const float *bias, float *y,
                         uint8_t *argmax);

    /*
     * Dilates one block's output gradient (ln_dilated_*) into `dilated`, whose gaps and dropped rows and columns must
     * be zero before and stay untouched. With pool, dy is the gradient after pooling, and goes to the place that argmax
     * names, as conv_forward left it.
     */
    void (*conv_dilate)(const ln_conv *conv, const float *dy, const uint8_t *argmax, float *dilated);

    /*
     * dx [in_channels][in_height][in_width] of one block. Order: 0, then out channel, row and column of the output,
     * each ascending (so the kernel's rows and columns descend).
     */
    void (*conv_backward_data)(const ln_conv *conv, const float *dilated, const float *weights, float *dx);

    /*
     * dw [out_channels][in_channels][kernel rows][kernel columns] and db [out_channels] of one block. x is the padded
     * input. Order in a lane: 0, then output row, column ascending; then the lanes' tree.
     */
    void (*conv_backward_weights)(const ln_conv *conv, const float *x, const float *dilated, float *dw, float *db);

    /*
     * The three above for a convolution with pool, whose gradient is zero in three of four places, or more: the same sums without what
     * multiplies zeros. scratch has ln_sparse_floats.
     */
    void (*conv_list_nonzeros)(const ln_conv *conv, const float *dy, const uint8_t *argmax, float *scratch, const ln_nonzeros *nonzeros);
    void (*conv_sparse_data)(const ln_conv *conv, const ln_nonzeros *nonzeros, const float *weights, float *scratch, float *dx);
    void (*conv_sparse_weights)(const ln_conv *conv, const float *x, const ln_nonzeros *nonzeros, float *scratch, float *dw, float *db);

    /*
     * conv_backward_weights from the gradient as it is before conv_dilate, for a convolution whose input gradient is not needed: strip
     * by strip, so that the dilated gradient and the input stay in the nearest cache. What is outside the box of x
     * may be left out (NULL: nothing).
     */
    void (*conv_backward_first)(const ln_conv *conv, const float *x, const ln_box *box, const float *dy, const uint8_t *argmax, float *scratch,
                                float *dw, float *db);

    /*
     * Max: y and argmax (row-major place in the window of its first maximum); dx: each place takes its windows'
     * gradients in row-major order, starting from 0. Average: sum in row-major order from 0, times 1 / (rows columns);
     * backward each gradient times that, then as max. One block.
     */
    void (*max_pool_forward)(const ln_pool *pool, const float *x, float *y, uint8_t *argmax);
    void (*max_pool_backward)(const ln_pool *pool, const float *dy, const uint8_t *argmax, float *dx);
    void (*average_pool_forward)(const ln_pool *pool, const float *x, float *y);
    void (*average_pool_backward)(const ln_pool *pool, const float *dy, float *dx);

    /*
     * y = f(x) and dx = dy * f'(x), the latter from y, but from x for the two gelus, which several x make the same; `size`
     * features of one block; x and y, dx and dy may be the same. `slope` is the negative side's slope of leaky-relu and the
     * alpha of elu. Derivatives: 1 where y > 0, else 0, slope, or y + alpha; 1 - y y; y (1 - y); selu: its scale, or
     * y + scale alpha.
     */
    void (*activation_forward)(ln_activation kind, float slope, size_t size, const float *x, float *y);
    void (*activation_backward)(ln_activation kind, float slope, size_t size, const float *xy, const float *dy, float *dx);

    /*
     * One block of dropout, `size` features: y = x scale where kept, else 0; and in `kept`, u8 as x, 1 or 0. Backward the same
     * with dy.
     */
    void (*dropout_forward)(const ln_dropout *dropout, size_t size, const float *x, float *y, uint8_t *kept);
    void (*dropout_backward)(float scale, size_t size, const uint8_t *kept, const float *dy, float *dx);

    /*
     * Batch normalisation, one block, of which `count` samples are real: the others are not read, and their dx is 0.
     * reduce: for each channel the sum of x, and the sum of (x - m)^2, m = sum / (count area). Order of both in a lane: 0, then places
     * ascending (the squares fused); then the lanes' tree, over lanes that are 0 where there is no sample.
     * forward: x' = (x - mean) inverse; y = fma(x', scale, shift).
     * reduce_back: the sums of dy and of dy x' (fused), in the same order; dy is 0 in lanes without a sample.
     * backward: dx = (scale inverse) fma(-x', product_mean, dy - dy_mean).
     */
    void (*norm_reduce)(const ln_norm *norm, int count, const float *x, float *sums, float *squares);
    void (*norm_forward)(const ln_norm *norm, const float *x, float *y);
    void (*norm_reduce_back)(const ln_norm *norm, const float *x, const float *dy, float *sums, float *products);
    void (*norm_backward)(const ln_norm *norm, int count, const float *x, const float *dy, float *dx);

    /*
     * Dense layers on `blocks` adjacent blocks; weights [outputs][inputs] as they are stored.
     * Orders: forward: bias, then inputs ascending; backward data: 0, then outputs ascending.
     */
    void (*dense_forward)(int inputs, int outputs, int blocks, const float *x, const float *weights, const float *bias, float *y);
    void (*dense_backward_data)(int inputs, int outputs, int blocks, const float *dy, const float *weights, float *dx);

    /*
     * Turns one block's x [16 / W][inputs][W] into rows [16 samples][pitch], pitch = ln_pitch(inputs); what is past
     * inputs becomes 0.
     */
    void (*transpose)(int inputs, const float *x, float *rows);

    /*
     * dw [outputs][inputs] and db [outputs], only their rows first..last-1, over all samples of `blocks` blocks; rows
     * as made by transpose. Order of dw: 0, then samples ascending. db: 0, then for each block in order + the lanes'
     * tree. `next`: memory of the shape of dw that will be written soon and that other cores have too (NULL: none); its lines
     * are prefetched.
     */
    void (*dense_backward_weights)(int inputs, int outputs, int first, int last, int blocks, const float *rows, const float *dy,
                                   const float *next, float *dw, float *db);

    /*
     * Softmax and loss of one block. logits [classes][W]; label[16]; count <= 16 samples are real. losses[16] by kind,
     * predicted[16] = the first largest logit (both unspecified past count); dlogits = the loss's gradient * scale, zero
     * for lanes past count (NULL: not needed). A logit that is not a number makes the loss one. Order: maximum, then sums
     * with classes ascending; 1 - p of the largest is the sum of the others, so that nothing is lost where p is near 1.
     * What LN_LEAST_SLOPE says holds for dlogits after the scale.
     */
    void (*loss)(const ln_loss *loss, int classes, const float *logits, const uint8_t *label, int count, float scale, float *dlogits,
                 float *losses, uint8_t *predicted);

    /* probabilities [16][classes] (plain rows) of one block. */
    void (*softmax)(int classes, const float *logits, float *probabilities);

    /* sum[i] = parts[0][i] + parts[1][i] + ..., in this order, i < size; parts are `stride` floats apart. */
    void (*sum_parts)(size_t size, int parts, size_t stride, const float *part, float *sum);

    /*
     * Optimisers, elementwise on any number `size` of weights. sgd: w = fma(-rate, g, w). momentum: m = fma(momentum,
     * m, -rate g); w += m. From here on, moments that are 2^-100 and less become 0.
     */
    void (*sgd)(size_t size, float rate, const float *g, float *w);
    void (*momentum)(size_t size, float rate, float momentum, const float *g, float *m, float *w);
    /*
     * m = fma(rest1, g - m, m); v = fma(rest2, fma(g, g, -v), v); w = fma(-rate, m / (sqrt(v) + epsilon), w). |m| of
     * 2^-100 and less becomes 0. The rests are 1 - beta, rounded once: 1.0f - 0.999f would be off by 5e-5.
     */
    void (*adam)(size_t size, float rate, float rest1, float rest2, float epsilon, const float *g, float *m, float *v, float *w);
    /* nesterov: m = fma(momentum, m, -rate g); w += fma(momentum, m, -rate g). */
    void (*nesterov)(size_t size, float rate, float momentum, const float *g, float *m, float *w);
    /* velocity, the rate outside of it: m = fma(momentum, m, g); w = fma(-rate, fma(ahead, m, now g), w). */
    void (*velocity)(size_t size, float rate, float momentum, float ahead, float now, const float *g, float *m, float *w);
    /* nadam: m and v as adam; w = fma(-rate, fma(ahead, m, now g) / (sqrt(v) + epsilon), w). */
    void (*nadam)(size_t size, float rate, float rest1, float rest2, float epsilon, float ahead, float now, const float *g, float *m, float *v,
                  float *w);
    /*
     * Two epsilons, of which one is 0. rmsprop: v = fma(rest, fma(g, g, -v), v); m = fma(momentum, m, -rate (g / (sqrt(v + inside) +
     * outside))); w = fma(now, m, w). adagrad: v = fma(g, g, v); w = fma(-rate, g / (sqrt(v + inside) + outside), w).
     */
    void (*rmsprop)(size_t size, float rate, float now, float rest, float momentum, float inside, float outside, const float *g, float *v,
                    float *m, float *w);
    void (*adagrad)(size_t size, float rate, float inside, float outside, const float *g, float *v, float *w);

    /* y = fma(share, x - y, y), and y = factor y: for updates of weights and gradients other than the optimiser's. */
    void (*approach)(size_t size, float share, const float *x, float *y);
    void (*scale)(size_t size, float factor, float *y);

    /* In double, exact squares: those of places i mod 8 ascending, then the 8 sums as a tree: i with i + 4, then + 2, + 1. */
    double (*sum_of_squares)(size_t size, const float *x);

    /*
     * `rounds` times LN_PEAK_SUMS multiply-adds of whole vectors in registers, and nothing else: the processor's
     * peak.
     */
    float (*multiply_adds)(long rounds);

    /*
     * y = exp(x) and so on: the functions used above, public for tests. docs/numerics.md states range and
     * error.
     */
    void (*exp)(size_t size, const float *x, float *y);
    void (*log)(size_t size, const float *x, float *y);
    void (*tanh)(size_t size, const float *x, float *y);
    void (*erf)(size_t size, const float *x, float *y);
} ln_kernels;

/*
 * Vectors that one round of multiply_adds works on: enough to hide a multiply-add's latency everywhere, few enough for
 * 16 registers.
 */
enum { LN_PEAK_SUMS = 12 };

/* The table for an instruction set by name (NULL: the best); NULL if this machine or build lacks it. */
const ln_kernels *ln_kernels_find(const char *isa);

#endif
