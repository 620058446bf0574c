/* SPDX-License-Identifier: MIT */
/*
 * arena.c - all memory of a plan, in one allocation, in the order of use. Buffers that live only from forward to
 * backward belong to a worker and are used again for its next blocks, so that they stay in its cache; those that phase
 * 2 reads belong to the batch.
 */
#include "nn/plan.h"

#include "util/error.h"
#include "util/memory.h"

/* A first pass with memory NULL counts bytes, a second hands out addresses. */
typedef struct carver {
    unsigned char *memory;
    size_t used;
} carver;

static void *carve(carver *c, size_t bytes)
{
    unsigned char *at = c->memory ? c->memory + c->used : NULL;
    c->used += (bytes + LN_ALIGNMENT - 1) / LN_ALIGNMENT * LN_ALIGNMENT;
    return at;
}

static size_t slots_of(const ln_plan *plan, ln_lifetime lifetime)
{
    const size_t workers = (size_t)plan->workers, chunks = workers * LN_CHUNK;
    if (lifetime == LN_OF_CALL)
        return workers;
    if (lifetime != LN_OF_BATCH)
        return chunks;
    return plan->has_barriers && chunks > plan->blocks ? chunks : plan->blocks;
}

static ln_buffer carve_buffer(const ln_plan *plan, carver *c, size_t block_bytes, ln_lifetime lifetime)
{
    if (lifetime == LN_OF_CHUNK && plan->has_barriers)
        lifetime = LN_OF_BATCH;
    ln_buffer buffer = {.block_bytes = (block_bytes + LN_ALIGNMENT - 1) / LN_ALIGNMENT * LN_ALIGNMENT,
                        .lifetime = lifetime};
    if (block_bytes)
        buffer.base = carve(c, slots_of(plan, lifetime) * buffer.block_bytes);
    return buffer;
}

/* It works in the buffers of the op before, unless that needs its own output in its backward pass too. */
static int is_in_place(const ln_plan *plan, const ln_op *op)
{
    return ln_is_monotone(op->layer) && (op == plan->ops || !ln_is_monotone(op[-1].layer));
}

/* x and dx are the output of the op before and its gradient. */
static void carve_activations(const ln_plan *plan, carver *c, ln_op *op, ln_buffer x, ln_buffer dx)
{
    const size_t bytes = op->features * LN_BLOCK * sizeof(float);
    op->x = x, op->dx = dx;
    if (is_in_place(plan, op)) {
        op->y = x, op->dy = dx;
        return;
    }
    op->y = carve_buffer(plan, c, bytes, LN_OF_CHUNK);
    op->dy =
        carve_buffer(plan, c, plan->train ? bytes : 0, plan->sizes[op->index].dy_of_batch ? LN_OF_BATCH : LN_OF_CHUNK);
}

static void point_to_tensors(const ln_plan *plan, ln_op *op)
{
    const ln_layer *layer = op->layer;
    float *weights = plan->model->weights;
    if (layer->kind->prefix) {
        op->weights = weights + layer->weight;
        op->bias = weights + layer->bias;
        op->dweights = plan->gradient ? plan->gradient + layer->weight : NULL;
        op->dbias = plan->gradient ? plan->gradient + layer->bias : NULL;
        op->is_shared = plan->workers > 1;
    }
    if (layer->kind->batch) {
        op->running_mean = weights + layer->running_mean;
        op->running_variance = weights + layer->running_variance;
    }
}

static void carve_op(const ln_plan *plan, carver *c, ln_op *op)
{
    const ln_sizes *sizes = &plan->sizes[op->index];
    op->padded = carve_buffer(plan, c, sizes->padded, LN_OF_CHUNK);
    op->argmax = carve_buffer(plan, c, sizes->argmax, LN_OF_CHUNK);
    op->kept = carve_buffer(plan, c, sizes->kept, LN_OF_CHUNK);
    if (plan->train) {
        op->dilated = carve_buffer(plan, c, sizes->dilated, LN_OF_PASS);
        op->rows = carve_buffer(plan, c, sizes->rows, LN_OF_BATCH);
        op->parts = carve_buffer(plan, c, sizes->parts, LN_OF_BATCH);
    }
    if (sizes->norm)
        op->norm = carve(c, sizes->norm);
}

static void carve_input(ln_plan *plan, carver *c)
{
    const lenet_shape shape = plan->model->shape;
    const ln_sizes *first = &plan->sizes[0];
    const size_t rows = (size_t)(shape.height + 2 * first->input_pad),
                 columns = (size_t)(shape.width + 2 * first->input_pad);
    plan->input =
        carve_buffer(plan, c, (size_t)shape.channels * rows * columns * LN_BLOCK * sizeof(float), LN_OF_CHUNK);
    plan->box = carve_buffer(plan, c, first->box, LN_OF_CHUNK);
}

static void carve_plan(ln_plan *plan, carver *c)
{
    carve_input(plan, c);
    plan->gradient = plan->train ? carve(c, plan->model->weight_count * sizeof(float)) : NULL;
    plan->losses = carve(c, plan->blocks * LN_BLOCK * sizeof(float));
    plan->predicted = carve(c, plan->blocks * LN_BLOCK);

    size_t scratch = 0;
    for (ln_op *op = plan->ops; op < plan->ops + plan->op_count; op++) {
        const int is_first = op == plan->ops;
        carve_activations(plan, c, op, is_first ? plan->input : op[-1].y, is_first ? (ln_buffer){0} : op[-1].dy);
        op->box = is_first ? plan->box : (ln_buffer){0};
        carve_op(plan, c, op);
        point_to_tensors(plan, op);
        scratch = plan->sizes[op->index].scratch > scratch ? plan->sizes[op->index].scratch : scratch;
    }
    const ln_buffer shared =
        carve_buffer(plan, c, plan->train ? scratch : 0, LN_OF_CALL); /* a worker is in one op at a time */
    for (ln_op *op = plan->ops; op < plan->ops + plan->op_count; op++)
        op->scratch = shared;
}

lenet_status ln_plan_allocate(ln_plan *plan, lenet_error *error)
{
    carver c = {NULL, 0};
    carve_plan(plan, &c);
    c = (carver){ln_alloc(c.used, 1), 0};
    if (!c.memory)
        return ln_fail_memory(error, "the buffers of a batch", c.used);
    plan->memory = c.memory;
    carve_plan(plan, &c);
    return LENET_OK;
}

void ln_plan_close(ln_plan *plan)
{
    ln_free(plan->memory);
    ln_free(plan->ops);
    ln_free(plan->sizes);
    *plan = (ln_plan){0};
}
