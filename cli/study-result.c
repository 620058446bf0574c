/* SPDX-License-Identifier: MIT */
/*
 * study-result.c - see study-result.h. Always: the numbers are computed by the functions that results.json has them
 * from, and lines have at most LINE_WIDTH columns.
 */
#include "cli/study-result.h"

#include "cli/terminal.h"
#include "lab/report/report.h"
#include "lab/report/show.h"
#include "lab/study/differs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 5, MOST_CELL = 20, LEAST_LABEL = 20, INDENT = 2, GAP = 2 };

/* A point with what is compared. */
typedef struct ranked {
    const lab_trial *trial;
    lab_sample accuracy;      /* of the kept weights on the test images */
    const char *const *value; /* of each key that differs */
} ranked;

/* A column; cells are those of all rows that are shown. */
typedef struct listed_column {
    const char *title;
    const char **cells;
    int width;
    bool is_number; /* to the right */
} listed_column;

typedef struct listing {
    lab_pool *pool;
    ranked *rows; /* the best first; those without a run last */
    size_t count, with_runs, shown;
    lab_differs differs;
    listed_column *columns;
    size_t column_count;
} listing;

/* ------------------------------------------------------------------------------------------------------------- rows */

static int by_accuracy(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    const double x_mean = x->accuracy.count ? x->accuracy.mean : -INFINITY,
                 y_mean = y->accuracy.count ? y->accuracy.mean : -INFINITY;
    if (x_mean != y_mean)
        return x_mean < y_mean ? 1 : -1;
    return (x->trial > y->trial) - (x->trial < y->trial);
}

static void rank_rows(listing *l, const lab_trials *trials)
{
    static const lab_measure kept = {.moment = LAB_AT_KEPT, .metric = LENET_TEST_ACCURACY};
    const lab_point **points = lab_alloc(l->pool, trials->count, sizeof *points);
    l->count = trials->count;
    l->rows = lab_alloc(l->pool, l->count, sizeof *l->rows);
    for (size_t i = 0; i < l->count; i++)
        points[i] = trials->trials[i].point;
    l->differs = lab_differs_of(l->pool, points, l->count);
    for (size_t i = 0; i < l->count; i++) {
        const lab_trial *trial = &trials->trials[i];
        l->rows[i] =
            (ranked){trial, lab_measure_trial(l->pool, trial, &kept), l->differs.values + i * l->differs.count};
        l->with_runs += lab_trial_there(trial) > 0;
    }
    qsort(l->rows, l->count, sizeof *l->rows, by_accuracy);
    l->shown = l->with_runs < MOST_ROWS ? l->with_runs : MOST_ROWS;
}

/* ---------------------------------------------------------------------------------------------------------- columns */

static listed_column *add_column(listing *l, const char *title, bool is_number)
{
    listed_column *column = &l->columns[l->column_count++];
    *column = (listed_column){title, lab_alloc(l->pool, l->shown, sizeof(char *)), text_width(title), is_number};
    return column;
}

static void set_cell(listing *l, listed_column *column, size_t row, const char *text, int most)
{
    const size_t capacity = strlen(text) + 4;
    char *copy = lab_alloc(l->pool, capacity, 1);
    column->cells[row] = shorten(strcpy(copy, text), capacity, most);
    const int width = text_width(column->cells[row]);
    column->width = width > column->width ? width : column->width;
}

static bool has_labels(const listing *l)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->rows[i].trial->point->row)
            return true;
    return !l->differs.count;
}

static int width_of_columns(const listing *l)
{
    int width = INDENT;
    for (size_t i = 0; i < l->column_count; i++)
        width += l->columns[i].width + (i ? GAP : 0);
    return width;
}

/* How many of the runs, where there are any: a column is missing where it would hold zeros alone. */
static void add_counts(listing *l, const char *title, size_t (*count_of)(const lab_trial *trial))
{
    size_t sum = 0;
    for (size_t i = 0; i < l->shown; i++)
        sum += count_of(l->rows[i].trial);
    listed_column *column = sum ? add_column(l, title, true) : NULL;
    for (size_t i = 0; column && i < l->shown; i++)
        set_cell(l, column, i, lab_format(l->pool, "%zu", count_of(l->rows[i].trial)), LINE_WIDTH);
}

static void add_numbers(listing *l)
{
    listed_column *accuracy = add_column(l, "test accuracy, %", true), *runs = add_column(l, "n", true);
    for (size_t i = 0; i < l->shown; i++) {
        const lab_sample *s = &l->rows[i].accuracy;
        set_cell(l, accuracy, i, lab_mean_and_sd(l->pool, s, 100, 2), LINE_WIDTH);
        set_cell(l, runs, i, lab_format(l->pool, "%zu", s->count), LINE_WIDTH);
    }
    add_counts(l, "collapsed", lab_trial_collapsed);
    add_counts(l, "diverged", lab_trial_diverged);
}

static void add_labels(listing *l, int most, bool is_whole)
{
    listed_column *column = add_column(l, "", false);
    for (size_t i = 0; i < l->shown; i++) {
        const lab_point *point = l->rows[i].trial->point;
        set_cell(l, column, i, lab_printable(l->pool, point->row && !is_whole ? point->row : point->label), most);
    }
}

static void add_keys(listing *l)
{
    for (size_t k = 0; k < l->differs.count; k++) {
        listed_column *column = add_column(l, l->differs.keys[k], false);
        for (size_t i = 0; i < l->shown; i++)
            set_cell(l, column, i, lab_printable(l->pool, l->rows[i].value[k]), MOST_CELL);
    }
}

/*
 * A label if the study gave one, a column for each key that differs, the numbers. Where all of that is too wide the
 * label is shortened; where that is not enough it stands in the place of the keys, for half of the keys would not say
 * what a row is.
 */
static void lay_out(listing *l)
{
    l->columns = lab_alloc(l->pool, l->differs.count + 6, sizeof *l->columns);
    add_keys(l);
    add_numbers(l);
    const int room = LINE_WIDTH - width_of_columns(l) - GAP;
    const bool with_label = has_labels(l), fits = with_label ? room >= LEAST_LABEL : room >= -GAP;
    const size_t keys = fits ? l->differs.count : 0;
    l->column_count = 0;
    add_numbers(l);
    const int rest = LINE_WIDTH - width_of_columns(l) - GAP;
    l->column_count = 0;
    if (with_label || !fits)
        add_labels(l, fits && keys ? room : rest, !fits);
    if (keys)
        add_keys(l);
    add_numbers(l);
}

/* --------------------------------------------------------------------------------------------------------- printing */

static void print_cell(const listed_column *column, const char *text, bool is_last)
{
    const int blanks = column->width - text_width(text);
    if (column->is_number)
        printf("%*s%s", blanks, "", text);
    else
        printf("%s%*s", text, is_last ? 0 : blanks, "");
    fputs(is_last ? "\n" : "  ", stdout);
}

static void print_rows(const listing *l)
{
    const style look = style_of(stdout);
    printf("%s%*s", look.dim, INDENT, "");
    for (size_t k = 0; k < l->column_count; k++)
        print_cell(&l->columns[k], l->columns[k].title, k + 1 == l->column_count);
    fputs(look.reset, stdout);
    for (size_t i = 0; i < l->shown; i++) {
        printf("%*s", INDENT, "");
        for (size_t k = 0; k < l->column_count; k++)
            print_cell(&l->columns[k], l->columns[k].cells[i], k + 1 == l->column_count);
    }
}

static void print_rest(const listing *l)
{
    size_t collapsed = 0;
    for (size_t i = l->shown; i < l->count; i++)
        collapsed += lab_trial_collapsed(l->rows[i].trial);
    printf("%*s\u2026 and %zu more", INDENT, "", l->with_runs - l->shown);
    if (collapsed)
        printf("; %zu of their runs collapsed", collapsed);
    putchar('\n');
}

static void print_experiment(lab_pool *pool, const lab_trials *trials)
{
    const style look = style_of(stdout);
    listing l = {.pool = pool};
    rank_rows(&l, trials);
    printf("\n%s", look.bold);
    print_wrapped(stdout, lab_printable(pool, trials->experiment->title), 0);
    fputs(look.reset, stdout);
    if (l.shown) {
        lay_out(&l);
        print_rows(&l);
    }
    if (l.shown < l.with_runs)
        print_rest(&l);
    if (l.with_runs < l.count)
        printf("%*s%zu of %zu not run yet\n", INDENT, "", l.count - l.with_runs, l.count);
}

static void print_verdicts(lab_pool *pool, const lab_document *document)
{
    const style look = style_of(stdout);
    const lab_verdict *verdict;
    if (lab_document_verdict(document, 0))
        printf("\n%sverdicts%s\n", look.bold, look.reset);
    for (size_t i = 0; (verdict = lab_document_verdict(document, i)) != NULL; i++) {
        printf("  %-14s", lab_ruling_name(verdict->ruling));
        print_wrapped(stdout, lab_printable(pool, verdict->claim), 16);
    }
}

static void look(void *context, lab_pool *pool, const lab_results *results, const lab_document *document)
{
    (void)context;
    for (size_t i = 0; i < results->count; i++)
        print_experiment(pool, &results->experiments[i]);
    print_verdicts(pool, document);
    putchar('\n');
}

int print_study_result(const lab_study *study, lab_store *store)
{
    lenet_error error;
    return lab_report_read(study, store, look, NULL, &error) ? report_error(&error) : LENET_OK;
}
