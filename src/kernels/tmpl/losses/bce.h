/* SPDX-License-Identifier: MIT */
/* bce.h - mean_k -t_k log p_k - (1 - t_k) log(1 - p_k), p the softmax. */
#ifdef LN_REFERENCE

static double bce_reference(const ln_loss *l, const sample *s, double *gradient)
{
    double pull[256], loss = 0;
    (void)l;
    for (int k = 0; k < s->classes; k++) {
        const double log_left = log(fmax(0x1p-126, s->left[k]));
        loss -= (k == s->label ? s->log_p[k] : log_left) / s->classes;
        pull[k] = (k == s->label ? -1 : s->p[k] / fmax(0x1p-126, s->left[k])) / s->classes;
    }
    gradient_of_pulls(s, pull, gradient);
    return loss;
}

#else

static vf bce_pull(const ln_loss *l, const loss_lanes *s, int k)
{
    const vf p = loss_probability(s, k), left = loss_left(s, k, p), share = v_set(1 / (float)s->classes);
    (void)l;
    return v_mul(share, v_select(loss_is(s->truth, k), v_set(-1), v_div(p, v_max(v_set(0x1p-126f), left))));
}

static loss_parts bce_parts(const ln_loss *l, const loss_lanes *s)
{
    vf sum = v_set(0);
    for (int k = 0; k < s->classes; k++) {
        const vf log_left = loss_log(loss_left(s, k, loss_probability(s, k)));
        sum = v_add(sum, v_sub(v_set(0), v_select(loss_is(s->truth, k), s->log_p, log_left)));
    }
    loss_parts parts = loss_pulls(l, s, bce_pull);
    parts.value = v_div(sum, v_set((float)s->classes));
    return parts;
}

static vf bce_slope(const ln_loss *l, const loss_lanes *s, const loss_parts *parts, int k)
{
    return loss_slope_of_pulls(s, parts, k, bce_pull(l, s, k));
}

#endif
