/* SPDX-License-Identifier: MIT */
/*
 * executor.h - an executor computes a model: training steps, evaluations, probabilities. train/ uses no other interface
 * to the arithmetic.
 *
 * What an executor promises, whatever its precision and layout inside:
 *   - It is open for one model. It reads the weights (float32, in the model's arena) at each call; only the update that
 *     a step is given changes them. It owns all memory of a step and allocates nothing after it is open.
 *   - Losses, predicted classes and probabilities come in the order of the batch; the gradient is float32 in the layout
 *     of the model's arena.
 *   - The same inputs give the same bits, whatever the number of threads.
 *   - It takes one call at a time. Callbacks run on several workers at once where their description says so.
 * What is specific to float32 is marked "float32": the list of ops and what an observer gets.
 *
 * There is one implementation, execute.c: float32, with the ops of plan.h. A second precision (for example bf16 on AMX)
 * is a second file with these functions over the same model; then ln_executor holds a table of them, which
 * ln_executor_open chooses. With one implementation a table would add nothing.
 *
 * How execute.c does a step. A batch is cut into blocks of 16 samples, whatever the number of threads.
 *
 *   Phase 1. Blocks are distributed to the workers: each gathers the images, runs forward through all ops, computes the
 *   loss, and runs backward through all ops. Convolutions leave a weight gradient (a part) for each block; dense layers
 *   leave their inputs (transposed) and output gradients. A worker whose share is done steals blocks from others.
 *
 *   End of phase 1. No op waits for parts, so those of a worker's last blocks are formed at the end, by any worker
 *   without blocks: cores are not equally fast. After all blocks have passed the tail (the ops after the last one with
 *   parts) backward, each worker updates its units of the tail.
 *
 *   Phase 2. The remaining units of all layers are divided among the workers: each forms the whole gradient of its
 *   units, blocks in order, and updates them.
 *
 * So no sum depends on the number of workers, and most of a gradient never leaves the core that uses it. There is one
 * barrier after each phase. An op with statistics of the batch (ln_batch_kind) adds two: before its forward and before
 * its backward.
 */
#ifndef LENET_NN_EXECUTOR_H
#define LENET_NN_EXECUTOR_H

#include "kernels/kernels.h"
#include "nn/model.h"
#include "nn/op.h"
#include "util/threads.h"

typedef struct ln_executor ln_executor;

/*
 * Images in a data set: u8 [][channels][height][width], labels u8 [], and which of them; index NULL: the first `count`.
 */
typedef struct ln_batch {
    const uint8_t *images, *labels;
    const uint32_t *index;
    size_t count;
} ln_batch;

/*
 * Opens an executor for training steps of at most `batch` images; evaluations take any number. The model, kernels and
 * threads must outlive it. With train 0 it can only evaluate. LENET_FAILURE: out of memory.
 */
lenet_status ln_executor_open(ln_executor **executor, const lenet_model *model, const ln_kernels *kernels,
                              ln_threads *threads, size_t batch, int train, lenet_error *error);
void ln_executor_close(ln_executor **executor);

/* ---------------------------------------------------------------------------------------------------- training */

/* The loss of steps and evaluations from now on; cross-entropy before. Its matrix must outlive the executor. */
void ln_executor_set_loss(ln_executor *executor, const ln_loss *loss);

/* Identifies the next step; all 0 before. Only dropout depends on it. */
void ln_executor_set_step(ln_executor *executor, const ln_step_id *step);

/*
 * A transform of the images of a step before the network gets them: returns the `count` images that `index` names, one
 * after another, valid until the worker's next call. `first` is the place of the first one in the batch. Called by
 * several workers at once.
 */
typedef struct ln_transform {
    const uint8_t *(*apply)(void *context, int worker, const uint8_t *images, const uint32_t *index, size_t first,
                            int count);
    void *context;
} ln_transform;

/* Training steps, but not evaluations, transform their images so from now on. */
void ln_executor_set_transform(ln_executor *executor, const ln_transform *transform);

/*
 * What to do with a gradient that is complete: with numbers first .. first + count - 1 of the arena, which are units of
 * `row` numbers each; row 0: one number for each unit (biases). Called by several workers at once on different numbers,
 * while others may still read weights of layers before.
 */
typedef void ln_update_part(void *context, size_t first, size_t count, size_t row);
typedef struct ln_update {
    ln_update_part *apply;
    ln_update_part *prepare;      /* before apply; NULL: nothing */
    void (*whole)(void *context); /* once, after all is prepared and before anything is applied; NULL: no need of the
                                     whole gradient */
    void *context;
} ln_update;

/*
 * One training step: the mean loss over the batch, its gradient, and the update (NULL: the gradient only). Returns
 * 0, with nothing updated, if a loss is not finite.
 */
int ln_executor_step(ln_executor *executor, const ln_batch *batch, const ln_update *update);

/*
 * Of the last step: loss and predicted class of each image of the batch, and the gradient, float32 as the model's
 * arena.
 */
const float *ln_executor_losses(const ln_executor *executor);
const uint8_t *ln_executor_predicted(const ln_executor *executor);
float *ln_executor_gradient(const ln_executor *executor);

/* -------------------------------------------------------------------------------------------------- evaluation */

/* Loss and predicted class of each of any number of images, weights unchanged. */
void ln_executor_evaluate(ln_executor *executor, const ln_batch *batch, float *losses, uint8_t *predicted);

/* Class probabilities [count][classes]. */
void ln_executor_predict(ln_executor *executor, const ln_batch *batch, float *probabilities);

/*
 * Gets op's output y of one block (float32), whose first `count` samples are images. Called by several workers at once.
 */
typedef struct ln_observer {
    void (*observe)(void *context, int worker, const ln_op *op, const float *y, int count);
    void *context;
} ln_observer;

/* As ln_executor_evaluate; the observer gets every op's output. */
void ln_executor_observe(ln_executor *executor, const ln_batch *batch, const ln_observer *observer, float *losses,
                         uint8_t *predicted);

/*
 * The first layer with a weight or output that is not finite, for the first block of `batch`: its name, static or in
 * `name`. NULL: none.
 */
const char *ln_executor_find_nonfinite(ln_executor *executor, const ln_batch *batch, char name[32]);

/* --------------------------------------------------------------------------------------------------- profiling */

/* The ops (float32) and their number. */
const ln_op *ln_executor_ops(const ln_executor *executor, int *count);

/* Workers use these stopwatches from now on, one each; NULL: none. */
void ln_executor_set_profiles(ln_executor *executor, ln_profile *profiles);

#endif
