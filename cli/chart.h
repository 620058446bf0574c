/* SPDX-License-Identifier: MIT */
/* chart.h - curves over epochs as text, in plain characters that any terminal, log and mail shows. */
#ifndef LENET_CLI_CHART_H
#define LENET_CLI_CHART_H

#include <stddef.h>

typedef struct curve {
    const char *name;
    char mark;            /* drawn for its points; '*' where curves meet */
    const double *values; /* one each epoch; NaN is not drawn */
} curve;

/*
 * Draws `count` epochs of the curves on stdout; curves without a value are left out, and nothing is drawn below two
 * epochs.
 */
void print_chart(const char *title, const curve *curves, size_t curve_count, size_t count);

#endif
