/* SPDX-License-Identifier: MIT */
/*
 * stats.h - statistics of repeated runs and of two compared models: mean and spread, intervals, tests. Formulas and
 * their sources are in docs/statistics.md.
 *
 * Values that are NaN must be left out by the caller. Functions of a sample return NaN where it is too small
 * for them. Nothing here decides weights, so the functions of the C library serve, and the last digit may
 * differ between machines.
 */
#ifndef LENET_LAB_STATS_STATS_H
#define LENET_LAB_STATS_STATS_H

#include <stdbool.h>
#include <stddef.h>

/* ------------------------------------------------------------------------------------------------ distributions */

/* P(X <= x) of the standard normal distribution and of Student's t with `freedom` > 0 degrees of freedom. */
double lab_normal_below(double x);
double lab_t_below(double x, double freedom);

/* The x with P(X <= x) = p; p = 0 and 1 give infinities, what is outside gives NaN. */
double lab_normal_quantile(double p);
double lab_t_quantile(double p, double freedom);

/* The same of the F distribution, x >= 0, with `over` and `under` > 0 degrees of freedom. */
double lab_f_below(double x, double over, double under);
double lab_f_quantile(double p, double over, double under);

/* P(X <= k) and P(X >= k) of n tries that succeed with probability p each. */
double lab_binomial_most(size_t k, size_t n, double p);
double lab_binomial_least(size_t k, size_t n, double p);

/* --------------------------------------------------------------------------------------------------- one sample */

typedef struct lab_interval {
    double low, high;
} lab_interval;

typedef struct lab_sample {
    size_t count;
    double mean;
    double sd;             /* of the sample: divided by count - 1; NaN below two values */
    double standard_error; /* of the mean: sd / sqrt(count) */
    double low, high;      /* the least and the largest value */
    lab_interval interval; /* of the mean, by Student's t; NaN below three values */
} lab_sample;

/* `confidence` in 0..1: 0.95. */
lab_sample lab_describe(const double *values, size_t count, double confidence);

/* The same of shares: the interval ends at 0 and 1. */
lab_sample lab_describe_shares(const double *values, size_t count, double confidence);

/* --------------------------------------------------------------------------------------------------- two samples */

typedef struct lab_paired {
    lab_sample difference; /* of a[i] - b[i] */
    double t, p;           /* two-sided: P of a mean difference at least as far from 0, were the true one 0 */
} lab_paired;

/*
 * Run i of both began with the same seed. Where all differences are equal, t is infinite or NaN and p 0 or 1.
 */
lab_paired lab_compare_paired(const double *a, const double *b, size_t count, double confidence);

typedef struct lab_welch {
    double difference; /* mean of a - mean of b */
    double t, freedom, p;
    lab_interval interval; /* of the difference */
} lab_welch;

/* Two samples that share nothing, whose spreads may differ: Welch's test. */
lab_welch lab_compare_means(const lab_sample *a, const lab_sample *b, double confidence);

/*
 * Sign-flip test of paired differences, exact: the share of the 2^count ways to sign them whose mean is at
 * least as far from 0. It assumes nothing but symmetry, and its p is never below lab_least_flip_p(count) = 2
 * / 2^count: with five seeds 1/16, however large the difference. NaN for no value, and above LAB_MOST_FLIPS.
 */
enum { LAB_MOST_FLIPS = 20 };
double lab_sign_flip(const double *differences, size_t count);
double lab_least_flip_p(size_t count);

typedef struct lab_ratio {
    double ratio; /* sd of a / sd of b */
    double p;     /* two-sided, of Fisher's test: assumes normal values */
    lab_interval interval;
} lab_ratio;
lab_ratio lab_compare_spreads(const lab_sample *a, const lab_sample *b, double confidence);

/*
 * Brown and Forsythe's test that `groups` samples have one spread: Levene's with medians, which does not need
 * normal values. The p; NaN where a group has fewer than three values (two are always as far from their
 * median), or there are fewer than two groups.
 */
typedef struct lab_values {
    const double *values;
    size_t count;
} lab_values;
double lab_brown_forsythe(const lab_values *samples, size_t groups);

/* The middle value, or the mean of the two; NaN of none. */
double lab_median(const double *values, size_t count);

/* Slope of the least-squares line through the points that have both numbers; NaN if all x are one. */
double lab_slope(const double *x, const double *y, size_t count);

/* ------------------------------------------------------------------------------------------------ several tests */

/*
 * Holm's correction of `count` p-values in place: each is multiplied by as many tests as are left when they
 * are taken from the smallest up, so that the chance of one false alarm among all is the level. NaN are no
 * tests and stay.
 */
void lab_holm(double *p, size_t count);

/* ------------------------------------------------------------------------------------------------------ accuracies */

/* Of an accuracy measured on `count` images: sqrt(p (1 - p) / n). NaN if there are none. */
double lab_accuracy_error(double accuracy, size_t count);

/* Wilson's interval of a share: `right` of `count`. */
lab_interval lab_wilson(size_t right, size_t count, double confidence);

/* The same of an accuracy, which is right / count. */
lab_interval lab_accuracy_interval(double accuracy, size_t count, double confidence);

/* Clopper and Pearson's interval of a share, exact: `k` of `count`. NaN if there are none. */
lab_interval lab_clopper_pearson(size_t k, size_t count, double confidence);

/*
 * Fisher's exact test that two groups have one share: ka of na, and kb of nb. The two-sided p; NaN if a group
 * is empty.
 */
double lab_fisher(size_t ka, size_t na, size_t kb, size_t nb);

/*
 * McNemar's test of two models on the same images, exact: of those that only one has right, `a` are the
 * first's and `b` the second's. The two-sided p; 1 if a + b is 0.
 */
double lab_mcnemar(size_t a, size_t b);

/*
 * How many of `count` images a model that only guesses, or predicts one class for all, has right at most: the
 * smallest k that a Binomial(count, share) exceeds with a probability of at most `alarm`. `share` is that of
 * the largest class.
 */
size_t lab_chance_bound(size_t count, double share, double alarm);

/*
 * A run has collapsed if its accuracy on `count` test images is within chance: at most
 * lab_chance_bound(count, share, LAB_CHANCE_ALARM) images are right. `share` is that of the largest class
 * among them.
 */
#define LAB_CHANCE_ALARM 0.001
bool lab_has_collapsed(double accuracy, size_t count, double share);

/*
 * One published value without its spread, the mean of `runs` runs, against our sample: Student's t of the
 * difference, if the published runs spread as ours do. `within` is how exactly the value could be read: so
 * much of the difference counts as none. NaN below two values.
 */
lab_welch lab_compare_value(const lab_sample *ours, double value, double runs, double within, double confidence);

#endif
