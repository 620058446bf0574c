/* SPDX-License-Identifier: MIT */
/* bce-sigmoid.h - bce with p_k = 1 / (1 + exp(-logit_k)): the outputs are independent. */
#ifdef LN_REFERENCE

static double bce_sigmoid_reference(const ln_loss *l, const sample *s, double *gradient)
{
    double loss = 0;
    (void)l;
    for (int k = 0; k < s->classes; k++) {
        const double z = k == s->label ? -s->logit[k] : s->logit[k];
        loss += (fmax(z, 0) + log1p(exp(-fabs(z)))) / s->classes;
        gradient[k] = (k == s->label ? -1 : 1) / (1 + exp(-z)) / s->classes;
    }
    return loss;
}

#else

/* The logit, of the label's class with the other sign. */
static inline vf bce_sigmoid_logit(const loss_lanes *s, int k)
{
    const vf x = v_load(s->logits + k * LN_WIDTH);
    return v_select(loss_is(s->truth, k), v_sub(v_set(0), x), x);
}

static loss_parts bce_sigmoid_parts(const ln_loss *l, const loss_lanes *s)
{
    vf total = v_set(0);
    (void)l;
    for (int k = 0; k < s->classes; k++) { /* log(1 + exp(z)) */
        const vf e = exponential(v_sub(v_set(0), v_abs(v_load(s->logits + k * LN_WIDTH)))), sum = v_add(v_set(1), e);
        const vf rounded = v_div(v_sub(e, v_sub(sum, v_set(1))), sum);
        total = v_add(total, v_add(v_add(relu(bce_sigmoid_logit(s, k)), logarithm(sum)), rounded));
    }
    return (loss_parts){.value = v_div(total, v_set((float)s->classes))};
}

static vf bce_sigmoid_slope(const ln_loss *l, const loss_lanes *s, const loss_parts *parts, int k)
{
    const vf y = logistic(bce_sigmoid_logit(s, k));
    (void)l, (void)parts;
    return v_div(v_select(loss_is(s->truth, k), v_sub(v_set(0), y), y), v_set((float)s->classes));
}

#endif
