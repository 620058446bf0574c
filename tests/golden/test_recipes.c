/* SPDX-License-Identifier: MIT */
/*
 * test_recipes.c - optimisers, regularisation, schedules and patience against Keras and PyTorch themselves, as
 * tools/golden-recipes.py wrote them down: recipes-keras.txt and recipes-pytorch.txt, whose lines are explained there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/file.h"
#include "util/memory.h"
#include "nn/executor.h"
#include "nn/safetensors.h"
#include "train/schedule.h"
#include "train/update.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 20, PIXELS = 28 * 28, STEPS = 5, SAMPLES = 4, RATES = 100, MOST_NUMBERS = RATES };

static const double pace_of[STEPS] = {1, 2, 0.5, 1, 0.25};

/*
 * The library works in float32. A loss is known to 1e-7 of itself; the way of a weight of 0.1 to four times 4e-9, and here ways
 * are 1e-5 (Adagrad) to 1e-3 long. Rates are held against shares of the largest: Keras computes cosines in float32, PyTorch in double;
 * the files have 12 digits.
 */
static const double loss_tolerance = 5e-7, way_tolerance = 2e-4, weight_tolerance = 3e-8, keras_rate_tolerance = 2e-7, rate_tolerance = 1e-11;

/* --------------------------------------------------------------------------------------------------- reading a file */

typedef struct reader {
    FILE *file;
    char line[4096]; /* the one at hand */
} reader;

static int next_line(reader *r)
{
    if (!fgets(r->line, sizeof r->line, r->file))
        return r->line[0] = '\0';
    assert_non_null(strchr(r->line, '\n'));
    r->line[strcspn(r->line, "\n")] = '\0';
    return 1;
}

/* What follows `word` at the start of the line; NULL: it starts otherwise. */
static char *after(reader *r, const char *word)
{
    const size_t length = strlen(word);
    return !strncmp(r->line, word, length) && r->line[length] == ' ' ? r->line + length + 1 : NULL;
}

/* All numbers of a text, of which there must be `count`. */
static void read_numbers(char *text, double *numbers, int count)
{
    assert_non_null(text);
    for (int i = 0; i < count; i++) {
        char *end = NULL;
        numbers[i] = strtod(text, &end);
        assert_ptr_not_equal(end, text);
        text = end;
    }
    assert_string_equal(text, "");
}

/* Default settings and those of the text, complete; they point into the text. */
static lenet_settings read_settings(char *text)
{
    lenet_settings settings;
    lenet_error error = {LENET_OK, ""};
    char *rest = NULL;
    lenet_settings_default(&settings);
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(word, '=');
        *value++ = '\0';
        if (lenet_settings_set(&settings, word, value, &error))
            fail_msg("%s", error.text);
    }
    return settings;
}

static void complete(lenet_settings *settings)
{
    lenet_error error;
    if (lenet_settings_complete(settings, settings, &error))
        fail_msg("%s", error.text);
}

static void expect_near(const char *what, const char *name, double got, double truth, double tolerance)
{
    if (!(fabs(got - truth) <= tolerance))
        fail_msg("%s, %s: %.12g, but it is to be %.12g within %.2g", what, name, got, truth, tolerance);
}

/* -------------------------------------------------------------------------------------------------------- five steps */

typedef struct stage {
    ln_safetensors *start;
    uint8_t images[BATCH * PIXELS], labels[BATCH];
    lenet_model *model;
    ln_threads *threads;
    ln_executor *executor;
    ln_updater *updater;
} stage;

static const lenet_tensor *find(const ln_safetensors *file, const char *prefix, const char *name)
{
    char full[64];
    snprintf(full, sizeof full, "%s%s", prefix, name);
    for (size_t i = 0; i < file->tensor_count; i++)
        if (!strcmp(file->tensors[i].name, full))
            return &file->tensors[i];
    fail_msg("no tensor %s", full);
    return NULL;
}

static void load_start(stage *s)
{
    lenet_error error;
    unsigned char *data = NULL;
    size_t size = 0;
    const char *const path = "tests/golden/lenet5.safetensors";
    if (ln_read_file(path, 1 << 22, &data, &size, &error) || ln_safetensors_parse(data, size, path, &s->start, &error))
        fail_msg("%s", error.text);
    ln_free(data);
    const lenet_tensor *images = find(s->start, "", "images"), *labels = find(s->start, "", "labels");
    for (size_t i = 0; i < BATCH * PIXELS; i++)
        s->images[i] = (uint8_t)images->data[i];
    for (size_t i = 0; i < BATCH; i++)
        s->labels[i] = (uint8_t)labels->data[i];
}

static void open_stage(stage *s, const lenet_settings *settings)
{
    lenet_error error;
    const ln_kernels *kernels = ln_kernels_find(NULL);
    if (lenet_model_create(&s->model, "lenet5", (lenet_shape){1, 28, 28}, 10, &error) || ln_threads_open(&s->threads, 1, &error) ||
        ln_executor_open(&s->executor, s->model, kernels, s->threads, BATCH, 1, &error) ||
        ln_updater_open(&s->updater, settings, s->model, s->executor, kernels, &error))
        fail_msg("%s", error.text);
    for (size_t i = 0; i < s->model->tensor_count; i++) {
        const ln_tensor_row *row = &s->model->tensors[i];
        memcpy(s->model->weights + row->offset, find(s->start, "weight.", row->name)->data, row->size * sizeof(float));
    }
}

static void close_stage(stage *s)
{
    ln_updater_close(&s->updater);
    ln_executor_close(&s->executor);
    ln_threads_close(&s->threads);
    lenet_model_close(&s->model);
}

static void take_steps(stage *s, const lenet_settings *settings, double losses[STEPS])
{
    const ln_batch batch = {s->images, s->labels, NULL, BATCH};
    for (int step = 0; step < STEPS; step++) {
        const ln_pace pace = {(uint64_t)step, settings->learning_rate * pace_of[step], NAN};
        assert_int_equal(ln_executor_step(s->executor, &batch, ln_updater_begin(s->updater, &pace)), 1);
        losses[step] = 0;
        for (int i = 0; i < BATCH; i++)
            losses[step] += (double)ln_executor_losses(s->executor)[i] / BATCH;
    }
    ln_updater_swap(s->updater); /* what is kept */
}

static void expect_tensor(const stage *s, const char *what, const char *name, const double truth[1 + SAMPLES])
{
    const lenet_tensor *begin = find(s->start, "weight.", name);
    const ln_tensor_row *row = s->model->tensors;
    while (strcmp(row->name, name))
        row++;
    const float *weights = s->model->weights + row->offset;
    double square = 0;
    for (size_t i = 0; i < row->size; i++)
        square += ((double)weights[i] - (double)begin->data[i]) * ((double)weights[i] - (double)begin->data[i]);
    expect_near(what, name, sqrt(square), truth[0], way_tolerance * truth[0]);
    for (size_t k = 0; k < SAMPLES; k++) /* a weight is off by its roundings, and by the share of its way that all are */
        expect_near(what, name, (double)weights[(k * 7919 + 13) % row->size], truth[1 + k],
                    weight_tolerance + way_tolerance * truth[0] / sqrt((double)row->size));
}

/* On the best instruction set: that others compute the same bits is shown by test_hashes.c. */
static void check_run(stage *s, const lenet_settings *settings, const char *what, double losses[STEPS], double (*tensors)[1 + SAMPLES],
                      char (*names)[32], int count)
{
    double got[STEPS];
    open_stage(s, settings);
    take_steps(s, settings, got);
    for (int i = 0; i < STEPS; i++)
        expect_near(what, "loss", got[i], losses[i], loss_tolerance * losses[i]);
    assert_int_equal(count, s->model->tensor_count);
    for (int i = 0; i < count; i++)
        expect_tensor(s, what, names[i], tensors[i]);
    close_stage(s);
}

/* Leaves the reader at the line behind the run. */
static void test_run(reader *r, stage *s, char *text)
{
    enum { TENSORS = 10 };
    char what[160], names[TENSORS][32];
    double losses[STEPS], tensors[TENSORS][1 + SAMPLES];
    int count = 0;
    snprintf(what, sizeof what, "%.150s", text);
    char *kept = strdup(text);
    assert_non_null(kept);
    lenet_settings settings = read_settings(kept);
    complete(&settings);
    next_line(r);
    read_numbers(after(r, "losses"), losses, STEPS);
    for (char *tensor; next_line(r) && (tensor = after(r, "tensor")); count++) {
        const size_t length = strcspn(tensor, " ");
        assert_true(count < TENSORS && length < sizeof names[0]);
        snprintf(names[count], sizeof names[0], "%.*s", (int)length, tensor);
        read_numbers(tensor + length, tensors[count], 1 + SAMPLES);
    }
    check_run(s, &settings, what, losses, tensors, names, count);
    free(kept);
}

/* --------------------------------------------------------------------------------------- schedules and patience */

/* As in tools/golden-recipes.py. */
static double validation_loss(int epoch) { return 2 / (1 + 0.3 * epoch) + epoch * 7 % 5 * 0.08; }

static void test_schedule(reader *r, char *text, double tolerance)
{
    char *rest = NULL;
    const int epochs = (int)strtol(text, &rest, 10), steps = (int)strtol(rest, &rest, 10);
    char *kept = strdup(rest + 1), what[160];
    double rates[RATES], momenta[RATES];
    assert_non_null(kept);
    snprintf(what, sizeof what, "%.150s", rest + 1);
    lenet_settings settings = read_settings(kept);
    settings.epochs = epochs;
    complete(&settings);
    ln_schedule schedule;
    ln_schedule_open(&schedule, &settings, (uint64_t)steps);
    next_line(r);
    read_numbers(after(r, "rates"), rates, RATES);
    const int moves = next_line(r) && after(r, "momenta") != NULL;
    if (moves)
        read_numbers(after(r, "momenta"), momenta, RATES), next_line(r);
    for (int step = 0; step < RATES; step++) {
        const ln_pace pace = ln_schedule_at(&schedule, (uint64_t)step);
        expect_near(what, "rate", pace.rate, rates[step], tolerance * settings.learning_rate);
        assert_int_equal(isnan(pace.momentum), !moves);
        if (moves)
            expect_near(what, "momentum", pace.momentum, momenta[step], rate_tolerance);
        if (step % steps == steps - 1)
            ln_schedule_update(&schedule, validation_loss(step / steps));
    }
    free(kept);
}

static void test_patience(reader *r, char *text)
{
    const lenet_settings settings = read_settings(text);
    ln_patience patience = {.best = INFINITY};
    double ended;
    int epochs = 0;
    next_line(r);
    read_numbers(after(r, "ended"), &ended, 1);
    while (patience.wait < settings.patience)
        ln_patience_update(&patience, validation_loss(epochs++), settings.min_delta);
    assert_int_equal(epochs, (int)ended);
    next_line(r);
}

/* Every line of the file belongs to a test. Returns how many there were. */
static int test_file(const char *path, double tolerance)
{
    reader r = {.file = fopen(path, "r")};
    static stage s;
    int tests = 0;
    char *text;
    assert_non_null(r.file);
    load_start(&s);
    next_line(&r); /* who made it */
    for (next_line(&r); *r.line; tests++) {
        if ((text = after(&r, "run")))
            test_run(&r, &s, text);
        else if ((text = after(&r, "schedule")))
            test_schedule(&r, text, tolerance);
        else if ((text = after(&r, "patience")))
            test_patience(&r, text);
        else
            fail_msg("%s: what is '%s'?", path, r.line);
    }
    ln_safetensors_close(&s.start);
    fclose(r.file);
    return tests;
}

static void test_keras(void **state)
{
    (void)state;
    assert_int_equal(test_file("tests/golden/recipes-keras.txt", keras_rate_tolerance), 35);
}

static void test_pytorch(void **state)
{
    (void)state;
    assert_int_equal(test_file("tests/golden/recipes-pytorch.txt", rate_tolerance), 21);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keras),
        cmocka_unit_test(test_pytorch),
    };
    return cmocka_run_group_tests_name("recipes", tests, NULL, NULL);
}
