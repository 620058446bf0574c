/* SPDX-License-Identifier: MIT */
/* execute.c - the float32 executor: runs the ops of a plan on the workers. See executor.h for the phases of a step. */
#include "nn/executor.h"

#include "nn/plan.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/memory.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

/* The parts of a worker's last chunk: formed at the end of a pass, by any worker that has no blocks left. */
typedef struct leftover {
    _Alignas(LN_ALIGNMENT) atomic_int ready; /* count and work are set, and the worker has no more chunks */
    atomic_int next;                         /* the next part to form; none is left from `count` on */
    int count;
    ln_work work;
    int tail_is_done; /* the worker has updated its units of the tail; only this worker reads it */
} leftover;

struct ln_executor {
    ln_plan plan;
    ln_threads *threads;
    ln_loss loss;
    ln_step_id step;
    ln_transform transform;                   /* apply NULL: none */
    ln_profile *profiles;                     /* [workers]; NULL: no measurement */
    ln_queue *queues;                         /* [workers]: blocks */
    leftover *leftovers;                      /* [workers] */
    _Alignas(LN_ALIGNMENT) atomic_int passed; /* blocks of the step that have passed the tail backward */
};

/* One call of the executor, as its workers see it. */
typedef struct task {
    ln_executor *executor;
    const ln_batch *batch;
    const ln_update *update;
    int forms, applies;          /* what of an update phase 2 does now */
    const ln_observer *observer; /* of an evaluation; may be NULL */
    int from, to;                /* phase 1: the ops of this pass, forward from `from` to to - 1, */
    int up_to, down_to;          /* and backward from up_to - 1 to down_to */
    float *losses, *probabilities;
    uint8_t *predicted;
} task;

/* ---------------------------------------------------------------------------------------------- opening and closing */

lenet_status ln_executor_open(ln_executor **out, const lenet_model *model, const ln_kernels *kernels,
                              ln_threads *threads, size_t batch, int train, lenet_error *error)
{
    const size_t workers = (size_t)ln_threads_workers(threads);
    ln_executor *e = *out = ln_alloc(1, sizeof *e);
    if (!e)
        return ln_fail_memory(error, "an executor", sizeof *e);
    *e = (ln_executor){.threads = threads,
                       .plan = {.model = model, .kernels = kernels, .workers = (int)workers, .train = train},
                       .queues = ln_alloc(workers, sizeof *e->queues),
                       .leftovers = ln_alloc(workers, sizeof *e->leftovers)};
    e->plan.blocks = (batch + LN_BLOCK - 1) / LN_BLOCK;
    lenet_status status =
        e->queues && e->leftovers ? LENET_OK : ln_fail_memory(error, "an executor", workers * sizeof *e->leftovers);
    if (!status)
        status = ln_plan_compile(&e->plan, error);
    if (!status)
        status = ln_plan_allocate(&e->plan, error);
    if (status)
        ln_executor_close(out);
    return status;
}

void ln_executor_close(ln_executor **handle)
{
    ln_executor *e = *handle;
    *handle = NULL;
    if (!e)
        return;
    ln_plan_close(&e->plan);
    ln_free(e->queues);
    ln_free(e->leftovers);
    ln_free(e);
}

void ln_executor_set_loss(ln_executor *e, const ln_loss *loss) { e->loss = *loss; }
void ln_executor_set_step(ln_executor *e, const ln_step_id *step) { e->step = *step; }
void ln_executor_set_transform(ln_executor *e, const ln_transform *transform) { e->transform = *transform; }
void ln_executor_set_profiles(ln_executor *e, ln_profile *profiles) { e->profiles = profiles; }

const float *ln_executor_losses(const ln_executor *e) { return e->plan.losses; }
const uint8_t *ln_executor_predicted(const ln_executor *e) { return e->plan.predicted; }
float *ln_executor_gradient(const ln_executor *e) { return e->plan.gradient; }

const ln_op *ln_executor_ops(const ln_executor *e, int *count)
{
    *count = e->plan.op_count;
    return e->plan.ops;
}

void ln_profile_mark(ln_profile *profile, size_t slot)
{
    const double now = ln_seconds();
    profile->seconds[slot] += now - profile->last;
    profile->last = now;
}

static ln_profile *profile_of(const task *t, int worker)
{
    return t->executor->profiles ? &t->executor->profiles[worker] : NULL;
}

/* ------------------------------------------------------------------------------------------------ blocks of images */

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

/*
 * `block` counts from the start of the batch; its slot in the buffers is the i-th of `work`. transform NULL: images as
 * they are.
 */
static void gather_block(const ln_plan *plan, const ln_work *work, const ln_batch *batch, const ln_transform *transform,
                         size_t block, int i)
{
    static const uint32_t in_order[LN_BLOCK] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const lenet_shape shape = plan->model->shape;
    const int pad = plan->sizes[0].input_pad;
    float *x = ln_at_block(work, &plan->input, i);
    ln_box *box = ln_at_block(work, &plan->box, i);
    uint32_t index[LN_BLOCK];
    const int count = images_of(batch, block, index), changes = transform && transform->apply;
    const uint8_t *images =
        changes ? transform->apply(transform->context, work->worker, batch->images, index, block * LN_BLOCK, count)
                : batch->images;
    plan->kernels->gather(shape.channels, shape.height, shape.width, pad, images, changes ? in_order : index, count,
                          plan->model->scale, plan->model->offset, x);
    if (box)
        plan->kernels->find_box(shape.channels, shape.height + 2 * pad, shape.width + 2 * pad, x, box);
}

static void forward(const ln_plan *plan, const ln_work *work, int from, int to)
{
    for (const ln_op *op = plan->ops + from; op < plan->ops + to; op++) {
        op->layer->kind->forward(op, work);
        ln_mark_op(work, op, LN_STAGE_FORWARD);
    }
}

/* All ops forward; the observer gets each output before the next op may overwrite it. */
static void forward_observed(const task *t, const ln_work *work, size_t block)
{
    const ln_plan *plan = &t->executor->plan;
    const ln_observer *observer = t->observer;
    uint32_t index[LN_BLOCK];
    for (const ln_op *op = plan->ops; op < plan->ops + plan->op_count; op++) {
        op->layer->kind->forward(op, work);
        for (int i = 0; i < work->blocks; i++)
            observer->observe(observer->context, work->worker, op, ln_at_block(work, &op->y, i),
                              images_of(t->batch, block + (size_t)i, index));
    }
}

/* Ops from - 1 to `to`. */
static void backward(const ln_plan *plan, const ln_work *work, int from, int to)
{
    for (const ln_op *op = plan->ops + from - 1; op >= plan->ops + to; op--) {
        op->layer->kind->backward(op, work);
        ln_mark_op(work, op, LN_STAGE_DATA);
    }
}

/* The same, and the reduction before the barrier, if there is one. */
static void backward_to_barrier(const ln_plan *plan, const ln_work *work, int from, int to)
{
    backward(plan, work, from, to);
    if (to) {
        const ln_op *next = plan->ops + to - 1;
        next->layer->kind->batch->reduce_back(next, work);
        ln_mark_op(work, next, LN_STAGE_PREPARE);
    }
}

/* Loss, prediction and, in training, the logits' gradient of block `block`, the i-th of `work`. */
static void compute_loss(const task *t, const ln_work *work, size_t block, int i, float scale)
{
    const ln_executor *e = t->executor;
    const ln_op *last = &e->plan.ops[e->plan.op_count - 1];
    uint32_t index[LN_BLOCK];
    uint8_t label[LN_BLOCK] = {0}, predicted[LN_BLOCK];
    float loss[LN_BLOCK];
    const int count = images_of(t->batch, block, index);
    for (int k = 0; k < count; k++)
        label[k] = t->batch->labels[index[k]];
    e->plan.kernels->loss(&e->loss, e->plan.model->classes, ln_at_block(work, &last->y, i), label, count, scale,
                          scale > 0 ? ln_at_block(work, &last->dy, i) : NULL, loss, predicted);
    memcpy(t->losses + block * LN_BLOCK, loss, (size_t)count * sizeof *loss);
    memcpy(t->predicted + block * LN_BLOCK, predicted, (size_t)count);
}

static int all_finite(const float *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(numbers[i]))
            return 0;
    return 1;
}

/* ------------------------------------------------------------------------------------------------ updates of units */

/* Units first .. last - 1 of a layer: their weights and their biases. */
static void update_part(const task *t, const ln_layer *layer, ln_update_part *part, size_t first, size_t last)
{
    int rank;
    const size_t row = ln_unit_weights(layer, &rank);
    part(t->update->context, layer->weight + first * row, (last - first) * row, rank > 1 ? row : 0);
    part(t->update->context, layer->bias + first, last - first, 0);
}

/* Forms and applies the gradient of units first .. last - 1, as far as the task says. */
static void update_op(const task *t, const ln_work *work, const ln_op *op, size_t first, size_t last)
{
    if (t->forms)
        op->layer->kind->gradient(op, (int)first, (int)last, (int)blocks_of(t->batch));
    ln_mark_op(work, op, LN_STAGE_WEIGHTS);
    if (t->update && t->forms && t->update->prepare)
        update_part(t, op->layer, t->update->prepare, first, last);
    if (t->update && t->applies)
        update_part(t, op->layer, t->update->apply, first, last);
    ln_mark_op(work, op, LN_STAGE_UPDATE);
}

static size_t units_of(const ln_op *op) { return op->layer->kind->prefix ? (size_t)op->layer->units : 0; }

/*
 * The cost of one unit's gradient and update, about, in vectors of multiply-adds. A convolution's gradient is formed
 * but for the sum of parts.
 */
static size_t cost_of_unit(const ln_plan *plan, const ln_op *op)
{
    enum { UPDATE = 4 };
    return (ln_unit_weights(op->layer, NULL) + 1) * (UPDATE + (ln_forms_parts(op) ? 0 : plan->blocks));
}

/* How many of `units`, each of this cost, begin before `place` if the first begins at `begin`. */
static size_t units_before(size_t place, size_t begin, size_t cost, size_t units)
{
    const size_t before = place <= begin ? 0 : (place - begin + cost - 1) / cost;
    return before < units ? before : units;
}

/*
 * A worker's share of the units of some ops: consecutive units, so of few ops. With a share of every op, more cache
 * lines would have two owners, and more cores would read the inputs of small layers, which costs more than their
 * gradient.
 */
static void update_units(const task *t, int worker, int from_op, int to_op)
{
    const ln_plan *plan = &t->executor->plan;
    const ln_work work = {.worker = worker, .owner = worker, .profile = profile_of(t, worker)};
    const ln_op *const end = plan->ops + to_op;
    size_t total = 0, begin = 0, from, to;
    for (const ln_op *op = plan->ops + from_op; op < end; op++)
        if (units_of(op))
            total += units_of(op) * cost_of_unit(plan, op);
    ln_share(total, worker, plan->workers, &from, &to);
    ln_mark(&work, LN_STAGE_WAIT);
    for (const ln_op *op = plan->ops + from_op; op < end; op++) {
        if (!units_of(op))
            continue;
        const size_t units = units_of(op), cost = cost_of_unit(plan, op);
        const size_t first = units_before(from, begin, cost, units), last = units_before(to, begin, cost, units);
        begin += units * cost;
        if (first < last)
            update_op(t, &work, op, first, last);
    }
}

/* --------------------------------------------------------------------------------------------------------- phase 1 */

/* What a worker does with a chunk of blocks in a pass of phase 1. */
typedef void chunk_pass(const task *t, const ln_work *work);

/* How many parts a block leaves in this pass. */
static int parts_of_block(const task *t)
{
    int count = 0;
    for (int i = t->down_to; i < t->up_to; i++)
        count += ln_forms_parts(&t->executor->plan.ops[i]);
    return count;
}

/* The `part`-th of a chunk: ops ascending, and of each its blocks. */
static void form_part(const task *t, const ln_work *work, int part)
{
    const ln_op *op = t->executor->plan.ops + t->down_to;
    for (; !ln_forms_parts(op) || part >= work->blocks; op++)
        part -= ln_forms_parts(op) * work->blocks;
    op->layer->kind->form_part(op, work, part);
    ln_mark_op(work, op, LN_STAGE_WEIGHTS);
}

/*
 * Updates the worker's units of the tail, if all blocks have passed it backward, so that its weights are no longer
 * read. With a loss that is not finite nothing is updated.
 */
static void update_tail(const task *t, int worker)
{
    ln_executor *e = t->executor;
    leftover *own = &e->leftovers[worker];
    if (own->tail_is_done || (size_t)atomic_load(&e->passed) < blocks_of(t->batch))
        return;
    own->tail_is_done = 1;
    if (all_finite(e->plan.losses, t->batch->count))
        update_units(t, worker, e->plan.tail, e->plan.op_count);
}

/* A worker without blocks: it has formed the leftovers of `done` workers, its own first. */
typedef struct helper {
    const task *t;
    int worker, done;
} helper;

/*
 * One try of finishing the pass: the worker's own units of the tail, which no other worker updates, and leftovers until
 * those of a worker are not ready. Returns whether all is done.
 */
static int finish_pass(void *argument)
{
    helper *h = argument;
    ln_executor *e = h->t->executor;
    const int workers = e->plan.workers;
    update_tail(h->t, h->worker);
    for (; h->done < workers; h->done++) {
        leftover *of = &e->leftovers[(h->worker + h->done) % workers];
        if (!atomic_load(&of->ready))
            return 0;
        ln_work work = of->work;
        work.worker = h->worker;
        work.profile = profile_of(h->t, h->worker);
        ln_mark(&work, LN_STAGE_WAIT);
        for (int part; (part = atomic_fetch_add(&of->next, 1)) < of->count; update_tail(h->t, h->worker))
            form_part(h->t, &work, part);
    }
    return e->leftovers[h->worker].tail_is_done;
}

static void process_chunks(const task *t, int worker, chunk_pass *pass)
{
    ln_executor *e = t->executor;
    const int workers = e->plan.workers, each = parts_of_block(t);
    leftover *own = &e->leftovers[worker];
    ln_work work = {.worker = worker,
                    .owner = worker,
                    .profile = profile_of(t, worker),
                    .step = &e->step,
                    .images = t->batch->count};
    size_t first, blocks;
    ln_mark(&work, LN_STAGE_WAIT);
    while ((blocks = ln_queue_take(e->queues, worker, workers, LN_CHUNK, &first))) {
        for (int part = 0; part < each * work.blocks; part++) /* the next chunk reuses the buffers of the last */
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
    ln_threads_spin(e->threads, finish_pass, &(helper){t, worker, 0});
}

/* Forward from `from` to `to`; then the reduction before the barrier, or at the last op the loss and backward. */
static void pass_forward(const task *t, const ln_work *work)
{
    ln_executor *e = t->executor;
    const ln_plan *plan = &e->plan;
    for (int i = 0; !t->from && i < work->blocks; i++)
        gather_block(plan, work, t->batch, &e->transform, (size_t)(work->first + i), i);
    ln_mark(work, LN_STAGE_GATHER);
    forward(plan, work, t->from, t->to);
    if (t->to < plan->op_count) {
        const ln_op *next = plan->ops + t->to;
        next->layer->kind->batch->reduce(next, work);
        ln_mark_op(work, next, LN_STAGE_PREPARE);
        return;
    }
    for (int i = 0; i < work->blocks; i++)
        compute_loss(t, work, (size_t)(work->first + i), i, 1.0f / (float)t->batch->count);
    ln_mark(work, LN_STAGE_LOSS);
    backward(plan, work, t->up_to, plan->tail);
    atomic_fetch_add(&e->passed, work->blocks);
    backward_to_barrier(plan, work, plan->tail, t->down_to);
}

static void pass_backward(const task *t, const ln_work *work)
{
    backward_to_barrier(&t->executor->plan, work, t->up_to, t->down_to);
}

static void run_forward_pass(void *argument, int worker) { process_chunks(argument, worker, pass_forward); }
static void run_backward_pass(void *argument, int worker) { process_chunks(argument, worker, pass_backward); }

/* The first op from `from` on that has a barrier before it; op_count: none. */
static int next_barrier(const ln_plan *plan, int from)
{
    while (from < plan->op_count && !plan->ops[from].layer->kind->batch)
        from++;
    return from;
}

/* The op after the last one before `from` that has a barrier; 0: none. */
static int barrier_before(const ln_plan *plan, int from)
{
    while (from && !plan->ops[from - 1].layer->kind->batch)
        from--;
    return from;
}

/* Runs a pass on all workers. */
static void run_pass(task *t, void (*pass)(void *argument, int worker))
{
    ln_executor *e = t->executor;
    const int workers = e->plan.workers;
    ln_queues_fill(e->queues, blocks_of(t->batch), workers);
    atomic_store_explicit(&e->passed, 0, memory_order_relaxed); /* ln_threads_run publishes it */
    for (int worker = 0; worker < workers; worker++) {
        e->leftovers[worker].tail_is_done = e->plan.tail == e->plan.op_count;
        atomic_store_explicit(&e->leftovers[worker].ready, 0, memory_order_relaxed);
        atomic_store_explicit(&e->leftovers[worker].next, 0, memory_order_relaxed);
    }
    ln_threads_run(e->threads, pass, t);
}

/* One pass, and two more for each op with a barrier. */
static void run_phase_1(task *t)
{
    const ln_plan *plan = &t->executor->plan;
    const int end = plan->op_count, last = barrier_before(plan, end);
    for (t->to = next_barrier(plan, 0);; t->from = t->to, t->to = next_barrier(plan, t->to + 1)) {
        t->up_to = t->down_to = last;
        if (t->to == end)
            t->up_to = end;
        run_pass(t, run_forward_pass);
        if (t->to == end)
            break;
        plan->ops[t->to].layer->kind->batch->finalise(&plan->ops[t->to], t->batch->count);
    }
    while (t->down_to) {
        t->up_to = t->down_to;
        plan->ops[t->up_to - 1].layer->kind->batch->finalise_back(&plan->ops[t->up_to - 1], t->batch->count);
        t->down_to = barrier_before(plan, t->up_to - 1);
        run_pass(t, run_backward_pass);
    }
}

/* --------------------------------------------------------------------------------------------- phase 2, and a step */

/* The worker's share of all units that are not done yet. */
static void run_phase_2(void *argument, int worker)
{
    const task *t = argument;
    const ln_executor *e = t->executor;
    if (!t->forms || !e->leftovers[worker].tail_is_done)
        update_units(t, worker, e->plan.tail, e->plan.op_count);
    update_units(t, worker, 0, e->plan.tail);
}

int ln_executor_step(ln_executor *e, const ln_batch *batch, const ln_update *update)
{
    const ln_plan *plan = &e->plan;
    const int in_two = update && update->whole;
    task t = {.executor = e,
              .batch = batch,
              .update = update,
              .forms = 1,
              .applies = !in_two,
              .losses = plan->losses,
              .predicted = plan->predicted};
    run_phase_1(&t);
    if (!all_finite(plan->losses, batch->count))
        return 0;
    ln_threads_run(e->threads, run_phase_2, &t);
    if (in_two) {
        update->whole(update->context);
        t.forms = 0;
        t.applies = 1;
        ln_threads_run(e->threads, run_phase_2, &t);
    }
    for (const ln_op *op = plan->ops; update && op < plan->ops + plan->op_count; op++)
        if (op->layer->kind->batch)
            op->layer->kind->batch->update_running(op);
    return 1;
}

/* ------------------------------------------------------------------------------------------------------ evaluation */

static void store_probabilities(const task *t, const ln_work *work, size_t block, int i)
{
    const ln_plan *plan = &t->executor->plan;
    const size_t row = (size_t)plan->model->classes;
    float rows[LN_BLOCK * LENET_MAX_CLASSES];
    uint32_t index[LN_BLOCK];
    const size_t count = (size_t)images_of(t->batch, block, index);
    plan->kernels->softmax((int)row, ln_at_block(work, &plan->ops[plan->op_count - 1].y, i), rows);
    memcpy(t->probabilities + block * LN_BLOCK * row, rows, count * row * sizeof *rows);
}

/* Each chunk uses the worker's own slots of every buffer, since there may be more blocks than in a batch. */
static void evaluate_chunks(void *argument, int worker)
{
    const task *t = argument;
    const ln_plan *plan = &t->executor->plan;
    size_t block, blocks;
    while ((blocks = ln_queue_take(t->executor->queues, worker, plan->workers, LN_CHUNK, &block))) {
        const ln_work work = {.worker = worker, .owner = worker, .first = worker * LN_CHUNK, .blocks = (int)blocks};
        for (int i = 0; i < work.blocks; i++)
            gather_block(plan, &work, t->batch, NULL, block + (size_t)i, i);
        if (t->observer)
            forward_observed(t, &work, block);
        else
            forward(plan, &work, 0, plan->op_count);
        for (int i = 0; i < work.blocks; i++) {
            if (t->losses)
                compute_loss(t, &work, block + (size_t)i, i, 0);
            else
                store_probabilities(t, &work, block + (size_t)i, i);
        }
    }
}

/* With running statistics in the place of the batch's. */
static void evaluate(task *t)
{
    const ln_plan *plan = &t->executor->plan;
    for (const ln_op *op = plan->ops; op < plan->ops + plan->op_count; op++)
        if (op->layer->kind->batch)
            op->layer->kind->batch->load_running(op);
    run_pass(t, evaluate_chunks);
}

void ln_executor_evaluate(ln_executor *e, const ln_batch *batch, float *losses, uint8_t *predicted)
{
    evaluate(&(task){.executor = e, .batch = batch, .losses = losses, .predicted = predicted});
}

void ln_executor_observe(ln_executor *e, const ln_batch *batch, const ln_observer *observer, float *losses,
                         uint8_t *predicted)
{
    evaluate(&(task){.executor = e, .batch = batch, .observer = observer, .losses = losses, .predicted = predicted});
}

void ln_executor_predict(ln_executor *e, const ln_batch *batch, float *probabilities)
{
    evaluate(&(task){.executor = e, .batch = batch, .probabilities = probabilities});
}

/* Weights and biases are adjacent in the arena. */
static int weights_finite(const ln_op *op)
{
    const ln_layer *layer = op->layer;
    return !layer->kind->prefix || all_finite(op->weights, layer->bias - layer->weight + (size_t)layer->units);
}

const char *ln_executor_find_nonfinite(ln_executor *e, const ln_batch *batch, char name[32])
{
    const ln_plan *plan = &e->plan;
    const ln_work work = {.blocks = 1};
    gather_block(plan, &work, batch, NULL, 0, 0);
    for (const ln_op *op = plan->ops; op < plan->ops + plan->op_count; op++) {
        op->layer->kind->forward(op, &work);
        if (!weights_finite(op) || !all_finite(ln_at(&work, &op->y), op->y.block_bytes / sizeof(float)))
            return ln_layer_name(op->layer, name);
    }
    return NULL;
}
