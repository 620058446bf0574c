/* SPDX-License-Identifier: MIT */
/*
 * test_golden.c - the library against PyTorch: losses, gradients, weights and probabilities of ten training steps, for
 * each golden network (README.md here), each optimiser, each instruction set of this machine, and once on three threads.
 *
 * Tolerances, each as a share of the largest value in the same tensor of the truth. PyTorch's own float32 strays from the same
 * float64 truth by up to 2e-7 (losses, probabilities) and 4e-6 (gradients), as the notes in the files say; we allow ourselves
 * about five times that. Weights are judged by how they moved: ten updates must agree to a thousandth of the largest.
 *
 * The files are found in $LENET_SOURCE/tests/golden, or below the current folder.
 */
#include "util/file.h"
#include "util/memory.h"
#include "util/threads.h"
#include "nn/model.h"
#include "nn/executor.h"
#include "nn/safetensors.h"
#include "train/update.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { STEPS = 10, BATCH = 20 };

static const double loss_tolerance = 1e-6, probability_tolerance = 1e-6, gradient_tolerance = 2e-5,
                    movement_tolerance = 1e-3;

static const char *const networks[] = {"lenet5", "smooth", "ragged", "bare", "curved", "normed", NULL};
static const char *const optimizers[] = {"sgd", "momentum", "adam", NULL};

/* ------------------------------------------------------------------------------------------------- golden files */

static ln_safetensors *load(const char *network, const char *optimizer)
{
    const char *const root = getenv("LENET_SOURCE");
    char path[1024];
    snprintf(path, sizeof path, "%s/tests/golden/%s%s%s.safetensors", root ? root : ".", network, optimizer ? "-" : "",
             optimizer ? optimizer : "");
    unsigned char *data = NULL;
    size_t size = 0;
    lenet_error error;
    ln_safetensors *file = NULL;
    if (ln_read_file(path, 1 << 22, &data, &size, &error) || ln_safetensors_parse(data, size, path, &file, &error) ||
        ln_safetensors_check_finite(file, path, &error))
        fail_msg("%s", error.text);
    ln_free(data);
    return file;
}

static const lenet_tensor *find(const ln_safetensors *file, const char *prefix, const char *name)
{
    char full[128];
    snprintf(full, sizeof full, "%s%s", prefix, name);
    const lenet_tensor *tensor = ln_safetensors_find(file, full);
    if (!tensor)
        fail_msg("no tensor %s", full);
    return tensor;
}

static uint8_t *to_bytes(const lenet_tensor *tensor)
{
    uint8_t *bytes = ln_alloc(tensor->size, 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < tensor->size; i++)
        bytes[i] = (uint8_t)tensor->data[i];
    return bytes;
}

/* --------------------------------------------------------------------------------------------------- comparing */

/* The largest |a - b| as a share of the largest |scale|; infinite if anything is not a number. */
static double deviation(const float *a, const float *b, const float *scale, size_t size)
{
    double difference = 0, largest = 0;
    for (size_t i = 0; i < size; i++) {
        const double d = fabs((double)a[i] - (double)b[i]);
        if (!(d <= difference))
            difference = isnan(d) ? INFINITY : d;
        largest = fmax(largest, fabs((double)scale[i]));
    }
    return difference > 0 ? difference / largest : 0;
}

static void expect_near(const char *what, const char *name, const float *got, const lenet_tensor *truth,
                        double tolerance)
{
    const double d = deviation(got, truth->data, truth->data, truth->size);
    if (!(d <= tolerance))
        fail_msg("%s%s strays by %.2g of its largest value; %.2g is allowed", what, name, d, tolerance);
}

/* How far `got` is from `truth`, as a share of the largest way from `start` to `truth`. */
static double movement_deviation(const float *got, const lenet_tensor *truth, const lenet_tensor *start)
{
    float *moved = ln_alloc(truth->size, sizeof *moved);
    assert_non_null(moved);
    for (size_t i = 0; i < truth->size; i++)
        moved[i] = truth->data[i] - start->data[i];
    const double d = deviation(got, truth->data, moved, truth->size);
    ln_free(moved);
    return d;
}

/* ---------------------------------------------------------------------------------------------------- replaying */

/* One run of ten steps: everything it needs, and the golden files that it is held against. */
typedef struct replay {
    const ln_safetensors *start, *truth;
    uint8_t *images, *labels;
    lenet_model *model;
    ln_threads *threads;
    ln_executor *executor;
    const ln_kernels *kernels;
    ln_updater *updater;
} replay;

static void open_replay(replay *r, const char *isa, int threads)
{
    lenet_error error;
    const lenet_tensor *images = find(r->start, "", "images");
    const lenet_shape shape = {images->shape[1], images->shape[2], images->shape[3]};
    assert_int_equal(images->shape[0], BATCH);
    r->images = to_bytes(images);
    r->labels = to_bytes(find(r->start, "", "labels"));
    r->kernels = ln_kernels_find(isa);
    assert_non_null(r->kernels);
    if (lenet_model_create(&r->model, ln_safetensors_note(r->start, "architecture"), shape, 10, &error) ||
        ln_threads_open(&r->threads, threads, &error))
        fail_msg("%s", error.text);
    lenet_tensor tensor;
    size_t count = 0, trained = 0;
    for (; lenet_model_tensor(r->model, count, &tensor, NULL) == LENET_OK; count++) {
        trained += (size_t)r->model->tensors[count].is_trained;
        const lenet_tensor *weights = find(r->start, "weight.", tensor.name);
        assert_int_equal(weights->rank, tensor.rank);
        assert_memory_equal(weights->shape, tensor.shape, (size_t)tensor.rank * sizeof *tensor.shape);
        memcpy(tensor.data, weights->data, tensor.size * sizeof *tensor.data);
    }
    assert_int_equal(r->start->tensor_count, 2 + count + trained); /* images, labels, weights, gradients: none was left out */
    if (ln_executor_open(&r->executor, r->model, r->kernels, r->threads, BATCH, 1, &error))
        fail_msg("%s", error.text);
    lenet_settings settings;
    lenet_settings_default(&settings);
    settings.optimizer = ln_safetensors_note(r->truth, "optimizer");
    if (ln_updater_open(&r->updater, &settings, r->model, r->executor, r->kernels, &error))
        fail_msg("%s", error.text);
}

static void close_replay(replay *r)
{
    ln_updater_close(&r->updater);
    ln_executor_close(&r->executor);
    ln_threads_close(&r->threads);
    lenet_model_close(&r->model);
    ln_free(r->images);
    ln_free(r->labels);
}

static void expect_gradient(const replay *r, const ln_safetensors *file, const char *prefix)
{
    for (size_t i = 0; i < r->model->tensor_count; i++) {
        const ln_tensor_row *row = &r->model->tensors[i];
        if (row->is_trained)
            expect_near(prefix, row->name, ln_executor_gradient(r->executor) + row->offset, find(file, prefix, row->name),
                        gradient_tolerance);
    }
}

static void expect_weights(const replay *r)
{
    for (size_t i = 0; i < r->model->tensor_count; i++) {
        const ln_tensor_row *row = &r->model->tensors[i];
        const double d = movement_deviation(r->model->weights + row->offset, find(r->truth, "weight.", row->name),
                                            find(r->start, "weight.", row->name));
        if (!(d <= movement_tolerance))
            fail_msg("%s: the ten updates stray by %.2g of the largest; %.2g is allowed", row->name, d,
                     movement_tolerance);
    }
}

static void expect_probabilities(const replay *r)
{
    const lenet_tensor *truth = find(r->truth, "", "probabilities");
    float got[BATCH * 10];
    lenet_error error;
    const lenet_compute compute = {ln_threads_workers(r->threads), r->kernels->isa};
    if (lenet_model_predict(r->model, BATCH, r->images, got, &compute, &error))
        fail_msg("%s", error.text);
    expect_near("", "probabilities", got, truth, probability_tolerance);
}

static void run_replay(replay *r)
{
    const ln_batch batch = {.images = r->images, .labels = r->labels, .count = BATCH};
    const double rate = ln_optimizer_default_rate(ln_safetensors_note(r->truth, "optimizer"));
    assert_float_equal(rate, strtod(ln_safetensors_note(r->truth, "learning_rate"), NULL), 1e-12);
    float losses[STEPS];
    for (int step = 0; step < STEPS; step++) {
        const ln_pace pace = {(uint64_t)step, rate, NAN};
        ln_executor_step(r->executor, &batch, ln_updater_begin(r->updater, &pace));
        double sum = 0;
        for (size_t i = 0; i < BATCH; i++)
            sum += (double)ln_executor_losses(r->executor)[i];
        losses[step] = (float)(sum / BATCH);
        if (step == 0)
            expect_gradient(r, r->start, "first_gradient.");
    }
    expect_near("", "losses", losses, find(r->truth, "", "losses"), loss_tolerance);
    expect_gradient(r, r->truth, "gradient.");
    expect_weights(r);
    expect_probabilities(r);
}

static void replay_once(const ln_safetensors *start, const ln_safetensors *truth, const char *isa, int threads)
{
    print_message("%s, %s, %d thread%s\n", ln_safetensors_note(truth, "optimizer"), isa, threads,
                  threads == 1 ? "" : "s");
    replay r = {.start = start, .truth = truth};
    open_replay(&r, isa, threads);
    run_replay(&r);
    close_replay(&r);
}

static void replay_network(const char *network)
{
    const char *const *const all = lenet_isa_list();
    ln_safetensors *start = load(network, NULL);
    for (const char *const *optimizer = optimizers; *optimizer; optimizer++) {
        ln_safetensors *truth = load(network, *optimizer);
        for (const char *const *isa = all; *isa; isa++)
            replay_once(start, truth, *isa, 1);
        replay_once(start, truth, all[0], 3);
        ln_safetensors_close(&truth);
    }
    ln_safetensors_close(&start);
}

static void test_lenet5(void **state) { (void)state, replay_network("lenet5"); }
static void test_smooth(void **state) { (void)state, replay_network("smooth"); }
static void test_ragged(void **state) { (void)state, replay_network("ragged"); }
static void test_bare(void **state) { (void)state, replay_network("bare"); }
static void test_curved(void **state) { (void)state, replay_network("curved"); }
static void test_normed(void **state) { (void)state, replay_network("normed"); }

/* A tolerance that everything passes proves nothing: another optimiser's truth and a gradient that is off by 1e-4 must be refused. */
static void test_tolerances_can_tell(void **state)
{
    (void)state;
    for (const char *const *network = networks; *network; network++) {
        ln_safetensors *start = load(*network, NULL), *sgd = load(*network, "sgd"), *other = load(*network, "momentum");
        assert_true(deviation(find(other, "", "losses")->data, find(sgd, "", "losses")->data,
                              find(sgd, "", "losses")->data, STEPS) > 100 * loss_tolerance);
        for (size_t i = 0; i < start->tensor_count; i++) {
            const char *const name = start->tensors[i].name;
            if (strncmp(name, "weight.", 7) == 0 && !strstr(name, ".running_"))
                assert_true(movement_deviation(find(other, "", name)->data, find(sgd, "", name), &start->tensors[i]) >
                            100 * movement_tolerance);
            if (strncmp(name, "first_gradient.", 15) != 0)
                continue;
            lenet_tensor *gradient = &start->tensors[i];
            float *off = ln_alloc(gradient->size, sizeof *off);
            assert_non_null(off);
            for (size_t j = 0; j < gradient->size; j++)
                off[j] = gradient->data[j] * 1.0001f;
            assert_true(deviation(off, gradient->data, gradient->data, gradient->size) > 2 * gradient_tolerance);
            ln_free(off);
        }
        ln_safetensors_close(&start);
        ln_safetensors_close(&sgd);
        ln_safetensors_close(&other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lenet5),
        cmocka_unit_test(test_smooth),
        cmocka_unit_test(test_ragged),
        cmocka_unit_test(test_bare),
        cmocka_unit_test(test_curved),
        cmocka_unit_test(test_normed),
        cmocka_unit_test(test_tolerances_can_tell),
    };
    return cmocka_run_group_tests_name("golden", tests, NULL, NULL);
}
