/* SPDX-License-Identifier: MIT */
/*
 * function.c - see function.h. Power series on a short interval around 0, which a known identity brings every
 * argument to.
 */
#include "util/function.h"

#include <math.h>

/* ln 2 in two parts: the first has 21 bits, so that its product with an exponent is exact. */
static const double ln2_high = 0x1.62e42p-1, ln2_low = 0x1.fdf473de6af28p-22;

/* 1 + x / 1 (1 + x / 2 (1 + x / 3 ...)): the last term is below 2^-60 of the sum for |x| <= ln 2 / 2. */
double ln_exp(double x)
{
    if (!(x > -745.2))
        return x < 0 ? 0 : x;
    if (x > 709.79)
        return INFINITY;
    const double halves = floor(x / (ln2_high + ln2_low) + 0.5), rest = x - halves * ln2_high - halves * ln2_low;
    double sum = 1;
    for (int i = 15; i; i--)
        sum = 1 + rest / i * sum;
    return ldexp(sum, (int)halves);
}

/* 2 artanh((m - 1) / (m + 1)) with m in sqrt(1/2)..sqrt(2), its series up to the 23rd power. */
double ln_log(double x)
{
    int exponent;
    double m = frexp(x, &exponent);
    if (m < 0x1.6a09e667f3bcdp-1) {
        m *= 2;
        exponent--;
    }
    const double s = (m - 1) / (m + 1), square = s * s;
    double sum = 0;
    for (int i = 23; i > 1; i -= 2)
        sum = square * (1.0 / i + sum);
    return exponent * ln2_high + (exponent * ln2_low + 2 * s * sum + 2 * s);
}

double ln_power(double x, double y)
{
    if (y < 0 || y > 64 || y != floor(y))
        return x > 0 ? ln_exp(y * ln_log(x)) : 0;
    double product = 1;
    for (int i = 0; i < (int)y; i++)
        product *= x;
    return product;
}

/* The series of the sine (odd 1) or the cosine (odd 0) for |x| <= pi / 4. */
static double circular(double x, int odd)
{
    const double square = x * x;
    double sum = 1;
    for (int i = 20; i; i -= 2)
        sum = 1 - square / (double)(i * (odd ? i + 1 : i - 1)) * sum;
    return odd ? x * sum : sum;
}

double ln_cos_pi(double x)
{
    const double pi = 0x1.921fb54442d18p+1;
    if (x > 0.75)
        return -circular(pi * (1 - x), 0);
    return x < 0.25 ? circular(pi * x, 0) : circular(pi * (0.5 - x), 1);
}
