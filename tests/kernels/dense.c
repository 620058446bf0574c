/* SPDX-License-Identifier: MIT */
/* dense.c - tests of the dense layers' kernels: 1 to 150 units, 1 to 5 blocks, any range of rows of the weight gradient. */
#include "kernels/check.h"

#define DENSE_SHAPES {"fc1 400-120 4 blocks", "fc2 120-84 4 blocks", "fc3 84-10 4 blocks", "fc1 400-120 1 block"}
static const struct {
    int inputs, outputs, blocks;
} lenet_dense[] = {{400, 120, 4}, {120, 84, 4}, {84, 10, 4}, {400, 120, 1}};

typedef struct dense {
    size_t inputs, outputs, blocks;
    int i, o, b; /* the same as the kernels take them */
} dense;

static dense draw_dense(trial *t)
{
    int i = trial_between(t, 1, 150), o = trial_between(t, 1, trial_between(t, 0, 1) ? 150 : 20), b = trial_between(t, 1, 5);
    if (t->shape >= 0) {
        i = lenet_dense[t->shape].inputs;
        o = lenet_dense[t->shape].outputs;
        b = lenet_dense[t->shape].blocks;
    }
    trial_describe(t, "%d inputs, %d outputs, %d blocks", i, o, b);
    return (dense){.inputs = (size_t)i, .outputs = (size_t)o, .blocks = (size_t)b, .i = i, .o = o, .b = b};
}

static double operations(const dense *d)
{
    return 2.0 * LN_BLOCK * (double)d->blocks * (double)d->inputs * (double)d->outputs;
}

static void dense_forward(trial *t)
{
    const dense d = draw_dense(t);
    const float *x = trial_lanes(t, "x", INPUT, d.blocks, d.inputs);
    const float *weights = trial_floats(t, "weights", INPUT, d.outputs * d.inputs);
    const float *bias = trial_floats(t, "bias", INPUT, d.outputs);
    float *y = trial_lanes(t, "y", OUTPUT, d.blocks, d.outputs);
    TRIAL_RUN(t, operations(&d), t->kernels->dense_forward(d.i, d.o, d.b, x, weights, bias, y));
}

static void dense_backward_data(trial *t)
{
    const dense d = draw_dense(t);
    const float *dy = trial_lanes(t, "dy", INPUT, d.blocks, d.outputs);
    const float *weights = trial_floats(t, "weights", INPUT, d.outputs * d.inputs);
    float *dx = trial_lanes(t, "dx", OUTPUT, d.blocks, d.inputs);
    TRIAL_RUN(t, operations(&d), t->kernels->dense_backward_data(d.i, d.o, d.b, dy, weights, dx));
}

static void transpose(trial *t)
{
    const dense d = draw_dense(t);
    const float *x = trial_lanes(t, "x", INPUT, 1, d.inputs);
    float *rows = trial_floats(t, "rows", OUTPUT, LN_BLOCK * ln_pitch(d.i));
    TRIAL_RUN(t, 0, t->kernels->transpose(d.i, x, rows));
}

static void dense_backward_weights(trial *t)
{
    const dense d = draw_dense(t);
    const int first = t->shape >= 0 ? 0 : trial_between(t, 0, d.o - 1);
    const int last = t->shape >= 0 ? d.o : trial_between(t, first, d.o); /* may be first: no row at all */
    const size_t pitch = ln_pitch(d.i);
    float *rows = trial_floats(t, "rows", INPUT, d.blocks * LN_BLOCK * pitch);
    for (size_t k = 0; k < d.blocks * LN_BLOCK * pitch; k++)
        rows[k] = k % pitch < d.inputs ? rows[k] : 0;
    const float *dy = trial_lanes(t, "dy", INPUT, d.blocks, d.outputs);
    const float *next = t->shape < 0 && trial_between(t, 0, 1) ? trial_floats(t, "next", INPUT, d.outputs * d.inputs) : NULL;
    float *dw = trial_floats(t, "dw", CHANGED, d.outputs * d.inputs);
    float *db = trial_floats(t, "db", CHANGED, d.outputs);
    trial_describe(t, "%d inputs, %d outputs, rows %d to before %d, %d blocks", d.i, d.o, first, last, d.b);
    TRIAL_RUN(t, operations(&d), t->kernels->dense_backward_weights(d.i, d.o, first, last, d.b, rows, dy, next, dw, db));
}

const entry dense_entries[] = {
    {"dense_forward", dense_forward, DENSE_SHAPES},
    {"dense_backward_data", dense_backward_data, DENSE_SHAPES},
    {"transpose", transpose, {"fc1 400", "fc2 120", "fc3 84"}},
    {"dense_backward_weights", dense_backward_weights, DENSE_SHAPES},
    {NULL, NULL, {NULL}},
};
