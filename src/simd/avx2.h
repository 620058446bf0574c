/* SPDX-License-Identifier: MIT */
/*
 * avx2.h - the vector type of kernels/tmpl for x86-64 with AVX2 and FMA: 8 lanes, 16 registers. The meaning of each
 * operation is said in scalar.h, which is the specification; nothing here may be approximate.
 */
#ifndef LENET_SIMD_AVX2_H
#define LENET_SIMD_AVX2_H

#include "simd/unroll.h"

#include <immintrin.h>
#include <stdint.h>

#define LN_WIDTH        8
#define LN_ACCUMULATORS 12 /* of 16 registers: 12 sums, a broadcast weight, up to 3 inputs */

typedef __m256 vf;
typedef __m256 vmask;

static inline vf v_load(const float *p) { return _mm256_loadu_ps(p); }
static inline vf v_hold(vf a)
{
    __asm__("" : "+x"(a));
    return a;
}
static inline void v_store(float *p, vf a) { _mm256_storeu_ps(p, a); }
static inline vf v_set(float a) { return _mm256_set1_ps(a); }
static inline vf v_add(vf a, vf b) { return _mm256_add_ps(a, b); }
static inline vf v_sub(vf a, vf b) { return _mm256_sub_ps(a, b); }
static inline vf v_mul(vf a, vf b) { return _mm256_mul_ps(a, b); }
static inline vf v_div(vf a, vf b) { return _mm256_div_ps(a, b); }
static inline vf v_sqrt(vf a) { return _mm256_sqrt_ps(a); }
static inline vf v_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
static inline vf v_max(vf a, vf b) { return _mm256_max_ps(a, b); }
static inline vf v_abs(vf a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }

static inline vmask v_gt(vf a, vf b) { return _mm256_cmp_ps(a, b, _CMP_GT_OQ); }
static inline vmask v_eq(vf a, vf b) { return _mm256_cmp_ps(a, b, _CMP_EQ_OQ); }
static inline vmask v_ne(vf a, vf b) { return _mm256_cmp_ps(a, b, _CMP_NEQ_UQ); }
static inline vf v_select(vmask m, vf a, vf b) { return _mm256_blendv_ps(b, a, m); }
static inline vf v_keep(vmask m, vf a) { return _mm256_and_ps(m, a); }

static inline vf v_load_u8(const uint8_t *p)
{
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)p)));
}

static inline void v_store_u8(uint8_t *p, vf a)
{
    const __m256i whole = _mm256_cvtps_epi32(a);
    const __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1));
    _mm_storel_epi64((__m128i *)(void *)p, _mm_packus_epi16(words, words));
}

static inline vf v_power_of_two(vf n)
{
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23));
}

static inline vf v_split(vf a, vf *exponent)
{
    const __m256i offset = _mm256_set1_epi32(0x3f3504f3); /* sqrt(1/2) */
    const __m256i bits = _mm256_sub_epi32(_mm256_castps_si256(a), offset);
    const __m256i fraction = _mm256_and_si256(bits, _mm256_set1_epi32(0x007fffff));
    *exponent = _mm256_cvtepi32_ps(_mm256_srai_epi32(bits, 23));
    return _mm256_castsi256_ps(_mm256_add_epi32(fraction, offset));
}

static inline float v_tree(const vf group[16 / LN_WIDTH])
{
    const vf eight = _mm256_add_ps(group[0], group[1]);
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

static inline int v_pack(float *to, vmask m, vf a)
{
    const int bits = _mm256_movemask_ps(m);
    float lane[8];
    int count = 0;
    v_store(lane, a);
    LN_UNROLL for (int i = 0; i < 8; i++) {
        to[count] = lane[i];
        count += bits >> i & 1;
    }
    return count;
}

LN_TILE void v_transpose(vf row[LN_WIDTH])
{
    vf a[8], b[8];
    LN_UNROLL for (int i = 0; i < 8; i += 2) {
        a[i] = _mm256_unpacklo_ps(row[i], row[i + 1]);
        a[i + 1] = _mm256_unpackhi_ps(row[i], row[i + 1]);
    }
    LN_UNROLL for (int i = 0; i < 8; i += 4) {
        b[i] = _mm256_shuffle_ps(a[i], a[i + 2], 0x44);
        b[i + 1] = _mm256_shuffle_ps(a[i], a[i + 2], 0xee);
        b[i + 2] = _mm256_shuffle_ps(a[i + 1], a[i + 3], 0x44);
        b[i + 3] = _mm256_shuffle_ps(a[i + 1], a[i + 3], 0xee);
    }
    LN_UNROLL for (int i = 0; i < 4; i++) {
        row[i] = _mm256_permute2f128_ps(b[i], b[i + 4], 0x20);
        row[i + 4] = _mm256_permute2f128_ps(b[i], b[i + 4], 0x31);
    }
}

#endif
