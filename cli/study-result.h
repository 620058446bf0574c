/* SPDX-License-Identifier: MIT */
/* study-result.h - the result of a study in the terminal: a few lines for each experiment, and the verdicts. */
#ifndef LENET_CLI_STUDY_RESULT_H
#define LENET_CLI_STUDY_RESULT_H

#include "lab/runs/store.h"
#include "lab/study/study.h"

/* On stdout, of an identified study; the numbers are those of its report. Returns the exit code. */
int print_study_result(const lab_study *study, lab_store *store);

#endif
