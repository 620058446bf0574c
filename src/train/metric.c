/* SPDX-License-Identifier: MIT */
/* metric.c - the table of an epoch's numbers, LENET_METRIC_LIST, as rows. */
#include "lenet/lenet.h"

static const lenet_metric metrics[] = {
#define ROW(NAME, name, words, brief, unit, better, when, about) \
    {#name, words, brief, unit, better, LENET_##when, about},
    LENET_METRIC_LIST(ROW)
#undef ROW
};

const lenet_metric *lenet_metric_list(void) { return metrics; }
