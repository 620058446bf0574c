/* SPDX-License-Identifier: MIT */
/* avx2.c - the kernels on the vectors of simd/avx2.h. */
#include "simd/avx2.h"

#define LN_ISA   "avx2"
#define LN_TABLE ln_kernels_avx2
#include "kernels/tmpl/tmpl.h"
