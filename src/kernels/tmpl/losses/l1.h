/* SPDX-License-Identifier: MIT */
/* l1.h - a sum_k |p_k - t_k| = 2 a (1 - p_y): a is 1 of a sum, 1 / K of a mean. */
#ifdef LN_REFERENCE

static double l1_reference(const ln_loss *l, const sample *s, double *gradient)
{
    const double a = (double)l->numbers[0];
    gradient_of_truth(s, -2 * a * s->p[s->label], gradient);
    return 2 * a * s->left[s->label];
}
#define l1_sum_reference l1_reference

#else

static loss_parts l1_parts(const ln_loss *l, const loss_lanes *s)
{
    const vf a = v_set(l->numbers[0]), twice = v_add(a, a);
    return (loss_parts){.weight = v_mul(twice, s->p), .value = v_mul(twice, s->left)};
}
#define l1_slope loss_slope_of_truth
#define l1_sum_parts l1_parts
#define l1_sum_slope l1_slope

#endif
