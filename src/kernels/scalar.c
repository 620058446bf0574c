/* SPDX-License-Identifier: MIT */
/* scalar.c - the kernels on the vectors of simd/scalar.h. */
#include "simd/scalar.h"

#define LN_ISA   "scalar"
#define LN_TABLE ln_kernels_scalar
#include "kernels/tmpl/tmpl.h"
