/* SPDX-License-Identifier: MIT */
/*
 * verdict-tests.c - the table of tests that a verdict can make, and how each makes its comparisons from runs;
 * see verdict.h. docs/statistics.md has the formulas. Only runs that learned are compared; where some
 * collapsed, the words have their number. The one test that counts collapsed runs is more-learn.
 */
#include "lab/report/verdict.h"

#include "lab/report/markup.h"
#include "lab/text/json.h"
#include "util/nearest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void add(lab_pool *pool, lab_evidence *e, lab_comparison c)
{
    if (e->count == e->room) {
        lab_comparison *larger = lab_alloc(pool, 2 * e->room + 8, sizeof *larger);
        if (e->count)
            memcpy(larger, e->all, e->count * sizeof *larger);
        e->all = larger;
        e->room = 2 * e->room + 8;
    }
    e->all[e->count++] = c;
}

/* "92.63 ± 1.87 % (n = 5)" */
static const char *sample_words(lab_pool *pool, const lab_sample *s, const lab_measure *measure)
{
    const char *unit = lab_metric_row(measure->metric)->unit;
    return lab_format(pool, "%s%s%s (n = %zu)", lab_mean_and_sd(pool, s, lab_scale(measure->metric), 2),
                      unit ? " " : "", unit ? unit : "", s->count);
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

static size_t values_of(lab_pool *pool, const lab_trial *trial, const lab_measure *measure, double **values)
{
    size_t count = 0;
    *values = lab_alloc(pool, trial->count, sizeof **values);
    for (size_t i = 0; i < trial->count; i++) {
        (*values)[count] = lab_measure_of(&trial->runs[i], measure);
        count += isnan((*values)[count]) ? 0 : 1;
    }
    return count;
}

/* The words, and of each point in which runs collapsed how many. */
static const char *with_collapsed(lab_pool *pool, const char *words, const lab_trial *const *trials, size_t count)
{
    lab_text out = {.pool = pool};
    const char *between = " Collapsed, and in no mean: ";
    lab_append(&out, "%s", words);
    for (size_t i = 0; i < count; i++)
        if (lab_trial_collapsed(trials[i])) {
            lab_append(&out, "%s%s of “", between, lab_collapse_words(pool, trials[i]));
            lab_append_prose(&out, lab_printable(pool, trials[i]->point->label));
            lab_append(&out, "”");
            between = ", ";
        }
    if (*between == ',')
        lab_append(&out, ".");
    return out.data;
}

static const char *unit_of(const lab_measure *measure) { return lab_scale(measure->metric) == 100 ? "points" : ""; }

static lab_power_basis basis_of_pairs(const lab_measure *measure, const lab_sample *differences)
{
    return (lab_power_basis){
        .kind = POWER_PAIRED, .scale = lab_scale(measure->metric), .unit = unit_of(measure), .a = *differences};
}

static lab_power_basis basis_of_groups(const lab_measure *measure, const lab_sample *a, const lab_sample *b)
{
    return (lab_power_basis){
        .kind = POWER_WELCH, .scale = lab_scale(measure->metric), .unit = unit_of(measure), .a = *a, .b = *b};
}

/* The sd of a is larger than that of b. */
static lab_comparison compare_spread(const lab_scene *scene, const lab_trial *a, const lab_trial *b,
                                     const lab_measure *measure)
{
    lab_pool *pool = scene->pool;
    double *of_a, *of_b;
    const size_t na = values_of(pool, a, measure, &of_a), nb = values_of(pool, b, measure, &of_b);
    const lab_sample sa = lab_describe(of_a, na, 0.95), sb = lab_describe(of_b, nb, 0.95);
    const lab_ratio r = lab_compare_spreads(&sa, &sb, 0.95);
    const double p = lab_brown_forsythe((lab_values[]){{of_a, na}, {of_b, nb}}, 2);
    const char *words =
        lab_format(pool, "%s of %s: %s, of %s: %s; ratio of the sds %s (95 %% interval %s by F), %s (F test: %s).",
                   lab_measure_words(pool, measure), lab_trial_prose(scene, a), sample_words(pool, &sa, measure),
                   lab_trial_prose(scene, b), sample_words(pool, &sb, measure), lab_number(pool, r.ratio, 2),
                   lab_interval_words(pool, &r.interval, 1, 2), lab_p_is(pool, p), lab_p(pool, r.p));
    return (lab_comparison){log(r.ratio),
                            p,
                            words,
                            value_of_comparison(scene, a, b, na < nb ? na : nb, r.ratio, &r.interval, p),
                            {POWER_SPREAD, 1, "", sa, sb, 0, 0}};
}

static const char *flip_words(lab_pool *pool, const double *differences, size_t count)
{
    const double flip = lab_sign_flip(differences, count);
    if (isnan(flip))
        return "";
    return lab_format(pool, "; sign flips: %s%s", lab_p_is(pool, flip),
                      flip <= lab_least_flip_p(count) ? lab_format(pool, ", the least that %zu pairs can give", count)
                                                      : "");
}

/*
 * Folds share images, so their spread is no measure of chance (docs/statistics.md): a verdict is of runs that
 * share none.
 */
static void refuse_folds(const lab_scene *scene, const char *key, const lab_trial *trial)
{
    if (trial->point->is_over_folds)
        lab_refuse(scene, scene->item, "%s: '%s' is over folds, which share images: no test is made for them", key,
                   trial->point->label);
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
static lab_comparison compare_means(const lab_scene *scene, const lab_trial *a, const lab_trial *b,
                                    const lab_measure *measure, double sign)
{
    lab_pool *pool = scene->pool;
    const double scale = lab_scale(measure->metric);
    double *of_a, *of_b;
    const size_t count = lab_measure_pairs(pool, a, b, measure, &of_a, &of_b);
    const lab_paired r = lab_compare_paired(of_a, of_b, count, 0.95);
    const lab_sample sa = lab_describe(of_a, count, 0.95), sb = lab_describe(of_b, count, 0.95);
    double *differences = lab_alloc(pool, count, sizeof *differences);
    for (size_t i = 0; i < count; i++)
        differences[i] = of_a[i] - of_b[i];
    const char *words = lab_format(
        pool, "%s of %s: %s, of %s: %s; difference %s%s (95 %% interval %s), %s%s.", lab_measure_words(pool, measure),
        lab_trial_prose(scene, a), sample_words(pool, &sa, measure), lab_trial_prose(scene, b),
        sample_words(pool, &sb, measure), lab_number(pool, scale * r.difference.mean, 2), scale == 100 ? " points" : "",
        lab_interval_words(pool, &r.difference.interval, scale, 2), lab_p_is(pool, r.p),
        flip_words(pool, differences, count));
    return (lab_comparison){sign * r.difference.mean, r.p, words,
                            value_of_comparison(scene, a, b, count, r.difference.mean, &r.difference.interval, r.p),
                            basis_of_pairs(measure, &r.difference)};
}

/* Better is more, of a loss less. */
static lab_comparison compare_better(const lab_scene *scene, const lab_trial *a, const lab_trial *b,
                                     const lab_measure *measure)
{
    return compare_means(scene, a, b, measure, lab_metric_row(measure->metric)->better < 0 ? -1 : 1);
}

static lab_comparison compare_larger(const lab_scene *scene, const lab_trial *a, const lab_trial *b,
                                     const lab_measure *measure)
{
    return compare_means(scene, a, b, measure, 1);
}

/* Of different data sets: nothing is paired. */
static lab_comparison compare_apart(const lab_scene *scene, const lab_trial *a, const lab_trial *b,
                                    const lab_measure *measure)
{
    lab_pool *pool = scene->pool;
    const double scale = lab_scale(measure->metric);
    const lab_sample sa = lab_measure_trial(pool, a, measure), sb = lab_measure_trial(pool, b, measure);
    const lab_welch w = lab_compare_means(&sa, &sb, 0.95);
    const char *words = lab_format(
        pool, "%s of %s: %s, of %s: %s; difference %s%s (95 %% interval %s), %s.", lab_measure_words(pool, measure),
        lab_trial_prose(scene, a), sample_words(pool, &sa, measure), lab_trial_prose(scene, b),
        sample_words(pool, &sb, measure), lab_number(pool, scale * w.difference, 2), scale == 100 ? " points" : "",
        lab_interval_words(pool, &w.interval, scale, 2), lab_p_is(pool, w.p));
    return (lab_comparison){
        w.difference, w.p, words,
        value_of_comparison(scene, a, b, sa.count < sb.count ? sa.count : sb.count, w.difference, &w.interval, w.p),
        basis_of_groups(measure, &sa, &sb)};
}

/* ------------------------------------------------------------------------------------------------------------ tests */

static lab_measure measure_of(const lab_scene *scene, const char *fallback)
{
    size_t count = 0;
    const lab_measure *measures =
        lab_option_measures(scene, scene->item, "of", (const char *const[]){fallback, NULL}, &count);
    if (count != 1)
        lab_refuse(scene, scene->item, "of: one measure is wanted");
    return measures[0];
}

void lab_need_key(const lab_scene *scene, const char *key)
{
    if (!lab_yaml_find(scene->item, key))
        lab_refuse(scene, scene->item, "'%s' is missing for this test", key);
}

static lab_compare_two compare_learning;

/* Each point of `a` with each of `b`. */
static lab_evidence collect_pairs(const lab_scene *scene, const lab_verdict_test *test)
{
    lab_evidence e = {.test = test->words};
    size_t as = 0, bs = 0;
    lab_need_key(scene, "a");
    lab_need_key(scene, "b");
    const lab_trial **a = points_of(scene, "a", &as), **b = points_of(scene, "b", &bs);
    const lab_measure measure = measure_of(scene, test->measure);
    for (size_t i = 0; i < as; i++)
        for (size_t k = 0; k < bs; k++)
            if (a[i] != b[k]) {
                lab_comparison c = test->compare(scene, a[i], b[k], &measure);
                if (test->compare != compare_learning)
                    c.words = with_collapsed(scene->pool, c.words, (const lab_trial *const[]){a[i], b[k]}, 2);
                add(scene->pool, &e, c);
            }
    return e;
}

/* What the noise costs, b - a of each pair, against a margin: less than it (sign -1) or more. */
static lab_comparison compare_margin(const lab_scene *scene, const lab_trial *a, const lab_trial *b,
                                     const lab_measure *measure, double margin, double sign)
{
    lab_pool *pool = scene->pool;
    const double scale = lab_scale(measure->metric);
    double *of_a, *of_b;
    const size_t count = lab_measure_pairs(pool, a, b, measure, &of_a, &of_b);
    double *beyond = lab_alloc(pool, count, sizeof *beyond);
    for (size_t i = 0; i < count; i++)
        beyond[i] = of_b[i] - of_a[i];
    const lab_sample drop = lab_describe(beyond, count, 0.95), sa = lab_describe(of_a, count, 0.95),
                     sb = lab_describe(of_b, count, 0.95);
    for (size_t i = 0; i < count; i++)
        beyond[i] -= margin;
    double *zeros = lab_alloc(pool, count, sizeof *zeros);
    const lab_paired r = lab_compare_paired(beyond, zeros, count, 0.95);
    const char *words =
        lab_format(pool, "%s of %s: %s, of %s: %s; it falls by %s%s (95 %% interval %s); margin %s%s, %s%s.",
                   lab_measure_words(pool, measure), lab_trial_prose(scene, b), sample_words(pool, &sb, measure),
                   lab_trial_prose(scene, a), sample_words(pool, &sa, measure), lab_number(pool, scale * drop.mean, 2),
                   scale == 100 ? " points" : "", lab_interval_words(pool, &drop.interval, scale, 2),
                   lab_number(pool, scale * margin, 2), scale == 100 ? " points" : "", lab_p_is(pool, r.p),
                   flip_words(pool, beyond, count));
    return (lab_comparison){sign * (drop.mean - margin), r.p, words,
                            value_of_comparison(scene, a, b, count, drop.mean, &drop.interval, r.p),
                            basis_of_pairs(measure, &r.difference)};
}

static lab_evidence collect_margin(const lab_scene *scene, const lab_verdict_test *test)
{
    lab_evidence e = {.test = test->words};
    size_t count = 0;
    lab_need_key(scene, "a");
    const lab_trial **a = points_of(scene, "a", &count), *b = point_of(scene, "b");
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

/*
 * How much a curve jumps from epoch to epoch: the sd of its noise by second differences (docs/statistics.md),
 * of its second half.
 */
static double roughness(const lab_run *run, const lab_measure *measure)
{
    const size_t first = run->epochs / 2 > 0 ? run->epochs / 2 : 1;
    const double *y = run->values[measure->metric];
    double sum = 0, count = 0;
    for (size_t e = first; lab_run_has_learned(run) && e + 1 < run->epochs; e++) {
        const double off = y[e] - (y[e - 1] + y[e + 1]) / 2;
        sum += off * off;
        count++;
    }
    return count > 0 ? sqrt(sum / count * 2 / 3) : NAN;
}

typedef double number_of_run(const lab_run *run, const lab_measure *measure);

static double number_of_seed(const lab_trial *trial, const lab_study_run *planned, number_of_run *number,
                             const lab_measure *measure)
{
    for (size_t i = 0; i < trial->count; i++)
        if (trial->runs[i].planned->seed == planned->seed && trial->runs[i].planned->fold == planned->fold)
            return number(&trial->runs[i], measure);
    return NAN;
}

/* A slope for each seed; `x` as they are or as powers of ten. */
static size_t slopes_of(lab_pool *pool, const lab_trial *const *trials, const double *x, size_t count,
                        number_of_run *number, const lab_measure *measure, double **slopes)
{
    size_t used = 0;
    double *y = lab_alloc(pool, count, sizeof *y);
    *slopes = lab_alloc(pool, trials[0]->count, sizeof **slopes);
    for (size_t r = 0; r < trials[0]->count; r++) {
        for (size_t t = 0; t < count; t++)
            y[t] = number_of_seed(trials[t], trials[0]->runs[r].planned, number, measure);
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
        double *values = lab_alloc(pool, trials[t]->count, sizeof *values);
        size_t n = 0;
        for (size_t i = 0; i < trials[t]->count; i++) {
            values[n] = number(&trials[t]->runs[i], measure);
            n += isnan(values[n]) ? 0 : 1;
        }
        const lab_sample s = lab_describe(values, n, 0.95);
        lab_append(&out, "%s%s: %s", t ? ", " : "", lab_trial_prose(scene, trials[t]), sample_words(pool, &s, measure));
    }
    return out.data;
}

static lab_evidence collect_trend(const lab_scene *scene, const lab_verdict_test *test)
{
    lab_evidence e = {.test = test->words};
    lab_pool *pool = scene->pool;
    size_t count = 0;
    lab_need_key(scene, "over");
    const bool is_smooth = !strcmp(test->name, "smoother");
    number_of_run *number = is_smooth ? roughness : lab_measure_of;
    const char *key = lab_option_text(scene, scene->item, "over", NULL);
    const lab_trial **trials = points_of(scene, "points", &count);
    const lab_measure measure = measure_of(scene, test->measure);
    const double scale = lab_scale(measure.metric), sign = strcmp(test->name, "falls") ? 1 : -1;
    double *x = lab_alloc(pool, count, sizeof *x), *slopes;
    for (size_t t = 0; t < count; t++) {
        x[t] = value_at(scene, trials[t], key);
        x[t] = strcmp(key, "lr") || x[t] <= 0 ? x[t] : log10(x[t]);
    }
    if (count < 2)
        lab_refuse(scene, scene->item, "points: at least two are wanted");
    const size_t used = slopes_of(pool, trials, x, count, number, &measure, &slopes);
    double *zeros = lab_alloc(pool, used, sizeof *zeros);
    const lab_paired r = lab_compare_paired(slopes, zeros, used, 0.95);
    const char *words = lab_format(
        pool, "%s%s: %s. Slope over %s: %s%s (95 %% interval %s; n = %zu seeds), %s%s.",
        is_smooth ? "Roughness of the " : "",
        is_smooth ? lab_metric_row(measure.metric)->words : lab_measure_words(pool, &measure),
        means_words(scene, trials, count, number, &measure), strcmp(key, "lr") ? key : "the power of ten of lr",
        lab_number(pool, scale * r.difference.mean, 2), scale == 100 ? " points for 1" : " for 1",
        lab_interval_words(pool, &r.difference.interval, scale, 2), used, lab_p_is(pool, r.p),
        flip_words(pool, slopes, used));
    add(pool, &e,
        (lab_comparison){sign * r.difference.mean, r.p, with_collapsed(pool, words, trials, count),
                         value_of_comparison(scene, trials[0], trials[count - 1], used, r.difference.mean,
                                             &r.difference.interval, r.p),
                         basis_of_pairs(&measure, &r.difference)});
    return e;
}

/* -------------------------------------------------------------------------------------------------------- robustness */

/* What the noise costs each seed of a pair of points, clean and noisy. */
static size_t costs_of(lab_pool *pool, const lab_trial *clean, const lab_trial *noisy, const lab_trial *clean2,
                       const lab_trial *noisy2, const lab_measure *measure, double **first, double **second)
{
    size_t count = 0;
    *first = lab_alloc(pool, clean->count, sizeof **first);
    *second = lab_alloc(pool, clean->count, sizeof **second);
    for (size_t i = 0; i < clean->count; i++) {
        const lab_study_run *planned = clean->runs[i].planned;
        (*first)[count] =
            lab_measure_of(&clean->runs[i], measure) - number_of_seed(noisy, planned, lab_measure_of, measure);
        (*second)[count] = number_of_seed(clean2, planned, lab_measure_of, measure) -
                           number_of_seed(noisy2, planned, lab_measure_of, measure);
        count += isnan((*first)[count] - (*second)[count]) ? 0 : 1;
    }
    return count;
}

/* Noise costs `a` (clean, noisy) less than each pair of clean[i] and noisy[i]. */
static lab_evidence collect_robust(const lab_scene *scene, const lab_verdict_test *test)
{
    lab_evidence e = {.test = test->words};
    lab_pool *pool = scene->pool;
    size_t own = 0, cleans = 0, noisies = 0;
    lab_need_key(scene, "a");
    lab_need_key(scene, "clean");
    lab_need_key(scene, "noisy");
    const lab_trial **a = points_of(scene, "a", &own), **clean = points_of(scene, "clean", &cleans);
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
        const char *words = lab_format(
            pool, "From %s to %s %s falls by %s, from %s to %s by %s; difference %s%s (95 %% interval %s), %s.",
            lab_trial_prose(scene, a[0]), lab_trial_prose(scene, a[1]), lab_measure_words(pool, &measure),
            sample_words(pool, &sa, &measure), lab_trial_prose(scene, clean[i]), lab_trial_prose(scene, noisy[i]),
            sample_words(pool, &sb, &measure), lab_number(pool, scale * r.difference.mean, 2),
            scale == 100 ? " points" : "", lab_interval_words(pool, &r.difference.interval, scale, 2),
            lab_p_is(pool, r.p));
        add(pool, &e,
            (lab_comparison){
                r.difference.mean, r.p,
                with_collapsed(pool, words, (const lab_trial *const[]){a[0], a[1], clean[i], noisy[i]}, 4),
                value_of_comparison(scene, a[1], noisy[i], count, r.difference.mean, &r.difference.interval, r.p),
                basis_of_pairs(&measure, &r.difference)});
    }
    return e;
}

/*
 * Of the units that were dead after some epoch, the share that no longer is at the end; NaN if none ever was.
 */
static double recovered(const lab_run *run, const lab_measure *measure)
{
    double peak = 0, end = 0;
    (void)measure;
    for (size_t l = 0; lab_run_has_learned(run) && run->epochs && l < run->layer_count; l++) {
        double most = 0;
        for (size_t e = 0; e < run->epochs; e++)
            most = fmax(most, run->layers[l].dead[e]);
        peak += most;
        end += run->layers[l].dead[run->epochs - 1];
    }
    return peak > 0 ? (peak - end) / peak : NAN;
}

/* More of the dead units of `a` recover than of `b`. */
static lab_comparison compare_recovery(const lab_scene *scene, const lab_trial *a, const lab_trial *b,
                                       const lab_measure *measure)
{
    lab_pool *pool = scene->pool;
    double *of_a = lab_alloc(pool, a->count, sizeof *of_a), *of_b = lab_alloc(pool, b->count, sizeof *of_b);
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
    const char *words = lab_format(
        pool,
        "Of the units that were dead after some epoch %s %% were alive again at the end with "
        "%s (in %zu of %zu runs some unit died), %s %% with %s "
        "(in %zu of %zu); difference %s points (95 %% interval %s), %s.",
        lab_mean_and_sd(pool, &sa, 100, 1), lab_trial_prose(scene, a), na, lab_trial_learned(a),
        lab_mean_and_sd(pool, &sb, 100, 1), lab_trial_prose(scene, b), nb, lab_trial_learned(b),
        lab_number(pool, 100 * w.difference, 1), lab_interval_words(pool, &w.interval, 100, 1), lab_p_is(pool, w.p));
    return (lab_comparison){w.difference,
                            w.p,
                            words,
                            value_of_comparison(scene, a, b, na < nb ? na : nb, w.difference, &w.interval, w.p),
                            {POWER_WELCH, 100, "points", sa, sb, 0, 0}};
}

/* ------------------------------------------------------------------------------------------------ shares that learn */

/* More runs of `a` learn than of `b`: Fisher's exact test of the two shares. */
static lab_comparison compare_learning(const lab_scene *scene, const lab_trial *a, const lab_trial *b,
                                       const lab_measure *measure)
{
    lab_pool *pool = scene->pool;
    const size_t ka = lab_trial_learned(a), na = lab_trial_finished(a);
    const size_t kb = lab_trial_learned(b), nb = lab_trial_finished(b);
    const lab_interval of_a = lab_clopper_pearson(ka, na, 0.95), of_b = lab_clopper_pearson(kb, nb, 0.95);
    const double p = lab_fisher(ka, na, kb, nb), effect = (double)ka / (double)na - (double)kb / (double)nb;
    (void)measure;
    const char *words =
        lab_format(pool, "%zu of %zu runs learned with %s (95 %% interval %s %%), %zu of %zu with %s (%s %%); %s.", ka,
                   na, lab_trial_prose(scene, a), lab_interval_words(pool, &of_a, 100, 0), kb, nb,
                   lab_trial_prose(scene, b), lab_interval_words(pool, &of_b, 100, 0), lab_p_is(pool, p));
    return (lab_comparison){effect,
                            p,
                            words,
                            value_of_comparison(scene, a, b, na < nb ? na : nb, effect, &(lab_interval){NAN, NAN}, p),
                            {POWER_SHARES, 100, "points", {.count = na}, {.count = nb}, ka, kb}};
}

static const lab_verdict_test tests[] = {
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
    {"more-learn", collect_pairs, compare_learning, "test_accuracy", "Fisher’s exact test of the shares that learned"},
};
enum { TESTS = sizeof tests / sizeof *tests };

const lab_verdict_test *lab_find_test(const lab_scene *scene)
{
    const char *names[TESTS + 1] = {NULL}, *name = lab_option_text(scene, scene->item, "test", NULL);
    for (size_t i = 0; i < TESTS; i++) {
        names[i] = tests[i].name;
        if (name && !strcmp(names[i], name))
            return &tests[i];
    }
    const char *near = name ? ln_nearest_name(name, names) : NULL;
    lab_refuse(scene, scene->item, "test: %s%.40s%s%s%s",
               name ? "unknown: " : "it is missing; docs/studies.md has the list", name ? name : "",
               near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}
