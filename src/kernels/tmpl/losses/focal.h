/* SPDX-License-Identifier: MIT */
/* focal.h - the focal loss, -b (1 - p_y)^a log p_y. */
#ifdef LN_REFERENCE

static double focal_reference(const ln_loss *l, const sample *s, double *gradient)
{
    const double a = (double)l->numbers[0], b = (double)l->numbers[1];
    const double p = s->p[s->label], left = s->left[s->label], log_p = s->log_p[s->label];
    gradient_of_truth(s, b * pow(left, a) * (left > 0 ? a * p * log_p / left - 1 : -1), gradient);
    return -b * pow(left, a) * log_p;
}

#else

static loss_parts focal_parts(const ln_loss *l, const loss_lanes *s)
{
    const vf a = v_set(l->numbers[0]), b = v_set(l->numbers[1]);
    const vf size = v_mul(b, exponential(v_mul(a, loss_log(s->left))));
    const vf share = v_div(v_mul(s->p, s->log_p), v_max(v_set(0x1p-126f), s->left)); /* -1 where p is near 1 */
    return (loss_parts){.weight = v_mul(size, v_sub(v_set(1), v_mul(a, share))),
                        .value = v_mul(size, v_sub(v_set(0), s->log_p))};
}
#define focal_slope loss_slope_of_truth

#endif
