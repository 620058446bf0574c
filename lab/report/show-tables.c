/* SPDX-License-Identifier: MIT */
/*
 * show-tables.c - runs as numbers: table, gap, published, compare and sensitivity, noise-matrix; see show.h.
 */
#include "lab/report/show.h"
#include "lab/text/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char *with_title(const lab_scene *scene, const char *caption)
{
    const char *title = lab_option_text(scene, scene->item, "title", NULL);
    return title ? lab_format(scene->pool, "%s %s", title, caption) : caption;
}

static const char *heading_of(lab_pool *pool, const lab_measure *measure)
{
    const char *unit = lab_metric_row(measure->metric)->unit;
    return lab_format(pool, "%s%s%s", lab_measure_words(pool, measure), unit ? ", " : "", unit ? unit : "");
}

/* ----------------------------------------------------------------------------------------------------------- table */

/* How many runs the means are of; where some have not ended yet, of how many. */
static const char *words_of_runs(lab_pool *pool, const lab_trial *trial)
{
    const size_t learned = lab_trial_learned(trial);
    return lab_trial_there(trial) == trial->count ? lab_format(pool, "%zu", learned)
                                                  : lab_format(pool, "%zu of %zu", learned, trial->count);
}

static double best_of(const lab_trial *trial, const lab_measure *measure)
{
    double best = NAN;
    for (size_t i = 0; i < trial->count; i++) {
        const double value = lab_measure_of(&trial->runs[i], measure);
        best = lab_metric_row(measure->metric)->better < 0 ? fmin(best, value) : fmax(best, value);
    }
    return best;
}

/* The better mean first; settings without one last. */
typedef struct place {
    double mean; /* larger is better; NaN: no run learned */
    size_t at;
} place;

static int by_mean(const void *a, const void *b)
{
    const place *x = a, *y = b;
    const double of_x = isnan(x->mean) ? -INFINITY : x->mean, of_y = isnan(y->mean) ? -INFINITY : y->mean;
    return of_x != of_y ? (of_x < of_y) - (of_x > of_y) : (x->at > y->at) - (x->at < y->at);
}

static place *sort_trials(lab_pool *pool, const lab_trial *const *trials, size_t count, const lab_measure *measure)
{
    place *order = lab_alloc(pool, count, sizeof *order);
    for (size_t t = 0; t < count; t++) {
        const double mean = lab_measure_trial(pool, trials[t], measure).mean;
        order[t] = (place){lab_metric_row(measure->metric)->better < 0 ? -mean : mean, t};
    }
    qsort(order, count, sizeof *order, by_mean);
    return order;
}

static const char *value_words(lab_pool *pool, const lab_sample *sample, const lab_measure *measure)
{
    const char *unit = lab_metric_row(measure->metric)->unit;
    return lab_format(pool, "%s%s%s", lab_mean_and_sd(pool, sample, lab_scale(measure->metric), 2), unit ? " " : "",
                      unit ? unit : "");
}

/* "Best of 3 settings: “(c)” with 99.03 ± 0.05 % final test accuracy, 0.12 points above “(b)”." */
static void set_best_finding(const lab_scene *scene, const lab_trial *const *trials, const place *order, size_t count,
                             const lab_measure *measure)
{
    lab_pool *pool = scene->pool;
    const lab_trial *first = trials[order[0].at];
    const lab_sample best = lab_measure_trial(pool, first, measure);
    lab_text out = {.pool = pool};
    if (isnan(order[0].mean))
        return;
    if (count > 1)
        lab_append(&out, "Best of %zu settings: ", count);
    lab_append(&out, "%s with %s %s (n = %zu)", lab_trial_prose(scene, first), value_words(pool, &best, measure),
               lab_measure_words(pool, measure), best.count);
    if (count > 1 && !isnan(order[1].mean)) {
        const double scale = lab_scale(measure->metric), above = scale * (order[0].mean - order[1].mean);
        lab_append(&out, "; next is %s, %s%s worse", lab_trial_prose(scene, trials[order[1].at]),
                   lab_number(pool, above, 2), scale == 100 ? " points" : "");
    }
    lab_append(&out, ".");
    lab_set_finding(scene->document, LAB_RANK_TABLE, out.data);
}

/* Which columns a table needs beside its measures. */
typedef struct table_extent {
    bool has_collapsed, has_diverged;
} table_extent;

static void add_trial_row(const lab_scene *scene, lab_table *table, const lab_trial *trial, const lab_measure *measures,
                          size_t count, table_extent extent)
{
    lab_pool *pool = scene->pool;
    lab_cell(table, "%s", words_of_runs(pool, trial));
    for (size_t m = 0; m < count; m++) {
        const double scale = lab_scale(measures[m].metric);
        const lab_sample s = lab_measure_trial(pool, trial, &measures[m]);
        lab_cell(table, "%s", lab_mean_and_sd(pool, &s, scale, 2));
        if (m == 0) {
            lab_cell(table, "%s", lab_interval_words(pool, &s.interval, scale, 2));
            lab_cell(table, "%s", lab_number(pool, scale * best_of(trial, &measures[m]), 2));
        }
    }
    if (extent.has_collapsed)
        lab_cell(table, "%s", lab_collapse_words(pool, trial));
    if (extent.has_diverged)
        lab_cell(table, "%zu", lab_trial_diverged(trial));
}

/* The headings of a table, with their details; returns it. */
static lab_table *begin_table(const lab_scene *scene, const lab_point_columns *points, const lab_measure *measures,
                              size_t measure_count, table_extent extent, size_t count)
{
    lab_pool *pool = scene->pool;
    lab_column *columns = lab_alloc(pool, measure_count + LAB_MOST_KEYS + 6, sizeof *columns);
    size_t width = lab_point_headings(points, columns);
    columns[width++] = (lab_column){"n", false};
    const size_t first = width;
    for (size_t m = 0; m < measure_count; m++) {
        columns[width++] = (lab_column){heading_of(pool, &measures[m]), false};
        if (m == 0) {
            columns[width++] = (lab_column){"95 % interval", false};
            columns[width++] = (lab_column){"best run", false};
        }
    }
    if (extent.has_collapsed)
        columns[width++] = (lab_column){"collapsed", false};
    if (extent.has_diverged)
        columns[width++] = (lab_column){"diverged", false};
    const char *caption =
        lab_format(pool, "%s: mean ± sd over n runs%s.", lab_capital(pool, lab_measure_words(pool, &measures[0])),
                   count > 1 ? ", the best first" : "");
    lab_table *table = lab_add_table(scene->document, columns, width, with_title(scene, caption));
    lab_fold_point_columns(table, points);
    lab_set_detail(table, first + 1);
    lab_set_detail(table, first + 2);
    return table;
}

static void add_table_rules(const lab_scene *scene, table_extent extent)
{
    if (extent.has_collapsed)
        lab_add_rule(scene->document, "*Collapsed.* A run that collapsed is within chance and in no mean; it is "
                                      "counted, and the share that collapsed "
                                      "has Clopper and Pearson’s 95 % interval.");
    if (extent.has_diverged)
        lab_add_rule(scene->document,
                     "*Diverged.* A run whose loss was no number any more is in no mean; it is counted.");
}

void lab_show_table(const lab_scene *scene)
{
    size_t count = 0, measure_count = 0;
    lab_pool *pool = scene->pool;
    const lab_trial **trials = lab_option_trials(scene, scene->item, "points", &count);
    const lab_measure *measures = lab_option_measures(scene, scene->item, "columns",
                                                      NAMES("kept test_accuracy", "train_accuracy"), &measure_count);
    const lab_point_columns points = lab_columns_of_points(scene, trials, count);
    const place *order = sort_trials(pool, trials, count, measures);
    table_extent extent = {.has_collapsed = lab_any_collapsed(trials, count)};
    for (size_t t = 0; t < count; t++)
        extent.has_diverged |= lab_trial_diverged(trials[t]) > 0;
    lab_table *table = scene->has_data ? begin_table(scene, &points, measures, measure_count, extent, count) : NULL;
    for (size_t t = 0; table && t < count; t++) {
        lab_point_cells(scene, table, &points, trials[order[t].at], order[t].at);
        add_trial_row(scene, table, trials[order[t].at], measures, measure_count, extent);
    }
    json_t *list = json_array();
    for (size_t t = 0; t < count; t++)
        for (size_t m = 0; m < measure_count; m++)
            json_array_append_new(list, lab_value_of_trial(pool, trials[t], &measures[m]));
    lab_add_result(scene->document, scene->kind, list);
    if (!table)
        return;
    if (count > 1 && !isnan(order[0].mean))
        lab_mark_best(table, 1);
    add_table_rules(scene, extent);
    set_best_finding(scene, trials, order, count, measures);
}

/* ----------------------------------------------------------------------------------------------------------- goals */

/* What each run of a point has to reach. A run that collapsed or diverged does not. */
typedef struct goal {
    const lab_trial *trial;
    double least;
} goal;

static goal read_goal(const lab_scene *scene, const lab_yaml *map)
{
    lab_check_keys(scene, map, "points: ", NAMES("point", "at-least"));
    const goal g = {lab_option_trial(scene, map, "point", true), lab_option_number(scene, map, "at-least", NAN)};
    if (isnan(g.least))
        lab_refuse(scene, map, "'at-least' is missing: what each run has to reach, as in 0.99");
    return g;
}

static bool add_goal_row(const lab_scene *scene, lab_table *table, json_t *list, const goal *g,
                         const lab_measure *measure)
{
    lab_pool *pool = scene->pool;
    const double scale = lab_scale(measure->metric);
    const lab_sample s = lab_measure_trial(pool, g->trial, measure);
    const size_t ended = lab_trial_there(g->trial);
    size_t reached = 0;
    for (size_t i = 0; i < g->trial->count; i++)
        reached += lab_measure_of(&g->trial->runs[i], measure) >= g->least;
    const char *result = ended < g->trial->count ? "not known" : reached == ended ? "met" : "not met";
    lab_cell(table, "%s", lab_trial_name(scene, g->trial));
    lab_cell(table, "%s", lab_number(pool, scale * g->least, 2));
    lab_cell(table, "%s", lab_number(pool, scale * s.low, 2));
    lab_cell(table, "%s", lab_mean_and_sd(pool, &s, scale, 2));
    lab_cell(table, "%s", lab_number(pool, scale * s.high, 2));
    lab_cell(table, "%zu of %zu", reached, ended);
    lab_cell(table, "%s", result);
    json_array_append_new(list, json_pack("{s:o, s:o, s:I, s:I, s:s, s:o}", "point",
                                          value_of_text(g->trial->point->label), "at_least", value_of_number(g->least),
                                          "reached", (json_int_t)reached, "ended", (json_int_t)ended, "result", result,
                                          "ours", lab_value_of_trial(pool, g->trial, measure)));
    return !strcmp(result, "met");
}

/* Does each run reach its goal? */
void lab_show_goals(const lab_scene *scene)
{
    size_t measure_count = 0;
    const lab_measure *measure =
        lab_option_measures(scene, scene->item, "of", NAMES("kept test_accuracy"), &measure_count);
    const lab_yaml *points = lab_yaml_find(scene->item, "points");
    if (measure_count != 1 || !points || points->kind != LAB_YAML_LIST || !points->count)
        lab_refuse(scene, scene->item, "points: a list is wanted, each with 'point' and 'at-least'");
    goal *goals = lab_alloc(scene->pool, points->count, sizeof *goals);
    for (size_t i = 0; i < points->count; i++)
        goals[i] = read_goal(scene, &points->items[i]);
    if (!scene->has_data)
        return;
    const lab_column columns[] = {{"", true},
                                  {"at least, %", false},
                                  {"worst run, %", false},
                                  {"mean ± sd, %", false},
                                  {"best run, %", false},
                                  {"runs that reach it", false},
                                  {"result", true}};
    lab_table *table = lab_add_table(scene->document, columns, 7,
                                     with_title(scene, lab_format(scene->pool, "What is asked of each run, by %s.",
                                                                  lab_measure_words(scene->pool, measure))));
    json_t *list = json_array();
    size_t met = 0;
    for (size_t i = 0; i < points->count; i++)
        met += add_goal_row(scene, table, list, &goals[i], measure);
    lab_add_result(scene->document, scene->kind, list);
    lab_set_finding(scene->document, LAB_RANK_PUBLISHED,
                    lab_format(scene->pool, "%zu of %zu goals are met by every run.", met, points->count));
}

/* ------------------------------------------------------------------------------------------------------------- gap */

/* Rows of intervals, the first at the top. */
static void add_intervals(const lab_scene *scene, const char *stem, const char *const *names,
                          const lab_interval *intervals, const double *middles, size_t count, const char *axis,
                          const char *caption, const char *label)
{
    lab_pool *pool = scene->pool;
    lab_figure *figure = lab_alloc(pool, 1, sizeof *figure);
    figure->name = lab_document_name(scene->document, lab_format(pool, "%s-%s", scene->here->experiment->name, stem));
    lab_panel *panel = lab_figure_panels(pool, figure, 1);
    panel->kind = LAB_INTERVALS;
    panel->x_label = axis;
    panel->y_label = "";
    panel->marks_zero = true;
    panel->size = count;
    panel->names = names;
    lab_series *series = lab_panel_series(pool, panel, 1);
    series->name = axis;
    lab_series_points(pool, series, count, true, 0);
    bool has_any = false;
    for (size_t i = 0; i < count; i++) {
        series->y[i] = (double)i;
        series->x[i] = middles[i];
        series->low[i] = isnan(intervals[i].low) ? middles[i] : intervals[i].low;
        series->high[i] = isnan(intervals[i].high) ? middles[i] : intervals[i].high;
        has_any |= !isnan(middles[i]);
    }
    if (has_any)
        lab_add_figure(scene->document, figure, caption, label);
}

/* "The gap is smallest for “a”, 0.41 points, and largest for “b”, 12.30 points." */
static void set_gap_finding(const lab_scene *scene, const lab_trial *const *trials, const double *gaps, size_t count)
{
    lab_pool *pool = scene->pool;
    size_t least = count, most = count;
    for (size_t t = 0; t < count; t++) {
        least = !isnan(gaps[t]) && (least == count || gaps[t] < gaps[least]) ? t : least;
        most = !isnan(gaps[t]) && (most == count || gaps[t] > gaps[most]) ? t : most;
    }
    if (least == most)
        return;
    lab_set_finding(
        scene->document, LAB_RANK_OTHER,
        lab_format(
            pool,
            "The gap between training and test accuracy is smallest for %s, %s points, and largest for %s, %s points.",
            lab_trial_prose(scene, trials[least]), lab_number(pool, gaps[least], 2),
            lab_trial_prose(scene, trials[most]), lab_number(pool, gaps[most], 2)));
}

void lab_show_gap(const lab_scene *scene)
{
    size_t count = 0, measure_count = 0;
    lab_pool *pool = scene->pool;
    const lab_trial **trials = lab_option_trials(scene, scene->item, "points", &count);
    const lab_measure *measure = lab_option_measures(scene, scene->item, "of", NAMES("gap"), &measure_count);
    if (measure_count != 1 || (measure->metric != LAB_GAP && measure->metric != LAB_GAP_AFTER))
        lab_refuse(scene, scene->item, "of: gap or gap_after is wanted");
    const bool is_after = measure->metric == LAB_GAP_AFTER;
    const lab_measure of_train = {measure->moment, measure->epoch,
                                  is_after ? LENET_AFTER_ACCURACY : LENET_TRAIN_ACCURACY};
    const lab_measure of_test = {measure->moment, measure->epoch, LENET_TEST_ACCURACY};
    const lab_column columns[] = {{"", true},         {"n", false},           {"training, %", false},
                                  {"test, %", false}, {"gap, points", false}, {"95 % interval", false}};
    const char **names = lab_alloc(pool, count, sizeof *names);
    double *middles = lab_alloc(pool, count, sizeof *middles);
    lab_interval *intervals = lab_alloc(pool, count, sizeof *intervals);
    json_t *list = json_array();
    const char *when = measure->moment == LAB_AT_KEPT  ? "the kept"
                       : measure->moment == LAB_AT_END ? "the last"
                                                       : "the same";
    lab_add_rule(
        scene->document,
        is_after ? "*Gap.* Training accuracy after an epoch less test accuracy then, in percentage points."
                 : "*Gap.* Running training accuracy of an epoch less test accuracy after it, in percentage points.");
    lab_table *table =
        scene->has_data
            ? lab_add_table(
                  scene->document, columns, 6,
                  with_title(scene,
                             lab_format(pool,
                                        "Gap between training and test accuracy of %s epoch: mean ± sd over n runs.",
                                        when)))
            : NULL;
    for (size_t t = 0; t < count; t++) {
        const lab_sample train = lab_measure_trial(pool, trials[t], &of_train),
                         test = lab_measure_trial(pool, trials[t], &of_test);
        const lab_sample gap = lab_measure_trial(pool, trials[t], measure);
        names[t] = lab_trial_name(scene, trials[t]);
        middles[t] = 100 * gap.mean;
        intervals[t] = (lab_interval){100 * gap.interval.low, 100 * gap.interval.high};
        json_array_append_new(list, lab_value_of_trial(pool, trials[t], measure));
        if (!table)
            continue;
        lab_cell(table, "%s", names[t]);
        lab_cell(table, "%zu", gap.count);
        lab_cell(table, "%s", lab_mean_and_sd(pool, &train, 100, 2));
        lab_cell(table, "%s", lab_mean_and_sd(pool, &test, 100, 2));
        lab_cell(table, "%s", lab_mean_and_sd(pool, &gap, 100, 2));
        lab_cell(table, "%s", lab_interval_words(pool, &gap.interval, 100, 2));
    }
    lab_add_result(scene->document, scene->kind, list);
    if (table) {
        lab_set_detail(table, 5);
        set_gap_finding(scene, trials, middles, count);
    }
    if (scene->has_data && count > 1)
        add_intervals(
            scene, "gap", names, intervals, middles, count, "Gap (percentage points)",
            lab_format(pool, "The gap: mean and its 95 %% interval; %s.", lab_words_of_n(pool, trials, count)),
            "Intervals of the gap");
}

/* --------------------------------------------------------------------------------------------------------- compare */

/* Runs of a point less those of the baseline with the same seed. */
typedef struct difference {
    const lab_trial *trial;
    lab_paired paired;
    double flip;
    double order;   /* larger is better */
    size_t at;      /* in the list of points, which decides between equals */
    double mcnemar; /* of the first seed's two models on the test images; NaN: not known */
} difference;

static const lab_run *first_with_answers(const lab_trial *trial)
{
    for (size_t i = 0; i < trial->count; i++)
        if (trial->runs[i].predicted && lab_run_has_learned(&trial->runs[i]))
            return &trial->runs[i];
    return NULL;
}

static bool is_of_kept(const lab_measure *measure)
{
    return measure->moment == LAB_AT_KEPT && measure->metric == LENET_TEST_ACCURACY;
}

/* Of one data set, which is needed for its labels. */
static double mcnemar_of(const lab_scene *scene, const lab_trial *trial, const lab_trial *baseline)
{
    const lenet_dataset *train = NULL, *test = NULL;
    const lab_run *a = first_with_answers(trial), *b = first_with_answers(baseline);
    const lab_point *point = trial->point;
    size_t only_a = 0, only_b = 0;
    if (!a || !b || a->planned->seed != b->planned->seed || strcmp(point->data, baseline->point->data) ||
        !scene->datasets || lab_datasets_open(scene->datasets, point->data, point->folder, &train, &test, NULL))
        return NAN;
    const uint8_t *labels = lenet_dataset_labels(test);
    const uint8_t *of_a = lab_run_answers(a, test), *of_b = lab_run_answers(b, test);
    if (!of_a || !of_b)
        return NAN;
    for (size_t i = 0; i < lenet_dataset_count(test); i++) {
        only_a += of_a[i] == labels[i] && of_b[i] != labels[i];
        only_b += of_a[i] != labels[i] && of_b[i] == labels[i];
    }
    return lab_mcnemar(only_a, only_b);
}

static difference difference_of(const lab_scene *scene, const lab_trial *trial, const lab_trial *baseline,
                                const lab_measure *measure)
{
    lab_pool *pool = scene->pool;
    double *of_a, *of_b;
    const size_t pairs = lab_measure_pairs(pool, trial, baseline, measure, &of_a, &of_b);
    double *differences = lab_alloc(pool, pairs, sizeof *differences);
    for (size_t i = 0; i < pairs; i++)
        differences[i] = of_a[i] - of_b[i];
    difference d = {.trial = trial,
                    .paired = lab_compare_paired(of_a, of_b, pairs, 0.95),
                    .flip = lab_sign_flip(differences, pairs)};
    d.mcnemar = is_of_kept(measure) && trial != baseline ? mcnemar_of(scene, trial, baseline) : NAN;
    d.order = d.paired.difference.mean * (lab_metric_row(measure->metric)->better < 0 ? -1 : 1);
    d.order = trial == baseline ? INFINITY : d.order;
    /* they share images (docs/statistics.md) */
    if (trial->point->is_over_folds || baseline->point->is_over_folds) {
        d.paired.t = d.paired.p = d.flip = NAN;
        d.paired.difference.interval = (lab_interval){NAN, NAN};
    }
    return d;
}

static json_t *value_of_comparison(lab_pool *pool, const difference *d, const lab_trial *baseline,
                                   const lab_measure *measure)
{
    return json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "point", value_of_text(d->trial->point->label),
                     "baseline", value_of_text(baseline->point->label), "measure", lab_measure_words(pool, measure),
                     "difference", lab_value_of_sample(&d->paired.difference), "t", value_of_number(d->paired.t), "p_t",
                     value_of_number(d->paired.p), "p_sign_flip", value_of_number(d->flip), "p_mcnemar",
                     value_of_number(d->mcnemar), "command",
                     value_of_text(lab_trial_command(pool, d->trial->point, NULL)));
}

static void add_difference_row(const lab_scene *scene, lab_table *table, const difference *d, bool is_baseline,
                               const lab_measure *measure)
{
    lab_pool *pool = scene->pool;
    const double scale = lab_scale(measure->metric);
    const lab_sample own = lab_measure_trial(pool, d->trial, measure), *r = &d->paired.difference;
    lab_cell(table, "%s", lab_trial_name(scene, d->trial));
    lab_cell(table, "%s", lab_mean_and_sd(pool, &own, scale, 2));
    lab_cell(table, "%s", is_baseline ? "baseline" : lab_mean_and_sd(pool, r, scale, 2));
    lab_cell(table, "%s", is_baseline ? "" : lab_interval_words(pool, &r->interval, scale, 2));
    lab_cell(table, "%zu", r->count);
    lab_cell(table, "%s", is_baseline ? "" : lab_p(pool, d->paired.p));
    lab_cell(table, "%s", is_baseline ? "" : lab_p(pool, d->flip));
    if (is_of_kept(measure))
        lab_cell(table, "%s", is_baseline ? "" : lab_p(pool, d->mcnemar));
}

static lab_table *begin_differences(const lab_scene *scene, const lab_trial *baseline, const lab_measure *measure)
{
    const bool is_kept = is_of_kept(measure);
    const lab_column columns[] = {{"", true},
                                  {heading_of(scene->pool, measure), false},
                                  {"difference", false},
                                  {"95 % interval", false},
                                  {"n pairs", false},
                                  {"p (t)", false},
                                  {"p (sign flips)", false},
                                  {"p (McNemar)", false}};
    const char *caption = lab_format(scene->pool, "Difference of %s from %s, paired over seeds: mean ± sd.",
                                     lab_measure_words(scene->pool, measure), lab_trial_prose(scene, baseline));
    lab_table *table = lab_add_table(scene->document, columns, is_kept ? 8 : 7, with_title(scene, caption));
    for (size_t c = 4; c < table->columns; c++)
        lab_set_detail(table, c);
    lab_add_rule(scene->document, "*Paired differences.* Runs with the same seed are compared; pairs in which a run "
                                  "collapsed are left out. The 95 % interval is "
                                  "Student’s; beside its p is that of the exact sign-flip test, which is never below "
                                  "2/2^n (with five pairs 1/16). "
                                  "Neither is corrected for the number of rows.");
    if (is_kept)
        lab_add_rule(scene->document, "*McNemar’s exact test* compares the two models of the first seed on the test "
                                      "images; it says nothing of other seeds.");
    return table;
}

static void add_differences_figure(const lab_scene *scene, const difference *all, size_t count,
                                   const lab_trial *baseline, const lab_measure *measure, const char *n)
{
    lab_pool *pool = scene->pool;
    const double scale = lab_scale(measure->metric);
    const char **names = lab_alloc(pool, count, sizeof *names);
    double *middles = lab_alloc(pool, count, sizeof *middles);
    lab_interval *intervals = lab_alloc(pool, count, sizeof *intervals);
    size_t shown = 0;
    for (size_t i = 0; i < count; i++) {
        const lab_sample *r = &all[i].paired.difference;
        if (all[i].trial == baseline || isnan(r->mean))
            continue;
        names[shown] = lab_trial_name(scene, all[i].trial);
        middles[shown] = scale * r->mean;
        intervals[shown++] = (lab_interval){scale * r->interval.low, scale * r->interval.high};
    }
    if (shown)
        add_intervals(scene, scene->kind, names, intervals, middles, shown,
                      scale == 100 ? "Difference (percentage points)" : "Difference",
                      lab_format(pool, "%s: paired differences from %s, mean and its 95 %% interval; %s.",
                                 lab_capital(pool, lab_measure_words(pool, measure)), lab_trial_prose(scene, baseline),
                                 n),
                      "Intervals of the differences");
}

/* The baseline first, then the best; what has no pairs last. */
static int by_difference(const void *a, const void *b)
{
    const difference *x = a, *y = b;
    const double of_x = isnan(x->order) ? -INFINITY : x->order, of_y = isnan(y->order) ? -INFINITY : y->order;
    return of_x != of_y ? (of_x < of_y) - (of_x > of_y) : (x->at > y->at) - (x->at < y->at);
}

/* "Largest difference from “(c)”: “padding”, 0.21 points (95 % interval 0.1 to 0.3)." */
static void set_difference_finding(const lab_scene *scene, const difference *all, size_t count,
                                   const lab_trial *baseline, const lab_measure *measure)
{
    lab_pool *pool = scene->pool;
    const double scale = lab_scale(measure->metric);
    const difference *most = NULL;
    for (size_t i = 0; i < count; i++) {
        const double mean = all[i].paired.difference.mean;
        if (all[i].trial != baseline && !isnan(mean) && (!most || fabs(mean) > fabs(most->paired.difference.mean)))
            most = &all[i];
    }
    if (!most)
        return;
    const lab_sample *d = &most->paired.difference;
    lab_set_finding(scene->document, LAB_RANK_COMPARE,
                    lab_format(pool, "%s from %s: %s with %s%s of %s%s.",
                               count > 2 ? "Largest difference" : "Difference", lab_trial_prose(scene, baseline),
                               lab_trial_prose(scene, most->trial), lab_number(pool, scale * d->mean, 2),
                               scale == 100 ? " points" : "", lab_measure_words(pool, measure),
                               isnan(d->interval.low) ? ""
                                                      : lab_format(pool, " (95 %% interval %s)",
                                                                   lab_interval_words(pool, &d->interval, scale, 2))));
}

/* Paired over seeds: each point's runs less the baseline's. */
void lab_show_compare(const lab_scene *scene)
{
    size_t count = 0, measure_count = 0;
    lab_pool *pool = scene->pool;
    const lab_trial **trials = lab_option_trials(scene, scene->item, "points", &count);
    const lab_trial *baseline = lab_option_trial(scene, scene->item, "baseline", true);
    const lab_measure *measure =
        lab_option_measures(scene, scene->item, "of", NAMES("kept test_accuracy"), &measure_count);
    if (measure_count != 1)
        lab_refuse(scene, scene->item, "of: one measure is wanted");
    lab_table *table = scene->has_data ? begin_differences(scene, baseline, measure) : NULL;
    difference *all = lab_alloc(pool, count, sizeof *all);
    json_t *list = json_array();
    for (size_t t = 0; t < count; t++) {
        all[t] = difference_of(scene, trials[t], baseline, measure);
        all[t].at = t;
        json_array_append_new(list, value_of_comparison(pool, &all[t], baseline, measure));
    }
    lab_add_result(scene->document, scene->kind, list);
    if (!table)
        return;
    qsort(all, count, sizeof *all, by_difference);
    for (size_t t = 0; t < count; t++)
        add_difference_row(scene, table, &all[t], all[t].trial == baseline, measure);
    set_difference_finding(scene, all, count, baseline, measure);
    add_differences_figure(scene, all, count, baseline, measure, lab_words_of_n(pool, trials, count));
}

/* ---------------------------------------------------------------------------------------------------- noise matrix */

static const lab_run *run_with_noise(const lab_trial *trial)
{
    for (size_t i = 0; i < trial->count; i++)
        if (trial->runs[i].noise)
            return &trial->runs[i];
    return NULL;
}

static double row_sum(const double *cells, size_t size, size_t row)
{
    double sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += cells[row * size + i];
    return sum;
}

static json_t *value_of_matrix(const double *cells, size_t size)
{
    json_t *rows = json_array();
    for (size_t i = 0; rows && i < size; i++) {
        json_t *row = json_array();
        for (size_t k = 0; row && k < size; k++)
            json_array_append_new(row, value_of_number(cells[i * size + k]));
        json_array_append_new(rows, row);
    }
    return rows;
}

static void add_noise_figure(const lab_scene *scene, const lab_trial *trial, const lab_run *run, const char *caption)
{
    lab_pool *pool = scene->pool;
    const char **names = lab_alloc(pool, run->classes, sizeof *names);
    for (size_t i = 0; i < run->classes; i++)
        names[i] =
            trial->classes == run->classes ? lab_printable(pool, trial->class_names[i]) : lab_format(pool, "%zu", i);
    lab_figure *figure = lab_alloc(pool, 1, sizeof *figure);
    figure->name =
        lab_document_name(scene->document, lab_format(pool, "%s-%s", scene->here->experiment->name, scene->kind));
    lab_panel *panel = lab_figure_panels(pool, figure, 1);
    panel->kind = LAB_HEAT;
    panel->is_normalised = true;
    panel->title = "Label in % of the true class";
    panel->x_label = "Columns: label; rows: true class";
    panel->y_label = "True class";
    panel->size = run->classes;
    panel->names = names;
    panel->cells = run->noise;
    lab_add_figure(scene->document, figure, caption, "Heat map of the labels by true class");
}

/* The labels that the first run was trained on: shares of each true class. */
void lab_show_noise_matrix(const lab_scene *scene)
{
    lab_pool *pool = scene->pool;
    const lab_trial *trial = lab_option_trial(scene, scene->item, "point", true);
    const char *published = lab_option_text(scene, scene->item, "published", NULL);
    const lab_run *run = run_with_noise(trial);
    if (!run)
        return;
    const size_t size = run->classes;
    double least = 1, most = 0, images = 0;
    lab_column *columns = lab_alloc(pool, size + 2, sizeof *columns);
    columns[0] = (lab_column){"true class", false};
    for (size_t i = 0; i < size; i++) {
        const double share = run->noise[i * size + i] / row_sum(run->noise, size, i);
        columns[i + 1] = (lab_column){lab_format(pool, "%zu", i), false};
        least = fmin(least, share);
        most = fmax(most, share);
        images += row_sum(run->noise, size, i);
    }
    columns[size + 1] = (lab_column){"images", false};
    const char *caption =
        lab_format(pool,
                   "Label noise as it was drawn for %s, seed %ju: %% of a true class. The diagonal is from %.3f to "
                   "%.3f%s%s; n = %s images.",
                   lab_trial_prose(scene, trial), (uintmax_t)run->planned->seed, least, most,
                   published ? "; published: " : "", published ? published : "", lab_thousands(pool, images));
    if (scene->has_data)
        add_noise_figure(scene, trial, run, with_title(scene, caption));
    lab_table *table = lab_add_table(scene->document, columns, size + 2, with_title(scene, caption));
    lab_fold(scene->document, "The matrix as a table");
    for (size_t row = 0; row < size; row++) {
        const double sum = row_sum(run->noise, size, row);
        lab_cell(table, "%zu", row);
        for (size_t k = 0; k < size; k++)
            lab_cell(table, "%.1f", 100 * run->noise[row * size + k] / sum);
        lab_cell(table, "%.0f", sum);
    }
    lab_add_result(scene->document, scene->kind,
                   json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "point", value_of_text(trial->point->label), "seed",
                             value_of_unsigned(run->planned->seed), "n", value_of_number(images), "counts",
                             value_of_matrix(run->noise, size), "diagonal", json_pack("[f, f]", least, most), "command",
                             value_of_text(lab_trial_command(pool, trial->point, run->planned))));
}
