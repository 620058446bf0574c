/* SPDX-License-Identifier: MIT */
/*
 * loss.h - softmax, and the losses of its outputs. A few hundred operations a block: plain loops, no tiles. Cross-entropy,
 * which most trainings use, has a function of its own; the others are the files of losses/.
 */

/* The largest logit of each lane, its class, and the sum of exp(logit - largest) with classes ascending. */
typedef struct softmax_lanes { vf largest, place, sum; } softmax_lanes;

static inline softmax_lanes softmax_of(int classes, const float *logits)
{
    softmax_lanes s = {v_load(logits), v_set(0), v_set(0)};
    for (int k = 1; k < classes; k++) {
        const vf value = v_load(logits + k * LN_WIDTH);
        s.place = v_select(v_gt(value, s.largest), v_set((float)k), s.place);
        s.largest = v_max(s.largest, value);
    }
    for (int k = 0; k < classes; k++)
        s.sum = v_add(s.sum, exponential(v_sub(v_load(logits + k * LN_WIDTH), s.largest)));
    return s;
}

static void cross_entropy(int classes, const float *logits, const uint8_t *label, int count, float scale, float *dlogits, float *loss,
                          uint8_t *predicted)
{
    for (int group = 0; group < LN_GROUPS; group++, logits += classes * LN_WIDTH) {
        const softmax_lanes s = softmax_of(classes, logits);
        float real[LN_WIDTH];
        for (int lane = 0; lane < LN_WIDTH; lane++)
            real[lane] = group * LN_WIDTH + lane < count ? scale : 0.0f;
        const vf truth = v_load_u8(label + group * LN_WIDTH), factor = v_load(real), nothing = v_set(0);
        vf chosen = nothing;
        for (int k = 0; k < classes; k++) {
            const vf value = v_load(logits + k * LN_WIDTH);
            const vmask is_truth = v_eq(truth, v_set((float)k));
            chosen = v_select(is_truth, value, chosen);
            if (!dlogits)
                continue;
            const vf p = v_div(exponential(v_sub(value, s.largest)), s.sum);
            const vf gradient = v_mul(v_sub(p, v_keep(is_truth, v_set(1))), factor);
            v_store(dlogits + (group * classes + k) * LN_WIDTH, v_select(v_eq(factor, nothing), nothing, gradient));
        }
        /*
         * The logarithm is for numbers; a sum that is none must show in the loss, so its difference with itself, 0 or
         * NaN, is added.
         */
        const vf log_sum = v_add(logarithm(s.sum), v_sub(s.sum, s.sum));
        v_store(loss + group * LN_WIDTH, v_sub(log_sum, v_sub(chosen, s.largest)));
        v_store_u8(predicted + group * LN_WIDTH, s.place);
    }
}

static void softmax(int classes, const float *logits, float *probabilities)
{
    for (int group = 0; group < LN_GROUPS; group++, logits += classes * LN_WIDTH) {
        const softmax_lanes s = softmax_of(classes, logits);
        for (int k = 0; k < classes; k++) {
            float lane[LN_WIDTH];
            v_store(lane, v_div(exponential(v_sub(v_load(logits + k * LN_WIDTH), s.largest)), s.sum));
            for (int i = 0; i < LN_WIDTH; i++)
                probabilities[(group * LN_WIDTH + i) * classes + k] = lane[i];
        }
    }
}

/* ------------------------------------------------------------------------------------------------- other losses */

/*
 * A group's samples as the losses below see them. e_k = exp(logit_k - largest), so e of the largest is 1 and the sum of all
 * is 1 + rest: what is left of p there, rest / sum, and log(sum) = log1p(rest) keep their precision where p is near 1.
 */
typedef struct loss_lanes {
    int classes, count; /* count: lanes with a sample; others count for nothing */
    const uint8_t *label;
    const float *logits;
    vf largest, place, rest, sum, log_sum;
    vf truth, p, left, log_p; /* the label, its probability, 1 - p, log p */
} loss_lanes;

static inline vf loss_difference(const loss_lanes *s, int k) { return v_sub(v_load(s->logits + k * LN_WIDTH), s->largest); }
static inline vf loss_probability(const loss_lanes *s, int k) { return v_div(exponential(loss_difference(s, k)), s->sum); }
static inline vmask loss_is(vf which, int k) { return v_eq(which, v_set((float)k)); }

/* 1 - p, where p is that of class k. */
static inline vf loss_left(const loss_lanes *s, int k, vf p)
{
    return v_select(loss_is(s->place, k), v_div(s->rest, s->sum), v_sub(v_set(1), p));
}

/* log(a) for 0 <= a: of what is smaller than normal numbers the logarithm of the smallest. */
static inline vf loss_log(vf a) { return logarithm(v_max(v_set(0x1p-126f), a)); }

static loss_lanes lanes_of_group(int classes, const float *logits, const softmax_lanes *softmax, const uint8_t *label,
                                 int count)
{
    const vf one = v_set(1), zero = v_set(0);
    const vf truth = v_load_u8(label);
    loss_lanes s = {.classes = classes, .count = count, .label = label, .logits = logits, .largest = softmax->largest,
                    .place = softmax->place, .rest = zero, .truth = truth, .log_p = zero};
    for (int k = 0; k < classes; k++) {
        const vf e = exponential(loss_difference(&s, k));
        s.rest = v_add(s.rest, v_select(loss_is(s.place, k), zero, e));
        s.log_p = v_select(loss_is(truth, k), loss_difference(&s, k), s.log_p);
    }
    s.sum = v_add(v_add(one, s.rest), v_sub(softmax->sum, softmax->sum)); /* a sum that is none must show, as above */
    s.log_sum = v_add(logarithm(s.sum), v_div(v_sub(s.rest, v_sub(s.sum, one)), s.sum)); /* and what 1 + rest lost */
    s.p = v_div(exponential(s.log_p), s.sum);
    s.left = v_select(v_eq(truth, s.place), v_div(s.rest, s.sum), v_sub(one, s.p));
    s.log_p = v_sub(s.log_p, s.log_sum);
    return s;
}

/* p_k - t_k */
static inline vf loss_off(const loss_lanes *s, int k)
{
    const vf p = loss_probability(s, k);
    return v_select(loss_is(s->truth, k), v_sub(v_set(0), loss_left(s, k, p)), p);
}

/* A group's loss, and what the gradients of its classes share: a file of losses/ uses what it needs. */
typedef struct loss_parts { vf value, weight, sum, pulls, others; } loss_parts;

/* The slope of a loss that is a function f of the label's probability alone; weight = -p f'(p). */
static vf loss_slope_of_truth(const ln_loss *l, const loss_lanes *s, const loss_parts *parts, int k)
{
    (void)l;
    return v_mul(parts->weight, loss_off(s, k));
}

/* Of a loss known by its pulls, p_k times the derivative by p_k: their sum, and the sum of all but that of the largest output. */
static loss_parts loss_pulls(const ln_loss *l, const loss_lanes *s, vf (*pull)(const ln_loss *l, const loss_lanes *s, int k))
{
    loss_parts parts = {.others = v_set(0)};
    vf own = v_set(0);
    for (int k = 0; k < s->classes; k++) {
        const vf at = pull(l, s, k);
        own = v_select(loss_is(s->place, k), at, own);
        parts.others = v_add(parts.others, v_select(loss_is(s->place, k), v_set(0), at));
    }
    parts.pulls = v_add(parts.others, own);
    return parts;
}

static vf loss_slope_of_pulls(const loss_lanes *s, const loss_parts *parts, int k, vf pull)
{
    const vf p = loss_probability(s, k), most = v_sub(v_mul(pull, loss_left(s, k, p)), v_mul(p, parts->others));
    return v_select(loss_is(s->place, k), most, v_sub(pull, v_mul(p, parts->pulls)));
}

#include "kernels/tmpl/losses/all.h"

/* A loss: its parts in a group, and its derivative by the logit of class k. */
static const struct {
    loss_parts (*parts)(const ln_loss *l, const loss_lanes *s);
    vf (*slope)(const ln_loss *l, const loss_lanes *s, const loss_parts *parts, int k);
} losses_by_kind[] = {
#define ROW(KIND, id, ...) [LN_##KIND] = {id##_parts, id##_slope},
    LN_LOSS_LIST(ROW)
#undef ROW
};

static void loss_of_block(const ln_loss *l, int classes, const float *logits, const uint8_t *label, int count, float scale, float *dlogits,
                          float *losses, uint8_t *predicted)
{
    if (l->kind == LN_CROSS_ENTROPY) {
        cross_entropy(classes, logits, label, count, scale, dlogits, losses, predicted);
        return;
    }
    for (int group = 0; group < LN_GROUPS; group++, logits += classes * LN_WIDTH, label += LN_WIDTH, count -= LN_WIDTH) {
        const softmax_lanes softmax = softmax_of(classes, logits);
        const loss_lanes s = lanes_of_group(classes, logits, &softmax, label, count);
        const loss_parts parts = losses_by_kind[l->kind].parts(l, &s);
        v_store(losses + group * LN_WIDTH, parts.value);
        v_store_u8(predicted + group * LN_WIDTH, softmax.place);
        float real[LN_WIDTH];
        for (int lane = 0; lane < LN_WIDTH; lane++)
            real[lane] = lane < count ? scale : 0.0f;
        const vf factor = v_load(real), nothing = v_set(0);
        for (int k = 0; dlogits && k < classes; k++) {
            const vf gradient = v_mul(losses_by_kind[l->kind].slope(l, &s, &parts, k), factor);
            const vf kept = v_select(v_gt(v_set(LN_LEAST_SLOPE), v_abs(gradient)), nothing, gradient);
            v_store(dlogits + (group * classes + k) * LN_WIDTH, v_select(v_eq(factor, nothing), nothing, kept));
        }
    }
}
