/* SPDX-License-Identifier: MIT */
/*
 * norm.h - batch normalisation of one block: the sums over its samples, and the numbers made with those of the whole batch. A
 * channel's `area` places are adjacent in each group of W samples, `size` numbers apart from group to group.
 */

/* All ones in lanes that hold a sample, of the group that begins with lane `first`. */
static inline vmask lanes_below(int first, int count)
{
    float lane[LN_WIDTH];
    for (int i = 0; i < LN_WIDTH; i++)
        lane[i] = (float)(first + i);
    return v_gt(v_set((float)count), v_load(lane));
}

static inline float sum_of_channel(const ln_norm *n, int count, const float *x)
{
    vf group[LN_GROUPS];
    for (int g = 0; g < LN_GROUPS; g++, x += n->channels * n->area * LN_WIDTH) {
        const vmask holds = lanes_below(g * LN_WIDTH, count);
        vf sum = v_set(0);
        for (ptrdiff_t i = 0; i < n->area; i++)
            sum = v_add(sum, v_load(x + i * LN_WIDTH));
        group[g] = v_keep(holds, sum);
    }
    return v_tree(group);
}

static inline float squares_of_channel(const ln_norm *n, int count, const float *x, vf mean)
{
    vf group[LN_GROUPS];
    for (int g = 0; g < LN_GROUPS; g++, x += n->channels * n->area * LN_WIDTH) {
        const vmask holds = lanes_below(g * LN_WIDTH, count);
        vf sum = v_set(0);
        for (ptrdiff_t i = 0; i < n->area; i++) {
            const vf distance = v_sub(v_load(x + i * LN_WIDTH), mean);
            sum = v_fma(distance, distance, sum);
        }
        group[g] = v_keep(holds, sum);
    }
    return v_tree(group);
}

static void norm_reduce(const ln_norm *n, int count, const float *x, float *sums, float *squares)
{
    const float samples = (float)count * (float)n->area;
    for (ptrdiff_t c = 0; c < n->channels; c++, x += n->area * LN_WIDTH) {
        sums[c] = sum_of_channel(n, count, x);
        squares[c] = squares_of_channel(n, count, x, v_set(sums[c] / samples));
    }
}

static void norm_forward(const ln_norm *n, const float *x, float *y)
{
    for (ptrdiff_t plane = 0; plane < LN_GROUPS * n->channels; plane++) {
        const ptrdiff_t c = plane % n->channels;
        const vf mean = v_set(n->mean[c]), inverse = v_set(n->inverse[c]), scale = v_set(n->scale[c]), shift = v_set(n->shift[c]);
        for (ptrdiff_t i = 0; i < n->area; i++, x += LN_WIDTH, y += LN_WIDTH)
            v_store(y, v_fma(v_mul(v_sub(v_load(x), mean), inverse), scale, shift));
    }
}

static void norm_reduce_back(const ln_norm *n, const float *x, const float *dy, float *sums, float *products)
{
    const ptrdiff_t pitch = n->channels * n->area * LN_WIDTH;
    for (ptrdiff_t c = 0; c < n->channels; c++, x += n->area * LN_WIDTH, dy += n->area * LN_WIDTH) {
        const vf mean = v_set(n->mean[c]), inverse = v_set(n->inverse[c]);
        vf sum[LN_GROUPS], product[LN_GROUPS];
        for (int g = 0; g < LN_GROUPS; g++) {
            sum[g] = product[g] = v_set(0);
            for (ptrdiff_t i = 0; i < n->area; i++) {
                const vf d = v_load(dy + g * pitch + i * LN_WIDTH);
                sum[g] = v_add(sum[g], d);
                product[g] = v_fma(d, v_mul(v_sub(v_load(x + g * pitch + i * LN_WIDTH), mean), inverse), product[g]);
            }
        }
        sums[c] = v_tree(sum);
        products[c] = v_tree(product);
    }
}

static void norm_backward(const ln_norm *n, int count, const float *x, const float *dy, float *dx)
{
    for (ptrdiff_t plane = 0; plane < LN_GROUPS * n->channels; plane++) {
        const ptrdiff_t c = plane % n->channels;
        const vmask holds = lanes_below((int)(plane / n->channels) * LN_WIDTH, count);
        const vf mean = v_set(n->mean[c]), inverse = v_set(n->inverse[c]), factor = v_mul(v_set(n->scale[c]), inverse);
        const vf dy_mean = v_set(n->dy_mean[c]), product_mean = v_set(n->product_mean[c]), zero = v_set(0);
        for (ptrdiff_t i = 0; i < n->area; i++, x += LN_WIDTH, dy += LN_WIDTH, dx += LN_WIDTH) {
            const vf normal = v_mul(v_sub(v_load(x), mean), inverse);
            const vf d = v_fma(v_sub(zero, normal), product_mean, v_sub(v_load(dy), dy_mean));
            v_store(dx, v_keep(holds, v_mul(factor, d)));
        }
    }
}
