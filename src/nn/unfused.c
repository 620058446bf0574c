/* SPDX-License-Identifier: MIT */
/*
 * unfused.c - see unfused.h. The layer kinds do the work: they get ops without fusions, whose buffers have one
 * slot.
 */
#include "nn/unfused.h"

#include "nn/op.h"
#include "util/error.h"
#include "util/memory.h"

#include <string.h>

struct ln_unfused {
    const lenet_model *model;
    ln_op *ops;      /* [layers] */
    ln_sizes *sizes; /* [layers] */
    unsigned char *memory;
};

/* A first pass with memory NULL counts bytes, a second hands out addresses. */
static ln_buffer carve(unsigned char *memory, size_t *used, size_t bytes)
{
    const size_t whole = (bytes + LN_ALIGNMENT - 1) / LN_ALIGNMENT * LN_ALIGNMENT;
    const ln_buffer buffer = {
        .base = memory && bytes ? memory + *used : NULL, .block_bytes = whole, .lifetime = LN_OF_BATCH};
    *used += whole;
    return buffer;
}

static size_t block_bytes(lenet_shape shape) { return ln_features(shape) * LN_BLOCK * sizeof(float); }

static void carve_op(ln_unfused *u, size_t index, size_t *used)
{
    ln_op *op = &u->ops[index];
    const ln_sizes *sizes = &u->sizes[index];
    op->x = index ? op[-1].y : carve(u->memory, used, block_bytes(u->model->shape));
    op->dx = index ? op[-1].dy : carve(u->memory, used, block_bytes(u->model->shape));
    op->y = carve(u->memory, used, block_bytes(op->layer->out));
    op->dy = carve(u->memory, used, block_bytes(op->layer->out));
    op->padded = carve(u->memory, used, sizes->padded);
    op->argmax = carve(u->memory, used, sizes->argmax);
    op->dilated = carve(u->memory, used, sizes->dilated);
    op->scratch = carve(u->memory, used, sizes->scratch);
    op->rows = carve(u->memory, used, sizes->rows);
    op->norm = (float *)(void *)carve(u->memory, used, sizes->norm).base;
}

static size_t carve_all(ln_unfused *u)
{
    size_t used = 0;
    for (size_t i = 0; i < u->model->layer_count; i++)
        carve_op(u, i, &used);
    return used;
}

static void list_op(ln_unfused *u, size_t index, const ln_kernels *kernels)
{
    const ln_layer *layer = &u->model->layers[index];
    ln_op *op = &u->ops[index];
    float *weights = u->model->weights;
    *op = (ln_op){.index = (int)index +
                           1, /* no op is the first: all have a gradient of their input, and pad it themselves */
                  .layer = layer,
                  .kernels = kernels,
                  .features = ln_features(layer->out)};
    if (layer->kind->prefix) {
        op->weights = weights + layer->weight;
        op->bias = weights + layer->bias;
    }
    if (layer->kind->batch) {
        op->running_mean = weights + layer->running_mean;
        op->running_variance = weights + layer->running_variance;
    }
    layer->kind->size(op, &u->sizes[index]);
}

lenet_status ln_unfused_open(ln_unfused **out, const lenet_model *model, const ln_kernels *kernels, lenet_error *error)
{
    ln_unfused *u = ln_alloc(1, sizeof *u);
    if (!u)
        return ln_fail_memory(error, "the layers of a model", sizeof *u);
    *u = (ln_unfused){.model = model,
                      .ops = ln_alloc(model->layer_count, sizeof *u->ops),
                      .sizes = ln_alloc(model->layer_count, sizeof *u->sizes)};
    size_t bytes = model->layer_count * sizeof *u->ops;
    if (u->ops && u->sizes) {
        for (size_t i = 0; i < model->layer_count; i++)
            list_op(u, i, kernels);
        bytes = carve_all(u);
        u->memory = ln_alloc(bytes, 1);
    }
    if (!u->memory) {
        ln_unfused_close(&u);
        return ln_fail_memory(error, "the layers of a model", bytes);
    }
    carve_all(u);
    *out = u;
    return LENET_OK;
}

void ln_unfused_close(ln_unfused **handle)
{
    ln_unfused *u = *handle;
    *handle = NULL;
    if (!u)
        return;
    ln_free(u->memory);
    ln_free(u->sizes);
    ln_free(u->ops);
    ln_free(u);
}

static float *floats_of(ln_buffer buffer) { return (float *)(void *)buffer.base; }

float *ln_unfused_values(const ln_unfused *u, size_t place)
{
    return floats_of(place ? u->ops[place - 1].y : u->ops[0].x);
}
float *ln_unfused_gradient(const ln_unfused *u, size_t place)
{
    return floats_of(place ? u->ops[place - 1].dy : u->ops[0].dx);
}

size_t ln_unfused_features(const ln_unfused *u, size_t place)
{
    return ln_features(place ? u->model->layers[place - 1].out : u->model->shape);
}

/* No training step, so that dropout passes everything on. */
static const ln_work one_block = {.blocks = 1, .images = LN_BLOCK};

void ln_unfused_forward(ln_unfused *u, size_t to)
{
    for (const ln_op *op = u->ops; op < u->ops + to; op++) {
        if (op->layer->kind->batch)
            op->layer->kind->batch->load_running(op);
        op->layer->kind->forward(op, &one_block);
    }
}

/*
 * A batch normalisation's backward takes the means of two gradients from a training step's finalise_back; here
 * they stay 0, for running statistics do not depend on the images.
 */
void ln_unfused_backward(ln_unfused *u, size_t from, size_t to)
{
    for (size_t i = from; i > to; i--) {
        const ln_op *op = &u->ops[i - 1];
        if (op->layer->kind == &ln_dropout_kind)
            memcpy(floats_of(op->dx), floats_of(op->dy), block_bytes(op->layer->in));
        else
            op->layer->kind->backward(op, &one_block);
    }
}
