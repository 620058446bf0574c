/* SPDX-License-Identifier: MIT */
/* forward.h - -log sum_k p_k matrix[k][y]. */
#ifdef LN_REFERENCE

static double forward_reference(const ln_loss *l, const sample *s, double *gradient)
{
    const float *column = l->matrix + s->label;
    double pull[256], noisy = 0;
    for (int k = 0; k < s->classes; k++)
        noisy += s->p[k] * (double)column[k * s->classes];
    for (int k = 0; k < s->classes; k++)
        pull[k] = -s->p[k] * (double)column[k * s->classes] / noisy;
    gradient_of_pulls(s, pull, gradient);
    return -log(noisy);
}

#else

/* exp(logit - largest) times the matrix's numbers for class k and the labels; 0 for lanes without a sample. */
static vf forward_term(const ln_loss *l, const loss_lanes *s, int k)
{
    float lane[LN_WIDTH];
    for (int i = 0; i < LN_WIDTH; i++)
        lane[i] = i < s->count ? l->matrix[(size_t)k * (size_t)s->classes + s->label[i]] : 0;
    return v_mul(exponential(loss_difference(s, k)), v_load(lane));
}

static loss_parts forward_parts(const ln_loss *l, const loss_lanes *s)
{
    vf sum = v_set(0);
    for (int k = 0; k < s->classes; k++)
        sum = v_add(sum, forward_term(l, s, k));
    sum = v_max(v_set(0x1p-126f), sum);
    return (loss_parts){.sum = sum, .value = v_sub(s->log_sum, logarithm(sum))};
}

static vf forward_slope(const ln_loss *l, const loss_lanes *s, const loss_parts *parts, int k)
{
    return v_sub(loss_probability(s, k), v_div(forward_term(l, s, k), parts->sum));
}

#endif
