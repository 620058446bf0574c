/* SPDX-License-Identifier: MIT */
/*
 * dispatch.c - which kernel tables this build has and this machine can run. The only place that asks the processor; a
 * table whose instructions the processor or the operating system lacks is never handed out.
 */
#include "kernels/kernels.h"
#include "lenet/lenet.h"

#include <string.h>

extern const ln_kernels ln_kernels_scalar, ln_kernels_avx2, ln_kernels_avx512, ln_kernels_neon;

/* What this machine lacks to run a table, in words; NULL: nothing. */
static const char *nothing(void) { return NULL; }

#if defined(__x86_64__)
/*
 * __builtin_cpu_supports reads CPUID and XGETBV, so it is false where the operating system does not save the registers.
 */
#define NEED(feature)                                \
    do                                               \
        if (!__builtin_cpu_supports(feature))        \
            return "this machine has no " feature;   \
    while (0)

static const char *avx2_lacks(void)
{
    NEED("avx2");
    NEED("fma");
    return NULL;
}

static const char *avx512_lacks(void)
{
    NEED("avx512f");
    NEED("avx512bw");
    NEED("avx512dq");
    NEED("avx512vl");
    return avx2_lacks();
}
#endif

/* The fastest first. */
static const struct {
    const ln_kernels *kernels;
    const char *(*lacks)(void);
} table[] = {
#if defined(__x86_64__)
    {&ln_kernels_avx512, avx512_lacks},
    {&ln_kernels_avx2, avx2_lacks},
#elif defined(__aarch64__)
    {&ln_kernels_neon, nothing},
#endif
    {&ln_kernels_scalar, nothing},
};

/* Those that are not in the table because they are for other processors. */
static const struct {
    const char *isa, *why;
} foreign[] = {
#if !defined(__x86_64__)
    {"avx512", "it is for x86-64 alone"},
    {"avx2", "it is for x86-64 alone"},
#endif
#if !defined(__aarch64__)
    {"neon", "it is for aarch64 alone"},
#endif
};

enum { TABLES = sizeof table / sizeof *table, FOREIGN = sizeof foreign / sizeof *foreign };

const ln_kernels *ln_kernels_find(const char *isa)
{
    for (int i = 0; i < TABLES; i++)
        if ((!isa || !strcmp(isa, table[i].kernels->isa)) && !table[i].lacks())
            return table[i].kernels;
    return NULL;
}

const char *lenet_isa_refusal(const char *isa)
{
    for (int i = 0; i < TABLES; i++)
        if (!strcmp(isa, table[i].kernels->isa))
            return table[i].lacks();
    for (int i = 0; i < FOREIGN; i++)
        if (!strcmp(isa, foreign[i].isa))
            return foreign[i].why;
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
    while (table[first].lacks())
        first++;
    return names + first;
}
