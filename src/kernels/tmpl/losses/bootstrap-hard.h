/* SPDX-License-Identifier: MIT */
/* bootstrap-hard.h - -sum_k (a t_k + (1 - a) [k is the first largest]) log p_k. */
#ifdef LN_REFERENCE

static double bootstrap_hard_reference(const ln_loss *l, const sample *s, double *gradient)
{
    const double a = (double)l->numbers[0];
    double u[256];
    for (int k = 0; k < s->classes; k++)
        u[k] = a * (k == s->label) + (1 - a) * (k == s->first);
    return entropy_of_target(s, u, gradient);
}

#else

static inline vf bootstrap_hard_target(const ln_loss *l, const loss_lanes *s, int k)
{
    const float a = l->numbers[0];
    return v_add(v_keep(loss_is(s->truth, k), v_set(a)), v_keep(loss_is(s->place, k), v_set(1 - a)));
}

static loss_parts bootstrap_hard_parts(const ln_loss *l, const loss_lanes *s)
{
    vf sum = v_set(0);
    for (int k = 0; k < s->classes; k++)
        sum = v_add(sum, v_mul(bootstrap_hard_target(l, s, k), loss_difference(s, k)));
    return (loss_parts){.value = v_sub(s->log_sum, sum)}; /* the targets' sum is 1 */
}

static vf bootstrap_hard_slope(const ln_loss *l, const loss_lanes *s, const loss_parts *parts, int k)
{
    (void)parts;
    return v_sub(loss_probability(s, k), bootstrap_hard_target(l, s, k));
}

#endif
