/* SPDX-License-Identifier: MIT */
/*
 * avx512.h - the vector type of kernels/tmpl for x86-64 with AVX-512 F, BW, DQ and VL: 16 lanes, 32 registers. The
 * meaning of each operation is said in scalar.h, which is the specification; nothing here may be approximate (no rcp14,
 * no rsqrt14, no reduce of unstated order).
 */
#ifndef LENET_SIMD_AVX512_H
#define LENET_SIMD_AVX512_H

#include "simd/unroll.h"

#include <immintrin.h>
#include <stdint.h>

#define LN_WIDTH        16
#define LN_ACCUMULATORS 24 /* of 32 registers; weights are broadcast from memory by the multiply-add itself */

typedef __m512 vf;
typedef __mmask16 vmask;

static inline vf v_load(const float *p) { return _mm512_loadu_ps(p); }
static inline vf v_hold(vf a)
{
#ifdef __AVX512F__ /* an emulation has no such register */
    __asm__("" : "+v"(a));
#endif
    return a;
}
static inline void v_store(float *p, vf a) { _mm512_storeu_ps(p, a); }
static inline vf v_set(float a) { return _mm512_set1_ps(a); }
static inline vf v_add(vf a, vf b) { return _mm512_add_ps(a, b); }
static inline vf v_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
static inline vf v_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
static inline vf v_div(vf a, vf b) { return _mm512_div_ps(a, b); }
static inline vf v_sqrt(vf a) { return _mm512_sqrt_ps(a); }
static inline vf v_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
static inline vf v_max(vf a, vf b) { return _mm512_max_ps(a, b); }
static inline vf v_abs(vf a) { return _mm512_andnot_ps(_mm512_set1_ps(-0.0f), a); }

static inline vmask v_gt(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }
static inline vmask v_eq(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
static inline vmask v_ne(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_NEQ_UQ); }
static inline vf v_select(vmask m, vf a, vf b) { return _mm512_mask_blend_ps(m, b, a); }
static inline vf v_keep(vmask m, vf a) { return _mm512_maskz_mov_ps(m, a); }

static inline vf v_load_u8(const uint8_t *p)
{
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)p)));
}

static inline void v_store_u8(uint8_t *p, vf a)
{
    _mm_storeu_si128((__m128i *)(void *)p, _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(a)));
}

static inline vf v_power_of_two(vf n)
{
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127)), 23));
}

static inline vf v_split(vf a, vf *exponent)
{
    const __m512i offset = _mm512_set1_epi32(0x3f3504f3); /* sqrt(1/2) */
    const __m512i bits = _mm512_sub_epi32(_mm512_castps_si512(a), offset);
    const __m512i fraction = _mm512_and_si512(bits, _mm512_set1_epi32(0x007fffff));
    *exponent = _mm512_cvtepi32_ps(_mm512_srai_epi32(bits, 23));
    return _mm512_castsi512_ps(_mm512_add_epi32(fraction, offset));
}

static inline float v_tree(const vf group[16 / LN_WIDTH])
{
    const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(group[0]), _mm512_extractf32x8_ps(group[0], 1));
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

static inline int v_pack(float *to, vmask m, vf a)
{
    v_store(to, _mm512_maskz_compress_ps(m, a));
    return __builtin_popcount(m);
}

/*
 * A row of vectors that begins half a vector later, or does not: each is then the upper half of the one before and the lower half of its own. By
 * one instruction either way, since the branch could not be predicted. Not in scalar.h: to narrower vectors eight numbers are whole ones.
 */
typedef __m512i v_shift;

static inline v_shift v_shift_by(int halves)
{
    static const _Alignas(64) int32_t lanes[2][16] = {{16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31},
                                                      {8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23}};
    return _mm512_loadu_si512(lanes[halves]);
}

static inline vf v_shifted(v_shift s, vf before, vf own) { return _mm512_permutex2var_ps(before, s, own); }

LN_TILE void v_transpose(vf row[LN_WIDTH])
{
    vf a[16], b[16];
    LN_UNROLL for (int i = 0; i < 16; i += 2) {
        a[i] = _mm512_unpacklo_ps(row[i], row[i + 1]);
        a[i + 1] = _mm512_unpackhi_ps(row[i], row[i + 1]);
    }
    LN_UNROLL for (int i = 0; i < 16; i += 4) {
        b[i] = _mm512_shuffle_ps(a[i], a[i + 2], 0x44);
        b[i + 1] = _mm512_shuffle_ps(a[i], a[i + 2], 0xee);
        b[i + 2] = _mm512_shuffle_ps(a[i + 1], a[i + 3], 0x44);
        b[i + 3] = _mm512_shuffle_ps(a[i + 1], a[i + 3], 0xee);
    }
    /*
     * b[4 k + i] holds, in its 128-bit quarter q, column 4 q + i of rows 4 k .. 4 k + 3: now the quarters change
     * places.
     */
    LN_UNROLL for (int i = 0; i < 4; i++) {
        const vf low = _mm512_shuffle_f32x4(b[i], b[i + 4], 0x88), high = _mm512_shuffle_f32x4(b[i], b[i + 4], 0xdd);
        const vf low2 = _mm512_shuffle_f32x4(b[i + 8], b[i + 12], 0x88), high2 = _mm512_shuffle_f32x4(b[i + 8], b[i + 12], 0xdd);
        row[i] = _mm512_shuffle_f32x4(low, low2, 0x88);
        row[i + 4] = _mm512_shuffle_f32x4(high, high2, 0x88);
        row[i + 8] = _mm512_shuffle_f32x4(low, low2, 0xdd);
        row[i + 12] = _mm512_shuffle_f32x4(high, high2, 0xdd);
    }
}

#endif
