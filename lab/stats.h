/* SPDX-License-Identifier: MIT */
/*
 * stats.h - what repeated runs and two compared models say: mean and spread, intervals, tests. Formulas and their
 * sources are in docs/statistics.md.
 *
 * Values that are NaN must be left out by the caller. Functions of a sample return NaN where it is too small for them.
 * Nothing here decides weights, so the functions of the C library serve, and the last digit may differ between
 * machines.
 */
#ifndef LENET_LAB_STATS_H
#define LENET_LAB_STATS_H

#include <stddef.h>

/* ------------------------------------------------------------------------------------------------ distributions */

/* P(X <= x) of the standard normal distribution and of Student's t with `freedom` > 0 degrees of freedom. */
double lab_normal_below(double x);
double lab_t_below(double x, double freedom);

/* The x with P(X <= x) = p; p = 0 and 1 give infinities, what is outside gives NaN. */
double lab_normal_quantile(double p);
double lab_t_quantile(double p, double freedom);

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
    lab_interval interval; /* of the mean, by Student's t; NaN below two values */
} lab_sample;

/* `confidence` in 0..1: 0.95. */
lab_sample lab_describe(const double *values, size_t count, double confidence);

/* --------------------------------------------------------------------------------------------------- two samples */

typedef struct lab_paired {
    lab_sample difference; /* of a[i] - b[i] */
    double t, p;           /* two-sided: P of a mean difference at least as far from 0, were the true one 0 */
} lab_paired;

/* Run i of both began with the same seed. Where all differences are equal, t is infinite or NaN and p 0 or 1. */
lab_paired lab_compare_paired(const double *a, const double *b, size_t count, double confidence);

/* ------------------------------------------------------------------------------------------------------ accuracies */

/* Of an accuracy measured on `count` images: sqrt(p (1 - p) / n). NaN if there are none. */
double lab_accuracy_error(double accuracy, size_t count);

/* Wilson's interval of a share: `right` of `count`. */
lab_interval lab_wilson(size_t right, size_t count, double confidence);

/*
 * McNemar's test of two models on the same images, exact: of those that only one has right, `a` are the first's and `b`
 * the second's. The two-sided p; 1 if a + b is 0.
 */
double lab_mcnemar(size_t a, size_t b);

/*
 * How many of `count` images a model that only guesses, or says one class to all, has right at most: the smallest k
 * that a Binomial(count, share) exceeds with a probability of at most `alarm`. `share` is that of the largest class.
 */
size_t lab_chance_bound(size_t count, double share, double alarm);

#endif
