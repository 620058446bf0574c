/* SPDX-License-Identifier: MIT */
/*
 * show-published.c - our numbers beside published ones: published, nearest; see show.h.
 *
 * Each published number has a line that states in words whether it is reproduced. It is, if the difference lies
 * within the 95 % interval of no difference (docs/statistics.md). Runs that collapsed are in no mean; they
 * are counted.
 */
#include "lab/report/markup.h"
#include "lab/report/show.h"
#include "lab/text/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* What was published of one point: means by epoch, or one value, or how many runs collapsed. */
typedef struct claim {
    const lab_trial *trial;
    size_t means, sds;
    const double *mean;
    double *sd; /* of the sample */
    double value, within, collapsed;
    double best, best_epoch, runs;
} claim;

/* One comparison with its outcome. */
typedef struct outcome {
    double published, difference, p;
    lab_interval interval;
    lab_sample ours;
    bool is_reproduced;
} outcome;

/* ---------------------------------------------------------------------------------------------------------- reading */

/* Published sds of the population (divided by n), as those of the sample (divided by n - 1). */
static void read_sds(const lab_scene *scene, const lab_yaml *map, claim *c)
{
    const bool is_population = lab_yaml_find(map, "population-sd") != NULL;
    if (is_population && lab_yaml_find(map, "sd"))
        lab_refuse(scene, map, "sd and population-sd: one of them is wanted");
    c->sd = lab_option_numbers(scene, map, is_population ? "population-sd" : "sd", &c->sds);
    if (c->sds && c->sds != c->means)
        lab_refuse(scene, map, "sd: as many as there are means are wanted");
    if (is_population && !(c->runs >= 2))
        lab_refuse(scene, map, "population-sd: 'runs', of at least 2, is missing");
    for (size_t i = 0; is_population && i < c->sds; i++)
        c->sd[i] *= sqrt(c->runs / (c->runs - 1));
}

static claim read_claim(const lab_scene *scene, const lab_yaml *map)
{
    claim c = {.trial = NULL};
    lab_check_keys(
        scene, map, "points: ",
        NAMES("point", "mean", "sd", "population-sd", "value", "within", "collapsed", "best", "best-epoch", "runs"));
    c.trial = lab_option_trial(scene, map, "point", true);
    c.mean = lab_option_numbers(scene, map, "mean", &c.means);
    c.best = lab_option_number(scene, map, "best", NAN);
    c.best_epoch = lab_option_number(scene, map, "best-epoch", NAN);
    c.runs = lab_option_number(scene, map, "runs", NAN);
    c.value = lab_option_number(scene, map, "value", NAN);
    c.within = lab_option_number(scene, map, "within", 0);
    c.collapsed = lab_option_number(scene, map, "collapsed", NAN);
    read_sds(scene, map, &c);
    if ((!isnan(c.value) || !isnan(c.collapsed)) && !(c.runs >= 1))
        lab_refuse(scene, map, "'runs' is missing: of how many runs the published number is");
    return c;
}

/* ------------------------------------------------------------------------------------------------------- comparing */

/* Ours less published: Welch's test where both spreads are known. */
static outcome compare_epoch(lab_pool *pool, const claim *c, lab_metric metric, size_t e)
{
    const lab_measure at = {LAB_AT_EPOCH, (int)e + 1, metric};
    const double sd = c->sds ? c->sd[e] : NAN;
    const lab_sample ours = lab_measure_trial(pool, c->trial, &at);
    const lab_sample published = {.count = isnan(c->runs) || isnan(sd) ? 0 : (size_t)c->runs,
                                  .mean = c->mean[e],
                                  .sd = sd,
                                  .standard_error = sd / sqrt(c->runs)};
    const lab_welch w = lab_compare_means(&ours, &published, 0.95);
    return (outcome){c->mean[e], ours.mean - c->mean[e], w.p, w.interval, ours, w.p >= 0.05};
}

static outcome compare_one(lab_pool *pool, const claim *c, const lab_measure *measure)
{
    const lab_sample ours = lab_measure_trial(pool, c->trial, measure);
    const lab_welch w = lab_compare_value(&ours, c->value, c->runs, c->within, 0.95);
    return (outcome){c->value, w.difference, w.p, w.interval, ours, w.p >= 0.05};
}

static const char *result_words(const outcome *o)
{
    return isnan(o->p) ? "not known" : o->is_reproduced ? "reproduced" : "not reproduced";
}

static void add_outcome_cells(const lab_scene *scene, lab_table *table, const outcome *o, double scale)
{
    lab_pool *pool = scene->pool;
    lab_cell(table, "%s", lab_mean_and_sd(pool, &o->ours, scale, 3));
    lab_cell(table, "%zu", o->ours.count);
    lab_cell(table, "%s", lab_number(pool, scale * o->difference, 3));
    lab_cell(table, "%s", lab_interval_words(pool, &o->interval, scale, 3));
    lab_cell(table, "%s", lab_p(pool, o->p));
    lab_cell(table, "%s", result_words(o));
}

/* ----------------------------------------------------------------------------------------------------------- epochs */

/*
 * The least and the largest difference, in points, of the epochs that are (not) reproduced; returns how many
 * there are.
 */
static size_t range_of(const outcome *all, size_t count, bool is_reproduced, double *least, double *most)
{
    size_t found = 0;
    *least = INFINITY;
    *most = 0;
    for (size_t e = 0; e < count; e++)
        if (!isnan(all[e].p) && all[e].is_reproduced == is_reproduced) {
            *least = fmin(*least, 100 * fabs(all[e].difference));
            *most = fmax(*most, 100 * fabs(all[e].difference));
            found++;
        }
    return found;
}

/* "“(b)” is reproduced in 1 of 5 epochs; the others differ by 0.66 to 0.94 points." */
static void add_epochs_words(const lab_scene *scene, const claim *c, const outcome *all)
{
    lab_pool *pool = scene->pool;
    double least, most;
    lab_text text = {.pool = pool};
    const size_t same = range_of(all, c->means, true, &least, &most);
    const char *largest = lab_number(pool, most, 2);
    const size_t apart = range_of(all, c->means, false, &least, &most);
    if (!same && !apart)
        return;
    lab_append(&text, "“");
    lab_append_prose(&text, lab_trial_name(scene, c->trial));
    lab_append(&text, "” is *%sreproduced*", same ? "" : "not ");
    if (same)
        lab_append(&text, " in %s%zu epochs", apart ? lab_format(pool, "%zu of ", same) : "all ", same + apart);
    const char *from = lab_number(pool, least, 2), *to = lab_number(pool, most, 2);
    if (!apart)
        lab_append(&text, "; the largest difference is %s points.", largest);
    else
        lab_append(&text, "; the %s by %s%s%s points.",
                   apart == 1 && same ? "other differs"
                   : same             ? "others differ"
                                      : "epochs differ",
                   from, strcmp(from, to) ? " to " : "", strcmp(from, to) ? to : "");
    lab_add_prose(scene->document, text.data);
}

static void add_epochs(const lab_scene *scene, lab_table *table, const claim *c, lab_metric metric)
{
    lab_pool *pool = scene->pool;
    const double scale = lab_scale(metric);
    outcome *all = lab_alloc(pool, c->means, sizeof *all);
    for (size_t e = 0; e < c->means; e++) {
        const double sd = c->sds ? c->sd[e] : NAN;
        all[e] = compare_epoch(pool, c, metric, e);
        lab_cell(table, "%s", e ? "" : lab_trial_name(scene, c->trial));
        lab_cell(table, "%zu", e + 1);
        lab_cell(table, "%s%s%s", lab_number(pool, scale * c->mean[e], 3), isnan(sd) ? "" : " ± ",
                 isnan(sd) ? "" : lab_number(pool, scale * sd, 3));
        add_outcome_cells(scene, table, &all[e], scale);
    }
    if (scale == 100)
        add_epochs_words(scene, c, all);
}

/* The epoch in which the best value of all runs was reached. */
static size_t epoch_of_best(const lab_trial *trial, lab_metric metric, double *best)
{
    size_t at = 0;
    *best = NAN;
    for (size_t i = 0; i < trial->count; i++)
        for (size_t e = 0; lab_run_has_learned(&trial->runs[i]) && e < trial->runs[i].epochs; e++) {
            const double value = trial->runs[i].values[metric][e];
            if (isnan(value) || (!isnan(*best) && value <= *best))
                continue;
            *best = value;
            at = e + 1;
        }
    return at;
}

static void add_best_table(const lab_scene *scene, const claim *claims, size_t count, lab_metric metric)
{
    lab_pool *pool = scene->pool;
    const lab_column columns[] = {
        {"", true}, {"published best, %", false}, {"our best run, %", false}, {"in epoch", false}, {"n", false}};
    lab_table *table = NULL;
    for (size_t i = 0; i < count; i++) {
        double best;
        const size_t epoch = epoch_of_best(claims[i].trial, metric, &best);
        if (isnan(claims[i].best))
            continue;
        if (!table)
            table = lab_add_table(scene->document, columns, 5,
                                  lab_format(pool,
                                             "The best %s that any run reached in any epoch, beside the published one.",
                                             lab_metric_row(metric)->words));
        lab_cell(table, "%s", lab_trial_name(scene, claims[i].trial));
        lab_cell(table, "%s", lab_number(pool, 100 * claims[i].best, 3));
        lab_cell(table, "%s", lab_number(pool, 100 * best, 3));
        lab_cell(table, "%s", epoch ? lab_format(pool, "%zu", epoch) : "-");
        lab_cell(table, "%zu", lab_trial_learned(claims[i].trial));
    }
}

static void add_epochs_tables(const lab_scene *scene, const claim *claims, size_t count, lab_metric metric)
{
    const lab_column columns[] = {{"", true},
                                  {"epoch", false},
                                  {"published, %", false},
                                  {"ours, %", false},
                                  {"n", false},
                                  {"difference, points", false},
                                  {"95 % interval", false},
                                  {"p (Welch)", false},
                                  {"result", true}};
    const char *title = lab_option_text(scene, scene->item, "title", NULL);
    lab_table *table = NULL;
    for (size_t i = 0; i < count; i++)
        if (claims[i].means) {
            if (!table)
                table = lab_add_table(
                    scene->document, columns, 9,
                    lab_format(scene->pool, "%s%s%s by epoch, beside the published one: mean ± sample sd over runs.",
                               title ? title : "", title ? " " : "",
                               lab_capital(scene->pool, lab_metric_row(metric)->words)));
            for (size_t c = 6; c < 8; c++)
                lab_set_detail(table, c);
            add_epochs(scene, table, &claims[i], metric);
        }
    add_best_table(scene, claims, count, metric);
}

/* ----------------------------------------------------------------------------------------------------------- values */

/* "best epoch 16 (ours: 9 to 21)" */
static const char *kept_epochs(lab_pool *pool, const claim *c)
{
    int64_t least = INT64_MAX, most = 0;
    for (size_t i = 0; i < c->trial->count; i++)
        if (lab_run_has_learned(&c->trial->runs[i]) && c->trial->runs[i].best_epoch > 0) {
            const int64_t epoch = c->trial->runs[i].best_epoch;
            least = epoch < least ? epoch : least;
            most = epoch > most ? epoch : most;
        }
    if (isnan(c->best_epoch) || !most)
        return "";
    return lab_format(pool, ", epoch %.0f (ours: %lld to %lld)", c->best_epoch, (long long)least, (long long)most);
}

static double p_of_collapsed(const claim *c)
{
    return lab_fisher(lab_trial_collapsed(c->trial), lab_trial_finished(c->trial), (size_t)c->collapsed,
                      (size_t)c->runs);
}

static void count_outcome(double p, size_t *known, size_t *same)
{
    *known += isnan(p) ? 0 : 1;
    *same += p >= 0.05 ? 1 : 0;
}

/* Published: k of n runs at chance. Ours: Fisher's test of the two shares. */
static void add_collapsed_row(const lab_scene *scene, lab_table *table, const claim *c)
{
    lab_pool *pool = scene->pool;
    const size_t ended = lab_trial_finished(c->trial);
    const double p = p_of_collapsed(c);
    lab_cell(table, "%s", lab_trial_name(scene, c->trial));
    lab_cell(table, "%.0f of %.0f collapsed", c->collapsed, c->runs);
    lab_cell(table, "%s collapsed", lab_collapse_words(pool, c->trial));
    lab_cell(table, "%zu", ended);
    lab_cell(table, "-");
    lab_cell(table, "-");
    lab_cell(table, "%s", lab_p(pool, p));
    lab_cell(table, "%s", isnan(p) ? "not known" : p >= 0.05 ? "reproduced" : "not reproduced");
}

static void add_values_table(const lab_scene *scene, const claim *claims, size_t count, const lab_measure *measure)
{
    lab_pool *pool = scene->pool;
    const lab_column columns[] = {{"", true},
                                  {"published, %", false},
                                  {"ours, %", false},
                                  {"n", false},
                                  {"difference, points", false},
                                  {"95 % interval", false},
                                  {"p", false},
                                  {"result", true}};
    const double scale = lab_scale(measure->metric);
    lab_table *table = NULL;
    for (size_t i = 0; i < count; i++) {
        const claim *c = &claims[i];
        if (isnan(c->value) && isnan(c->collapsed))
            continue;
        if (!table)
            table = lab_add_table(
                scene->document, columns, 8,
                lab_format(pool, "%s beside published numbers.", lab_capital(pool, lab_measure_words(pool, measure))));
        for (size_t k = 5; k < 7; k++)
            lab_set_detail(table, k);
        if (!isnan(c->collapsed)) {
            add_collapsed_row(scene, table, c);
            continue;
        }
        const outcome o = compare_one(pool, c, measure);
        lab_cell(table, "%s", lab_trial_name(scene, c->trial));
        lab_cell(table, "%s%s%s", lab_number(pool, scale * c->value, 2),
                 c->within > 0 ? lab_format(pool, " (read to %s)", lab_number(pool, scale * c->within, 1)) : "",
                 kept_epochs(pool, c));
        add_outcome_cells(scene, table, &o, scale);
    }
}

/* ------------------------------------------------------------------------------------------------------- published */

static json_t *value_of_outcome(const outcome *o)
{
    return json_pack("{s:o, s:o, s:o, s:[o, o], s:s}", "published", value_of_number(o->published), "difference",
                     value_of_number(o->difference), "p", value_of_number(o->p), "interval_95",
                     value_of_number(o->interval.low), value_of_number(o->interval.high), "result", result_words(o));
}

static json_t *value_of_epoch(lab_pool *pool, const claim *c, lab_metric metric, size_t e)
{
    const lab_measure at = {LAB_AT_EPOCH, (int)e + 1, metric};
    const outcome o = compare_epoch(pool, c, metric, e);
    return json_pack("{s:I, s:o, s:o, s:o, s:o}", "epoch", (json_int_t)e + 1, "published_mean",
                     value_of_number(c->mean[e]), "published_sd", value_of_number(c->sds ? c->sd[e] : NAN), "ours",
                     lab_value_of_trial(pool, c->trial, &at), "comparison", value_of_outcome(&o));
}

static json_t *value_of_claim(lab_pool *pool, const claim *c, const lab_measure *measure)
{
    json_t *epochs = json_array();
    double best;
    const size_t epoch = epoch_of_best(c->trial, measure->metric, &best);
    const outcome o = compare_one(pool, c, measure);
    for (size_t e = 0; epochs && e < c->means; e++)
        json_array_append_new(epochs, value_of_epoch(pool, c, measure->metric, e));
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "point", value_of_text(c->trial->point->label),
                     "epochs", epochs, "published_best", value_of_number(c->best), "best", value_of_number(best),
                     "best_epoch", epoch ? json_integer((json_int_t)epoch) : json_null(), "value",
                     isnan(c->value) ? json_null() : value_of_outcome(&o), "published_collapsed",
                     value_of_number(c->collapsed), "collapsed", (json_int_t)lab_trial_collapsed(c->trial));
}

/* "12 of 15 published numbers are reproduced." */
static void set_finding(const lab_scene *scene, const claim *claims, size_t count, const lab_measure *measure)
{
    size_t known = 0, same = 0;
    for (size_t i = 0; i < count; i++) {
        const claim *c = &claims[i];
        for (size_t e = 0; e < c->means; e++)
            count_outcome(compare_epoch(scene->pool, c, measure->metric, e).p, &known, &same);
        if (!isnan(c->value))
            count_outcome(compare_one(scene->pool, c, measure).p, &known, &same);
        if (!isnan(c->collapsed))
            count_outcome(p_of_collapsed(c), &known, &same);
    }
    if (known)
        lab_set_finding(scene->document, LAB_RANK_PUBLISHED,
                        lab_format(scene->pool, "%zu of %zu published numbers of %s are reproduced.", same, known,
                                   lab_measure_words(scene->pool, measure)));
}

void lab_show_published(const lab_scene *scene)
{
    size_t measure_count = 0;
    const lab_measure *measure = lab_option_measures(scene, scene->item, "of", NAMES("train_accuracy"), &measure_count);
    const lab_yaml *points = lab_yaml_find(scene->item, "points");
    if (measure_count != 1 || !points || points->kind != LAB_YAML_LIST || !points->count)
        lab_refuse(scene, scene->item,
                   "points: a list is wanted, each with 'point' and what was published of it: mean by epoch with sd or "
                   "population-sd, value, collapsed, runs, best, best-epoch");
    claim *claims = lab_alloc(scene->pool, points->count, sizeof *claims);
    for (size_t i = 0; i < points->count; i++) {
        claims[i] = read_claim(scene, &points->items[i]);
        if (claims[i].means && measure->moment != LAB_AT_END)
            lab_refuse(scene, &points->items[i], "mean: by epoch, so 'of' must be a metric such as train_accuracy");
    }
    json_t *list = json_array(); /* once nothing can be refused any more */
    for (size_t i = 0; i < points->count; i++)
        json_array_append_new(list, value_of_claim(scene->pool, &claims[i], measure));
    lab_add_result(scene->document, scene->kind, list);
    if (!scene->has_data)
        return;
    set_finding(scene, claims, points->count, measure);
    lab_add_rule(scene->document,
                 "*Published numbers* are reproduced if the difference, ours less published, is within "
                 "the 95 % interval of no difference: by Welch’s "
                 "test where their spread is published; by Student’s t, if their runs spread as ours "
                 "do, where it is not; of counts by "
                 "Fisher’s exact test.");
    add_epochs_tables(scene, claims, points->count, measure->metric);
    add_values_table(scene, claims, points->count, measure);
}

/* --------------------------------------------------------------------------------------------------------- nearest */

/* A point and how far its means by epoch are from the published ones. */
typedef struct distance {
    const lab_trial *trial;
    double distance;
    size_t place; /* in the list of points, which decides between equals */
} distance;

static double distance_of(lab_pool *pool, const lab_trial *trial, lab_metric metric, const double *mean, size_t epochs)
{
    double sum = 0;
    for (size_t e = 0; e < epochs; e++) {
        const lab_measure at = {LAB_AT_EPOCH, (int)e + 1, metric};
        const lab_sample ours = lab_measure_trial(pool, trial, &at);
        sum += (ours.mean - mean[e]) * (ours.mean - mean[e]);
    }
    return sqrt(sum / (double)epochs);
}

/* Points without a distance come last. */
static int by_distance(const void *a, const void *b)
{
    const distance *x = a, *y = b;
    const double far_x = isnan(x->distance) ? INFINITY : x->distance,
                 far_y = isnan(y->distance) ? INFINITY : y->distance;
    return far_x != far_y ? (far_x > far_y) - (far_x < far_y) : (x->place > y->place) - (x->place < y->place);
}

static void add_nearest_row(const lab_scene *scene, lab_table *table, const double *mean, const distance *d,
                            lab_metric metric, size_t epochs)
{
    lab_pool *pool = scene->pool;
    for (size_t e = 0; e < epochs; e++) {
        const lab_measure at = {LAB_AT_EPOCH, (int)e + 1, metric};
        const double value = d ? lab_measure_trial(pool, d->trial, &at).mean : mean[e];
        lab_cell(table, "%s", lab_number(pool, lab_scale(metric) * value, 2));
    }
    lab_cell(table, "%s", d ? lab_format(pool, "%zu", lab_trial_learned(d->trial)) : "");
    lab_cell(table, "%s", d ? lab_number(pool, lab_scale(metric) * d->distance, 3) : "");
}

static void add_nearest_table(const lab_scene *scene, const distance *all, size_t count, size_t rows, lab_metric metric,
                              const double *mean, size_t epochs)
{
    lab_pool *pool = scene->pool;
    const lab_trial **trials = lab_alloc(pool, count, sizeof *trials);
    for (size_t i = 0; i < count; i++)
        trials[i] = all[i].trial;
    const lab_point_columns points = lab_columns_of_points(scene, trials, count);
    lab_column *columns = lab_alloc(pool, epochs + LAB_MOST_KEYS + 3, sizeof *columns);
    const size_t first = lab_point_headings(&points, columns);
    for (size_t e = 0; e < epochs; e++)
        columns[first + e] = (lab_column){lab_format(pool, "epoch %zu, %%", e + 1), false};
    columns[first + epochs] = (lab_column){"n", false};
    columns[first + epochs + 1] = (lab_column){"distance, points", false};
    lab_table *table =
        lab_add_table(scene->document, columns, first + epochs + 2,
                      lab_format(pool, "The %zu of %zu settings whose mean %s is nearest to the published one.",
                                 rows < count ? rows : count, count, lab_metric_row(metric)->words));
    lab_add_rule(scene->document,
                 "*Distance to a published curve:* the root of the mean squared difference of the epochs.");
    lab_cell(table, "published");
    for (size_t k = 1; k < first; k++)
        lab_cell(table, "%s", "");
    add_nearest_row(scene, table, mean, NULL, metric, epochs);
    for (size_t i = 0; i < count && i < rows && !isnan(all[i].distance); i++) {
        lab_point_cells(scene, table, &points, all[i].trial, i);
        add_nearest_row(scene, table, NULL, &all[i], metric, epochs);
    }
}

/* Which points come nearest to a published curve. */
void lab_show_nearest(const lab_scene *scene)
{
    size_t count = 0, metric_count = 0, epochs = 0;
    lab_pool *pool = scene->pool;
    const lab_trial **trials = lab_option_trials(scene, scene->item, "points", &count);
    const lab_metric *metrics = lab_option_metrics(scene, scene->item, "of", NAMES("train_accuracy"), &metric_count);
    const double *mean = lab_option_numbers(scene, scene->item, "mean", &epochs);
    const double rows = lab_option_number(scene, scene->item, "rows", 5);
    if (metric_count != 1 || !epochs || !(rows >= 1))
        lab_refuse(scene, scene->item, "one metric in 'of', and the published 'mean' of each epoch are wanted");
    distance *all = lab_alloc(pool, count, sizeof *all);
    json_t *list = json_array();
    for (size_t t = 0; t < count; t++)
        all[t] = (distance){trials[t], distance_of(pool, trials[t], metrics[0], mean, epochs), t};
    qsort(all, count, sizeof *all, by_distance);
    for (size_t t = 0; t < count; t++)
        json_array_append_new(
            list, json_pack("{s:o, s:I, s:o, s:o}", "point", value_of_text(all[t].trial->point->label), "n",
                            (json_int_t)lab_trial_learned(all[t].trial), "distance", value_of_number(all[t].distance),
                            "command", value_of_text(lab_trial_command(pool, all[t].trial->point, NULL))));
    lab_add_result(scene->document, scene->kind, list);
    if (!scene->has_data)
        return;
    add_nearest_table(scene, all, count, (size_t)rows, metrics[0], mean, epochs);
    if (count && !isnan(all[0].distance))
        lab_set_finding(scene->document, LAB_RANK_PUBLISHED,
                        lab_format(pool, "Nearest to the published curve of %zu settings is %s, %s points away.", count,
                                   lab_trial_prose(scene, all[0].trial),
                                   lab_number(pool, lab_scale(metrics[0]) * all[0].distance, 2)));
}
