/* SPDX-License-Identifier: MIT */
/* part.c - see part.h. */
#include "lab/report/part.h"

const char *lab_ruling_name(lab_ruling ruling)
{
    static const char *const names[] = {"supported", "contradicted", "undecided"};
    return names[ruling];
}
