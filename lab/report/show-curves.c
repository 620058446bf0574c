/* SPDX-License-Identifier: MIT */
/*
 * show-curves.c - numbers over epochs and over the values of a grid: curves, memorisation, dead-units,
 * against; see show.h.
 */
#include "lab/report/markup.h"
#include "lab/report/show.h"
#include "lab/text/json.h"
#include "settings/setting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

enum { MOST_THIN_LINES = 60, MOST_GRID_COLUMNS = 6 };

/* "Test accuracy (%)" */
static const char *axis_label(lab_pool *pool, lab_metric metric)
{
    const lenet_metric *row = lab_metric_row(metric);
    const char *end = strchr(row->words, ',');
    const size_t length = end ? (size_t)(end - row->words) : strlen(row->words);
    return lab_capital(pool, lab_format(pool, "%.*s%s%s%s", (int)length, row->words, row->unit ? " (" : "",
                                        row->unit ? row->unit : "", row->unit ? ")" : ""));
}

/* What must be known of the metrics. */
static void add_remarks(const lab_scene *scene, const lab_metric *metrics, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const lenet_metric *row = lab_metric_row(metrics[i]);
        if (row->about)
            lab_add_rule(scene->document,
                         lab_format(scene->pool, "*%s:* %s.", lab_capital(scene->pool, row->words), row->about));
    }
}

static const char *names_of_metrics(lab_pool *pool, const lab_metric *metrics, size_t count)
{
    lab_text out = {.pool = pool};
    for (size_t i = 0; i < count; i++)
        lab_append(&out, "%s%s",
                   i == 0          ? ""
                   : i + 1 < count ? "; "
                   : count > 2     ? "; and "
                                   : " and ",
                   lab_metric_row(metrics[i])->words);
    return lab_capital(pool, out.data);
}

/* ---------------------------------------------------------------------------------------------------------- curves */

/* Something that a run has for each epoch. */
typedef double number_of_epoch(const lab_run *run, size_t epoch, const void *what);

static double metric_of_epoch(const lab_run *run, size_t epoch, const void *what)
{
    const lab_metric metric = *(const lab_metric *)what;
    return lab_scale(metric) * run->values[metric][epoch];
}

static size_t most_epochs(const lab_trial *trial)
{
    size_t most = 0;
    for (size_t i = 0; i < trial->count; i++)
        if (trial->runs[i].is_there && !trial->runs[i].has_diverged && trial->runs[i].epochs > most)
            most = trial->runs[i].epochs;
    return most;
}

/* A run's number in an epoch; NaN: it has none. */
static double value_in_epoch(const lab_run *run, size_t epoch, number_of_epoch *number, const void *what)
{
    return run->is_there && !run->has_diverged && epoch < run->epochs ? number(run, epoch, what) : NAN;
}

/*
 * Mean over the runs that learned and reached an epoch, with sd or interval as band. Collapsed runs are in
 * neither: each is a thin line, also where the others are not shown one by one.
 */
static void fill_curve(lab_pool *pool, lab_series *series, const lab_trial *trial, number_of_epoch *number,
                       const void *what, bool is_interval, bool has_runs)
{
    const size_t epochs = most_epochs(trial), runs = has_runs || lab_trial_collapsed(trial) ? trial->count : 0;
    double *values = lab_alloc(pool, trial->count, sizeof *values);
    lab_series_points(pool, series, epochs, true, runs);
    for (size_t e = 0; e < epochs; e++) {
        size_t count = 0;
        for (size_t i = 0; i < trial->count; i++) {
            const lab_run *run = &trial->runs[i];
            const double value = value_in_epoch(run, e, number, what);
            if (runs)
                series->each[i * epochs + e] = has_runs || run->is_collapsed ? value : NAN;
            if (!isnan(value) && !run->is_collapsed)
                values[count++] = value;
        }
        const lab_sample s = lab_describe(values, count, 0.95);
        series->x[e] = (double)e + 1;
        series->y[e] = s.mean;
        series->low[e] = is_interval ? s.interval.low : s.mean - s.sd;
        series->high[e] = is_interval ? s.interval.high : s.mean + s.sd;
    }
}

static bool has_numbers(const lab_panel *panel)
{
    for (size_t s = 0; s < panel->count; s++)
        for (size_t i = 0; i < panel->series[s].count; i++)
            if (!isnan(panel->series[s].y[i]))
                return true;
    return false;
}

/* A panel of a metric that no run measured is empty. */
static void drop_empty_panels(lab_figure *figure)
{
    size_t kept = 0;
    for (size_t p = 0; p < figure->count; p++)
        if (has_numbers(&figure->panels[p]))
            figure->panels[kept++] = figure->panels[p];
    figure->count = kept;
}

static void add_figure(const lab_scene *scene, lab_figure *figure, const char *caption, const char *label)
{
    drop_empty_panels(figure);
    if (figure->count)
        lab_add_figure(scene->document, figure, caption, label);
    else if (scene->has_data)
        lab_add_prose(scene->document, "*No run that this figure needs has finished yet.*");
}

static json_t *value_of_curves(lab_pool *pool, const lab_trial *const *trials, size_t count, const lab_metric *metrics,
                               size_t metric_count)
{
    json_t *list = json_array();
    for (size_t t = 0; list && t < count; t++)
        for (size_t m = 0; m < metric_count; m++) {
            json_t *epochs = json_array();
            for (size_t e = 0; epochs && e < most_epochs(trials[t]); e++) {
                const lab_measure at = {LAB_AT_EPOCH, (int)e + 1, metrics[m]};
                const lab_sample s = lab_measure_trial(pool, trials[t], &at);
                json_array_append_new(epochs, json_pack("{s:I, s:I, s:o, s:o}", "epoch", (json_int_t)e + 1, "n",
                                                        (json_int_t)s.count, "mean", value_of_number(s.mean), "sd",
                                                        value_of_number(s.sd)));
            }
            json_array_append_new(list,
                                  json_pack("{s:o, s:s, s:o, s:o}", "point", value_of_text(trials[t]->point->label),
                                            "of", lab_metric_row(metrics[m])->name, "epochs", epochs, "command",
                                            value_of_text(lab_trial_command(pool, trials[t]->point, NULL))));
        }
    return list;
}

/* What the curves are of. */
typedef struct curves {
    size_t count, metric_count;
    const lab_trial **trials;
    const lab_metric *metrics;
    bool is_interval, has_runs;
} curves;

static void set_panel(lab_pool *pool, lab_panel *panel, lab_metric metric)
{
    const lenet_metric *row = lab_metric_row(metric);
    panel->x_label = "Epoch";
    panel->y_label = axis_label(pool, metric);
    panel->whole_x = true;
    panel->is_share = lab_metric_is_share(metric);
    panel->is_least_best = row->better < 0;
}

static bool have_one_unit(const curves *c)
{
    for (size_t m = 1; m < c->metric_count; m++) {
        const char *a = lab_metric_row(c->metrics[0])->unit, *b = lab_metric_row(c->metrics[m])->unit;
        if (a != b && (!a || !b || strcmp(a, b) != 0))
            return false;
    }
    return true;
}

/* One point: its metrics are lines of one panel, so that they can be compared. */
static void draw_one(const lab_scene *scene, lab_figure *figure, const curves *c)
{
    lab_panel *panel = lab_figure_panels(scene->pool, figure, 1);
    set_panel(scene->pool, panel, c->metrics[0]);
    if (c->metric_count > 1)
        panel->y_label = lab_metric_row(c->metrics[0])->unit ? "Share of images (%)" : "Loss";
    if (c->metric_count > 1 && (c->metrics[0] == LENET_TRAIN_ACCURACY || c->metrics[0] == LENET_TEST_ACCURACY))
        panel->y_label = "Accuracy (%)";
    lab_series *series = lab_panel_series(scene->pool, panel, c->metric_count);
    for (size_t m = 0; m < c->metric_count; m++) {
        series[m].name = lab_metric_row(c->metrics[m])->words;
        fill_curve(scene->pool, &series[m], c->trials[0], metric_of_epoch, &c->metrics[m], c->is_interval,
                   c->has_runs && c->trials[0]->count > 1);
    }
}

/* One scale for panels that are compared. */
static void share_scale(lab_figure *figure)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t p = 0; p < figure->count; p++)
        for (size_t s = 0; s < figure->panels[p].count; s++) {
            const lab_series *series = &figure->panels[p].series[s];
            for (size_t i = 0; i < series->count; i++) {
                low = fmin(low, fmin(series->y[i], isnan(series->low[i]) ? series->y[i] : series->low[i]));
                high = fmax(high, fmax(series->y[i], isnan(series->high[i]) ? series->y[i] : series->high[i]));
            }
        }
    if (!(high > low))
        return;
    const double step = pow(10, floor(log10(high - low))) / 2;
    for (size_t p = 0; p < figure->count; p++) {
        figure->panels[p].y_low = fmax(figure->panels[p].is_share ? 0 : -INFINITY, step * floor(low / step));
        figure->panels[p].y_high = fmin(figure->panels[p].is_share ? 100 : INFINITY, step * ceil(high / step));
    }
}

static void draw_several(const lab_scene *scene, lab_figure *figure, const curves *c)
{
    lab_panel *panels = lab_figure_panels(scene->pool, figure, c->metric_count);
    for (size_t m = 0; m < c->metric_count; m++) {
        set_panel(scene->pool, &panels[m], c->metrics[m]);
        lab_series *series = lab_panel_series(scene->pool, &panels[m], c->count);
        for (size_t t = 0; t < c->count; t++) {
            series[t].name = lab_trial_name(scene, c->trials[t]);
            fill_curve(scene->pool, &series[t], c->trials[t], metric_of_epoch, &c->metrics[m], c->is_interval,
                       c->has_runs && c->trials[t]->count > 1);
        }
    }
    if (c->metric_count > 1 && have_one_unit(c))
        share_scale(figure);
}

static const char *caption_of(const lab_scene *scene, const curves *c, const char *names)
{
    const char *title = lab_option_text(scene, scene->item, "title", NULL);
    lab_text caption = {.pool = scene->pool};
    lab_append(&caption, "%s%s%s per epoch", title ? title : "", title ? " " : "", names);
    if (c->count == 1) {
        lab_append(&caption, " of “");
        lab_append_prose(&caption, lab_trial_name(scene, c->trials[0]));
        lab_append(&caption, "”");
    }
    lab_append(&caption, ": mean %s; %s.", c->is_interval ? "and its 95 % interval" : "± 1 sd",
               lab_words_of_n(scene->pool, c->trials, c->count));
    lab_add_rule(scene->document, "*Curves.* A line is the mean over runs, its band ± 1 sd or the interval that the "
                                  "caption names. A thin line is one run; where "
                                  "there are many, only those that collapsed are drawn, if they are not far below the "
                                  "scale. Of more than eight lines the best five have a colour.");
    add_remarks(scene, c->metrics, c->metric_count);
    return caption.data;
}

/* "“MNIST” ends with 99.03 ± 0.05 % test accuracy." Of several points the best. */
static void set_curves_finding(const lab_scene *scene, const curves *c)
{
    lab_pool *pool = scene->pool;
    const lab_metric metric = c->metrics[c->metric_count - 1];
    const lenet_metric *row = lab_metric_row(metric);
    const lab_measure at = {LAB_AT_END, 0, metric};
    lab_sample best = {.count = 0};
    size_t place = 0;
    for (size_t t = 0; t < c->count; t++) {
        const lab_sample s = lab_measure_trial(pool, c->trials[t], &at);
        if (!s.count || (best.count && (row->better < 0 ? s.mean >= best.mean : s.mean <= best.mean)))
            continue;
        best = s;
        place = t;
    }
    if (!best.count)
        return;
    lab_set_finding(scene->document, LAB_RANK_OTHER,
                    lab_format(pool, "%s%s ends with %s%s%s %s.", c->count > 1 ? "Best: " : "",
                               lab_trial_prose(scene, c->trials[place]),
                               lab_mean_and_sd(pool, &best, lab_scale(metric), 2), row->unit ? " " : "",
                               row->unit ? row->unit : "", row->words));
}

static void show_metrics(const lab_scene *scene, const char *const *fallback)
{
    curves c = {.count = 0};
    size_t lines = 0;
    lab_pool *pool = scene->pool;
    c.trials = lab_option_trials(scene, scene->item, "points", &c.count);
    c.metrics = lab_option_metrics(scene, scene->item, "of", fallback, &c.metric_count);
    const char *band = lab_option_text(scene, scene->item, "band", "sd");
    if (strcmp(band, "sd") != 0 && strcmp(band, "interval") != 0)
        lab_refuse(scene, scene->item, "band: sd or interval is wanted");
    for (size_t t = 0; t < c.count; t++)
        lines += c.trials[t]->count;
    c.is_interval = *band == 'i';
    c.has_runs = lines <= MOST_THIN_LINES;
    lab_figure *figure = lab_alloc(pool, 1, sizeof *figure);
    figure->name =
        lab_document_name(scene->document, lab_format(pool, "%s-%s", scene->here->experiment->name, scene->kind));
    if (c.count == 1 && have_one_unit(&c))
        draw_one(scene, figure, &c);
    else
        draw_several(scene, figure, &c);
    const char *names = names_of_metrics(pool, c.metrics, c.metric_count);
    lab_add_result(scene->document, scene->kind, value_of_curves(pool, c.trials, c.count, c.metrics, c.metric_count));
    add_figure(scene, figure, caption_of(scene, &c, names), lab_format(pool, "Curves over epochs: %s", names));
    set_curves_finding(scene, &c);
}

void lab_show_curves(const lab_scene *scene) { show_metrics(scene, NAMES("train_accuracy", "test_accuracy")); }
void lab_show_memorisation(const lab_scene *scene) { show_metrics(scene, NAMES("noisy_memorised", "noisy_corrected")); }

/* ---------------------------------------------------------------------------------------------------------- against */

static bool number_of_value(const lab_point *point, const char *key, double *number)
{
    const char *text = lab_point_value(point, key);
    char *end = NULL;
    *number = text ? strtod(text, &end) : NAN;
    return text && *text && end != text && (!*end || *end == ':'); /* of "gce:0.7" nothing, of "0.2" the number */
}

/* What is left of a point's label when `key` does not count: its series. */
static const char *series_name(const lab_scene *scene, const lab_trial *trial, const char *key)
{
    lab_text out = {.pool = scene->pool};
    const lab_point *point = trial->point;
    const char *between = "";
    lab_append(&out, "%s", "");
    if (trial->experiment != scene->here->experiment) {
        lab_append(&out, "%s", lab_printable(scene->pool, trial->experiment->title));
        between = ": ";
    }
    if (point->row) {
        lab_append(&out, "%s%s", between, lab_printable(scene->pool, point->row));
        between = ", ";
    }
    for (size_t i = 0; i < point->value_count; i++)
        if (strcmp(point->values[i].key, key) != 0) {
            lab_append(&out, "%s%s", between, lab_printable(scene->pool, point->values[i].text));
            between = ", ";
        }
    return *out.data ? out.data : "all";
}

typedef struct group {
    const char *name;
    size_t count;
    const lab_trial **trials; /* by rising x */
    double *x;
} group;

static void insert(group *g, const lab_trial *trial, double x)
{
    size_t at = g->count++;
    for (; at > 0 && g->x[at - 1] > x; at--) {
        g->x[at] = g->x[at - 1];
        g->trials[at] = g->trials[at - 1];
    }
    g->x[at] = x;
    g->trials[at] = trial;
}

/* Trials with the same name but for the key, in the order in which names come. */
static group *group_trials(const lab_scene *scene, const lab_trial *const *trials, size_t count, const char *key,
                           size_t *groups)
{
    group *all = lab_alloc(scene->pool, count, sizeof *all);
    *groups = 0;
    for (size_t t = 0; t < count; t++) {
        double x;
        const char *name = series_name(scene, trials[t], key);
        size_t g = 0;
        if (!number_of_value(trials[t]->point, key, &x))
            lab_refuse(scene, scene->item, "over: '%s' is not in the grid of '%.80s', or is no number there", key,
                       trials[t]->point->label);
        while (g < *groups && strcmp(all[g].name, name) != 0)
            g++;
        if (g == *groups)
            all[(*groups)++] = (group){name, 0, lab_alloc(scene->pool, count, sizeof(lab_trial *)),
                                       lab_alloc(scene->pool, count, sizeof(double))};
        insert(&all[g], trials[t], x);
    }
    return all;
}

/* Mean and 95 % interval; of one run the number alone. */
static void fill_against(lab_pool *pool, lab_series *series, const group *g, const lab_measure *measure)
{
    const double scale = lab_scale(measure->metric);
    lab_series_points(pool, series, g->count, true, 0);
    series->name = g->name;
    for (size_t i = 0; i < g->count; i++) {
        const lab_sample s = lab_measure_trial(pool, g->trials[i], measure);
        series->x[i] = g->x[i];
        series->y[i] = scale * s.mean;
        series->low[i] = scale * (isnan(s.interval.low) ? s.mean : s.interval.low);
        series->high[i] = scale * (isnan(s.interval.high) ? s.mean : s.interval.high);
    }
}

/* The runs that collapsed, as marks without a line; false: there are none. */
static bool fill_collapsed(lab_pool *pool, lab_series *series, const group *g, const lab_measure *measure)
{
    size_t count = 0, at = 0;
    for (size_t i = 0; i < g->count; i++)
        count += lab_trial_collapsed(g->trials[i]);
    if (!count)
        return false;
    lab_series_points(pool, series, count, false, 0);
    series->name = lab_format(pool, "%s%scollapsed runs", strcmp(g->name, "all") ? g->name : "",
                              strcmp(g->name, "all") ? ", " : "");
    series->no_line = true;
    for (size_t i = 0; i < g->count; i++)
        for (size_t r = 0; r < g->trials[i]->count; r++)
            if (g->trials[i]->runs[r].is_collapsed) {
                series->x[at] = g->x[i];
                series->y[at++] = lab_scale(measure->metric) * lab_measure_any(&g->trials[i]->runs[r], measure);
            }
    return true;
}

static void fill_panel(lab_pool *pool, lab_panel *panel, const group *groups, size_t count, const lab_measure *measure)
{
    lab_series *series = lab_panel_series(pool, panel, 2 * count);
    size_t used = count;
    for (size_t g = 0; g < count; g++)
        fill_against(pool, &series[g], &groups[g], measure);
    for (size_t g = 0; g < count; g++)
        if (fill_collapsed(pool, &series[used], &groups[g], measure)) {
            series[used++].style = (int)g;
            if (!strcmp(groups[g].name, "all"))
                series[g].name = "runs that learned";
        }
    panel->count = used;
}

static void add_against_table(const lab_scene *scene, const group *groups, size_t count, const char *label,
                              const lab_measure *measures, size_t measure_count)
{
    lab_pool *pool = scene->pool;
    lab_column *columns = lab_alloc(pool, measure_count + 4, sizeof *columns);
    const bool has_names = count > 1;
    bool has_collapsed = false;
    size_t width = 0;
    for (size_t g = 0; g < count; g++)
        has_collapsed |= lab_any_collapsed(groups[g].trials, groups[g].count);
    if (has_names)
        columns[width++] = (lab_column){"", true};
    columns[width++] = (lab_column){label, false};
    columns[width++] = (lab_column){"n", false};
    if (has_collapsed)
        columns[width++] = (lab_column){"collapsed", false};
    for (size_t m = 0; m < measure_count; m++) {
        const char *unit = lab_metric_row(measures[m].metric)->unit;
        columns[width++] = (lab_column){
            lab_format(pool, "%s%s%s", lab_measure_words(pool, &measures[m]), unit ? ", " : "", unit ? unit : ""),
            false};
    }
    lab_table *table = lab_add_table(scene->document, columns, width, "The same as numbers: mean ± sd over n runs.");
    for (size_t g = 0; g < count; g++)
        for (size_t i = 0; i < groups[g].count; i++) {
            if (has_names)
                lab_cell(table, "%s", groups[g].name);
            lab_cell(table, "%g", groups[g].x[i]);
            lab_cell(table, "%zu", lab_trial_learned(groups[g].trials[i]));
            if (has_collapsed)
                lab_cell(table, "%s", lab_collapse_words(pool, groups[g].trials[i]));
            for (size_t m = 0; m < measure_count; m++) {
                const lab_sample s = lab_measure_trial(pool, groups[g].trials[i], &measures[m]);
                lab_cell(table, "%s", lab_mean_and_sd(pool, &s, lab_scale(measures[m].metric), 2));
            }
        }
}

/* Several lines at the same places: a row for each place, a column for each line. */
static bool add_against_grid(const lab_scene *scene, const group *groups, size_t count, const char *label,
                             const lab_measure *measure)
{
    lab_pool *pool = scene->pool;
    if (count < 2 || count > MOST_GRID_COLUMNS)
        return false;
    lab_column *columns = lab_alloc(pool, count + 1, sizeof *columns);
    columns[0] = (lab_column){label, false};
    for (size_t g = 0; g < count; g++) {
        columns[g + 1] = (lab_column){groups[g].name, false};
        if (groups[g].count != groups[0].count ||
            memcmp(groups[g].x, groups[0].x, groups[0].count * sizeof(double)) != 0)
            return false;
    }
    const char *unit = lab_metric_row(measure->metric)->unit;
    lab_table *table = lab_add_table(scene->document, columns, count + 1,
                                     lab_format(pool, "%s%s%s: mean ± sd over runs.",
                                                lab_capital(pool, lab_measure_words(pool, measure)), unit ? ", " : "",
                                                unit ? unit : ""));
    for (size_t i = 0; i < groups[0].count; i++) {
        lab_cell(table, "%g", groups[0].x[i]);
        for (size_t g = 0; g < count; g++) {
            const lab_sample s = lab_measure_trial(pool, groups[g].trials[i], measure);
            lab_cell(table, "%s", lab_mean_and_sd(pool, &s, lab_scale(measure->metric), 2));
        }
    }
    return true;
}

static void add_against_results(const lab_scene *scene, const group *groups, size_t count, const lab_measure *measures,
                                size_t measure_count)
{
    json_t *list = json_array();
    for (size_t g = 0; list && g < count; g++)
        for (size_t i = 0; i < groups[g].count; i++)
            for (size_t m = 0; m < measure_count; m++) {
                json_t *value = lab_value_of_trial(scene->pool, groups[g].trials[i], &measures[m]);
                if (value)
                    json_object_set_new(value, "x", value_of_number(groups[g].x[i]));
                json_array_append_new(list, value);
            }
    lab_add_result(scene->document, scene->kind, list);
}

/*
 * "Final test accuracy: 98.90 % at label noise ε 0, 95.10 % at 0.6." Of several lines that which is best at
 * the end.
 */
static void set_against_finding(const lab_scene *scene, const group *groups, size_t count, const char *label,
                                const lab_measure *measure)
{
    lab_pool *pool = scene->pool;
    const lenet_metric *row = lab_metric_row(measure->metric);
    const double scale = lab_scale(measure->metric);
    const char *unit = row->unit ? lab_format(pool, " %s", row->unit) : "";
    double best = NAN, best_first = NAN;
    const group *g = NULL;
    for (size_t i = 0; i < count; i++) {
        const double first = lab_measure_trial(pool, groups[i].trials[0], measure).mean;
        const double last = lab_measure_trial(pool, groups[i].trials[groups[i].count - 1], measure).mean;
        if (isnan(last) || (g && (row->better < 0 ? last >= best : last <= best)))
            continue;
        best = last;
        best_first = first;
        g = &groups[i];
    }
    if (!g || g->count < 2)
        return;
    lab_text out = {.pool = pool};
    const char *words = lab_measure_words(pool, measure);
    if (count > 1) {
        lab_append(&out, "Best at %s %g: “", label, g->x[g->count - 1]);
        lab_append_prose(&out, g->name);
        lab_append(&out, "” with %s%s %s (%s%s at %g).", lab_number(pool, scale * best, 2), unit, words,
                   lab_number(pool, scale * best_first, 2), unit, g->x[0]);
    } else {
        lab_append(&out, "%s: %s%s at %s %g, %s%s at %g.", lab_capital(pool, words),
                   lab_number(pool, scale * best_first, 2), unit, label, g->x[0], lab_number(pool, scale * best, 2),
                   unit, g->x[g->count - 1]);
    }
    lab_set_finding(scene->document, LAB_RANK_AGAINST, out.data);
}

static const char *label_of_key(const lab_scene *scene, const char *key)
{
    const ln_option *setting = ln_setting_find(key);
    const char *label = setting && setting->metavar ? setting->help : key;
    label = !strcmp(key, "noise") ? "label noise ε"
            : !strcmp(key, "lr")  ? "learning rate"
            : strlen(label) < 32  ? label
                                  : key;
    return lab_option_text(scene, scene->item, "label", label);
}

static void show_against(const lab_scene *scene, const char *const *fallback)
{
    size_t count = 0, measure_count = 0, group_count = 0;
    lab_pool *pool = scene->pool;
    const lab_trial **trials = lab_option_trials(scene, scene->item, "points", &count);
    const lab_measure *measures = lab_option_measures(scene, scene->item, "of", fallback, &measure_count);
    const char *key = lab_option_text(scene, scene->item, "over", "noise"),
               *title = lab_option_text(scene, scene->item, "title", NULL);
    const char *label = lab_printable(pool, label_of_key(scene, key));
    const group *groups = group_trials(scene, trials, count, key, &group_count);
    lab_figure *figure = lab_alloc(pool, 1, sizeof *figure);
    figure->name =
        lab_document_name(scene->document, lab_format(pool, "%s-%s", scene->here->experiment->name, scene->kind));
    lab_panel *panels = lab_figure_panels(pool, figure, measure_count);
    for (size_t m = 0; m < measure_count; m++) {
        panels[m].kind = LAB_MARKS;
        panels[m].title = measure_count > 1 ? lab_capital(pool, lab_measure_words(pool, &measures[m])) : NULL;
        panels[m].is_share = lab_metric_is_share(measures[m].metric);
        panels[m].x_label = lab_capital(pool, label);
        panels[m].y_label = axis_label(pool, measures[m].metric);
        panels[m].log_x =
            !strcmp(key, "lr") && groups[0].x[0] > 0 && groups[0].x[groups[0].count - 1] / groups[0].x[0] > 20;
        panels[m].is_least_best = lab_metric_row(measures[m].metric)->better < 0;
        fill_panel(pool, &panels[m], groups, group_count, &measures[m]);
    }
    lab_text caption = {.pool = pool};
    if (title)
        lab_append(&caption, "%s ", title);
    for (size_t m = 0; m < measure_count; m++)
        lab_append(&caption, "%s%s", m == 0 ? "" : " and ",
                   m == 0 ? lab_capital(pool, lab_measure_words(pool, &measures[m]))
                          : lab_measure_words(pool, &measures[m]));
    lab_append(&caption, " against %s: mean and its 95 %% interval; %s.", label, lab_words_of_n(pool, trials, count));
    add_against_results(scene, groups, group_count, measures, measure_count);
    add_figure(scene, figure, caption.data, lab_format(pool, "Means against %s", label));
    if (!scene->has_data)
        return;
    const bool has_grid = measure_count == 1 && add_against_grid(scene, groups, group_count, label, &measures[0]);
    add_against_table(scene, groups, group_count, label, measures, measure_count);
    if (has_grid)
        lab_fold(scene->document, "The same with the number of runs");
    set_against_finding(scene, groups, group_count, label, &measures[0]);
}

void lab_show_against(const lab_scene *scene) { show_against(scene, NAMES("test_accuracy", "best test_accuracy")); }

/* ------------------------------------------------------------------------------------------------------ dead units */

static double dead_of_layer(const lab_run *run, size_t epoch, const void *what)
{
    const size_t layer = *(const size_t *)what;
    if (layer >= run->layer_count)
        return NAN;
    return run->layers[layer].dead[epoch];
}

static const lab_run *run_with_layers(const lab_trial *const *trials, size_t count)
{
    for (size_t t = 0; t < count; t++)
        for (size_t i = 0; i < trials[t]->count; i++)
            if (trials[t]->runs[i].layer_count)
                return &trials[t]->runs[i];
    return NULL;
}

/* A panel for each layer: dead units per epoch, a line for each point. */
static void add_layers_figure(const lab_scene *scene, const lab_trial *const *trials, size_t count,
                              const lab_run *pattern)
{
    lab_pool *pool = scene->pool;
    lab_figure *figure = lab_alloc(pool, 1, sizeof *figure);
    figure->name = lab_document_name(scene->document, lab_format(pool, "%s-layers", scene->here->experiment->name));
    lab_panel *panels = lab_figure_panels(pool, figure, pattern->layer_count);
    for (size_t l = 0; l < pattern->layer_count; l++) {
        size_t *place = lab_alloc(pool, 1, sizeof *place);
        *place = l;
        panels[l].title = lab_format(pool, "%s, %zu units", pattern->layers[l].name, pattern->layers[l].units);
        panels[l].x_label = "Epoch";
        panels[l].y_label = "Dead units";
        panels[l].whole_x = true;
        panels[l].y_low = 0;
        panels[l].is_least_best = true;
        lab_series *series = lab_panel_series(pool, &panels[l], count);
        for (size_t t = 0; t < count; t++) {
            series[t].name = lab_trial_name(scene, trials[t]);
            fill_curve(pool, &series[t], trials[t], dead_of_layer, place, false, false);
        }
    }
    add_figure(
        scene, figure,
        lab_format(pool, "Dead units per layer and epoch: mean ± 1 sd; %s.", lab_words_of_n(pool, trials, count)),
        "Dead units per layer over epochs");
}

/* Dead units of a layer at the end, of the runs that collapsed or of those that learned. */
static lab_sample dead_at_end(lab_pool *pool, const lab_trial *trial, size_t layer, bool of_collapsed)
{
    double *values = lab_alloc(pool, trial->count, sizeof *values);
    size_t n = 0;
    for (size_t i = 0; i < trial->count; i++) {
        const lab_run *run = &trial->runs[i];
        const bool counts = run->is_collapsed == of_collapsed && run->is_there && !run->has_diverged && run->epochs;
        const double dead = counts ? dead_of_layer(run, run->epochs - 1, &layer) : NAN;
        if (!isnan(dead))
            values[n++] = dead;
    }
    return lab_describe(values, n, 0.95);
}

static void add_layers_row(const lab_scene *scene, lab_table *table, json_t *list, const lab_trial *trial,
                           const lab_run *pattern, bool of_collapsed)
{
    lab_pool *pool = scene->pool;
    lab_cell(table, "%s%s", lab_trial_name(scene, trial), of_collapsed ? ", collapsed runs" : "");
    lab_cell(table, "%zu", of_collapsed ? lab_trial_collapsed(trial) : lab_trial_learned(trial));
    for (size_t l = 0; l < pattern->layer_count; l++) {
        const lab_sample s = dead_at_end(pool, trial, l, of_collapsed);
        lab_cell(table, "%s", lab_mean_and_sd(pool, &s, 1, 1));
        json_array_append_new(list, json_pack("{s:o, s:b, s:s, s:I, s:o}", "point", value_of_text(trial->point->label),
                                              "of_collapsed", of_collapsed, "layer", pattern->layers[l].name, "units",
                                              (json_int_t)pattern->layers[l].units, "dead", lab_value_of_sample(&s)));
    }
}

static void add_layers_table(const lab_scene *scene, const lab_trial *const *trials, size_t count,
                             const lab_run *pattern)
{
    lab_pool *pool = scene->pool;
    lab_column *columns = lab_alloc(pool, pattern->layer_count + 2, sizeof *columns);
    json_t *list = json_array();
    columns[0] = (lab_column){"point", true};
    columns[1] = (lab_column){"n", false};
    for (size_t l = 0; l < pattern->layer_count; l++)
        columns[l + 2] =
            (lab_column){lab_format(pool, "%s, of %zu", pattern->layers[l].name, pattern->layers[l].units), false};
    lab_add_rule(scene->document, "*Dead units.* A unit is dead if it is off for every training image. Runs that "
                                  "collapsed are a row of their own.");
    lab_table *table = lab_add_table(scene->document, columns, pattern->layer_count + 2,
                                     "Dead units per layer after the last epoch: mean ± sd over n runs.");
    for (size_t t = 0; t < count; t++) {
        add_layers_row(scene, table, list, trials[t], pattern, false);
        if (lab_trial_collapsed(trials[t]))
            add_layers_row(scene, table, list, trials[t], pattern, true);
    }
    lab_add_result(scene->document, scene->kind, list);
}

/*
 * With `over`: the share of dead units against a value of the grid. Always: per layer, by epoch and at the
 * end.
 */
void lab_show_dead_units(const lab_scene *scene)
{
    size_t count = 0;
    const lab_trial **trials = lab_option_trials(scene, scene->item, "points", &count);
    if (lab_option_text(scene, scene->item, "over", NULL))
        show_against(scene, NAMES("dead_units"));
    const lab_run *pattern = run_with_layers(trials, count);
    if (!pattern)
        return;
    if (count <= 8)
        add_layers_figure(scene, trials, count, pattern);
    add_layers_table(scene, trials, count, pattern);
}
