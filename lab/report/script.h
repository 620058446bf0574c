/* SPDX-License-Identifier: MIT */
/* script.h - a figure for gnuplot: every number is in the table, the script only draws it. */
#ifndef LENET_LAB_REPORT_SCRIPT_H
#define LENET_LAB_REPORT_SCRIPT_H

#include "lab/report/figure.h"

char *lab_figure_table(lab_pool *pool, const lab_figure *figure);  /* NAME.tsv */
char *lab_figure_script(lab_pool *pool, const lab_figure *figure); /* NAME.gp */

#endif
