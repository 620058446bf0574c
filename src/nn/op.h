/* SPDX-License-Identifier: MIT */
/*
 * op.h - an op: a layer at its place in a compiled network, with its buffers. This is what the step functions of a
 * layer kind (layer.h) see. Always: an op is read-only while a step runs; what a step writes lies in the op's buffers.
 * What it is not: it knows no order of ops and no threads; compile.c lists the ops, arena.c gives them memory,
 * execute.c runs them.
 */
#ifndef LENET_NN_OP_H
#define LENET_NN_OP_H

#include "kernels/kernels.h"
#include "nn/layer.h"

/* Blocks that a worker takes through the network together: dense kernels need two, caches hold no more. */
enum { LN_CHUNK = 2 };

/*
 * How long a block's data is needed: from forward to backward; for the batch; from backward to the end of the pass;
 * within one call.
 */
typedef enum ln_lifetime { LN_OF_CHUNK, LN_OF_BATCH, LN_OF_PASS, LN_OF_CALL } ln_lifetime;

/*
 * Memory for one kind of data of every block: LN_CHUNK slots for each worker (of a chunk or a pass), one slot for each
 * block of the batch (of a batch), or one for each worker (of a call). A network with barriers has no buffer of a
 * chunk: all are of the batch, with at least LN_CHUNK slots for each worker.
 */
typedef struct ln_buffer {
    unsigned char *base; /* NULL: no such data */
    size_t block_bytes;
    ln_lifetime lifetime;
} ln_buffer;

/* What the time of a step is spent on: the first three once, the others for every op. */
typedef enum ln_stage {
    LN_STAGE_WAIT,
    LN_STAGE_GATHER,
    LN_STAGE_LOSS,
    LN_STAGE_OPS,
    LN_STAGE_FORWARD = 0,
    LN_STAGE_PREPARE,
    LN_STAGE_DATA,
    LN_STAGE_WEIGHTS,
    LN_STAGE_UPDATE,
    LN_STAGES_OF_OP,
} ln_stage;

/* A worker's stopwatch: each mark adds the time since the last mark to a stage. */
typedef struct ln_profile {
    double last;
    double *seconds; /* [LN_STAGE_OPS + ops * LN_STAGES_OF_OP] */
} ln_profile;

/*
 * Identifies a step of a run: random numbers of the step depend on it. `image` images of the epoch came before its
 * batch.
 */
typedef struct ln_step_id {
    uint64_t seed;
    uint32_t epoch, image;
} ln_step_id;

/*
 * What a worker works on: blocks first .. first + blocks - 1 of the batch, at most LN_CHUNK, in the buffers of worker
 * `owner`.
 */
typedef struct ln_work {
    int worker, owner, first, blocks;
    ln_profile *profile;    /* NULL: no measurement */
    const ln_step_id *step; /* NULL: not a training step */
    size_t images;          /* of the step's batch */
} ln_work;

/* A layer at its place, with pooling and ReLU fused where a kernel computes both. */
typedef struct ln_op {
    int index; /* among the ops */
    const ln_layer *layer;
    const ln_kernels *kernels;
    size_t features; /* of its output: fewer than the layer's where a pooling was fused or moved before it */
    ln_conv conv;    /* geometry for the kernels: one of the two is used */
    ln_pool pool;
    const float *weights, *bias;                                   /* [out][...], [out]: the model's */
    float *dweights, *dbias;                                       /* in the step's gradient */
    int is_shared;                                                 /* several workers read the weights in a step */
    float *running_mean, *running_variance;                        /* the model's, of an ln_batch_kind */
    float *norm;                                                   /* statistics of the batch, of an ln_batch_kind */
    ln_buffer x, y, dy, dx;                                        /* float32; the first op has no dx */
    ln_buffer box;                                                 /* an ln_box of x */
    ln_buffer padded, argmax, kept, dilated, scratch, rows, parts; /* by kind: see its file */
} ln_op;

/* What memory an op asks for: bytes for each block, 0 if it needs none. */
typedef struct ln_sizes {
    size_t padded, argmax, kept; /* of the chunk */
    size_t dilated, scratch;     /* of the pass; of the call */
    size_t rows, parts;          /* of the batch */
    int dy_of_batch;             /* phase 2 reads dy */
    size_t norm;                 /* once, not for each block */
    int input_pad;               /* of the first op: zeros around the images, */
    size_t box;                  /* and its box */
} ln_sizes;

/* Adds the time since the last mark to `slot`. */
void ln_profile_mark(ln_profile *profile, size_t slot);

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

/* The slot of `buffer` for the first block of `work`. */
static inline void *ln_at(const ln_work *work, const ln_buffer *buffer)
{
    const int slot = buffer->lifetime == LN_OF_BATCH  ? work->first
                     : buffer->lifetime == LN_OF_CALL ? work->worker
                                                      : work->owner * LN_CHUNK;
    return buffer->base ? buffer->base + (size_t)slot * buffer->block_bytes : NULL;
}

/* The slot for the `i`-th block of `work`. */
static inline void *ln_at_block(const ln_work *work, const ln_buffer *buffer, int i)
{
    unsigned char *first = ln_at(work, buffer);
    return first ? first + (size_t)i * buffer->block_bytes : NULL;
}

#endif
