/* SPDX-License-Identifier: MIT */
/* show.c - the table of kinds, and how their options are read; see show.h. */
#include "lab/report/show.h"

#include "lab/report/markup.h"
#include "lab/text/json.h"
#include "util/nearest.h"

#include <fnmatch.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void show_text(const lab_scene *scene) { lab_add_prose(scene->document, scene->item->text); }
static void show_heading(const lab_scene *scene)
{
    lab_add_section(scene->document, scene->is_in_section ? 4 : 3, lab_printable(scene->pool, scene->item->text));
}

const lab_show_kind lab_show_kinds[] = {
    {"text", show_text, NULL},
    {"heading", show_heading, NULL},
    {"curves", lab_show_curves, KEYS("of", "points", "band", "title")},
    {"table", lab_show_table, KEYS("columns", "points", "title")},
    {"published", lab_show_published, KEYS("of", "points", "title")},
    {"nearest", lab_show_nearest, KEYS("of", "mean", "points", "rows", "title")},
    {"against", lab_show_against, KEYS("of", "over", "points", "title", "label")},
    {"goals", lab_show_goals, KEYS("of", "points", "title")},
    {"gap", lab_show_gap, KEYS("of", "points", "title")},
    {"compare", lab_show_compare, KEYS("baseline", "of", "points", "title")},
    {"sensitivity", lab_show_compare, KEYS("baseline", "of", "points", "title")},
    {"noise-matrix", lab_show_noise_matrix, KEYS("point", "published", "title")},
    {"memorisation", lab_show_memorisation, KEYS("points", "title")},
    {"dead-units", lab_show_dead_units, KEYS("points", "title", "over", "label")},
    {"confusion", lab_show_confusion, KEYS("point", "file", "published", "examples", "normalised", "pairs", "title")},
    {"functions", lab_show_functions, KEYS("activations", "losses", "title")},
    {"verdict", lab_show_verdict, KEYS("claim", "test", "a", "b", "points", "of", "over", "margin", "clean", "noisy")},
    {NULL, NULL, NULL},
};

void lab_refuse(const lab_scene *scene, const lab_yaml *at, const char *format, ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    lab_fail(scene->pool, LENET_USAGE, "%s:%d: %s: %s", scene->results->study->file, at->line, scene->kind, text);
}

void lab_check_keys(const lab_scene *scene, const lab_yaml *map, const char *what, const char *const *keys)
{
    if (map->kind != LAB_YAML_MAP && !(map->kind == LAB_YAML_SCALAR && map->is_null))
        lab_refuse(scene, map, "%sa mapping is wanted, as in 'key: value'", what);
    for (size_t i = 0; i < map->count; i++) {
        size_t k = 0;
        while (keys[k] && strcmp(keys[k], map->items[i].key) != 0)
            k++;
        const char *near = keys[k] ? NULL : ln_nearest_name(map->items[i].key, keys);
        if (!keys[k])
            lab_refuse(scene, &map->items[i], "%sunknown key '%.60s'%s%s%s", what, map->items[i].key,
                       near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    }
}

void lab_show(lab_scene *scene, const lab_yaml *item)
{
    const char *names[64] = {NULL};
    const lab_yaml *body = &item->items[0];
    scene->item = body;
    scene->kind = body->key;
    for (size_t i = 0; lab_show_kinds[i].name; i++) {
        const lab_show_kind *kind = &lab_show_kinds[i];
        names[i] = kind->name;
        if (strcmp(kind->name, body->key) != 0)
            continue;
        if (kind->keys)
            lab_check_keys(scene, body, "", kind->keys);
        else if (body->kind != LAB_YAML_SCALAR)
            lab_refuse(scene, body, "a text is wanted");
        kind->show(scene);
        return;
    }
    const char *near = ln_nearest_name(body->key, names);
    lab_refuse(scene, body, "unknown kind%s%s%s", near ? "; did you mean " : "; docs/studies.md has them",
               near ? near : "", near ? "?" : "");
}

/* -------------------------------------------------------------------------------------------------------- options */

static const lab_yaml *find(const lab_yaml *map, const char *key)
{
    const lab_yaml *item = lab_yaml_find(map, key);
    return item && item->kind == LAB_YAML_SCALAR && item->is_null ? NULL : item;
}

const char *lab_option_text(const lab_scene *scene, const lab_yaml *map, const char *key, const char *fallback)
{
    const lab_yaml *item = find(map, key);
    if (item && item->kind != LAB_YAML_SCALAR)
        lab_refuse(scene, item, "%s: one value is wanted", key);
    return item ? item->text : fallback;
}

static double number_of(const lab_scene *scene, const lab_yaml *item, const char *key)
{
    char *end = NULL;
    const double number = item->kind == LAB_YAML_SCALAR ? strtod(item->text, &end) : NAN;
    if (!end || end == item->text || *end || !isfinite(number))
        lab_refuse(scene, item, "%s: a number is wanted", key);
    return number;
}

double lab_option_number(const lab_scene *scene, const lab_yaml *map, const char *key, double fallback)
{
    const lab_yaml *item = find(map, key);
    return item ? number_of(scene, item, key) : fallback;
}

bool lab_option_flag(const lab_scene *scene, const lab_yaml *map, const char *key, bool fallback)
{
    const char *text = lab_option_text(scene, map, key, fallback ? "true" : "false");
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        lab_refuse(scene, find(map, key), "%s: true or false is wanted", key);
    return *text == 't';
}

/* The item itself, or what is in it. */
static size_t items_of(const lab_yaml *item, const lab_yaml **items)
{
    *items = item && item->kind == LAB_YAML_LIST ? item->items : item;
    return !item ? 0 : item->kind == LAB_YAML_LIST ? item->count : 1;
}

const char **lab_option_texts(const lab_scene *scene, const lab_yaml *map, const char *key, size_t *count)
{
    const lab_yaml *items;
    *count = items_of(find(map, key), &items);
    const char **texts = *count ? lab_alloc(scene->pool, *count, sizeof *texts) : NULL;
    for (size_t i = 0; i < *count; i++) {
        if (items[i].kind != LAB_YAML_SCALAR)
            lab_refuse(scene, &items[i], "%s: a text or a list of texts is wanted", key);
        texts[i] = items[i].text;
    }
    return texts;
}

double *lab_option_numbers(const lab_scene *scene, const lab_yaml *map, const char *key, size_t *count)
{
    const lab_yaml *items;
    *count = items_of(find(map, key), &items);
    double *numbers = *count ? lab_alloc(scene->pool, *count, sizeof *numbers) : NULL;
    for (size_t i = 0; i < *count; i++)
        numbers[i] = number_of(scene, &items[i], key);
    return numbers;
}

static const lab_measure *no_measure(const lab_scene *scene, const char *key, const char *text)
{
    const char *names[LAB_METRICS + 1] = {NULL};
    for (int i = 0; i < LAB_METRICS; i++)
        names[i] = lab_metric_row(i)->name;
    const char *last = strrchr(text, ' '), *near = ln_nearest_name(last ? last + 1 : text, names);
    lab_refuse(scene, find(scene->item, key) ? find(scene->item, key) : scene->item,
               "%s: '%.60s' is nothing that is measured%s%s%s", key, text, near ? "; did you mean " : "",
               near ? near : "", near ? "?" : " (docs/studies.md has the list)");
}

lab_measure *lab_option_measures(const lab_scene *scene, const lab_yaml *map, const char *key,
                                 const char *const *fallback, size_t *count)
{
    const char *const *texts = lab_option_texts(scene, map, key, count);
    if (!texts)
        for (texts = fallback; fallback && fallback[*count]; ++*count)
            ;
    lab_measure *measures = lab_alloc(scene->pool, *count, sizeof *measures);
    for (size_t i = 0; i < *count; i++)
        if (!lab_measure_read(texts[i], &measures[i]))
            no_measure(scene, key, texts[i]);
    return measures;
}

lab_metric *lab_option_metrics(const lab_scene *scene, const lab_yaml *map, const char *key,
                               const char *const *fallback, size_t *count)
{
    const lab_measure *measures = lab_option_measures(scene, map, key, fallback, count);
    lab_metric *metrics = lab_alloc(scene->pool, *count, sizeof *metrics);
    for (size_t i = 0; i < *count; i++) {
        if (measures[i].moment != LAB_AT_END)
            lab_refuse(scene, scene->item, "%s: what has one number for each epoch is wanted, as in test_accuracy",
                       key);
        metrics[i] = measures[i].metric;
    }
    return metrics;
}

/* --------------------------------------------------------------------------------------------------------- points */

/* Adds the trials of an experiment that `label` means; returns how many. */
static size_t add_trials(const lab_trials *from, const char *label, const lab_trial **to)
{
    size_t count = 0;
    for (size_t i = 0; i < from->count; i++) {
        const char *name = from->trials[i].point->label;
        if (strcmp(name, label) == 0 || (strchr(label, '*') && !fnmatch(label, name, 0)))
            to[count++] = &from->trials[i];
    }
    return count;
}

static size_t all_trials(const lab_results *results)
{
    size_t count = 0;
    for (size_t i = 0; i < results->count; i++)
        count += results->experiments[i].count;
    return count;
}

static size_t find_trials(const lab_scene *scene, const lab_yaml *at, const char *text, const lab_trial **to)
{
    size_t count = add_trials(scene->here, text, to);
    const char *slash = strchr(text, '/');
    for (size_t i = 0; slash && !count && i < scene->results->count; i++) {
        const char *name = scene->results->experiments[i].experiment->name;
        if (strlen(name) == (size_t)(slash - text) && !strncmp(name, text, (size_t)(slash - text)))
            count = add_trials(&scene->results->experiments[i], slash + 1, to);
    }
    if (count)
        return count;
    const char **labels = lab_alloc(scene->pool, scene->here->count + 1, sizeof *labels);
    for (size_t i = 0; i < scene->here->count; i++)
        labels[i] = scene->here->trials[i].point->label;
    const char *near = ln_nearest_name(text, labels);
    lab_refuse(scene, at,
               "no point is called '%.100s'%s%s%s; the first here is '%.100s', of another experiment NAME/LABEL", text,
               near ? "; did you mean " : "", near ? near : "", near ? "?" : "", labels[0]);
}

const lab_trial **lab_option_trials(const lab_scene *scene, const lab_yaml *map, const char *key, size_t *count)
{
    size_t texts = 0;
    const char **labels = lab_option_texts(scene, map, key, &texts);
    const lab_trial **trials = lab_alloc(scene->pool, (texts + 1) * all_trials(scene->results), sizeof *trials);
    *count = 0;
    if (!labels)
        *count = add_trials(scene->here, "*", trials);
    for (size_t i = 0; i < texts; i++) {
        const lab_yaml *item = find(map, key);
        *count += find_trials(scene, item->kind == LAB_YAML_LIST ? &item->items[i] : item, labels[i], trials + *count);
    }
    return trials;
}

const lab_trial *lab_option_trial(const lab_scene *scene, const lab_yaml *map, const char *key, bool is_needed)
{
    size_t count = 0;
    if (!find(map, key)) {
        if (is_needed)
            lab_refuse(scene, map, "'%s' is missing: the label of a point", key);
        return NULL;
    }
    const lab_trial **trials = lab_option_trials(scene, map, key, &count);
    if (count != 1)
        lab_refuse(scene, find(map, key), "%s: one point is wanted, these are %zu", key, count);
    return trials[0];
}

const char *lab_trial_name(const lab_scene *scene, const lab_trial *trial)
{
    const char *label = lab_printable(scene->pool, trial->point->label);
    if (trial->experiment == scene->here->experiment)
        return label;
    return lab_format(scene->pool, "%s: %s", lab_printable(scene->pool, trial->experiment->title), label);
}

const char *lab_trial_prose(const lab_scene *scene, const lab_trial *trial)
{
    lab_text out = {.pool = scene->pool};
    lab_append(&out, "“");
    lab_append_prose(&out, lab_trial_name(scene, trial));
    lab_append(&out, "”");
    return out.data;
}

/* ------------------------------------------------------------------------------------------------ points in tables */

lab_point_columns lab_columns_of_points(const lab_scene *scene, const lab_trial *const *trials, size_t count)
{
    lab_pool *pool = scene->pool;
    const lab_point **points = lab_alloc(pool, count, sizeof *points);
    lab_point_columns columns = {.has_label = false};
    for (size_t i = 0; i < count; i++) {
        points[i] = trials[i]->point;
        columns.has_label |=
            points[i]->row || !points[i]->value_count || trials[i]->experiment != scene->here->experiment;
    }
    columns.differs = lab_differs_of(pool, points, count);
    if (columns.differs.count > LAB_MOST_KEYS)
        columns.differs.count = 0;
    columns.has_label |= !columns.differs.count;
    return columns;
}

size_t lab_point_headings(const lab_point_columns *points, lab_column *columns)
{
    size_t width = 0;
    if (points->has_label)
        columns[width++] = (lab_column){"", true};
    for (size_t k = 0; k < points->differs.count; k++)
        columns[width++] = (lab_column){points->differs.keys[k], true};
    return width;
}

void lab_fold_point_columns(lab_table *table, const lab_point_columns *points)
{
    for (size_t k = 0; points->has_label && k < points->differs.count; k++)
        lab_set_detail(table, k + 1);
}

void lab_point_cells(const lab_scene *scene, lab_table *table, const lab_point_columns *points, const lab_trial *trial,
                     size_t place)
{
    if (points->has_label)
        lab_cell(table, "%s", lab_trial_name(scene, trial));
    for (size_t k = 0; k < points->differs.count; k++)
        lab_cell(table, "%s", lab_printable(scene->pool, points->differs.values[place * points->differs.count + k]));
}

/* -------------------------------------------------------------------------------------------------------- numbers */

const char *lab_words_of_n(lab_pool *pool, const lab_trial *const *trials, size_t count)
{
    size_t least = SIZE_MAX, most = 0, collapsed = 0, ended = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t n = lab_trial_learned(trials[i]);
        least = n < least ? n : least;
        most = n > most ? n : most;
        collapsed += lab_trial_collapsed(trials[i]);
        ended += lab_trial_finished(trials[i]);
    }
    if (!count || !ended)
        return "n = 0: not run yet";
    const char *tail = !collapsed ? "" : lab_format(pool, " that learned; %zu of %zu collapsed", collapsed, ended);
    return least == most ? lab_format(pool, "n = %zu run%s%s", most,
                                      most == 1    ? ""
                                      : count == 1 ? "s"
                                                   : "s each",
                                      tail)
                         : lab_format(pool, "n = %zu to %zu runs%s", least, most, tail);
}

const char *lab_collapse_words(lab_pool *pool, const lab_trial *trial)
{
    const size_t collapsed = lab_trial_collapsed(trial), ended = lab_trial_finished(trial);
    const lab_interval share = lab_clopper_pearson(collapsed, ended, 0.95);
    if (!collapsed)
        return lab_format(pool, "0 of %zu", ended);
    return lab_format(pool, "%zu of %zu (%s %%)", collapsed, ended, lab_interval_words(pool, &share, 100, 0));
}

bool lab_any_collapsed(const lab_trial *const *trials, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++)
        any |= lab_trial_collapsed(trials[i]) > 0;
    return any;
}

const char *lab_capital(lab_pool *pool, const char *text)
{
    char *copy = lab_format(pool, "%s", text);
    if (*copy >= 'a' && *copy <= 'z')
        *copy = (char)(*copy - 'a' + 'A');
    return copy;
}

const char *lab_thousands(lab_pool *pool, double count)
{
    const char *digits = lab_format(pool, "%.0f", count);
    lab_text out = {.pool = pool};
    for (size_t left = strlen(digits); *digits; left--)
        lab_append(&out, left % 3 == 1 && left > 1 ? "%c," : "%c", *digits++);
    return out.data;
}

double lab_scale(lab_metric metric)
{
    const char *unit = lab_metric_row(metric)->unit;
    return unit && *unit == '%' ? 100 : 1;
}

/* Without a minus before what is rounded to nothing. */
const char *lab_number(lab_pool *pool, double number, int digits)
{
    if (!isfinite(number))
        return isinf(number) ? (number > 0 ? "inf" : "-inf") : "-";
    const char *text = lab_format(pool, "%.*f", digits, number);
    return *text == '-' && strspn(text + 1, "0.") == strlen(text + 1) ? text + 1 : text;
}

const char *lab_mean_and_sd(lab_pool *pool, const lab_sample *sample, double scale, int digits)
{
    if (!sample->count)
        return "-";
    const char *mean = lab_number(pool, scale * sample->mean, digits);
    return isnan(sample->sd) ? mean : lab_format(pool, "%s ± %s", mean, lab_number(pool, scale * sample->sd, digits));
}

const char *lab_interval_words(lab_pool *pool, const lab_interval *interval, double scale, int digits)
{
    if (isnan(interval->low))
        return "-";
    return lab_format(pool, "%s to %s", lab_number(pool, scale * interval->low, digits),
                      lab_number(pool, scale * interval->high, digits));
}

const char *lab_p(lab_pool *pool, double p)
{
    if (isnan(p))
        return "-";
    return p < 0.0001 ? "< 0.0001" : lab_format(pool, p < 0.001 ? "%.4f" : p < 0.1 ? "%.3f" : "%.2f", p);
}

const char *lab_p_is(lab_pool *pool, double p)
{
    const char *text = lab_p(pool, p);
    return lab_format(pool, *text == '<' ? "p %s" : "p = %s", text);
}

json_t *lab_value_of_sample(const lab_sample *s)
{
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:[o, o]}", "n", (json_int_t)s->count, "mean",
                     value_of_number(s->mean), "sd", value_of_number(s->sd), "standard_error",
                     value_of_number(s->standard_error), "low", value_of_number(s->low), "high",
                     value_of_number(s->high), "interval_95", value_of_number(s->interval.low),
                     value_of_number(s->interval.high));
}

/*
 * Values in the order of the point's runs, which stand with their identities at the end of the experiment;
 * those of collapsed runs are among them, and not in the statistics.
 */
json_t *lab_value_of_trial(lab_pool *pool, const lab_trial *trial, const lab_measure *measure)
{
    const lab_sample sample = lab_measure_trial(pool, trial, measure);
    json_t *values = json_array();
    for (size_t i = 0; values && i < trial->count; i++)
        json_array_append_new(values, value_of_number(lab_measure_any(&trial->runs[i], measure)));
    const size_t collapsed = lab_trial_collapsed(trial), ended = lab_trial_finished(trial);
    const lab_interval share = lab_clopper_pearson(collapsed, ended, 0.95);
    return json_pack("{s:s, s:o, s:s, s:o, s:I, s:I, s:[o, o], s:o, s:o}", "experiment", trial->experiment->name,
                     "point", value_of_text(trial->point->label), "measure", lab_measure_words(pool, measure),
                     "statistics", lab_value_of_sample(&sample), "ended", (json_int_t)ended, "collapsed",
                     (json_int_t)collapsed, "collapsed_interval_95", value_of_number(share.low),
                     value_of_number(share.high), "values", values, "command",
                     value_of_text(lab_trial_command(pool, trial->point, NULL)));
}
