/* SPDX-License-Identifier: MIT */
/* measure.c - how fast this machine can be, and where a training step spends its time. */
#include "lenet/tools.h"
#include "nn/executor.h"
#include "train/engine.h"
#include "train/settings.h"
#include "train/update.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------------ the peak */

typedef struct peak {
    const ln_kernels *kernels;
    long rounds;
    float sink[256];
} peak;

static void run_peak(void *argument, int worker)
{
    peak *r = argument;
    r->sink[worker] = r->kernels->multiply_adds(r->rounds);
}

static double peak_seconds(ln_engine *engine, peak *r)
{
    const double began = ln_seconds();
    ln_threads_run(engine->threads, run_peak, r);
    return ln_seconds() - began;
}

lenet_status lenet_measure_peak(const lenet_compute *compute, double seconds, double *gflops, lenet_error *error)
{
    ln_engine engine;
    const lenet_status status = ln_engine_open(&engine, compute, error);
    if (status)
        return status;
    peak r = {.kernels = engine.kernels, .rounds = 1000};
    const double end = ln_seconds() + seconds;
    const double operations =
        2.0 * LN_PEAK_SUMS * engine.kernels->width * ln_threads_workers(engine.threads); /* of a round */
    *gflops = 0;
    do {
        const double took = peak_seconds(&engine, &r), reached = operations * (double)r.rounds / took / 1e9;
        if (reached > *gflops)
            *gflops = reached;
        /*
         * A try must be long compared with the clock and the wake-up of threads, and short enough for many.
         * The best of them counts, which was not disturbed.
         */
        if (operations * (double)r.rounds / *gflops / 1e9 < seconds / 50)
            r.rounds *= 2;
    } while (ln_seconds() < end);
    ln_engine_close(&engine);
    return LENET_OK;
}

/* ---------------------------------------------------------------------------------------------------- the stages */

/* Multiply-adds of a layer's forward pass for one image; each backward pass of a layer has as many. */
static double multiply_adds_of(const ln_layer *layer)
{
    if (!layer->kind->prefix)
        return 0;
    return (double)layer->out.height * layer->out.width * layer->units * (double)ln_unit_weights(layer, NULL);
}

typedef struct list {
    lenet_stage *stages;
    size_t capacity, count;
} list;

static void append(list *to, const char *what, const char *stage, double seconds, double flop)
{
    if (seconds <= 0)
        return; /* a layer without this stage */
    if (to->count < to->capacity) {
        lenet_stage *row = &to->stages[to->count];
        *row = (lenet_stage){.seconds = seconds, .flop = flop};
        snprintf(row->name, sizeof row->name, "%s%s%s", what, *stage ? " " : "", stage);
    }
    to->count++;
}

static void append_op(list *to, const ln_op *op, const double *seconds, ln_stage stage, double batch)
{
    static const char *const names[] = {"forward", "dilate", "data", "weights", "update"};
    const int counts =
        stage == LN_STAGE_FORWARD || stage == LN_STAGE_WEIGHTS || (stage == LN_STAGE_DATA && op->dx.base);
    char name[32];
    const char *prepare = op->layer->kind == &ln_dense_kind ? "transpose"
                          : op->layer->kind->batch          ? "reduce"
                                                            : names[LN_STAGE_PREPARE];
    const char *word = stage == LN_STAGE_PREPARE ? prepare : names[stage];
    append(to, ln_layer_name(op->layer, name), word,
           seconds[LN_STAGE_OPS + (size_t)op->index * LN_STAGES_OF_OP + stage],
           counts ? 2 * batch * multiply_adds_of(op->layer) : 0);
}

static void list_stages(list *to, const ln_executor *executor, const double *seconds, double batch)
{
    int count;
    const ln_op *ops = ln_executor_ops(executor, &count);
    append(to, "gather", "", seconds[LN_STAGE_GATHER], 0);
    for (int i = 0; i < count; i++)
        append_op(to, &ops[i], seconds, LN_STAGE_FORWARD, batch);
    append(to, "loss", "", seconds[LN_STAGE_LOSS], 0);
    for (int i = count - 1; i >= 0; i--) {
        append_op(to, &ops[i], seconds, LN_STAGE_PREPARE, batch);
        append_op(to, &ops[i], seconds, LN_STAGE_DATA, batch);
        append_op(to, &ops[i], seconds, LN_STAGE_WEIGHTS, batch);
        append_op(to, &ops[i], seconds, LN_STAGE_UPDATE, batch);
    }
    append(to, "wait", "", seconds[LN_STAGE_WAIT], 0);
}

static size_t batch_of(const lenet_dataset *dataset, const lenet_settings *s)
{
    const size_t count = lenet_dataset_count(dataset);
    return (size_t)s->batch < count ? (size_t)s->batch : count;
}

/* Steps over the dataset's images in their order, from the start again when they end. */
static void run_steps(ln_executor *executor, ln_updater *updater, const lenet_dataset *dataset, const lenet_settings *s,
                      int steps)
{
    const size_t count = lenet_dataset_count(dataset), pixels = ln_features(lenet_dataset_shape(dataset));
    const size_t batch = batch_of(dataset, s);
    for (size_t i = 0, first = 0; i < (size_t)steps; i++, first = first + 2 * batch <= count ? first + batch : 0) {
        const ln_batch images = {lenet_dataset_images(dataset) + first * pixels, lenet_dataset_labels(dataset) + first,
                                 NULL, batch};
        const ln_pace pace = {i, s->learning_rate, NAN};
        ln_executor_step(executor, &images, ln_updater_begin(updater, &pace));
    }
}

/*
 * A tenth of the steps to warm up, then all of them with stopwatches; sums the workers' stages into those of
 * the first.
 */
static lenet_status measure(ln_executor *executor, ln_updater *updater, const lenet_dataset *dataset,
                            const lenet_settings *s, int steps, int workers, list *to, lenet_error *error)
{
    int ops;
    ln_executor_ops(executor, &ops);
    const size_t slots = LN_STAGE_OPS + (size_t)ops * LN_STAGES_OF_OP;
    ln_profile *profiles = ln_alloc((size_t)workers, sizeof *profiles);
    double *seconds = ln_alloc((size_t)workers * slots, sizeof *seconds);
    lenet_status status = LENET_OK;
    if (profiles && seconds) {
        run_steps(executor, updater, dataset, s, steps / 10 + 1);
        for (int i = 0; i < workers; i++)
            profiles[i] = (ln_profile){ln_seconds(), seconds + (size_t)i * slots};
        ln_executor_set_profiles(executor, profiles);
        run_steps(executor, updater, dataset, s, steps);
        ln_executor_set_profiles(executor, NULL);
        for (size_t k = 0; k < slots; k++) {
            for (int i = 1; i < workers; i++)
                seconds[k] += seconds[(size_t)i * slots + k];
            seconds[k] /= (double)steps * workers;
        }
        list_stages(to, executor, seconds, (double)batch_of(dataset, s));
    } else {
        status = ln_fail_memory(error, "stopwatches", (size_t)workers * slots * sizeof *seconds);
    }
    ln_free(seconds);
    ln_free(profiles);
    return status;
}

lenet_status lenet_measure_stages(lenet_model *model, const lenet_dataset *dataset, const lenet_settings *settings,
                                  int steps, lenet_stage *stages, size_t capacity, size_t *count, lenet_error *error)
{
    lenet_settings s;
    ln_engine engine;
    ln_executor *executor = NULL;
    ln_updater *updater = NULL;
    list to = {stages, capacity, 0};
    lenet_status status = steps < 1 ? ln_fail(error, LENET_USAGE, "steps: %d is not 1 or more", steps)
                                    : ln_settings_check(settings, model, dataset, NULL, &s, error);
    if (status || (status = ln_engine_open(&engine, &s.compute, error)))
        return status;
    status = ln_executor_open(&executor, model, engine.kernels, engine.threads, (size_t)s.batch, 1, error);
    if (!status)
        status = ln_updater_open(&updater, &s, model, executor, engine.kernels, error);
    if (!status)
        status = measure(executor, updater, dataset, &s, steps, ln_threads_workers(engine.threads), &to, error);
    if (!status)
        *count = to.count;
    ln_updater_close(&updater);
    ln_executor_close(&executor);
    ln_engine_close(&engine);
    return status;
}
