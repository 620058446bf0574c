/* SPDX-License-Identifier: MIT */
/* engine.c - see engine.h. */
#include "train/engine.h"

#include "util/error.h"

#include <stdio.h>

static lenet_status refuse_isa(const char *isa, lenet_error *error)
{
    char here[64] = "";
    int used = 0;
    for (const char *const *name = lenet_isa_list(); *name; name++)
        used += snprintf(here + used, sizeof here - (size_t)used, "%s%s", used ? ", " : "", *name);
    const char *why = lenet_isa_refusal(isa);
    return ln_fail(error, LENET_USAGE, "isa: '%s': %s; this machine can run %s", isa, why ? why : "unknown", here);
}

lenet_status ln_engine_open(ln_engine *engine, const lenet_compute *compute, lenet_error *error)
{
    const lenet_compute wanted = compute ? *compute : (lenet_compute){0, NULL};
    if (wanted.threads < 0 || wanted.threads > 256)
        return ln_fail(error, LENET_USAGE, "threads: %d is not between 1 and 256", wanted.threads);
    engine->threads = NULL;
    engine->kernels = ln_kernels_find(wanted.isa);
    if (!engine->kernels)
        return refuse_isa(wanted.isa, error);
    return ln_threads_open(&engine->threads, wanted.threads ? wanted.threads : lenet_processor_count(), error);
}

void ln_engine_close(ln_engine *engine) { ln_threads_close(&engine->threads); }
