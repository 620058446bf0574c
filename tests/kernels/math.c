/* SPDX-License-Identifier: MIT */
/*
 * math.c - tests of exp, log, tanh and erf: short arrays with tails as for every kernel, and a sweep over the floats that
 * proves the errors stated in docs/numerics.md against libm's double functions, whose own error is 2^-28 of a float's
 * last place or less.
 */
#include "kernels/check.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* What is promised, in units of the last place; docs/numerics.md has what was found over all numbers. */
#define EXP_ULPS  1.1
#define LOG_ULPS  1.0
#define TANH_ULPS 1.4
#define ERF_ULPS  1.2

/* What was found over all numbers, and so must be found again: the shorter sweep visits the places. */
#define EXP_WORST  1.059
#define LOG_WORST  0.954
#define TANH_WORST 1.330
#define ERF_WORST  1.129

/* exp is 0 below and infinite above; log is for normal positive numbers. */
#define EXP_LOW  (-87.33f)
#define EXP_HIGH 88.72283f

/* ------------------------------------------------------------------------------------------------- short arrays */

#define MATH_SHAPES {"4096 numbers"}

static float *draw_numbers(trial *t, size_t *size, float low, float high)
{
    *size = (size_t)(t->shape >= 0 ? 4096 : trial_between(t, 0, 150));
    trial_describe(t, "%zu numbers", *size);
    float *x = trial_floats(t, "x", INPUT, *size);
    for (size_t i = 0; i < *size; i++)
        x[i] = trial_uniform(t, low, high);
    return x;
}

static void test_exp(trial *t)
{
    size_t size;
    const float *x = draw_numbers(t, &size, EXP_LOW, EXP_HIGH);
    float *y = trial_floats(t, "y", OUTPUT, size);
    trial_allow(t, y, EXP_ULPS + 0.5, 0); /* the reference is rounded too */
    TRIAL_RUN(t, 0, t->kernels->exp(size, x, y));
}

static void test_log(trial *t)
{
    size_t size;
    const float *x = draw_numbers(t, &size, 0.01f, 256);
    float *y = trial_floats(t, "y", OUTPUT, size);
    trial_allow(t, y, LOG_ULPS + 0.5, 0);
    TRIAL_RUN(t, 0, t->kernels->log(size, x, y));
}

static void test_tanh(trial *t)
{
    size_t size;
    const float *x = draw_numbers(t, &size, -12, 12);
    float *y = trial_floats(t, "y", OUTPUT, size);
    trial_allow(t, y, TANH_ULPS + 0.5, 0);
    TRIAL_RUN(t, 0, t->kernels->tanh(size, x, y));
}

static void test_erf(trial *t)
{
    size_t size;
    const float *x = draw_numbers(t, &size, -5, 5);
    float *y = trial_floats(t, "y", OUTPUT, size);
    trial_allow(t, y, ERF_ULPS + 0.5, 0);
    TRIAL_RUN(t, 0, t->kernels->erf(size, x, y));
}

const entry math_entries[] = {
    {"exp", test_exp, MATH_SHAPES},
    {"log", test_log, MATH_SHAPES},
    {"tanh", test_tanh, MATH_SHAPES},
    {"erf", test_erf, MATH_SHAPES},
    {NULL, NULL, {NULL}},
};

/* -------------------------------------------------------------------------------------------------------- sweep */

enum { CHUNK = 4093, STEP = 997, NEAR = 200 }; /* CHUNK is odd: each ends in a tail */

typedef struct subject subject;

/* One function's way through the floats. */
struct subject {
    const char *name;
    double bound, found;
    int (*takes)(float x); /* NULL: all, NaN too */
    double (*truth)(double x);

    const ln_kernels *const *tables;
    int table_count;
    double worst; /* of the first table; the others have its bits */
    float worst_at;
    int failed;
    uint64_t tested;
    size_t count;
    float x[CHUNK], y[CHUNK], other[CHUNK];
};

static int takes_log(float x) { return x >= FLT_MIN && x <= FLT_MAX; }

static double truth_of_exp(double x) { return x < (double)EXP_LOW ? 0 : x > (double)EXP_HIGH ? HUGE_VAL : exp(x); }

static void call(const subject *s, const ln_kernels *k, float *y)
{
    switch (s->name[1]) {
    case 'x': k->exp(s->count, s->x, y); break;
    case 'o': k->log(s->count, s->x, y); break;
    case 'a': k->tanh(s->count, s->x, y); break;
    default: k->erf(s->count, s->x, y); break;
    }
}

/* Whether two tables' results are the same: every bit, but which NaN it is. */
static int same_bits(float a, float b) { return !memcmp(&a, &b, sizeof a) || (isnan(a) && isnan(b)); }

static void judge_chunk(subject *s)
{
    call(s, s->tables[0], s->y);
    for (size_t i = 0; i < s->count; i++) {
        const double error = ulps_between((double)s->y[i], s->truth((double)s->x[i]));
        if (error > s->worst) {
            s->worst = error;
            s->worst_at = s->x[i];
        }
    }
    for (int k = 1; k < s->table_count && !s->failed; k++) {
        call(s, s->tables[k], s->other);
        for (size_t i = 0; i < s->count && !s->failed; i++)
            if (!same_bits(s->y[i], s->other[i])) {
                s->failed = 1;
                printf("FAIL %s(%.9g = %a): %s gives %a, %s gives %a\n", s->name, (double)s->x[i], (double)s->x[i],
                       s->tables[0]->isa, (double)s->y[i], s->tables[k]->isa, (double)s->other[i]);
            }
    }
    s->tested += s->count;
    s->count = 0;
}

static void feed(subject *s, uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    if (s->takes && !s->takes(x))
        return;
    s->x[s->count++] = x;
    if (s->count == CHUNK)
        judge_chunk(s);
}

/* The floats next to a special point, of both signs. */
static void feed_near(subject *s, float point)
{
    int32_t bits;
    memcpy(&bits, &point, sizeof bits);
    for (int32_t i = -NEAR; i <= NEAR; i++) {
        feed(s, (uint32_t)(bits + i));
        feed(s, (uint32_t)(bits + i) ^ 0x80000000u);
    }
}

/* Where something changes: the ends of ranges, where rounding picks another whole number, where a formula ends. */
static void feed_special(subject *s)
{
    static const float points[] = {0,         0x1p-126f, 0x1p-12f,  0.625f, 1,       9.01f,   87.33f,
                                   4, 87.33655f, 88.02969f, 88.72283f, 104,    FLT_MAX, INFINITY};
    static const float worst[] = {5.88885f, 0.70653f, 0.62831f, 1.05634654f}; /* within 200 floats of the largest errors */
    for (size_t i = 0; i < sizeof points / sizeof *points; i++)
        feed_near(s, points[i]);
    for (size_t i = 0; i < sizeof worst / sizeof *worst; i++)
        feed_near(s, worst[i]);
    for (int i = 1; i <= 256; i++) /* exp: halfway between multiples of log 2, and the multiples; tanh takes twice its argument */
        feed_near(s, (float)(i * 0.34657359027997264));
    for (int i = -125; i <= 127; i++) { /* log: where the exponent changes */
        feed_near(s, ldexpf(0.70710678f, i));
        feed_near(s, ldexpf(1, i));
    }
}

static int sweep(subject *s, int exhaustive)
{
    const uint64_t step = exhaustive ? 1 : STEP;
    for (uint64_t bits = 0; bits <= UINT32_MAX; bits += step)
        feed(s, (uint32_t)bits);
    feed_special(s);
    judge_chunk(s);
    const int exceeds = !(s->worst <= s->bound && fabs(s->worst - s->found) < 0.001);
    printf("%s %-4s worst error %.4f ulp (stated: %g) at %.9g (%a), of %g promised; %" PRIu64 " numbers%s\n", exceeds ? "FAIL" : "ok  ",
           s->name, s->worst, s->found, (double)s->worst_at, (double)s->worst_at, s->bound, s->tested, exhaustive ? ", which is all" : "");
    return exceeds + s->failed;
}

int math_sweep(const ln_kernels *const tables[], int count, int exhaustive, const char *only)
{
    static const subject subjects[] = {
        {.name = "exp", .bound = EXP_ULPS, .found = EXP_WORST, .truth = truth_of_exp},
        {.name = "log", .bound = LOG_ULPS, .found = LOG_WORST, .takes = takes_log, .truth = log},
        {.name = "tanh", .bound = TANH_ULPS, .found = TANH_WORST, .truth = tanh},
        {.name = "erf", .bound = ERF_ULPS, .found = ERF_WORST, .truth = erf},
    };
    int failures = 0;
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
        subject s = subjects[i];
        if (only && strcmp(only, s.name) != 0)
            continue;
        s.tables = tables;
        s.table_count = count;
        failures += sweep(&s, exhaustive);
    }
    return failures;
}
