/* SPDX-License-Identifier: MIT */
/*
 * test_metrics.c - lab/stats/classify.h against scikit-learn, on predictions of two networks for 250 images of
 * MNIST, and where classes have no images. The numbers of metrics.txt must all be known here, so that none is
 * left out in silence.
 */
#include "lab/stats/classify.h"
#include "lab/stats/stats.h"
#include "util/file.h"
#include "util/memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { IMAGES = 250, CLASSES = 10 };

typedef struct answers {
    lab_predictions p;
    uint8_t truth[IMAGES];
    float probabilities[IMAGES][CLASSES];
} answers;

static void confuse(const lab_predictions *p, uint32_t *confusion)
{
    memset(confusion, 0, (size_t)p->classes * (size_t)p->classes * sizeof *confusion);
    for (size_t i = 0; i < p->count; i++)
        confusion[p->truth[i] * p->classes + lab_predicted(p, i)]++;
}

static double of_confusion(const lab_predictions *p, const char *name)
{
    uint32_t confusion[CLASSES * CLASSES];
    confuse(p, confusion);
    const lab_scores s = lab_scores_of(confusion, p->classes);
    const struct {
        const char *name;
        double value;
    } table[] = {{"accuracy", s.accuracy},
                 {"balanced_accuracy", s.balanced_accuracy},
                 {"kappa", s.kappa},
                 {"matthews", s.mcc},
                 {"macro_precision", s.macro.precision},
                 {"macro_recall", s.macro.recall},
                 {"macro_f1", s.macro.f1},
                 {"weighted_precision", s.weighted.precision},
                 {"weighted_recall", s.weighted.recall},
                 {"weighted_f1", s.weighted.f1}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!strcmp(table[i].name, name))
            return table[i].value;
    fail_msg("metrics.txt has '%s', which no function gives", name);
    return NAN;
}

/* The temperature itself is found by minimising, so it is as exact as the square root of a rounding error. */
static void expect_near(const char *name, double found, double wanted)
{
    const double tolerance = !strcmp(name, "temperature") ? 1e-6 : strstr(name, "error_at_temperature") ? 1e-6 : 1e-9;
    if (!(fabs(found - wanted) <= tolerance * fmax(1, fabs(wanted))))
        fail_msg("%s: %.12g, scikit-learn has %.12g", name, found, wanted);
}

static double area_of(const lab_roc_point *points, size_t count)
{
    double area = 0;
    for (size_t i = 1; i < count; i++)
        area += (points[i].false_positive - points[i - 1].false_positive) *
                (points[i].true_positive + points[i - 1].true_positive) / 2;
    assert_true(count >= 2 && points[count - 1].false_positive == 1 && points[count - 1].true_positive == 1 &&
                isinf(points[0].threshold));
    return area;
}

static double value_of(const lab_predictions *p, const char *name)
{
    static lab_ranked scratch[IMAGES];
    static lab_roc_point points[IMAGES + 1];
    int number;
    if (sscanf(name, "top_%d", &number) == 1)
        return lab_top_k(p, number);
    if (sscanf(name, "roc_area_%d", &number) == 1) {
        expect_near("the area below the points", area_of(points, lab_roc(p, number, scratch, points)),
                    lab_roc_area(p, number, scratch));
        return lab_roc_area(p, number, scratch);
    }
    const double t = lab_best_temperature(p);
    return !strcmp(name, "log_loss")                        ? lab_log_loss(p)
           : !strcmp(name, "brier")                         ? lab_brier(p)
           : !strcmp(name, "expected_error")                ? lab_calibrate(p, 1).expected_error
           : !strcmp(name, "largest_error")                 ? lab_calibrate(p, 1).largest_error
           : !strcmp(name, "temperature")                   ? t
           : !strcmp(name, "log_loss_at_temperature")       ? lab_log_loss_at(p, t)
           : !strcmp(name, "expected_error_at_temperature") ? lab_calibrate(p, t).expected_error
                                                            : of_confusion(p, name);
}

static double value_of_pair(const answers *both, const char *name)
{
    const lab_agreement a = lab_compare_predictions(&both[0].p, &both[1].p);
    return !strcmp(name, "both_right")     ? (double)a.both_right
           : !strcmp(name, "first_right")  ? (double)a.first_right
           : !strcmp(name, "second_right") ? (double)a.second_right
           : !strcmp(name, "both_wrong")   ? (double)a.both_wrong
           : !strcmp(name, "same_wrong")   ? (double)a.same_wrong
           : !strcmp(name, "mcnemar")      ? lab_mcnemar(a.first_right, a.second_right)
                                           : NAN;
}

static void add_image(answers *a, const char *line)
{
    char *at;
    assert_true(a->p.count < IMAGES);
    a->truth[a->p.count] = (uint8_t)strtol(line, &at, 10);
    for (int k = 0; k < CLASSES; k++)
        a->probabilities[a->p.count][k] = strtof(at, &at);
    a->p.count++;
}

static void agrees_with_scikit_learn(void **state)
{
    (void)state;
    static answers both[2];
    const char *const root = getenv("LENET_SOURCE");
    char path[1024];
    int model = -1, values = 0;
    unsigned char *data = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/tests/golden/metrics.txt", root ? root : ".");
    assert_int_equal(ln_read_file(path, 1 << 22, &data, &size, NULL), LENET_OK);
    char *text = ln_alloc(size + 1, 1), *rest = text;
    memcpy(text, data, size);
    for (char *line; (line = strsep(&rest, "\n"));) {
        char name[48];
        double wanted;
        if (!strncmp(line, "model ", 6))
            both[++model].p = (lab_predictions){0, CLASSES, both[model].truth, &both[model].probabilities[0][0]};
        else if (!strncmp(line, "image ", 6))
            add_image(&both[model], line + 6);
        else if (sscanf(line, "value %47s %lf", name, &wanted) == 2)
            expect_near(name, value_of(&both[model].p, name), wanted), values++;
        else if (sscanf(line, "pair %47s %lf", name, &wanted) == 2)
            expect_near(name, value_of_pair(both, name), wanted), values++;
    }
    assert_true(both[0].p.count == IMAGES && both[1].p.count == IMAGES && values == 2 * 31 + 6);
    ln_free(text);
    ln_free(data);
}

/* Three classes, of which the last has no images and is never predicted. */
static void missing_classes_do_not_count(void **state)
{
    (void)state;
    const uint32_t confusion[9] = {3, 1, 0, 0, 4, 0, 0, 0, 0};
    const lab_scores s = lab_scores_of(confusion, 3);
    assert_true(fabs(s.balanced_accuracy - (0.75 + 1) / 2) < 1e-15 && fabs(s.macro.recall - 0.875) < 1e-15);
    assert_true(fabs(s.macro.precision - (1 + 0.8) / 2) < 1e-15);
    const uint32_t one_class[4] = {5, 0, 0, 0};
    assert_true(isnan(lab_scores_of(one_class, 2).kappa) && lab_scores_of(one_class, 2).mcc == 0);
    const uint8_t truth[2] = {0, 0};
    const float probabilities[4] = {0.5f, 0.5f, 1, 0};
    const lab_predictions p = {2, 2, truth, probabilities};
    lab_ranked scratch[2];
    lab_roc_point points[3];
    assert_true(isnan(lab_roc_area(&p, 0, scratch)) && lab_roc(&p, 0, scratch, points) == 0);
    assert_int_equal(lab_predicted(&p, 0), 0);
    assert_true(lab_top_k(&p, 1) == 1 && lab_calibrate(&p, 1).bins[7].count == 1 &&
                lab_calibrate(&p, 1).bins[14].count == 1);
}

/* A probability of 0 for the truth costs much, not everything; ties count half. */
static void extremes_are_finite(void **state)
{
    (void)state;
    const uint8_t truth[4] = {0, 1, 0, 1};
    const float probabilities[8] = {0, 1, 0, 1, 0, 1, 0, 1};
    const lab_predictions p = {4, 2, truth, probabilities};
    lab_ranked scratch[4];
    lab_roc_point points[5];
    assert_true(isfinite(lab_log_loss(&p)) && lab_log_loss(&p) > 50);
    assert_true(lab_roc_area(&p, 0, scratch) == 0.5);
    assert_int_equal(lab_roc(&p, 1, scratch, points), 2);
    const double t = lab_best_temperature(&p);
    assert_true(t >= 0.01 && t <= 100 && isfinite(lab_calibrate(&p, t).expected_error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_scikit_learn),
        cmocka_unit_test(missing_classes_do_not_count),
        cmocka_unit_test(extremes_are_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
