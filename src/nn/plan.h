/* SPDX-License-Identifier: MIT */
/*
 * plan.h - what a model's layers do to a batch: the list of operations, every buffer they need, and the two phases of a
 * training step.
 *
 * A batch is cut into blocks of 16 samples, whatever the threads.
 *   Phase 1, blocks dealt out to the workers: gather the images, forward through all operations, loss, backward through all; convolutions
 *   leave a weight gradient per block, dense layers leave their inputs (transposed) and output gradients. A worker that has none left takes
 *   blocks that others have not begun. Nothing waits for the parts of a convolution's gradient, so those of a worker's last blocks are formed
 *   at the end of the pass, by whoever is done: cores that share their units with other work are not equally fast. Before that, or in between,
 *   each does of phase 2 what concerns the ops behind the last one with parts, once all blocks have gone back through them.
 *   Phase 2, the work on all layers' units divided among the workers: each forms the whole gradient of the units in its share, blocks in order,
 *   and updates them.
 * So no sum depends on the number of workers, and most of a gradient never leaves the core that uses it.
 *
 * A layer that needs numbers of the whole batch (batch normalisation: layer.h's ln_batch_kind) cuts phase 1: the workers do all blocks up
 * to it, meet, and go on behind what one of them concluded; backward likewise. Then all buffers belong to the batch. A plan without such
 * a layer is not cut.
 *
 * The plan owns all memory of a step and allocates nothing after it is made. Buffers that live only from forward to
 * backward belong to a worker and are used again for its next blocks, so that they stay in its cache; those that phase
 * 2 reads belong to the batch.
 */
#ifndef LENET_NN_PLAN_H
#define LENET_NN_PLAN_H

#include "base/threads.h"
#include "kernels/kernels.h"
#include "nn/layer.h"
#include "nn/model.h"

enum { LN_CHUNK = 2 }; /* blocks that a worker takes through the network together: dense kernels like two, caches do not like more */

/*
 * How long a block's thing is needed: from forward to backward, until the batch is done, from its op's backward to the end of the pass, or only
 * within one call of its op.
 */
typedef enum ln_lifetime { LN_OF_CHUNK, LN_OF_BATCH, LN_OF_PASS, LN_OF_CALL } ln_lifetime;

/*
 * Memory for one thing of every block: LN_CHUNK places for each worker (of a chunk or a pass), one place for each block of a batch (and in a
 * plan that is cut, where nothing is of a chunk, at least as many as the workers' chunks), or one for each worker (of a call).
 */
typedef struct ln_buffer {
    unsigned char *base;
    size_t block_bytes;
    ln_lifetime lifetime;
} ln_buffer;

typedef struct ln_plan ln_plan;

/* What the time of a step is spent on: the first three once, the others for every op. */
typedef enum ln_stage {
    LN_STAGE_WAIT, LN_STAGE_GATHER, LN_STAGE_LOSS,
    LN_STAGE_OPS,
    LN_STAGE_FORWARD = 0, LN_STAGE_SPREAD, LN_STAGE_DATA, LN_STAGE_WEIGHTS, LN_STAGE_UPDATE,
    LN_STAGES_OF_OP,
} ln_stage;

/* A worker's stopwatch: each mark gives the time since the last one to a stage. */
typedef struct ln_profile {
    double last;
    double *seconds; /* [LN_STAGE_OPS + ops * LN_STAGES_OF_OP] */
} ln_profile;

/* Where a step stands in a run, for what is random in it: `image` images of the epoch came before its batch. */
typedef struct ln_place {
    uint64_t seed;
    uint32_t epoch, image;
} ln_place;

/* Where a worker stands: blocks first .. first + blocks - 1 of the batch, at most LN_CHUNK, in the buffers of `owner`, who is the worker or was. */
typedef struct ln_work {
    const ln_plan *plan;
    int worker, owner, first, blocks;
    ln_profile *profile; /* NULL: nobody measures */
    const ln_place *place; /* of the step; NULL: no training step */
    size_t images;         /* of the step's batch */
} ln_work;

/* A layer at its place in the plan; with pooling and ReLU taken in where a kernel does both at once. */
typedef struct ln_op {
    int index; /* in the plan */
    const ln_layer *layer;
    const ln_kernels *kernels;
    size_t features; /* of its output: fewer than the layer's own where a pooling was taken in or moved before it */
    ln_conv conv; /* geometry for the kernels: one of the two is used */
    ln_pool pool;
    const float *weights, *bias; /* [out][...], [out]: the model's */
    float *dweights, *dbias;     /* in the plan's gradient */
    int is_shared;               /* several workers read the weights in a step */
    float *running_mean, *running_variance; /* the model's, of an ln_batch_kind */
    float *norm;                 /* what it concluded */
    ln_buffer x, y, dy, dx;      /* floats; base is NULL where there is none (the gradient of the images) */
    ln_buffer box;               /* an ln_box of x; base is NULL where nobody looked for it */
    ln_buffer padded, choice, spread, scratch, rows, parts; /* by kind: see its file */
} ln_op;

/* What an op asks for: sizes in bytes for each block, 0 if it needs none. */
typedef struct ln_sizes {
    size_t padded, choice, spread, scratch, rows, parts; /* spread is of the pass, scratch of the call; rows and parts are of the batch */
    int dy_of_batch;                            /* phase 2 reads dy */
    size_t norm;                                /* once, not for each block */
} ln_sizes;

/*
 * What to do with a gradient that is complete: with numbers first .. first + count - 1 of the arena, which are units of `row` numbers
 * each; row 0: one number for each unit (biases). Called by several threads on different numbers, while others may still read weights of
 * layers before.
 */
typedef void ln_update_part(void *context, size_t first, size_t count, size_t row);
typedef struct ln_update {
    ln_update_part *apply;
    ln_update_part *prepare;      /* before apply; NULL: nothing */
    void (*whole)(void *context); /* once, when all is prepared and before anything is applied; NULL: nobody needs the whole gradient */
    void *context;
} ln_update;

/*
 * Images in a data set: u8 [][channels][height][width], labels u8 [], and which of them; index NULL: the first `count`.
 */
typedef struct ln_batch {
    const uint8_t *images, *labels;
    const uint32_t *index;
    size_t count;
} ln_batch;

/*
 * Makes a plan for batches of at most `batch` images. The model must outlive it. With train 0 it can only evaluate.
 * LENET_USAGE: its memory would exceed what can be addressed. LENET_FAILURE: out of memory.
 */
lenet_status ln_plan_open(ln_plan **plan, const lenet_model *model, const ln_kernels *kernels, ln_threads *threads, size_t batch,
                          int train, lenet_error *error);
void ln_plan_close(ln_plan **plan);

/* What steps and evaluations lose by from now on, cross-entropy until then; its matrix must outlive the plan. */
void ln_plan_set_loss(ln_plan *plan, const ln_loss *loss);

/* Where the next step stands, all 0 until then; only dropout looks at it. */
void ln_plan_set_place(ln_plan *plan, const ln_place *place);

/*
 * What happens to the images of a step before the network sees them: a worker asks for those that `index` names, `count` of them from
 * place `first` of the batch on, and gets them side by side.
 */
typedef struct ln_change {
    const uint8_t *(*apply)(void *context, int worker, const uint8_t *images, const uint32_t *index, size_t first, int count);
    void *context;
} ln_change;

/* From now on steps, and nothing else, change their images so. */
void ln_plan_set_change(ln_plan *plan, const ln_change *change);

/*
 * One training step: the mean loss over the batch, its gradient, and the update (NULL: the gradient only). Returns
 * 0, with nothing updated, if a loss is not finite.
 */
int ln_plan_step(ln_plan *plan, const ln_batch *batch, const ln_update *update);

/*
 * Of the last step: loss and predicted class of each image of the batch, and the gradient in the layout of the model's
 * arena.
 */
const float *ln_plan_losses(const ln_plan *plan);
const uint8_t *ln_plan_predicted(const ln_plan *plan);
float *ln_plan_gradient(const ln_plan *plan);

/* Loss and predicted class of each of any number of images, weights unchanged. */
void ln_plan_evaluate(ln_plan *plan, const ln_batch *batch, float *losses, uint8_t *predicted);

/* Sees op's output y of one block, whose first `count` samples are images. Called by several workers at once. */
typedef struct ln_watch {
    void (*see)(void *context, int worker, const ln_op *op, const float *y, int count);
    void *context;
} ln_watch;

/* As ln_plan_evaluate, and every op's output is seen. */
void ln_plan_watch(ln_plan *plan, const ln_batch *batch, const ln_watch *watch, float *losses, uint8_t *predicted);

/* Class probabilities [count][classes]. */
void ln_plan_predict(ln_plan *plan, const ln_batch *batch, float *probabilities);

/*
 * The layer where numbers first stop being finite for the first block of `batch`, named in `name` or statically; NULL
 * if there is none.
 */
const char *ln_plan_blame(ln_plan *plan, const ln_batch *batch, char name[32]);

/* The plan's ops, and their number; for measurements. */
const ln_op *ln_plan_ops(const ln_plan *plan, int *count);

/* From now on workers use these stopwatches, one each; NULL: none. */
void ln_plan_measure(ln_plan *plan, ln_profile *profiles);

void ln_profile_mark(ln_profile *profile, size_t slot);

/* The time since the last mark was spent on `stage`, or on `stage` of `op`. */
static inline void ln_mark(const ln_work *work, ln_stage stage)
{
    if (work->profile)
        ln_profile_mark(work->profile, stage);
}

static inline void ln_mark_op(const ln_work *work, const ln_op *op, ln_stage stage)
{
    if (work->profile)
        ln_profile_mark(work->profile, LN_STAGE_OPS + (size_t)op->index * LN_STAGES_OF_OP + stage);
}

/* The place of `buffer` that belongs to the first block of `work`. */
static inline void *ln_at(const ln_work *work, const ln_buffer *buffer)
{
    const int slot = buffer->lifetime == LN_OF_BATCH ? work->first : buffer->lifetime == LN_OF_CALL ? work->worker : work->owner * LN_CHUNK;
    return buffer->base ? buffer->base + (size_t)slot * buffer->block_bytes : NULL;
}

/* The place of the `i`-th block of `work`. */
static inline void *ln_at_block(const ln_work *work, const ln_buffer *buffer, int i)
{
    unsigned char *first = ln_at(work, buffer);
    return first ? first + (size_t)i * buffer->block_bytes : NULL;
}

#endif
