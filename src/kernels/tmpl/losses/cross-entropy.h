/* SPDX-License-Identifier: MIT */
/* cross-entropy.h - -log p_y. Most trainings use it, so it has a function of a whole block (tmpl/loss.h). */
#ifdef LN_REFERENCE

static double cross_entropy_reference(const ln_loss *l, const sample *s, double *gradient)
{
    (void)l;
    gradient_of_truth(s, -1, gradient);
    return -s->log_p[s->label];
}

#else

#define cross_entropy_parts NULL
#define cross_entropy_slope NULL

#endif
