/* SPDX-License-Identifier: MIT */
/*
 * stats.c - see stats.h. Both t and the binomial are the incomplete beta function, by its continued fraction; quantiles
 * are found by halving, so that they are as exact as the probabilities are.
 */
#include "lab/stats.h"

#include <math.h>

/* ------------------------------------------------------------------------------------------------ distributions */

/* The continued fraction of the incomplete beta function by Lentz's method; converges fast for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x)
{
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double sum = d;
    for (int i = 1; i < 100000; i++) {
        const double m = i;
        const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        const double terms[] = {even, odd};
        double change = 1;
        for (int k = 0; k < 2; k++) {
            d = 1 + terms[k] * d;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            c = 1 + terms[k] / c;
            c = fabs(c) < tiny ? tiny : c;
            change = c * d;
            sum *= change;
        }
        if (fabs(change - 1) < 1e-16)
            break;
    }
    return sum;
}

/* log(B(a, b)); lgamma writes a global sign where threads may be, so the one that does not is used. */
static double log_beta(double a, double b)
{
    int sign;
    return lgamma_r(a, &sign) + lgamma_r(b, &sign) - lgamma_r(a + b, &sign);
}

/* The regularised incomplete beta function I_x(a, b); rest = 1 - x, given apart since it may be all but 0. */
static double beta_below(double a, double b, double x, double rest)
{
    if (x <= 0 || rest <= 0)
        return x <= 0 ? 0 : 1;
    const double front = exp(a * log(x) + b * log(rest) - log_beta(a, b));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, rest) / b;
}

double lab_normal_below(double x) { return 0.5 * erfc(-x / sqrt(2)); }

double lab_t_below(double x, double freedom)
{
    if (isinf(x))
        return x > 0;
    const double square = x * x, sum = freedom + square;
    const double beyond = 0.5 * beta_below(freedom / 2, 0.5, freedom / sum, square / sum); /* P(X > |x|) */
    return x > 0 ? 1 - beyond : beyond;
}

/* The x below 0 where `below`, which rises, is p < 1/2. */
static double search(double (*below)(double x, double freedom), double p, double freedom)
{
    double low = -1, high = 0;
    while (below(low, freedom) > p) {
        high = low;
        low *= 2;
    }
    for (int i = 0; i < 2000; i++) {
        const double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            break;
        if (below(middle, freedom) > p)
            high = middle;
        else
            low = middle;
    }
    return high;
}

/* Of a distribution that is symmetric about 0. */
static double quantile(double (*below)(double x, double freedom), double p, double freedom)
{
    if (!(p >= 0 && p <= 1))
        return NAN;
    if (p == 0 || p == 1)
        return p == 0 ? -INFINITY : INFINITY;
    if (p == 0.5)
        return 0;
    return p < 0.5 ? search(below, p, freedom) : -search(below, 1 - p, freedom);
}

static double normal_of_two(double x, double unused)
{
    (void)unused;
    return lab_normal_below(x);
}

double lab_normal_quantile(double p) { return quantile(normal_of_two, p, 0); }
double lab_t_quantile(double p, double freedom) { return quantile(lab_t_below, p, freedom); }

double lab_binomial_least(size_t k, size_t n, double p)
{
    if (k == 0 || k > n)
        return k == 0;
    return beta_below((double)k, (double)(n - k) + 1, p, 1 - p);
}

double lab_binomial_most(size_t k, size_t n, double p)
{
    if (k >= n)
        return 1;
    return beta_below((double)(n - k), (double)k + 1, 1 - p, p);
}

/* --------------------------------------------------------------------------------------------------- one sample */

/* Of values[i], or of values[i] - less[i]; in two passes, so that a small spread about a large mean is not lost. */
static lab_sample describe(const double *values, const double *less, size_t count, double confidence)
{
    lab_sample s = {count, NAN, NAN, NAN, INFINITY, -INFINITY, {NAN, NAN}};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        const double x = values[i] - (less ? less[i] : 0);
        sum += x;
        s.low = fmin(s.low, x);
        s.high = fmax(s.high, x);
    }
    if (!count)
        s.low = s.high = NAN;
    s.mean = s.low == s.high ? s.low : sum / (double)count;
    if (count < 2)
        return s;
    for (size_t i = 0; i < count; i++) {
        const double x = values[i] - (less ? less[i] : 0) - s.mean;
        squares += x * x;
    }
    s.sd = sqrt(squares / (double)(count - 1));
    s.standard_error = s.sd / sqrt((double)count);
    const double reach = lab_t_quantile(0.5 + confidence / 2, (double)(count - 1)) * s.standard_error;
    s.interval = (lab_interval){s.mean - reach, s.mean + reach};
    return s;
}

lab_sample lab_describe(const double *values, size_t count, double confidence) { return describe(values, NULL, count, confidence); }

/* --------------------------------------------------------------------------------------------------- two samples */

lab_paired lab_compare_paired(const double *a, const double *b, size_t count, double confidence)
{
    lab_paired r = {.difference = describe(a, b, count, confidence), .t = NAN, .p = NAN};
    if (count < 2)
        return r;
    r.t = r.difference.mean / r.difference.standard_error; /* 0 / 0: nothing differs */
    r.p = isnan(r.t) ? 1 : 2 * lab_t_below(-fabs(r.t), (double)(count - 1));
    return r;
}

/* ------------------------------------------------------------------------------------------------------ accuracies */

double lab_accuracy_error(double accuracy, size_t count)
{
    return count ? sqrt(accuracy * (1 - accuracy) / (double)count) : NAN;
}

lab_interval lab_wilson(size_t right, size_t count, double confidence)
{
    if (!count)
        return (lab_interval){NAN, NAN};
    const double z = lab_normal_quantile(0.5 + confidence / 2), n = (double)count, p = (double)right / n;
    const double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    const double reach = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    return (lab_interval){right ? middle - reach : 0, right < count ? middle + reach : 1};
}

double lab_mcnemar(size_t a, size_t b)
{
    const double p = 2 * lab_binomial_most(a < b ? a : b, a + b, 0.5);
    return p < 1 ? p : 1;
}

size_t lab_chance_bound(size_t count, double share, double alarm)
{
    size_t low = 0, high = count; /* the bound is in low..high */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (lab_binomial_least(middle + 1, count, share) <= alarm)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}
