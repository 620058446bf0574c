/* SPDX-License-Identifier: MIT */
/*
 * compile.c - layers to ops. An op takes over following layers where its kind declares a fusion (ln_layer_kind.fuse).
 * The layers' semantics do not change by it: a fusion computes the same bits.
 */
#include "nn/plan.h"

#include "util/error.h"
#include "util/memory.h"

static void append_op(ln_plan *plan, const ln_layer *layer)
{
    ln_op *op = &plan->ops[plan->op_count];
    const size_t before = plan->op_count ? op[-1].features : ln_features(plan->model->shape);
    *op = (ln_op){.index = plan->op_count, .layer = layer, .kernels = plan->kernels};
    op->features =
        ln_is_activation(layer) ? before : ln_features(layer->out); /* a pooling may have moved before an activation */
    plan->has_barriers |= plan->train && layer->kind->batch;
    plan->op_count++;
}

static void list_ops(ln_plan *plan)
{
    const ln_layer *layer = plan->model->layers, *end = layer + plan->model->layer_count;
    while (layer < end) {
        append_op(plan, layer);
        ln_op *op = &plan->ops[plan->op_count - 1];
        const ln_fusion fusion = layer->kind->fuse ? layer->kind->fuse(op, layer + 1, end) : (ln_fusion){0, NULL};
        if (fusion.activation)
            append_op(plan, fusion.activation);
        layer += 1 + fusion.layers;
    }
}

static int find_tail(const ln_plan *plan)
{
    int tail = plan->op_count;
    while (!plan->has_barriers && tail && !ln_forms_parts(&plan->ops[tail - 1]))
        tail--;
    return tail;
}

lenet_status ln_plan_compile(ln_plan *plan, lenet_error *error)
{
    const size_t most = plan->model->layer_count;
    plan->ops = ln_alloc(most, sizeof *plan->ops);
    plan->sizes = ln_alloc(most, sizeof *plan->sizes);
    if (!plan->ops || !plan->sizes)
        return ln_fail_memory(error, "a plan", most * (sizeof *plan->ops + sizeof *plan->sizes));
    list_ops(plan);
    for (int i = 0; i < plan->op_count; i++) {
        plan->sizes[i] = (ln_sizes){0};
        plan->ops[i].layer->kind->size(&plan->ops[i], &plan->sizes[i]);
    }
    plan->tail = find_tail(plan);
    return LENET_OK;
}
