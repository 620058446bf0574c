/* SPDX-License-Identifier: MIT */
/*
 * plan.h - a plan: what a model's layers compute for a batch, as a list of ops with all their memory. compile.c makes
 * the ops, arena.c the memory, execute.c runs them. Always: nothing in a plan changes after it is made, but the
 * contents of its memory. What it is not: it has no threads and no state of a step.
 */
#ifndef LENET_NN_PLAN_H
#define LENET_NN_PLAN_H

#include "nn/model.h"
#include "nn/op.h"

typedef struct ln_plan {
    const lenet_model *model;
    const ln_kernels *kernels;
    int workers, train;
    size_t blocks; /* of the largest batch */

    /* Made by compile.c. */
    int op_count;
    ln_op *ops;
    ln_sizes *sizes;  /* [ops] */
    int has_barriers; /* an op needs the whole batch in the middle of a pass */
    int tail;         /* ops from here on leave no parts, so phase 1 can update their units; op_count with barriers */

    /* Made by arena.c. */
    unsigned char *memory;
    ln_buffer input, box; /* the images; the box of what is not 0 in them, if the first op asks for it */
    float *gradient;      /* [model->weight_count]; NULL without training */
    float *losses;        /* [blocks * LN_BLOCK] */
    uint8_t *predicted;   /* the same */
} ln_plan;

/* Lists the ops of plan->model with their sizes. LENET_FAILURE: out of memory. */
lenet_status ln_plan_compile(ln_plan *plan, lenet_error *error);

/* Allocates all memory of the ops and points their buffers to it. LENET_FAILURE: out of memory. */
lenet_status ln_plan_allocate(ln_plan *plan, lenet_error *error);

/* Frees what the two have made. */
void ln_plan_close(ln_plan *plan);

/* The op's gradient needs form_part before it is summed. */
static inline int ln_forms_parts(const ln_op *op) { return op->layer->kind->form_part != NULL; }

#endif
