/* SPDX-License-Identifier: MIT */
/*
 * pool.h - pooling over any window and stride: cheap compared with the convolutions, so written plainly. The fused 2x2 case is
 * in conv.h.
 */

static void max_pool_forward(const ln_pool *p, const float *x, float *y, uint8_t *argmax)
{
    const ptrdiff_t row = (ptrdiff_t)p->in_width * LN_WIDTH;
    for (int plane = 0; plane < LN_GROUPS * p->channels; plane++, x += p->in_height * row)
        for (int r = 0; r < p->out_height; r++)
            for (int c = 0; c < p->out_width; c++, y += LN_WIDTH, argmax += LN_WIDTH) {
                const float *corner = x + r * p->stride * row + (ptrdiff_t)c * p->stride * LN_WIDTH;
                vf best = v_load(corner), place = v_set(0);
                for (int i = 1; i < p->rows * p->columns; i++) {
                    const vf value = v_load(corner + i / p->columns * row + i % p->columns * LN_WIDTH);
                    place = v_select(v_gt(value, best), v_set((float)i), place);
                    best = v_max(best, value);
                }
                v_store(y, best);
                v_store_u8(argmax, place);
            }
}

static void max_pool_backward(const ln_pool *p, const float *dy, const uint8_t *argmax, float *dx)
{
    const ptrdiff_t row = (ptrdiff_t)p->in_width * LN_WIDTH;
    memset(dx, 0, (size_t)(LN_GROUPS * p->channels * p->in_height) * (size_t)row * sizeof *dx);
    for (int plane = 0; plane < LN_GROUPS * p->channels; plane++, dx += p->in_height * row)
        for (int r = 0; r < p->out_height; r++)
            for (int c = 0; c < p->out_width; c++, dy += LN_WIDTH, argmax += LN_WIDTH) {
                float *corner = dx + r * p->stride * row + (ptrdiff_t)c * p->stride * LN_WIDTH;
                const vf d = v_load(dy), place = v_load_u8(argmax);
                for (int i = 0; i < p->rows * p->columns; i++) {
                    float *at = corner + i / p->columns * row + i % p->columns * LN_WIDTH;
                    v_store(at, v_add(v_load(at), v_keep(v_eq(place, v_set((float)i)), d)));
                }
            }
}

static void average_pool_forward(const ln_pool *p, const float *x, float *y)
{
    const ptrdiff_t row = (ptrdiff_t)p->in_width * LN_WIDTH;
    const vf share = v_set(1.0f / (float)(p->rows * p->columns));
    for (int plane = 0; plane < LN_GROUPS * p->channels; plane++, x += p->in_height * row)
        for (int r = 0; r < p->out_height; r++)
            for (int c = 0; c < p->out_width; c++, y += LN_WIDTH) {
                const float *corner = x + r * p->stride * row + (ptrdiff_t)c * p->stride * LN_WIDTH;
                vf sum = v_set(0);
                for (int i = 0; i < p->rows * p->columns; i++)
                    sum = v_add(sum, v_load(corner + i / p->columns * row + i % p->columns * LN_WIDTH));
                v_store(y, v_mul(sum, share));
            }
}

static void average_pool_backward(const ln_pool *p, const float *dy, float *dx)
{
    const ptrdiff_t row = (ptrdiff_t)p->in_width * LN_WIDTH;
    const vf share = v_set(1.0f / (float)(p->rows * p->columns));
    memset(dx, 0, (size_t)(LN_GROUPS * p->channels * p->in_height) * (size_t)row * sizeof *dx);
    for (int plane = 0; plane < LN_GROUPS * p->channels; plane++, dx += p->in_height * row)
        for (int r = 0; r < p->out_height; r++)
            for (int c = 0; c < p->out_width; c++, dy += LN_WIDTH) {
                float *corner = dx + r * p->stride * row + (ptrdiff_t)c * p->stride * LN_WIDTH;
                const vf d = v_mul(v_load(dy), share);
                for (int i = 0; i < p->rows * p->columns; i++) {
                    float *at = corner + i / p->columns * row + i % p->columns * LN_WIDTH;
                    v_store(at, v_add(v_load(at), d));
                }
            }
}
