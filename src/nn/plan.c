/* SPDX-License-Identifier: MIT */
/* plan.c - see plan.h: first the making of a plan, then the running of it. */
#include "nn/plan.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

/* The parts that the last chunk of a worker leaves: formed at the end of a pass, by whoever has nothing else to do. */
typedef struct leftover {
    _Alignas(LN_ALIGNMENT) atomic_int ready; /* count and work are set, and the worker has no other chunk */
    atomic_int next;                         /* the part to be formed next; those from `count` on are none */
    int count;
    ln_work work;
    int tail_is_done; /* the worker has nothing to do any more for its units of the plan's tail; for itself alone */
} leftover;

struct ln_plan {
    const lenet_model *model;
    const ln_kernels *kernels;
    ln_threads *threads;
    ln_loss loss;
    ln_place place;
    ln_change change; /* apply NULL: none */
    int train;
    int is_cut;    /* an op needs the whole batch in the middle of a pass */
    int tail;      /* the first of the last ops, which leave no parts: their units can be updated before a pass is over; in a cut plan none */
    size_t blocks; /* of the largest batch */
    int op_count;
    ln_op *ops;
    ln_profile *profiles; /* one for each worker while someone measures */
    ln_deal *deals;       /* [workers]: blocks */
    leftover *leftovers;  /* [workers] */
    int input_pad;        /* zeros around the images, for a first convolution with padding */
    ln_buffer input, box; /* box: what of the input is not 0, for a first convolution */
    float *gradient; /* [model->weight_count]; NULL if it only evaluates */
    float *losses;   /* [blocks * LN_BLOCK] */
    uint8_t *predicted;
    unsigned char *memory; /* all buffers and the arrays of numbers live in it */
    _Alignas(LN_ALIGNMENT) atomic_int passed; /* so many blocks of the step have gone back through the tail */
};

/* ------------------------------------------------------------------------------------------------------ making */

/* Its derivative is a function of its output: all but the gelus, which are not monotone either. */
static int is_monotone(const ln_layer *layer) { return ln_is_activation(layer) && !layer->kind->needs_input; }

/* In the buffers of the op before, unless that needs its output too. */
static int is_in_place(const ln_plan *plan, const ln_op *op)
{
    return is_monotone(op->layer) && (op == plan->ops || !is_monotone(op[-1].layer));
}

static int is_pool2(const ln_layer *layer)
{
    return layer->kind == &ln_maxpool_kind && layer->kernel_height == 2 && layer->kernel_width == 2 && layer->stride == 2;
}

/*
 * Lists the ops. A 2x2 max-pooling behind a convolution is taken into it; an activation between the two is applied
 * after the pooling, to a quarter of the values: with a monotone function the maximum is the same.
 */
static void append_op(ln_plan *plan, const ln_layer *layer)
{
    plan->ops[plan->op_count] = (ln_op){.index = plan->op_count, .layer = layer};
    plan->is_cut |= plan->train && layer->kind->batch;
    plan->op_count++;
}

static void list_ops(ln_plan *plan)
{
    const ln_layer *layer = plan->model->layers, *end = layer + plan->model->layer_count;
    for (; layer < end; layer++) {
        append_op(plan, layer);
        ln_op *op = &plan->ops[plan->op_count - 1];
        if (layer->kind != &ln_conv_kind)
            continue;
        if (layer + 1 < end && is_pool2(layer + 1)) {
            op->conv.pool = 1;
            layer++;
        } else if (layer + 2 < end && is_monotone(layer + 1) && is_pool2(layer + 2)) {
            op->conv.pool = 1;
            op->conv.relu = layer[1].kind == &ln_relu_kind;
            if (!op->conv.relu)
                append_op(plan, layer + 1);
            layer += 2;
        }
    }
}

static int forms_parts(const ln_op *op) { return op->layer->kind->form_part != NULL; }

static int find_tail(const ln_plan *plan)
{
    int tail = plan->op_count;
    while (!plan->is_cut && tail && !forms_parts(&plan->ops[tail - 1]))
        tail--;
    return tail;
}

static size_t features_after(const ln_op *op, size_t before)
{
    if (ln_is_activation(op->layer))
        return before;
    if (op->conv.pool)
        return (size_t)op->layer->out.channels * (size_t)(op->layer->out.height / 2) *
               (size_t)(op->layer->out.width / 2);
    return ln_features(op->layer->out);
}

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

static ln_buffer carve_buffer(const ln_plan *plan, carver *c, size_t block_bytes, ln_lifetime lifetime)
{
    if (lifetime == LN_OF_CHUNK && plan->is_cut)
        lifetime = LN_OF_BATCH;
    const size_t workers = (size_t)ln_threads_workers(plan->threads), own = workers * LN_CHUNK;
    const size_t of_batch = plan->is_cut && own > plan->blocks ? own : plan->blocks;
    const size_t places = lifetime == LN_OF_CALL ? workers : lifetime == LN_OF_BATCH ? of_batch : own;
    ln_buffer buffer = {.block_bytes = (block_bytes + LN_ALIGNMENT - 1) / LN_ALIGNMENT * LN_ALIGNMENT,
                        .lifetime = lifetime};
    if (block_bytes)
        buffer.base = carve(c, places * buffer.block_bytes);
    return buffer;
}

static void carve_op(const ln_plan *plan, carver *c, ln_op *op, const ln_sizes *sizes)
{
    const ln_layer *layer = op->layer;
    op->choice = carve_buffer(plan, c, sizes->choice, LN_OF_CHUNK);
    if (plan->train) {
        op->spread = carve_buffer(plan, c, sizes->spread, LN_OF_PASS);
        op->rows = carve_buffer(plan, c, sizes->rows, LN_OF_BATCH);
        op->parts = carve_buffer(plan, c, sizes->parts, LN_OF_BATCH);
    }
    if (layer->kind->prefix) {
        op->weights = plan->model->weights + layer->weight;
        op->bias = plan->model->weights + layer->bias;
        op->dweights = plan->gradient ? plan->gradient + layer->weight : NULL;
        op->dbias = plan->gradient ? plan->gradient + layer->bias : NULL;
        op->is_shared = ln_threads_workers(plan->threads) > 1;
    }
    if (layer->kind->batch) {
        op->running_mean = plan->model->weights + layer->running_mean;
        op->running_variance = plan->model->weights + layer->running_variance;
        op->norm = carve(c, sizes->norm);
    }
}

/* All memory of the plan, in the order of use. */
static void carve_plan(ln_plan *plan, carver *c)
{
    const lenet_model *model = plan->model;
    const ln_layer *first = &model->layers[0];
    plan->input_pad = first->kind == &ln_conv_kind ? first->pad : 0;
    const size_t rows = (size_t)(model->shape.height + 2 * plan->input_pad),
                 columns = (size_t)(model->shape.width + 2 * plan->input_pad);
    plan->input = carve_buffer(plan, c, (size_t)model->shape.channels * rows * columns * LN_BLOCK * sizeof(float), LN_OF_CHUNK);
    plan->box = carve_buffer(plan, c, first->kind == &ln_conv_kind ? sizeof(ln_box) : 0, LN_OF_CHUNK);
    plan->gradient = plan->train ? carve(c, model->weight_count * sizeof(float)) : NULL;
    plan->losses = carve(c, plan->blocks * LN_BLOCK * sizeof(float));
    plan->predicted = carve(c, plan->blocks * LN_BLOCK);

    ln_buffer x = plan->input, dx = {0};
    size_t features = ln_features(model->shape), scratch = 0;
    for (ln_op *op = plan->ops; op < plan->ops + plan->op_count; op++) {
        ln_sizes sizes = {0};
        op->kernels = plan->kernels;
        op->layer->kind->size(op, &sizes);
        op->features = features = features_after(op, features);
        op->x = x, op->dx = dx;
        op->box = op == plan->ops ? plan->box : (ln_buffer){0};
        if (is_in_place(plan, op)) {
            op->y = x, op->dy = dx;
        } else {
            op->y = carve_buffer(plan, c, features * LN_BLOCK * sizeof(float), LN_OF_CHUNK);
            op->dy = carve_buffer(plan, c, plan->train ? features * LN_BLOCK * sizeof(float) : 0, sizes.dy_of_batch ? LN_OF_BATCH : LN_OF_CHUNK);
        }
        if (op > plan->ops) /* the first convolution's input is padded by gather */
            op->padded = carve_buffer(plan, c, sizes.padded, LN_OF_CHUNK);
        carve_op(plan, c, op, &sizes);
        scratch = sizes.scratch > scratch ? sizes.scratch : scratch;
        x = op->y, dx = op->dy;
    }
    const ln_buffer of_all = carve_buffer(plan, c, plan->train ? scratch : 0, LN_OF_CALL); /* one op at a time has it */
    for (ln_op *op = plan->ops; op < plan->ops + plan->op_count; op++)
        op->scratch = of_all;
}

lenet_status ln_plan_open(ln_plan **out, const lenet_model *model, const ln_kernels *kernels, ln_threads *threads,
                          size_t batch, int train, lenet_error *error)
{
    const size_t workers = (size_t)ln_threads_workers(threads);
    ln_plan *plan = ln_alloc(1, sizeof *plan);
    ln_op *ops = ln_alloc(model->layer_count, sizeof *ops);
    ln_deal *deals = ln_alloc(workers, sizeof *deals);
    leftover *leftovers = ln_alloc(workers, sizeof *leftovers);
    if (!plan || !ops || !deals || !leftovers) {
        ln_free(plan);
        ln_free(ops);
        ln_free(deals);
        ln_free(leftovers);
        return ln_fail_memory(error, "a plan", model->layer_count * sizeof *ops);
    }
    *plan = (ln_plan){.model = model, .kernels = kernels, .threads = threads, .train = train, .ops = ops, .deals = deals, .leftovers = leftovers};
    plan->blocks = (batch + LN_BLOCK - 1) / LN_BLOCK;
    list_ops(plan);
    plan->tail = find_tail(plan);
    carver c = {NULL, 0};
    carve_plan(plan, &c);
    c = (carver){ln_alloc(c.used, 1), 0};
    if (!c.memory) {
        ln_plan_close(&plan);
        return ln_fail_memory(error, "the buffers of a batch", c.used);
    }
    plan->memory = c.memory;
    carve_plan(plan, &c);
    *out = plan;
    return LENET_OK;
}

void ln_plan_close(ln_plan **handle)
{
    ln_plan *plan = *handle;
    *handle = NULL;
    if (!plan)
        return;
    ln_free(plan->memory);
    ln_free(plan->ops);
    ln_free(plan->deals);
    ln_free(plan->leftovers);
    ln_free(plan);
}

void ln_plan_set_change(ln_plan *plan, const ln_change *change) { plan->change = *change; }

void ln_plan_set_loss(ln_plan *plan, const ln_loss *loss) { plan->loss = *loss; }
void ln_plan_set_place(ln_plan *plan, const ln_place *place) { plan->place = *place; }

const float *ln_plan_losses(const ln_plan *plan) { return plan->losses; }
const uint8_t *ln_plan_predicted(const ln_plan *plan) { return plan->predicted; }
float *ln_plan_gradient(const ln_plan *plan) { return plan->gradient; }

/* ----------------------------------------------------------------------------------------------------- running */

/* What the workers of a pass are told. */
typedef struct task {
    ln_plan *plan;
    const ln_batch *batch;
    const ln_update *update;
    int forms, applies; /* what of an update is done now */
    const ln_watch *watch; /* of an evaluation; NULL: nobody watches */
    int from, to;          /* phase 1: the ops of this pass, forward from `from` to to - 1, */
    int up_to, down_to;    /* and backward from up_to - 1 to down_to */
    float *losses, *probabilities;
    uint8_t *predicted;
} task;

static size_t blocks_of(const ln_batch *batch) { return (batch->count + LN_BLOCK - 1) / LN_BLOCK; }

/* How many images block `block` has, at most 16, and which. */
static int images_of(const ln_batch *batch, size_t block, uint32_t index[LN_BLOCK])
{
    const size_t first = block * LN_BLOCK, left = batch->count - first;
    const int count = left < LN_BLOCK ? (int)left : LN_BLOCK;
    for (int i = 0; i < count; i++)
        index[i] = batch->index ? batch->index[first + (size_t)i] : (uint32_t)(first + (size_t)i);
    return count;
}

/* `block` counts from the batch's start; its place in the buffers is the i-th of `work`; change NULL: images are as they are. */
static void gather_block(const ln_work *work, const ln_batch *batch, const ln_change *change, size_t block, int i)
{
    static const uint32_t in_order[LN_BLOCK] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const ln_plan *plan = work->plan;
    const lenet_shape shape = plan->model->shape;
    float *x = ln_at_block(work, &plan->input, i);
    ln_box *box = ln_at_block(work, &plan->box, i);
    uint32_t index[LN_BLOCK];
    const int count = images_of(batch, block, index), changes = change && change->apply;
    const uint8_t *images = changes ? change->apply(change->context, work->worker, batch->images, index, block * LN_BLOCK, count) : batch->images;
    plan->kernels->gather(shape.channels, shape.height, shape.width, plan->input_pad, images, changes ? in_order : index, count,
                          plan->model->scale, plan->model->offset, x);
    if (box)
        plan->kernels->find_box(shape.channels, shape.height + 2 * plan->input_pad, shape.width + 2 * plan->input_pad, x, box);
}

static void forward(const ln_work *work, int from, int to)
{
    const ln_plan *plan = work->plan;
    for (const ln_op *op = plan->ops + from; op < plan->ops + to; op++) {
        op->layer->kind->forward(op, work);
        ln_mark_op(work, op, LN_STAGE_FORWARD);
    }
}

/* The same, for someone who wants to see each output while it is there. */
static void forward_watched(const ln_work *work, const task *t, size_t block)
{
    const ln_plan *plan = work->plan;
    uint32_t index[LN_BLOCK];
    for (const ln_op *op = plan->ops; op < plan->ops + plan->op_count; op++) {
        op->layer->kind->forward(op, work);
        for (int i = 0; i < work->blocks; i++)
            t->watch->see(t->watch->context, work->worker, op, ln_at_block(work, &op->y, i), images_of(t->batch, block + (size_t)i, index));
    }
}

/* Ops from - 1 to `to`. */
static void backward(const ln_work *work, int from, int to)
{
    for (const ln_op *op = work->plan->ops + from - 1; op >= work->plan->ops + to; op--) {
        op->layer->kind->backward(op, work);
        ln_mark_op(work, op, LN_STAGE_DATA);
    }
}

/* The same, and what comes before the next one's. */
static void backward_to_cut(const ln_work *work, int from, int to)
{
    const ln_plan *plan = work->plan;
    backward(work, from, to);
    if (to) {
        const ln_op *next = plan->ops + to - 1;
        next->layer->kind->batch->survey_back(next, work);
        ln_mark_op(work, next, LN_STAGE_SPREAD);
    }
}

/* Loss, prediction and, in training, the logits' gradient of block `block`, the i-th of `work`. */
static void lose(const ln_work *work, const task *t, size_t block, int i, float scale)
{
    const ln_plan *plan = work->plan;
    const ln_op *last = &plan->ops[plan->op_count - 1];
    uint32_t index[LN_BLOCK];
    uint8_t label[LN_BLOCK] = {0}, predicted[LN_BLOCK];
    float loss[LN_BLOCK];
    const int count = images_of(t->batch, block, index);
    for (int k = 0; k < count; k++)
        label[k] = t->batch->labels[index[k]];
    plan->kernels->loss(&plan->loss, plan->model->classes, ln_at_block(work, &last->y, i), label, count, scale,
                        scale > 0 ? ln_at_block(work, &last->dy, i) : NULL, loss, predicted);
    memcpy(t->losses + block * LN_BLOCK, loss, (size_t)count * sizeof *loss);
    memcpy(t->predicted + block * LN_BLOCK, predicted, (size_t)count);
}

static ln_profile *profile_of(const task *t, int worker)
{
    return t->plan->profiles ? &t->plan->profiles[worker] : NULL;
}

static int all_finite(const float *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(numbers[i]))
            return 0;
    return 1;
}

/* Units first .. last - 1 of a layer: their weights and their biases. */
static void update_part(const task *t, const ln_layer *layer, ln_update_part *part, size_t first, size_t last)
{
    int rank;
    const size_t row = ln_unit_weights(layer, &rank);
    part(t->update->context, layer->weight + first * row, (last - first) * row, rank > 1 ? row : 0);
    part(t->update->context, layer->bias + first, last - first, 0);
}

/* What forming and applying one unit's gradient costs, about, in vectors of multiply-adds; a convolution's is formed already, but for its parts. */
static size_t work_of_unit(const ln_plan *plan, const ln_op *op)
{
    enum { UPDATE = 4 };
    return (ln_unit_weights(op->layer, NULL) + 1) * (UPDATE + (forms_parts(op) ? 0 : plan->blocks));
}

static size_t units_of(const ln_op *op) { return op->layer->kind->prefix ? (size_t)op->layer->units : 0; }

/* How many of `units`, each of them so much work, begin before `place` if the first begins at `begin`. */
static size_t units_before(size_t place, size_t begin, size_t work, size_t units)
{
    const size_t before = place <= begin ? 0 : (place - begin + work - 1) / work;
    return before < units ? before : units;
}

/*
 * A worker's share of the work of some layers, which is some units of few of them. Were it a share of every layer, more lines of the caches would
 * have two owners, and more cores would ask for the inputs of small layers, which costs more than their gradient.
 */
static void update_units(const task *t, int worker, int from_op, int to_op)
{
    const ln_plan *plan = t->plan;
    const ln_work work = {.plan = plan, .worker = worker, .owner = worker, .profile = profile_of(t, worker)};
    const ln_op *const end = plan->ops + to_op;
    size_t total = 0, begin = 0, from, to;
    for (const ln_op *op = plan->ops + from_op; op < end; op++)
        if (units_of(op))
            total += units_of(op) * work_of_unit(plan, op);
    ln_share(total, worker, ln_threads_workers(plan->threads), &from, &to);
    ln_mark(&work, LN_STAGE_WAIT);
    for (const ln_op *op = plan->ops + from_op; op < end; op++) {
        if (!units_of(op))
            continue;
        const ln_layer *layer = op->layer;
        const size_t units = units_of(op), each = work_of_unit(plan, op);
        const size_t first = units_before(from, begin, each, units), last = units_before(to, begin, each, units);
        begin += units * each;
        if (first == last)
            continue;
        if (t->forms)
            layer->kind->gradient(op, (int)first, (int)last, (int)blocks_of(t->batch));
        ln_mark_op(&work, op, LN_STAGE_WEIGHTS);
        if (t->update && t->forms && t->update->prepare)
            update_part(t, layer, t->update->prepare, first, last);
        if (t->update && t->applies)
            update_part(t, layer, t->update->apply, first, last);
        ln_mark_op(&work, op, LN_STAGE_UPDATE);
    }
}

/* What a worker does with a chunk of blocks in a pass of phase 1. */
typedef void chunk_pass(const task *t, const ln_work *work);

/* How many parts a block leaves in this pass. */
static int parts_of_block(const task *t)
{
    int count = 0;
    for (int i = t->down_to; i < t->up_to; i++)
        count += forms_parts(&t->plan->ops[i]);
    return count;
}

/* The `part`-th of a chunk: ops ascending, and of each its blocks. */
static void form_part(const task *t, const ln_work *work, int part)
{
    const ln_op *op = t->plan->ops + t->down_to;
    for (; !forms_parts(op) || part >= work->blocks; op++)
        part -= forms_parts(op) * work->blocks;
    op->layer->kind->form_part(op, work, part);
    ln_mark_op(work, op, LN_STAGE_WEIGHTS);
}

/* Updates the worker's units of the tail, unless a loss is not finite, if nobody needs their weights any more: once all blocks have passed. */
static void update_tail(const task *t, int worker)
{
    ln_plan *plan = t->plan;
    leftover *own = &plan->leftovers[worker];
    if (own->tail_is_done || (size_t)atomic_load(&plan->passed) < blocks_of(t->batch))
        return;
    own->tail_is_done = 1;
    if (all_finite(plan->losses, t->batch->count))
        update_units(t, worker, plan->tail, plan->op_count);
}

/* Who is done with its chunks: it has formed the leftovers of `done` workers, one's after another's, its own first. */
typedef struct helper {
    const task *t;
    int worker, done;
} helper;

/* Its own units, which nobody else does, once they can be done; and parts, until those of a worker are not ready. Returns whether that is all. */
static int finish_pass(void *argument)
{
    helper *h = argument;
    ln_plan *plan = h->t->plan;
    const int workers = ln_threads_workers(plan->threads);
    update_tail(h->t, h->worker);
    for (; h->done < workers; h->done++) {
        leftover *of = &plan->leftovers[(h->worker + h->done) % workers];
        if (!atomic_load(&of->ready))
            return 0;
        ln_work work = of->work;
        work.worker = h->worker;
        work.profile = profile_of(h->t, h->worker);
        ln_mark(&work, LN_STAGE_WAIT);
        for (int part; (part = atomic_fetch_add(&of->next, 1)) < of->count; update_tail(h->t, h->worker))
            form_part(h->t, &work, part);
    }
    return plan->leftovers[h->worker].tail_is_done;
}

static void walk_chunks(const task *t, int worker, chunk_pass *pass)
{
    ln_plan *plan = t->plan;
    const int workers = ln_threads_workers(plan->threads), each = parts_of_block(t);
    leftover *own = &plan->leftovers[worker];
    ln_work work = {plan, worker, worker, 0, 0, profile_of(t, worker), &plan->place, t->batch->count};
    size_t first, blocks;
    ln_mark(&work, LN_STAGE_WAIT);
    while ((blocks = ln_deal_take(plan->deals, worker, workers, LN_CHUNK, &first))) {
        for (int part = 0; part < each * work.blocks; part++) /* the next chunk needs the buffers of the last */
            form_part(t, &work, part);
        work.first = (int)first;
        work.blocks = (int)blocks;
        pass(t, &work);
    }
    if (!each && own->tail_is_done)
        return;
    own->work = work;
    own->count = each * work.blocks;
    atomic_store(&own->ready, 1);
    ln_threads_spin(plan->threads, finish_pass, &(helper){t, worker, 0});
}

/* Forward from `from` to `to`; there are the loss and the way back, or the next op that needs all blocks. */
static void pass_forward(const task *t, const ln_work *work)
{
    for (int i = 0; !t->from && i < work->blocks; i++)
        gather_block(work, t->batch, &t->plan->change, (size_t)(work->first + i), i);
    ln_mark(work, LN_STAGE_GATHER);
    forward(work, t->from, t->to);
    if (t->to < t->plan->op_count) {
        const ln_op *next = t->plan->ops + t->to;
        next->layer->kind->batch->survey(next, work);
        ln_mark_op(work, next, LN_STAGE_SPREAD);
        return;
    }
    for (int i = 0; i < work->blocks; i++)
        lose(work, t, (size_t)(work->first + i), i, 1.0f / (float)t->batch->count);
    ln_mark(work, LN_STAGE_LOSS);
    backward(work, t->up_to, t->plan->tail);
    atomic_fetch_add(&t->plan->passed, work->blocks);
    backward_to_cut(work, t->plan->tail, t->down_to);
}

static void pass_backward(const task *t, const ln_work *work) { backward_to_cut(work, t->up_to, t->down_to); }

static void walk_forward_pass(void *argument, int worker) { walk_chunks(argument, worker, pass_forward); }
static void walk_backward_pass(void *argument, int worker) { walk_chunks(argument, worker, pass_backward); }

/* The first op from `from` on that needs all blocks, or the end; the last before `from` of which that is true, counted from 1, or 0. */
static int next_cut(const ln_plan *plan, int from)
{
    while (from < plan->op_count && !plan->ops[from].layer->kind->batch)
        from++;
    return from;
}

static int cut_before(const ln_plan *plan, int from)
{
    while (from && !plan->ops[from - 1].layer->kind->batch)
        from--;
    return from;
}

/* Lets the workers do a pass. */
static void run_pass(task *t, void (*walk)(void *argument, int worker))
{
    ln_plan *plan = t->plan;
    const int workers = ln_threads_workers(plan->threads);
    ln_deal_out(plan->deals, blocks_of(t->batch), workers);
    atomic_store_explicit(&plan->passed, 0, memory_order_relaxed); /* the run makes it seen */
    for (int worker = 0; worker < workers; worker++) {
        plan->leftovers[worker].tail_is_done = plan->tail == plan->op_count;
        atomic_store_explicit(&plan->leftovers[worker].ready, 0, memory_order_relaxed);
        atomic_store_explicit(&plan->leftovers[worker].next, 0, memory_order_relaxed);
    }
    ln_threads_run(plan->threads, walk, t);
}

/* Phase 1 of a step: one pass, and two more for each op that needs all blocks. */
static void walk_batch(task *t)
{
    const ln_plan *plan = t->plan;
    const int end = plan->op_count, last_cut = cut_before(plan, end);
    for (t->to = next_cut(plan, 0);; t->from = t->to, t->to = next_cut(plan, t->to + 1)) {
        t->up_to = t->down_to = last_cut;
        if (t->to == end)
            t->up_to = end;
        run_pass(t, walk_forward_pass);
        if (t->to == end)
            break;
        plan->ops[t->to].layer->kind->batch->conclude(&plan->ops[t->to], t->batch->count);
    }
    while (t->down_to) {
        t->up_to = t->down_to;
        plan->ops[t->up_to - 1].layer->kind->batch->conclude_back(&plan->ops[t->up_to - 1], t->batch->count);
        t->down_to = cut_before(plan, t->up_to - 1);
        run_pass(t, walk_backward_pass);
    }
}

/* Phase 2 of a step: what of all layers' units is not done yet. */
static void walk_units(void *argument, int worker)
{
    const task *t = argument;
    const ln_plan *plan = t->plan;
    if (!t->forms || !plan->leftovers[worker].tail_is_done)
        update_units(t, worker, plan->tail, plan->op_count);
    update_units(t, worker, 0, plan->tail);
}

int ln_plan_step(ln_plan *plan, const ln_batch *batch, const ln_update *update)
{
    const int in_two = update && update->whole;
    task t = {.plan = plan, .batch = batch, .update = update, .forms = 1, .applies = !in_two, .losses = plan->losses, .predicted = plan->predicted};
    walk_batch(&t);
    if (!all_finite(plan->losses, batch->count))
        return 0;
    ln_threads_run(plan->threads, walk_units, &t);
    if (in_two) {
        update->whole(update->context);
        t.forms = 0;
        t.applies = 1;
        ln_threads_run(plan->threads, walk_units, &t);
    }
    for (const ln_op *op = plan->ops; update && op < plan->ops + plan->op_count; op++)
        if (op->layer->kind->batch)
            op->layer->kind->batch->remember(op);
    return 1;
}

/* Forward only, in places that a worker has of every buffer, since there may be more blocks here than in a batch. */
static void walk_forward(void *argument, int worker)
{
    const task *t = argument;
    const size_t row = (size_t)t->plan->model->classes;
    size_t block, blocks;
    while ((blocks = ln_deal_take(t->plan->deals, worker, ln_threads_workers(t->plan->threads), LN_CHUNK, &block))) {
        const ln_work work = {.plan = t->plan, .worker = worker, .owner = worker, .first = worker * LN_CHUNK, .blocks = (int)blocks};
        for (int i = 0; i < work.blocks; i++)
            gather_block(&work, t->batch, NULL, block + (size_t)i, i);
        if (t->watch)
            forward_watched(&work, t, block);
        else
            forward(&work, 0, t->plan->op_count);
        for (int i = 0; i < work.blocks; i++) {
            if (t->losses) {
                lose(&work, t, block + (size_t)i, i, 0);
                continue;
            }
            float rows[LN_BLOCK * LENET_MAX_CLASSES];
            uint32_t index[LN_BLOCK];
            const size_t count = (size_t)images_of(t->batch, block + (size_t)i, index);
            t->plan->kernels->softmax((int)row, ln_at_block(&work, &t->plan->ops[t->plan->op_count - 1].y, i), rows);
            memcpy(t->probabilities + (block + (size_t)i) * LN_BLOCK * row, rows, count * row * sizeof *rows);
        }
    }
}

/* Numbers of the whole batch are, when it is no training, those that were remembered. */
static void evaluate(task *t)
{
    for (const ln_op *op = t->plan->ops; op < t->plan->ops + t->plan->op_count; op++)
        if (op->layer->kind->batch)
            op->layer->kind->batch->recall(op);
    run_pass(t, walk_forward);
}

void ln_plan_evaluate(ln_plan *plan, const ln_batch *batch, float *losses, uint8_t *predicted)
{
    task t = {.plan = plan, .batch = batch, .losses = losses, .predicted = predicted};
    evaluate(&t);
}

void ln_plan_watch(ln_plan *plan, const ln_batch *batch, const ln_watch *watch, float *losses, uint8_t *predicted)
{
    task t = {.plan = plan, .batch = batch, .watch = watch, .losses = losses, .predicted = predicted};
    evaluate(&t);
}

void ln_plan_predict(ln_plan *plan, const ln_batch *batch, float *probabilities)
{
    task t = {.plan = plan, .batch = batch, .probabilities = probabilities};
    evaluate(&t);
}

/* ---------------------------------------------------------------------------------------------------- measuring */

const ln_op *ln_plan_ops(const ln_plan *plan, int *count)
{
    *count = plan->op_count;
    return plan->ops;
}

void ln_plan_measure(ln_plan *plan, ln_profile *profiles) { plan->profiles = profiles; }

void ln_profile_mark(ln_profile *profile, size_t slot)
{
    const double now = ln_seconds();
    profile->seconds[slot] += now - profile->last;
    profile->last = now;
}

/* ------------------------------------------------------------------------------------------------------ blaming */

/* Weights and biases that stand one behind the other in the arena. */
static int weights_finite(const ln_op *op)
{
    const ln_layer *layer = op->layer;
    return !layer->kind->prefix || all_finite(op->weights, layer->bias - layer->weight + (size_t)layer->units);
}

const char *ln_plan_blame(ln_plan *plan, const ln_batch *batch, char name[32])
{
    const ln_work work = {.plan = plan, .blocks = 1};
    gather_block(&work, batch, NULL, 0, 0);
    for (const ln_op *op = plan->ops; op < plan->ops + plan->op_count; op++) {
        op->layer->kind->forward(op, &work);
        if (!weights_finite(op) || !all_finite(ln_at(&work, &op->y), op->y.block_bytes / sizeof(float)))
            return ln_layer_name(op->layer, name);
    }
    return NULL;
}
