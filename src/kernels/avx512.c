/* SPDX-License-Identifier: MIT */
/* avx512.c - the kernels on the vectors of simd/avx512.h. */
#include "simd/avx512.h"

#define LN_ISA   "avx512"
#define LN_TABLE ln_kernels_avx512
#include "kernels/tmpl/tmpl.h"
