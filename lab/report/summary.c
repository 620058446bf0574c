/* SPDX-License-Identifier: MIT */
/*
 * summary.c - see summary.h. The card of a data set has the setting with the best mean test accuracy of the
 * weights that were kept, among the settings with the most runs (of five and more none is preferred). The
 * choice by that number flatters it, so the card states among how many settings it is the best.
 */
#include "lab/report/summary.h"

#include "lab/report/markup.h"
#include "lab/report/plan.h"
#include "lab/text/json.h"
#include "lenet/tools.h"

#include <math.h>
#include <string.h>

enum { ENOUGH_RUNS = 5, MOST_CARDS = 6 };

static const lab_measure kept = {LAB_AT_KEPT, 0, LENET_TEST_ACCURACY};

/* What is known of one data set. */
typedef struct subject {
    const char *data, *title;
    size_t settings; /* that have runs */
    size_t place;    /* of the best one's experiment */
    const lab_trial *best;
    lab_sample sample;
} subject;

/* "MNIST" of "MNIST handwritten digits"; of a folder its name. */
static const char *title_of(lab_pool *pool, const char *data)
{
    const lenet_source *known = lenet_source_find(data);
    const char *slash = strrchr(data, '/');
    if (known)
        return lab_format(pool, "%.*s", (int)strcspn(known->title, " "), known->title);
    return lab_printable(pool, slash && slash[1] ? slash + 1 : data);
}

static bool is_better(const lab_sample *a, const lab_sample *b)
{
    const size_t of_a = a->count < ENOUGH_RUNS ? a->count : ENOUGH_RUNS,
                 of_b = b->count < ENOUGH_RUNS ? b->count : ENOUGH_RUNS;
    return of_a != of_b ? of_a > of_b : a->mean > b->mean;
}

static subject *subject_of(lab_pool *pool, subject *all, size_t *count, const char *data)
{
    for (size_t i = 0; i < *count; i++)
        if (!strcmp(all[i].data, data))
            return &all[i];
    all[*count] = (subject){.data = data, .title = title_of(pool, data)};
    return &all[(*count)++];
}

static void take_trial(lab_pool *pool, subject *s, const lab_trial *trial, size_t place)
{
    const lab_sample sample = lab_measure_trial(pool, trial, &kept);
    s->settings += lab_trial_there(trial) > 0 ? 1 : 0;
    if (!sample.count || trial->point->is_over_folds) /* folds share images */
        return;
    if (s->best && !is_better(&sample, &s->sample))
        return;
    s->best = trial;
    s->place = place;
    s->sample = sample;
}

static subject *list_subjects(const lab_scene *scene, size_t *count)
{
    size_t trials = 0;
    *count = 0;
    for (size_t x = 0; x < scene->results->count; x++)
        trials += scene->results->experiments[x].count;
    subject *all = lab_alloc(scene->pool, trials, sizeof *all);
    for (size_t x = 0; x < scene->results->count; x++)
        for (size_t t = 0; t < scene->results->experiments[x].count; t++) {
            const lab_trial *trial = &scene->results->experiments[x].trials[t];
            take_trial(scene->pool, subject_of(scene->pool, all, count, trial->point->data), trial, x);
        }
    return all;
}

/* ---------------------------------------------------------------------------------------------------------- cards */

static size_t most_epochs(const lab_trial *trial)
{
    size_t most = 0;
    for (size_t i = 0; i < trial->count; i++)
        if (lab_run_has_learned(&trial->runs[i]) && trial->runs[i].epochs > most)
            most = trial->runs[i].epochs;
    return most;
}

/*
 * The accuracy that runs measured in each epoch: on test images, else on images held out; in %. Returns
 * which.
 */
static lab_metric fill_curve(lab_pool *pool, lab_series *series, const lab_trial *trial)
{
    const size_t epochs = most_epochs(trial);
    const lab_measure first = {LAB_AT_EPOCH, 1, LENET_TEST_ACCURACY};
    const lab_metric metric = lab_measure_trial(pool, trial, &first).count ? LENET_TEST_ACCURACY : LENET_VAL_ACCURACY;
    lab_series_points(pool, series, epochs, true, 0);
    for (size_t e = 0; e < epochs; e++) {
        const lab_measure at = {LAB_AT_EPOCH, (int)e + 1, metric};
        const lab_sample s = lab_measure_trial(pool, trial, &at);
        series->x[e] = (double)e + 1;
        series->y[e] = s.count ? 100 * s.mean : NAN;
        series->low[e] = 100 * (s.mean - s.sd);
        series->high[e] = 100 * (s.mean + s.sd);
    }
    return metric;
}

static void add_card(const lab_scene *scene, const subject *s)
{
    lab_pool *pool = scene->pool;
    lab_series curve = {.count = 0};
    const lab_trial *trial = s->best;
    fill_curve(pool, &curve, trial);
    const char *chosen = trial->point->settings.keep == LENET_KEEP_TEST ? "; epoch chosen on test images" : "";
    const char *among = s->settings > 1 ? lab_format(pool, ", the best of %zu settings", s->settings) : "";
    const lab_card card = {
        .title = s->title,
        .mean = lab_number(pool, 100 * s->sample.mean, 2),
        .spread = isnan(s->sample.sd) ? "%" : lab_format(pool, "± %s %%", lab_number(pool, 100 * s->sample.sd, 2)),
        .about = lab_format(pool, "test accuracy, n = %zu run%s of “%s”%s%s", s->sample.count,
                            s->sample.count == 1 ? "" : "s", lab_printable(pool, trial->point->label), among, chosen),
        .anchor = scene->anchors[s->place],
        .count = curve.count,
        .curve = curve.y,
    };
    lab_add_card(scene->document, &card);
}

static json_t *value_of_subjects(const lab_scene *scene, const subject *all, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < count; i++)
        if (all[i].best)
            json_array_append_new(list, json_pack("{s:o, s:o, s:I, s:o}", "data", value_of_text(all[i].data), "title",
                                                  value_of_text(all[i].title), "settings", (json_int_t)all[i].settings,
                                                  "best", lab_value_of_trial(scene->pool, all[i].best, &kept)));
    return list;
}

/* ------------------------------------------------------------------------------------------------------- headline */

/* "MNIST, Fashion-MNIST and CIFAR-10" */
static const char *names_of(lab_pool *pool, const subject *all, size_t count)
{
    lab_text out = {.pool = pool};
    lab_append(&out, "%s", "");
    for (size_t i = 0; i < count; i++) {
        lab_append(&out, "%s", !i ? "" : i + 1 < count ? ", " : " and ");
        lab_append_prose(&out, all[i].title);
    }
    return out.data;
}

static const char *words_of_rulings(const lab_scene *scene)
{
    size_t counts[LAB_UNDECIDED + 1] = {0}, all = 0;
    lab_text out = {.pool = scene->pool};
    for (const lab_verdict *v; (v = lab_document_verdict(scene->document, all)) != NULL; all++)
        counts[v->ruling]++;
    if (!all)
        return "";
    lab_append(&out, " Of %zu claim%s put to the test, %zu supported, %zu contradicted, %zu undecided.", all,
               all == 1 ? "" : "s", counts[LAB_SUPPORTED], counts[LAB_CONTRADICTED], counts[LAB_UNDECIDED]);
    return out.data;
}

static void set_headline(const lab_scene *scene, const subject *all, size_t count)
{
    lab_pool *pool = scene->pool;
    const lab_tally tally = lab_count_runs(scene->results);
    size_t settings = 0;
    for (size_t i = 0; i < count; i++)
        settings += all[i].settings;
    const char *missing =
        tally.there < tally.runs ? lab_format(pool, " of %s", lab_thousands(pool, (double)tally.runs)) : "";
    lab_set_headline(scene->document,
                     lab_format(pool, "%s%s runs of %zu setting%s on %s.%s", lab_thousands(pool, (double)tally.there),
                                missing, settings, settings == 1 ? "" : "s", names_of(pool, all, count),
                                words_of_rulings(scene)));
}

/* ---------------------------------------------------------------------------------------------------- leading figure */

static void begin_lead(const lab_scene *scene, lab_figure *figure, size_t count)
{
    figure->name = lab_document_name(scene->document, "lead");
    lab_panel *panel = lab_figure_panels(scene->pool, figure, 1);
    panel->kind = LAB_LINES;
    panel->x_label = "Epoch";
    panel->y_label = "Accuracy (%)";
    panel->whole_x = panel->is_share = true;
    lab_panel_series(scene->pool, panel, count);
}

/* A line for each data set; of one data set a line for each setting of the experiment that has the best. */
static void set_lead(const lab_scene *scene, const subject *all, size_t count)
{
    lab_pool *pool = scene->pool;
    const bool has_several = count > 1;
    const lab_trials *trials = &scene->results->experiments[all[0].place];
    lab_figure *figure = lab_alloc(pool, 1, sizeof *figure);
    begin_lead(scene, figure, has_several ? count : trials->count);
    lab_panel *panel = &figure->panels[0];
    bool has_numbers = false, is_test = true, is_validation = true;
    for (size_t i = 0; i < panel->count; i++) {
        const lab_trial *trial = has_several ? all[i].best : &trials->trials[i];
        const double mean = has_several ? all[i].sample.mean : lab_measure_trial(pool, trial, &kept).mean;
        lab_series *series = &panel->series[i];
        const lab_metric metric = fill_curve(pool, series, trial);
        has_numbers |= series->count && !isnan(series->y[0]);
        is_test &= metric == LENET_TEST_ACCURACY || !series->count;
        is_validation &= metric == LENET_VAL_ACCURACY || !series->count;
        series->name = lab_format(pool, "%s %s", has_several ? all[i].title : lab_printable(pool, trial->point->label),
                                  lab_number(pool, 100 * mean, 2));
    }
    panel->y_label = is_test ? "Test accuracy (%)" : is_validation ? "Validation accuracy (%)" : panel->y_label;
    if (has_numbers)
        lab_set_lead(
            scene->document, figure,
            lab_format(pool,
                       "Accuracy by epoch of %s: mean ± 1 sd over runs; numbers are test accuracy of the kept weights.",
                       has_several ? "the best setting on each data set" : "the settings beside the best one"),
            "Curves of accuracy over epochs");
}

void lab_add_summary(const lab_scene *scene)
{
    size_t count = 0, used = 0;
    subject *all = list_subjects(scene, &count);
    for (size_t i = 0; i < count; i++)
        if (all[i].best && used < MOST_CARDS)
            all[used++] = all[i];
    lab_set_result(scene->document, "summary", value_of_subjects(scene, all, used));
    if (!used)
        return;
    set_headline(scene, all, used);
    for (size_t i = 0; i < used; i++)
        add_card(scene, &all[i]);
    set_lead(scene, all, used);
}
