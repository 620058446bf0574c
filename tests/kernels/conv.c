/* SPDX-License-Identifier: MIT */
/* conv.c - tests of the convolution's kernels: any channels, kernel, stride and padding, with and without pooling and ReLU. */
#include "kernels/check.h"

#include <string.h>

/* LeNet-5's, in the order of CONV_SHAPES. */
#define CONV_SHAPES {"conv1 1x28x28 pad 2", "conv1 3x32x32", "conv2 6x14x14"}
static const ln_conv lenet_conv[] = {
    {1, 28, 28, 6, 28, 28, 5, 5, 1, 2, 1, 1},
    {3, 32, 32, 6, 28, 28, 5, 5, 1, 0, 1, 1},
    {6, 14, 14, 16, 10, 10, 5, 5, 1, 0, 1, 1},
};

/* The least output that still leaves room for an input of 1. */
static int draw_output(trial *t, int kernel, int stride, int pad, int pool, int *input)
{
    const int output = trial_between(t, pool ? 2 : 1, trial_between(t, 0, 3) ? 5 : 11);
    *input = (output - 1) * stride + kernel - 2 * pad + trial_between(t, 0, stride - 1); /* the last ones no window reaches */
    return *input > 0 ? output : draw_output(t, kernel, stride, pad, pool, input);
}

static ln_conv draw_conv(trial *t)
{
    ln_conv c = {.in_channels = trial_between(t, 1, trial_between(t, 0, 1) ? 20 : 6)};
    if (t->shape >= 0) {
        c = lenet_conv[t->shape];
    } else {
        c.out_channels = trial_between(t, 1, trial_between(t, 0, 1) ? 20 : 6);
        c.kernel_height = trial_between(t, 1, 7);
        c.kernel_width = trial_between(t, 1, 7);
        const int least = c.kernel_height < c.kernel_width ? c.kernel_height : c.kernel_width;
        c.pad = trial_between(t, 0, least > 2 ? 2 : least - 1);
        c.stride = trial_between(t, 1, 3);
        c.pool = trial_between(t, 0, 1);
        c.relu = c.pool && trial_between(t, 0, 1);
        c.out_height = draw_output(t, c.kernel_height, c.stride, c.pad, c.pool, &c.in_height);
        c.out_width = draw_output(t, c.kernel_width, c.stride, c.pad, c.pool, &c.in_width);
    }
    trial_describe(t, "%dx%dx%d by %d@%dx%d stride %d pad %d to %dx%d%s%s", c.in_channels, c.in_height, c.in_width, c.out_channels,
                   c.kernel_height, c.kernel_width, c.stride, c.pad, c.out_height, c.out_width, c.pool ? " pool" : "",
                   c.relu ? " relu" : "");
    return c;
}

/* ---------------------------------------------------------------------------------------------------------- sizes */

static size_t padded_size(const ln_conv *c)
{
    return (size_t)c->in_channels * (size_t)(c->in_height + 2 * c->pad) * (size_t)(c->in_width + 2 * c->pad);
}

static size_t input_size(const ln_conv *c) { return (size_t)c->in_channels * (size_t)c->in_height * (size_t)c->in_width; }

static size_t output_size(const ln_conv *c)
{
    const int part = c->pool ? 2 : 1;
    return (size_t)c->out_channels * (size_t)(c->out_height / part) * (size_t)(c->out_width / part);
}

static size_t dilated_size(const ln_conv *c)
{
    return (size_t)c->out_channels * (size_t)ln_dilated_rows(c) * (size_t)ln_dilated_columns(c);
}

static size_t weight_size(const ln_conv *c)
{
    return (size_t)c->in_channels * (size_t)c->out_channels * (size_t)c->kernel_height * (size_t)c->kernel_width;
}

/* Floating-point operations of one block. */
static double operations(const ln_conv *c)
{
    return 2.0 * LN_BLOCK * (double)weight_size(c) * (double)c->out_height * (double)c->out_width;
}

/*
 * Leaves in a dilated gradient what stands where an output has its place, and zeros elsewhere; with `pooled`, a last odd row or column that
 * pooling drops counts as elsewhere.
 */
static void clear_between(const ln_conv *c, float *dilated, int pooled)
{
    const int height = pooled ? c->out_height / 2 * 2 : c->out_height, width = pooled ? c->out_width / 2 * 2 : c->out_width;
    for (int out = 0; out < c->out_channels; out++)
        for (int row = 0; row < ln_dilated_rows(c); row++)
            for (int column = 0; column < ln_dilated_columns(c); column++, dilated += LN_BLOCK)
                if (row % c->stride || column % c->stride || row / c->stride >= height || column / c->stride >= width)
                    memset(dilated, 0, LN_BLOCK * sizeof *dilated);
}

/* Sometimes blackens a border of x, and says what is left; NULL: nobody says anything. */
static const ln_box *draw_box(trial *t, const ln_conv *c, float *x, ln_box *box)
{
    const int rows = c->in_height + 2 * c->pad, columns = c->in_width + 2 * c->pad;
    if (!trial_between(t, 0, 2) || t->shape >= 0)
        return NULL;
    box->top = trial_between(t, 0, rows), box->bottom = trial_between(t, box->top, rows);
    box->left = trial_between(t, 0, columns), box->right = trial_between(t, box->left, columns);
    for (int i = 0; i < c->in_channels * rows * columns * LN_BLOCK; i++) {
        const int row = i / LN_BLOCK / columns % rows, column = i / LN_BLOCK % columns;
        if (row < box->top || row >= box->bottom || column < box->left || column >= box->right)
            x[i] = 0;
    }
    return box;
}

/* ---------------------------------------------------------------------------------------------------------- tests */

static void conv_forward(trial *t)
{
    const ln_conv c = draw_conv(t);
    float *x = trial_lanes(t, "x", INPUT, 1, padded_size(&c));
    ln_box seen;
    const ln_box *box = draw_box(t, &c, x, &seen);
    const float *weights = trial_floats(t, "weights", INPUT, weight_size(&c));
    const float *bias = trial_floats(t, "bias", INPUT, (size_t)c.out_channels);
    float *y = trial_lanes(t, "y", OUTPUT, 1, output_size(&c));
    uint8_t *argmax = c.pool ? trial_lane_bytes(t, "argmax", OUTPUT, output_size(&c)) : NULL;
    TRIAL_RUN(t, operations(&c), t->kernels->conv_forward(&c, x, box, weights, bias, y, argmax));
}

/* What conv_forward may have left: with ReLU half of the windows are cut off. */
static const uint8_t *draw_argmax(trial *t, const ln_conv *c)
{
    uint8_t *argmax = c->pool ? trial_lane_bytes(t, "argmax", INPUT, output_size(c)) : NULL;
    for (size_t i = 0; c->pool && i < output_size(c) * LN_BLOCK; i++)
        argmax[i] = c->relu && argmax[i] & 4 ? LN_CUT_OFF : argmax[i] & 3;
    return argmax;
}

/* What an earlier step left in the places of outputs must be overwritten, also with zeros. */
static void conv_dilate(trial *t)
{
    const ln_conv c = draw_conv(t);
    const float *dy = trial_lanes(t, "dy", INPUT, 1, output_size(&c));
    const uint8_t *argmax = draw_argmax(t, &c);
    float *dilated = trial_lanes(t, "dilated", CHANGED, 1, dilated_size(&c));
    clear_between(&c, dilated, c.pool);
    TRIAL_RUN(t, 0, t->kernels->conv_dilate(&c, dy, argmax, dilated));
}

static void conv_backward_data(trial *t)
{
    const ln_conv c = draw_conv(t);
    float *dilated = trial_lanes(t, "dilated", INPUT, 1, dilated_size(&c));
    clear_between(&c, dilated, c.pool);
    const float *weights = trial_floats(t, "weights", INPUT, weight_size(&c));
    float *dx = trial_lanes(t, "dx", OUTPUT, 1, input_size(&c));
    TRIAL_RUN(t, operations(&c), t->kernels->conv_backward_data(&c, dilated, weights, dx));
}

static void conv_backward_weights(trial *t)
{
    const ln_conv c = draw_conv(t);
    const float *x = trial_lanes(t, "x", INPUT, 1, padded_size(&c));
    float *dilated = trial_lanes(t, "dilated", INPUT, 1, dilated_size(&c));
    clear_between(&c, dilated, c.pool);
    float *dw = trial_floats(t, "dw", OUTPUT, weight_size(&c));
    float *db = trial_floats(t, "db", OUTPUT, (size_t)c.out_channels);
    TRIAL_RUN(t, operations(&c), t->kernels->conv_backward_weights(&c, x, dilated, dw, db));
}

static void conv_backward_first(trial *t)
{
    const ln_conv c = draw_conv(t);
    float *x = trial_lanes(t, "x", INPUT, 1, padded_size(&c));
    ln_box seen;
    const ln_box *box = draw_box(t, &c, x, &seen);
    const float *dy = trial_lanes(t, "dy", INPUT, 1, output_size(&c));
    const uint8_t *argmax = draw_argmax(t, &c);
    float *scratch = trial_lanes(t, "scratch", SCRATCH, 1, ln_strip_features(&c));
    float *dw = trial_floats(t, "dw", OUTPUT, weight_size(&c));
    float *db = trial_floats(t, "db", OUTPUT, (size_t)c.out_channels);
    TRIAL_RUN(t, operations(&c), t->kernels->conv_backward_first(&c, x, box, dy, argmax, scratch, dw, db));
}

/* ------------------------------------------------------------------------------------------------------- nonzeros */

/* Half of the kernels are 3x3, 5x5 or 7x7, for which there are functions of their own. */
static ln_conv draw_pooled(trial *t)
{
    const int common = trial_between(t, 0, 1);
    ln_conv c = draw_conv(t);
    while (!c.pool || (common && (c.kernel_height != c.kernel_width || c.kernel_height % 2 == 0 || c.kernel_height == 1)))
        c = draw_conv(t);
    return c;
}

static ln_nonzeros trial_nonzeros(trial *t, const ln_conv *c, buffer_role role)
{
    const size_t places = LN_BLOCK * (size_t)ln_max_nonzeros(c);
    return (ln_nonzeros){.first = (int32_t *)trial_words(t, "first", role, LN_BLOCK * ((size_t)c->out_channels + 1)),
                       .d = trial_floats(t, "d", role, places),
                       .at = (int32_t *)trial_words(t, "at", role, places)};
}

/* What may stand behind the lists is nobody's business: the comparison shall find 0 there. */
static void clear_behind(const ln_conv *c, const ln_nonzeros *nonzeros)
{
    for (int sample = 0; sample < LN_BLOCK; sample++)
        for (ptrdiff_t i = nonzeros->first[sample * (c->out_channels + 1) + c->out_channels]; i < ln_max_nonzeros(c); i++) {
            const ptrdiff_t place = sample * ln_max_nonzeros(c) + i;
            nonzeros->d[place] = 0;
            nonzeros->at[place] = 0;
        }
}

/* A sample's nonzeros: in each row of windows some have one in their upper row, then some others one in their lower. */
static void draw_list(trial *t, const ln_conv *c, const ln_nonzeros *nonzeros, int sample)
{
    const ptrdiff_t list = sample * ln_max_nonzeros(c);
    const int width = c->in_width + 2 * c->pad, columns = c->out_width / 2;
    int32_t *first = nonzeros->first + sample * (c->out_channels + 1), count = 0;
    for (int channel = 0; channel < c->out_channels; channel++) {
        first[channel] = count;
        for (int window = 0; window < c->out_height / 2 * columns; window += columns) {
            const uint64_t lower = trial_bits(t), some = trial_bits(t), right = trial_bits(t);
            for (int half = 0; half < 2; half++)
                for (int column = 0; column < columns; column++)
                    if ((some >> column & 1) && (int)(lower >> column & 1) == half)
                        nonzeros->at[list + count++] = ((window / columns * 2 + half) * width + 2 * column + (int)(right >> column & 1)) * c->stride;
        }
    }
    first[c->out_channels] = count;
}

static ln_nonzeros draw_nonzeros(trial *t, const ln_conv *c)
{
    const ln_nonzeros nonzeros = trial_nonzeros(t, c, INPUT);
    for (int sample = 0; sample < LN_BLOCK; sample++)
        draw_list(t, c, &nonzeros, sample);
    return nonzeros;
}

static void conv_list_nonzeros(trial *t)
{
    const ln_conv c = draw_pooled(t);
    const float *dy = trial_lanes(t, "dy", INPUT, 1, output_size(&c));
    const uint8_t *argmax = draw_argmax(t, &c);
    float *scratch = trial_floats(t, "scratch", SCRATCH, ln_sparse_floats(&c));
    const ln_nonzeros nonzeros = trial_nonzeros(t, &c, OUTPUT);
    TRIAL_RUN(t, 0, (t->kernels->conv_list_nonzeros(&c, dy, argmax, scratch, &nonzeros), clear_behind(&c, &nonzeros)));
}

static void conv_sparse_data(trial *t)
{
    const ln_conv c = draw_pooled(t);
    const ln_nonzeros nonzeros = draw_nonzeros(t, &c);
    const float *weights = trial_floats(t, "weights", INPUT, weight_size(&c));
    float *scratch = trial_floats(t, "scratch", SCRATCH, ln_sparse_floats(&c));
    float *dx = trial_lanes(t, "dx", OUTPUT, 1, input_size(&c));
    TRIAL_RUN(t, operations(&c), t->kernels->conv_sparse_data(&c, &nonzeros, weights, scratch, dx));
}

static void conv_sparse_weights(trial *t)
{
    const ln_conv c = draw_pooled(t);
    const ln_nonzeros nonzeros = draw_nonzeros(t, &c);
    const float *x = trial_lanes(t, "x", INPUT, 1, padded_size(&c));
    float *scratch = trial_floats(t, "scratch", SCRATCH, ln_sparse_floats(&c));
    float *dw = trial_floats(t, "dw", OUTPUT, weight_size(&c));
    float *db = trial_floats(t, "db", OUTPUT, (size_t)c.out_channels);
    TRIAL_RUN(t, operations(&c), t->kernels->conv_sparse_weights(&c, x, &nonzeros, scratch, dw, db));
}

const entry conv_entries[] = {
    {"conv_forward", conv_forward, CONV_SHAPES},
    {"conv_dilate", conv_dilate, CONV_SHAPES},
    {"conv_backward_data", conv_backward_data, CONV_SHAPES},
    {"conv_backward_weights", conv_backward_weights, CONV_SHAPES},
    {"conv_backward_first", conv_backward_first, CONV_SHAPES},
    {"conv_list_nonzeros", conv_list_nonzeros, CONV_SHAPES},
    {"conv_sparse_data", conv_sparse_data, CONV_SHAPES},
    {"conv_sparse_weights", conv_sparse_weights, CONV_SHAPES},
    {NULL, NULL, {NULL}},
};
