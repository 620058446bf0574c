/* SPDX-License-Identifier: MIT */
/* gce.h - the loss "generalised cross-entropy", (1 - p_y^a) / a. */
#ifdef LN_REFERENCE

static double gce_reference(const ln_loss *l, const sample *s, double *gradient)
{
    const double a = (double)l->numbers[0];
    gradient_of_truth(s, -pow(s->p[s->label], a), gradient);
    return -expm1(a * s->log_p[s->label]) / a;
}

#else

static loss_parts gce_parts(const ln_loss *l, const loss_lanes *s)
{
    const vf a = v_set(l->numbers[0]), weight = exponential(v_mul(a, s->log_p));
    return (loss_parts){.weight = weight, .value = v_div(v_sub(v_set(1), weight), a)};
}
#define gce_slope loss_slope_of_truth

#endif
