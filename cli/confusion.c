/* SPDX-License-Identifier: MIT */
/* confusion.c - a confusion matrix in tables and in JSON. */
#include "cli/confusion.h"

#include "cli/terminal.h"
#include "lab/stats/stats.h"
#include "lab/text/json.h"
#include "lenet/tools.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAIRS_SHOWN = 8,
    PAIRS_RECORDED = 100,
    ABSENT_SHOWN = 5,
    WIDEST_LABEL = 18 /* which leaves room for ten columns of six */
};
enum { SHORT_NAME = 4, MOST_IN_MATRIX = 40 /* classes; a matrix of more is for machines */ };

static uint32_t cell_of(const lenet_evaluation *evaluation, int truth, int predicted)
{
    return evaluation->confusion[(size_t)truth * (size_t)evaluation->classes + (size_t)predicted];
}

static uint64_t row_sum(const lenet_evaluation *evaluation, int truth)
{
    uint64_t sum = 0;
    for (int predicted = 0; predicted < evaluation->classes; predicted++)
        sum += cell_of(evaluation, truth, predicted);
    return sum;
}

static uint64_t column_sum(const lenet_evaluation *evaluation, int predicted)
{
    uint64_t sum = 0;
    for (int truth = 0; truth < evaluation->classes; truth++)
        sum += cell_of(evaluation, truth, predicted);
    return sum;
}

static double share_of(double part, uint64_t whole) { return whole ? part / (double)whole : NAN; }

/*
 * Of one class: of those predicted to be it, the share that is (precision); of those that are it, the share that was
 * seen (recall).
 */
typedef struct class_scores {
    double precision, recall, f1; /* F1 is their harmonic mean, 2 TP / (2 TP + FP + FN) */
    uint64_t support;             /* images that are of this class */
} class_scores;

static class_scores scores_of_class(const lenet_evaluation *evaluation, int label)
{
    const double hits = cell_of(evaluation, label, label);
    const uint64_t support = row_sum(evaluation, label), predicted = column_sum(evaluation, label);
    return (class_scores){
        .precision = share_of(hits, predicted),
        .recall = share_of(hits, support),
        .f1 = share_of(2 * hits, support + predicted),
        .support = support,
    };
}

/* ----------------------------------------------------------------------------------------------------- for people */

/* Every name fits over a column, so that no class needs a number. */
static bool has_short_names(const lenet_evaluation *evaluation)
{
    int i = 0;
    while (i < evaluation->classes && text_width(evaluation->class_names[i]) <= SHORT_NAME)
        i++;
    return i == evaluation->classes;
}

/* A class is called by a number, and it is not its place: "#0" is the first class then. */
static bool has_other_numbers(const lenet_evaluation *evaluation)
{
    char place[16];
    for (int i = 0; i < evaluation->classes; i++) {
        const char *name = evaluation->class_names[i];
        snprintf(place, sizeof place, "%d", i);
        if (*name && strspn(name, "0123456789") == strlen(name) && strcmp(name, place) != 0)
            return true;
    }
    return false;
}

/* What stands over a column: the name of the class if all are short, else its place. */
static const char *column_text(const lenet_evaluation *evaluation, int label, char *text, size_t capacity)
{
    if (has_short_names(evaluation))
        snprintf(text, capacity, "%s", evaluation->class_names[label]);
    else
        snprintf(text, capacity, "%s%d", has_other_numbers(evaluation) ? "#" : "", label);
    return make_printable(text);
}

/* "3 Dress", or what stands over its column where that is the name of the class. */
static const char *label_text(const lenet_evaluation *evaluation, int label, char *text, size_t capacity)
{
    column_text(evaluation, label, text, capacity);
    const size_t used = strlen(text);
    if (strcmp(text, evaluation->class_names[label]) != 0 && !has_short_names(evaluation))
        snprintf(text + used, capacity - used, " %s", evaluation->class_names[label]);
    return shorten(make_printable(text), capacity, WIDEST_LABEL);
}

static int label_width(const lenet_evaluation *evaluation, int least)
{
    char text[128];
    for (int i = 0; i < evaluation->classes; i++) {
        const int width = text_width(label_text(evaluation, i, text, sizeof text));
        least = width > least ? width : least;
    }
    return least;
}

static void print_padded(const char *text, int width)
{
    const int blanks = width - text_width(text);
    printf("  %s%*s", text, blanks > 0 ? blanks : 0, "");
}

static void print_share(double share, int width)
{
    if (isnan(share))
        printf("%*s", width, "-");
    else
        printf("%*.2f", width, 100 * share);
}

/* The classes that have no row in the tables. */
static void print_absent(const lenet_evaluation *evaluation)
{
    char text[128];
    int count = 0;
    for (int i = 0; i < evaluation->classes; i++)
        if (!row_sum(evaluation, i) && count++ < ABSENT_SHOWN)
            printf("%s%s", count == 1 ? "  no images of " : ", ", label_text(evaluation, i, text, sizeof text));
    if (count > ABSENT_SHOWN)
        printf(" and %d more", count - ABSENT_SHOWN);
    if (count)
        putchar('\n');
}

void print_classes(const lenet_evaluation *evaluation)
{
    char text[128];
    const style look = style_of(stdout);
    const int width = label_width(evaluation, 5);
    printf("%sper class, %%%s\n", look.bold, look.reset);
    print_padded("class", width);
    puts("  precision  recall      F1  images");
    for (int i = 0; i < evaluation->classes; i++) {
        const class_scores scores = scores_of_class(evaluation, i);
        if (!scores.support)
            continue;
        print_padded(label_text(evaluation, i, text, sizeof text), width);
        print_share(scores.precision, 11);
        print_share(scores.recall, 8);
        print_share(scores.f1, 8);
        printf("%8ju\n", (uintmax_t)scores.support);
    }
    print_absent(evaluation);
    putchar('\n');
}

/*
 * One cell of a matrix: its count, or its share of the row in percent. The diagonal stands out, and nothing
 * steps back.
 */
static void print_cell(const lenet_evaluation *evaluation, int truth, int predicted, int width, uint64_t row)
{
    const style look = style_of(stdout);
    const uint32_t count = cell_of(evaluation, truth, predicted);
    fputs(truth == predicted ? look.green : count ? "" : look.dim, stdout);
    if (row)
        printf("%*.1f", width, 100 * (double)count / (double)row);
    else
        printf("%*u", width, count);
    fputs(truth == predicted || !count ? look.reset : "", stdout);
}

static int digits_of(uint64_t number)
{
    int digits = 1;
    while (number /= 10)
        digits++;
    return digits;
}

static int count_width(const lenet_evaluation *evaluation)
{
    uint64_t largest = 99;
    for (int i = 0; i < evaluation->classes * evaluation->classes; i++)
        largest = evaluation->confusion[i] > largest ? evaluation->confusion[i] : largest;
    return digits_of(largest) + 2;
}

/* A matrix, or some of its columns. */
typedef struct matrix {
    const char *columns; /* what they are */
    int names, width;    /* of the labels and of a column */
    bool as_shares;
} matrix;

static void print_columns_of_matrix(const lenet_evaluation *evaluation, const matrix *m, int first, int last)
{
    char text[128];
    print_padded("", m->names);
    printf("%*s\n", m->width + 8, m->columns);
    print_padded("truth", m->names);
    for (int i = first; i < last; i++) {
        const char *column = column_text(evaluation, i, text, sizeof text);
        printf("%*s%s", m->width - text_width(column), "", column);
    }
    putchar('\n');
    for (int truth = 0; truth < evaluation->classes; truth++) {
        const uint64_t sum = row_sum(evaluation, truth);
        if (!sum)
            continue;
        print_padded(label_text(evaluation, truth, text, sizeof text), m->names);
        for (int predicted = first; predicted < last; predicted++)
            print_cell(evaluation, truth, predicted, m->width, m->as_shares ? sum : 0);
        putchar('\n');
    }
    putchar('\n');
}

/* As many columns side by side as a line takes. */
static void print_matrix(const lenet_evaluation *evaluation, const char *title, const char *columns, int width,
                         bool as_shares)
{
    const style look = style_of(stdout);
    const matrix m = {columns, label_width(evaluation, 5), width, as_shares};
    const int most = (LINE_WIDTH - 2 - m.names) / width, classes = evaluation->classes;
    printf("%s%s%s\n", look.bold, title, look.reset);
    for (int first = 0; first < classes; first += most)
        print_columns_of_matrix(evaluation, &m, first, first + most < classes ? first + most : classes);
}

/* Are there too many classes to print? Prints a notice then. */
static bool is_too_large(const lenet_evaluation *evaluation, const char *what, const char *instead)
{
    if (evaluation->classes > MOST_IN_MATRIX)
        printf("%s: %d classes, too many to print%s\n\n", what, evaluation->classes, instead);
    return evaluation->classes > MOST_IN_MATRIX;
}

void print_confusion(const lenet_evaluation *evaluation)
{
    if (is_too_large(evaluation, "confusion matrix", "; 'lenet eval --json' has it"))
        return;
    print_matrix(evaluation, "confusion matrix, images (rows: truth, columns: predicted)", "predicted",
                 count_width(evaluation), false);
    print_matrix(evaluation, "confusion matrix, % of each row", "predicted", 6, true);
}

void print_noise_matrix(const lenet_evaluation *labels)
{
    if (is_too_large(labels, "label noise", ""))
        return;
    print_matrix(labels, "label noise, images (rows: true class, columns: the label they were given)", "given",
                 count_width(labels), false);
    print_matrix(labels, "label noise, % of each row", "given", 6, true);
}

void print_noise_estimate(const lenet_evaluation *labels)
{
    if (is_too_large(labels, "label noise as estimated by the first training", ""))
        return;
    print_matrix(labels, "label noise as estimated by the first training, % of each row", "given", 6, true);
}

void print_confused_pairs(const lenet_evaluation *evaluation)
{
    lenet_confused_pair pairs[PAIRS_SHOWN];
    char text[160];
    const style look = style_of(stdout);
    const size_t count = lenet_confused_pairs(evaluation, pairs, PAIRS_SHOWN);
    printf("%smost confused (truth -> predicted)%s\n", look.bold, look.reset);
    for (size_t i = 0; i < count; i++) {
        char truth[64], predicted[64];
        snprintf(truth, sizeof truth, "%s", evaluation->class_names[pairs[i].truth]);
        snprintf(predicted, sizeof predicted, "%s", evaluation->class_names[pairs[i].predicted]);
        shorten(make_printable(truth), sizeof truth, WIDEST_LABEL);
        shorten(make_printable(predicted), sizeof predicted, WIDEST_LABEL);
        snprintf(text, sizeof text, "%s -> %s", truth, predicted);
        print_padded(text, 28);
        const double share = share_of(pairs[i].count, row_sum(evaluation, pairs[i].truth));
        printf("%6u  %5.1f %% of %s\n", pairs[i].count, 100 * share, truth);
    }
    if (!count)
        puts("  none: every image was recognised");
    putchar('\n');
}

/* ------------------------------------------------------------------------------------------------------- for JSON */

static json_t *value_of_row(const lenet_evaluation *evaluation, int truth)
{
    json_t *row = json_array();
    for (int predicted = 0; predicted < evaluation->classes; predicted++)
        add_to_list(&row, json_integer(cell_of(evaluation, truth, predicted)));
    return row;
}

/* The counts alone, rows in rows. */
static json_t *value_of_matrix(const lenet_evaluation *evaluation)
{
    json_t *rows = json_array();
    for (int truth = 0; truth < evaluation->classes; truth++)
        add_to_list(&rows, value_of_row(evaluation, truth));
    return rows;
}

static json_t *value_of_names(const lenet_evaluation *evaluation)
{
    json_t *names = json_array();
    for (int i = 0; i < evaluation->classes; i++)
        add_to_list(&names, value_of_text(evaluation->class_names[i]));
    return names;
}

static json_t *value_of_classes(const lenet_evaluation *evaluation)
{
    json_t *classes = json_array();
    for (int i = 0; i < evaluation->classes; i++) {
        const class_scores scores = scores_of_class(evaluation, i);
        /* clang-format off */
        add_to_list(&classes, json_pack("{s:o, s:o, s:o, s:o, s:I}",
                                        "name", value_of_text(evaluation->class_names[i]),
                                        "precision", value_of_number(scores.precision),
                                        "recall", value_of_number(scores.recall),
                                        "f1", value_of_number(scores.f1),
                                        "support", (json_int_t)scores.support));
        /* clang-format on */
    }
    return classes;
}

static json_t *value_of_pairs(const lenet_evaluation *evaluation)
{
    lenet_confused_pair pairs[PAIRS_RECORDED];
    const size_t count = lenet_confused_pairs(evaluation, pairs, PAIRS_RECORDED);
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        const lenet_confused_pair *pair = &pairs[i];
        /* clang-format off */
        add_to_list(&array, json_pack("{s:o, s:o, s:I, s:i, s:i}",
                                      "truth", value_of_text(evaluation->class_names[pair->truth]),
                                      "predicted", value_of_text(evaluation->class_names[pair->predicted]),
                                      "count", (json_int_t)pair->count,
                                      "truth_index", pair->truth,
                                      "predicted_index", pair->predicted));
        /* clang-format on */
    }
    return array;
}

json_t *value_of_evaluation(const lenet_evaluation *evaluation)
{
    const double standard_error = lab_accuracy_error(evaluation->accuracy, evaluation->count);
    const lab_interval interval = lab_wilson(evaluation->correct, evaluation->count, 0.95);
    /* clang-format off */
    return json_pack("{s:o, s:o, s:[o, o], s:o, s:I, s:I, s:o, s:o, s:o, s:o}",
                     "accuracy", value_of_number(evaluation->accuracy),
                     "accuracy_standard_error", value_of_number(standard_error),
                     "accuracy_interval_95", value_of_number(interval.low), value_of_number(interval.high),
                     "loss", value_of_number(evaluation->loss),
                     "count", (json_int_t)evaluation->count,
                     "correct", (json_int_t)evaluation->correct,
                     "class_names", value_of_names(evaluation),
                     "classes", value_of_classes(evaluation),
                     "confusion", value_of_matrix(evaluation),
                     "confused_pairs", value_of_pairs(evaluation));
    /* clang-format on */
}
