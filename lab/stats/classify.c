/* SPDX-License-Identifier: MIT */
/* classify.c - see classify.h. Sums go over images and classes in order, in double. */
#include "lab/stats/classify.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

static const float *row_of(const lab_predictions *p, size_t index)
{
    return p->probabilities + index * (size_t)p->classes;
}

int lab_predicted(const lab_predictions *p, size_t index)
{
    const float *row = row_of(p, index);
    int best = 0;
    for (int k = 1; k < p->classes; k++)
        best = row[k] > row[best] ? k : best;
    return best;
}

/* ------------------------------------------------------------------------------------------- of a confusion matrix */

typedef struct sums {
    double own, predicted, right;
} sums;

static sums sums_of(const uint32_t *confusion, int classes, int label)
{
    sums s = {0, 0, confusion[(size_t)label * (size_t)classes + (size_t)label]};
    for (int k = 0; k < classes; k++) {
        s.own += confusion[(size_t)label * (size_t)classes + (size_t)k];
        s.predicted += confusion[(size_t)k * (size_t)classes + (size_t)label];
    }
    return s;
}

static double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

static lab_averages averages_of(const sums *s)
{
    return (lab_averages){share(s->right, s->predicted), share(s->right, s->own),
                          share(2 * s->right, s->own + s->predicted)};
}

static void add(lab_averages *to, lab_averages a, double weight)
{
    to->precision += weight * a.precision;
    to->recall += weight * a.recall;
    to->f1 += weight * a.f1;
}

static lab_averages divided(lab_averages a, double by)
{
    return (lab_averages){share(a.precision, by), share(a.recall, by), share(a.f1, by)};
}

/* Cohen's kappa and Matthews' correlation from the sums over classes of own x predicted, own^2 and predicted^2. */
static void set_agreement(lab_scores *to, double all, double right, double product, double own, double predicted)
{
    const double chance = share(product, all * all), spread = sqrt(all * all - own) * sqrt(all * all - predicted);
    to->kappa = chance < 1 ? (to->accuracy - chance) / (1 - chance) : NAN;
    to->mcc = spread > 0 ? (right * all - product) / spread : 0;
}

lab_scores lab_scores_of(const uint32_t *confusion, int classes)
{
    lab_scores scores = {.accuracy = 0};
    double all = 0, right = 0, product = 0, own = 0, predicted = 0, used = 0, have = 0;
    for (int k = 0; k < classes; k++) {
        const sums s = sums_of(confusion, classes, k);
        const lab_averages a = averages_of(&s);
        all += s.own, right += s.right, product += s.own * s.predicted;
        own += s.own * s.own, predicted += s.predicted * s.predicted;
        used += s.own + s.predicted > 0;
        have += s.own > 0;
        add(&scores.macro, a, 1);
        add(&scores.weighted, a, s.own);
        scores.balanced_accuracy += a.recall;
    }
    scores.accuracy = share(right, all);
    scores.balanced_accuracy = share(scores.balanced_accuracy, have);
    scores.macro = divided(scores.macro, used);
    scores.weighted = divided(scores.weighted, all);
    set_agreement(&scores, all, right, product, own, predicted);
    return scores;
}

/* ------------------------------------------------------------------------------------------------ of probabilities */

double lab_top_k(const lab_predictions *p, int k)
{
    size_t found = 0;
    for (size_t i = 0; i < p->count; i++) {
        const float *row = row_of(p, i), own = row[p->truth[i]];
        int before = 0;
        for (int label = 0; label < p->classes; label++)
            before += row[label] > own || (row[label] == own && label < p->truth[i]);
        found += before < k;
    }
    return p->count ? (double)found / (double)p->count : NAN;
}

static double log_of(float probability)
{
    return log(probability > FLT_TRUE_MIN ? (double)probability : (double)FLT_TRUE_MIN);
}

double lab_log_loss(const lab_predictions *p)
{
    double sum = 0;
    for (size_t i = 0; i < p->count; i++)
        sum -= log_of(row_of(p, i)[p->truth[i]]);
    return p->count ? sum / (double)p->count : NAN;
}

double lab_brier(const lab_predictions *p)
{
    double sum = 0;
    for (size_t i = 0; i < p->count; i++)
        for (int k = 0; k < p->classes; k++) {
            const double off = (double)row_of(p, i)[k] - (k == p->truth[i]);
            sum += off * off;
        }
    return p->count ? sum / (double)p->count : NAN;
}

/* ------------------------------------------------------------------------------------------------------------- ROC */

/* The highest score first. */
static int compare_ranked(const void *left, const void *right)
{
    const float a = ((const lab_ranked *)left)->score, b = ((const lab_ranked *)right)->score;
    return a > b ? -1 : a < b;
}

/* Sorts the images by their probability of the class. Returns how many are of it. */
static size_t rank(const lab_predictions *p, int label, lab_ranked *ranked)
{
    size_t own = 0;
    for (size_t i = 0; i < p->count; i++) {
        ranked[i] = (lab_ranked){row_of(p, i)[label], p->truth[i] == label};
        own += ranked[i].is_own;
    }
    qsort(ranked, p->count, sizeof *ranked, compare_ranked);
    return own;
}

/* On a line with the two points before it, the last point is not needed. */
static bool is_between(const lab_roc_point *a, const lab_roc_point *b, const lab_roc_point *c)
{
    return (b->false_positive == a->false_positive && c->false_positive == b->false_positive) ||
           (b->true_positive == a->true_positive && c->true_positive == b->true_positive);
}

size_t lab_roc(const lab_predictions *p, int label, lab_ranked *scratch, lab_roc_point *points)
{
    const size_t own = rank(p, label, scratch), others = p->count - own;
    size_t used = 0, right = 0, wrong = 0;
    if (!own || !others)
        return 0;
    points[used++] = (lab_roc_point){INFINITY, 0, 0};
    for (size_t i = 0; i < p->count; i++) {
        right += scratch[i].is_own;
        wrong += !scratch[i].is_own;
        if (i + 1 < p->count && scratch[i + 1].score == scratch[i].score)
            continue;
        const lab_roc_point point = {(double)scratch[i].score, (double)wrong / (double)others,
                                     (double)right / (double)own};
        used -= used > 1 && is_between(&points[used - 2], &points[used - 1], &point);
        points[used++] = point;
    }
    return used;
}

double lab_roc_area(const lab_predictions *p, int label, lab_ranked *scratch)
{
    const size_t own = rank(p, label, scratch), others = p->count - own;
    double pairs = 0;     /* won, twice */
    size_t left = others; /* of the other images, those with a lower probability than what was seen */
    for (size_t i = 0; i < p->count;) {
        size_t end = i, same[2] = {0, 0};
        for (; end < p->count && scratch[end].score == scratch[i].score; end++)
            same[scratch[end].is_own]++;
        left -= same[0];
        pairs += (double)same[1] * (2 * (double)left + (double)same[0]);
        i = end;
    }
    return own && others ? pairs / 2 / (double)own / (double)others : NAN;
}

/* ----------------------------------------------------------------------------------------------------- calibration */

/* log of the sum over classes of p^inverse, as seen from the largest p; *mean: the mean of log p by these powers. */
static double log_sum(const float *row, int classes, double inverse, double *mean, double *square)
{
    double top = -INFINITY, sum = 0, first = 0, second = 0;
    for (int k = 0; k < classes; k++)
        top = fmax(top, log_of(row[k]));
    for (int k = 0; k < classes; k++) {
        const double z = log_of(row[k]), power = exp(inverse * (z - top));
        sum += power;
        first += power * z;
        second += power * z * z;
    }
    *mean = first / sum;
    *square = second / sum;
    return inverse * top + log(sum);
}

/* The log loss at a temperature of 1 / inverse, and its first two derivatives by `inverse`. */
static double loss_at(const lab_predictions *p, double inverse, double *slope, double *curvature)
{
    double loss = 0;
    *slope = *curvature = 0;
    for (size_t i = 0; i < p->count; i++) {
        const float *row = row_of(p, i);
        const double own = log_of(row[p->truth[i]]);
        double mean, square;
        loss += log_sum(row, p->classes, inverse, &mean, &square) - inverse * own;
        *slope += mean - own;
        *curvature += square - mean * mean;
    }
    return loss / (double)p->count;
}

double lab_log_loss_at(const lab_predictions *p, double temperature)
{
    double slope, curvature;
    return loss_at(p, 1 / temperature, &slope, &curvature);
}

/* The loss is convex in the inverse of the temperature: Newton's steps, or halves where they leave the bounds. */
double lab_best_temperature(const lab_predictions *p)
{
    double low = 0.01, high = 100, inverse = 1;
    for (int i = 0; i < 60 && p->count; i++) {
        double slope, curvature;
        loss_at(p, inverse, &slope, &curvature);
        if (slope > 0)
            high = inverse;
        else
            low = inverse;
        double next = curvature > 0 ? inverse - slope / curvature : low;
        if (!(next > low && next < high))
            next = sqrt(low * high);
        if (fabs(next - inverse) <= 1e-12 * inverse)
            break;
        inverse = next;
    }
    return 1 / inverse;
}

static double confidence_of(const float *row, int classes, double temperature)
{
    double mean, square, top = 0;
    for (int k = 0; k < classes; k++)
        top = fmax(top, (double)row[k]);
    return temperature == 1
               ? top
               : exp(log_of((float)top) / temperature - log_sum(row, classes, 1 / temperature, &mean, &square));
}

lab_calibration lab_calibrate(const lab_predictions *p, double temperature)
{
    enum { BINS = LAB_CALIBRATION_BINS };
    lab_calibration c = {.expected_error = 0};
    for (int b = 0; b < BINS; b++)
        c.bins[b] = (lab_calibration_bin){.low = (double)b / BINS, .high = (double)(b + 1) / BINS};
    for (size_t i = 0; i < p->count; i++) {
        const double confidence = confidence_of(row_of(p, i), p->classes, temperature);
        int b = 0;
        while (b < BINS - 1 && confidence > c.bins[b].high)
            b++;
        c.bins[b].count++;
        c.bins[b].confidence += confidence;
        c.bins[b].accuracy += lab_predicted(p, i) == p->truth[i];
    }
    for (int b = 0; b < BINS; b++) {
        lab_calibration_bin *bin = &c.bins[b];
        const double count = (double)bin->count, off = fabs(bin->accuracy - bin->confidence);
        c.expected_error += off / (double)p->count;
        c.largest_error = bin->count ? fmax(c.largest_error, off / count) : c.largest_error;
        bin->confidence = bin->count ? bin->confidence / count : NAN;
        bin->accuracy = bin->count ? bin->accuracy / count : NAN;
    }
    return c;
}

/* ------------------------------------------------------------------------------------------------------ two models */

lab_agreement lab_compare_predictions(const lab_predictions *first, const lab_predictions *second)
{
    lab_agreement a = {0, 0, 0, 0, 0};
    for (size_t i = 0; i < first->count; i++) {
        const int one = lab_predicted(first, i), other = lab_predicted(second, i), truth = first->truth[i];
        a.both_right += one == truth && other == truth;
        a.first_right += one == truth && other != truth;
        a.second_right += one != truth && other == truth;
        a.both_wrong += one != truth && other != truth;
        a.same_wrong += one != truth && one == other;
    }
    return a;
}
