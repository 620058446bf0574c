/* SPDX-License-Identifier: MIT */
/*
 * dispatch.c - which kernel tables this build has and this machine can run. The only place that asks the processor; a
 * table whose instructions the processor or the operating system lacks is never handed out.
 */
#include "kernels/kernels.h"
#include "lenet/lenet.h"

#include <string.h>

extern const ln_kernels ln_kernels_scalar, ln_kernels_avx2, ln_kernels_avx512, ln_kernels_neon;

static int always(void) { return 1; }

#if defined(__x86_64__)
/*
 * __builtin_cpu_supports reads CPUID and XGETBV, so it is false where the operating system does not save the registers.
 */
static int has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
static int has_avx512(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

/* The fastest first. */
static const struct {
    const ln_kernels *kernels;
    int (*runs_here)(void);
} table[] = {
#if defined(__x86_64__)
    {&ln_kernels_avx512, has_avx512},
    {&ln_kernels_avx2, has_avx2},
#elif defined(__aarch64__)
    {&ln_kernels_neon, always},
#endif
    {&ln_kernels_scalar, always},
};

enum { TABLES = sizeof table / sizeof *table };

const ln_kernels *ln_kernels_find(const char *isa)
{
    for (int i = 0; i < TABLES; i++)
        if ((!isa || !strcmp(isa, table[i].kernels->isa)) && table[i].runs_here())
            return table[i].kernels;
    return NULL;
}

/* Every list that lenet_isa_list may return is a tail of this one: what a processor lacks is always at the front. */
const char *const *lenet_isa_list(void)
{
    static const char *const names[] = {
#if defined(__x86_64__)
        "avx512", "avx2",
#elif defined(__aarch64__)
        "neon",
#endif
        "scalar", NULL};
    int first = 0;
    while (!table[first].runs_here())
        first++;
    return names + first;
}
