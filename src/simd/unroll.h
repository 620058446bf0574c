/* SPDX-License-Identifier: MIT */
/*
 * unroll.h - for loops over registers: they must vanish, and their arrays have constant bounds, or the numbers live in memory
 * (measured: a quarter of the speed).
 */
#ifndef LENET_SIMD_UNROLL_H
#define LENET_SIMD_UNROLL_H

#define LN_TILE static inline __attribute__((always_inline))
#ifdef __clang__
#define LN_UNROLL _Pragma("clang loop unroll(full)")
#else
#define LN_UNROLL _Pragma("GCC unroll 16")
#endif

#endif
