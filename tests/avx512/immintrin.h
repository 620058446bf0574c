/* SPDX-License-Identifier: MIT */
/*
 * immintrin.h - stands before the compiler's in tests/avx512: AVX-512 by the names of its intrinsics, emulated by SIMDe, and here, lane by lane as
 * Intel's guide defines them, those that SIMDe 0.7.4 lacks, and the multiply-add, which it rounds twice.
 */
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#include <simde/x86/fma.h>

#include <math.h>
#include <string.h>

#define __m512    simde__m512
#define __m512i   simde__m512i
#define __mmask16 uint16_t

#undef _mm512_fmadd_ps
#define _mm512_fmadd_ps         emulated_fmadd_ps
#define _mm512_cvtepi32_ps      emulated_cvtepi32_ps
#define _mm512_cvtepu8_epi32    emulated_cvtepu8_epi32
#define _mm512_cvtepi32_epi8    emulated_cvtepi32_epi8
#define _mm512_cvtps_epi32      emulated_cvtps_epi32
#define _mm512_srai_epi32       emulated_srai_epi32
#define _mm512_extractf32x8_ps  emulated_extractf32x8_ps
#define _mm512_shuffle_f32x4    emulated_shuffle_f32x4

/* A function from FROM's lanes to TO's, 16 of each. */
#define EMULATED(name, to_type, to, from_type, from, expression)                                                       \
    static inline to_type name(from_type a)                                                                            \
    {                                                                                                                  \
        from x[16];                                                                                                    \
        to y[16];                                                                                                      \
        to_type result;                                                                                                \
        memcpy(x, &a, sizeof x);                                                                                       \
        for (int i = 0; i < 16; i++)                                                                                   \
            y[i] = (to)(expression);                                                                                   \
        memcpy(&result, y, sizeof result);                                                                             \
        return result;                                                                                                 \
    }
EMULATED(emulated_cvtepi32_ps, __m512, float, __m512i, int32_t, x[i])
EMULATED(emulated_cvtepu8_epi32, __m512i, int32_t, __m128i, uint8_t, x[i])
EMULATED(emulated_cvtepi32_epi8, __m128i, uint8_t, __m512i, int32_t, x[i])
/* To the nearest, ties to even; what is no 32-bit number becomes the smallest. */
EMULATED(emulated_cvtps_epi32, __m512i, int32_t, __m512, float, fabsf(x[i]) < 0x1p31f ? (int32_t)nearbyintf(x[i]) : INT32_MIN)

static inline __m512 emulated_fmadd_ps(__m512 a, __m512 b, __m512 c)
{
    float x[16], y[16], z[16];
    memcpy(x, &a, sizeof x);
    memcpy(y, &b, sizeof y);
    memcpy(z, &c, sizeof z);
    for (int i = 0; i < 16; i++)
        z[i] = fmaf(x[i], y[i], z[i]);
    memcpy(&c, z, sizeof z);
    return c;
}

static inline __m512i emulated_srai_epi32(__m512i a, int bits)
{
    int32_t lane[16];
    memcpy(lane, &a, sizeof lane);
    for (int i = 0; i < 16; i++)
        lane[i] >>= bits;
    memcpy(&a, lane, sizeof lane);
    return a;
}

static inline __m256 emulated_extractf32x8_ps(__m512 a, int half)
{
    __m256 result;
    memcpy(&result, (const char *)&a + 32 * half, sizeof result);
    return result;
}

/* Two quarters of a, then two of b, each chosen by two bits. */
static inline __m512 emulated_shuffle_f32x4(__m512 a, __m512 b, int choice)
{
    __m512 result;
    for (int i = 0; i < 4; i++)
        memcpy((char *)&result + 16 * i, (const char *)(i < 2 ? &a : &b) + 16 * (choice >> (2 * i) & 3), 16);
    return result;
}
