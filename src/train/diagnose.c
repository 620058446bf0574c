/* SPDX-License-Identifier: MIT */
/*
 * diagnose.c - see diagnose.h. A unit is an output channel of a convolution or a unit of a dense layer.
 * Workers mark the units that they saw alive, each in its own array; a unit is alive if it is for one of
 * them.
 */
#include "train/diagnose.h"

#include "util/error.h"
#include "util/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A layer with tensors. */
typedef struct row {
    const ln_layer *layer;
    size_t units, weights; /* numbers of its weight tensor */
    size_t mark;           /* where its units begin among the marks */
} row;

struct ln_diagnosis {
    const lenet_model *model;
    int workers;
    size_t row_count, marks;
    row *rows;
    int *row_of_op; /* [ops]: the row whose activation the op's output is; -1: none */
    uint8_t *alive; /* [workers][marks] */
    lenet_layer_diagnosis *layers;
    lenet_diagnosis figures;
};

static void list_rows(ln_diagnosis *d, const ln_op *ops, int op_count)
{
    for (const ln_op *op = ops; op < ops + op_count; op++) {
        int *owner = &d->row_of_op[op->index];
        *owner = -1;
        if (op->layer->kind->prefix) {
            const row *before = d->row_count ? &d->rows[d->row_count - 1] : NULL;
            row *r = &d->rows[d->row_count++];
            const size_t units = (size_t)op->layer->units;
            *r = (row){op->layer, units, units * ln_unit_weights(op->layer, NULL),
                       before ? before->mark + before->units : 0};
            d->marks = r->mark + r->units;
            d->layers[d->row_count - 1].units = r->units;
            ln_layer_name(op->layer, d->layers[d->row_count - 1].name);
        }
        lenet_layer_diagnosis *last = d->row_count ? &d->layers[d->row_count - 1] : NULL;
        const int activates = ln_is_activation(op->layer) || (op->conv.pool && op->conv.relu);
        if (last && activates && !last->has_activation && op->features % last->units == 0) {
            last->has_activation = 1;
            *owner = (int)d->row_count - 1;
        }
    }
}

static void count_labels(lenet_diagnosis *figures, const ln_batch *batch)
{
    size_t count[LENET_MAX_CLASSES] = {0};
    for (size_t i = 0; i < batch->count; i++)
        count[batch->labels[batch->index ? batch->index[i] : i]]++;
    for (int k = 0; k < LENET_MAX_CLASSES; k++)
        if (count[k] > count[figures->largest_class])
            figures->largest_class = k;
    figures->count = batch->count;
    figures->largest_class_share = (double)count[figures->largest_class] / (double)batch->count;
}

lenet_status ln_diagnosis_open(ln_diagnosis **out, const ln_executor *executor, const lenet_model *model, int workers,
                               const ln_batch *batch, lenet_error *error)
{
    int op_count = 0;
    const ln_op *ops = ln_executor_ops(executor, &op_count);
    ln_diagnosis *d = ln_alloc(1, sizeof *d);
    if (!d)
        return ln_fail_memory(error, "the diagnosis", sizeof *d);
    *d = (ln_diagnosis){.model = model, .workers = workers};
    d->rows = ln_alloc((size_t)op_count, sizeof *d->rows);
    d->row_of_op = ln_alloc((size_t)op_count, sizeof *d->row_of_op);
    d->layers = ln_alloc((size_t)op_count, sizeof *d->layers);
    if (d->rows && d->row_of_op && d->layers) {
        memset(d->layers, 0, (size_t)op_count * sizeof *d->layers);
        list_rows(d, ops, op_count);
        d->alive = ln_alloc((size_t)workers * d->marks, 1);
    }
    if (!d->alive) {
        ln_diagnosis_close(&d);
        return ln_fail_memory(error, "the diagnosis", (size_t)op_count * sizeof *d->layers);
    }
    d->figures = (lenet_diagnosis){.layer_count = d->row_count, .layers = d->layers};
    count_labels(&d->figures, batch);
    *out = d;
    return LENET_OK;
}

void ln_diagnosis_close(ln_diagnosis **handle)
{
    ln_diagnosis *d = *handle;
    *handle = NULL;
    if (!d)
        return;
    ln_free(d->alive);
    ln_free(d->layers);
    ln_free(d->row_of_op);
    ln_free(d->rows);
    ln_free(d);
}

/*
 * Is one of `size` features on for one of `lanes` samples: above 0, or of an activation that has no off side
 * not 0? x is [size][width].
 */
static int is_on(const float *x, size_t size, int width, int lanes, int has_off_side)
{
    for (size_t i = 0; i < size; i++)
        for (int k = 0; k < lanes; k++) {
            const float y = x[i * (size_t)width + (size_t)k];
            if (y > 0 || (!has_off_side && y != 0))
                return 1;
        }
    return 0;
}

/* Tanh and sigmoid saturate on both sides; all others are rectifiers. */
static int has_off_side(const ln_op *op)
{
    return !ln_is_activation(op->layer) ||
           (op->layer->kind->activation != LN_TANH && op->layer->kind->activation != LN_SIGMOID);
}

/* An ln_observer: lanes past `count` hold no image and do not count. */
static void observe(void *context, int worker, const ln_op *op, const float *y, int count)
{
    const ln_diagnosis *d = context;
    const int owner = d->row_of_op[op->index], width = op->kernels->width;
    if (owner < 0)
        return;
    const row *r = &d->rows[owner];
    const size_t plane = op->features / r->units;
    uint8_t *alive = d->alive + (size_t)worker * d->marks + r->mark;
    for (size_t u = 0; u < r->units; u++)
        for (int group = 0; group * width < count && !alive[u]; group++) {
            const int left = count - group * width;
            alive[u] = (uint8_t)is_on(y + ((size_t)group * op->features + u * plane) * (size_t)width, plane, width,
                                      left < width ? left : width, has_off_side(op));
        }
}

static size_t count_dead(const ln_diagnosis *d, const row *r)
{
    size_t dead = 0;
    for (size_t u = 0; u < r->units; u++) {
        int is_alive = 0;
        for (int worker = 0; worker < d->workers; worker++)
            is_alive |= d->alive[(size_t)worker * d->marks + r->mark + u];
        dead += !is_alive;
    }
    return dead;
}

/* In the order of memory; the square of a float is exact in double. */
static double norm(const float *x, size_t size)
{
    double sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += (double)x[i] * (double)x[i];
    return sqrt(sum);
}

static void sum_predictions(lenet_epoch *epoch, const ln_batch *batch, const float *losses, const uint8_t *predicted)
{
    uint8_t is_predicted[LENET_MAX_CLASSES] = {0};
    size_t correct = 0;
    double loss = 0, classes = 0;
    for (size_t i = 0; i < batch->count; i++) {
        loss += (double)losses[i];
        correct += predicted[i] == batch->labels[batch->index ? batch->index[i] : i];
        classes += !is_predicted[predicted[i]];
        is_predicted[predicted[i]] = 1;
    }
    epoch->values[LENET_AFTER_LOSS] = loss / (double)batch->count;
    epoch->values[LENET_AFTER_ACCURACY] = (double)correct / (double)batch->count;
    epoch->values[LENET_CLASSES_PREDICTED] = classes;
}

void ln_diagnose(ln_diagnosis *d, ln_executor *executor, const ln_batch *batch, float *losses, uint8_t *predicted,
                 lenet_epoch *epoch)
{
    const ln_observer observer = {observe, d};
    memset(d->alive, 0, (size_t)d->workers * d->marks);
    ln_executor_observe(executor, batch, &observer, losses, predicted);
    for (size_t i = 0; i < d->row_count; i++) {
        const row *r = &d->rows[i];
        d->layers[i].dead = d->layers[i].has_activation ? count_dead(d, r) : 0;
        d->layers[i].weight_norm = norm(d->model->weights + r->layer->weight, r->weights);
        d->layers[i].gradient_norm = norm(ln_executor_gradient(executor) + r->layer->weight, r->weights);
    }
    sum_predictions(epoch, batch, losses, predicted);
    epoch->diagnosis = &d->figures;
}

size_t ln_diagnosis_width(const ln_diagnosis *d) { return 3 * d->row_count; }

void ln_diagnosis_put(const lenet_diagnosis *figures, double *numbers)
{
    for (size_t i = 0; i < figures->layer_count; i++) {
        *numbers++ = (double)figures->layers[i].dead;
        *numbers++ = figures->layers[i].weight_norm;
        *numbers++ = figures->layers[i].gradient_norm;
    }
}

const lenet_diagnosis *ln_diagnosis_get(ln_diagnosis *d, const double *numbers)
{
    for (size_t i = 0; i < d->row_count; i++) {
        d->layers[i].dead = (size_t)*numbers++;
        d->layers[i].weight_norm = *numbers++;
        d->layers[i].gradient_norm = *numbers++;
    }
    return &d->figures;
}
