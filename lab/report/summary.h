/* SPDX-License-Identifier: MIT */
/* summary.h - what came out, for the first screen: how accurate, on what, over how many runs; see show.h. */
#ifndef LENET_LAB_REPORT_SUMMARY_H
#define LENET_LAB_REPORT_SUMMARY_H

#include "lab/report/show.h"

/* After all sections, as it takes its numbers from all of them. */
void lab_add_summary(const lab_scene *scene);

#endif
