/* SPDX-License-Identifier: MIT */
/* symmetric.h - symmetric cross-entropy, -a log p_y - b c (1 - p_y). */
#ifdef LN_REFERENCE

static double symmetric_reference(const ln_loss *l, const sample *s, double *gradient)
{
    const double a = (double)l->numbers[0], b = (double)l->numbers[1], c = (double)l->numbers[2];
    gradient_of_truth(s, b * c * s->p[s->label] - a, gradient);
    return -a * s->log_p[s->label] - b * c * s->left[s->label];
}

#else

static loss_parts symmetric_parts(const ln_loss *l, const loss_lanes *s)
{
    const vf a = v_set(l->numbers[0]), b = v_set(l->numbers[1]), c = v_set(l->numbers[2]), zero = v_set(0);
    return (loss_parts){.weight = v_sub(a, v_mul(v_mul(b, c), s->p)),
                        .value = v_sub(v_mul(a, v_sub(zero, s->log_p)), v_mul(v_mul(b, c), s->left))};
}
#define symmetric_slope loss_slope_of_truth

#endif
