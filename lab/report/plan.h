/* SPDX-License-Identifier: MIT */
/*
 * plan.h - how many runs a study has, what of them is done, and where they were made. A run that two parts
 * share counts once.
 */
#ifndef LENET_LAB_REPORT_PLAN_H
#define LENET_LAB_REPORT_PLAN_H

#include "lab/report/document.h"
#include "lab/report/results.h"

typedef struct lab_tally {
    size_t runs, there; /* planned; done */
    double seconds, epochs;
} lab_tally;

lab_tally lab_count_runs(const lab_results *results);

void lab_add_plan(lab_document *document, const lab_results *results);
void lab_add_machines(lab_document *document, const lab_results *results);

#endif
