/* SPDX-License-Identifier: MIT */
/* loss.h - softmax and its cross-entropy. A few hundred operations a block: plain loops, no tiles. */

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
