/* SPDX-License-Identifier: MIT */
/* smoothing.h - -sum_k u_k log p_k with u = (1 - a) t + a / K. */
#ifdef LN_REFERENCE

static double smoothing_reference(const ln_loss *l, const sample *s, double *gradient)
{
    const double a = (double)l->numbers[0];
    double u[256];
    for (int k = 0; k < s->classes; k++)
        u[k] = (1 - a) * (k == s->label) + a / s->classes;
    return entropy_of_target(s, u, gradient);
}

#else

static inline vf smoothing_target(const ln_loss *l, const loss_lanes *s, int k)
{
    const float a = l->numbers[0];
    return v_add(v_keep(loss_is(s->truth, k), v_set(1 - a)), v_set(a / (float)s->classes));
}

static loss_parts smoothing_parts(const ln_loss *l, const loss_lanes *s)
{
    vf sum = v_set(0);
    for (int k = 0; k < s->classes; k++)
        sum = v_add(sum, v_mul(smoothing_target(l, s, k), loss_difference(s, k)));
    return (loss_parts){.value = v_sub(s->log_sum, sum)}; /* the targets' sum is 1 */
}

static vf smoothing_slope(const ln_loss *l, const loss_lanes *s, const loss_parts *parts, int k)
{
    (void)parts;
    return v_sub(loss_probability(s, k), smoothing_target(l, s, k));
}

#endif
