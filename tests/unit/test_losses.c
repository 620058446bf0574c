/* SPDX-License-Identifier: MIT */
/*
 * test_losses.c - every loss of the table, as a name in settings makes it, against a second implementation in double, written
 * from the definitions that docs/recipe.md names: its value, and its gradient by central differences, on every instruction
 * set. And what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "settings/names.h"
#include "util/random.h"
#include "kernels/kernels.h"
#include "train/loss.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CLASSES = 7, COUNT = 13 };

static double noise[CLASSES][CLASSES];

/* ------------------------------------------------------------------------------------------------- definitions */

/* The cross-entropy of p with u as the truth. */
static double entropy_with(const double *u, const double *p)
{
    double sum = 0;
    for (int k = 0; k < CLASSES; k++)
        sum -= u[k] * log(p[k]);
    return sum;
}

static double binary(const double *t, const double *p)
{
    double sum = 0;
    for (int k = 0; k < CLASSES; k++)
        sum -= t[k] * log(p[k]) + (1 - t[k]) * log(1 - p[k]);
    return sum / CLASSES;
}

static double distance(const double *t, const double *p, int power)
{
    double sum = 0;
    for (int k = 0; k < CLASSES; k++)
        sum += power == 1 ? fabs(p[k] - t[k]) : (p[k] - t[k]) * (p[k] - t[k]);
    return sum;
}

/* The loss `name` of outputs z and label y. */
static double define(const char *name, const double *z, int y)
{
    double p[CLASSES], sigmoid[CLASSES], t[CLASSES] = {0}, u[CLASSES], sum = 0, noisy = 0, rce = 0;
    int first = 0;
    t[y] = 1;
    for (int k = 0; k < CLASSES; k++) {
        sum += exp(z[k]);
        sigmoid[k] = 1 / (1 + exp(-z[k]));
        first = z[k] > z[first] ? k : first;
    }
    for (int k = 0; k < CLASSES; k++) {
        p[k] = exp(z[k]) / sum;
        noisy += noise[k][y] * p[k];
        rce -= p[k] * (k == y ? 0 : -4);
    }
    const char *const words[] = {"label-smoothing", "bootstrap", "bootstrap-hard"};
    const double weight[3][3] = {{0.9, 0, 0.1 / CLASSES}, {0.95, 0, 0}, {0.8, 0.2, 0}};
    for (int i = 0; i < 3; i++)
        if (!strcmp(name, words[i])) {
            for (int k = 0; k < CLASSES; k++)
                u[k] = weight[i][0] * t[k] + weight[i][1] * (k == first) + weight[i][2] + (i == 1 ? 0.05 * p[k] : 0);
            return entropy_with(u, p);
        }
    return !strcmp(name, "cross-entropy")           ? -log(p[y])
           : !strcmp(name, "bce")                     ? binary(t, p)
           : !strcmp(name, "bce-sigmoid")             ? binary(t, sigmoid)
           : !strcmp(name, "mse")                     ? distance(t, p, 2) / CLASSES
           : !strcmp(name, "mse-sum")                 ? distance(t, p, 2)
           : !strcmp(name, "l1")                      ? distance(t, p, 1) / CLASSES
           : !strcmp(name, "l1-sum")                  ? distance(t, p, 1)
           : !strcmp(name, "focal")                   ? -0.25 * pow(1 - p[y], 2) * log(p[y])
           : !strcmp(name, "focal:0.5:alpha=1")       ? -sqrt(1 - p[y]) * log(p[y])
           : !strcmp(name, "gce")                     ? (1 - pow(p[y], 0.7)) / 0.7
           : !strcmp(name, "gce:q=1")                 ? 1 - p[y]
           : !strcmp(name, "symmetric-cross-entropy") ? -0.1 * log(p[y]) + rce
           : !strcmp(name, "forward")                 ? -log(noisy)
                                                      : NAN;
}

static const char *const names[] = {"cross-entropy", "label-smoothing", "bce", "bce-sigmoid", "mse", "mse-sum", "l1", "l1-sum", "focal",
                                    "focal:0.5:alpha=1", "gce", "gce:q=1", "symmetric-cross-entropy", "bootstrap", "bootstrap-hard",
                                    "forward", NULL};

/* ------------------------------------------------------------------------------------------------------- checks */

static void write_noise(char path[64])
{
    snprintf(path, 64, "/tmp/lenet-noise-XXXXXX");
    const int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    FILE *file = fdopen(descriptor, "w");
    assert_non_null(file);
    fputs("# counts\n", file);
    for (int i = 0; i < CLASSES; i++) {
        int counts[CLASSES], sum = 0;
        for (int k = 0; k < CLASSES; k++) {
            counts[k] = 1 + (i * 3 + k * 5) % 11 + 40 * (i == k);
            sum += counts[k];
            fprintf(file, "%d%s", counts[k], k + 1 == CLASSES ? "\n" : k % 2 ? ", " : "  ");
        }
        for (int k = 0; k < CLASSES; k++)
            noise[i][k] = counts[k] / (double)sum;
    }
    assert_int_equal(fclose(file), 0);
}

typedef struct sample {
    double z[CLASSES];
    int label;
} sample;

/* From outputs that say nothing to outputs that are sure, of the label or of another class. */
static void draw(sample samples[COUNT])
{
    ln_random random = ln_random_open(3, LN_FOR_LIMIT, 0, 0);
    for (int i = 0; i < COUNT; i++) {
        samples[i].label = (int)ln_random_below(&random, CLASSES);
        for (int k = 0; k < CLASSES; k++)
            samples[i].z[k] = (double)(float)(ln_random_normal(&random) * (0.2 + i * 0.4));
    }
}

static void expect(const char *name, const char *isa, const char *what, int i, int k, double found, double truth, double allowed)
{
    if (!(fabs(found - truth) <= allowed))
        fail_msg("%s on %s: %s of sample %d, output %d is %.9g, and by its definition %.9g", name, isa, what, i, k, found, truth);
}

static void check(const char *name, const ln_loss *loss, const ln_kernels *kernels)
{
    sample samples[COUNT];
    float logits[CLASSES * LN_BLOCK] = {0}, slopes[CLASSES * LN_BLOCK], losses[LN_BLOCK];
    uint8_t label[LN_BLOCK] = {0}, predicted[LN_BLOCK];
    const int width = kernels->width;
    draw(samples);
    for (int i = 0; i < COUNT; i++) {
        label[i] = (uint8_t)samples[i].label;
        for (int k = 0; k < CLASSES; k++)
            logits[(i / width * CLASSES + k) * width + i % width] = (float)samples[i].z[k];
    }
    kernels->loss(loss, CLASSES, logits, label, COUNT, 0.5f, slopes, losses, predicted);
    for (int i = 0; i < COUNT; i++) {
        double *z = samples[i].z;
        const double truth = define(name, z, label[i]);
        expect(name, kernels->isa, "the loss", i, label[i], (double)losses[i], truth, 2e-6 * (1 + fabs(truth)));
        for (int k = 0; k < CLASSES; k++) {
            const double h = 1e-5, before = z[k];
            z[k] = before + h;
            const double up = define(name, z, label[i]);
            z[k] = before - h;
            const double down = define(name, z, label[i]);
            z[k] = before;
            const double found = (double)slopes[(i / width * CLASSES + k) * width + i % width];
            expect(name, kernels->isa, "the gradient", i, k, found, 0.5 * (up - down) / (2 * h), 1e-6);
        }
    }
    for (int i = COUNT; i < LN_BLOCK; i++)
        for (int k = 0; k < CLASSES; k++)
            assert_true(slopes[(i / width * CLASSES + k) * width + i % width] == 0);
}

static lenet_status open_loss(const char *name, const char *matrix, ln_loss *loss, lenet_error *error)
{
    lenet_settings settings;
    lenet_settings_default(&settings);
    settings.loss = name;
    settings.noise_matrix = matrix;
    const lenet_status status = lenet_settings_complete(&settings, &settings, error);
    return status ? status : ln_loss_open(loss, &settings, CLASSES, error);
}

static void test_every_loss(void **state)
{
    (void)state;
    char path[64];
    write_noise(path);
    for (const char *const *name = names; *name; name++) {
        ln_loss loss = {0};
        lenet_error error = {LENET_OK, ""};
        open_loss(*name, strcmp(*name, "forward") ? NULL : path, &loss, &error);
        assert_string_equal(error.text, "");
        for (const char *const *isa = lenet_isa_list(); *isa; isa++)
            check(*name, &loss, ln_kernels_find(*isa));
        ln_loss_close(&loss);
    }
    for (const char *const *name = ln_loss_names; *name; name++) { /* none is forgotten above */
        int found = 0;
        for (const char *const *tested = names; *tested; tested++)
            found += !strcmp(*name, *tested);
        assert_int_equal(found, 1);
    }
    remove(path);
}

/* The largest slope of a loss where class 0 is ahead of the others by `gap` and the label is 1; none is too small for its products. */
static float largest_slope(const ln_loss *loss, const ln_kernels *kernels, float gap)
{
    float logits[CLASSES * LN_BLOCK] = {0}, slopes[CLASSES * LN_BLOCK], losses[LN_BLOCK], largest = 0;
    uint8_t label[LN_BLOCK], predicted[LN_BLOCK];
    const int width = kernels->width;
    memset(label, 1, sizeof label);
    for (int i = 0; i < LN_BLOCK; i++)
        logits[i / width * CLASSES * width + i % width] = gap;
    kernels->loss(loss, CLASSES, logits, label, LN_BLOCK, 0.5f, slopes, losses, predicted);
    for (int i = 0; i < CLASSES * LN_BLOCK; i++) {
        assert_true(slopes[i] == 0 || fabsf(slopes[i]) >= LN_LEAST_SLOPE || loss->kind == LN_CROSS_ENTROPY);
        largest = fmaxf(largest, fabsf(slopes[i]));
    }
    return largest;
}

static void test_vanishing_slopes(void **state)
{
    (void)state;
    for (const char *const *name = names; *name; name++) {
        if (!strcmp(*name, "forward"))
            continue; /* it wants a matrix, and its slopes are those of the entropy */
        ln_loss loss = {0};
        lenet_error error = {LENET_OK, ""};
        assert_int_equal(open_loss(*name, NULL, &loss, &error), LENET_OK);
        for (const char *const *isa = lenet_isa_list(); *isa; isa++)
            for (float gap = 10; gap < 200; gap += 10) {
                const float largest = largest_slope(&loss, ln_kernels_find(*isa), gap);
                if (!strcmp(*name, "l1"))
                    assert_int_equal(largest > 0, gap < 45); /* given up: exp(-gap) / 7 is below 2^-66 */
            }
        ln_loss_close(&loss);
    }
}

/* A name that means something else is told apart. */
static void test_can_fail(void **state)
{
    (void)state;
    const double z[CLASSES] = {1, -2, 0.5, 3, 0, 0, 2};
    for (int i = 0; names[i]; i++)
        for (int j = 0; j < i; j++)
            assert_true(fabs(define(names[i], z, 2) - define(names[j], z, 2)) > 1e-5);
}

static void refuse(const char *name, const char *matrix, const char *reason)
{
    ln_loss loss = {0};
    lenet_error error = {LENET_OK, ""};
    assert_true(open_loss(name, matrix, &loss, &error) == LENET_USAGE || error.status == LENET_INPUT);
    if (!strstr(error.text, reason))
        fail_msg("%s: '%s' should say '%s'", name, error.text, reason);
    ln_loss_close(&loss);
}

static void refuse_matrix(const char *text, const char *reason)
{
    char path[64] = "/tmp/lenet-noise-XXXXXX";
    const int descriptor = mkstemp(path);
    assert_true(descriptor >= 0 && write(descriptor, text, strlen(text)) == (ssize_t)strlen(text));
    close(descriptor);
    refuse("forward", path, reason);
    remove(path);
}

static void test_refusals(void **state)
{
    (void)state;
    refuse("gcd", NULL, "did you mean gce");
    refuse("gce:2", NULL, "q: 2 is not between 0.01 and 1");
    refuse("gce:p=0.5", NULL, "it has no number 'p'");
    refuse("focal:2:0.25:1", NULL, "one number too many");
    refuse("mse:sum", NULL, "one number too many");
    refuse("forward", NULL, "none is given");
    refuse("gce", "matrix", "only the loss forward uses it");
    refuse("forward", "/nowhere/matrix", "/nowhere/matrix");
    refuse_matrix("1 2 3", "3 numbers, but 7 classes need 7 rows of 7");
    refuse_matrix("1 2 -3", "number 3, '-3', is no share or count");
    refuse_matrix("1 2 x", "'x'");
    char zeros[2 * CLASSES * CLASSES + 1] = "";
    for (int i = 0; i < CLASSES * CLASSES; i++)
        strcat(zeros, i < CLASSES ? "1 " : "0\n");
    refuse_matrix(zeros, "the sum of row 2 is 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_loss),
        cmocka_unit_test(test_vanishing_slopes),
        cmocka_unit_test(test_can_fail),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests_name("losses", tests, NULL, NULL);
}
