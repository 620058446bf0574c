/* SPDX-License-Identifier: MIT */
/*
 * neon.h - the vector type of kernels/tmpl for AArch64: 4 lanes, 32 registers. The meaning of each operation is said in
 * scalar.h, which is the specification; nothing here may be approximate (no FRECPE, no FRSQRTE), and maxima go by
 * compare and select because FMAX treats NaN otherwise.
 */
#ifndef LENET_SIMD_NEON_H
#define LENET_SIMD_NEON_H

#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

#define LN_WIDTH        4
#define LN_ACCUMULATORS 24

typedef float32x4_t vf;
typedef uint32x4_t vmask;

static inline vf v_load(const float *p) { return vld1q_f32(p); }
static inline void v_store(float *p, vf a) { vst1q_f32(p, a); }
static inline vf v_hold(vf a) { return a; }
static inline vf v_set(float a) { return vdupq_n_f32(a); }
static inline vf v_add(vf a, vf b) { return vaddq_f32(a, b); }
static inline vf v_sub(vf a, vf b) { return vsubq_f32(a, b); }
static inline vf v_mul(vf a, vf b) { return vmulq_f32(a, b); }
static inline vf v_div(vf a, vf b) { return vdivq_f32(a, b); }
static inline vf v_sqrt(vf a) { return vsqrtq_f32(a); }
static inline vf v_fma(vf a, vf b, vf c) { return vfmaq_f32(c, a, b); }
static inline vf v_max(vf a, vf b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
static inline vf v_abs(vf a) { return vabsq_f32(a); }

static inline vmask v_gt(vf a, vf b) { return vcgtq_f32(a, b); }
static inline vmask v_eq(vf a, vf b) { return vceqq_f32(a, b); }
static inline vmask v_ne(vf a, vf b) { return vmvnq_u32(vceqq_f32(a, b)); }
static inline vf v_select(vmask m, vf a, vf b) { return vbslq_f32(m, a, b); }
static inline vf v_keep(vmask m, vf a) { return vreinterpretq_f32_u32(vandq_u32(m, vreinterpretq_u32_f32(a))); }

static inline int v_pack(float *to, vmask m, vf a)
{
    uint32_t bits[4];
    float lane[4];
    int count = 0;
    vst1q_u32(bits, m);
    v_store(lane, a);
    for (int i = 0; i < 4; i++) {
        to[count] = lane[i];
        count += (int)(bits[i] & 1);
    }
    return count;
}

static inline vf v_load_u8(const uint8_t *p)
{
    uint32_t four;
    memcpy(&four, p, sizeof four);
    return vcvtq_f32_u32(vmovl_u16(vget_low_u16(vmovl_u8(vreinterpret_u8_u32(vdup_n_u32(four))))));
}

static inline void v_store_u8(uint8_t *p, vf a)
{
    const uint16x4_t words = vmovn_u32(vcvtnq_u32_f32(a));
    const uint32_t four = vget_lane_u32(vreinterpret_u32_u8(vmovn_u16(vcombine_u16(words, words))), 0);
    memcpy(p, &four, sizeof four);
}

static inline vf v_power_of_two(vf n)
{
    return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vcvtnq_s32_f32(n), vdupq_n_s32(127)), 23));
}

static inline vf v_split(vf a, vf *exponent)
{
    const int32x4_t offset = vdupq_n_s32(0x3f3504f3); /* sqrt(1/2) */
    const int32x4_t bits = vsubq_s32(vreinterpretq_s32_f32(a), offset);
    const int32x4_t fraction = vandq_s32(bits, vdupq_n_s32(0x007fffff));
    *exponent = vcvtq_f32_s32(vshrq_n_s32(bits, 23));
    return vreinterpretq_f32_s32(vaddq_s32(fraction, offset));
}

static inline float v_tree(const vf group[16 / LN_WIDTH])
{
    const vf four = vaddq_f32(vaddq_f32(group[0], group[2]), vaddq_f32(group[1], group[3]));
    const float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
    return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}

static inline void v_transpose(vf row[LN_WIDTH])
{
    const float32x4x2_t low = vtrnq_f32(row[0], row[1]), high = vtrnq_f32(row[2], row[3]);
    row[0] = vcombine_f32(vget_low_f32(low.val[0]), vget_low_f32(high.val[0]));
    row[1] = vcombine_f32(vget_low_f32(low.val[1]), vget_low_f32(high.val[1]));
    row[2] = vcombine_f32(vget_high_f32(low.val[0]), vget_high_f32(high.val[0]));
    row[3] = vcombine_f32(vget_high_f32(low.val[1]), vget_high_f32(high.val[1]));
}

#endif
