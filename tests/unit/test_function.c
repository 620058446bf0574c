/* SPDX-License-Identifier: MIT */
/*
 * test_function.c - the functions in double that bits may depend on, against the C library over dense samples, and the places
 * where they are exact. The C library is right to about one unit in the last place; the bounds add what the functions are off by.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/function.h"

#include <float.h>
#include <math.h>

enum { SAMPLES = 200000 };

/* The largest difference from `truth` in units of its last place. */
static void expect_ulps(double *worst, double got, double truth)
{
    const double ulps = fabs(got - truth) / (fmax(fabs(truth), DBL_MIN) * DBL_EPSILON);
    *worst = ulps > *worst ? ulps : *worst;
}

static void test_exp(void **state)
{
    (void)state;
    double worst = 0;
    for (int i = 0; i <= SAMPLES; i++) {
        const double x = -708 + 1417.0 * i / SAMPLES, small = -1 + 2.0 * i / SAMPLES;
        expect_ulps(&worst, ln_exp(x), exp(x));
        expect_ulps(&worst, ln_exp(small), exp(small));
    }
    assert_true(worst < 3);
    assert_true(ln_exp(0) == 1 && ln_exp(-746) == 0 && isinf(ln_exp(710)) && isnan(ln_exp(NAN)));
    assert_true(fabs(ln_exp(-740) - exp(-740)) <= 3 * DBL_TRUE_MIN);
}

static void test_log(void **state)
{
    (void)state;
    double worst = 0;
    for (int i = 0; i <= SAMPLES; i++) {
        const double x = exp(-700 + 1400.0 * i / SAMPLES), near = 0.5 + 1.5 * i / SAMPLES;
        expect_ulps(&worst, ln_log(x), log(x));
        expect_ulps(&worst, ln_log(near), log(near));
    }
    assert_true(worst < 4);
    assert_true(ln_log(1) == 0);
    assert_true(fabs(ln_log(DBL_TRUE_MIN) - log(DBL_TRUE_MIN)) < 1e-12);
}

/* The error of an exponential grows with its argument: half a unit of that is 2^-53 times it. */
static void test_power(void **state)
{
    (void)state;
    for (int i = 1; i <= SAMPLES; i++) {
        const double x = 2.0 * i / SAMPLES, y = 7.3 * ((i * 7919) % SAMPLES) / SAMPLES, truth = pow(x, y);
        assert_true(fabs(ln_power(x, y) - truth) <= truth * DBL_EPSILON * (4 + 4 * fabs(y * log(x))));
        assert_true(ln_power(x, 1) == x && ln_power(x, 0) == 1 && ln_power(x, 3) == x * x * x);
    }
    assert_true(ln_power(0, 0.5) == 0 && ln_power(0, 0) == 1 && ln_power(0, 2) == 0);
}

static void test_cosine(void **state)
{
    (void)state;
    for (int i = 0; i <= SAMPLES; i++) {
        const double x = (double)i / SAMPLES;
        assert_true(fabs(ln_cos_pi(x) - cos(3.14159265358979323846 * x)) <= 4e-16);
        assert_true(i == 0 || ln_cos_pi(x) <= ln_cos_pi((double)(i - 1) / SAMPLES));
    }
    assert_true(ln_cos_pi(0) == 1 && ln_cos_pi(0.5) == 0 && ln_cos_pi(1) == -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exp),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_power),
        cmocka_unit_test(test_cosine),
    };
    return cmocka_run_group_tests_name("function", tests, NULL, NULL);
}
