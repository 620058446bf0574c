/* SPDX-License-Identifier: MIT */
/* bootstrap.h - -sum_k (a t_k + (1 - a) p_k) log p_k. */
#ifdef LN_REFERENCE

static double bootstrap_reference(const ln_loss *l, const sample *s, double *gradient)
{
    const double a = (double)l->numbers[0];
    double pull[256], loss = 0;
    for (int k = 0; k < s->classes; k++) {
        const double u = a * (k == s->label) + (1 - a) * s->p[k];
        loss -= u * s->log_p[k];
        pull[k] = -u - (1 - a) * s->p[k] * s->log_p[k];
    }
    gradient_of_pulls(s, pull, gradient);
    return loss;
}

#else

static loss_parts bootstrap_parts(const ln_loss *l, const loss_lanes *s)
{
    const vf a = v_set(l->numbers[0]);
    vf sum = v_set(0);
    for (int k = 0; k < s->classes; k++)
        sum = v_add(sum, v_mul(loss_probability(s, k), loss_difference(s, k)));
    return (loss_parts){.sum = sum,
                        .value = v_sub(v_mul(v_set(1 - l->numbers[0]), v_sub(s->log_sum, sum)), v_mul(a, s->log_p))};
}

static vf bootstrap_slope(const ln_loss *l, const loss_lanes *s, const loss_parts *parts, int k)
{
    const vf p = loss_probability(s, k), sharper = v_mul(p, v_sub(loss_difference(s, k), parts->sum));
    return v_sub(v_mul(v_set(l->numbers[0]), loss_off(s, k)), v_mul(v_set(1 - l->numbers[0]), sharper));
}

#endif
