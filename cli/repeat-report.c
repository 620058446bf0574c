/* SPDX-License-Identifier: MIT */
/* repeat-report.c - statistics of several runs: as text, CSV and JSON. */
#include "cli/repeat.h"

#include "cli/diagnosis.h"
#include "cli/parts.h"
#include "cli/recorded.h"
#include "cli/terminal.h"
#include "lab/text/json.h"
#include "util/number.h"
#include "util/file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double confidence = 0.95;

typedef double (*run_number)(const run *r);

static double number_test_accuracy(const run *r) { return r->job.result.test_accuracy; }
static double number_test_loss(const run *r) { return r->job.result.test_loss; }
static double number_seconds(const run *r) { return r->job.result.seconds; }

static bool has_learned(const repetition *all, const run *r)
{
    return has_finished(r) && r->job.status == LENET_OK && !has_collapsed(all, r);
}

/* Of the runs that ended well: a number of each, without what is not one. */
static lab_sample describe_runs(const repetition *all, run_number number)
{
    double *values = calloc(all->count + 1, sizeof *values);
    size_t count = 0;
    for (size_t i = 0; values && i < all->count; i++)
        if (has_learned(all, &all->runs[i]) && !isnan(number(&all->runs[i])))
            values[count++] = number(&all->runs[i]);
    const bool is_share = number == number_test_accuracy || number == val_accuracy_of;
    lab_sample sample = (is_share ? lab_describe_shares : lab_describe)(values, count, confidence);
    if (is_over_folds(all))
        sample.interval = (lab_interval){NAN, NAN};
    free(values);
    return sample;
}

/* The best by test accuracy of those that ended well; NULL if there is none. */
static const run *best_run(const repetition *all)
{
    const run *best = NULL;
    for (size_t i = 0; i < all->count; i++)
        if (has_learned(all, &all->runs[i]) &&
            (!best || number_test_accuracy(&all->runs[i]) > number_test_accuracy(best)))
            best = &all->runs[i];
    return best;
}

static const char *outcome_of(const repetition *all, const run *r)
{
    return r->job.status ? "diverged" : has_collapsed(all, r) ? "collapsed" : "finished";
}

/* ------------------------------------------------------------------------------------------------------ for people */

static void print_percent(double share, int width)
{
    if (isnan(share))
        printf("%*s  ", width - 2, "-");
    else
        printf("%*.2f %%", width - 2, 100 * share);
}

/* The epoch whose weights were kept, as text; `none` if there is none. */
static const char *name_kept_epoch(const run *r, const char *none, char text[16])
{
    if (!r->job.result.best_epoch)
        return none;
    snprintf(text, 16, "%d", r->job.result.best_epoch);
    return text;
}

static int width_of_seeds(const repetition *all)
{
    int width = 4;
    for (size_t i = 0; i < all->count; i++) {
        const int digits = snprintf(NULL, 0, "%ju", (uintmax_t)all->runs[i].job.settings.seed);
        width = digits > width ? digits : width;
    }
    return width;
}

static void print_table(const repetition *all)
{
    const style look = style_of(stdout);
    const int seeds = width_of_seeds(all), folds = is_over_folds(all) ? 6 : 0;
    printf("%s%5s  %*s%*s  %4s  %10s  %8s  %8s%s\n", look.bold, "run", seeds, "seed", folds, folds ? "fold" : "",
           "kept", "validation", "test", "seconds", look.reset);
    for (size_t i = 0; i < all->count; i++) {
        const run *m = &all->runs[i];
        if (!has_finished(m))
            continue;
        char kept[16];
        printf("%5d  %*ju", number_of(all, m), seeds, (uintmax_t)m->job.settings.seed);
        if (folds)
            printf("%*d", folds, m->job.settings.fold);
        printf("  %4s  ", name_kept_epoch(m, "-", kept));
        print_percent(val_accuracy_of(m), 10);
        fputs("  ", stdout);
        print_percent(m->job.result.test_accuracy, 8);
        printf("  %8.2f%s%s\n", m->job.result.seconds, m->job.status || has_collapsed(all, m) ? "  " : "",
               m->job.status || has_collapsed(all, m) ? outcome_of(all, m) : "");
    }
    putchar('\n');
}

/*
 * "test accuracy  98.71 % +- 0.08 % (mean and sd of 10 runs);", and below it "95 % interval of the mean
 * 98.65..98.77 %"
 */
static void print_sample(const char *name, const lab_sample *s)
{
    const style look = style_of(stdout);
    if (!s->count)
        return;
    printf("%-14s %s%.2f %%%s", name, look.bold, 100 * s->mean, look.reset);
    if (s->count > 1)
        printf(" +- %.2f %% (mean and sd of %zu runs)", 100 * s->sd, s->count);
    if (!isnan(s->interval.low))
        printf(";\n%15s95 %% interval of the mean %.2f..%.2f %%", "", 100 * s->interval.low, 100 * s->interval.high);
    putchar('\n');
}

/* "collapsed      1 of 5 (95 % interval 1 to 72 %), not in the figures above; chance is at most 12.34 %" */
static void print_collapsed(const repetition *all)
{
    const size_t ended = all->finished - all->diverged, images = lenet_dataset_count(all->request->test);
    const lab_interval share = lab_clopper_pearson(all->collapsed, ended, confidence);
    char interval[80] = "";
    if (all->collapsed)
        snprintf(interval, sizeof interval, " (95 %% interval %.0f to %.0f %%), not in the figures above",
                 100 * share.low, 100 * share.high);
    print_item("collapsed", "%zu of %zu%s; chance: at most %.2f %%", all->collapsed, ended, interval,
               100 * (double)all->chance_bound / (double)images);
}

void print_repetition(const repetition *all)
{
    const lab_sample test = describe_runs(all, number_test_accuracy), val = describe_runs(all, val_accuracy_of);
    const run *best = best_run(all);
    if (!all->request->quiet)
        print_table(all);
    print_sample("test accuracy", &test);
    print_sample("validation", &val);
    if (best)
        printf("best           %.2f %% (run %d, seed %ju)\n", 100 * number_test_accuracy(best), number_of(all, best),
               (uintmax_t)best->job.settings.seed);
    if (all->finished > all->diverged)
        print_collapsed(all);
    if (all->diverged)
        printf("diverged       %zu of %zu, not in the figures above\n", all->diverged, all->finished);
    printf("time           %.2f s, %d run%s side by side, %d thread%s each\n", all->seconds, all->workers,
           all->workers == 1 ? "" : "s", all->threads, all->threads == 1 ? "" : "s");
    for (size_t i = 0; all->request->settings.diagnose && i < all->count; i++)
        if (has_finished(&all->runs[i])) {
            printf("run %zu\n", i + 1);
            print_findings(&all->runs[i].job, all->request->data_fault);
        }
    if (!all->request->out)
        puts("stored         nothing (--out DIR stores the models and their records)");
    else if (all->is_saved)
        printf("stored         %s/%s, %s, and a folder for each run\n", all->request->out, repetition_file_names()[0],
               repetition_file_names()[1]);
}

/* -------------------------------------------------------------------------------------------------------- as CSV */

char *repetition_table(const repetition *all)
{
    char *text = NULL, number[LN_NUMBER_LENGTH], kept[16];
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (!file)
        return NULL;
    fputs(
        "run,seed,fold,outcome,epochs,best_epoch,val_accuracy,val_loss,test_accuracy,test_loss,seconds,weights_sha256,"
        "kept_weights_sha256\n",
        file);
    for (size_t i = 0; i < all->count; i++) {
        const run *m = &all->runs[i];
        const double values[] = {val_accuracy_of(m), val_loss_of(m), m->job.result.test_accuracy,
                                 m->job.result.test_loss, m->job.result.seconds};
        if (!has_finished(m))
            continue;
        fprintf(file, "%d,%ju,", number_of(all, m), (uintmax_t)m->job.settings.seed);
        if (m->job.settings.folds)
            fprintf(file, "%d", m->job.settings.fold);
        fprintf(file, ",%s,%d,%s", outcome_of(all, m), m->job.result.epochs, name_kept_epoch(m, "", kept));
        for (size_t k = 0; k < sizeof values / sizeof values[0]; k++)
            fprintf(file, ",%s", ln_shortest_number(values[k], number));
        fprintf(file, ",%s,%s\n", m->job.result.weights_sha256, m->job.kept_sha256);
    }
    return ln_close_text(file, &text);
}

/* ------------------------------------------------------------------------------------------------------- as JSON */

static json_t *value_of_sample(const lab_sample *s)
{
    /* clang-format off */
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:[o, o]}",
                     "count", (json_int_t)s->count,
                     "mean", value_of_number(s->mean),
                     "sd", value_of_number(s->sd),
                     "standard_error", value_of_number(s->standard_error),
                     "low", value_of_number(s->low),
                     "high", value_of_number(s->high),
                     "interval_95", value_of_number(s->interval.low), value_of_number(s->interval.high));
    /* clang-format on */
}

static json_t *value_of_statistics(const repetition *all)
{
    static const struct {
        const char *name;
        run_number number;
    } rows[] = {{"test_accuracy", number_test_accuracy},
                {"test_loss", number_test_loss},
                {"val_accuracy", val_accuracy_of},
                {"val_loss", val_loss_of},
                {"seconds", number_seconds}};
    json_t *statistics = json_object();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const lab_sample sample = describe_runs(all, rows[i].number);
        add_to_object(&statistics, rows[i].name, value_of_sample(&sample));
    }
    return statistics;
}

static json_t *value_of_run(const repetition *all, const run *m)
{
    const int epoch = m->job.result.best_epoch;
    /* clang-format off */
    return json_pack("{s:i, s:o, s:o, s:s, s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o}",
                     "run", number_of(all, m),
                     "seed", value_of_unsigned(m->job.settings.seed),
                     "fold", m->job.settings.folds ? json_integer(m->job.settings.fold) : json_null(),
                     "outcome", outcome_of(all, m),
                     "error", value_of_text(m->job.status ? m->job.error.text : NULL),
                     "epochs_finished", m->job.result.epochs,
                     "best_epoch", epoch ? json_integer(epoch) : json_null(),
                     "val_accuracy", value_of_number(val_accuracy_of(m)),
                     "val_loss", value_of_number(val_loss_of(m)),
                     "test_accuracy", value_of_number(m->job.result.test_accuracy),
                     "test_loss", value_of_number(m->job.result.test_loss),
                     "seconds", value_of_number(m->job.result.seconds),
                     "weights_sha256", m->job.result.weights_sha256,
                     "kept_weights_sha256", value_of_text(*m->job.kept_sha256 ? m->job.kept_sha256 : NULL),
                     "folder", value_of_text(m->is_saved ? m->out : NULL));
    /* clang-format on */
}

static json_t *value_of_runs(const repetition *all)
{
    json_t *runs = json_array();
    for (size_t i = 0; i < all->count; i++)
        if (has_finished(&all->runs[i]))
            add_to_list(&runs, value_of_run(all, &all->runs[i]));
    return runs;
}

json_t *repetition_record(const repetition *all)
{
    const training *request = all->request;
    const run *best = best_run(all);
    const lab_interval collapsed = lab_clopper_pearson(all->collapsed, all->finished - all->diverged, confidence);
    /* clang-format off */
    json_t *record = json_pack("{s:s, s:s, s:s, s:i, s:i, s:o, s:s, s:o, s:I, s:I, s:I, s:I,"
                     "s:[o, o], s:{s:o, s:I}, s:o, s:o, s:o, s:o, s:I}",
                     "version", lenet_version(),
                     "compiler", compiler_name(),
                     "status", all->finished == all->count ? "finished" : "stopped",
                     "jobs", all->workers,
                     "threads", all->threads,
                     "total_seconds", value_of_number(all->seconds),
                     "data", request->data,
                     "architecture", value_of_text(lenet_model_architecture(request->model)),
                     "runs_asked", (json_int_t)all->count,
                     "runs_finished", (json_int_t)all->finished,
                     "diverged", (json_int_t)all->diverged,
                     "collapsed", (json_int_t)all->collapsed,
                     "collapsed_interval_95", value_of_number(collapsed.low), value_of_number(collapsed.high),
                     "chance",
                        "largest_class_share", value_of_number(all->chance_share),
                        "most_right", (json_int_t)all->chance_bound,
                     "best_run", best ? json_integer(number_of(all, best)) : json_null(),
                     "statistics", value_of_statistics(all),
                     "runs", value_of_runs(all),
                     "options", training_options(request),
                     "skipped_files", (json_int_t)request->bad.count);
    /* clang-format on */
    add_all_to_object(&record, value_of_files_used(request));
    add_to_object(&record, "identity", json_string(request->full_recipe.identity));
    return record;
}
