/* SPDX-License-Identifier: MIT */
/*
 * test_stats.c - statistics against published tables (Student's t; Student's own example, the sleep data of Cushny and
 * Peebles 1905; Newcombe 1998 for Wilson's interval), against sums of exact fractions for the binomial, and, where a
 * comment says so, against SciPy 1.17.1.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lab/stats/power.h"
#include "lab/stats/stats.h"

#include <math.h>

static void near(double found, double wanted, double within)
{
    if (!(fabs(found - wanted) <= within))
        print_error("%.17g should be %.17g within %g\n", found, wanted, within);
    assert_true(fabs(found - wanted) <= within);
}

/* Upper 0.95, 0.975 and 0.995 quantiles as every textbook prints them. */
static void test_t_table(void **state)
{
    (void)state;
    const struct {
        double freedom, q[3];
    } rows[] = {
        {1, {6.314, 12.706, 63.657}}, {2, {2.920, 4.303, 9.925}},  {3, {2.353, 3.182, 5.841}},  {4, {2.132, 2.776, 4.604}},
        {5, {2.015, 2.571, 4.032}},   {9, {1.833, 2.262, 3.250}},  {10, {1.812, 2.228, 3.169}}, {20, {1.725, 2.086, 2.845}},
        {29, {1.699, 2.045, 2.756}},  {30, {1.697, 2.042, 2.750}}, {60, {1.671, 2.000, 2.660}}, {120, {1.658, 1.980, 2.617}},
    };
    const double p[] = {0.95, 0.975, 0.995};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t k = 0; k < 3; k++) {
            near(lab_t_quantile(p[k], rows[i].freedom), rows[i].q[k], 5.01e-4);
            near(lab_t_below(lab_t_quantile(p[k], rows[i].freedom), rows[i].freedom), p[k], 1e-14);
        }
    near(lab_t_quantile(0.025, 7), -lab_t_quantile(0.975, 7), 1e-12);
    assert_true(lab_t_quantile(0.5, 7) == 0 && isnan(lab_t_quantile(1.5, 7)) && isinf(lab_t_quantile(1, 7)));
}

/* Closed forms for one and two degrees of freedom, and the normal as the limit. */
static void test_t_closed_forms(void **state)
{
    (void)state;
    for (double x = -9; x <= 9; x += 0.25) {
        near(lab_t_below(x, 1), 0.5 + atan(x) / acos(-1), 1e-14);
        near(lab_t_below(x, 2), 0.5 + x / (2 * sqrt(2 + x * x)), 1e-14);
        near(lab_t_below(x, 1e6), lab_normal_below(x), 1e-6);
    }
    near(lab_normal_quantile(0.975), 1.959963984540054, 1e-13);
    near(lab_normal_quantile(0.9995), 3.290526731491926, 1e-11);
    near(lab_normal_quantile(0.1), -1.2815515655446004, 1e-13);
}

static void test_binomial(void **state)
{
    (void)state;
    near(lab_binomial_least(3, 10, 0.3), 0.6172172136, 1e-14);
    near(lab_binomial_least(60, 100, 0.5), 0.028443966820490395, 1e-14);
    near(lab_binomial_least(150, 1000, 0.1) / 4.4894428594500086e-07, 1, 1e-11);
    near(lab_binomial_most(0, 5, 0.2), 0.32768, 1e-15);
    near(lab_binomial_most(2, 20, 0.1), 0.676926805189466, 1e-14);
    assert_true(lab_binomial_least(0, 9, 0.5) == 1 && lab_binomial_least(10, 9, 0.5) == 0 && lab_binomial_most(9, 9, 0.5) == 1);
    for (size_t k = 0; k < 40; k++)
        near(lab_binomial_most(k, 40, 0.35) + lab_binomial_least(k + 1, 40, 0.35), 1, 1e-14);
}

static void test_describe(void **state)
{
    (void)state;
    const double values[] = {0.98, 0.99, 0.97, 0.985, 0.975};
    const lab_sample s = lab_describe(values, 5, 0.95);
    near(s.mean, 0.98, 1e-15);
    near(s.sd, 0.0079056941504209, 1e-15); /* sqrt(0.00025 / 4) */
    near(s.standard_error, 0.0035355339059327, 1e-15);
    near(s.interval.high - s.mean, 2.776445105197799 * s.standard_error, 1e-12);
    assert_true(s.low == 0.97 && s.high == 0.99 && s.count == 5);
    const double equal[] = {0.1135, 0.1135, 0.1135};
    const lab_sample e = lab_describe(equal, 3, 0.95);
    assert_true(e.mean == 0.1135 && e.sd == 0 && e.interval.low == 0.1135 && e.interval.high == 0.1135);
    const lab_sample one = lab_describe(values, 1, 0.95), none = lab_describe(values, 0, 0.95);
    assert_true(one.mean == 0.98 && isnan(one.sd) && isnan(one.interval.low) && one.low == 0.98);
    assert_true(isnan(none.mean) && isnan(none.low));
}

static void test_paired(void **state)
{
    (void)state;
    const double drug2[] = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};
    const double drug1[] = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
    const lab_paired r = lab_compare_paired(drug2, drug1, 10, 0.95);
    near(r.difference.mean, 1.58, 1e-14);
    near(r.difference.sd, 1.229995, 5e-7);
    near(r.t, 4.0621, 5e-5);
    near(r.p, 0.002833, 5e-7);
    near(r.difference.interval.low, 0.7001142, 5e-8);
    near(r.difference.interval.high, 2.4598858, 5e-8);
    const lab_paired same = lab_compare_paired(drug1, drug1, 10, 0.95), back = lab_compare_paired(drug1, drug2, 10, 0.95);
    assert_true(same.p == 1 && same.difference.mean == 0 && back.t == -r.t && back.p == r.p);
    assert_true(isnan(lab_compare_paired(drug1, drug2, 1, 0.95).p));
}

static void test_accuracies(void **state)
{
    (void)state;
    const struct {
        size_t right, count;
        double low, high;
    } newcombe[] = {{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0.0000, 0.1611}, {1, 29, 0.0061, 0.1718}};
    for (size_t i = 0; i < 4; i++) {
        const lab_interval w = lab_wilson(newcombe[i].right, newcombe[i].count, 0.95);
        const lab_interval mirror = lab_wilson(newcombe[i].count - newcombe[i].right, newcombe[i].count, 0.95);
        near(w.low, newcombe[i].low, 5.1e-5);
        near(w.high, newcombe[i].high, 5.1e-5);
        near(1 - mirror.high, w.low, 1e-14);
    }
    near(lab_accuracy_error(0.9, 10000), 0.003, 1e-15);
    assert_true(isnan(lab_accuracy_error(0.9, 0)) && isnan(lab_wilson(0, 0, 0.95).low));
    near(lab_mcnemar(10, 2), 0.03857421875, 1e-14);
    near(lab_mcnemar(2, 10), 0.03857421875, 1e-14);
    near(lab_mcnemar(12, 25), 0.04703102743951604, 1e-14);
    near(lab_mcnemar(59, 6) / 4.964650327128617e-12, 1, 1e-10);
    assert_true(lab_mcnemar(5, 5) == 1 && lab_mcnemar(0, 0) == 1);
}

/* The bounds are those of exact fractions. */
static void test_chance(void **state)
{
    (void)state;
    assert_int_equal(lab_chance_bound(100, 0.1, 0.001), 20);
    assert_int_equal(lab_chance_bound(640, 0.1, 0.001), 89);
    assert_int_equal(lab_chance_bound(1000, 0.5, 0.01), 537);
    assert_int_equal(lab_chance_bound(0, 0.1, 0.001), 0);
    assert_int_equal(lab_chance_bound(50, 1, 0.001), 50);
}

/* Upper 5 % and 2.5 % points as every textbook prints them; probabilities by scipy.stats.f.cdf. */
static void test_f(void **state)
{
    (void)state;
    near(lab_f_quantile(0.95, 4, 4), 6.39, 5.1e-3);
    near(lab_f_quantile(0.975, 4, 4), 9.60, 5.1e-3);
    near(lab_f_quantile(0.95, 2, 10), 4.10, 5.1e-3);
    near(lab_f_quantile(0.99, 1, 8), 11.26, 5.1e-3);
    near(lab_f_quantile(0.025, 4, 9), 0.11230047780266185, 1e-14);
    near(lab_f_below(3, 2, 10), 0.904632568359375, 1e-14);
    near(lab_f_below(0.5, 4, 4), 0.2592592592592592, 1e-14);
    near(lab_f_below(1.2, 1, 30), 0.7179615682682872, 1e-14);
    near(lab_f_below(1.5 * 1.5, 1, 7), 2 * lab_t_below(1.5, 7) - 1, 1e-14);
    assert_true(lab_f_below(0, 2, 2) == 0 && lab_f_below(INFINITY, 2, 2) == 1 && isnan(lab_f_quantile(2, 1, 1)));
}

/* scipy.stats.levene(center='median'), whose manual has the three samples of ten; ttest_ind(equal_var=False); and f. */
static void test_spreads(void **state)
{
    (void)state;
    const double a[] = {8.88, 9.12, 9.04, 8.98, 9.00, 9.08, 9.01, 8.85, 9.06, 8.99};
    const double b[] = {8.88, 8.95, 9.29, 9.44, 9.15, 9.58, 8.36, 9.18, 8.67, 9.05};
    const double c[] = {8.95, 9.12, 8.95, 8.85, 9.03, 8.84, 9.07, 8.98, 8.86, 8.98};
    const double d[] = {0.92, 0.90, 0.95, 0.91, 0.97}, e[] = {0.949, 0.951, 0.948, 0.9495, 0.9505}, f[] = {0.1, 0.5, 0.2, 0.9};
    near(lab_brown_forsythe((lab_values[]){{a, 10}, {b, 10}, {c, 10}}, 3), 0.002431505967249677, 1e-13);
    near(lab_brown_forsythe((lab_values[]){{d, 5}, {e, 5}}, 2), 0.039848528473655505, 1e-12);
    near(lab_brown_forsythe((lab_values[]){{d, 5}, {e, 5}, {f, 4}}, 3), 0.003267161489528908, 1e-13);
    const lab_sample sa = lab_describe(a, 10, 0.95), sb = lab_describe(b, 10, 0.95), sd = lab_describe(d, 5, 0.95);
    const lab_sample sf = lab_describe(f, 4, 0.95), one = lab_describe(f, 1, 0.95);
    const lab_ratio r = lab_compare_spreads(&sb, &sa, 0.95);
    near(r.ratio, 4.304978492082642, 1e-12);
    near(r.interval.low, 2.145529132389964, 1e-12);
    near(r.interval.high, 8.63788775342794, 1e-11);
    near(r.p, 0.0001772914239422415, 1e-14);
    const lab_welch w = lab_compare_means(&sd, &sf, 0.95);
    near(w.t, 2.8028894647386378, 1e-12);
    near(w.freedom, 3.0316072261229596, 1e-12);
    near(w.p, 0.06687996020147775, 1e-12);
    near(w.interval.low, -0.06501809560032468, 1e-12);
    near(w.interval.high, 1.0750180956003246, 1e-12);
    assert_true(isnan(lab_compare_means(&sd, &one, 0.95).p) && isnan(lab_compare_spreads(&sd, &one, 0.95).p));
    assert_true(isnan(lab_brown_forsythe((lab_values[]){{d, 5}, {f, 2}}, 2)) && isnan(lab_brown_forsythe((lab_values[]){{d, 5}}, 1)));
}

/* By counting: of the sleep data 4 of 1024 signings are as far (scipy.stats.permutation_test agrees); of five, all alike, 2 of 32. */
static void test_sign_flip(void **state)
{
    (void)state;
    const double sleep[] = {1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4}, five[] = {0.3, 0.1, 0.4, -0.05, 0.2};
    near(lab_sign_flip(sleep, 10), 0.00390625, 0);
    near(lab_sign_flip(five, 5), 0.125, 0);
    near(lab_sign_flip((double[]){1, 2, 3, 4, 5}, 5), 1.0 / 16, 0);
    near(lab_least_flip_p(5), 1.0 / 16, 0);
    near(lab_sign_flip((double[]){0, 0}, 2), 1, 0);
    assert_true(isnan(lab_sign_flip(five, 0)) && isnan(lab_least_flip_p(0)));
}

/* Holm's own scheme by hand: 4 x 0.005, 3 x 0.01, 2 x 0.03, and 0.04 that may not fall below what came before it. */
static void test_several(void **state)
{
    (void)state;
    double p[] = {0.01, 0.04, NAN, 0.03, 0.005};
    const double wanted[] = {0.03, 0.06, NAN, 0.06, 0.02};
    lab_holm(p, 5);
    for (size_t i = 0; i < 5; i++)
        assert_true(isnan(wanted[i]) ? isnan(p[i]) : fabs(p[i] - wanted[i]) < 1e-15);
    double large[] = {0.6, 0.7};
    lab_holm(large, 2);
    assert_true(large[0] == 1 && large[1] == 1);
    const double x[] = {0, 0.2, 0.4, NAN, 0.6, 0.8}, y[] = {1, 3, 2, 5, 7, 9};
    near(lab_slope(x, y, 6), 10, 1e-13);
    assert_true(isnan(lab_slope(x, y, 1)) && isnan(lab_slope((double[]){1, 1}, y, 2)));
    near(lab_median(y, 6), 4, 0);
    near(lab_median(y, 5), 3, 0);
    assert_true(isnan(lab_median(y, 0)));
}

/* scipy.stats.binomtest(k, n).proportion_ci('exact' and 'wilson') and scipy.stats.fisher_exact. */
static void test_shares(void **state)
{
    (void)state;
    const struct {
        size_t k, count;
        double low, high;
    } rows[] = {{4, 5, 0.28358206388191054, 0.9949492366205319}, {16, 20, 0.5633859970033314, 0.942666002949976},
                {0, 20, 0, 0.16843347098308548}, {20, 20, 0.8315665290169145, 1}};
    for (size_t i = 0; i < 4; i++) {
        const lab_interval r = lab_clopper_pearson(rows[i].k, rows[i].count, 0.95);
        near(r.low, rows[i].low, 1e-13);
        near(r.high, rows[i].high, 1e-13);
    }
    near(lab_wilson(24, 24, 0.95).low, 0.8620237953250198, 1e-13);
    near(lab_wilson(24, 24, 0.95).high, 1, 0);
    near(lab_fisher(1, 20, 12, 20), 0.00043162501449486987, 1e-13);
    near(lab_fisher(4, 5, 1, 5), 0.2063492063492064, 1e-12);
    near(lab_fisher(8, 10, 10, 30), 0.024563727237751007, 1e-13);
    near(lab_fisher(0, 20, 20, 20), 1.4508889103849688e-11, 1e-20);
    assert_true(isnan(lab_clopper_pearson(0, 0, 0.95).low) && isnan(lab_fisher(0, 0, 1, 2)) && lab_fisher(3, 9, 3, 9) == 1);
}

/* scipy.stats.nct and scipy.stats.f; the numbers of runs are those of a search with them. */
static void test_power(void **state)
{
    (void)state;
    near(lab_t_power(2, 4, 0.05), 0.3359651039111674, 1e-9);
    near(lab_t_power(3, 19, 0.05), 0.8120653802930416, 1e-9);
    near(lab_t_power(2.8, 19, 0.005), 0.3846070421126085, 1e-9);
    near(lab_t_power(4.5, 2.5, 0.05), 0.7640097054195472, 1e-7);
    near(lab_t_power(5, 1, 0.05), 0.3051601027351559, 1e-7);
    near(lab_t_power(0, 9, 0.05), 0.05, 1e-9);
    near(lab_power_paired(0.5, 1, 5, 0.05, 0.8).least, 1.6819969659555518, 1e-7);
    near(lab_power_paired(0.5, 1, 20, 0.05, 0.8).least, 0.6604416546230262, 1e-7);
    assert_int_equal(lab_power_paired(0.5, 1, 5, 0.05, 0.8).needed, 34);
    assert_int_equal(lab_power_paired(-0.2, 1, 5, 0.05, 0.8).needed, 199);
    assert_int_equal(lab_power_paired(0, 1, 5, 0.05, 0.8).needed, 0);
    near(lab_spread_power(2, 20, 20, 0.05), 0.8374666882082458, 1e-10);
    near(lab_spread_power(1.5, 10, 30, 0.01), 0.1784444487365518, 1e-10);
    near(lab_power_spread(1.5, 20, 20, 0.05, 0.8).least, 1.9341294086128453, 1e-8);
    assert_int_equal(lab_power_spread(1 / 1.5, 20, 20, 0.05, 0.8).needed, 50);
    near(lab_shares_power(0.6, 0.2, 20, 0.05), 0.6502249209351996, 1e-9);
    near(lab_shares_power(0.9, 0.3, 10, 0.05), 0.6669172592355778, 1e-9);
    assert_int_equal(lab_power_shares(16, 20, 4, 20, 0.05, 0.8).needed, 12);
    assert_int_equal(lab_power_shares(4, 20, 4, 20, 0.05, 0.8).needed, 0);
    assert_true(isnan(lab_power_shares(4, 5, 5, 5, 0.05, 0.8).least)); /* there is no larger share than all */
}

/* Two groups of equal sd need the runs that Cohen's tables give for d = 0.8: 26 each, with a power of 0.8. */
static void test_power_of_welch(void **state)
{
    (void)state;
    const double a[] = {-1, 0, 1, 2, 3, 4}, b[] = {0, 1, 2, 3, 4, 5};
    lab_sample sa = lab_describe(a, 6, 0.95), sb = lab_describe(b, 6, 0.95);
    sb.mean = sa.mean + 0.8 * sa.sd;
    assert_int_equal(lab_power_welch(&sa, &sb, 0.05, 0.8).needed, 26);
    near(lab_t_power(lab_power_welch(&sa, &sb, 0.05, 0.8).least / (sa.sd * sqrt(2.0 / 6)), 10, 0.05), 0.8, 1e-9);
}

/* Against the prediction interval of one more value: m = 1, sd 1, n = 4 reaches t(0.975; 3) sqrt(1 + 1/4). */
static void test_value(void **state)
{
    (void)state;
    lab_sample ours = {.count = 4, .mean = 10, .sd = 1, .standard_error = 0.5};
    const lab_welch w = lab_compare_value(&ours, 9, 1, 0, 0.95);
    near(w.difference, 1, 0);
    near(w.t, 1 / sqrt(1.25), 1e-14);
    near(w.interval.high - 1, 3.182446305284263 * sqrt(1.25), 1e-9);
    near(w.p, 2 * lab_t_below(-1 / sqrt(1.25), 3), 1e-14);
    near(lab_compare_value(&ours, 9, 5, 0.4, 0.95).t, 0.6 / sqrt(0.45), 1e-14);
    assert_true(lab_compare_value(&ours, 9, 1, 1.5, 0.95).p == 1);
    ours.count = 1;
    assert_true(isnan(lab_compare_value(&ours, 9, 1, 0, 0.95).p));
}

/* An accuracy cannot leave 0..1, nor can an interval about it; two values have none. */
static void test_shares_stay_possible(void **state)
{
    (void)state;
    const double values[] = {0.99, 1, 0.4};
    const lab_sample free = lab_describe(values, 3, 0.95), s = lab_describe_shares(values, 3, 0.95);
    assert_true(free.interval.high > 1 && s.interval.high == 1 && s.interval.low == fmax(0, free.interval.low));
    assert_true(isnan(lab_describe(values, 2, 0.95).interval.low) && isnan(lab_describe_shares(values, 2, 0.95).interval.low));
    near(lab_describe(values, 2, 0.95).sd, 0.01 / sqrt(2), 1e-15);
}

static void test_collapsed(void **state)
{
    (void)state;
    assert_true(lab_has_collapsed(0.1234, 10000, 0.1135) && !lab_has_collapsed(0.1236, 10000, 0.1135));
    assert_true(!lab_has_collapsed(0, 0, 0.1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_t_table),  cmocka_unit_test(test_t_closed_forms), cmocka_unit_test(test_binomial),
        cmocka_unit_test(test_describe), cmocka_unit_test(test_paired),         cmocka_unit_test(test_accuracies),
        cmocka_unit_test(test_chance),   cmocka_unit_test(test_f),              cmocka_unit_test(test_spreads),
        cmocka_unit_test(test_sign_flip), cmocka_unit_test(test_several),
        cmocka_unit_test(test_shares),   cmocka_unit_test(test_power),          cmocka_unit_test(test_power_of_welch),
        cmocka_unit_test(test_value),    cmocka_unit_test(test_collapsed),      cmocka_unit_test(test_shares_stay_possible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
