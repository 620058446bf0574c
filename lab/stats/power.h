/* SPDX-License-Identifier: MIT */
/*
 * power.h - how small a difference a test can still find, and how many runs a difference needs to be found. Formulas
 * and their sources are in docs/statistics.md.
 *
 * `level` is that of the test, two-sided; `power` is the chance to find the difference. All in 0..1.
 */
#ifndef LENET_LAB_STATS_POWER_H
#define LENET_LAB_STATS_POWER_H

#include "lab/stats/stats.h"

/* Power of a two-sided t test whose statistic has this noncentrality, with `freedom` > 0 degrees of freedom. */
double lab_t_power(double noncentrality, double freedom, double level);

/* Of a two-sided F test of two sds whose true ratio is `ratio`, of samples of na and nb values. */
double lab_spread_power(double ratio, size_t na, size_t nb, double level);

/* Of Fisher's test of two groups of n runs, in which shares pa and pb of the runs learn. */
double lab_shares_power(double pa, double pb, size_t n, double level);

typedef struct lab_power {
    double least;  /* the smallest difference (ratio of sds; difference of shares) found with that power; NaN: none */
    size_t needed; /* runs, or pairs, of each group that the difference seen needs; 0: more than LAB_MOST_NEEDED */
} lab_power;
enum { LAB_MOST_NEEDED = 100000, LAB_MOST_NEEDED_SHARES = 300 };

/* Student's t test of `count` paired differences with this mean and sd. */
lab_power lab_power_paired(double mean, double sd, size_t count, double level, double power);

/* Welch's test of two samples, of at least two values each. */
lab_power lab_power_welch(const lab_sample *a, const lab_sample *b, double level, double power);

/* F test of the sds of two samples, whose ratio was `ratio`. */
lab_power lab_power_spread(double ratio, size_t na, size_t nb, double level, double power);

/* Fisher's test: ka of na runs learn, kb of nb. The smallest difference is that of a larger share of a; NaN: none is
 * large enough. */
lab_power lab_power_shares(size_t ka, size_t na, size_t kb, size_t nb, double level, double power);

#endif
