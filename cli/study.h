/* SPDX-License-Identifier: MIT */
/* study.h - the parts of `lenet study`. */
#ifndef LENET_CLI_STUDY_H
#define LENET_CLI_STUDY_H

#include "lab/study/study.h"
#include "util/option.h"

int run_study_run(int argc, char **argv);  /* argv[0] is "run" */
int run_study_plan(int argc, char **argv); /* argv[0] is "plan" */

/* The options by which each command that reads a study chooses its variant; `words` is their help. */
#define STUDY_QUICK_ROW(flag, words) {.name = "quick", .kind = LN_OPTION_BOOL, .value = &(flag), .help = (words)}
#define STUDY_SEEDS_ROW(number, words)                                                                             \
    {                                                                                                              \
        .name = "seeds", .metavar = "N", .kind = LN_OPTION_INT, .value = &(number), .low = 1,                      \
        .high = LAB_MOST_SEEDS, .fallback = "as in the study", .help = (words)                                     \
    }

#endif
