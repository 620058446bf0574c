/* SPDX-License-Identifier: MIT */
/*
 * verdict.h - what a test finds in runs (verdict-tests.c) and what is ruled from it (verdict.c). For these two files
 * alone; the report sees lab_show_verdict and lab_settle_verdicts (show.h).
 */
#ifndef LENET_LAB_REPORT_VERDICT_H
#define LENET_LAB_REPORT_VERDICT_H

#include "lab/report/show.h"
#include "lab/stats/power.h"

/* What the power of a comparison is computed from. */
typedef enum lab_power_kind { POWER_UNKNOWN, POWER_PAIRED, POWER_WELCH, POWER_SPREAD, POWER_SHARES } lab_power_kind;
typedef struct lab_power_basis {
    lab_power_kind kind;
    double scale;     /* of a printed difference: 100 for percentage points */
    const char *unit; /* "points"; "" */
    lab_sample a, b;  /* POWER_PAIRED: `a` are the differences; POWER_SPREAD and POWER_WELCH: both samples */
    size_t ka, kb;    /* POWER_SHARES: the runs that learned, of a.count and b.count */
} lab_power_basis;

/* One comparison. */
typedef struct lab_comparison {
    double effect; /* > 0: as claimed */
    double p;
    const char *words; /* prose */
    json_t *value;
    lab_power_basis power;
} lab_comparison;

/* All of a claim. */
typedef struct lab_evidence {
    size_t count, room;
    lab_comparison *all;
    const char *test; /* "paired t test over seeds" */
} lab_evidence;

typedef lab_comparison lab_compare_two(const lab_scene *scene, const lab_trial *a, const lab_trial *b,
                                       const lab_measure *measure);

typedef struct lab_verdict_test {
    const char *name;
    lab_evidence (*collect)(const lab_scene *scene, const struct lab_verdict_test *test);
    lab_compare_two *compare;
    const char *measure; /* unless `of` names another */
    const char *words;
} lab_verdict_test;

/* The one that the item names; ends the work if there is none. */
const lab_verdict_test *lab_find_test(const lab_scene *scene);

/* Ends the work if the item has no such key. */
void lab_need_key(const lab_scene *scene, const char *key);

#endif
