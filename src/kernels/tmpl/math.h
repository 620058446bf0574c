/* SPDX-License-Identifier: MIT */
/*
 * math.h - exp, log, tanh and erf on vectors: range reduction and a polynomial, each step one IEEE operation, so the same
 * bits everywhere. Errors are stated in docs/numerics.md and proved by tests/kernels/math.c.
 */

/* a where a < 0 is false (NaN included), else 0: NaN passes, so that a diverging network is seen. */
static inline vf relu(vf a) { return v_max(v_set(0), a); }

/* The nearest whole number, ties to even, for |a| < 2^22. */
static inline vf nearest(vf a)
{
    const vf magic = v_set(12582912.0f); /* 1.5 * 2^23: in this binade floats are whole numbers */
    return v_sub(v_add(a, magic), magic);
}

/*
 * exp(a). Below -87.33 (where it would leave the normal numbers) exactly 0, above 88.72 infinity.
 * a = n log 2 + r, |r| <= log(2) / 2, log 2 in two parts so that n log 2 is exact; exp(r) by its Taylor polynomial up to r^7, whose
 * remainder is below 2^-27; 2^n in two factors because n may be 128.
 */
static inline vf exponential(vf a)
{
    const vf low = v_set(-87.33f), high = v_set(88.72283f);
    const vmask under = v_gt(low, a), over = v_gt(a, high);
    const vf x = v_select(under, low, v_select(over, high, a));
    const vf n = nearest(v_mul(x, v_set(1.44269504f)));
    vf r = v_fma(n, v_set(-0.693359375f), x);
    r = v_fma(n, v_set(2.12194440e-4f), r);
    vf p = v_set(1.98412698e-4f); /* 1 / 7! */
    p = v_fma(p, r, v_set(1.38888889e-3f));
    p = v_fma(p, r, v_set(8.33333333e-3f));
    p = v_fma(p, r, v_set(4.16666667e-2f));
    p = v_fma(p, r, v_set(1.66666667e-1f));
    p = v_fma(p, r, v_set(0.5f));
    p = v_fma(v_mul(r, r), p, r);
    p = v_add(p, v_set(1));
    const vf half = nearest(v_mul(n, v_set(0.5f)));
    p = v_mul(v_mul(p, v_power_of_two(half)), v_power_of_two(v_sub(n, half)));
    return v_select(over, v_set((float)INFINITY), v_select(under, v_set(0), p));
}

/*
 * log(a) for normal a > 0. a = m 2^e with m in [sqrt(1/2), sqrt(2)); log m = 2 atanh(s), s = (m - 1) / (m + 1), by the
 * series of atanh. Zero, negative and subnormal a are not for it.
 */
static inline vf logarithm(vf a)
{
    vf e;
    const vf m = v_split(a, &e);
    const vf f = v_sub(m, v_set(1)), s = v_div(f, v_add(m, v_set(1))), z = v_mul(s, s);
    vf p = v_set(2.0f / 11);
    p = v_fma(p, z, v_set(2.0f / 9));
    p = v_fma(p, z, v_set(2.0f / 7));
    p = v_fma(p, z, v_set(2.0f / 5));
    p = v_fma(p, z, v_set(2.0f / 3));
    /* 2 s = f - s f exactly in real numbers; taking f whole keeps the leading term free of the division's error. */
    const vf rest = v_mul(s, v_sub(v_mul(z, p), f));
    return v_fma(e, v_set(0.693359375f), v_add(v_fma(e, v_set(-2.12194440e-4f), rest), f));
}

/* tanh(a): an odd polynomial near 0, else 1 - 2 / (exp(2 |a|) + 1) with the sign of a. */
static inline vf hyperbolic_tangent(vf a)
{
    const vf size = v_abs(a), z = v_mul(a, a);
    vf p = v_set(-5.70498872745e-3f);
    p = v_fma(p, z, v_set(2.06390887954e-2f));
    p = v_fma(p, z, v_set(-5.37397155531e-2f));
    p = v_fma(p, z, v_set(1.33314422036e-1f));
    p = v_fma(p, z, v_set(-3.33332819422e-1f));
    const vf small = v_fma(v_mul(p, z), a, a);
    const vf e = exponential(v_add(size, size));
    const vf large = v_sub(v_set(1), v_div(v_set(2), v_add(e, v_set(1))));
    const vf signed_large = v_select(v_gt(v_set(0), a), v_sub(v_set(0), large), large);
    return v_select(v_gt(size, v_set(0.625f)), signed_large, small);
}

/*
 * erf(a): up to 1 an odd polynomial; above, 1 - exp(-q(|a|)) with the sign of a, q the polynomial nearest to -log(1 - erf), weighted
 * so that the result's error is level. From 4 on it is 1. Both are minimax polynomials, errors 2^-29.6 and 2^-29.8.
 */
static inline vf error_function(vf a)
{
    const vf size = v_abs(a), z = v_mul(a, a), t = v_select(v_gt(size, v_set(4)), v_set(4), size);
    vf p = v_set(7.853861291e-5f);
    p = v_fma(p, z, v_set(-8.010193607e-4f));
    p = v_fma(p, z, v_set(5.188327684e-3f));
    p = v_fma(p, z, v_set(-2.685381193e-2f));
    p = v_fma(p, z, v_set(1.128358515e-1f));
    p = v_fma(p, z, v_set(-3.761262582e-1f));
    p = v_fma(p, z, v_set(1.283791657e-1f));
    const vf small = v_fma(p, a, a);
    vf q = v_set(-1.855739860e-4f);
    q = v_fma(q, t, v_set(2.939607074e-3f));
    q = v_fma(q, t, v_set(-2.180531742e-2f));
    q = v_fma(q, t, v_set(1.030373669e-1f));
    q = v_fma(q, t, v_set(6.382256794e-1f));
    q = v_fma(q, t, v_set(1.127040035f));
    q = v_fma(q, t, v_set(3.537197875e-4f));
    const vf large = v_sub(v_set(1), exponential(v_sub(v_set(0), q)));
    const vf signed_large = v_select(v_gt(v_set(0), a), v_sub(v_set(0), large), large);
    return v_select(v_gt(size, v_set(1)), signed_large, small);
}

/* 1 / (1 + exp(-a)), with the exponential of a number that is never positive, so that nothing overflows. */
static inline vf logistic(vf a)
{
    const vf e = exponential(v_sub(v_set(0), v_abs(a))), one = v_set(1), bottom = v_add(one, e);
    return v_select(v_gt(v_set(0), a), v_div(e, bottom), v_div(one, bottom));
}
