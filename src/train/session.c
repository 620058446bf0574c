/* SPDX-License-Identifier: MIT */
/*
 * session.c - a model that is open to be computed: probabilities by the executor, everything inside of it by
 * unfused.c, a block of 16 images at a time on each worker. Always: nothing is allocated after opening; results
 * do not depend on the threads.
 */
#include "lenet/tools.h"
#include "nn/executor.h"
#include "nn/unfused.h"
#include "train/engine.h"
#include "util/error.h"
#include "util/memory.h"

#include <math.h>
#include <string.h>

struct lenet_session {
    const lenet_model *model;
    ln_engine engine;
    ln_executor *executor;
    ln_unfused **unfused; /* [workers] */
    ln_queue *queues;     /* [workers] */
};

/* One call, as its workers see it. */
typedef struct task {
    lenet_session *session;
    const lenet_images *images;
    const lenet_objective *objective; /* NULL: no gradient */
    size_t from, to;                  /* places: of the objective or the values wanted; of the gradient */
    int is_softmax;                   /* of the values */
    float *values, *gradient;         /* either may be NULL */
} task;

/* --------------------------------------------------------------------------------------------- opening and closing */

static lenet_status open_workers(lenet_session *s, lenet_error *error)
{
    const size_t workers = (size_t)ln_threads_workers(s->engine.threads);
    lenet_status status = LENET_OK;
    s->unfused = ln_alloc(workers, sizeof *s->unfused);
    s->queues = ln_alloc(workers, sizeof *s->queues);
    if (!s->unfused || !s->queues)
        return ln_fail_memory(error, "a session", workers * sizeof *s->queues);
    for (size_t i = 0; i < workers && !status; i++)
        status = ln_unfused_open(&s->unfused[i], s->model, s->engine.kernels, error);
    return status;
}

lenet_status lenet_session_open(lenet_session **session, const lenet_model *model, const lenet_compute *compute,
                                lenet_error *error)
{
    lenet_session *s = ln_alloc(1, sizeof *s);
    if (!s)
        return ln_fail_memory(error, "a session", sizeof *s);
    s->model = model;
    lenet_status status = ln_engine_open(&s->engine, compute, error);
    if (status)
        s->engine.threads = NULL;
    if (!status)
        status = ln_executor_open(&s->executor, model, s->engine.kernels, s->engine.threads, LN_BLOCK, 0, error);
    if (!status)
        status = open_workers(s, error);
    if (status) {
        lenet_session_close(&s);
        return status;
    }
    *session = s;
    return LENET_OK;
}

void lenet_session_close(lenet_session **session)
{
    lenet_session *s = *session;
    *session = NULL;
    if (!s)
        return;
    for (int i = 0; s->unfused && i < ln_threads_workers(s->engine.threads); i++)
        ln_unfused_close(&s->unfused[i]);
    ln_executor_close(&s->executor);
    ln_engine_close(&s->engine);
    ln_free(s->unfused);
    ln_free(s->queues);
    ln_free(s);
}

/* ------------------------------------------------------------------------------------------------ blocks of images */

/* Where feature f of the sample in lane i is in a block. */
static size_t place_of(const ln_kernels *kernels, size_t features, size_t f, size_t i)
{
    const size_t width = (size_t)kernels->width;
    return (i / width * features + f) * width + i % width;
}

/* From a block to plain rows [count][features]. */
static void copy_out(const ln_kernels *kernels, size_t features, const float *block, size_t count, float *rows)
{
    for (size_t i = 0; i < count; i++)
        for (size_t f = 0; f < features; f++)
            rows[i * features + f] = block[place_of(kernels, features, f, i)];
}

/* Images first .. first + count - 1 as the network sees them; lanes without an image are 0. */
static void gather(const task *t, ln_unfused *u, size_t first, size_t count)
{
    const lenet_model *model = t->session->model;
    const ln_kernels *kernels = t->session->engine.kernels;
    const size_t features = ln_features(model->shape), area = features / (size_t)model->shape.channels;
    float *x = ln_unfused_values(u, 0);
    if (t->images->bytes) {
        uint32_t index[LN_BLOCK];
        for (size_t i = 0; i < count; i++)
            index[i] = (uint32_t)(first + i);
        kernels->gather(model->shape.channels, model->shape.height, model->shape.width, 0, t->images->bytes, index,
                        (int)count, model->scale, model->offset, x);
        return;
    }
    memset(x, 0, features * LN_BLOCK * sizeof *x);
    for (size_t i = 0; i < count; i++)
        for (size_t f = 0; f < features; f++)
            x[place_of(kernels, features, f, i)] = fmaf(t->images->values[(first + i) * features + f],
                                                        255 * model->scale[f / area], model->offset[f / area]);
}

/* --------------------------------------------------------------------------------------------------- the objective */

/* The loss of each image, and its gradient by the logits. */
static void seed_loss(const task *t, ln_unfused *u, size_t first, size_t count)
{
    static const ln_loss cross_entropy = {.kind = LN_CROSS_ENTROPY};
    float losses[LN_BLOCK];
    uint8_t label[LN_BLOCK] = {0}, predicted[LN_BLOCK];
    memcpy(label, t->objective->labels + first, count);
    t->session->engine.kernels->loss(&cross_entropy, t->session->model->classes, ln_unfused_values(u, t->from), label,
                                     (int)count, 1, ln_unfused_gradient(u, t->from), losses, predicted);
    if (t->values)
        memcpy(t->values + first, losses, count * sizeof *losses);
}

/* A unit's mean over its places, and its gradient. */
static void seed_unit(const task *t, ln_unfused *u, size_t first, size_t count)
{
    const ln_kernels *kernels = t->session->engine.kernels;
    const lenet_shape shape = t->session->model->layers[t->from - 1].out;
    const size_t features = ln_features(shape), area = features / (size_t)shape.channels,
                 begin = t->objective->unit * area;
    const float *y = ln_unfused_values(u, t->from);
    float *dy = ln_unfused_gradient(u, t->from);
    memset(dy, 0, features * LN_BLOCK * sizeof *dy);
    for (size_t i = 0; i < count; i++) {
        double sum = 0;
        for (size_t f = begin; f < begin + area; f++) {
            sum += (double)y[place_of(kernels, features, f, i)];
            dy[place_of(kernels, features, f, i)] = 1.0f / (float)area;
        }
        if (t->values)
            t->values[first + i] = (float)(sum / (double)area);
    }
}

/* The images' gradient is by pixel / 255, of which the network sees 255 scale times as much. */
static void scale_gradient(const lenet_model *model, size_t count, float *gradient)
{
    const size_t features = ln_features(model->shape), area = features / (size_t)model->shape.channels;
    for (size_t i = 0; i < count; i++)
        for (size_t f = 0; f < features; f++)
            gradient[i * features + f] *= 255 * model->scale[f / area];
}

static void process_gradient(const task *t, ln_unfused *u, size_t first, size_t count)
{
    const size_t features = ln_unfused_features(u, t->to);
    if (t->objective->labels)
        seed_loss(t, u, first, count);
    else
        seed_unit(t, u, first, count);
    if (!t->gradient)
        return;
    ln_unfused_backward(u, t->from, t->to);
    copy_out(t->session->engine.kernels, features, ln_unfused_gradient(u, t->to), count,
             t->gradient + first * features);
    if (!t->to)
        scale_gradient(t->session->model, count, t->gradient + first * features);
}

static void process_values(const task *t, ln_unfused *u, size_t first, size_t count)
{
    const ln_kernels *kernels = t->session->engine.kernels;
    const size_t features = ln_unfused_features(u, t->from);
    float rows[LN_BLOCK * LENET_MAX_CLASSES];
    if (!t->is_softmax) {
        copy_out(kernels, features, ln_unfused_values(u, t->from), count, t->values + first * features);
        return;
    }
    kernels->softmax((int)features, ln_unfused_values(u, t->from), rows);
    memcpy(t->values + first * features, rows, count * features * sizeof *rows);
}

static void process(void *argument, int worker)
{
    const task *t = argument;
    lenet_session *s = t->session;
    ln_unfused *u = s->unfused[worker];
    size_t block;
    while (ln_queue_take(s->queues, worker, ln_threads_workers(s->engine.threads), 1, &block)) {
        const size_t first = block * LN_BLOCK, left = t->images->count - first,
                     count = left < LN_BLOCK ? left : LN_BLOCK;
        gather(t, u, first, count);
        ln_unfused_forward(u, t->from);
        if (t->objective)
            process_gradient(t, u, first, count);
        else
            process_values(t, u, first, count);
    }
}

static void run(task *t)
{
    lenet_session *s = t->session;
    ln_queues_fill(s->queues, (t->images->count + LN_BLOCK - 1) / LN_BLOCK, ln_threads_workers(s->engine.threads));
    ln_threads_run(s->engine.threads, process, t);
}

/* ------------------------------------------------------------------------------------------------- the public door */

void lenet_session_probabilities(lenet_session *s, const lenet_images *images, float *probabilities)
{
    if (images->bytes) {
        const ln_batch all = {images->bytes, NULL, NULL, images->count};
        ln_executor_predict(s->executor, &all, probabilities);
        return;
    }
    run(&(task){
        .session = s, .images = images, .from = s->model->layer_count, .is_softmax = 1, .values = probabilities});
}

static lenet_status check_layer(const lenet_model *model, size_t layer, lenet_error *error)
{
    return layer < model->layer_count
               ? LENET_OK
               : ln_fail(error, LENET_USAGE, "layer %zu: the model has %zu, counted from 0", layer, model->layer_count);
}

lenet_status lenet_session_outputs(lenet_session *s, const lenet_images *images, size_t layer, float *values,
                                   lenet_error *error)
{
    const lenet_status status = check_layer(s->model, layer, error);
    if (!status)
        run(&(task){.session = s, .images = images, .from = layer + 1, .values = values});
    return status;
}

static lenet_status check_objective(const lenet_session *s, const lenet_images *images, const lenet_objective *o,
                                    lenet_error *error)
{
    for (size_t i = 0; o->labels && i < images->count; i++)
        if (o->labels[i] >= s->model->classes)
            return ln_fail(error, LENET_USAGE, "label %d of image %zu: the model has %d classes", o->labels[i], i,
                           s->model->classes);
    const lenet_status status = o->labels ? LENET_OK : check_layer(s->model, o->layer, error);
    if (!status && !o->labels && o->unit >= (size_t)s->model->layers[o->layer].out.channels)
        return ln_fail(error, LENET_USAGE, "unit %zu: layer %zu has %d, counted from 0", o->unit, o->layer,
                       s->model->layers[o->layer].out.channels);
    return status;
}

lenet_status lenet_session_gradient(lenet_session *s, const lenet_images *images, const lenet_objective *objective,
                                    size_t by, float *values, float *gradient, lenet_error *error)
{
    const lenet_status status = check_objective(s, images, objective, error);
    const size_t from = objective->labels ? s->model->layer_count : objective->layer + 1;
    if (status)
        return status;
    if (by > from)
        return ln_fail(error, LENET_USAGE, "a gradient by the output of layer %zu: it comes after the objective",
                       by - 1);
    run(&(task){.session = s,
                .images = images,
                .objective = objective,
                .from = from,
                .to = by,
                .values = values,
                .gradient = gradient});
    return LENET_OK;
}
