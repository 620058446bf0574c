/* SPDX-License-Identifier: MIT */
/*
 * stats.c - see stats.h. t, F and the binomial are the incomplete beta function, by its continued fraction;
 * quantiles are found by halving, so that they are as exact as the probabilities are.
 */
#include "lab/stats/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------ distributions */

/*
 * The continued fraction of the incomplete beta function by Lentz's method; converges fast for x < (a + 1) /
 * (a + b + 2).
 */
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

double lab_f_below(double x, double over, double under)
{
    if (!(x > 0))
        return isnan(x) ? NAN : 0;
    if (isinf(x))
        return 1;
    const double sum = over * x + under;
    return beta_below(over / 2, under / 2, over * x / sum, under / sum);
}

double lab_f_quantile(double p, double over, double under)
{
    if (!(p >= 0 && p <= 1))
        return NAN;
    if (p == 0 || p == 1)
        return p == 0 ? 0 : INFINITY;
    double low = 0, high = 1;
    while (lab_f_below(high, over, under) < p) {
        low = high;
        high *= 2;
    }
    for (int i = 0; i < 2000; i++) {
        const double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            break;
        if (lab_f_below(middle, over, under) < p)
            low = middle;
        else
            high = middle;
    }
    return high;
}

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

/*
 * Of values[i], or of values[i] - less[i]; in two passes, so that a small spread about a large mean is not
 * lost.
 */
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
    if (count < 3)
        return s;
    const double reach = lab_t_quantile(0.5 + confidence / 2, (double)(count - 1)) * s.standard_error;
    s.interval = (lab_interval){s.mean - reach, s.mean + reach};
    return s;
}

lab_sample lab_describe(const double *values, size_t count, double confidence)
{
    return describe(values, NULL, count, confidence);
}

lab_sample lab_describe_shares(const double *values, size_t count, double confidence)
{
    lab_sample s = describe(values, NULL, count, confidence);
    if (!isnan(s.interval.low))
        s.interval = (lab_interval){fmax(0, s.interval.low), fmin(1, s.interval.high)};
    return s;
}

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

lab_welch lab_compare_means(const lab_sample *a, const lab_sample *b, double confidence)
{
    lab_welch r = {a->mean - b->mean, NAN, NAN, NAN, {NAN, NAN}};
    if (a->count < 2 || b->count < 2)
        return r;
    const double va = a->standard_error * a->standard_error, vb = b->standard_error * b->standard_error;
    r.freedom = (va + vb) * (va + vb) / (va * va / (double)(a->count - 1) + vb * vb / (double)(b->count - 1));
    if (va + vb == 0) { /* no spread at all: any difference is beyond doubt */
        r.p = r.difference == 0 ? 1 : 0;
        r.interval = (lab_interval){r.difference, r.difference};
        return r;
    }
    const double error = sqrt(va + vb), reach = lab_t_quantile(0.5 + confidence / 2, r.freedom) * error;
    r.t = r.difference / error;
    r.p = 2 * lab_t_below(-fabs(r.t), r.freedom);
    r.interval = (lab_interval){r.difference - reach, r.difference + reach};
    return r;
}

lab_welch lab_compare_value(const lab_sample *ours, double value, double runs, double within, double confidence)
{
    lab_welch r = {ours->mean - value, NAN, NAN, NAN, {NAN, NAN}};
    if (ours->count < 2 || !(runs >= 1))
        return r;
    const double error = ours->sd * sqrt(1 / (double)ours->count + 1 / runs),
                 beyond = fmax(0, fabs(r.difference) - within);
    r.freedom = (double)ours->count - 1;
    r.t = copysign(beyond / error, r.difference);
    r.p = beyond == 0 ? 1 : 2 * lab_t_below(-fabs(r.t), r.freedom);
    const double reach = lab_t_quantile(0.5 + confidence / 2, r.freedom) * error + within;
    r.interval = (lab_interval){r.difference - reach, r.difference + reach};
    return r;
}

double lab_least_flip_p(size_t count) { return count ? ldexp(2, -(int)count) : NAN; }

double lab_sign_flip(const double *differences, size_t count)
{
    if (!count || count > LAB_MOST_FLIPS)
        return NAN;
    double sum = 0, size = 0;
    for (size_t i = 0; i < count; i++) {
        sum += differences[i];
        size += fabs(differences[i]);
    }
    const double as_far = fabs(sum) - 1e-12 * size; /* the order of a sum must not decide a tie */
    size_t beyond = 0;
    for (size_t signs = 0; signs < (size_t)1 << count; signs++) {
        double flipped = 0;
        for (size_t i = 0; i < count; i++)
            flipped += signs >> i & 1 ? -differences[i] : differences[i];
        beyond += fabs(flipped) >= as_far;
    }
    return ldexp((double)beyond, -(int)count);
}

lab_ratio lab_compare_spreads(const lab_sample *a, const lab_sample *b, double confidence)
{
    lab_ratio r = {a->sd / b->sd, NAN, {NAN, NAN}};
    if (a->count < 2 || b->count < 2 || isnan(r.ratio))
        return r;
    const double over = (double)(a->count - 1), under = (double)(b->count - 1), f = r.ratio * r.ratio;
    const double below = lab_f_below(f, over, under);
    r.p = 2 * fmin(below, 1 - below);
    r.interval = (lab_interval){sqrt(f / lab_f_quantile(0.5 + confidence / 2, over, under)),
                                sqrt(f / lab_f_quantile(0.5 - confidence / 2, over, under))};
    return r;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double lab_median(const double *values, size_t count)
{
    double *sorted = count ? malloc(count * sizeof *sorted) : NULL;
    if (!sorted)
        return NAN;
    memcpy(sorted, values, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_size);
    const double median = count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
    free(sorted);
    return median;
}

double lab_brown_forsythe(const lab_values *samples, size_t groups)
{
    double all = 0, total = 0, between = 0, within = 0;
    for (int pass = 0; pass < 2;
         pass++) /* the mean distance from the medians, then what is between and within groups */
        for (size_t g = 0; g < groups; g++) {
            const double median = lab_median(samples[g].values, samples[g].count), count = (double)samples[g].count;
            double sum = 0;
            for (size_t i = 0; i < samples[g].count; i++)
                sum += fabs(samples[g].values[i] - median);
            if (samples[g].count < 3)
                return NAN;
            if (pass == 0) {
                all += sum;
                total += count;
                continue;
            }
            between += count * (sum / count - all / total) * (sum / count - all / total);
            for (size_t i = 0; i < samples[g].count; i++) {
                const double off = fabs(samples[g].values[i] - median) - sum / count;
                within += off * off;
            }
        }
    const double over = (double)groups - 1, under = total - (double)groups;
    if (groups < 2)
        return NAN;
    if (within == 0)
        return between == 0 ? 1 : 0;
    return 1 - lab_f_below(between / over / (within / under), over, under);
}

double lab_slope(const double *x, const double *y, size_t count)
{
    double n = 0, mx = 0, my = 0, xx = 0, xy = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < count; i++) {
            if (!isfinite(x[i]) || !isfinite(y[i]))
                continue;
            if (pass == 0) {
                n++;
                mx += (x[i] - mx) / n;
                my += (y[i] - my) / n;
            } else {
                xx += (x[i] - mx) * (x[i] - mx);
                xy += (x[i] - mx) * (y[i] - my);
            }
        }
    return xx > 0 ? xy / xx : NAN;
}

/* -------------------------------------------------------------------------------------------------- several tests */

void lab_holm(double *p, size_t count)
{
    double largest = 0; /* of those corrected so far: a larger p never becomes a smaller one */
    size_t left = 0;
    double *corrected = count ? malloc(count * sizeof *corrected) : NULL;
    for (size_t i = 0; i < count; i++)
        left += isnan(p[i]) ? 0 : 1;
    for (size_t i = 0; corrected && i < count; i++)
        corrected[i] = NAN;
    for (; corrected && left; left--) {
        size_t next = count;
        for (size_t i = 0; i < count; i++)
            if (!isnan(p[i]) && isnan(corrected[i]) && (next == count || p[i] < p[next]))
                next = i;
        largest = fmax(largest, fmin(1, p[next] * (double)left));
        corrected[next] = largest;
    }
    if (corrected)
        memcpy(p, corrected, count * sizeof *p);
    free(corrected);
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

lab_interval lab_accuracy_interval(double accuracy, size_t count, double confidence)
{
    return isnan(accuracy) ? (lab_interval){NAN, NAN}
                           : lab_wilson((size_t)(accuracy * (double)count + 0.5), count, confidence);
}

/* The share p for which the tail is `wanted`; `rises`: the tail grows with p. */
static double share_at(double (*tail)(size_t k, size_t n, double p), size_t k, size_t n, double wanted, bool rises)
{
    double low = 0, high = 1;
    for (int i = 0; i < 200 && low < high; i++) {
        const double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            break;
        if ((tail(k, n, middle) < wanted) == rises)
            low = middle;
        else
            high = middle;
    }
    return low + (high - low) / 2;
}

lab_interval lab_clopper_pearson(size_t k, size_t count, double confidence)
{
    const double tail = (1 - confidence) / 2;
    if (!count)
        return (lab_interval){NAN, NAN};
    return (lab_interval){k ? share_at(lab_binomial_least, k, count, tail, true) : 0,
                          k < count ? share_at(lab_binomial_most, k, count, tail, false) : 1};
}

/* log of the probability that of `k` that learn among all, i are in the first group. */
static double log_hypergeometric(size_t i, size_t na, size_t nb, size_t k)
{
    int sign;
    const double a = (double)na, b = (double)nb, x = (double)i, y = (double)(k - i), all = (double)k;
    const double ways_a = lgamma_r(a + 1, &sign) - lgamma_r(x + 1, &sign) - lgamma_r(a - x + 1, &sign);
    const double ways_b = lgamma_r(b + 1, &sign) - lgamma_r(y + 1, &sign) - lgamma_r(b - y + 1, &sign);
    return ways_a + ways_b - lgamma_r(a + b + 1, &sign) + lgamma_r(all + 1, &sign) + lgamma_r(a + b - all + 1, &sign);
}

double lab_fisher(size_t ka, size_t na, size_t kb, size_t nb)
{
    if (!na || !nb)
        return NAN;
    const size_t k = ka + kb, first = k > nb ? k - nb : 0, last = k < na ? k : na;
    const double seen = log_hypergeometric(ka, na, nb, k) + 1e-7; /* ties count */
    double sum = 0;
    for (size_t i = first; i <= last; i++) {
        const double chance = log_hypergeometric(i, na, nb, k);
        sum += chance <= seen ? exp(chance) : 0;
    }
    return fmin(1, sum);
}

bool lab_has_collapsed(double accuracy, size_t count, double share)
{
    /* Half an image: an accuracy is a rounded share of whole images. */
    return count > 0 && accuracy * (double)count <= (double)lab_chance_bound(count, share, LAB_CHANCE_ALARM) + 0.5;
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
