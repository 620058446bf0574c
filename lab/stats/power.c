/* SPDX-License-Identifier: MIT */
/*
 * power.c - see power.h. Powers are computed, not simulated; differences and numbers of runs are found by
 * halving.
 */
#include "lab/stats/power.h"

#include <math.h>
#include <stdlib.h>

/* ---------------------------------------------------------------------------------------------------- Student's t */

/* Density of s = sqrt(chi-square / freedom). */
static double density_of_scale(double s, double freedom)
{
    int sign;
    if (s <= 0)
        return freedom == 1 ? sqrt(2 / acos(-1)) : 0;
    return exp(log(2) + freedom / 2 * log(freedom / 2) + (freedom - 1) * log(s) - freedom * s * s / 2 -
               lgamma_r(freedom / 2, &sign));
}

/*
 * P(T <= t) of the noncentral t distribution: the mean over s of P(Z <= t s - noncentrality), by Simpson's
 * rule.
 */
static double noncentral_below(double t, double freedom, double noncentrality)
{
    enum { STEPS = 2000 };
    const double reach = 9 / sqrt(2 * freedom), low = fmax(0, 1 - reach), step = (1 + reach - low) / STEPS;
    double sum = 0;
    for (int i = 0; i <= STEPS; i++) {
        const double s = low + i * step, weight = i == 0 || i == STEPS ? 1 : i % 2 ? 4 : 2;
        sum += weight * density_of_scale(s, freedom) * lab_normal_below(t * s - noncentrality);
    }
    return sum * step / 3;
}

double lab_t_power(double noncentrality, double freedom, double level)
{
    if (!(freedom > 0) || isnan(noncentrality))
        return NAN;
    if (isinf(noncentrality))
        return 1;
    const double reach = lab_t_quantile(1 - level / 2, freedom), shift = fabs(noncentrality);
    return 1 - noncentral_below(reach, freedom, shift) + noncentral_below(-reach, freedom, shift);
}

/* The noncentrality that gives this power. */
static double noncentrality_for(double freedom, double level, double power)
{
    double low = 0, high = 1;
    while (lab_t_power(high, freedom, level) < power && high < 1e9)
        high *= 2;
    for (int i = 0; i < 60; i++) {
        const double middle = (low + high) / 2;
        *(lab_t_power(middle, freedom, level) < power ? &low : &high) = middle;
    }
    return high;
}

/* The least n from `least` to `most` for which `is_enough` holds, which it does for all above it; 0: none. */
static size_t search_count(size_t least, size_t most, bool (*is_enough)(size_t n, const void *context),
                           const void *context)
{
    size_t high = least;
    while (high < most && !is_enough(high, context))
        high = 2 * high < most ? 2 * high : most;
    if (!is_enough(high, context))
        return 0;
    size_t low = high / 2 < least ? least : high / 2;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (is_enough(middle, context))
            high = middle;
        else
            low = middle + 1;
    }
    return high;
}

/* A difference of means in search of the number of runs that shows it. */
typedef struct wanted {
    double difference, va, vb; /* variances of the groups; vb 0: pairs */
    double level, power;
} wanted;

static bool finds_means(size_t n, const void *context)
{
    const wanted *w = context;
    const double count = (double)n, error = sqrt((w->va + w->vb) / count);
    const double freedom =
        w->vb > 0 ? (w->va + w->vb) * (w->va + w->vb) * (count - 1) / (w->va * w->va + w->vb * w->vb) : count - 1;
    return lab_t_power(w->difference / error, freedom, w->level) >= w->power;
}

lab_power lab_power_paired(double mean, double sd, size_t count, double level, double power)
{
    if (count < 2 || !(sd > 0))
        return (lab_power){NAN, 0};
    const wanted w = {mean, sd * sd, 0, level, power};
    return (lab_power){noncentrality_for((double)count - 1, level, power) * sd / sqrt((double)count),
                       mean == 0 ? 0 : search_count(2, LAB_MOST_NEEDED, finds_means, &w)};
}

lab_power lab_power_welch(const lab_sample *a, const lab_sample *b, double level, double power)
{
    const lab_welch seen = lab_compare_means(a, b, 0.95);
    const double error = sqrt(a->standard_error * a->standard_error + b->standard_error * b->standard_error);
    if (isnan(seen.freedom) || !(error > 0))
        return (lab_power){NAN, 0};
    const wanted w = {seen.difference, fmax(a->sd * a->sd, 1e-300), fmax(b->sd * b->sd, 1e-300), level, power};
    return (lab_power){noncentrality_for(seen.freedom, level, power) * error,
                       seen.difference == 0 ? 0 : search_count(2, LAB_MOST_NEEDED, finds_means, &w)};
}

/* --------------------------------------------------------------------------------------------------------- spread */

double lab_spread_power(double ratio, size_t na, size_t nb, double level)
{
    if (na < 2 || nb < 2 || !(ratio > 0))
        return NAN;
    const double over = (double)na - 1, under = (double)nb - 1, square = ratio * ratio;
    return 1 - lab_f_below(lab_f_quantile(1 - level / 2, over, under) / square, over, under) +
           lab_f_below(lab_f_quantile(level / 2, over, under) / square, over, under);
}

static bool finds_spread(size_t n, const void *context)
{
    const wanted *w = context;
    return lab_spread_power(w->difference, n, n, w->level) >= w->power;
}

lab_power lab_power_spread(double ratio, size_t na, size_t nb, double level, double power)
{
    if (na < 2 || nb < 2 || !isfinite(ratio) || !(ratio > 0))
        return (lab_power){NAN, 0};
    const wanted w = {.difference = fmax(ratio, 1 / ratio), .level = level, .power = power};
    double low = 1, high = 2;
    while (lab_spread_power(high, na, nb, level) < power && high < 1e9)
        high *= 2;
    for (int i = 0; i < 60; i++) {
        const double middle = (low + high) / 2;
        *(lab_spread_power(middle, na, nb, level) < power ? &low : &high) = middle;
    }
    return (lab_power){high, search_count(2, LAB_MOST_NEEDED, finds_spread, &w)};
}

/* --------------------------------------------------------------------------------------------------------- shares */

static double binomial_at(size_t k, size_t n, double p)
{
    return lab_binomial_most(k, n, p) - (k ? lab_binomial_most(k - 1, n, p) : 0);
}

double lab_shares_power(double pa, double pb, size_t n, double level)
{
    double found = 0;
    for (size_t i = 0; i <= n; i++) {
        const double of_a = binomial_at(i, n, pa);
        for (size_t k = 0; of_a > 1e-12 && k <= n; k++) {
            const double both = of_a * binomial_at(k, n, pb);
            if (both > 1e-14 && lab_fisher(i, n, k, n) <= level)
                found += both;
        }
    }
    return found;
}

typedef struct wanted_shares {
    double pa, pb, level, power;
} wanted_shares;

static bool finds_shares(size_t n, const void *context)
{
    const wanted_shares *w = context;
    return lab_shares_power(w->pa, w->pb, n, w->level) >= w->power;
}

lab_power lab_power_shares(size_t ka, size_t na, size_t kb, size_t nb, double level, double power)
{
    if (!na || !nb)
        return (lab_power){NAN, 0};
    const size_t n = na < nb ? na : nb;
    const wanted_shares w = {(double)ka / (double)na, (double)kb / (double)nb, level, power};
    const size_t needed = w.pa == w.pb ? 0 : search_count(2, LAB_MOST_NEEDED_SHARES, finds_shares, &w);
    double low = w.pb, high = 1;
    if (lab_shares_power(high, w.pb, n, level) < power)
        return (lab_power){NAN, needed};
    for (int i = 0; i < 20; i++) {
        const double middle = (low + high) / 2;
        *(lab_shares_power(middle, w.pb, n, level) < power ? &low : &high) = middle;
    }
    return (lab_power){high - w.pb, needed};
}
