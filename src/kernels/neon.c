/* SPDX-License-Identifier: MIT */
/* neon.c - the kernels on the vectors of simd/neon.h. */
#include "simd/neon.h"

#define LN_ISA   "neon"
#define LN_TABLE ln_kernels_neon
#include "kernels/tmpl/tmpl.h"
