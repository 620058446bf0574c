/* SPDX-License-Identifier: MIT */
/*
 * ensemble.c - several models on the same images: each alone, their ensemble, and what each pair has in common;
 * see measure.h.
 */
#include "cli/measure.h"
#include "cli/terminal.h"
#include "lab/stats/stats.h"
#include "lab/text/json.h"

#include <stdio.h>

/* Of the images that one of two models has wrong, the share that both have; 0 if neither has an error. */
static double common_share(const lab_agreement *a)
{
    const size_t wrong = a->first_right + a->second_right + a->both_wrong;
    return wrong ? (double)a->both_wrong / (double)wrong : 0;
}

static void print_model(const measured *m, const char *name)
{
    const lenet_evaluation *e = &m->evaluation;
    const lab_interval interval = lab_wilson(e->correct, e->count, 0.95);
    printf("  %-9s%9.2f%10.2f to %6.2f%10.4f%9zu\n", name, 100 * e->accuracy, 100 * interval.low, 100 * interval.high,
           e->loss, e->count - e->correct);
}

void print_models(const measured *m, size_t models)
{
    const style look = style_of(stdout);
    for (size_t i = 0; i < models; i++)
        printf("  %zu  %s\n", i + 1, m[i].name);
    printf("\n%smodel       accuracy     95 %% interval      loss   errors%s\n", look.bold, look.reset);
    for (size_t i = 0; i < models; i++) {
        char name[24];
        snprintf(name, sizeof name, "%zu", i + 1);
        print_model(&m[i], name);
    }
    print_model(&m[models], "ensemble");
    printf("\n%spair    only first right  only second  both wrong  in common  McNemar p%s\n", look.bold, look.reset);
    for (size_t i = 0; i < models; i++)
        for (size_t k = i + 1; k < models; k++) {
            const lab_agreement a = lab_compare_predictions(&m[i].answers, &m[k].answers);
            printf("  %2zu, %-2zu%16zu%13zu%12zu%9.1f %%%11.4f\n", i + 1, k + 1, a.first_right, a.second_right,
                   a.both_wrong, 100 * common_share(&a), lab_mcnemar(a.first_right, a.second_right));
        }
    puts("\nin common: of the images that one of the two has wrong, those that both have");
}

json_t *value_of_pairs_of_models(const measured *m, size_t models)
{
    json_t *pairs = json_array();
    for (size_t i = 0; i < models; i++)
        for (size_t k = i + 1; k < models; k++) {
            const lab_agreement a = lab_compare_predictions(&m[i].answers, &m[k].answers);
            /* clang-format off */
            json_t *pair = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}",
                                     "first", (json_int_t)i + 1,
                                     "second", (json_int_t)k + 1,
                                     "both_right", (json_int_t)a.both_right,
                                     "first_right", (json_int_t)a.first_right,
                                     "second_right", (json_int_t)a.second_right,
                                     "both_wrong", (json_int_t)a.both_wrong,
                                     "same_wrong", (json_int_t)a.same_wrong,
                                     "errors_in_common", value_of_number(common_share(&a)),
                                     "mcnemar_p", value_of_number(lab_mcnemar(a.first_right, a.second_right)));
            /* clang-format on */
            if (json_array_append_new(pairs, pair)) {
                json_decref(pairs);
                return NULL;
            }
        }
    return pairs;
}
