/* SPDX-License-Identifier: MIT */
/* mse.h - a sum_k (p_k - t_k)^2: a is 1 of a sum, 1 / K of a mean. */
#ifdef LN_REFERENCE

static double mse_reference(const ln_loss *l, const sample *s, double *gradient)
{
    const double a = (double)l->numbers[0];
    double pull[256], loss = 0;
    for (int k = 0; k < s->classes; k++) {
        const double off = k == s->label ? -s->left[k] : s->p[k];
        loss += a * off * off;
        pull[k] = 2 * a * s->p[k] * off;
    }
    gradient_of_pulls(s, pull, gradient);
    return loss;
}
#define mse_sum_reference mse_reference

#else

static vf mse_pull(const ln_loss *l, const loss_lanes *s, int k)
{
    return v_mul(v_mul(v_set(2 * l->numbers[0]), loss_probability(s, k)), loss_off(s, k));
}

static loss_parts mse_parts(const ln_loss *l, const loss_lanes *s)
{
    vf sum = v_set(0);
    for (int k = 0; k < s->classes; k++) {
        const vf p = loss_probability(s, k), off = v_select(loss_is(s->truth, k), loss_left(s, k, p), p);
        sum = v_add(sum, v_mul(off, off));
    }
    loss_parts parts = loss_pulls(l, s, mse_pull);
    parts.value = v_mul(v_set(l->numbers[0]), sum);
    return parts;
}

static vf mse_slope(const ln_loss *l, const loss_lanes *s, const loss_parts *parts, int k)
{
    return loss_slope_of_pulls(s, parts, k, mse_pull(l, s, k));
}
#define mse_sum_parts mse_parts
#define mse_sum_slope mse_slope

#endif
