/* SPDX-License-Identifier: MIT */
/* immintrin.h - stands before the compiler's in tests/avx512: the intrinsics of AVX-512 by their names, emulated by SIMDe. */
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#include <simde/x86/fma.h>
