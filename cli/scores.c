/* SPDX-License-Identifier: MIT */
/* scores.c - averages, ROC areas and calibration of a measured model, for people and for JSON; see measure.h. */
#include "cli/confusion.h"
#include "cli/measure.h"
#include "cli/terminal.h"
#include "lab/text/json.h"

#include <math.h>
#include <stdio.h>

enum { NAME_ROOM = 64, NAME_SHOWN = 18 };
static const int shown_k[] = {2, 3, 5};
enum { SHOWN_K = sizeof shown_k / sizeof *shown_k };

/* ----------------------------------------------------------------------------------------------------- for people */

static void print_averages(const char *name, const lab_averages *a)
{
    printf("  %-9s%10.2f%8.2f%8.2f\n", name, 100 * a->precision, 100 * a->recall, 100 * a->f1);
}

static void print_number(const char *format, double number)
{
    if (isnan(number))
        puts("-");
    else
        printf(format, number);
}

static void print_name(const char *name) { printf("%-28s", name); }

static void print_top(const measured *m)
{
    for (int i = 0; i < SHOWN_K && shown_k[i] < m->answers.classes; i++) {
        char name[32];
        snprintf(name, sizeof name, "top %d", shown_k[i]);
        print_name(name);
        printf("%.2f %%\n", 100 * lab_top_k(&m->answers, shown_k[i]));
    }
}

static void print_roc(const measured *m)
{
    const style look = style_of(stdout);
    char name[NAME_ROOM];
    printf("%sROC area, one class against the others%s\n", look.bold, look.reset);
    for (int k = 0; k < m->answers.classes; k++) {
        snprintf(name, sizeof name, "%s", m->evaluation.class_names[k]);
        shorten(make_printable(name), sizeof name, NAME_SHOWN);
        printf("  %s%*s", name, NAME_SHOWN + 1 - text_width(name), "");
        print_number("%.5f\n", m->roc_area[k]);
    }
    putchar('\n');
}

static void print_reliability(const measured *m)
{
    const style look = style_of(stdout);
    printf("%sreliability, %%%s\n  confidence        images    mean confidence    accuracy\n", look.bold, look.reset);
    for (int b = 0; b < LAB_CALIBRATION_BINS; b++) {
        const lab_calibration_bin *bin = &m->calibration.bins[b];
        if (bin->count)
            printf("  %5.1f to %5.1f%10zu%19.2f%12.2f\n", 100 * bin->low, 100 * bin->high, bin->count,
                   100 * bin->confidence, 100 * bin->accuracy);
    }
    putchar('\n');
}

static void print_calibration(const measured *m)
{
    print_name("expected calibration error");
    printf("%.2f %% in %d bins\n", 100 * m->calibration.expected_error, LAB_CALIBRATION_BINS);
    print_name("at temperature");
    printf("%.3f, fitted to these images: %.2f %%, loss %.4f\n", m->temperature, 100 * m->calibrated.expected_error,
           lab_log_loss_at(&m->answers, m->temperature));
}

void print_scores(const measured *m, bool all)
{
    const style look = style_of(stdout);
    if (all) {
        print_roc(m);
        print_reliability(m);
    }
    printf("%saverages, %%%s   precision  recall      F1\n", look.bold, look.reset);
    print_averages("macro", &m->scores.macro);
    print_averages("weighted", &m->scores.weighted);
    putchar('\n');
    print_name("balanced accuracy");
    printf("%.2f %%\n", 100 * m->scores.balanced_accuracy);
    print_name("Cohen's kappa");
    print_number("%.4f\n", m->scores.kappa);
    print_name("Matthews' correlation");
    printf("%.4f\n", m->scores.mcc);
    print_top(m);
    print_name("ROC area, mean of classes");
    print_number("%.5f\n", m->mean_roc_area);
    print_name("Brier score");
    printf("%.4f\n", m->brier);
    print_calibration(m);
    putchar('\n');
}

/* ------------------------------------------------------------------------------------------------------- for JSON */

static json_t *value_of_averages(const lab_averages *a)
{
    return json_pack("{s:o, s:o, s:o}", "precision", value_of_number(a->precision), "recall",
                     value_of_number(a->recall), "f1", value_of_number(a->f1));
}

static json_t *value_of_top(const measured *m)
{
    json_t *top = json_object();
    for (int i = 0; i < SHOWN_K && shown_k[i] < m->answers.classes; i++) {
        char key[16];
        snprintf(key, sizeof key, "%d", shown_k[i]);
        if (json_object_set_new(top, key, value_of_number(lab_top_k(&m->answers, shown_k[i])))) {
            json_decref(top);
            return NULL;
        }
    }
    return top;
}

static json_t *value_of_areas(const measured *m)
{
    json_t *areas = json_array();
    for (int k = 0; k < m->answers.classes; k++)
        if (json_array_append_new(areas, value_of_number(m->roc_area[k]))) {
            json_decref(areas);
            return NULL;
        }
    return json_pack("{s:o, s:o}", "macro", value_of_number(m->mean_roc_area), "classes", areas);
}

static json_t *value_of_bins(const lab_calibration *c)
{
    json_t *bins = json_array();
    for (int b = 0; b < LAB_CALIBRATION_BINS; b++) {
        const lab_calibration_bin *bin = &c->bins[b];
        if (json_array_append_new(bins, json_pack("{s:o, s:o, s:I, s:o, s:o}", "low", value_of_number(bin->low), "high",
                                                  value_of_number(bin->high), "count", (json_int_t)bin->count,
                                                  "confidence", value_of_number(bin->confidence), "accuracy",
                                                  value_of_number(bin->accuracy)))) {
            json_decref(bins);
            return NULL;
        }
    }
    return bins;
}

static json_t *value_of_calibration(const measured *m)
{
    /* clang-format off */
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}",
                     "expected_error", value_of_number(m->calibration.expected_error),
                     "largest_error", value_of_number(m->calibration.largest_error),
                     "bins", value_of_bins(&m->calibration),
                     "temperature", value_of_number(m->temperature),
                     "expected_error_at_temperature", value_of_number(m->calibrated.expected_error),
                     "loss_at_temperature", value_of_number(lab_log_loss_at(&m->answers, m->temperature)));
    /* clang-format on */
}

json_t *value_of_measured(const measured *m)
{
    /* clang-format off */
    json_t *scores = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                               "macro", value_of_averages(&m->scores.macro),
                               "weighted", value_of_averages(&m->scores.weighted),
                               "balanced_accuracy", value_of_number(m->scores.balanced_accuracy),
                               "kappa", value_of_number(m->scores.kappa),
                               "matthews", value_of_number(m->scores.mcc),
                               "top_k", value_of_top(m),
                               "brier", value_of_number(m->brier),
                               "roc_area", value_of_areas(m),
                               "calibration", value_of_calibration(m));
    /* clang-format on */
    json_t *value = value_of_evaluation(&m->evaluation);
    if (!scores || !value || json_object_update(value, scores)) {
        json_decref(value);
        value = NULL;
    }
    json_decref(scores);
    return value;
}
