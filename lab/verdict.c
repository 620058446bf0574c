/* SPDX-License-Identifier: MIT */
/*
 * verdict.c - claims put to the test: a table of tests, each of which makes evidence and a p from runs; see show.h. docs/statistics.md has
 * the formulas.
 *
 * No verdict is written by hand. Each test gives comparisons whose effect is positive if it goes the way of the claim. The claim is
 * supported if all do and the p of the weakest is small; contradicted if one goes the other way with a small p; undecided otherwise. The
 * p-values of all verdicts of a report are corrected together, so the words come last (lab_settle_verdicts).
 */
#include "lab/json.h"
#include "lab/markup.h"
#include "lab/show.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double level = 0.05;

/* A verdict that waits for the others. */
typedef struct waiting {
    lab_verdict *verdict;
    json_t *value;  /* in the document */
    double p, sign; /* before correction; NaN: no test could be made */
    const char *test;
} waiting;

struct lab_ruling_list {
    size_t count, room;
    waiting *all;
};

/* One comparison. */
typedef struct comparison {
    double effect; /* > 0: as claimed */
    double p;
    const char *words; /* prose */
    json_t *value;
} comparison;

/* All of a claim. */
typedef struct evidence {
    size_t count, room;
    comparison *all;
    const char *test; /* "paired t test over seeds" */
} evidence;

static void add(lab_pool *pool, evidence *e, comparison c)
{
    if (e->count == e->room) {
        comparison *larger = lab_take(pool, 2 * e->room + 8, sizeof *larger);
        if (e->count)
            memcpy(larger, e->all, e->count * sizeof *larger);
        e->all = larger;
        e->room = 2 * e->room + 8;
    }
    e->all[e->count++] = c;
}

static const char *prose_name(const lab_scene *scene, const lab_trial *trial)
{
    lab_text out = {.pool = scene->pool};
    lab_say(&out, "“");
    lab_say_prose(&out, lab_trial_name(scene, trial));
    lab_say(&out, "”");
    return out.data;
}

/* "92.63 ± 1.87 % (n = 5)" */
static const char *sample_words(lab_pool *pool, const lab_sample *s, const lab_measure *measure)
{
    const char *unit = lab_metric_rows[measure->metric].unit;
    return lab_print(pool, "%s%s%s (n = %zu)", lab_mean_and_sd(pool, s, lab_scale(measure->metric), 2), unit ? " " : "",
                     unit ? unit : "", s->count);
}

static json_t *value_of_comparison(const lab_scene *scene, const lab_trial *a, const lab_trial *b, size_t n,
                                   double effect, const lab_interval *interval, double p)
{
    lab_pool *pool = scene->pool;
    return json_pack("{s:o, s:o, s:I, s:o, s:[o, o], s:o, s:o, s:o}", "a", value_of_text(lab_trial_name(scene, a)), "b",
                     b ? value_of_text(lab_trial_name(scene, b)) : json_null(), "n", (json_int_t)n, "effect",
                     value_of_number(effect), "interval_95", value_of_number(interval->low),
                     value_of_number(interval->high), "p", value_of_number(p), "command_a",
                     value_of_text(lab_trial_command(pool, a->point, NULL)), "command_b",
                     b ? value_of_text(lab_trial_command(pool, b->point, NULL)) : json_null());
}

/* -------------------------------------------------------------------------------------------------- one comparison */

typedef comparison compare_two(const lab_scene *scene, const lab_trial *a, const lab_trial *b,
                               const lab_measure *measure);

static size_t values_of(lab_pool *pool, const lab_trial *trial, const lab_measure *measure, double **values)
{
    size_t count = 0;
    *values = lab_take(pool, trial->count, sizeof **values);
    for (size_t i = 0; i < trial->count; i++) {
        (*values)[count] = lab_measure_of(&trial->runs[i], measure);
        count += isnan((*values)[count]) ? 0 : 1;
    }
    return count;
}

/* The sd of a is larger than that of b. */
static comparison compare_spread(const lab_scene *scene, const lab_trial *a, const lab_trial *b,
                                 const lab_measure *measure)
{
    lab_pool *pool = scene->pool;
    double *of_a, *of_b;
    const size_t na = values_of(pool, a, measure, &of_a), nb = values_of(pool, b, measure, &of_b);
    const lab_sample sa = lab_describe(of_a, na, 0.95), sb = lab_describe(of_b, nb, 0.95);
    const lab_ratio r = lab_compare_spreads(&sa, &sb, 0.95);
    const double p = lab_brown_forsythe((lab_values[]){{of_a, na}, {of_b, nb}}, 2);
    const char *words =
        lab_print(pool, "%s of %s: %s, of %s: %s; ratio of the sds %s (95 %% interval %s by F), p = %s (F test: %s).",
                  lab_measure_words(pool, measure), prose_name(scene, a), sample_words(pool, &sa, measure),
                  prose_name(scene, b), sample_words(pool, &sb, measure), lab_number(pool, r.ratio, 2),
                  lab_interval_words(pool, &r.interval, 1, 2), lab_p(pool, p), lab_p(pool, r.p));
    return (comparison){log(r.ratio), p, words,
                        value_of_comparison(scene, a, b, na < nb ? na : nb, r.ratio, &r.interval, p)};
}

static const char *flip_words(lab_pool *pool, const double *differences, size_t count)
{
    const double flip = lab_sign_flip(differences, count);
    if (isnan(flip))
        return "";
    return lab_print(pool, "; sign flips: p = %s%s", lab_p(pool, flip),
                     flip <= lab_least_flip_p(count) ? lab_print(pool, ", the least that %zu pairs can give", count)
                                                     : "");
}

/* Folds share images, so their spread is no measure of chance (docs/statistics.md): a verdict is of runs that share none. */
static void refuse_folds(const lab_scene *scene, const char *key, const lab_trial *trial)
{
    if (trial->point->is_over_folds)
        lab_refuse(scene, scene->item, "%s: '%s' is over folds, which share images: no test is made for them", key, trial->point->label);
}

static const lab_trial **points_of(const lab_scene *scene, const char *key, size_t *count)
{
    const lab_trial **trials = lab_option_trials(scene, scene->item, key, count);
    for (size_t i = 0; i < *count; i++)
        refuse_folds(scene, key, trials[i]);
    return trials;
}

static const lab_trial *point_of(const lab_scene *scene, const char *key)
{
    const lab_trial *trial = lab_option_trial(scene, scene->item, key, true);
    refuse_folds(scene, key, trial);
    return trial;
}

/* Paired differences over seeds, less `margin`, times `sign`. */
static comparison compare_means(const lab_scene *scene, const lab_trial *a, const lab_trial *b,
                                const lab_measure *measure, double sign)
{
    lab_pool *pool = scene->pool;
    const double scale = lab_scale(measure->metric);
    double *of_a, *of_b;
    const size_t count = lab_measure_pairs(pool, a, b, measure, &of_a, &of_b);
    const lab_paired r = lab_compare_paired(of_a, of_b, count, 0.95);
    const lab_sample sa = lab_describe(of_a, count, 0.95), sb = lab_describe(of_b, count, 0.95);
    double *differences = lab_take(pool, count, sizeof *differences);
    for (size_t i = 0; i < count; i++)
        differences[i] = of_a[i] - of_b[i];
    const char *words = lab_print(
        pool, "%s of %s: %s, of %s: %s; difference %s%s (95 %% interval %s), p = %s%s.",
        lab_measure_words(pool, measure), prose_name(scene, a), sample_words(pool, &sa, measure), prose_name(scene, b),
        sample_words(pool, &sb, measure), lab_number(pool, scale * r.difference.mean, 2), scale == 100 ? " points" : "",
        lab_interval_words(pool, &r.difference.interval, scale, 2), lab_p(pool, r.p),
        flip_words(pool, differences, count));
    return (comparison){sign * r.difference.mean, r.p, words,
                        value_of_comparison(scene, a, b, count, r.difference.mean, &r.difference.interval, r.p)};
}

/* Better is more, of a loss less. */
static comparison compare_better(const lab_scene *scene, const lab_trial *a, const lab_trial *b,
                                 const lab_measure *measure)
{
    return compare_means(scene, a, b, measure, lab_metric_rows[measure->metric].is_least_best ? -1 : 1);
}

static comparison compare_larger(const lab_scene *scene, const lab_trial *a, const lab_trial *b,
                                 const lab_measure *measure)
{
    return compare_means(scene, a, b, measure, 1);
}

/* Of different data sets: nothing is paired. */
static comparison compare_apart(const lab_scene *scene, const lab_trial *a, const lab_trial *b,
                                const lab_measure *measure)
{
    lab_pool *pool = scene->pool;
    const double scale = lab_scale(measure->metric);
    const lab_sample sa = lab_measure_trial(pool, a, measure), sb = lab_measure_trial(pool, b, measure);
    const lab_welch w = lab_compare_means(&sa, &sb, 0.95);
    const char *words =
        lab_print(pool, "%s of %s: %s, of %s: %s; difference %s%s (95 %% interval %s), p = %s.",
                  lab_measure_words(pool, measure), prose_name(scene, a), sample_words(pool, &sa, measure),
                  prose_name(scene, b), sample_words(pool, &sb, measure), lab_number(pool, scale * w.difference, 2),
                  scale == 100 ? " points" : "", lab_interval_words(pool, &w.interval, scale, 2), lab_p(pool, w.p));
    return (comparison){
        w.difference, w.p, words,
        value_of_comparison(scene, a, b, sa.count < sb.count ? sa.count : sb.count, w.difference, &w.interval, w.p)};
}

/* ------------------------------------------------------------------------------------------------------------ tests */

typedef struct verdict_test {
    const char *name;
    evidence (*collect)(const lab_scene *scene, const struct verdict_test *test);
    compare_two *compare;
    const char *measure; /* unless `of` says another */
    const char *words;
} verdict_test;

static lab_measure measure_of(const lab_scene *scene, const char *usual)
{
    size_t count = 0;
    const lab_measure *measures =
        lab_option_measures(scene, scene->item, "of", (const char *const[]){usual, NULL}, &count);
    if (count != 1)
        lab_refuse(scene, scene->item, "of: one measure is wanted");
    return measures[0];
}

static void need(const lab_scene *scene, const char *key)
{
    if (!lab_yaml_find(scene->item, key))
        lab_refuse(scene, scene->item, "'%s' is missing for this test", key);
}

/* Each point of `a` with each of `b`. */
static evidence collect_pairs(const lab_scene *scene, const verdict_test *test)
{
    evidence e = {.test = test->words};
    size_t as = 0, bs = 0;
    need(scene, "a");
    need(scene, "b");
    const lab_trial **a = points_of(scene, "a", &as),
                    **b = points_of(scene, "b", &bs);
    const lab_measure measure = measure_of(scene, test->measure);
    for (size_t i = 0; i < as; i++)
        for (size_t k = 0; k < bs; k++)
            if (a[i] != b[k])
                add(scene->pool, &e, test->compare(scene, a[i], b[k], &measure));
    return e;
}

/* What the noise costs, b - a of each pair, against a margin: less than it (sign -1) or more. */
static comparison compare_margin(const lab_scene *scene, const lab_trial *a, const lab_trial *b,
                                 const lab_measure *measure, double margin, double sign)
{
    lab_pool *pool = scene->pool;
    const double scale = lab_scale(measure->metric);
    double *of_a, *of_b;
    const size_t count = lab_measure_pairs(pool, a, b, measure, &of_a, &of_b);
    double *beyond = lab_take(pool, count, sizeof *beyond);
    for (size_t i = 0; i < count; i++)
        beyond[i] = of_b[i] - of_a[i];
    const lab_sample drop = lab_describe(beyond, count, 0.95), sa = lab_describe(of_a, count, 0.95),
                     sb = lab_describe(of_b, count, 0.95);
    for (size_t i = 0; i < count; i++)
        beyond[i] -= margin;
    double *zeros = lab_take(pool, count, sizeof *zeros);
    const lab_paired r = lab_compare_paired(beyond, zeros, count, 0.95);
    const char *words = lab_print(
        pool, "%s of %s: %s, of %s: %s; it falls by %s%s (95 %% interval %s); margin %s%s, p = %s%s.",
        lab_measure_words(pool, measure), prose_name(scene, b), sample_words(pool, &sb, measure), prose_name(scene, a),
        sample_words(pool, &sa, measure), lab_number(pool, scale * drop.mean, 2), scale == 100 ? " points" : "",
        lab_interval_words(pool, &drop.interval, scale, 2), lab_number(pool, scale * margin, 2),
        scale == 100 ? " points" : "", lab_p(pool, r.p), flip_words(pool, beyond, count));
    return (comparison){sign * (drop.mean - margin), r.p, words,
                        value_of_comparison(scene, a, b, count, drop.mean, &drop.interval, r.p)};
}

static evidence collect_margin(const lab_scene *scene, const verdict_test *test)
{
    evidence e = {.test = test->words};
    size_t count = 0;
    need(scene, "a");
    const lab_trial **a = points_of(scene, "a", &count),
                    *b = point_of(scene, "b");
    const lab_measure measure = measure_of(scene, test->measure);
    const double margin = lab_option_number(scene, scene->item, "margin", 0.01);
    for (size_t i = 0; i < count; i++)
        if (a[i] != b)
            add(scene->pool, &e,
                compare_margin(scene, a[i], b, &measure, margin, strcmp(test->name, "breaks") ? -1 : 1));
    return e;
}

/* ------------------------------------------------------------------------------------------------------------ trend */

static double value_at(const lab_scene *scene, const lab_trial *trial, const char *key)
{
    const char *text = lab_point_value(trial->point, key);
    char *end = NULL;
    const double value = text ? strtod(text, &end) : NAN;
    if (!text || end == text || *end)
        lab_refuse(scene, scene->item, "over: '%s' is not in the grid of '%.80s', or is no number there", key,
                   trial->point->label);
    return value;
}

/* How much a curve jumps from epoch to epoch: the sd of its noise by second differences (docs/statistics.md), of its second half. */
static double roughness(const lab_run *run, const lab_measure *measure)
{
    const size_t first = run->epochs / 2 > 0 ? run->epochs / 2 : 1;
    const double *y = run->values[measure->metric];
    double sum = 0, count = 0;
    for (size_t e = first; run->is_there && !run->has_diverged && e + 1 < run->epochs; e++) {
        const double off = y[e] - (y[e - 1] + y[e + 1]) / 2;
        sum += off * off;
        count++;
    }
    return count > 0 ? sqrt(sum / count * 2 / 3) : NAN;
}

typedef double number_of_run(const lab_run *run, const lab_measure *measure);

static double number_of_seed(const lab_trial *trial, const lab_study_run *asked, number_of_run *number,
                             const lab_measure *measure)
{
    for (size_t i = 0; i < trial->count; i++)
        if (trial->runs[i].asked->seed == asked->seed && trial->runs[i].asked->fold == asked->fold)
            return number(&trial->runs[i], measure);
    return NAN;
}

/* A slope for each seed; `x` as they are or as powers of ten. */
static size_t slopes_of(lab_pool *pool, const lab_trial *const *trials, const double *x, size_t count,
                        number_of_run *number, const lab_measure *measure, double **slopes)
{
    size_t used = 0;
    double *y = lab_take(pool, count, sizeof *y);
    *slopes = lab_take(pool, trials[0]->count, sizeof **slopes);
    for (size_t r = 0; r < trials[0]->count; r++) {
        for (size_t t = 0; t < count; t++)
            y[t] = number_of_seed(trials[t], trials[0]->runs[r].asked, number, measure);
        (*slopes)[used] = lab_slope(x, y, count);
        used += isnan((*slopes)[used]) ? 0 : 1;
    }
    return used;
}

static const char *means_words(const lab_scene *scene, const lab_trial *const *trials, size_t count,
                               number_of_run *number, const lab_measure *measure)
{
    lab_pool *pool = scene->pool;
    lab_text out = {.pool = pool};
    for (size_t t = 0; t < count; t++) {
        double *values = lab_take(pool, trials[t]->count, sizeof *values);
        size_t n = 0;
        for (size_t i = 0; i < trials[t]->count; i++) {
            values[n] = number(&trials[t]->runs[i], measure);
            n += isnan(values[n]) ? 0 : 1;
        }
        const lab_sample s = lab_describe(values, n, 0.95);
        lab_say(&out, "%s%s: %s", t ? ", " : "", prose_name(scene, trials[t]), sample_words(pool, &s, measure));
    }
    return out.data;
}

static evidence collect_trend(const lab_scene *scene, const verdict_test *test)
{
    evidence e = {.test = test->words};
    lab_pool *pool = scene->pool;
    size_t count = 0;
    need(scene, "over");
    const bool is_smooth = !strcmp(test->name, "smoother");
    number_of_run *number = is_smooth ? roughness : lab_measure_of;
    const char *key = lab_option_text(scene, scene->item, "over", NULL);
    const lab_trial **trials = points_of(scene, "points", &count);
    const lab_measure measure = measure_of(scene, test->measure);
    const double scale = lab_scale(measure.metric), sign = strcmp(test->name, "falls") ? 1 : -1;
    double *x = lab_take(pool, count, sizeof *x), *slopes;
    for (size_t t = 0; t < count; t++) {
        x[t] = value_at(scene, trials[t], key);
        x[t] = strcmp(key, "lr") || x[t] <= 0 ? x[t] : log10(x[t]);
    }
    if (count < 2)
        lab_refuse(scene, scene->item, "points: at least two are wanted");
    const size_t used = slopes_of(pool, trials, x, count, number, &measure, &slopes);
    double *zeros = lab_take(pool, used, sizeof *zeros);
    const lab_paired r = lab_compare_paired(slopes, zeros, used, 0.95);
    const char *words =
        lab_print(pool, "%s%s: %s. Slope over %s: %s%s (95 %% interval %s; n = %zu seeds), p = %s%s.",
                  is_smooth ? "Roughness of the " : "",
                  is_smooth ? lab_metric_rows[measure.metric].words : lab_measure_words(pool, &measure),
                  means_words(scene, trials, count, number, &measure),
                  strcmp(key, "lr") ? key : "the power of ten of lr", lab_number(pool, scale * r.difference.mean, 2),
                  scale == 100 ? " points for 1" : " for 1", lab_interval_words(pool, &r.difference.interval, scale, 2),
                  used, lab_p(pool, r.p), flip_words(pool, slopes, used));
    add(pool, &e,
        (comparison){sign * r.difference.mean, r.p, words,
                     value_of_comparison(scene, trials[0], trials[count - 1], used, r.difference.mean,
                                         &r.difference.interval, r.p)});
    return e;
}

/* -------------------------------------------------------------------------------------------------------- robustness */

/* What the noise costs each seed of a pair of points, clean and noisy. */
static size_t costs_of(lab_pool *pool, const lab_trial *clean, const lab_trial *noisy, const lab_trial *clean2,
                       const lab_trial *noisy2, const lab_measure *measure, double **first, double **second)
{
    size_t count = 0;
    *first = lab_take(pool, clean->count, sizeof **first);
    *second = lab_take(pool, clean->count, sizeof **second);
    for (size_t i = 0; i < clean->count; i++) {
        const lab_study_run *asked = clean->runs[i].asked;
        (*first)[count] =
            lab_measure_of(&clean->runs[i], measure) - number_of_seed(noisy, asked, lab_measure_of, measure);
        (*second)[count] = number_of_seed(clean2, asked, lab_measure_of, measure) -
                           number_of_seed(noisy2, asked, lab_measure_of, measure);
        count += isnan((*first)[count] - (*second)[count]) ? 0 : 1;
    }
    return count;
}

/* Noise costs `a` (clean, noisy) less than each pair of clean[i] and noisy[i]. */
static evidence collect_robust(const lab_scene *scene, const verdict_test *test)
{
    evidence e = {.test = test->words};
    lab_pool *pool = scene->pool;
    size_t own = 0, cleans = 0, noisies = 0;
    need(scene, "a");
    need(scene, "clean");
    need(scene, "noisy");
    const lab_trial **a = points_of(scene, "a", &own),
                    **clean = points_of(scene, "clean", &cleans);
    const lab_trial **noisy = points_of(scene, "noisy", &noisies);
    const lab_measure measure = measure_of(scene, test->measure);
    const double scale = lab_scale(measure.metric);
    if (own != 2 || cleans != noisies || !cleans)
        lab_refuse(scene, scene->item,
                   "a: its clean and its noisy point are wanted, and as many 'clean' as 'noisy' ones to compare with");
    for (size_t i = 0; i < cleans; i++) {
        double *of_a, *of_b;
        const size_t count = costs_of(pool, a[0], a[1], clean[i], noisy[i], &measure, &of_a, &of_b);
        const lab_paired r = lab_compare_paired(of_b, of_a, count, 0.95);
        const lab_sample sa = lab_describe(of_a, count, 0.95), sb = lab_describe(of_b, count, 0.95);
        const char *words = lab_print(
            pool, "From %s to %s %s falls by %s, from %s to %s by %s; difference %s%s (95 %% interval %s), p = %s.",
            prose_name(scene, a[0]), prose_name(scene, a[1]), lab_measure_words(pool, &measure),
            sample_words(pool, &sa, &measure), prose_name(scene, clean[i]), prose_name(scene, noisy[i]),
            sample_words(pool, &sb, &measure), lab_number(pool, scale * r.difference.mean, 2),
            scale == 100 ? " points" : "", lab_interval_words(pool, &r.difference.interval, scale, 2),
            lab_p(pool, r.p));
        add(pool, &e,
            (comparison){
                r.difference.mean, r.p, words,
                value_of_comparison(scene, a[1], noisy[i], count, r.difference.mean, &r.difference.interval, r.p)});
    }
    return e;
}

/* Of the units that were dead after some epoch, the share that no longer is at the end; NaN if none ever was. */
static double recovered(const lab_run *run, const lab_measure *measure)
{
    double peak = 0, end = 0;
    (void)measure;
    for (size_t l = 0; run->is_there && !run->has_diverged && run->epochs && l < run->layer_count; l++) {
        double most = 0;
        for (size_t e = 0; e < run->epochs; e++)
            most = fmax(most, run->layers[l].dead[e]);
        peak += most;
        end += run->layers[l].dead[run->epochs - 1];
    }
    return peak > 0 ? (peak - end) / peak : NAN;
}

/* More of the dead units of `a` recover than of `b`. */
static comparison compare_recovery(const lab_scene *scene, const lab_trial *a, const lab_trial *b,
                                   const lab_measure *measure)
{
    lab_pool *pool = scene->pool;
    double *of_a = lab_take(pool, a->count, sizeof *of_a), *of_b = lab_take(pool, b->count, sizeof *of_b);
    size_t na = 0, nb = 0;
    for (size_t i = 0; i < a->count; i++) {
        of_a[na] = recovered(&a->runs[i], measure);
        na += isnan(of_a[na]) ? 0 : 1;
    }
    for (size_t i = 0; i < b->count; i++) {
        of_b[nb] = recovered(&b->runs[i], measure);
        nb += isnan(of_b[nb]) ? 0 : 1;
    }
    const lab_sample sa = lab_describe(of_a, na, 0.95), sb = lab_describe(of_b, nb, 0.95);
    const lab_welch w = lab_compare_means(&sa, &sb, 0.95);
    const char *words = lab_print(pool,
                                  "Of the units that were dead after some epoch %s %% were alive again at the end with "
                                  "%s (in %zu of %zu runs some unit died), %s %% with %s "
                                  "(in %zu of %zu); difference %s points (95 %% interval %s), p = %s.",
                                  lab_mean_and_sd(pool, &sa, 100, 1), prose_name(scene, a), na, lab_trial_there(a),
                                  lab_mean_and_sd(pool, &sb, 100, 1), prose_name(scene, b), nb, lab_trial_there(b),
                                  lab_number(pool, 100 * w.difference, 1),
                                  lab_interval_words(pool, &w.interval, 100, 1), lab_p(pool, w.p));
    return (comparison){w.difference, w.p, words,
                        value_of_comparison(scene, a, b, na < nb ? na : nb, w.difference, &w.interval, w.p)};
}

static const verdict_test tests[] = {
    {"larger-spread", collect_pairs, compare_spread, "epoch 1 train_accuracy",
     "Brown and Forsythe’s test of equal spread"},
    {"best-of", collect_pairs, compare_better, "kept test_accuracy", "t test of differences paired over seeds"},
    {"larger", collect_pairs, compare_larger, "test_accuracy", "t test of differences paired over seeds"},
    {"larger-gap", collect_pairs, compare_apart, "gap", "Welch’s t test"},
    {"smoother", collect_trend, NULL, "test_accuracy", "t test of the slopes of the seeds"},
    {"grows", collect_trend, NULL, "dead_units", "t test of the slopes of the seeds"},
    {"falls", collect_trend, NULL, "test_accuracy", "t test of the slopes of the seeds"},
    {"hardly-hurts", collect_margin, NULL, "kept test_accuracy", "t test of the paired fall against the margin"},
    {"breaks", collect_margin, NULL, "kept test_accuracy", "t test of the paired fall against the margin"},
    {"more-robust", collect_robust, NULL, "kept test_accuracy", "t test of the paired difference of falls"},
    {"recovers", collect_pairs, compare_recovery, "dead_units", "Welch’s t test"},
};
enum { TESTS = sizeof tests / sizeof *tests };

static const verdict_test *find_test(const lab_scene *scene)
{
    const char *names[TESTS + 1] = {NULL}, *name = lab_option_text(scene, scene->item, "test", NULL);
    for (size_t i = 0; i < TESTS; i++) {
        names[i] = tests[i].name;
        if (name && !strcmp(names[i], name))
            return &tests[i];
    }
    const char *near = name ? lenet_nearest_name(name, names) : NULL;
    lab_refuse(scene, scene->item, "test: %s%.40s%s%s%s",
               name ? "unknown: " : "it is missing; docs/studies.md has the list", name ? name : "",
               near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

/* ----------------------------------------------------------------------------------------------------------- ruling */

/* All must hold: the weakest decides (docs/statistics.md). One that goes the other way is looked for among all, so its p counts their number. */
static void decide(const evidence *e, waiting *w)
{
    double weakest = 0, against = NAN;
    w->sign = 1;
    for (size_t i = 0; i < e->count; i++) {
        if (isnan(e->all[i].p) || isnan(e->all[i].effect)) {
            w->p = NAN;
            return;
        }
        weakest = fmax(weakest, e->all[i].p);
        if (e->all[i].effect <= 0)
            against = fmin(against, fmin(1, e->all[i].p * (double)e->count));
    }
    w->p = isnan(against) ? weakest : against;
    w->sign = isnan(against) ? 1 : -1;
}

static waiting *add_waiting(lab_pool *pool, struct lab_ruling_list *list)
{
    if (list->count == list->room) {
        waiting *larger = lab_take(pool, 2 * list->room + 16, sizeof *larger);
        if (list->count)
            memcpy(larger, list->all, list->count * sizeof *larger);
        list->all = larger;
        list->room = 2 * list->room + 16;
    }
    return &list->all[list->count++];
}

struct lab_ruling_list *lab_rulings_create(lab_pool *pool) { return lab_take(pool, 1, sizeof(struct lab_ruling_list)); }

void lab_show_verdict(const lab_scene *scene)
{
    lab_pool *pool = scene->pool;
    need(scene, "claim");
    const char *claim = lab_plain(pool, lab_option_text(scene, scene->item, "claim", NULL));
    const verdict_test *test = find_test(scene);
    const evidence e = test->collect(scene, test);
    if (!e.count)
        lab_refuse(scene, scene->item, "a and b are the same point");
    lab_text words = {.pool = pool};
    json_t *comparisons = json_array();
    for (size_t i = 0; i < e.count; i++) {
        lab_say(&words, "%s%s", i ? "\n\n" : "", lab_capital(pool, e.all[i].words));
        json_array_append_new(comparisons, e.all[i].value);
    }
    json_t *value =
        json_pack("{s:o, s:s, s:o}", "claim", value_of_text(claim), "test", test->name, "comparisons", comparisons);
    lab_add_result(scene->document, scene->kind, value);
    const lab_verdict verdict = {claim, LAB_UNDECIDED, words.data, test->words};
    waiting *w = add_waiting(pool, scene->rulings);
    *w = (waiting){.verdict = lab_add_verdict(scene->document, &verdict), .value = value, .test = test->words};
    decide(&e, w);
    if (e.count > 1)
        w->test = lab_print(pool, "%s; all %s must hold, so the weakest decides", w->test,
                            e.count == 2 ? "two comparisons" : lab_print(pool, "%zu comparisons", e.count));
}

/* All of them again, on one look. */
static void add_summary(const lab_scene *scene, const double *corrected)
{
    const lab_column columns[] = {{"claim", true}, {"verdict", true}, {"p", false}, {"corrected p", false}};
    lab_add_section(scene->document, scene->is_in_section ? 3 : 2, "The verdicts at a glance");
    lab_table *table = lab_add_table(scene->document, columns, 4,
                                     "Every claim that was put to the test, in the order above; p of the weakest of its "
                                     "comparisons, and corrected for the number of claims (Holm).");
    for (size_t i = 0; i < scene->rulings->count; i++) {
        const waiting *w = &scene->rulings->all[i];
        lab_cell(table, "%s", w->verdict->claim);
        lab_cell(table, "%s", lab_ruling_name(w->verdict->ruling));
        lab_cell(table, "%s", lab_p(scene->pool, w->p));
        lab_cell(table, "%s", lab_p(scene->pool, corrected[i]));
    }
}

void lab_settle_verdicts(const lab_scene *scene)
{
    lab_pool *pool = scene->pool;
    const struct lab_ruling_list *list = scene->rulings;
    double *p = lab_take(pool, list->count, sizeof *p);
    size_t tests_made = 0;
    for (size_t i = 0; i < list->count; i++) {
        p[i] = list->all[i].p;
        tests_made += isnan(p[i]) ? 0 : 1;
    }
    lab_holm(p, list->count);
    for (size_t i = 0; i < list->count; i++) {
        const waiting *w = &list->all[i];
        const bool is_decided = !isnan(p[i]) && p[i] < level;
        w->verdict->ruling = !is_decided ? LAB_UNDECIDED : w->sign > 0 ? LAB_SUPPORTED : LAB_CONTRADICTED;
        if (isnan(p[i]))
            w->verdict->test =
                lab_print(pool, "%s: there are not enough runs for it, or what it measures was not there.",
                          lab_capital(pool, w->test));
        else
            w->verdict->test =
                lab_print(pool, "%s: p = %s, corrected with the %zu verdicts of this report (Holm) %s; level %g.",
                          lab_capital(pool, w->test), lab_p(pool, w->p), tests_made, lab_p(pool, p[i]), level);
        json_object_set_new(w->value, "p", value_of_number(w->p));
        json_object_set_new(w->value, "p_holm", value_of_number(p[i]));
        json_object_set_new(w->value, "ruling", json_string(lab_ruling_name(w->verdict->ruling)));
    }
    if (list->count && scene->has_data)
        add_summary(scene, p);
}
