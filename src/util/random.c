/* SPDX-License-Identifier: MIT */
/* random.c - see random.h. */
#include "util/random.h"

#include <math.h>
#include <string.h>

void ln_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t word[4])
{
    uint32_t k0 = key[0], k1 = key[1];
    memcpy(word, counter, 4 * sizeof *word);
    for (int round = 0; round < 10; round++) {
        const uint64_t a = (uint64_t)0xD2511F53u * word[0], b = (uint64_t)0xCD9E8D57u * word[2];
        const uint32_t next[4] = {(uint32_t)(b >> 32) ^ word[1] ^ k0, (uint32_t)b, (uint32_t)(a >> 32) ^ word[3] ^ k1,
                                  (uint32_t)a};
        memcpy(word, next, sizeof next);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

ln_random ln_random_open(uint64_t seed, ln_purpose purpose, uint32_t epoch, uint32_t stream)
{
    /* counter: a running number of 64 bits, then epoch, then purpose and stream */
    ln_random random = {.key = {(uint32_t)seed, (uint32_t)(seed >> 32)}, .used = 4};
    random.counter[2] = epoch;
    random.counter[3] = (uint32_t)purpose << 24 | (stream & 0xffffffu);
    return random;
}

uint32_t ln_random_word(ln_random *random)
{
    if (random->used == 4) {
        ln_philox(random->key, random->counter, random->word);
        random->used = 0;
        if (!++random->counter[0])
            random->counter[1]++;
    }
    return random->word[random->used++];
}

uint32_t ln_random_below(ln_random *random, uint32_t bound)
{
    /*
     * Lemire, "Fast random integer generation in an interval", 2019: reject the few words that would favour some
     * numbers.
     */
    const uint32_t threshold = -bound % bound;
    uint64_t product;
    do
        product = (uint64_t)ln_random_word(random) * bound;
    while ((uint32_t)product < threshold);
    return (uint32_t)(product >> 32);
}

double ln_random_unit(ln_random *random) { return ((double)ln_random_word(random) + 0.5) * 0x1p-32; }

/* log(x) for normal x > 0 with an error of a few 1e-16, from + - * / alone. */
static double logarithm(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int exponent = (int)(bits >> 52) - 1023;
    bits = (bits & 0x000fffffffffffffu) | 0x3ff0000000000000u;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        exponent++;
    }
    const double s = (m - 1) / (m + 1), z = s * s; /* log m = 2 atanh(s), |s| < 0.172 */
    double sum = 0;
    for (int n = 21; n >= 1; n -= 2)
        sum = sum * z + 1.0 / n;
    return exponent * 0.6931471805599453 + 2 * s * sum;
}

/* A quotient of two polynomials of degree 7 in r, coefficients from the constant term up. */
static double ratio(const double top[8], const double bottom[8], double r)
{
    double a = top[7], b = bottom[7];
    for (int i = 6; i >= 0; i--) {
        a = a * r + top[i];
        b = b * r + bottom[i];
    }
    return a / b;
}

/*
 * Wichura, "Algorithm AS 241: the percentage points of the normal distribution", 1988 (PPND16, relative error about
 * 1e-16).
 */
double ln_normal_quantile(double p)
{
    static const double middle_top[8] = {3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3,
                                         1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                         3.3430575583588128105e+4, 2.5090809287301226727e+3};
    static const double middle_bottom[8] = {1.0,
                                            4.2313330701600911252e+1,
                                            6.8718700749205790830e+2,
                                            5.3941960214247511077e+3,
                                            2.1213794301586595867e+4,
                                            3.9307895800092710610e+4,
                                            2.8729085735721942674e+4,
                                            5.2264952788528545610e+3};
    static const double tail_top[8] = {1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                                       3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                                       2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static const double tail_bottom[8] = {1.0,
                                          2.05319162663775882187e0,
                                          1.67638483018380384940e0,
                                          6.89767334985100004550e-1,
                                          1.48103976427480074590e-1,
                                          1.51986665636164571966e-2,
                                          5.47593808499534494600e-4,
                                          1.05075007164441684324e-9};
    static const double far_top[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                                      2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                      2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static const double far_bottom[8] = {1.0,
                                         5.99832206555887937690e-1,
                                         1.36929880922735805310e-1,
                                         1.48753612908506148525e-2,
                                         7.86869131145613259100e-4,
                                         1.84631831751005468180e-5,
                                         1.42151175831644588870e-7,
                                         2.04426310338993978564e-15};
    const double q = p - 0.5;
    if (fabs(q) <= 0.425)
        return q * ratio(middle_top, middle_bottom, 0.180625 - q * q);
    const double r = sqrt(-logarithm(q < 0 ? p : 1 - p));
    const double size = r <= 5 ? ratio(tail_top, tail_bottom, r - 1.6) : ratio(far_top, far_bottom, r - 5);
    return q < 0 ? -size : size;
}

double ln_random_normal(ln_random *random) { return ln_normal_quantile(ln_random_unit(random)); }

double ln_random_truncated_normal(ln_random *random, double limit)
{
    double x;
    do
        x = ln_random_normal(random);
    while (fabs(x) >= limit);
    return x;
}

void ln_random_shuffle(ln_random *random, size_t count, uint32_t *numbers)
{
    for (size_t left = count; left > 1; left--) {
        const uint32_t chosen = ln_random_below(random, (uint32_t)left);
        const uint32_t swap = numbers[left - 1];
        numbers[left - 1] = numbers[chosen];
        numbers[chosen] = swap;
    }
}
