/* SPDX-License-Identifier: MIT */
/*
 * loss.h - softmax, and the losses of its outputs. A few hundred operations a block: plain loops, no tiles. Cross-entropy,
 * which most trainings use, has a function of its own; kernels.h has the formulas of the others.
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

static loss_lanes look_at_group(int classes, const float *logits, const softmax_lanes *softmax, vf truth)
{
    const vf one = v_set(1), zero = v_set(0);
    loss_lanes s = {.logits = logits, .largest = softmax->largest, .place = softmax->place, .rest = zero, .truth = truth, .log_p = zero};
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

/*
 * Losses that are a function f of the label's probability alone: f, and weight = -p f'(p), for the gradient
 * weight * (p_k - t_k).
 */
static inline vf loss_of_truth(const ln_loss *l, const loss_lanes *s, vf *weight)
{
    const vf a = v_set(l->numbers[0]), b = v_set(l->numbers[1]), c = v_set(l->numbers[2]), zero = v_set(0);
    if (l->kind == LN_L1) {
        const vf twice = v_add(a, a);
        *weight = v_mul(twice, s->p);
        return v_mul(twice, s->left);
    }
    if (l->kind == LN_FOCAL) {
        const vf size = v_mul(b, exponential(v_mul(a, loss_log(s->left))));
        const vf share = v_div(v_mul(s->p, s->log_p), v_max(v_set(0x1p-126f), s->left)); /* -1 where p is near 1 */
        *weight = v_mul(size, v_sub(v_set(1), v_mul(a, share)));
        return v_mul(size, v_sub(zero, s->log_p));
    }
    if (l->kind == LN_GCE) {
        *weight = exponential(v_mul(a, s->log_p));
        return v_div(v_sub(v_set(1), *weight), a);
    }
    /* symmetric */
    *weight = v_sub(a, v_mul(v_mul(b, c), s->p));
    return v_sub(v_mul(a, v_sub(zero, s->log_p)), v_mul(v_mul(b, c), s->left));
}

/* u_k of smoothing and of bootstrap-hard, whose loss is -sum_k u_k log p_k and whose gradient is p_k - u_k. */
static inline vf loss_target(const ln_loss *l, const loss_lanes *s, int classes, int k)
{
    const float a = l->numbers[0];
    if (l->kind == LN_SMOOTHING)
        return v_add(v_keep(loss_is(s->truth, k), v_set(1 - a)), v_set(a / (float)classes));
    return v_add(v_keep(loss_is(s->truth, k), v_set(a)), v_keep(loss_is(s->place, k), v_set(1 - a)));
}

/* p_k times the derivative by p_k, of mse and bce. */
static inline vf loss_pull(const ln_loss *l, const loss_lanes *s, int classes, int k)
{
    const vmask is_truth = loss_is(s->truth, k);
    const vf p = loss_probability(s, k), left = loss_left(s, k, p);
    if (l->kind == LN_MSE)
        return v_mul(v_mul(v_set(2 * l->numbers[0]), p), v_select(is_truth, v_sub(v_set(0), left), p));
    const vf share = v_set(1 / (float)classes);
    return v_mul(share, v_select(is_truth, v_set(-1), v_div(p, v_max(v_set(0x1p-126f), left))));
}

/* What bce (on the softmax) and bce-sigmoid take for class k, before the mean. */
static inline vf loss_of_output(const ln_loss *l, const loss_lanes *s, int k)
{
    const vmask is_truth = loss_is(s->truth, k);
    const vf zero = v_set(0);
    if (l->kind == LN_BCE)
        return v_sub(zero, v_select(is_truth, s->log_p, loss_log(loss_left(s, k, loss_probability(s, k)))));
    const vf x = v_load(s->logits + k * LN_WIDTH), z = v_select(is_truth, v_sub(zero, x), x);
    const vf e = exponential(v_sub(zero, v_abs(x))), sum = v_add(v_set(1), e);
    return v_add(v_add(relu(z), logarithm(sum)), v_div(v_sub(e, v_sub(sum, v_set(1))), sum)); /* log(1 + exp(z)) */
}

/* Sums over the classes, ascending, from 0. What they are of, by the kind of loss: */
static inline vf loss_term(const ln_loss *l, const loss_lanes *s, int classes, int k, vf column)
{
    switch (l->kind) {
    case LN_SMOOTHING:
    case LN_BOOTSTRAP_HARD: return v_mul(loss_target(l, s, classes, k), loss_difference(s, k));
    case LN_BOOTSTRAP: return v_mul(loss_probability(s, k), loss_difference(s, k));
    case LN_FORWARD: return v_mul(exponential(loss_difference(s, k)), column);
    case LN_BCE:
    case LN_BCE_SIGMOID: return loss_of_output(l, s, k);
    default: break; /* mse */
    }
    const vf p = loss_probability(s, k), off = v_select(loss_is(s->truth, k), loss_left(s, k, p), p);
    return v_mul(off, off);
}

/* The matrix's numbers for class k and the labels of a group's samples; 0 for lanes without a sample. */
static inline vf loss_column(const ln_loss *l, int classes, int k, const uint8_t *label, int count)
{
    float lane[LN_WIDTH];
    for (int i = 0; i < LN_WIDTH; i++)
        lane[i] = i < count ? l->matrix[(size_t)k * (size_t)classes + label[i]] : 0;
    return v_load(lane);
}

/* What a group's gradient is made of beside p: a weight or a sum, and for mse and bce the sums of pulls. */
typedef struct loss_parts { vf value, weight, sum, pulls, others; } loss_parts;

static loss_parts lose_group(const ln_loss *l, int classes, const loss_lanes *s, const uint8_t *label, int count)
{
    const vf zero = v_set(0), a = v_set(l->numbers[0]);
    loss_parts parts = {zero, zero, zero, zero, zero};
    if (l->kind == LN_L1 || l->kind == LN_FOCAL || l->kind == LN_GCE || l->kind == LN_SYMMETRIC) {
        parts.value = loss_of_truth(l, s, &parts.weight);
        return parts;
    }
    for (int k = 0; k < classes; k++) {
        const vf column = l->kind == LN_FORWARD ? loss_column(l, classes, k, label, count) : zero;
        parts.sum = v_add(parts.sum, loss_term(l, s, classes, k, column));
    }
    if (l->kind == LN_MSE || l->kind == LN_BCE) {
        vf own = zero;
        for (int k = 0; k < classes; k++) {
            const vf pull = loss_pull(l, s, classes, k);
            own = v_select(loss_is(s->place, k), pull, own);
            parts.others = v_add(parts.others, v_select(loss_is(s->place, k), zero, pull));
        }
        parts.pulls = v_add(parts.others, own);
    }
    switch (l->kind) {
    case LN_MSE: parts.value = v_mul(a, parts.sum); break;
    case LN_BCE:
    case LN_BCE_SIGMOID: parts.value = v_div(parts.sum, v_set((float)classes)); break;
    case LN_BOOTSTRAP:
        parts.value = v_sub(v_mul(v_set(1 - l->numbers[0]), v_sub(s->log_sum, parts.sum)), v_mul(a, s->log_p));
        break;
    case LN_FORWARD:
        parts.sum = v_max(v_set(0x1p-126f), parts.sum);
        parts.value = v_sub(s->log_sum, logarithm(parts.sum));
        break;
    default: parts.value = v_sub(s->log_sum, parts.sum); break; /* smoothing, bootstrap-hard: their targets' sum is 1 */
    }
    return parts;
}

/* The derivative by the logit of class k. */
static inline vf loss_slope(const ln_loss *l, int classes, const loss_lanes *s, const loss_parts *parts, int k, vf column)
{
    const vf p = loss_probability(s, k), left = loss_left(s, k, p), zero = v_set(0);
    const vf off = v_select(loss_is(s->truth, k), v_sub(zero, left), p); /* p_k - t_k */
    switch (l->kind) {
    case LN_SMOOTHING:
    case LN_BOOTSTRAP_HARD: return v_sub(p, loss_target(l, s, classes, k));
    case LN_BOOTSTRAP: {
        const vf sharper = v_mul(p, v_sub(loss_difference(s, k), parts->sum));
        return v_sub(v_mul(v_set(l->numbers[0]), off), v_mul(v_set(1 - l->numbers[0]), sharper));
    }
    case LN_FORWARD: return v_sub(p, v_div(v_mul(exponential(loss_difference(s, k)), column), parts->sum));
    case LN_BCE_SIGMOID: {
        const vf x = v_load(s->logits + k * LN_WIDTH), y = logistic(v_select(loss_is(s->truth, k), v_sub(zero, x), x));
        return v_div(v_select(loss_is(s->truth, k), v_sub(zero, y), y), v_set((float)classes));
    }
    case LN_MSE:
    case LN_BCE: {
        const vf pull = loss_pull(l, s, classes, k), most = v_sub(v_mul(pull, left), v_mul(p, parts->others));
        return v_select(loss_is(s->place, k), most, v_sub(pull, v_mul(p, parts->pulls)));
    }
    default: return v_mul(parts->weight, off);
    }
}

static void loss_of_block(const ln_loss *l, int classes, const float *logits, const uint8_t *label, int count, float scale, float *dlogits,
                          float *losses, uint8_t *predicted)
{
    if (l->kind == LN_CROSS_ENTROPY) {
        cross_entropy(classes, logits, label, count, scale, dlogits, losses, predicted);
        return;
    }
    for (int group = 0; group < LN_GROUPS; group++, logits += classes * LN_WIDTH, label += LN_WIDTH, count -= LN_WIDTH) {
        const softmax_lanes softmax = softmax_of(classes, logits);
        const loss_lanes s = look_at_group(classes, logits, &softmax, v_load_u8(label));
        const loss_parts parts = lose_group(l, classes, &s, label, count);
        v_store(losses + group * LN_WIDTH, parts.value);
        v_store_u8(predicted + group * LN_WIDTH, softmax.place);
        float real[LN_WIDTH];
        for (int lane = 0; lane < LN_WIDTH; lane++)
            real[lane] = lane < count ? scale : 0.0f;
        const vf factor = v_load(real), nothing = v_set(0);
        for (int k = 0; dlogits && k < classes; k++) {
            const vf column = l->kind == LN_FORWARD ? loss_column(l, classes, k, label, count) : nothing;
            const vf gradient = v_mul(loss_slope(l, classes, &s, &parts, k, column), factor);
            const vf kept = v_select(v_gt(v_set(LN_LEAST_SLOPE), v_abs(gradient)), nothing, gradient);
            v_store(dlogits + (group * classes + k) * LN_WIDTH, v_select(v_eq(factor, nothing), nothing, kept));
        }
    }
}
