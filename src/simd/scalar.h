/* SPDX-License-Identifier: MIT */
/*
 * scalar.h - the vector type of kernels/tmpl for any machine, without intrinsics; and the specification of its
 * operations for the other headers.
 *
 * Every operation works lane by lane and is one IEEE 754 binary32 operation, rounded to nearest, subnormals kept. A
 * multiply-add is fused. Where a NaN takes part in a comparison the comparison is false, which fixes what v_max does
 * with it.
 */
#ifndef LENET_SIMD_SCALAR_H
#define LENET_SIMD_SCALAR_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#define LN_WIDTH        4  /* lanes of a vector: 4, 8 or 16 */
#define LN_ACCUMULATORS 4  /* how many vectors a kernel may keep in registers as sums, at least 4; more is only more to compile here */

typedef struct { float lane[LN_WIDTH]; } vf;
typedef struct { int32_t lane[LN_WIDTH]; } vmask; /* 0 or -1 */

#define LN_EACH_LANE(i) for (int i = 0; i < LN_WIDTH; i++)

static inline vf v_load(const float *p) { vf r; memcpy(r.lane, p, sizeof r.lane); return r; }
static inline void v_store(float *p, vf a) { memcpy(p, a.lane, sizeof a.lane); }
/* a itself, in a register: a compiler that would rather load a value again from memory for each use must not. */
static inline vf v_hold(vf a) { return a; }
static inline vf v_set(float a) { vf r; LN_EACH_LANE(i) r.lane[i] = a; return r; }
static inline vf v_add(vf a, vf b) { LN_EACH_LANE(i) a.lane[i] += b.lane[i]; return a; }
static inline vf v_sub(vf a, vf b) { LN_EACH_LANE(i) a.lane[i] -= b.lane[i]; return a; }
static inline vf v_mul(vf a, vf b) { LN_EACH_LANE(i) a.lane[i] *= b.lane[i]; return a; }
static inline vf v_div(vf a, vf b) { LN_EACH_LANE(i) a.lane[i] /= b.lane[i]; return a; }
static inline vf v_sqrt(vf a) { LN_EACH_LANE(i) a.lane[i] = sqrtf(a.lane[i]); return a; }

/*
 * a * b + c with one rounding. Where the processor has no such instruction it is computed in double: the product is
 * exact there (2 * 24 <= 53 bits); the sum is then "rounded to odd" by its own rounding error - cut off towards zero,
 * and its last bit set if anything was cut - and such a sum, having more than two bits to spare, rounds to float as the
 * exact one would (Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums: proved algorithms using
 * rounding to odd", 2008). Infinities and NaN have no error that is a number and pass unchanged. Four lanes at a time
 * in the compiler's own vectors, which is 3 times as fast as lane by lane.
 */
#ifdef __FP_FAST_FMAF
static inline vf v_fma(vf a, vf b, vf c) { LN_EACH_LANE(i) c.lane[i] = __builtin_fmaf(a.lane[i], b.lane[i], c.lane[i]); return c; }
#else
typedef float ln_floats __attribute__((vector_size(4 * LN_WIDTH)));
typedef double ln_doubles __attribute__((vector_size(8 * LN_WIDTH)));
typedef int64_t ln_longs __attribute__((vector_size(8 * LN_WIDTH)));

/* By pointer: passing such a vector by value would name a calling convention that the plain processor has not. */
static inline void ln_widen(const vf *a, ln_doubles *wide)
{
    ln_floats f;
    memcpy(&f, a, sizeof f);
    *wide = __builtin_convertvector(f, ln_doubles);
}

static inline vf v_fma(vf a, vf b, vf c)
{
    ln_doubles left, right, addend;
    ln_widen(&a, &left), ln_widen(&b, &right), ln_widen(&c, &addend);
    const ln_doubles product = left * right, sum = product + addend;
    const ln_doubles back = sum - product, error = (product - (sum - back)) + (addend - back);
    const ln_longs above = error > 0, below = error < 0, positive = sum > 0; /* 0 or -1 */
    const ln_longs past = (positive & below) | (~positive & above);          /* the sum was rounded away from zero */
    const ln_longs odd = ((ln_longs)sum + past) | ((above | below) & 1);
    const ln_floats rounded = __builtin_convertvector((ln_doubles)odd, ln_floats);
    memcpy(&c, &rounded, sizeof c);
    return c;
}
#endif

/* a > b ? a : b; so v_max(x, NaN) is NaN and v_max(NaN, x) is x. */
static inline vf v_max(vf a, vf b) { LN_EACH_LANE(i) a.lane[i] = a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]; return a; }
static inline vf v_abs(vf a) { LN_EACH_LANE(i) a.lane[i] = fabsf(a.lane[i]); return a; }

static inline vmask v_gt(vf a, vf b) { vmask m; LN_EACH_LANE(i) m.lane[i] = -(a.lane[i] > b.lane[i]); return m; }
static inline vmask v_eq(vf a, vf b) { vmask m; LN_EACH_LANE(i) m.lane[i] = -(a.lane[i] == b.lane[i]); return m; }
static inline vmask v_ne(vf a, vf b) { vmask m; LN_EACH_LANE(i) m.lane[i] = -(a.lane[i] != b.lane[i]); return m; }
/* m ? a : b, and m ? a : +0 */
static inline vf v_select(vmask m, vf a, vf b) { LN_EACH_LANE(i) a.lane[i] = m.lane[i] ? a.lane[i] : b.lane[i]; return a; }
static inline vf v_keep(vmask m, vf a) { LN_EACH_LANE(i) a.lane[i] = m.lane[i] ? a.lane[i] : 0.0f; return a; }

/* Stores the lanes of m one after another, and may overwrite the rest of a whole vector after them. Returns how many there are. */
static inline int v_pack(float *to, vmask m, vf a)
{
    int count = 0;
    LN_EACH_LANE(i) {
        to[count] = a.lane[i];
        count -= m.lane[i];
    }
    return count;
}

/* Small whole numbers 0..255 to and from bytes. */
static inline vf v_load_u8(const uint8_t *p) { vf r; LN_EACH_LANE(i) r.lane[i] = (float)p[i]; return r; }
static inline void v_store_u8(uint8_t *p, vf a) { LN_EACH_LANE(i) p[i] = (uint8_t)a.lane[i]; }

/* 2^n for whole n in -126..127; any number if n is NaN. */
static inline vf v_power_of_two(vf n)
{
    LN_EACH_LANE(i) {
        const int32_t whole = n.lane[i] == n.lane[i] ? (int32_t)n.lane[i] : 0;
        const uint32_t bits = (uint32_t)(whole + 127) << 23;
        memcpy(&n.lane[i], &bits, sizeof bits);
    }
    return n;
}

/* a = m * 2^exponent with m in [sqrt(1/2), sqrt(2)), for positive normal a. */
static inline vf v_split(vf a, vf *exponent)
{
    LN_EACH_LANE(i) {
        int32_t bits;
        memcpy(&bits, &a.lane[i], sizeof bits);
        bits -= 0x3f3504f3; /* sqrt(1/2) */
        const int32_t fraction = (bits & 0x007fffff) + 0x3f3504f3;
        exponent->lane[i] = (float)(bits < 0 ? ~(~bits >> 23) : bits >> 23); /* an arithmetic shift */
        memcpy(&a.lane[i], &fraction, sizeof fraction);
    }
    return a;
}

/* The sum of a block's 16 lanes, given as 16 / LN_WIDTH vectors: lane i with i + 8, then i + 4, i + 2, i + 1. */
static inline float v_tree(const vf group[16 / LN_WIDTH])
{
    float lane[16];
    memcpy(lane, group, sizeof lane);
    for (int half = 8; half; half /= 2)
        for (int i = 0; i < half; i++)
            lane[i] += lane[i + half];
    return lane[0];
}

/* Turns LN_WIDTH vectors into their columns. */
static inline void v_transpose(vf row[LN_WIDTH])
{
    for (int i = 0; i < LN_WIDTH; i++)
        for (int j = 0; j < i; j++) {
            const float swap = row[i].lane[j];
            row[i].lane[j] = row[j].lane[i];
            row[j].lane[i] = swap;
        }
}

#endif
