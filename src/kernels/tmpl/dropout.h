/* SPDX-License-Identifier: MIT */
/*
 * dropout.h - dropout. Its random numbers are integers, which every compiler makes vectors of by itself: each loop over lanes
 * has LN_WIDTH iterations that are independent.
 */

#define EACH_LANE(lane) for (int lane = 0; lane < LN_WIDTH; lane++)

/* Philox4x32-10 (util/random.c) for each lane; its counter is replaced by the words. */
static inline void philox_lanes(uint32_t k0, uint32_t k1, uint32_t word[4][LN_WIDTH])
{
    for (int round = 0; round < 10; round++) {
        EACH_LANE(lane) {
            const uint64_t a = (uint64_t)0xD2511F53u * word[0][lane], b = (uint64_t)0xCD9E8D57u * word[2][lane];
            word[0][lane] = (uint32_t)(b >> 32) ^ word[1][lane] ^ k0;
            word[1][lane] = (uint32_t)b;
            word[2][lane] = (uint32_t)(a >> 32) ^ word[3][lane] ^ k1;
            word[3][lane] = (uint32_t)a;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

/* 1 for each of four features that is kept, else 0; `lane0` is the block's lane that the vector begins with. */
static inline void draw_four(const ln_dropout *d, uint32_t four, uint32_t lane0, float kept[4][LN_WIDTH])
{
    uint32_t word[4][LN_WIDTH];
    EACH_LANE(lane) {
        word[0][lane] = four;
        word[1][lane] = d->place + lane0 + (uint32_t)lane;
        word[2][lane] = d->epoch;
        word[3][lane] = d->stream;
    }
    philox_lanes(d->key[0], d->key[1], word);
    for (int i = 0; i < 4; i++)
        EACH_LANE(lane)
            kept[i][lane] = word[i][lane] >= d->threshold ? 1.0f : 0.0f;
}

static void dropout_forward(const ln_dropout *d, size_t size, const float *x, float *y, uint8_t *kept)
{
    const vf scale = v_set(d->scale);
    float four[4][LN_WIDTH];
    for (uint32_t group = 0; group < LN_GROUPS; group++)
        for (size_t i = 0; i < size; i++, x += LN_WIDTH, y += LN_WIDTH, kept += LN_WIDTH) {
            if (i % 4 == 0)
                draw_four(d, (uint32_t)(i / 4), group * LN_WIDTH, four);
            const vf keeps = v_load(four[i % 4]);
            v_store(y, v_keep(v_gt(keeps, v_set(0)), v_mul(v_load(x), scale)));
            v_store_u8(kept, keeps);
        }
}

static void dropout_backward(float scale, size_t size, const uint8_t *kept, const float *dy, float *dx)
{
    const vf factor = v_set(scale);
    for (size_t i = 0; i < size * LN_BLOCK; i += LN_WIDTH)
        v_store(dx + i, v_keep(v_gt(v_load_u8(kept + i), v_set(0)), v_mul(v_load(dy + i), factor)));
}
#undef EACH_LANE
