/* SPDX-License-Identifier: MIT */
/*
 * reference.c - what the kernels mean: the contract of kernels.h in plain loops, one number of one sample at a time.
 *
 * What always holds: sums are taken in the order that kernels.h states, multiply-add is one fmaf, the width is 16, so a
 * block is [features][16]. Every other table must give the same bits (the sign of a zero aside). Only what needs exp,
 * log, tanh or erf is computed in double from libm and rounded once: that is the truth about the value, and the tables stay
 * within a stated distance of it (tests/kernels). It is not fast, and nothing trains with it.
 */
#include "kernels/reference.h"

#include "util/random.h"

#include <math.h>
#include <string.h>

#define EACH_LANE(lane) for (int lane = 0; lane < LN_BLOCK; lane++)

/* The index of one sample's number in a block [channels][rows][columns][16]. */
static size_t at(int channel, int row, int column, int rows, int columns, int lane)
{
    const size_t feature = ((size_t)channel * (size_t)rows + (size_t)row) * (size_t)columns + (size_t)column;
    return feature * LN_BLOCK + (size_t)lane;
}

/* The sum of 16 lanes: i with i + 8, then i + 4, i + 2, i + 1. */
static float tree(const float lanes[LN_BLOCK])
{
    float sum[LN_BLOCK];
    memcpy(sum, lanes, sizeof sum);
    for (int half = LN_BLOCK / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            sum[i] += sum[i + half];
    return sum[0];
}

/* -------------------------------------------------------------------------------------------------------- input */

/* u8 images [][channels][height][width] -> x [channels][height + 2 pad][width + 2 pad] */
static void gather(int channels, int height, int width, int pad, const uint8_t *images, const uint32_t *index, int count,
                   const float *scale, const float *offset, float *x)
{
    const size_t size = (size_t)channels * (size_t)height * (size_t)width;
    EACH_LANE(lane)
    {
        const uint8_t *pixel = lane < count ? images + index[lane] * size : NULL;
        for (int c = 0; c < channels; c++)
            for (int row = 0; row < height; row++)
                for (int column = 0; column < width; column++)
                    x[at(c, row + pad, column + pad, height + 2 * pad, width + 2 * pad, lane)] =
                        fmaf(pixel ? (float)*pixel++ : 0, scale[c], offset[c]);
    }
}

/* x [channels][rows][columns] */
static void find_box(int channels, int rows, int columns, const float *x, ln_box *box)
{
    *box = (ln_box){rows, 0, columns, 0};
    for (int i = 0; i < channels * rows * columns * LN_BLOCK; i++) {
        const int row = i / LN_BLOCK / columns % rows, column = i / LN_BLOCK % columns;
        if (x[i] == 0)
            continue;
        box->top = row < box->top ? row : box->top;
        box->bottom = row >= box->bottom ? row + 1 : box->bottom;
        box->left = column < box->left ? column : box->left;
        box->right = column >= box->right ? column + 1 : box->right;
    }
    if (!box->bottom)
        *box = (ln_box){0};
}

/* x [channels][height][width] -> padded [channels][height + 2 pad][width + 2 pad] */
static void pad_block(int channels, int height, int width, int pad, const float *x, float *padded)
{
    EACH_LANE(lane)
    for (int c = 0; c < channels; c++)
        for (int row = 0; row < height; row++)
            for (int column = 0; column < width; column++)
                padded[at(c, row + pad, column + pad, height + 2 * pad, width + 2 * pad, lane)] =
                    x[at(c, row, column, height, width, lane)];
}

/* -------------------------------------------------------------------------------------------------- convolution */

static int padded_height(const ln_conv *c) { return c->in_height + 2 * c->pad; }
static int padded_width(const ln_conv *c) { return c->in_width + 2 * c->pad; }

/* The index of output (channel, row, column) in a dilated gradient. */
static size_t at_dilated(const ln_conv *c, int channel, int row, int column, int lane)
{
    return at(channel, row * c->stride, column * c->stride, ln_dilated_rows(c), ln_dilated_columns(c), lane);
}

/* The index of a weight: [out][in][kernel rows][kernel columns]. */
static size_t at_weight(const ln_conv *c, int out, int in, int i, int j)
{
    return (((size_t)out * (size_t)c->in_channels + (size_t)in) * (size_t)c->kernel_height + (size_t)i) * (size_t)c->kernel_width + (size_t)j;
}

/* One number of a convolution before pooling. */
static float conv_output(const ln_conv *c, const float *x, const float *weights, const float *bias, int out, int row, int column, int lane)
{
    float sum = bias[out];
    for (int in = 0; in < c->in_channels; in++)
        for (int i = 0; i < c->kernel_height; i++)
            for (int j = 0; j < c->kernel_width; j++)
                sum = fmaf(x[at(in, row * c->stride + i, column * c->stride + j, padded_height(c), padded_width(c), lane)],
                           weights[at_weight(c, out, in, i, j)], sum);
    return sum;
}

/* y [out][out_height / 2][out_width / 2], argmax the same: the first maximum of each 2x2 window, if ReLU lets it pass. */
static void conv_forward_pooled(const ln_conv *c, const float *x, const float *weights, const float *bias, float *y, uint8_t *argmax)
{
    EACH_LANE(lane)
    for (int out = 0; out < c->out_channels; out++)
        for (int row = 0; row < c->out_height / 2; row++)
            for (int column = 0; column < c->out_width / 2; column++) {
                const size_t place = at(out, row, column, c->out_height / 2, c->out_width / 2, lane);
                for (int k = 0; k < 4; k++) {
                    const float value = conv_output(c, x, weights, bias, out, 2 * row + k / 2, 2 * column + k % 2, lane);
                    if (k == 0 || value > y[place]) {
                        y[place] = value;
                        argmax[place] = (uint8_t)k;
                    }
                }
                if (c->relu && !(y[place] > 0))
                    argmax[place] = LN_CUT_OFF;
                if (c->relu && 0 > y[place]) /* so written, NaN stays */
                    y[place] = 0;
            }
}

/* x padded [in][in_height + 2 pad][in_width + 2 pad] -> y [out][out_height][out_width] */
static void conv_forward(const ln_conv *c, const float *x, const ln_box *box, const float *weights, const float *bias, float *y, uint8_t *argmax)
{
    (void)box;
    if (c->pool) {
        conv_forward_pooled(c, x, weights, bias, y, argmax);
        return;
    }
    EACH_LANE(lane)
    for (int out = 0; out < c->out_channels; out++)
        for (int row = 0; row < c->out_height; row++)
            for (int column = 0; column < c->out_width; column++)
                y[at(out, row, column, c->out_height, c->out_width, lane)] = conv_output(c, x, weights, bias, out, row, column, lane);
}

/* Output rows and columns that a gradient can reach: pooling drops a last odd one. */
static int reached(const ln_conv *c, int size) { return c->pool ? size / 2 * 2 : size; }

/* The gradient of one number of a convolution before pooling; dy and argmax [out][out_height / 2][out_width / 2] if there is any. */
static float conv_output_gradient(const ln_conv *c, const float *dy, const uint8_t *argmax, int out, int row, int column, int lane)
{
    if (!c->pool)
        return dy[at(out, row, column, c->out_height, c->out_width, lane)];
    const size_t place = at(out, row / 2, column / 2, c->out_height / 2, c->out_width / 2, lane);
    return argmax[place] == 2 * (row % 2) + column % 2 ? dy[place] : 0;
}

/* dy -> dilated [out][dilated rows][dilated columns] */
static void conv_dilate(const ln_conv *c, const float *dy, const uint8_t *argmax, float *dilated)
{
    EACH_LANE(lane)
    for (int out = 0; out < c->out_channels; out++)
        for (int row = 0; row < reached(c, c->out_height); row++)
            for (int column = 0; column < reached(c, c->out_width); column++)
                dilated[at_dilated(c, out, row, column, lane)] = conv_output_gradient(c, dy, argmax, out, row, column, lane);
}

/* One number of dx: from every output whose window holds it. */
static float conv_input_gradient(const ln_conv *c, const float *dilated, const float *weights, int in, int in_row, int in_column, int lane)
{
    float sum = 0;
    for (int out = 0; out < c->out_channels; out++)
        for (int row = 0; row < c->out_height; row++)
            for (int column = 0; column < c->out_width; column++) {
                const int i = in_row + c->pad - row * c->stride, j = in_column + c->pad - column * c->stride;
                if (i < 0 || i >= c->kernel_height || j < 0 || j >= c->kernel_width)
                    continue;
                sum = fmaf(dilated[at_dilated(c, out, row, column, lane)], weights[at_weight(c, out, in, i, j)], sum);
            }
    return sum;
}

/* dilated -> dx [in][in_height][in_width] */
static void conv_backward_data(const ln_conv *c, const float *dilated, const float *weights, float *dx)
{
    EACH_LANE(lane)
    for (int in = 0; in < c->in_channels; in++)
        for (int row = 0; row < c->in_height; row++)
            for (int column = 0; column < c->in_width; column++)
                dx[at(in, row, column, c->in_height, c->in_width, lane)] =
                    conv_input_gradient(c, dilated, weights, in, row, column, lane);
}

/* The gradient of one weight. */
static float conv_weight_gradient(const ln_conv *c, const float *x, const float *dilated, int out, int in, int i, int j)
{
    float sum[LN_BLOCK] = {0};
    EACH_LANE(lane)
    for (int row = 0; row < c->out_height; row++)
        for (int column = 0; column < c->out_width; column++)
            sum[lane] = fmaf(x[at(in, row * c->stride + i, column * c->stride + j, padded_height(c), padded_width(c), lane)],
                             dilated[at_dilated(c, out, row, column, lane)], sum[lane]);
    return tree(sum);
}

static float conv_bias_gradient(const ln_conv *c, const float *dilated, int out)
{
    float sum[LN_BLOCK] = {0};
    EACH_LANE(lane)
    for (int row = 0; row < c->out_height; row++)
        for (int column = 0; column < c->out_width; column++)
            sum[lane] += dilated[at_dilated(c, out, row, column, lane)];
    return tree(sum);
}

/* x padded, dilated -> dw [out][in][kernel rows][kernel columns], db [out] */
static void conv_backward_weights(const ln_conv *c, const float *x, const float *dilated, float *dw, float *db)
{
    for (int out = 0; out < c->out_channels; out++) {
        for (int in = 0; in < c->in_channels; in++)
            for (int i = 0; i < c->kernel_height; i++)
                for (int j = 0; j < c->kernel_width; j++)
                    *dw++ = conv_weight_gradient(c, x, dilated, out, in, i, j);
        db[out] = conv_bias_gradient(c, dilated, out);
    }
}

/* The dilated gradient is computed again for each weight: no scratch is needed. */
static void conv_backward_first(const ln_conv *c, const float *x, const ln_box *box, const float *dy, const uint8_t *argmax, float *scratch,
                                float *dw, float *db)
{
    const int rows = reached(c, c->out_height), columns = reached(c, c->out_width);
    (void)box, (void)scratch;
    for (int out = 0; out < c->out_channels; out++) {
        float bias[LN_BLOCK] = {0};
        EACH_LANE(lane)
        for (int place = 0; place < rows * columns; place++)
            bias[lane] += conv_output_gradient(c, dy, argmax, out, place / columns, place % columns, lane);
        db[out] = tree(bias);
        for (int weight = 0; weight < ln_filter(c); weight++) {
            const int j = weight % c->kernel_width, i = weight / c->kernel_width % c->kernel_height;
            const int in = weight / c->kernel_width / c->kernel_height;
            float sum[LN_BLOCK] = {0};
            EACH_LANE(lane)
            for (int place = 0; place < rows * columns; place++) {
                const int row = place / columns, column = place % columns;
                sum[lane] = fmaf(x[at(in, row * c->stride + i, column * c->stride + j, padded_height(c), padded_width(c), lane)],
                                 conv_output_gradient(c, dy, argmax, out, row, column, lane), sum[lane]);
            }
            *dw++ = tree(sum);
        }
    }
}

/* ---------------------------------------------------------------------------------------------- sparse convolution */

/* scratch is not needed here, and in the two that follow. */
static void conv_list_nonzeros(const ln_conv *c, const float *dy, const uint8_t *argmax, float *scratch, const ln_nonzeros *nonzeros)
{
    (void)scratch;
    EACH_LANE(lane) {
        const ptrdiff_t list = lane * ln_max_nonzeros(c);
        int32_t *first = nonzeros->first + lane * (c->out_channels + 1), count = 0;
        for (int out = 0; out < c->out_channels; out++) {
            first[out] = count;
            for (int row = 0; row < reached(c, c->out_height); row++)
                for (int column = 0; column < reached(c, c->out_width); column++) {
                    const float d = conv_output_gradient(c, dy, argmax, out, row, column, lane);
                    if (d == 0)
                        continue;
                    nonzeros->d[list + count] = d;
                    nonzeros->at[list + count++] = (row * padded_width(c) + column) * c->stride;
                }
        }
        first[c->out_channels] = count;
    }
}

/* nonzeros -> dx [in][in_height][in_width] */
static void conv_sparse_data(const ln_conv *c, const ln_nonzeros *nonzeros, const float *weights, float *scratch, float *dx)
{
    (void)scratch;
    memset(dx, 0, (size_t)c->in_channels * (size_t)c->in_height * (size_t)c->in_width * LN_BLOCK * sizeof *dx);
    EACH_LANE(lane)
    for (int s = 0, out = 0; s < nonzeros->first[lane * (c->out_channels + 1) + c->out_channels]; s++) {
        const ptrdiff_t nonzero = lane * ln_max_nonzeros(c) + s;
        while (s >= nonzeros->first[lane * (c->out_channels + 1) + out + 1])
            out++;
        for (int weight = 0; weight < ln_filter(c); weight++) {
            const int j = weight % c->kernel_width, i = weight / c->kernel_width % c->kernel_height;
            const int in = weight / c->kernel_width / c->kernel_height;
            const int row = nonzeros->at[nonzero] / padded_width(c) + i - c->pad, column = nonzeros->at[nonzero] % padded_width(c) + j - c->pad;
            if (row < 0 || row >= c->in_height || column < 0 || column >= c->in_width)
                continue;
            float *to = &dx[at(in, row, column, c->in_height, c->in_width, lane)];
            *to = fmaf(nonzeros->d[nonzero], weights[out * ln_filter(c) + weight], *to);
        }
    }
}

/* x padded, nonzeros -> dw [out][in][kernel rows][kernel columns], db [out] */
static void conv_sparse_weights(const ln_conv *c, const float *x, const ln_nonzeros *nonzeros, float *scratch, float *dw, float *db)
{
    (void)scratch;
    for (int out = 0; out < c->out_channels; out++)
        for (int weight = 0; weight <= ln_filter(c); weight++) { /* the last is the bias */
            const int j = weight % c->kernel_width, i = weight / c->kernel_width % c->kernel_height;
            const int in = weight / c->kernel_width / c->kernel_height;
            float sum[LN_BLOCK] = {0};
            EACH_LANE(lane) {
                const int32_t *first = nonzeros->first + lane * (c->out_channels + 1) + out;
                for (ptrdiff_t s = lane * ln_max_nonzeros(c) + first[0]; s < lane * ln_max_nonzeros(c) + first[1]; s++) {
                    const int row = nonzeros->at[s] / padded_width(c) + i, column = nonzeros->at[s] % padded_width(c) + j;
                    if (weight == ln_filter(c))
                        sum[lane] += nonzeros->d[s];
                    else
                        sum[lane] = fmaf(x[at(in, row, column, padded_height(c), padded_width(c), lane)], nonzeros->d[s], sum[lane]);
                }
            }
            *(weight == ln_filter(c) ? db++ : dw++) = tree(sum);
        }
}

/* ------------------------------------------------------------------------------------------------------ pooling */

/* x [channels][in_height][in_width] -> y, argmax [channels][out_height][out_width] */
static void max_pool_forward(const ln_pool *p, const float *x, float *y, uint8_t *argmax)
{
    EACH_LANE(lane)
    for (int c = 0; c < p->channels; c++)
        for (int row = 0; row < p->out_height; row++)
            for (int column = 0; column < p->out_width; column++) {
                const size_t place = at(c, row, column, p->out_height, p->out_width, lane);
                for (int k = 0; k < p->rows * p->columns; k++) {
                    const float value = x[at(c, row * p->stride + k / p->columns, column * p->stride + k % p->columns, p->in_height,
                                             p->in_width, lane)];
                    if (k == 0 || value > y[place]) {
                        y[place] = value;
                        argmax[place] = (uint8_t)k;
                    }
                }
            }
}

/* One number of dx: `share` of the gradient of every window that chose it (without argmax: that holds it), windows in
   row-major order. */
static float pool_input_gradient(const ln_pool *p, const float *dy, const uint8_t *argmax, float share, int c, int in_row, int in_column,
                                 int lane)
{
    float sum = 0;
    for (int row = 0; row < p->out_height; row++)
        for (int column = 0; column < p->out_width; column++) {
            const int i = in_row - row * p->stride, j = in_column - column * p->stride;
            const size_t place = at(c, row, column, p->out_height, p->out_width, lane);
            if (i >= 0 && i < p->rows && j >= 0 && j < p->columns && (!argmax || argmax[place] == i * p->columns + j))
                sum += dy[place] * share;
        }
    return sum;
}

/* dy, argmax [channels][out_height][out_width] -> dx [channels][in_height][in_width] */
static void max_pool_backward(const ln_pool *p, const float *dy, const uint8_t *argmax, float *dx)
{
    EACH_LANE(lane)
    for (int c = 0; c < p->channels; c++)
        for (int row = 0; row < p->in_height; row++)
            for (int column = 0; column < p->in_width; column++)
                dx[at(c, row, column, p->in_height, p->in_width, lane)] = pool_input_gradient(p, dy, argmax, 1, c, row, column, lane);
}

/* x [channels][in_height][in_width] -> y [channels][out_height][out_width] */
static void average_pool_forward(const ln_pool *p, const float *x, float *y)
{
    const float share = 1.0f / (float)(p->rows * p->columns);
    EACH_LANE(lane)
    for (int c = 0; c < p->channels; c++)
        for (int row = 0; row < p->out_height; row++)
            for (int column = 0; column < p->out_width; column++) {
                float sum = 0;
                for (int k = 0; k < p->rows * p->columns; k++)
                    sum += x[at(c, row * p->stride + k / p->columns, column * p->stride + k % p->columns, p->in_height, p->in_width, lane)];
                y[at(c, row, column, p->out_height, p->out_width, lane)] = sum * share;
            }
}

/* dy [channels][out_height][out_width] -> dx [channels][in_height][in_width] */
static void average_pool_backward(const ln_pool *p, const float *dy, float *dx)
{
    const float share = 1.0f / (float)(p->rows * p->columns);
    EACH_LANE(lane)
    for (int c = 0; c < p->channels; c++)
        for (int row = 0; row < p->in_height; row++)
            for (int column = 0; column < p->in_width; column++)
                dx[at(c, row, column, p->in_height, p->in_width, lane)] =
                    pool_input_gradient(p, dy, NULL, share, c, row, column, lane);
}

/* -------------------------------------------------------------------------------------------------- activations */

static const double selu_scale = 1.0507009873554805, selu_alpha = 1.6732632423543772;

/* Of the standard normal distribution, in a form that is exact far below 0 too. */
static double normal_share(double x) { return 0.5 * erfc(-x * sqrt(0.5)); }

static double gelu_argument(double x) { return sqrt(2 / M_PI) * (x + 0.044715 * x * x * x); }

static double gelu_derivative(double x) { return normal_share(x) + x * exp(-0.5 * x * x) / sqrt(2 * M_PI); }

static double gelu_tanh_derivative(double x)
{
    const double t = tanh(gelu_argument(x));
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * sqrt(2 / M_PI) * (1 + 3 * 0.044715 * x * x);
}

static float activate(ln_activation kind, float slope, float x)
{
    switch (kind) {
    case LN_RELU: return 0 > x ? 0 : x;
    case LN_LEAKY_RELU: return x > 0 ? x : slope * x;
    case LN_ELU: return x > 0 ? x : (float)((double)slope * expm1((double)x));
    case LN_TANH: return (float)tanh((double)x);
    case LN_SIGMOID: return (float)(1 / (1 + exp(-(double)x)));
    case LN_SELU: return (float)(selu_scale * (x > 0 ? (double)x : selu_alpha * expm1((double)x)));
    case LN_GELU: return (float)((double)x * normal_share((double)x));
    case LN_GELU_TANH: return (float)(0.5 * (double)x * (1 + tanh(gelu_argument((double)x))));
    }
    return x;
}

/* dx from dy and y = f(x), or y = x for the gelus */
static float deactivate(ln_activation kind, float slope, float y, float dy)
{
    switch (kind) {
    case LN_RELU: return y > 0 ? dy : 0;
    case LN_LEAKY_RELU: return y > 0 ? dy : slope * dy;
    case LN_ELU: return y > 0 ? dy : (y + slope) * dy;
    case LN_TANH: return fmaf(-y, y, 1) * dy;
    case LN_SIGMOID: return fmaf(-y, y, y) * dy;
    case LN_SELU: return (float)(y > 0 ? selu_scale : (double)y + selu_scale * selu_alpha) * dy;
    case LN_GELU: return (float)(gelu_derivative((double)y) * (double)dy);
    case LN_GELU_TANH: return (float)(gelu_tanh_derivative((double)y) * (double)dy);
    }
    return dy;
}

/* x -> y, both [size][16] */
static void activation_forward(ln_activation kind, float slope, size_t size, const float *x, float *y)
{
    for (size_t i = 0; i < size * LN_BLOCK; i++)
        y[i] = activate(kind, slope, x[i]);
}

/* y or x, dy -> dx, all [size][16] */
static void activation_backward(ln_activation kind, float slope, size_t size, const float *xy, const float *dy, float *dx)
{
    for (size_t i = 0; i < size * LN_BLOCK; i++)
        dx[i] = deactivate(kind, slope, xy[i], dy[i]);
}

/* ------------------------------------------------------------------------------------------------------ dropout */

/* x -> y, kept, all [size][16] */
static void dropout_forward(const ln_dropout *d, size_t size, const float *x, float *y, uint8_t *kept)
{
    for (size_t f = 0; f < size; f++)
        EACH_LANE(lane)
        {
            const uint32_t counter[4] = {(uint32_t)(f / 4), d->place + (uint32_t)lane, d->epoch, d->stream};
            uint32_t word[4];
            ln_philox(d->key, counter, word);
            const size_t i = f * LN_BLOCK + (size_t)lane;
            kept[i] = word[f % 4] >= d->threshold;
            y[i] = kept[i] ? x[i] * d->scale : 0;
        }
}

/* dy, kept -> dx, all [size][16] */
static void dropout_backward(float scale, size_t size, const uint8_t *kept, const float *dy, float *dx)
{
    for (size_t i = 0; i < size * LN_BLOCK; i++)
        dx[i] = kept[i] ? dy[i] * scale : 0;
}

/* ------------------------------------------------------------------------------------------ batch normalisation */

/* The place of one number in [channels][area][16]. */
static size_t at_place(const ln_norm *n, ptrdiff_t channel, ptrdiff_t place, int lane)
{
    return (size_t)(channel * n->area + place) * LN_BLOCK + (size_t)lane;
}

static float normal(const ln_norm *n, ptrdiff_t channel, float x) { return (x - n->mean[channel]) * n->inverse[channel]; }

static void norm_reduce(const ln_norm *n, int count, const float *x, float *sums, float *squares)
{
    for (ptrdiff_t c = 0; c < n->channels; c++) {
        float sum[LN_BLOCK] = {0}, square[LN_BLOCK] = {0};
        for (int lane = 0; lane < count; lane++)
            for (ptrdiff_t i = 0; i < n->area; i++)
                sum[lane] += x[at_place(n, c, i, lane)];
        sums[c] = tree(sum);
        const float mean = sums[c] / ((float)count * (float)n->area);
        for (int lane = 0; lane < count; lane++)
            for (ptrdiff_t i = 0; i < n->area; i++) {
                const float distance = x[at_place(n, c, i, lane)] - mean;
                square[lane] = fmaf(distance, distance, square[lane]);
            }
        squares[c] = tree(square);
    }
}

static void norm_forward(const ln_norm *n, const float *x, float *y)
{
    EACH_LANE(lane)
    for (ptrdiff_t c = 0; c < n->channels; c++)
        for (ptrdiff_t i = 0; i < n->area; i++)
            y[at_place(n, c, i, lane)] = fmaf(normal(n, c, x[at_place(n, c, i, lane)]), n->scale[c], n->shift[c]);
}

static void norm_reduce_back(const ln_norm *n, const float *x, const float *dy, float *sums, float *products)
{
    for (ptrdiff_t c = 0; c < n->channels; c++) {
        float sum[LN_BLOCK] = {0}, product[LN_BLOCK] = {0};
        EACH_LANE(lane)
        for (ptrdiff_t i = 0; i < n->area; i++) {
            const float d = dy[at_place(n, c, i, lane)];
            sum[lane] += d;
            product[lane] = fmaf(d, normal(n, c, x[at_place(n, c, i, lane)]), product[lane]);
        }
        sums[c] = tree(sum);
        products[c] = tree(product);
    }
}

static void norm_backward(const ln_norm *n, int count, const float *x, const float *dy, float *dx)
{
    EACH_LANE(lane)
    for (ptrdiff_t c = 0; c < n->channels; c++)
        for (ptrdiff_t i = 0; i < n->area; i++) {
            const size_t k = at_place(n, c, i, lane);
            const float d = fmaf(-normal(n, c, x[k]), n->product_mean[c], dy[k] - n->dy_mean[c]);
            dx[k] = lane < count ? n->scale[c] * n->inverse[c] * d : 0;
        }
}

/* -------------------------------------------------------------------------------------------------------- dense */

/* The index of unit `unit` of one sample in [blocks][units][16]. */
static size_t at_unit(int block, int unit, int units, int lane) { return at(block, unit, 0, units, 1, lane); }

/* x [blocks][inputs][16], weights [outputs][inputs], bias [outputs] -> y [blocks][outputs][16] */
static void dense_forward(int inputs, int outputs, int blocks, const float *x, const float *weights, const float *bias, float *y)
{
    for (int block = 0; block < blocks; block++)
        EACH_LANE(lane)
        for (int out = 0; out < outputs; out++) {
            float sum = bias[out];
            for (int in = 0; in < inputs; in++)
                sum = fmaf(x[at_unit(block, in, inputs, lane)], weights[(size_t)out * (size_t)inputs + (size_t)in], sum);
            y[at_unit(block, out, outputs, lane)] = sum;
        }
}

/* dy [blocks][outputs][16], weights [outputs][inputs] -> dx [blocks][inputs][16] */
static void dense_backward_data(int inputs, int outputs, int blocks, const float *dy, const float *weights, float *dx)
{
    for (int block = 0; block < blocks; block++)
        EACH_LANE(lane)
        for (int in = 0; in < inputs; in++) {
            float sum = 0;
            for (int out = 0; out < outputs; out++)
                sum = fmaf(dy[at_unit(block, out, outputs, lane)], weights[(size_t)out * (size_t)inputs + (size_t)in], sum);
            dx[at_unit(block, in, inputs, lane)] = sum;
        }
}

/* x [inputs][16] -> rows [16][pitch] */
static void transpose(int inputs, const float *x, float *rows)
{
    const size_t pitch = ln_pitch(inputs);
    for (size_t lane = 0; lane < LN_BLOCK; lane++)
        for (size_t in = 0; in < pitch; in++)
            rows[lane * pitch + in] = in < (size_t)inputs ? x[in * LN_BLOCK + lane] : 0;
}

/* rows [blocks * 16][pitch], dy [blocks][outputs][16] -> rows first..last-1 of dw [outputs][inputs] and db [outputs] */
static void dense_backward_weights(int inputs, int outputs, int first, int last, int blocks, const float *rows, const float *dy,
                                   const float *next, float *dw, float *db)
{
    (void)next;
    for (int out = first; out < last; out++) {
        for (int in = 0; in < inputs; in++) {
            float sum = 0;
            for (int block = 0; block < blocks; block++)
                EACH_LANE(lane)
                sum = fmaf(dy[at_unit(block, out, outputs, lane)],
                           rows[((size_t)block * LN_BLOCK + (size_t)lane) * ln_pitch(inputs) + (size_t)in], sum);
            dw[(size_t)out * (size_t)inputs + (size_t)in] = sum;
        }
        db[out] = 0;
        for (int block = 0; block < blocks; block++)
            db[out] += tree(dy + at_unit(block, out, outputs, 0));
    }
}

/* --------------------------------------------------------------------------------------------------------- loss */

static int first_largest(int classes, const float *logits, int lane)
{
    int best = 0;
    for (int k = 1; k < classes; k++)
        if (logits[at_unit(0, k, classes, lane)] > logits[at_unit(0, best, classes, lane)])
            best = k;
    return best;
}

/* The logarithm of the sum of one sample's exponentials. */
static double log_sum_exp(int classes, const float *logits, int lane)
{
    const double largest = (double)logits[at_unit(0, first_largest(classes, logits, lane), classes, lane)];
    double sum = 0;
    for (int k = 0; k < classes; k++)
        sum += exp((double)logits[at_unit(0, k, classes, lane)] - largest);
    return largest + log(sum);
}

/* One sample: its label, the first largest output, and of each class the logit, probability, the sum of the others' and log p. */
typedef struct sample {
    int classes, label, first;
    double logit[256], p[256], left[256], log_p[256];
} sample;

static void read_sample(int classes, const float *logits, int lane, int label, sample *s)
{
    const double all = log_sum_exp(classes, logits, lane);
    *s = (sample){.classes = classes, .label = label, .first = first_largest(classes, logits, lane)};
    for (int k = 0; k < classes; k++) {
        s->logit[k] = (double)logits[at_unit(0, k, classes, lane)];
        s->log_p[k] = s->logit[k] - all;
        s->p[k] = exp(s->log_p[k]);
    }
    for (int k = 0; k < classes; k++) {
        s->left[k] = s->p[k] - s->p[k]; /* 0, or NaN */
        for (int j = 0; j < classes; j++)
            s->left[k] += j == k ? 0 : s->p[j];
    }
}

/* By the softmax's derivatives, p_k ([j = k] - p_j); pull[k] is p_k times the derivative of the loss by p_k. */
static void gradient_of_pulls(const sample *s, const double *pull, double *gradient)
{
    for (int k = 0; k < s->classes; k++) {
        gradient[k] = pull[k] * s->left[k];
        for (int j = 0; j < s->classes; j++)
            gradient[k] -= j == k ? 0 : s->p[k] * pull[j];
    }
}

/* Of a loss that depends on the label's probability alone. */
static void gradient_of_truth(const sample *s, double pull, double *gradient)
{
    double pulls[256] = {0};
    pulls[s->label] = pull;
    gradient_of_pulls(s, pulls, gradient);
}

/* -sum_k u_k log p_k */
static double entropy_of_target(const sample *s, const double *u, double *gradient)
{
    double pull[256], loss = 0;
    for (int k = 0; k < s->classes; k++) {
        loss -= u[k] * s->log_p[k];
        pull[k] = -u[k];
    }
    gradient_of_pulls(s, pull, gradient);
    return loss;
}

#define LN_REFERENCE
#include "kernels/tmpl/losses/all.h"

/* The loss of a sample; writes its derivatives by the logits. */
static double (*const losses_by_kind[])(const ln_loss *l, const sample *s, double *gradient) = {
#define ROW(KIND, id, ...) [LN_##KIND] = id##_reference,
    LN_LOSS_LIST(ROW)
#undef ROW
};

/* logits [classes][16], label [16] -> losses [16], predicted [16], dlogits [classes][16] unless NULL */
static void loss_of_block(const ln_loss *l, int classes, const float *logits, const uint8_t *label, int count, float scale, float *dlogits,
                          float *losses, uint8_t *predicted)
{
    EACH_LANE(lane)
    {
        sample s;
        double gradient[256] = {0}, loss = 0;
        predicted[lane] = (uint8_t)first_largest(classes, logits, lane);
        if (lane < count) {
            read_sample(classes, logits, lane, label[lane], &s);
            loss = losses_by_kind[l->kind](l, &s, gradient);
        }
        losses[lane] = (float)loss;
        for (int k = 0; dlogits && k < classes; k++) {
            const float slope = (float)(gradient[k] * (double)scale);
            dlogits[at_unit(0, k, classes, lane)] = l->kind != LN_CROSS_ENTROPY && fabsf(slope) < LN_LEAST_SLOPE ? 0 : slope;
        }
    }
}

/* logits [classes][16] -> probabilities [16][classes] */
static void softmax(int classes, const float *logits, float *probabilities)
{
    EACH_LANE(lane)
    {
        const double all = log_sum_exp(classes, logits, lane);
        for (int k = 0; k < classes; k++)
            *probabilities++ = (float)exp((double)logits[at_unit(0, k, classes, lane)] - all);
    }
}

/* --------------------------------------------------------------------------------------------------- optimisers */

static void sum_parts(size_t size, int parts, size_t stride, const float *part, float *sum)
{
    for (size_t i = 0; i < size; i++) {
        float total = part[i];
        for (int k = 1; k < parts; k++)
            total += part[(size_t)k * stride + i];
        sum[i] = total;
    }
}

static void sgd(size_t size, float rate, const float *g, float *w)
{
    for (size_t i = 0; i < size; i++)
        w[i] = fmaf(-rate, g[i], w[i]);
}

static float normal_or_zero(float a) { return fabsf(a) <= 0x1p-100f ? 0 : a; }

static void momentum_step(size_t size, float rate, float momentum, const float *g, float *m, float *w)
{
    for (size_t i = 0; i < size; i++) {
        m[i] = normal_or_zero(fmaf(momentum, m[i], -(rate * g[i])));
        w[i] += m[i];
    }
}

static void adam(size_t size, float rate, float rest1, float rest2, float epsilon, const float *g, float *m, float *v, float *w)
{
    for (size_t i = 0; i < size; i++) {
        m[i] = normal_or_zero(fmaf(rest1, g[i] - m[i], m[i]));
        v[i] = fmaf(rest2, fmaf(g[i], g[i], -v[i]), v[i]);
        w[i] = fmaf(-rate, m[i] / (sqrtf(v[i]) + epsilon), w[i]);
    }
}

static void nesterov(size_t size, float rate, float momentum, const float *g, float *m, float *w)
{
    for (size_t i = 0; i < size; i++) {
        m[i] = normal_or_zero(fmaf(momentum, m[i], -(rate * g[i])));
        w[i] += fmaf(momentum, m[i], -(rate * g[i]));
    }
}

static void velocity(size_t size, float rate, float momentum, float ahead, float now, const float *g, float *m, float *w)
{
    for (size_t i = 0; i < size; i++) {
        m[i] = normal_or_zero(fmaf(momentum, m[i], g[i]));
        w[i] = fmaf(-rate, fmaf(ahead, m[i], now * g[i]), w[i]);
    }
}

static void nadam(size_t size, float rate, float rest1, float rest2, float epsilon, float ahead, float now, const float *g, float *m, float *v,
                  float *w)
{
    for (size_t i = 0; i < size; i++) {
        m[i] = normal_or_zero(fmaf(rest1, g[i] - m[i], m[i]));
        v[i] = fmaf(rest2, fmaf(g[i], g[i], -v[i]), v[i]);
        w[i] = fmaf(-rate, fmaf(ahead, m[i], now * g[i]) / (sqrtf(v[i]) + epsilon), w[i]);
    }
}

static void rmsprop(size_t size, float rate, float now, float rest, float momentum, float inside, float outside, const float *g, float *v,
                    float *m, float *w)
{
    for (size_t i = 0; i < size; i++) {
        v[i] = normal_or_zero(fmaf(rest, fmaf(g[i], g[i], -v[i]), v[i]));
        m[i] = normal_or_zero(fmaf(momentum, m[i], -(rate * (g[i] / (sqrtf(v[i] + inside) + outside)))));
        w[i] = fmaf(now, m[i], w[i]);
    }
}

static void adagrad(size_t size, float rate, float inside, float outside, const float *g, float *v, float *w)
{
    for (size_t i = 0; i < size; i++) {
        v[i] = fmaf(g[i], g[i], v[i]);
        w[i] = fmaf(-rate, g[i] / (sqrtf(v[i] + inside) + outside), w[i]);
    }
}

static void approach(size_t size, float share, const float *x, float *y)
{
    for (size_t i = 0; i < size; i++)
        y[i] = fmaf(share, x[i] - y[i], y[i]);
}

static void scale(size_t size, float factor, float *y)
{
    for (size_t i = 0; i < size; i++)
        y[i] *= factor;
}

static double sum_of_squares(size_t size, const float *x)
{
    double sum[8] = {0};
    for (size_t i = 0; i < size; i++)
        sum[i % 8] += (double)x[i] * (double)x[i];
    for (int half = 4; half; half /= 2)
        for (int i = 0; i < half; i++)
            sum[i] += sum[i + half];
    return sum[0];
}

/* ---------------------------------------------------------------------------------------------------- functions */

static void exp_all(size_t size, const float *x, float *y)
{
    for (size_t i = 0; i < size; i++)
        y[i] = (float)exp((double)x[i]);
}

static void log_all(size_t size, const float *x, float *y)
{
    for (size_t i = 0; i < size; i++)
        y[i] = (float)log((double)x[i]);
}

static void tanh_all(size_t size, const float *x, float *y)
{
    for (size_t i = 0; i < size; i++)
        y[i] = (float)tanh((double)x[i]);
}

static void erf_all(size_t size, const float *x, float *y)
{
    for (size_t i = 0; i < size; i++)
        y[i] = (float)erf((double)x[i]);
}

const ln_kernels ln_kernels_reference = {
    .isa = "reference",
    .width = LN_BLOCK,
    .gather = gather,
    .find_box = find_box,
    .pad = pad_block,
    .conv_forward = conv_forward,
    .conv_dilate = conv_dilate,
    .conv_backward_data = conv_backward_data,
    .conv_backward_weights = conv_backward_weights,
    .conv_backward_first = conv_backward_first,
    .conv_list_nonzeros = conv_list_nonzeros,
    .conv_sparse_data = conv_sparse_data,
    .conv_sparse_weights = conv_sparse_weights,
    .max_pool_forward = max_pool_forward,
    .max_pool_backward = max_pool_backward,
    .average_pool_forward = average_pool_forward,
    .average_pool_backward = average_pool_backward,
    .activation_forward = activation_forward,
    .activation_backward = activation_backward,
    .dropout_forward = dropout_forward,
    .dropout_backward = dropout_backward,
    .norm_reduce = norm_reduce,
    .norm_forward = norm_forward,
    .norm_reduce_back = norm_reduce_back,
    .norm_backward = norm_backward,
    .dense_forward = dense_forward,
    .dense_backward_data = dense_backward_data,
    .transpose = transpose,
    .dense_backward_weights = dense_backward_weights,
    .loss = loss_of_block,
    .softmax = softmax,
    .sum_parts = sum_parts,
    .sgd = sgd,
    .momentum = momentum_step,
    .nesterov = nesterov,
    .velocity = velocity,
    .adam = adam,
    .nadam = nadam,
    .rmsprop = rmsprop,
    .adagrad = adagrad,
    .approach = approach,
    .scale = scale,
    .sum_of_squares = sum_of_squares,
    .exp = exp_all,
    .log = log_all,
    .tanh = tanh_all,
    .erf = erf_all,
};
